//! Random frequencies.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::Normal;
use crate::error::{InitError, finite, non_negative};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "FourierFeatures";

/// Normal frequencies, whose sines and cosines are features that approximate a Gaussian kernel
/// (Rahimi and Recht 2007; Tancik et al. 2020).
///
/// A layer with D outputs computes the D features of x, from weights w of N(0, σ²):
///
/// | features | biases | source |
/// |---|---|---|
/// | √(2/D) cos(wx + b) | [`Phases`](super::Phases) | Rahimi and Recht 2007 |
/// | cos(wx)/√D and sin(wx)/√D | none | Rahimi and Recht 2007, Tancik et al. 2020 |
///
/// The product of the features of x and y is exp(−σ²‖x − y‖²/2), but for an error of about 1/√D.
/// So σ is one over the kernel's length: a larger one shows finer details.
///
/// Weights are in radians per unit of x. Tancik's Fourier features are sines and cosines of 2πBx,
/// with B of N(0, σ²) in cycles per unit: with [`cycles`](Self::cycles) the weights are 2πB, and
/// the kernel is exp(−2π²σ²‖x − y‖²).
///
/// # Errors
///
/// If σ is negative or too large for f32, or for a vector.
///
/// ```
/// use burn_init_values::{FourierFeatures, Initializer, Phases, Seed, WeightLayout};
///
/// let seed = Seed::new(1);
/// let w = FourierFeatures::new(10.0).cycles().draw(&[2, 256].into(), seed.key("features.weight"))?;
/// let b = Phases::new().draw(&WeightLayout::vector([256]), seed.key("features.bias"))?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FourierFeatures {
    /// σ, the standard deviation of the frequencies.
    pub std: f64,
    /// Whether σ is in cycles instead of radians.
    #[serde(default)]
    pub cycles: bool,
}

impl FourierFeatures {
    /// Weights of N(0, σ²), in radians.
    pub const fn new(std: f64) -> Self {
        Self { std, cycles: false }
    }

    /// σ is in cycles: the weights are 2π times as large.
    pub fn cycles(mut self) -> Self {
        self.cycles = true;
        self
    }
}

impl fmt::Display for FourierFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.cycles { "cycles" } else { "radians" };
        write!(f, "Fourier features, std {} {unit}", self.std)
    }
}

impl Initializer for FourierFeatures {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        non_negative(NAME, "std", self.std)?;
        if weight.fan_in().is_none() {
            let problem =
                format!("{NAME} needs inputs, a weight of rank 2 or more; its biases are `Phases`");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let std = if self.cycles {
            TAU * self.std
        } else {
            self.std
        };
        // A draw of N(0, 1) is at most 6.4.
        finite(NAME, "std", 6.4 * std)?;
        Normal::new(0.0, std).fit(weight)
    }
}
