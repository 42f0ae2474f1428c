//! Values that show up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::map::Map;
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// NaN everywhere, to find parameters that nothing loads or writes.
///
/// A model that gets all its weights from a file needs no initial values, and one whose names don't match
/// the file's keeps them in silence. Poisoned, the first forward pass shows it.
///
/// **The one exception:** all other initializers give numbers. Within [`Wavelet`](crate::Wavelet) or
/// [`Sparse`](crate::Sparse) its NaN goes where their sums take it.
///
/// ```
/// use burn_init_values::{Initializer, Poison, Seed};
///
/// let values = Poison::new().draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
/// assert!(values.iter().all(|w| w.is_nan()));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
// With braces: TOML has tables, but nothing for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Poison {}

impl Poison {
    /// NaN.
    pub const fn new() -> Self {
        Self {}
    }
}

impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "poison: NaN")
    }
}

impl Initializer for Poison {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        // Another NaN than the one that marks what nothing has written.
        Fitted::mapped(weight, Map::Constant(f32::NAN))
    }
}
