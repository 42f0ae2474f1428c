//! The normal distribution between two bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cut_std::{after_cut, before_cut};
use crate::draw::map::Map;
use crate::draw::normal::LARGEST_NORMAL;
use crate::draw::tail::{Cut, TailMap};
use crate::draw::truncated::{Interval, TruncatedMap};
use crate::error::{InitError, finite, round_up};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "TruncatedNormal";

/// N(mean, std²) on the condition that the value lies between two bounds, by default two standard
/// deviations from the mean.
///
/// `std` is that of the normal before it is cut, as in PyTorch, JAX and Keras; at ±2 the result's
/// is 0.8796 times as large. With [`std_after_cut`](Self::std_after_cut) it is that of the values.
/// PyTorch's `trunc_normal_` takes absolute bounds: [`bounds`](Self::bounds). JAX's
/// `truncated_normal` and SciPy's `truncnorm` take bounds in standard deviations:
/// [`deviations`](Self::deviations).
///
/// Values are made by inversion, without rejection, and never lie outside of the bounds. Any interval
/// will do, however far from the mean and however narrow:
///
/// | interval | computed | distance from the exact quantile, apart from rounding to f32 |
/// |---|---|---|
/// | 2⁻⁸ or more of the normal's mass | in integers, at the speed of a normal | 2⁻²⁴ in probability and 2⁻²⁷ std; 2⁻¹⁰ std where f32 holds `mean` or `std` only so well |
/// | less, or a mean or std that f32 holds less well than 2⁻¹³ std | in f64, up to a hundred times slower | 2⁻³³ in probability; 2⁻²⁹ of the distance from the nearer bound, and 2⁻⁴⁶ std |
///
/// # Errors
///
/// If the mean isn't finite; if `std` is negative or not finite; if a bound is NaN, or the lower one
/// above the upper one; if no f32 lies between them, or values would lie beyond what f32 holds. If
/// `std` is 0 and the mean outside. With [`std_after_cut`](Self::std_after_cut), if no normal has that
/// standard deviation after the cut.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TruncatedNormal {
    /// The mean of the normal distribution before it is cut.
    pub mean: f64,
    /// Its standard deviation before it is cut, unless `std_after_cut`.
    pub std: f64,
    /// Where it is cut.
    #[serde(default = "two_deviations")]
    pub bounds: Bounds,
    /// Whether `std` is the standard deviation of the values, after the cut.
    #[serde(default)]
    pub std_after_cut: bool,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
            std_after_cut: false,
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

    /// Takes `std` for the standard deviation of the values, after the cut. The normal before the cut
    /// has a larger one, s:
    ///
    /// - with bounds in deviations, s = std / c, c being what the cut leaves of a standard normal's
    ///   (0.8796 at ±2); the bounds are at mean + low · s and mean + high · s;
    /// - with absolute bounds a and b, the s that gives `std` after the cut is found numerically. There
    ///   is one if std < (b − a)/√12, the uniform distribution's, which s → ∞ leads to.
    ///
    /// `mean` stays the normal's before the cut; where the bounds aren't symmetric about it, that of the
    /// values is another.
    ///
    /// ```
    /// use burn_init_values::{Initializer, Seed, TruncatedNormal};
    ///
    /// let init = TruncatedNormal::new(0.0, 0.02).std_after_cut();
    /// let w = init.draw(&[1000, 1000].into(), Seed::new(1).key("w"))?;
    /// let variance = w.iter().map(|w| w * w).sum::<f32>() / 1e6;
    /// assert!((variance.sqrt() - 0.02).abs() < 1e-4);
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    pub const fn std_after_cut(mut self) -> Self {
        self.std_after_cut = true;
        self
    }

    /// N(mean, std²), `std` being that before the cut, and where it is cut.
    fn cut(&self, std: f64) -> Cut {
        let Self { mean, bounds, .. } = *self;
        let [low, high] = bounds.ends();
        match bounds {
            Bounds::Absolute { .. } => Cut {
                mean,
                std,
                low,
                high,
                alpha: (low - mean) / std,
                beta: (high - mean) / std,
                length: high - low,
                width: (high - low) / std,
            },
            Bounds::Deviations { .. } => Cut {
                mean,
                std,
                low: mean + low * std,
                high: mean + high * std,
                alpha: low,
                beta: high,
                length: (high - low) * std,
                width: high - low,
            },
        }
    }

    /// The standard deviation before the cut.
    fn std_before_cut(&self) -> Result<f64, InitError> {
        let after = |std: f64| std * after_cut(&self.cut(std)).std;
        let [low, high] = self.bounds.ends();
        let most = match self.bounds {
            Bounds::Absolute { .. } => (high - low) / 12f64.sqrt(),
            Bounds::Deviations { .. } => f64::INFINITY,
        };
        let uncut = low == f64::NEG_INFINITY && high == f64::INFINITY;
        let before = match self.bounds {
            _ if !self.std_after_cut || uncut => Some(self.std),
            Bounds::Deviations { .. } => Some(self.std / after(1.0)),
            Bounds::Absolute { .. } if self.std < most => before_cut(self.std, after),
            Bounds::Absolute { .. } => None,
        };
        before.filter(|std| std.is_finite()).ok_or_else(|| {
            if most == f64::INFINITY {
                let expected = "so far apart that the values have a std after the cut";
                return InitError::setting(NAME, "bounds", self.bounds, expected);
            }
            let expected = format!("less than {most}, the uniform distribution's, after the cut");
            InitError::setting(NAME, "std", self.std, expected)
        })
    }

    /// What words become, and between which bounds it lies.
    fn map(&self) -> Result<(Map, f32, f32), InitError> {
        let Self { mean, bounds, .. } = *self;
        let error = |setting, given: &dyn fmt::Display, expected| {
            Err(InitError::setting(NAME, setting, given, expected))
        };
        if !mean.is_finite() {
            return error("mean", &mean, "a finite number");
        }
        if !(0.0..f64::INFINITY).contains(&self.std) {
            return error("std", &self.std, "a finite number, 0 or greater");
        }
        let [low, high] = bounds.ends();
        // False for NaN, too.
        if !(low <= high && low < f64::INFINITY && high > f64::NEG_INFINITY) {
            return error("bounds", &bounds, "two numbers, the lower one first");
        }
        if self.std == 0.0 {
            return self.mean_alone();
        }
        let cut = self.cut(self.std_before_cut()?);
        let in_range = "such that all values are within the range of f32";
        if cut.low > f64::from(f32::MAX) || cut.high < f64::from(f32::MIN) {
            return error("bounds", &bounds, in_range);
        }
        // Rounded inwards, so that no value lies outside.
        let (low, high) = (round_up(cut.low), -round_up(-cut.high));
        if low > high {
            return error("bounds", &bounds, "so that an f32 lies between them");
        }
        if let Some(map) = in_integers(&cut, low, high) {
            return Ok((Map::Truncated(map), map.low, map.high));
        }
        match TailMap::new(cut, low, high) {
            Some(map) => Ok((Map::Tail(map), map.low, map.high)),
            None => error("std", &self.std, in_range),
        }
    }

    /// Mean and std of its values.
    fn expected(&self) -> Option<Expected> {
        let std = self.std_before_cut().ok()?;
        let Expected { mean, std } = after_cut(&self.cut(std)).scaled(std);
        let mean = self.mean + mean;
        Some(Expected { mean, std })
    }

    /// The mean, where there is no deviation.
    fn mean_alone(&self) -> Result<(Map, f32, f32), InitError> {
        let mean = finite(NAME, "mean", self.mean)?;
        let mean = match self.bounds {
            Bounds::Deviations { .. } => mean,
            Bounds::Absolute { .. } => {
                let [low, high] = self.bounds.ends();
                let within = (round_up(low), -round_up(-high));
                if !(low..=high).contains(&self.mean) || within.0 > within.1 {
                    let expected = "around the mean, since std is 0, and an f32";
                    return Err(InitError::setting(NAME, "bounds", self.bounds, expected));
                }
                mean.clamp(within.0, within.1)
            }
        };
        Ok((Map::Constant(mean + 0.0), mean, mean))
    }
}

/// The map in integers, where it is exact enough: f32 holds mean and standard deviation, and there
/// are enough positions between the bounds.
fn in_integers(cut: &Cut, low: f32, high: f32) -> Option<TruncatedMap> {
    /// In standard deviations.
    const ROUNDING: f64 = 1.0 / (1 << 13) as f64;

    let rounds = |number: f64| (f64::from(number as f32) - number).abs() <= ROUNDING * cut.std;
    let largest = LARGEST_NORMAL * cut.std + cut.mean.abs();
    if !(rounds(cut.mean) && rounds(cut.std) && (largest as f32).is_finite()) {
        return None;
    }
    let place = |bound: f64| (bound - cut.mean) / cut.std;
    let interval = Interval::new(place(cut.low), place(cut.high))?;
    let (mean, std) = (cut.mean as f32, cut.std as f32);
    // No value lies beyond these, either.
    let reach = LARGEST_NORMAL as f32 * std;
    Some(TruncatedMap {
        mean,
        std,
        low: low.max((mean - reach).min(high)),
        high: high.min((mean + reach).max(low)),
        interval,
    })
}

impl Bounds {
    /// Both bounds; infinite ones are none.
    fn ends(self) -> [f64; 2] {
        let (Self::Absolute { low, high } | Self::Deviations { low, high }) = self;
        [
            low.unwrap_or(f64::NEG_INFINITY),
            high.unwrap_or(f64::INFINITY),
        ]
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.ends();
        write!(f, "{low} to {high}")?;
        match self {
            Self::Absolute { .. } => Ok(()),
            Self::Deviations { .. } => write!(f, " deviations"),
        }
    }
}

impl fmt::Display for TruncatedNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = if self.std_after_cut {
            " after the cut"
        } else {
            ""
        };
        let Self {
            mean, std, bounds, ..
        } = self;
        write!(
            f,
            "truncated normal, mean {mean}, std {std}{after}, {bounds}"
        )
    }
}

impl Initializer for TruncatedNormal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let (map, low, high) = self.map()?;
        let fitted = Fitted::mapped(weight, map)?.within(low, high);
        if self.std == 0.0 {
            return Ok(fitted);
        }
        let init = *self;
        Ok(fitted.expecting_later(move || init.expected()))
    }
}
