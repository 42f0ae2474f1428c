//! ConvNeXt.

use burn_init_values::Constant;
use serde::{Deserialize, Serialize};

use super::{convolutions, named, norms, optional, trunc_normal, within_norms, zero_biases};
use crate::plan::{Rule, Select};

/// ConvNeXt (Liu et al. 2022), as timm and the paper's code initialize it.
///
/// | parameters | values |
/// |---|---|
/// | convolutions and linear layers | N(0, std²), std being 0.02 |
/// | the scale at the end of each block, of a channel | 10⁻⁶ |
/// | biases | 0 |
/// | normalizations | scale 1, shift 0 |
///
/// The normal is cut at −2 and 2, a hundred standard deviations. The scale is a vector of the user's own struct,
/// called `gamma`, `layer_scale` or `ls`: [`layer_scale`](Self::layer_scale) says another. With another name it
/// has no rule, which is an error; without one the rule isn't used.
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::ConvNext;
///
/// let plan = Plan::new(42).preset(ConvNext::new());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ConvNext {
    /// The standard deviation of all weights.
    pub std: f64,
    /// The value of the scales at the end of blocks.
    pub scale: f64,
    /// The scale at the end of each block.
    pub layer_scale: Select,
}

impl Default for ConvNext {
    fn default() -> Self {
        Self::new()
    }
}

impl ConvNext {
    /// Weights N(0, 0.02²), scales 10⁻⁶.
    pub fn new() -> Self {
        Self {
            std: 0.02,
            scale: 1e-6,
            layer_scale: named("gamma,layer_scale,ls") & !within_norms(),
        }
    }

    /// Another standard deviation than 0.02.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// Another value of the scales at the end of blocks than 10⁻⁶.
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    /// Which parameter is the scale at the end of each block.
    pub fn layer_scale(mut self, select: Select) -> Self {
        self.layer_scale = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let scale = optional(self.layer_scale.clone(), Constant::new(self.scale));
        let weights = trunc_normal(self.std);
        let linear = optional(Select::weights_of("Linear"), weights);
        let mut rules = vec![scale, convolutions(weights), linear, zero_biases()];
        rules.extend(norms());
        rules
    }
}
