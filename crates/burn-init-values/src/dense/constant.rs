//! One value for all.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::map::Map;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// All elements have the same value: a given one, or one drawn from U(0, 1) for the whole
/// parameter.
///
/// With equal weights, all units of a layer compute the same and get the same gradient: they stay
/// equal through training. Use it for biases and gains.
///
/// ```
/// use burn_init_values::{Constant, Initializer, Seed};
///
/// let bias = Constant::new(0.1).draw(&[3].into(), Seed::new(1).key("fc1.bias"))?;
/// assert_eq!(bias, [0.1; 3]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Constant {
    /// This value.
    Value(f64),
    /// One value from U(0, 1), the same for the whole parameter.
    Random,
}

impl Constant {
    /// All elements are `value`.
    pub const fn new(value: f64) -> Self {
        Self::Value(value)
    }

    /// All elements are 0.
    pub const fn zeros() -> Self {
        Self::Value(0.0)
    }

    /// All elements are 1.
    pub const fn ones() -> Self {
        Self::Value(1.0)
    }

    /// All elements are the same number, drawn from U(0, 1).
    pub const fn random() -> Self {
        Self::Random
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write!(f, "constant {value}"),
            Self::Random => write!(f, "one constant from U(0, 1)"),
        }
    }
}

impl Initializer for Constant {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        match self {
            Self::Value(value) => {
                let value = finite("Constant", "value", *value)?;
                Ok(Fitted::mapped(weight, Map::Constant(value))?.within(value, value))
            }
            Self::Random => Ok(Fitted::mapped(weight, Map::OneUniform)?.within(0.0, 1.0)),
        }
    }
}
