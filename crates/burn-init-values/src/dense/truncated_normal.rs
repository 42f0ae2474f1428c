//! The normal distribution between two bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::map::Map;
use crate::draw::normal::LARGEST_NORMAL;
use crate::draw::truncated::{Interval, TruncatedMap};
use crate::error::{InitError, finite, non_negative, round_up};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "TruncatedNormal";

/// N(mean, std²) on the condition that the value lies between two bounds, by default two standard
/// deviations from the mean.
///
/// `std` is that of the normal before it is cut, as in PyTorch, JAX and Keras; at ±2 the result's
/// is 0.8796 times as large ([`VarianceScaling`](crate::VarianceScaling) corrects for it).
/// PyTorch's `trunc_normal_` takes absolute bounds: [`bounds`](Self::bounds). JAX's
/// `truncated_normal` takes bounds in standard deviations: [`deviations`](Self::deviations).
///
/// Values are made by inversion and so exact, without rejection and never outside of the bounds.
///
/// ```
/// use burn_init_values::{Initializer, Seed, TruncatedNormal};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = TruncatedNormal::new(0.0, 0.05).draw(&[100, 64].into(), key)?;
/// assert!(weights.iter().all(|w| w.abs() <= 0.1));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TruncatedNormal {
    /// The mean of the normal distribution before it is cut.
    pub mean: f64,
    /// Its standard deviation before it is cut.
    pub std: f64,
    /// Where it is cut.
    #[serde(default = "two_deviations")]
    pub bounds: Bounds,
}

const fn two_deviations() -> Bounds {
    Bounds::Deviations {
        low: Some(-2.0),
        high: Some(2.0),
    }
}

/// Where a [`TruncatedNormal`] is cut. `None` is no bound, since files of some formats have no
/// infinity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Bounds {
    /// At these values.
    Absolute {
        /// The lower bound.
        #[serde(default, serialize_with = "crate::error::serialize_number")]
        low: Option<f64>,
        /// The upper bound.
        #[serde(default, serialize_with = "crate::error::serialize_number")]
        high: Option<f64>,
    },
    /// At this many standard deviations from the mean.
    Deviations {
        /// The lower bound.
        #[serde(default, serialize_with = "crate::error::serialize_number")]
        low: Option<f64>,
        /// The upper bound.
        #[serde(default, serialize_with = "crate::error::serialize_number")]
        high: Option<f64>,
    },
}

/// A lower bound, unless it is none.
const fn lower(bound: f64) -> Option<f64> {
    if bound == f64::NEG_INFINITY {
        None
    } else {
        Some(bound)
    }
}

/// An upper bound, unless it is none.
const fn upper(bound: f64) -> Option<f64> {
    if bound == f64::INFINITY {
        None
    } else {
        Some(bound)
    }
}

impl TruncatedNormal {
    /// N(mean, std²), cut at mean ± 2 std.
    pub const fn new(mean: f64, std: f64) -> Self {
        Self {
            mean,
            std,
            bounds: two_deviations(),
        }
    }

    /// Cuts at these values; an infinite one stands for no bound.
    pub const fn bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = Bounds::Absolute {
            low: lower(low),
            high: upper(high),
        };
        self
    }

    /// Cuts at mean + low · std and mean + high · std.
    pub const fn deviations(mut self, low: f64, high: f64) -> Self {
        self.bounds = Bounds::Deviations {
            low: lower(low),
            high: upper(high),
        };
        self
    }

    fn map(&self) -> Result<TruncatedMap, InitError> {
        let mean = finite(NAME, "mean", self.mean)?;
        let std = non_negative(NAME, "std", self.std)?;
        let (low, high) = match self.bounds {
            Bounds::Absolute { low, high } => (low, high),
            Bounds::Deviations { low, high } => {
                let place = |deviations: f64| self.mean + deviations * self.std;
                (low.map(place), high.map(place))
            }
        };
        let low = low.unwrap_or(f64::NEG_INFINITY);
        let high = high.unwrap_or(f64::INFINITY);
        finite(NAME, "std", LARGEST_NORMAL * self.std + self.mean.abs())?;
        let error = |expected: &str| Err(InitError::setting(NAME, "bounds", self.bounds, expected));
        if low.is_nan() || high.is_nan() || low > high {
            return error("two numbers, the lower one first");
        }
        let interval = if std > 0.0 {
            Interval::new((low - self.mean) / self.std, (high - self.mean) / self.std)
        } else if (low..=high).contains(&self.mean) {
            Interval::new(f64::NEG_INFINITY, f64::INFINITY)
        } else {
            None
        };
        let Some(interval) = interval else {
            return error("so that at least 2⁻¹⁶ of the normal's mass lies between them");
        };
        // Rounded inwards, so that no value lies outside.
        let (low, high) = (round_up(low), -round_up(-high));
        if low > high {
            return error("so that an f32 lies between them");
        }
        Ok(TruncatedMap {
            mean,
            std,
            low,
            high,
            interval,
        })
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Absolute { low, high } | Self::Deviations { low, high }) = self;
        let low = low.unwrap_or(f64::NEG_INFINITY);
        write!(f, "{low} to {}", high.unwrap_or(f64::INFINITY))?;
        match self {
            Self::Absolute { .. } => Ok(()),
            Self::Deviations { .. } => write!(f, " deviations"),
        }
    }
}

impl fmt::Display for TruncatedNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mean, std, bounds } = self;
        write!(f, "truncated normal, mean {mean}, std {std}, {bounds}")
    }
}

impl Initializer for TruncatedNormal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let map = self.map()?;
        Ok(Fitted::mapped(weight, Map::Truncated(map))?.within(map.low, map.high))
    }
}
