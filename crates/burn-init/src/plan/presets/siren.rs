//! Networks of sines.

use burn_init_values::Siren;
use serde::{Deserialize, Serialize};

use super::{optional, pytorch_bias};
use crate::plan::{Rule, Select};

/// Networks of layers sin(ω₀(Wx + b)) (SIREN, Sitzmann et al. 2020), as the paper's code initializes them.
///
/// | parameters | values |
/// |---|---|
/// | weight of the first layer | U(−1/fan_in, 1/fan_in) |
/// | other weights, also of the last layer | U(−√(6/fan_in)/ω₀, √(6/fan_in)/ω₀) |
/// | biases | U(−1/√fan_in, 1/√fan_in), PyTorch's |
///
/// The first layer is the one at depth 0, such as `layers.0`, or what is called `first`; with other names,
/// [`first`](Self::first) says it.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::Device;
/// use burn_init::plan::{Applied, presets::SirenNetwork};
/// use burn_init::Plan;
///
/// #[derive(Module, Debug)]
/// struct Image {
///     layers: Vec<Linear>,
/// }
///
/// let device = Device::flex();
/// let layer = |(inputs, outputs)| LinearConfig::new(inputs, outputs).init(&device);
/// let model = Image { layers: [(2, 256), (256, 256), (256, 3)].map(layer).into() };
/// let Applied { model, report } = Plan::new(42).preset(SirenNetwork::new()).apply(model)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SirenNetwork {
    /// ω₀ of the layers behind the first.
    pub omega: f64,
    /// The weight of the first layer.
    pub first: Select,
}

impl Default for SirenNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl SirenNetwork {
    /// ω₀ = 30, as in the paper.
    pub fn new() -> Self {
        Self {
            omega: 30.0,
            first: Select::depth(..=0) | Select::glob("**.first.**"),
        }
    }

    /// Another ω₀ than 30 of the layers behind the first.
    pub fn omega(mut self, omega: f64) -> Self {
        self.omega = omega;
        self
    }

    /// Which weight is that of the first layer.
    pub fn first(mut self, select: Select) -> Self {
        self.first = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let linear = Select::weights_of("Linear");
        vec![
            Rule::new(self.first.clone() & linear.clone(), Siren::first()),
            optional(linear, Siren::hidden(self.omega)),
            optional(Select::biases(), pytorch_bias()),
        ]
    }
}
