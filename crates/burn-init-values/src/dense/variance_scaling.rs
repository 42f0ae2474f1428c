//! The engine behind LeCun, Glorot and He.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TruncatedNormal;
use crate::draw::map::Map;
use crate::draw::normal::{LARGEST_NORMAL, NormalMap};
use crate::draw::uniform::SymmetricMap;
use crate::error::{InitError, finite, non_negative};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "VarianceScaling";

/// The standard deviation of N(0, 1) cut at ±2.
const TRUNCATED_STD: f64 = 0.879_625_661_034_239_8;

/// Which fan the variance is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FanMode {
    /// fan_in: keeps the variance of the signal on its way forward.
    FanIn,
    /// fan_out: keeps the variance of the gradient on its way back.
    FanOut,
    /// (fan_in + fan_out) / 2.
    FanAverage,
    /// √(fan_in · fan_out).
    FanGeometricMean,
}

impl FanMode {
    /// The fan of this weight.
    pub(crate) fn fan(self, initializer: &str, layout: &WeightLayout) -> Result<f64, InitError> {
        let (fan_in, fan_out) = fans(initializer, layout)?;
        Ok(match self {
            Self::FanIn => fan_in,
            Self::FanOut => fan_out,
            Self::FanAverage => 0.5 * (fan_in + fan_out),
            Self::FanGeometricMean => (fan_in * fan_out).sqrt(),
        })
    }
}

impl fmt::Display for FanMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FanAverage => "average fan",
            Self::FanGeometricMean => "geometric mean of fans",
        })
    }
}

/// Which distribution has the variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Distribution {
    /// Normal.
    Normal,
    /// Normal, cut at two standard deviations; its standard deviation is corrected for that.
    TruncatedNormal,
    /// Uniform in (−√(3 variance), √(3 variance)).
    Uniform,
}

/// Mean 0 and variance gain² · scale / fan.
///
/// | preset | scale | fan | distribution | source |
/// |---|---|---|---|---|
/// | [`lecun_normal`](Self::lecun_normal), [`lecun_uniform`](Self::lecun_uniform) | 1 | in | truncated normal, uniform | LeCun et al. 1998, Klambauer et al. 2017 |
/// | [`glorot_normal`](Self::glorot_normal), [`glorot_uniform`](Self::glorot_uniform) | 1 | average | truncated normal, uniform | Glorot and Bengio 2010 |
/// | [`he_normal`](Self::he_normal), [`he_uniform`](Self::he_uniform) | 2 | in | truncated normal, uniform | He et al. 2015 |
/// | [`xavier_normal`](Self::xavier_normal), [`xavier_uniform`](Self::xavier_uniform) | 1 | average | normal, uniform | Glorot and Bengio 2010 |
/// | [`kaiming_normal`](Self::kaiming_normal), [`kaiming_uniform`](Self::kaiming_uniform) | 2 | in | normal, uniform | He et al. 2015 |
///
/// LeCun, Glorot and He are what Keras, JAX and Flux give under these names: their normals are cut
/// at two standard deviations. Xavier and Kaiming are what PyTorch gives: theirs aren't.
///
/// ```
/// use burn_init_values::{Initializer, Seed, VarianceScaling, dense::Gain};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let weights = VarianceScaling::glorot_uniform().gain(Gain::Tanh).draw(&[100, 64].into(), key)?;
/// let bound = 5.0 / 3.0 * (3.0f32 / 82.0).sqrt();
/// assert!(weights.iter().all(|w| w.abs() < bound));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VarianceScaling {
    /// The variance times the fan.
    pub scale: f64,
    /// What the standard deviation is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
    /// Which fan the variance is divided by.
    pub mode: FanMode,
    /// What the values are drawn from.
    pub distribution: Distribution,
}

impl VarianceScaling {
    /// Variance scale / fan.
    pub const fn new(scale: f64, mode: FanMode, distribution: Distribution) -> Self {
        Self {
            scale,
            gain: 1.0,
            mode,
            distribution,
        }
    }

    /// Multiplies the standard deviation: by a number, or by what an activation asks for
    /// ([`Gain`](super::Gain)).
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// Truncated normal of variance 1/fan_in.
    pub const fn lecun_normal() -> Self {
        Self::new(1.0, FanMode::FanIn, Distribution::TruncatedNormal)
    }

    /// Uniform of variance 1/fan_in.
    pub const fn lecun_uniform() -> Self {
        Self::new(1.0, FanMode::FanIn, Distribution::Uniform)
    }

    /// Truncated normal of variance 2/(fan_in + fan_out).
    pub const fn glorot_normal() -> Self {
        Self::new(1.0, FanMode::FanAverage, Distribution::TruncatedNormal)
    }

    /// Uniform of variance 2/(fan_in + fan_out).
    pub const fn glorot_uniform() -> Self {
        Self::new(1.0, FanMode::FanAverage, Distribution::Uniform)
    }

    /// Truncated normal of variance 2/fan_in, for relu.
    pub const fn he_normal() -> Self {
        Self::new(2.0, FanMode::FanIn, Distribution::TruncatedNormal)
    }

    /// Uniform of variance 2/fan_in, for relu.
    pub const fn he_uniform() -> Self {
        Self::new(2.0, FanMode::FanIn, Distribution::Uniform)
    }

    /// Normal of variance 2/(fan_in + fan_out).
    pub const fn xavier_normal() -> Self {
        Self::new(1.0, FanMode::FanAverage, Distribution::Normal)
    }

    /// The same as [`glorot_uniform`](Self::glorot_uniform).
    pub const fn xavier_uniform() -> Self {
        Self::glorot_uniform()
    }

    /// Normal of variance 2/fan_in, for relu.
    pub const fn kaiming_normal() -> Self {
        Self::new(2.0, FanMode::FanIn, Distribution::Normal)
    }

    /// The same as [`he_uniform`](Self::he_uniform).
    pub const fn kaiming_uniform() -> Self {
        Self::he_uniform()
    }

    fn std(&self, layout: &WeightLayout) -> Result<f64, InitError> {
        non_negative(NAME, "scale", self.scale)?;
        finite(NAME, "gain", self.gain)?;
        let fan = self.mode.fan(NAME, layout)?;
        // The sign of a gain doesn't change these distributions.
        let std = self.gain.abs() * (self.scale / fan).sqrt();
        // The largest value of any of the distributions.
        finite(NAME, "gain · √(scale / fan)", LARGEST_NORMAL * std)?;
        Ok(std)
    }
}

/// fan_in and fan_out.
///
/// A fan of 0 counts as 1: there are no weights that its variance could matter for.
pub(crate) fn fans(initializer: &str, layout: &WeightLayout) -> Result<(f64, f64), InitError> {
    let known = |fan: f64| if fan > 0.0 { fan } else { 1.0 };
    match (layout.fan_in(), layout.fan_out()) {
        (Some(fan_in), Some(fan_out)) => Ok((known(fan_in), known(fan_out))),
        _ => Err(InitError::shape(
            layout.shape(),
            format!(
                "{initializer} needs a fan_in, which a vector doesn't have; give it a weight of rank 2 or more, or use another \
                 initializer for it"
            ),
        )),
    }
}

impl fmt::Display for VarianceScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let distribution = match self.distribution {
            Distribution::Normal => "normal",
            Distribution::TruncatedNormal => "truncated normal",
            Distribution::Uniform => "uniform",
        };
        write!(
            f,
            "{distribution}, variance {}/{}",
            self.gain * self.gain * self.scale,
            self.mode
        )
    }
}

impl Initializer for VarianceScaling {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let std = self.std(weight)?;
        match self.distribution {
            Distribution::Normal => {
                let largest = LARGEST_NORMAL * std;
                let (mean, std) = (0.0, std as f32);
                let map = Map::Normal(NormalMap { mean, std });
                Ok(Fitted::mapped(weight, map)?.up_to(largest))
            }
            Distribution::TruncatedNormal => {
                TruncatedNormal::new(0.0, std / TRUNCATED_STD).fit(weight)
            }
            Distribution::Uniform => {
                let a = (3f64.sqrt() * std) as f32;
                Ok(Fitted::mapped(weight, Map::Symmetric(SymmetricMap(a)))?.within(-a, a))
            }
        }
    }
}
