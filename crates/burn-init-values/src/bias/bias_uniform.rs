//! The default biases of PyTorch and Burn.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::FanMode;
use crate::draw::map::Map;
use crate::draw::uniform::SymmetricMap;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "BiasUniform";

/// U(−1/√fan, 1/√fan) with the fan of the weight that the bias stands beside: fan_in, unless
/// [`mode`](Self::mode) says otherwise.
///
/// PyTorch and Burn draw the biases of their linear and convolution layers from it by default, and the
/// weights from the same interval: those are
/// [`VarianceScaling::kaiming_uniform`](crate::VarianceScaling) with scale 1 and gain 1/√3. A plan of two
/// rules gives a model both.
///
/// The layout of the bias has to know its weight ([`WeightLayout::bias_of`]). In a Burn module it does:
/// there a bias stands beside a weight that has an output for each of its elements.
///
/// A transposed convolution's fan_in is channels_in / groups · kernel / stride here: what an output is the
/// sum of. PyTorch and Burn take channels_out / groups · kernel for its weights and biases, and call that
/// fan_in: it is `mode(FanMode::FanOut)`, which gives their intervals. (Burn 0.22.1 also divides the weight of a
/// `Linear` in `Col` layout by its outputs, though not the bias; that isn't imitated.) A fan of 0 counts as 1.
///
/// ```
/// use burn_init_values::{BiasUniform, Initializer, Seed, WeightLayout};
///
/// let weight = WeightLayout::linear([100, 64]);
/// let bias = WeightLayout::bias_of(&weight)?;
/// let values = BiasUniform::new().draw(&bias, Seed::new(1).key("fc1.bias"))?;
/// assert_eq!(values.len(), 64);
/// assert!(values.iter().all(|b| b.abs() < 0.1));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the layout doesn't know a weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BiasUniform {
    /// Which fan of the weight the variance is divided by.
    #[serde(default = "fan_in")]
    pub mode: FanMode,
}

fn fan_in() -> FanMode {
    FanMode::FanIn
}

impl Default for BiasUniform {
    fn default() -> Self {
        Self::new()
    }
}

impl BiasUniform {
    /// U(−1/√fan_in, 1/√fan_in).
    pub const fn new() -> Self {
        Self {
            mode: FanMode::FanIn,
        }
    }

    /// Another fan than fan_in.
    pub fn mode(mut self, mode: FanMode) -> Self {
        self.mode = mode;
        self
    }
}

impl fmt::Display for BiasUniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniform, variance 1/(3 {}) of its weight", self.mode)
    }
}

impl Initializer for BiasUniform {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let Some(beside) = weight.weight() else {
            let problem = format!(
                "{NAME} needs to know the weight that this bias stands beside, for its fan: \
                 `WeightLayout::bias_of` says it, and in a module a `bias` beside a `weight` with as many \
                 outputs as it has elements"
            );
            return Err(InitError::shape(weight.shape(), problem));
        };
        let a = finite(NAME, "1/√fan", 1.0 / self.mode.fan(NAME, beside)?.sqrt())?;
        Ok(Fitted::mapped(weight, Map::Symmetric(SymmetricMap(a)))?.within(-a, a))
    }
}
