//! PyTorch's transformer layers.

use burn_init_values::{Constant, Normal, VarianceScaling};
use serde::{Deserialize, Serialize};

use super::{norms, optional, pytorch_bias, pytorch_weight, weights_at};
use crate::plan::{Rule, Select};

/// Transformers of PyTorch's own layers, `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer`, as these come.
///
/// | parameters | values |
/// |---|---|
/// | queries, keys and values | uniform, variance 2/(d + 3d): Xavier's for the three side by side |
/// | biases inside of the attention | 0 |
/// | other linear layers and their biases | uniform, variance 1/(3 fan_in) |
/// | embeddings | N(0, 1) |
/// | normalizations | scale 1, shift 0 |
///
/// In Burn's `MultiHeadAttention` queries, keys and values are three layers; Xavier's interval of each by itself would
/// be √2 times as wide. [`packed`](Self::packed) is for a model that has them side by side in one. Biases are known
/// to be an attention's by Burn's structs, or by [`attention`](Self::attention).
///
/// ```
/// use burn::nn::transformer::TransformerEncoderConfig;
/// use burn::tensor::Device;
/// use burn_init::plan::{Applied, presets::TorchTransformer};
/// use burn_init::Plan;
///
/// let model = TransformerEncoderConfig::new(64, 256, 4, 2).init(&Device::flex());
/// let Applied { model, report } = Plan::new(42).preset(TorchTransformer::new()).apply(model)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TorchTransformer {
    /// All that is inside of an attention.
    pub attention: Select,
    /// The weights in it that make queries, keys and values, each by itself.
    pub split: Select,
    /// The weights in it that make queries, keys and values side by side, instead.
    pub packed: Option<Select>,
}

impl Default for TorchTransformer {
    fn default() -> Self {
        Self::new()
    }
}

impl TorchTransformer {
    /// For Burn's attention.
    pub fn new() -> Self {
        Self {
            attention: Select::within("MultiHeadAttention")
                | Select::within("CrossAttention")
                | Select::glob("**.{self_attn,cross_attn,attn,attention}.**"),
            split: weights_at("{query,key,value}"),
            packed: None,
        }
    }

    /// What is inside of an attention.
    pub fn attention(mut self, select: Select) -> Self {
        self.attention = select;
        self
    }

    /// Which weights make queries, keys and values, each by itself.
    pub fn split(mut self, select: Select) -> Self {
        self.split = select;
        self
    }

    /// Which weights make queries, keys and values side by side: there are no split ones, then.
    pub fn packed(mut self, select: Select) -> Self {
        self.packed = Some(select);
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let xavier = VarianceScaling::xavier_uniform();
        let (select, init) = match &self.packed {
            Some(packed) => (packed, xavier),
            None => (&self.split, xavier.gain(0.5f64.sqrt())),
        };
        let embedding = Select::weights_of("Embedding");
        let mut rules = vec![
            Rule::new(self.attention.clone() & select.clone(), init),
            optional(embedding, Normal::new(0.0, 1.0)),
            optional(Select::weights_of("Linear"), pytorch_weight()),
            optional(self.attention.clone() & Select::biases(), Constant::zeros()),
            optional(Select::biases(), pytorch_bias()),
        ];
        rules.extend(norms());
        rules
    }
}
