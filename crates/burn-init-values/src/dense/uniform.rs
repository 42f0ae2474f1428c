//! The uniform distribution.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::map::Map;
use crate::draw::uniform::{BetweenMap, SymmetricMap};
use crate::error::{InitError, finite, round_up};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// U(low, high); where it isn't symmetric, rounding may give the bounds themselves.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Uniform};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = Uniform::new(-0.05, 0.05).draw(&[100, 64].into(), key)?;
/// assert!(weights.iter().all(|w| w.abs() < 0.05));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Uniform {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Uniform {
    /// U(low, high).
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }
}

impl fmt::Display for Uniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniform, {} to {}", self.low, self.high)
    }
}

impl Initializer for Uniform {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let low = finite("Uniform", "low", self.low)?;
        let high = finite("Uniform", "high", self.high)?;
        if self.low > self.high {
            let given = format!("{} with high {}", self.low, self.high);
            return Err(InitError::setting("Uniform", "low", given, "at most high"));
        }
        let inner = (round_up(self.low), -round_up(-self.high));
        // Bounds that are nearer to each other than two f32 have a value that isn't between them.
        let has_inner = inner.0 <= inner.1;
        let map = if low == -high && high > 0.0 {
            Map::Symmetric(SymmetricMap(high))
        } else {
            let within = if has_inner { inner } else { (low, high) };
            Map::Between(BetweenMap { low, high, within })
        };
        let fitted = Fitted::mapped(weight, map)?;
        Ok(if has_inner {
            fitted.within(inner.0, inner.1)
        } else {
            fitted
        })
    }
}
