//! The normal distribution between two bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::truncated::{Interval, fill_truncated};
use crate::error::{InitError, finite, non_negative};
use crate::initializer::{Initializer, range};
use crate::key::Key;
use crate::layout::WeightLayout;

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
/// use burn_init::{Initializer, Seed, TruncatedNormal};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = TruncatedNormal::new(0.0, 0.05).draw(&[100, 64].into(), key)?;
/// assert!(weights.iter().all(|w| w.abs() <= 0.1));
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TruncatedNormal {
    mean: f64,
    std: f64,
    bounds: Bounds,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bounds {
    Absolute(f64, f64),
    Deviations(f64, f64),
}

impl TruncatedNormal {
    /// N(mean, std²), cut at mean ± 2 std.
    pub const fn new(mean: f64, std: f64) -> Self {
        Self {
            mean,
            std,
            bounds: Bounds::Deviations(-2.0, 2.0),
        }
    }

    /// Cuts at these values; an infinite one stands for no bound.
    pub const fn bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = Bounds::Absolute(low, high);
        self
    }

    /// Cuts at mean + low · std and mean + high · std.
    pub const fn deviations(mut self, low: f64, high: f64) -> Self {
        self.bounds = Bounds::Deviations(low, high);
        self
    }

    fn resolve(&self) -> Result<Resolved, InitError> {
        let mean = finite(NAME, "mean", self.mean)?;
        let std = non_negative(NAME, "std", self.std)?;
        let (low, high) = match self.bounds {
            Bounds::Absolute(low, high) => (low, high),
            Bounds::Deviations(low, high) => {
                (self.mean + low * self.std, self.mean + high * self.std)
            }
        };
        let error = |expected: &str| {
            let given = match self.bounds {
                Bounds::Absolute(low, high) => format!("{low} to {high}"),
                Bounds::Deviations(low, high) => format!("{low} to {high} deviations"),
            };
            Err(InitError::setting(NAME, "bounds", given, expected))
        };
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
        Ok(Resolved {
            mean,
            std,
            // Rounded inwards, so that no value lies outside.
            low: round_up(low),
            high: -round_up(-high),
            interval,
        })
    }
}

struct Resolved {
    mean: f32,
    std: f32,
    low: f32,
    high: f32,
    interval: Interval,
}

/// The smallest f32 that isn't below `value`.
fn round_up(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) < value {
        nearest.next_up()
    } else {
        nearest
    }
}

impl fmt::Display for TruncatedNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "truncated normal, mean {}, std {}, ",
            self.mean, self.std
        )?;
        match self.bounds {
            Bounds::Absolute(low, high) => write!(f, "{low} to {high}"),
            Bounds::Deviations(low, high) => write!(f, "{low} to {high} deviations"),
        }
    }
}

impl Initializer for TruncatedNormal {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        layout.elements()?;
        self.resolve().map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        range(layout, start, out.len())?;
        let r = self.resolve()?;
        let (moments, bounds) = ((r.mean, r.std), (r.low, r.high));
        // Between two neighbouring f32 there may be no value at all; then all are the upper one.
        let bounds = (bounds.0.min(bounds.1), bounds.1);
        fill_truncated(key, start as u64, out, moments, bounds, r.interval);
        Ok(())
    }
}
