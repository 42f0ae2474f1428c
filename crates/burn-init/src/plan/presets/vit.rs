//! Vision transformers.

use burn_init_values::{Constant, Normal, Parts, VarianceScaling};
use serde::{Deserialize, Serialize};

use super::{
    convolutions, named, norms, optional, pytorch_bias, pytorch_weight, trunc_normal, weights_at,
    zero_biases,
};
use crate::plan::{Rule, Select};

/// Vision transformers (Dosovitskiy et al. 2020), as timm initializes them.
///
/// | parameters | [`timm`](Self::timm) | [`jax`](Self::jax) | [`moco`](Self::moco) |
/// |---|---|---|---|
/// | class token | N(0, 10⁻¹²) | the same | the same |
/// | position embedding | N(0, 0.02²) | the same | the same |
/// | patch embedding | uniform, variance 1/(3 fan_in) | truncated normal, variance 1/fan_in | as timm |
/// | its bias | uniform, variance 1/(3 fan_in) | 0 | as timm |
/// | linear layers | N(0, 0.02²) | Xavier uniform | Xavier uniform, queries, keys and values each by itself |
/// | head | N(0, 0.02²) | 0 | Xavier uniform |
/// | biases | 0 | 0; N(0, 10⁻¹²) in feed-forward parts | 0 |
/// | normalizations | scale 1, shift 0 | the same | the same |
///
/// timm's normals are cut at −2 and 2, a hundred standard deviations. The names that decide are settings:
/// [`class_token`](Self::class_token), [`position`](Self::position), [`head`](Self::head),
/// [`packed`](Self::packed) for weights that hold queries, keys and values, and
/// [`feed_forward`](Self::feed_forward). `jax` gives packed weights one Xavier interval for all three, as timm does;
/// where they are three layers, such as in Burn's `MultiHeadAttention`, each has its own, as in JAX. `moco` has to know
/// packed weights by their name (`qkv`, `to_qkv`, `in_proj` or `c_attn`, unless `packed` says another): of another
/// name, they would get the interval of all three.
///
/// ```
/// use burn_init::plan::presets::Vit;
/// use burn_init::{Plan, Select};
///
/// let plan = Plan::new(42).preset(Vit::jax().head(Select::path("classes.weight")));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Vit {
    /// Whose rules these are.
    pub variant: VitVariant,
    /// The standard deviation of the position embedding, and of linear layers where they are normal.
    pub std: f64,
    /// The class token.
    pub class_token: Select,
    /// The position embedding.
    pub position: Select,
    /// The weight of the layer that gives the logits.
    pub head: Select,
    /// Weights that hold queries, keys and values side by side.
    pub packed: Select,
    /// All that is in feed-forward parts.
    pub feed_forward: Select,
}

/// Whose rules a [`Vit`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VitVariant {
    /// timm's own.
    Timm,
    /// Those of the paper's code, in JAX.
    Jax,
    /// Those of MoCo v3 (Chen et al. 2021).
    Moco,
}

impl Default for Vit {
    fn default() -> Self {
        Self::timm()
    }
}

impl Vit {
    fn of(variant: VitVariant) -> Self {
        Self {
            variant,
            std: 0.02,
            class_token: named("cls_token,class_token,class_embedding"),
            position: named("pos_embed,pos_embedding,position_embedding,position_embeddings"),
            head: weights_at("head,heads,classifier"),
            packed: weights_at("qkv,to_qkv,in_proj,c_attn"),
            feed_forward: Select::within("PositionWiseFeedForward")
                | Select::glob("**.{mlp,ffn,feed_forward,pwff}.**"),
        }
    }

    /// timm's own.
    pub fn timm() -> Self {
        Self::of(VitVariant::Timm)
    }

    /// As the paper's code has it, in JAX.
    pub fn jax() -> Self {
        Self::of(VitVariant::Jax)
    }

    /// As MoCo v3 has it.
    pub fn moco() -> Self {
        Self::of(VitVariant::Moco)
    }

    /// Another standard deviation than 0.02.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// Which parameter is the class token.
    pub fn class_token(mut self, select: Select) -> Self {
        self.class_token = select;
        self
    }

    /// Which parameter is the position embedding.
    pub fn position(mut self, select: Select) -> Self {
        self.position = select;
        self
    }

    /// Which weight gives the logits.
    pub fn head(mut self, select: Select) -> Self {
        self.head = select;
        self
    }

    /// Which weights hold queries, keys and values side by side.
    pub fn packed(mut self, select: Select) -> Self {
        self.packed = select;
        self
    }

    /// What is in feed-forward parts.
    pub fn feed_forward(mut self, select: Select) -> Self {
        self.feed_forward = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        // What a model calls otherwise is no weight of a layer, and so without a rule.
        let token = optional(self.class_token.clone(), Normal::new(0.0, 1e-6));
        let position = optional(self.position.clone(), trunc_normal(self.std));
        let mut rules = vec![token, position];
        let linear = Select::weights_of("Linear");
        let xavier = VarianceScaling::xavier_uniform();
        let patch_bias = Select::biases() & (Select::within("Conv2d") | Select::within("Conv3d"));
        match self.variant {
            VitVariant::Timm => {
                rules.push(convolutions(pytorch_weight()));
                rules.push(optional(patch_bias, pytorch_bias()));
                rules.push(optional(linear, trunc_normal(self.std)));
            }
            VitVariant::Jax => {
                rules.push(Rule::new(self.head.clone(), Constant::zeros()));
                rules.push(convolutions(VarianceScaling::lecun_normal()));
                rules.push(optional(linear, xavier));
                let biases = self.feed_forward.clone() & Select::biases();
                rules.push(Rule::new(biases, Normal::new(0.0, 1e-6)));
            }
            VitVariant::Moco => {
                rules.push(convolutions(pytorch_weight()));
                rules.push(optional(patch_bias, pytorch_bias()));
                let packed = linear.clone() & self.packed.clone();
                rules.push(optional(packed, Parts::equal(3, xavier)));
                rules.push(optional(linear, xavier));
            }
        }
        rules.push(zero_biases());
        rules.extend(norms());
        rules
    }
}
