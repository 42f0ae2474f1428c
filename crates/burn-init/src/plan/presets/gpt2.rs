//! GPT-2.

use burn_init_values::Normal;
use serde::{Deserialize, Serialize};

use super::{attention_output, mlp_output, norms, optional, zero_biases};
use crate::plan::{Rule, Select};

/// GPT-2 (Radford et al. 2019), as transformers initializes it.
///
/// | parameters | values |
/// |---|---|
/// | the projection at the end of each attention and each feed-forward part | N(0, (std/√(2 layers))²) |
/// | all other weights: embeddings, linear layers, a head that isn't tied | N(0, std²), std being 0.02 |
/// | biases | 0 |
/// | normalizations | scale 1, shift 0 |
///
/// Of each residual branch, the last projection is known by its name: `MultiHeadAttention`'s `output` and
/// `PositionWiseFeedForward`'s `linear_outer` in Burn, `attn.c_proj` and `mlp.c_proj` in transformers, and a few
/// more; [`attention_output`](Self::attention_output) and [`mlp_output`](Self::mlp_output) say others. Blocks are
/// told by the first number in a path. A model with fewer blocks than `layers` is an error, and one with more, whose
/// std would be too large: for these there is no rule.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
/// use burn::nn::{Embedding, EmbeddingConfig};
/// use burn::tensor::Device;
/// use burn_init::plan::{Applied, presets::Gpt2};
/// use burn_init::Plan;
///
/// #[derive(Module, Debug)]
/// struct Model {
///     tokens: Embedding,
///     positions: Embedding,
///     transformer: TransformerEncoder,
/// }
///
/// let device = Device::flex();
/// let model = Model {
///     tokens: EmbeddingConfig::new(500, 64).init(&device),
///     positions: EmbeddingConfig::new(32, 64).init(&device),
///     transformer: TransformerEncoderConfig::new(64, 256, 4, 12).with_norm_first(true).init(&device),
/// };
/// let Applied { model, report } = Plan::new(42).preset(Gpt2::new(12)).apply(model)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Gpt2 {
    /// The number of blocks, each of which has two residual branches.
    pub layers: usize,
    /// The standard deviation of what isn't at the end of a branch.
    #[serde(default = "std")]
    pub std: f64,
    /// The projection that each attention ends with.
    #[serde(default = "attention_output")]
    pub attention_output: Select,
    /// The layer that each feed-forward part ends with.
    #[serde(default = "mlp_output")]
    pub mlp_output: Select,
}

fn std() -> f64 {
    0.02
}

impl Gpt2 {
    /// A model of so many blocks.
    pub fn new(layers: usize) -> Self {
        Self {
            layers,
            std: std(),
            attention_output: attention_output(),
            mlp_output: mlp_output(),
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

    /// Which weight each feed-forward part ends with.
    pub fn mlp_output(mut self, select: Select) -> Self {
        self.mlp_output = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let last = self.layers.saturating_sub(1);
        let known = !Select::depth(self.layers..);
        let residual = Normal::new(0.0, self.std / (2.0 * self.layers as f64).sqrt());
        let mut rules = Vec::new();
        for select in [&self.attention_output, &self.mlp_output] {
            // The last block must be there: with fewer, the std would be too small.
            let in_last = select.clone() & Select::depth(last..=last);
            rules.push(Rule::new(in_last, residual));
            rules.push(optional(select.clone() & known.clone(), residual));
        }
        rules.push(optional(
            Select::weights() & known,
            Normal::new(0.0, self.std),
        ));
        rules.push(zero_biases());
        rules.extend(norms());
        rules
    }
}
