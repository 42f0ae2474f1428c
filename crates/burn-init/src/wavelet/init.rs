//! w' = Ψᵀ S Ψ w: weights shaped in the wavelet domain.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::shaper::{NeuronShaper, Resolved};
use super::{Family, Keep, Levels, Normalization, Shaping, Transform};
use crate::dense::Normal;
use crate::error::InitError;
use crate::initializer::{AnyInitializer, Initializer, range};
use crate::key::Key;
use crate::layout::{Along, WeightLayout};

const NAME: &str = "Wavelet";

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
#[serde(deny_unknown_fields)]
pub struct Wavelet {
    family: Family,
    #[serde(default)]
    levels: Levels,
    #[serde(default)]
    along: Along,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<Vec<usize>>,
    #[serde(default = "default_shaping")]
    pub(super) shaping: Shaping,
    #[serde(default = "default_mean_gain")]
    pub(super) mean_gain: f64,
    #[serde(default)]
    pub(super) normalization: Normalization,
    #[serde(default = "default_base")]
    base: Box<AnyInitializer>,
}

fn default_shaping() -> Shaping {
    Shaping::PowerLaw(1.0)
}

fn default_mean_gain() -> f64 {
    1.0
}

fn default_base() -> Box<AnyInitializer> {
    Box::new(Normal::fan_in().into())
}

impl Wavelet {
    /// Shapes in the domain of this family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            levels: Levels::default(),
            along: Along::default(),
            grid: None,
            shaping: default_shaping(),
            mean_gain: default_mean_gain(),
            normalization: Normalization::default(),
            base: default_base(),
        }
    }

    /// Shapes in the Haar domain, which exists for every number of inputs.
    pub fn haar() -> Self {
        Self::new(Family::HAAR)
    }

    /// The number of levels, by default as many as are [useful](Levels::Useful).
    pub fn levels(mut self, levels: impl Into<Levels>) -> Self {
        self.levels = levels.into();
        self
    }

    /// The vectors that the transform runs along: by default the incoming weights of each neuron.
    pub fn along(mut self, along: Along) -> Self {
        self.along = along;
        self
    }

    /// The inputs form a grid of this shape, in row-major order, such as the pixels of a picture:
    /// the transform runs along each of its axes.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// What is done to the coefficients; the methods below name the usual choices.
    pub fn shaping(mut self, shaping: Shaping) -> Self {
        self.shaping = shaping;
        self
    }

    /// S = 1: the weights stay the base's.
    pub fn identity(self) -> Self {
        self.shaping(Shaping::Identity)
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
    /// A neuron with a mean far from 0 is skewed: for inputs of one sign, it's active for almost all or
    /// almost none of them. A power law with γ > 0 strengthens the mean with the rest of what is coarse:
    /// for such inputs, such as the pixels of a picture, a gain of 0 costs little smoothness and
    /// leaves no neuron skewed.
    pub fn mean_gain(mut self, gain: f64) -> Self {
        self.mean_gain = gain;
        self
    }

    /// Only the details of these levels, 1 being the finest; and the approximation, if asked for.
    pub fn bands(mut self, approximation: bool, details: RangeInclusive<usize>) -> Self {
        let details = details.into_inner();
        self.shaping = Shaping::Bands {
            approximation,
            details,
        };
        self
    }

    /// Only the large coefficients of each neuron, as they are.
    pub fn hard_threshold(mut self, keep: Keep) -> Self {
        self.shaping = Shaping::Threshold { keep, soft: false };
        self
    }

    /// Only the large coefficients of each neuron, moved towards 0 by the threshold.
    pub fn soft_threshold(mut self, keep: Keep) -> Self {
        self.shaping = Shaping::Threshold { keep, soft: true };
        self
    }

    /// What is kept the same when gains change the energy of a neuron.
    pub fn normalization(mut self, normalization: Normalization) -> Self {
        self.normalization = normalization;
        self
    }

    /// Takes gains and thresholds as they are, though E‖W‖² changes with them.
    pub fn unnormalized(self) -> Self {
        self.normalization(Normalization::None)
    }

    /// What the weights are before they are shaped.
    pub fn base(mut self, base: impl Into<AnyInitializer>) -> Self {
        self.base = Box::new(base.into());
        self
    }

    /// Whether each neuron is multiplied by the same matrix ΨᵀSΨ.
    fn is_linear(&self) -> bool {
        !matches!(self.shaping, Shaping::Threshold { .. })
            && self.normalization != Normalization::Spectrum
    }

    pub(crate) fn base_initializer(&self) -> &AnyInitializer {
        &self.base
    }

    /// The vectors, their transform and its gains.
    fn resolve(&self, layout: &WeightLayout) -> Result<Resolved, InitError> {
        let fibers = layout.along(self.along)?;
        self.base.check(layout)?;
        if self.base.pins() {
            return Err(InitError::setting(
                NAME,
                "base",
                &self.base,
                "not pinned: the transform mixes zeros with other weights",
            ));
        }
        let shape = match (&self.grid, self.along) {
            (Some(grid), _) => check_grid(NAME, grid, fibers.len)?,
            (None, Along::Kernel) => layout.kernel().to_vec(),
            (None, _) => vec![fibers.len],
        };
        let levels = match (&self.shaping, self.levels) {
            (Shaping::Gains { details, .. }, Levels::Exactly(levels))
                if details.len() != levels =>
            {
                return Err(InitError::setting(
                    NAME,
                    "gains",
                    format!("{} gains of details", details.len()),
                    format!("one for each of the {levels} levels"),
                ));
            }
            (Shaping::Gains { details, .. }, _) => Levels::Exactly(details.len()),
            (_, levels) => levels,
        };
        let transform = Transform::new(self.family, &shape, levels)?;
        let level_gains =
            self.shaping
                .level_gains(&transform, self.mean_gain, self.normalization)?;
        Ok(Resolved {
            fibers,
            level_gains,
            transform,
        })
    }
}

/// The grid, if it has a point for each of `len` weights.
pub(super) fn check_grid(
    initializer: &'static str,
    grid: &[usize],
    len: usize,
) -> Result<Vec<usize>, InitError> {
    let points = grid.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
    if points == Some(len) {
        return Ok(grid.to_vec());
    }
    Err(InitError::setting(
        initializer,
        "grid",
        format!("{grid:?}"),
        format!("a shape of {len} points, one for each input"),
    ))
}

impl fmt::Display for Wavelet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wavelet {}{}", self.family, self.levels)?;
        if self.along != Along::Inputs {
            write!(f, ", along {:?}", self.along)?;
        }
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        write!(f, ", {}", self.shaping)?;
        if self.mean_gain != 1.0 {
            write!(f, ", mean gain {}", self.mean_gain)?;
        }
        match self.normalization {
            Normalization::Trace => {}
            Normalization::Spectrum => write!(f, ", normalised by spectrum")?,
            Normalization::None => write!(f, ", not normalised")?,
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
        let fibers = &resolved.fibers;
        fibers.fill_range(range, out, |first, weights| {
            if self.is_linear() {
                // Drawn where it's shaped, if that can be done for some of the neurons alone.
                let together = fibers.is_contiguous() || fibers.run == 1;
                let base = self.base.elementwise(layout, key)?.filter(|_| together);
                if base.is_none() {
                    self.base.fill(layout, key, first, weights)?;
                }
                let base = base.map(|base| (base, key));
                resolved.shape_linear(self.mean_gain, first, weights, base);
            } else {
                self.base.fill(layout, key, first, weights)?;
                let levels = resolved.transform.coefficient_levels();
                fibers.for_each(first, weights, |_, rows| {
                    let mut shaper = NeuronShaper::new(self, &resolved, &levels);
                    rows.chunks_mut(fibers.len).for_each(|w| shaper.shape(w));
                });
            }
            Ok(())
        })
    }
}
