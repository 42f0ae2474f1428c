//! Weights for sine activations.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::FanMode;
use crate::draw::map::Map;
use crate::draw::uniform::SymmetricMap;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "Siren";

/// Uniform weights for layers that compute sin(ω₀(Wx + b)) (SIREN, Sitzmann et al. 2020).
///
/// | layer | weights, n being fan_in |
/// |---|---|
/// | [`first`](Self::first) | U(−1/n, 1/n) |
/// | [`hidden`](Self::hidden), and the last | U(−√(6/n)/ω₀, √(6/n)/ω₀) |
///
/// Where a layer's inputs are sines of many periods, ω₀Wx is then close to N(0, 1) with any number
/// of inputs, and the sine of that close to the arcsine distribution that came in. Its variance is
/// a little less than the ½ of an arcsine distribution, (1 − e⁻²)/2, so the variance of ω₀Wx goes
/// from 1 to 0.80 over a few layers, and stays there.
///
/// # Errors
///
/// If ω₀ isn't positive and finite, or for a vector, which has no fan_in.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Siren};
///
/// let seed = Seed::new(1);
/// let first = Siren::first().draw(&[2, 256].into(), seed.key("fc1.weight"))?;
/// assert!(first.iter().all(|w| w.abs() < 0.5));
/// let hidden = Siren::hidden(30.0).draw(&[256, 256].into(), seed.key("fc2.weight"))?;
/// assert!(hidden.iter().all(|w| w.abs() < 0.0051032));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Siren {
    /// Which layer of the network it is.
    pub layer: SirenLayer,
}

/// Which layer of a [`Siren`] network it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SirenLayer {
    /// The layer that reads coordinates.
    First,
    /// A layer that reads sines.
    Hidden {
        /// ω₀, what the layer multiplies Wx + b by.
        #[serde(default = "omega")]
        omega: f64,
    },
}

fn omega() -> f64 {
    30.0
}

impl Default for Siren {
    /// A hidden layer with the paper's ω₀ = 30.
    fn default() -> Self {
        Self::hidden(omega())
    }
}

impl Siren {
    /// The first layer: U(−1/n, 1/n).
    pub const fn first() -> Self {
        Self {
            layer: SirenLayer::First,
        }
    }

    /// A layer behind the first: U(−√(6/n)/ω₀, √(6/n)/ω₀). The paper's ω₀ is 30.
    pub const fn hidden(omega: f64) -> Self {
        Self {
            layer: SirenLayer::Hidden { omega },
        }
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            SirenLayer::First => write!(f, "SIREN, first layer"),
            SirenLayer::Hidden { omega } => write!(f, "SIREN, ω₀ {omega}"),
        }
    }
}

impl Initializer for Siren {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let n = FanMode::FanIn.fan(NAME, weight)?;
        let bound = match self.layer {
            SirenLayer::First => 1.0 / n,
            SirenLayer::Hidden { omega } if omega > 0.0 && omega.is_finite() => {
                (6.0 / n).sqrt() / omega
            }
            SirenLayer::Hidden { omega } => {
                let expected = "a finite number greater than 0";
                return Err(InitError::setting(NAME, "omega", omega, expected));
            }
        };
        let a = finite(NAME, "√(6/n) / omega", bound)?;
        Ok(Fitted::mapped(weight, Map::Symmetric(SymmetricMap(a)))?.within(-a, a))
    }
}
