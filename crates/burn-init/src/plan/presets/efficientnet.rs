//! EfficientNet.

use burn_init_values::VarianceScaling;
use burn_init_values::dense::{Distribution, FanMode};
use serde::{Deserialize, Serialize};

use super::{convolutions, norms, optional, weights_at, zero_biases};
use crate::plan::{Rule, Select};

/// EfficientNet (Tan and Le 2019), as timm and the paper's code in TensorFlow initialize it; also for MobileNet v3
/// and others that timm makes of the same blocks.
///
/// | parameters | values |
/// |---|---|
/// | convolutions | N(0, 2/fan_out); of depthwise ones fan_out is the size of the kernel |
/// | linear layers | uniform in ±1/√fan_out |
/// | biases | 0 |
/// | normalizations | scale 1, shift 0 |
///
/// A shape doesn't tell whether a convolution is depthwise. They are known by the names `conv_dw`, `dwconv` and
/// `depthwise`; [`depthwise`](Self::depthwise) says others, and has to match all: one that it leaves out would get the
/// std of an ordinary one.
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::EfficientNet;
///
/// let plan = Plan::new(42).preset(EfficientNet::new());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct EfficientNet {
    /// The weights of depthwise convolutions.
    pub depthwise: Select,
}

impl Default for EfficientNet {
    fn default() -> Self {
        Self::new()
    }
}

impl EfficientNet {
    /// With timm's names.
    pub fn new() -> Self {
        Self {
            depthwise: weights_at("conv_dw,dwconv,depthwise"),
        }
    }

    /// Which weights are those of depthwise convolutions.
    pub fn depthwise(mut self, select: Select) -> Self {
        self.depthwise = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let he = VarianceScaling::new(2.0, FanMode::FanOut, Distribution::Normal);
        // A variance of 1/(3 fan_out).
        let uniform = VarianceScaling::new(1.0 / 3.0, FanMode::FanOut, Distribution::Uniform);
        let mut rules = vec![
            Rule::new(self.depthwise.clone(), he).depthwise(),
            convolutions(he),
            optional(Select::weights_of("Linear"), uniform),
            zero_biases(),
        ];
        rules.extend(norms());
        rules
    }
}
