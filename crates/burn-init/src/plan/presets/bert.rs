//! BERT.

use burn_init_values::{AnyInitializer, Constant, Normal, Parts, weight::Axis};
use serde::{Deserialize, Serialize};

use super::{norms, optional, weights_at, zero_biases};
use crate::plan::{Rule, Select};

/// BERT (Devlin et al. 2018), as transformers initializes it.
///
/// | parameters | values |
/// |---|---|
/// | all weights | N(0, std²), std being 0.02 |
/// | with [`padding`](Self::padding): the row of this token in the word embedding | 0 |
/// | biases | 0 |
/// | normalizations | scale 1, shift 0 |
///
/// The paper's normal is cut at two standard deviations; that of transformers isn't. Its model has token 0 for
/// padding, and zeros in that row.
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::Bert;
///
/// let plan = Plan::new(42).preset(Bert::new().padding(0, 30_522));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Bert {
    /// The standard deviation of all weights.
    pub std: f64,
    /// The token whose row is 0.
    pub padding: Option<Padding>,
    /// The embedding that has this row.
    pub word_embedding: Select,
}

/// A row of an embedding that is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Padding {
    /// The number of the row.
    pub token: usize,
    /// The number of rows.
    pub vocabulary: usize,
}

impl Default for Bert {
    fn default() -> Self {
        Self::new()
    }
}

impl Bert {
    /// All weights N(0, 0.02²).
    pub fn new() -> Self {
        Self {
            std: 0.02,
            padding: None,
            word_embedding: weights_at(
                "word_embeddings,word_embedding,token_embeddings,token_embedding,embedding_token",
            ),
        }
    }

    /// Another standard deviation than 0.02.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// The row of this token in the word embedding, which has so many, is 0.
    pub fn padding(mut self, token: usize, vocabulary: usize) -> Self {
        self.padding = Some(Padding { token, vocabulary });
        self
    }

    /// Which weight is the word embedding.
    pub fn word_embedding(mut self, select: Select) -> Self {
        self.word_embedding = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let normal = Normal::new(0.0, self.std);
        let mut rules = Vec::new();
        if let Some(Padding { token, vocabulary }) = self.padding {
            // A token beyond the vocabulary makes more rows than there are, which is an error.
            let behind = vocabulary.saturating_sub(token.saturating_add(1));
            let rows: [(usize, AnyInitializer); 3] = [
                (token, normal.into()),
                (1, Constant::zeros().into()),
                (behind, normal.into()),
            ];
            let rows = rows.into_iter().filter(|(rows, _)| *rows > 0);
            let init = Parts::sized(rows).along(Axis::Index);
            rules.push(Rule::new(self.word_embedding.clone(), init));
        }
        rules.push(optional(Select::weights(), normal));
        rules.push(zero_biases());
        rules.extend(norms());
        rules
    }
}
