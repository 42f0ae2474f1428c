//! One value for all.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::elementwise::Elementwise;
use crate::draw::{philox, uniform};
use crate::error::{InitError, finite};
use crate::initializer::{Initializer, range};
use crate::key::Key;
use crate::layout::WeightLayout;

/// All elements have the same value: a given one, or one drawn from U(0, 1) for the whole
/// parameter.
///
/// With equal weights, all units of a layer compute the same and get the same gradient: they stay
/// equal through training. Use it for biases and gains.
///
/// ```
/// use burn_init::{Constant, Initializer, Seed};
///
/// let bias = Constant::new(0.1).draw(&[3].into(), Seed::new(1).key("fc1.bias"))?;
/// assert_eq!(bias, [0.1; 3]);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

    /// What each element is drawn from.
    pub(crate) fn elementwise(&self, key: Key<'_>) -> Result<Elementwise, InitError> {
        Ok(Elementwise::Constant(match self {
            Self::Value(value) => finite("Constant", "value", *value)?,
            Self::Random => {
                let [word, ..] = philox::block(key.counter(0), key.philox_key());
                uniform::unit(word)
            }
        }))
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
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        if let Self::Value(value) = self {
            finite("Constant", "value", *value)?;
        }
        layout.elements().map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        range(layout, start, out.len())?;
        self.elementwise(key)?.fill(key, start as u64, out);
        Ok(())
    }
}
