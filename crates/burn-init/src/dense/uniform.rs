//! The uniform distribution.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::elementwise::Elementwise;
use crate::draw::uniform::{BetweenMap, SymmetricMap};
use crate::error::{InitError, finite};
use crate::initializer::{Initializer, range};
use crate::key::Key;
use crate::layout::WeightLayout;

/// U(low, high); where it isn't symmetric, rounding may give the bounds themselves.
///
/// ```
/// use burn_init::{Initializer, Seed, Uniform};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = Uniform::new(-0.05, 0.05).draw(&[100, 64].into(), key)?;
/// assert!(weights.iter().all(|w| w.abs() < 0.05));
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    /// U(low, high).
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    fn bounds(&self) -> Result<(f32, f32), InitError> {
        let low = finite("Uniform", "low", self.low)?;
        let high = finite("Uniform", "high", self.high)?;
        if low > high {
            let given = format!("{} with high {}", self.low, self.high);
            return Err(InitError::setting("Uniform", "low", given, "at most high"));
        }
        Ok((low, high))
    }

    /// What each element is drawn from.
    pub(crate) fn elementwise(&self) -> Result<Elementwise, InitError> {
        let (low, high) = self.bounds()?;
        Ok(if low == -high && high > 0.0 {
            Elementwise::Symmetric(SymmetricMap(high))
        } else {
            Elementwise::Between(BetweenMap { low, high })
        })
    }
}

impl fmt::Display for Uniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniform, {} to {}", self.low, self.high)
    }
}

impl Initializer for Uniform {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        layout.elements()?;
        self.bounds().map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        range(layout, start, out.len())?;
        self.elementwise()?.fill(key, start as u64, out);
        Ok(())
    }
}
