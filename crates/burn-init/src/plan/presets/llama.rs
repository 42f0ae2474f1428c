//! Llama.

use burn_init_values::{Normal, TruncatedNormal};
use serde::{Deserialize, Serialize};

use super::{attention_output, norms, optional, trunc_normal, weights_at, zero_biases};
use crate::plan::{Rule, Select};

/// Rules are made for so many layers at the most: more have none, which is an error.
const MOST_LAYERS: usize = 1 << 10;

/// Llama, as transformers or as torchtitan initializes it.
///
/// | parameters | [`new`](Self::new): transformers | [`torchtitan`](Self::torchtitan) |
/// |---|---|---|
/// | embedding | N(0, 0.02²) | N(0, 1) |
/// | end of an attention; `up` and `down` of a feed-forward part | N(0, 0.02²) | N(0, 0.02²/(2(l + 1))) for layer l, from 0 on |
/// | other linear layers | N(0, 0.02²) | N(0, 0.02²) |
/// | head | N(0, 0.02²) | N(0, 1/d_model), cut at 3 std |
/// | biases | 0 | 0 |
/// | normalizations | 1 | 1 |
///
/// torchtitan's other normals are cut at −2 and 2, a hundred standard deviations.
///
/// It has `up` at its std, too, which doesn't end the branch: `w3` there, `up_proj` in transformers, and
/// `linear_outer` of Burn's `SwiGlu`; `down` is `w2` and `down_proj`. The layer is the first number in a path. A model
/// with fewer layers than were said is an error, as is one with more: for these there is no rule.
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::Llama;
///
/// let as_in_transformers = Plan::new(42).preset(Llama::new());
/// let as_in_torchtitan = Plan::new(42).preset(Llama::torchtitan(32, 4096));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Llama {
    /// Whose rules these are.
    pub variant: LlamaVariant,
    /// The standard deviation of what depends on no layer.
    pub std: f64,
    /// Of torchtitan's: the projection that each attention ends with.
    pub attention_output: Select,
    /// Of torchtitan's: the layer whose output the gate is multiplied by.
    pub up: Select,
    /// Of torchtitan's: the layer that each feed-forward part ends with.
    pub down: Select,
    /// Of torchtitan's: the layer that gives the logits.
    pub head: Select,
    /// Of torchtitan's: the head is the embedding, and has no values of its own.
    pub tied: bool,
}

/// Whose rules a [`Llama`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum LlamaVariant {
    /// One standard deviation for all weights.
    Transformers,
    /// Standard deviations by layer.
    Torchtitan {
        /// The number of layers.
        layers: usize,
        /// The width of the model: the number of inputs of the head.
        d_model: usize,
    },
}

impl Default for Llama {
    fn default() -> Self {
        Self::new()
    }
}

impl Llama {
    /// As transformers has it.
    pub fn new() -> Self {
        Self {
            variant: LlamaVariant::Transformers,
            std: 0.02,
            attention_output: attention_output(),
            up: weights_at("w3,up_proj") | Select::within("SwiGlu") & weights_at("linear_outer"),
            down: weights_at("w2,down_proj"),
            // An attention's `output` is no head.
            head: weights_at("output,lm_head,head") & !Select::depth(..),
            tied: false,
        }
    }

    /// As torchtitan has it, for a model of so many layers and of this width.
    pub fn torchtitan(layers: usize, d_model: usize) -> Self {
        Self {
            variant: LlamaVariant::Torchtitan { layers, d_model },
            ..Self::new()
        }
    }

    /// Another standard deviation than 0.02.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// Which weight each attention ends with.
    pub fn attention_output(mut self, select: Select) -> Self {
        self.attention_output = select;
        self
    }

    /// Which weight's output the gate of a feed-forward part is multiplied by.
    pub fn up(mut self, select: Select) -> Self {
        self.up = select;
        self
    }

    /// Which weight each feed-forward part ends with.
    pub fn down(mut self, select: Select) -> Self {
        self.down = select;
        self
    }

    /// Which weight gives the logits.
    pub fn head(mut self, select: Select) -> Self {
        self.head = select;
        self
    }

    /// The head is the embedding: it has no rule of its own.
    pub fn tied(mut self) -> Self {
        self.tied = true;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        match self.variant {
            LlamaVariant::Transformers => {
                rules.push(optional(Select::weights(), Normal::new(0.0, self.std)));
            }
            LlamaVariant::Torchtitan { layers, d_model } => {
                for layer in 0..layers.min(MOST_LAYERS) {
                    let std = self.std / (2.0 * (layer as f64 + 1.0)).sqrt();
                    for select in [&self.attention_output, &self.up, &self.down] {
                        let in_layer = select.clone() & Select::depth(layer..=layer);
                        rules.push(Rule::new(in_layer, trunc_normal(std)));
                    }
                }
                if !self.tied {
                    let std = (d_model as f64).sqrt().recip();
                    let init = TruncatedNormal::new(0.0, std).deviations(-3.0, 3.0);
                    rules.push(Rule::new(self.head.clone(), init));
                }
                let embedding = Select::weights_of("Embedding");
                rules.push(optional(embedding, Normal::new(0.0, 1.0)));
                let others = Select::weights_of("Linear") & !Select::depth(layers..);
                // A head that isn't tied after all has no rule, which is an error.
                let others = others & !self.head.clone();
                rules.push(optional(others, trunc_normal(self.std)));
            }
        }
        rules.push(zero_biases());
        rules.extend(norms());
        rules
    }
}
