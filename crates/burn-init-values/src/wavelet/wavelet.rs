//! w' = Ψ⁻¹ S Ψ w: weights shaped in the wavelet domain.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::shaper::{OverBase, Shaper};
use super::{Boundary, Family, Keep, Levels, Normalization, Shaping, Transform};
use crate::dense::VarianceScaling;
use crate::error::InitError;
use crate::initializer::{Expected, Fitted, Initializer, Kind, fit_all_over};
use crate::weight::grid::check_grid;
use crate::weight::{Along, WeightLayout};

const NAME: &str = "Wavelet";

/// w' = Ψ⁻¹ S Ψ w for each neuron's vector w of incoming weights, or over the grid that its inputs
/// form.
///
/// Ψ is a wavelet transform ([`Transform`]), orthonormal (Ψ⁻¹ = Ψᵀ) but for the biorthogonal families,
/// and S a gain for each level. By default S gives each octave of sizes the same energy ([`Shaping::Octaves`]), and
/// neurons the mean 0: coarse structure gets more of the energy than in white weights and neighbouring weights become
/// alike, so a neuron looks at smooth patterns of its inputs. With [`identity`](Self::identity) the weights are the
/// base's own: Ψ⁻¹Ψw = w.
///
/// The gains are normalised so that E‖W‖² of a white base stays: tr(MᵀM) = n for M = Ψ⁻¹SΨ, which is
/// Σg² = n for an orthonormal Ψ. The base is N(0, 2/fan_in) (He 2015) unless [`base`](Self::base) says otherwise.
///
/// A wavelet belongs where inputs have an order: in a first layer, over a picture's [`grid`](Self::grid) or a signal,
/// and in kernels. Behind relu layers, inputs have no order, and a mean that neurons of mean 0 don't see.
///
/// ```
/// use burn_init_values::{Initializer, Seed, VarianceScaling, Wavelet};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let smooth = Wavelet::haar()
///     .grid([10, 10])
///     .power_law(1.5)
///     .base(VarianceScaling::he_normal())
///     .draw(&[100, 64].into(), key)?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(bound = "B: schemars::JsonSchema + Serialize + From<VarianceScaling>")
)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "B: Deserialize<'de> + From<VarianceScaling>")
)]
#[non_exhaustive]
pub struct Wavelet<B = VarianceScaling> {
    /// The family of wavelets.
    pub family: Family,
    /// How many levels the transform has.
    #[serde(default)]
    pub levels: Levels,
    /// What the transform does at the ends of an axis.
    #[serde(default)]
    pub boundary: Boundary,
    /// Which weights are a vector.
    #[serde(default)]
    pub along: Along,
    /// The grid that the weights of a vector form, if not a line or the kernel's own.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// What happens to the coefficients.
    #[serde(default = "default_shaping")]
    pub shaping: Shaping,
    /// What the means are multiplied by after that; `None` stands for 0 with a power law or octaves of more than one
    /// weight, and for 1 with anything else.
    #[serde(default, serialize_with = "crate::error::serialize_number")]
    pub mean_gain: Option<f64>,
    /// How the scale of the base is kept.
    #[serde(default)]
    pub normalization: Normalization,
    /// What is drawn first.
    #[serde(default = "default_base")]
    #[cfg_attr(feature = "schema", schemars(default = "default_base::<B>"))]
    pub base: B,
}

fn default_shaping() -> Shaping {
    Shaping::Octaves
}

fn default_base<B: From<VarianceScaling>>() -> B {
    VarianceScaling::kaiming_normal().into()
}

impl Wavelet {
    /// Shapes in the domain of this family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            levels: Levels::default(),
            boundary: Boundary::default(),
            along: Along::default(),
            grid: None,
            shaping: default_shaping(),
            mean_gain: None,
            normalization: Normalization::default(),
            base: default_base(),
        }
    }

    /// Shapes in the Haar domain, which exists for every number of inputs.
    pub fn haar() -> Self {
        Self::new(Family::HAAR)
    }
}

impl<B> Wavelet<B> {
    /// The number of levels, by default as many as are [useful](Levels::Useful).
    pub fn levels(mut self, levels: impl Into<Levels>) -> Self {
        self.levels = levels.into();
        self
    }

    /// What the transform does at the ends of an axis: [`Boundary::Filters`] for families other than Haar
    /// where 2 doesn't divide the length, or not often enough.
    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }

    /// The vectors that the transform runs along: by default the incoming weights of each neuron.
    pub fn along(mut self, along: Along) -> Self {
        self.along = along;
        self
    }

    /// The gain of the mean of so many weights.
    fn mean_gain_of(&self, len: usize) -> f64 {
        self.mean_gain
            .unwrap_or_else(|| self.shaping.mean_gain(len))
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

    /// Each octave of sizes has the same energy: the default.
    pub fn octaves(self) -> Self {
        self.shaping(Shaping::Octaves)
    }

    /// Squared gains proportional to (2ʲ)^γ: 0 is white, larger is smoother, below 0 rougher than white. Neurons have
    /// mean 0, unless [`mean_gain`](Self::mean_gain) says otherwise.
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
    /// neurons have mean 0. By default it's 0 with a power law or octaves of more than one weight, and 1 with
    /// anything else.
    ///
    /// A neuron with a mean far from 0 is skewed: for inputs of one sign, it's active for almost all or
    /// almost none of them. A power law with γ > 0 strengthens the mean with the rest of what is coarse:
    /// for such inputs, such as the pixels of a picture, a gain of 0 costs little smoothness and
    /// leaves no neuron skewed.
    pub fn mean_gain(mut self, gain: f64) -> Self {
        self.mean_gain = Some(gain);
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

    /// The initializer whose values are shaped.
    pub fn base<C>(self, base: C) -> Wavelet<C> {
        self.map_base(|_| base)
    }

    /// The same, with a base that `change` makes of its own.
    pub(crate) fn map_base<C>(self, change: impl FnOnce(B) -> C) -> Wavelet<C> {
        let Self {
            family,
            levels,
            boundary,
            along,
            grid,
            shaping,
            mean_gain,
            normalization,
            base,
        } = self;
        Wavelet {
            family,
            levels,
            boundary,
            along,
            grid,
            shaping,
            mean_gain,
            normalization,
            base: change(base),
        }
    }
}

impl<B: Initializer> Wavelet<B> {
    /// Fits the shaping of a base that was fitted to the weight.
    fn fit_over(&self, weight: &WeightLayout, base: Fitted) -> Result<Fitted, InitError> {
        let vectors = weight.vectors(self.along)?;
        if base.is_lasting() {
            let expected = "not pinned: the transform mixes zeros with other weights";
            return Err(InitError::setting(NAME, "base", &self.base, expected));
        }
        let shape = match (&self.grid, self.along) {
            (Some(grid), _) => check_grid(NAME, grid, vectors.len())?,
            (None, Along::Kernel) => weight.kernel().to_vec(),
            (None, _) => vec![vectors.len()],
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
        let transform = Transform::with_boundary(self.family, &shape, levels, self.boundary)?;
        if self.normalization == Normalization::Spectrum
            && !matches!(self.shaping, Shaping::Threshold { .. })
        {
            self.family
                .check_orthogonal(NAME, "to normalise by spectrum")?;
        }
        let mean_gain = self.mean_gain_of(vectors.len());
        let level_gains = self
            .shaping
            .level_gains(&transform, mean_gain, self.normalization)?;
        // The largest number on the way: the norm of a vector, times gains. Each step is orthonormal, and
        // so no part of a sum exceeds √2 times that; or it enlarges numbers by so much at most.
        let gain = level_gains
            .iter()
            .fold(1.0, |most: f64, g| most.max(f64::from(g.abs())));
        let gains = gain * mean_gain.max(1.0) * transform.growth();
        let largest = base.largest().map(|largest| match self.normalization {
            Normalization::Spectrum => largest.max(1.0),
            _ => largest,
        });
        let largest =
            largest.map(|largest| 1.5 * largest * gains * (transform.len().max(1) as f64).sqrt());
        if largest.is_some_and(|largest| !(largest as f32).is_finite()) {
            let given = format!("{}, with gains up to {gain:.3e}", self.base);
            let expected = "so small that the norm of a vector, times gains, stays within f32";
            return Err(InitError::setting(NAME, "base", given, expected));
        }
        let shaper = Shaper::new(
            vectors,
            transform,
            level_gains,
            self.shaping.clone(),
            self.normalization,
            mean_gain,
        );
        let expected = self.expected_over(&base);
        let is_by_vector = base.makes(&vectors);
        let has_pattern = base.has_pattern();
        let over = OverBase { shaper, base };
        let fitted = if is_by_vector {
            Fitted::by_vector(weight, vectors, over)
        } else {
            Fitted::at_once(weight, move |key, out| over.fill(key, out))
        };
        let fitted = fitted?.over_pattern(has_pattern);
        let fitted = match largest {
            Some(largest) => fitted.up_to(largest),
            None => fitted,
        };
        Ok(match expected {
            Some(expected) => fitted.expecting(expected),
            None => fitted,
        })
    }

    /// What is known of the values: those of a white base keep their mean square where it is normalised.
    fn expected_over(&self, base: &Fitted) -> Option<Expected> {
        let is_white = base.kind() == Kind::Elements && !base.has_pattern();
        let keeps = is_white && self.normalization != Normalization::None;
        let expected = base.expected().filter(|_| keeps)?;
        (expected.mean == 0.0).then_some(expected)
    }
}

impl<B: fmt::Display> fmt::Display for Wavelet<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wavelet {}{}{}", self.family, self.levels, self.boundary)?;
        if self.along != Along::Inputs {
            write!(f, ", along {:?}", self.along)?;
        }
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        write!(f, ", {}", self.shaping)?;
        if let Some(gain) = self.mean_gain {
            write!(f, ", mean gain {gain}")?;
        }
        match self.normalization {
            Normalization::Trace => {}
            Normalization::Spectrum => write!(f, ", normalised by spectrum")?,
            Normalization::None => write!(f, ", not normalised")?,
        }
        write!(f, " of ({})", self.base)
    }
}

impl<B: Initializer> Initializer for Wavelet<B> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        self.fit_over(weight, self.base.fit(weight)?)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        fit_all_over(&self.base, weights, |weight, base| {
            self.fit_over(weight, base)
        })
    }
}
