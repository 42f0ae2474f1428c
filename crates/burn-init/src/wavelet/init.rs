//! w' = Ψᵀ S Ψ w: weights shaped in the wavelet domain.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Family, Transform};
use crate::dense::Normal;
use crate::error::{InitError, finite, non_negative};
use crate::initializer::{AnyInitializer, Initializer, range};
use crate::key::Key;
use crate::layout::{Neurons, WeightLayout};

const NAME: &str = "Wavelet";

/// S: the gain of each level of details, and of the approximation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shaping {
    /// S = 1. Then ΨᵀΨ = 1, and w' is w.
    Identity,
    /// Squared gains proportional to (2ʲ)^γ for details of level j, 1 being the finest, and to
    /// (2ᴶ)^γ for the approximation.
    PowerLaw(f64),
    /// These gains.
    Gains {
        /// Of the approximation.
        approximation: f64,
        /// Of the details, from the finest level on.
        details: Vec<f64>,
    },
}

/// w' = Ψᵀ S Ψ w for each neuron's vector w of incoming weights, or over the grid that its inputs
/// form.
///
/// Ψ is an orthonormal wavelet transform ([`Transform`]) and S a gain for each level. By default S
/// is a power law with γ = 1: coarse structure gets more of the energy and neighbouring weights
/// become alike, so a neuron looks at smooth patterns of its inputs. With
/// [`identity`](Self::identity) the weights are the base's own: ΨᵀΨw = w.
///
/// The gains are normalised so that their squares have a mean of 1, which keeps E‖W‖² of a white
/// base. The base is N(0, 1/fan_in) unless [`base`](Self::base) says otherwise.
///
/// ```
/// use burn_init::{Initializer, Seed, VarianceScaling, Wavelet};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let smooth = Wavelet::haar()
///     .grid([10, 10])
///     .power_law(1.5)
///     .base(VarianceScaling::he_normal())
///     .draw(&[100, 64].into(), key)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wavelet {
    family: Family,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    levels: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<Vec<usize>>,
    #[serde(default = "default_shaping")]
    shaping: Shaping,
    #[serde(default = "default_mean_gain")]
    mean_gain: f64,
    #[serde(default = "default_normalized")]
    normalized: bool,
    #[serde(default = "default_base")]
    base: Box<AnyInitializer>,
}

fn default_shaping() -> Shaping {
    Shaping::PowerLaw(1.0)
}

fn default_mean_gain() -> f64 {
    1.0
}

fn default_normalized() -> bool {
    true
}

fn default_base() -> Box<AnyInitializer> {
    Box::new(Normal::fan_in().into())
}

impl Wavelet {
    /// Shapes in the domain of this family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            levels: None,
            grid: None,
            shaping: default_shaping(),
            mean_gain: default_mean_gain(),
            normalized: default_normalized(),
            base: default_base(),
        }
    }

    /// Shapes in the Haar domain, which exists for every number of inputs.
    pub fn haar() -> Self {
        Self::new(Family::HAAR)
    }

    /// The number of levels; by default as many as [`Transform::new`] finds useful.
    pub fn levels(mut self, levels: usize) -> Self {
        self.levels = Some(levels);
        self
    }

    /// The inputs form a grid of this shape, in row-major order, such as the pixels of a picture:
    /// the transform runs along each of its axes.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// S = 1: the weights stay the base's.
    pub fn identity(mut self) -> Self {
        self.shaping = Shaping::Identity;
        self
    }

    /// Squared gains proportional to (2ʲ)^γ: 0 is white, 1 the default, larger is smoother, below 0
    /// rougher than white.
    pub fn power_law(mut self, gamma: f64) -> Self {
        self.shaping = Shaping::PowerLaw(gamma);
        self
    }

    /// A gain for the approximation and one for the details of each level, from the finest on.
    /// Unless [`levels`](Self::levels) says otherwise, there are as many levels as gains.
    pub fn gains(mut self, approximation: f64, details: impl Into<Vec<f64>>) -> Self {
        self.shaping = Shaping::Gains {
            approximation,
            details: details.into(),
        };
        self
    }

    /// A further gain for the mean of each neuron, on top of the approximation's; with 0 all
    /// neurons have mean 0.
    ///
    /// A neuron with a mean far from 0 is skewed: for inputs of one sign, it's active for almost
    /// all or almost none of them.
    pub fn mean_gain(mut self, gain: f64) -> Self {
        self.mean_gain = gain;
        self
    }

    /// Takes the gains as they are, though E‖W‖² changes with them.
    pub fn unnormalized(mut self) -> Self {
        self.normalized = false;
        self
    }

    /// What the weights are before they are shaped.
    pub fn base(mut self, base: impl Into<AnyInitializer>) -> Self {
        self.base = Box::new(base.into());
        self
    }

    /// The neurons, their transform and its gains.
    fn resolve(&self, layout: &WeightLayout) -> Result<Resolved, InitError> {
        let neurons = layout.neurons()?;
        self.base.check(layout)?;
        let shape = match &self.grid {
            None => vec![neurons.len],
            Some(grid) => {
                let points = grid.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
                if points != Some(neurons.len) {
                    return Err(InitError::setting(
                        NAME,
                        "grid",
                        format!("{grid:?}"),
                        format!("a shape of {} points, one for each input", neurons.len),
                    ));
                }
                grid.clone()
            }
        };
        let levels = match (&self.shaping, self.levels) {
            (Shaping::Gains { details, .. }, Some(levels)) if details.len() != levels => {
                return Err(InitError::setting(
                    NAME,
                    "gains",
                    format!("{} gains of details", details.len()),
                    format!("one for each of the {levels} levels"),
                ));
            }
            (Shaping::Gains { details, .. }, _) => Some(details.len()),
            (_, levels) => levels,
        };
        let transform = Transform::new(self.family, &shape, levels)?;
        Ok(Resolved {
            neurons,
            level_gains: self.level_gains(&transform)?,
            transform,
            mean_gain: self.mean_gain,
        })
    }

    /// The gain of the approximation, and of the details from the finest level on.
    fn level_gains(&self, transform: &Transform) -> Result<Vec<f32>, InitError> {
        let levels = transform.levels();
        let mut gains: Vec<f64> = match &self.shaping {
            Shaping::Identity => vec![1.0; levels + 1],
            Shaping::PowerLaw(gamma) => {
                finite(NAME, "power_law", *gamma)?;
                let gain = |level: usize| libm::exp2(0.5 * gamma * level as f64);
                std::iter::once(levels)
                    .chain(1..=levels)
                    .map(gain)
                    .collect()
            }
            Shaping::Gains {
                approximation,
                details,
            } => std::iter::once(*approximation)
                .chain(details.iter().copied())
                .collect(),
        };
        for gain in &gains {
            finite(NAME, "gains", *gain)?;
        }
        non_negative(NAME, "mean_gain", self.mean_gain)?;
        if self.normalized && !transform.is_empty() {
            // In the trace of S² the mean counts as one coefficient of the approximation.
            let of_mean = gains[0].powi(2) * (self.mean_gain.powi(2) - 1.0);
            let sizes = transform.level_sizes();
            let trace = gains.iter().zip(sizes).fold(of_mean, |sum, (gain, size)| {
                sum + gain.powi(2) * size as f64
            });
            if trace <= 0.0 || !trace.is_finite() {
                return Err(InitError::setting(
                    NAME,
                    "gains",
                    format!("{gains:?} with mean_gain {}", self.mean_gain),
                    "not all 0, and with squares that don't overflow",
                ));
            }
            let scale = (transform.len() as f64 / trace).sqrt();
            gains.iter_mut().for_each(|gain| *gain *= scale);
        }
        gains
            .into_iter()
            .map(|gain| finite(NAME, "gains", gain))
            .collect()
    }
}

struct Resolved {
    neurons: Neurons,
    /// Of the approximation, and of the details from the finest level on.
    level_gains: Vec<f32>,
    transform: Transform,
    /// Of the mean, on top of the approximation's.
    mean_gain: f64,
}

impl Resolved {
    /// w becomes ΨᵀSΨw, for the gain of each coefficient.
    fn shape(&self, w: &mut [f32], gains: &[f32]) {
        self.transform.forward(w);
        for (coefficient, gain) in w.iter_mut().zip(gains) {
            *coefficient *= gain;
        }
        self.transform.inverse(w);
        if self.mean_gain != 1.0 {
            let mean = w.iter().fold(0.0, |sum, w| sum + f64::from(*w)) / w.len() as f64;
            let less = (mean * (1.0 - self.mean_gain)) as f32;
            w.iter_mut().for_each(|w| *w -= less);
        }
    }
}

impl fmt::Display for Wavelet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wavelet {}", self.family)?;
        if let Some(levels) = self.levels {
            write!(f, ", {levels} levels")?;
        }
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        match &self.shaping {
            Shaping::Identity => write!(f, ", identity")?,
            Shaping::PowerLaw(gamma) => write!(f, ", power law γ = {gamma}")?,
            Shaping::Gains {
                approximation,
                details,
            } => write!(f, ", gains {approximation} and {details:?}")?,
        }
        if self.mean_gain != 1.0 {
            write!(f, ", mean gain {}", self.mean_gain)?;
        }
        if !self.normalized {
            write!(f, ", not normalised")?;
        }
        write!(f, " of ({})", self.base)
    }
}

impl Initializer for Wavelet {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        self.resolve(layout).map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let resolved = self.resolve(layout)?;
        let range = range(layout, start, out.len())?;
        let levels = resolved.transform.coefficient_levels();
        let gains: Vec<f32> = levels
            .into_iter()
            .map(|level| resolved.level_gains[level])
            .collect();
        let neurons = &resolved.neurons;
        neurons.fill_range(range, out, |first, weights| {
            self.base.fill(layout, key, first, weights)?;
            neurons.for_each(first, weights, |_, rows| {
                rows.chunks_mut(neurons.len)
                    .for_each(|w| resolved.shape(w, &gains));
            });
            Ok(())
        })
    }
}
