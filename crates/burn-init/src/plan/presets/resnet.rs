//! Residual networks.

use burn_init_values::dense::{Distribution, FanMode};
use burn_init_values::{Constant, VarianceScaling};
use serde::{Deserialize, Serialize};

use super::{convolutions, norms, optional, pytorch_bias, pytorch_weight, zero_biases};
use crate::plan::{Rule, Select};

/// ResNet (He et al. 2015), as timm initializes it, and torchvision with `zero_init_residual`.
///
/// | parameters | values |
/// |---|---|
/// | convolutions | N(0, 2/fan_out) |
/// | the last scale of each block | 0: a block is the identity at first (Goyal et al. 2017) |
/// | linear layers and their biases | uniform, variance 1/(3 fan_in) |
/// | biases of convolutions | 0 |
/// | other normalizations | scale 1, shift 0 |
///
/// The last scale of a block is `bn2.gamma` in [`basic`](Self::basic) blocks and `bn3.gamma` in
/// [`bottleneck`](Self::bottleneck)s; [`last_scale`](Self::last_scale) says another, and
/// [`keep_last_scale`](Self::keep_last_scale) has 1 there, as torchvision by default. The
/// fan_out of a convolution in groups is that of all groups together, as in PyTorch. The kind of block must be right: a
/// bottleneck has a `bn2`, too, which `basic` would zero.
///
/// ```
/// use burn_init::plan::presets::ResNet;
/// use burn_init::{Plan, Select};
///
/// let resnet50 = Plan::new(42).preset(ResNet::bottleneck());
/// let own = Plan::new(42).preset(ResNet::basic().last_scale(Select::glob("blocks.*.norm_b.gamma")));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResNet {
    /// What a block is made of.
    pub block: ResNetBlock,
    /// The last scale of each block, if that isn't what the kind of block says.
    #[serde(default)]
    pub last_scale: Option<Select>,
    /// Whether the last scale of each block is 0.
    #[serde(default = "yes")]
    pub zero_last_scale: bool,
}

fn yes() -> bool {
    true
}

/// What a block of a [`ResNet`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResNetBlock {
    /// Two convolutions.
    Basic,
    /// Three convolutions.
    Bottleneck,
}

impl ResNet {
    fn of(block: ResNetBlock) -> Self {
        Self {
            block,
            last_scale: None,
            zero_last_scale: true,
        }
    }

    /// Blocks of two convolutions, as in ResNet-18 and -34.
    pub fn basic() -> Self {
        Self::of(ResNetBlock::Basic)
    }

    /// Blocks of three convolutions, as in ResNet-50, -101 and -152.
    pub fn bottleneck() -> Self {
        Self::of(ResNetBlock::Bottleneck)
    }

    /// Which parameter is the last scale of each block.
    pub fn last_scale(mut self, select: Select) -> Self {
        self.last_scale = Some(select);
        self
    }

    /// All scales are 1, also the last ones.
    pub fn keep_last_scale(mut self) -> Self {
        self.zero_last_scale = false;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.zero_last_scale {
            let by_block = match self.block {
                ResNetBlock::Basic => "**.{bn2,norm2}.gamma",
                ResNetBlock::Bottleneck => "**.{bn3,norm3}.gamma",
            };
            let last = self.last_scale.clone();
            let last = last.unwrap_or_else(|| Select::glob(by_block));
            rules.push(Rule::new(last, Constant::zeros()));
        }
        let he = VarianceScaling::new(2.0, FanMode::FanOut, Distribution::Normal);
        rules.push(convolutions(he));
        rules.push(optional(Select::weights_of("Linear"), pytorch_weight()));
        let linear_biases = Select::within("Linear") & Select::biases();
        rules.push(optional(linear_biases, pytorch_bias()));
        rules.push(zero_biases());
        rules.extend(norms());
        rules
    }
}
