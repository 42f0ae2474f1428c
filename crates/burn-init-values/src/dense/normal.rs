//! The normal distribution.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::variance_scaling::fans;
use crate::draw::map::Map;
use crate::draw::normal::{LARGEST_NORMAL, NormalMap};
use crate::error::{InitError, finite, non_negative};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// N(mean, std²), with a given standard deviation or with 1/√fan_in.
///
/// ```
/// use burn_init_values::{Initializer, Normal, Seed};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = Normal::fan_in().draw(&[100, 64].into(), key)?;
/// let variance = weights.iter().map(|w| w * w).sum::<f32>() / 6400.0;
/// assert!((variance - 0.01).abs() < 0.001);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Normal {
    /// The mean.
    pub mean: f64,
    /// The standard deviation; `None` stands for 1/√fan_in.
    #[serde(serialize_with = "crate::error::serialize_number")]
    pub std: Option<f64>,
}

impl Normal {
    /// N(mean, std²).
    pub const fn new(mean: f64, std: f64) -> Self {
        Self {
            mean,
            std: Some(std),
        }
    }

    /// N(0, 1/fan_in): a neuron's output has the variance of its inputs' mean square.
    pub const fn fan_in() -> Self {
        Self {
            mean: 0.0,
            std: None,
        }
    }
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.std {
            Some(std) => write!(f, "normal, mean {}, std {std}", self.mean),
            None => write!(f, "normal, mean {}, variance 1/fan_in", self.mean),
        }
    }
}

impl Initializer for Normal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let std = match self.std {
            Some(std) => std,
            None => fans("Normal", weight)?.0.sqrt().recip(),
        };
        let mean = finite("Normal", "mean", self.mean)?;
        let narrow = non_negative("Normal", "std", std)?;
        let largest = LARGEST_NORMAL * std + self.mean.abs();
        finite("Normal", "std", largest)?;
        let map = NormalMap { mean, std: narrow };
        Ok(Fitted::mapped(weight, Map::Normal(map))?.up_to(largest))
    }
}
