//! T5.

use burn_init_values::{Normal, Scaled};
use serde::{Deserialize, Serialize};

use super::{norms, optional, weights_at, zero_biases};
use crate::plan::{Rule, Select};

/// T5 (Raffel et al. 2019), as transformers initializes it.
///
/// | parameters | values |
/// |---|---|
/// | queries | N(0, 1/(d_model · d_kv)): attention isn't divided by √d_kv |
/// | keys, values, outputs, feed-forward parts | N(0, 1/fan_in) |
/// | relative positions | N(0, 1/d_model) |
/// | embedding, and a head that isn't tied to it | N(0, 1) |
/// | normalizations | 1 |
///
/// `d_model` is the width, and `d_kv` that of a head of the attention. The names that decide are settings:
/// [`query`](Self::query) (`q`, and `query` as in Burn's `MultiHeadAttention`),
/// [`relative_positions`](Self::relative_positions) (`relative_attention_bias`) and [`head`](Self::head)
/// (`lm_head`; optional).
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::T5;
///
/// let small = Plan::new(42).preset(T5::new(512, 64));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct T5 {
    /// The width of the model.
    pub d_model: usize,
    /// The width of a head of the attention.
    pub d_kv: usize,
    /// The weights that make queries.
    #[serde(default = "query")]
    pub query: Select,
    /// The weights that are added to an attention by the distance.
    #[serde(default = "relative_positions")]
    pub relative_positions: Select,
    /// The weight that gives the logits, where it isn't tied.
    #[serde(default = "head")]
    pub head: Select,
}

fn query() -> Select {
    weights_at("q,query")
}

fn relative_positions() -> Select {
    weights_at("relative_attention_bias")
}

fn head() -> Select {
    weights_at("lm_head")
}

impl T5 {
    /// A model of this width, with heads of this width.
    pub fn new(d_model: usize, d_kv: usize) -> Self {
        Self {
            d_model,
            d_kv,
            query: query(),
            relative_positions: relative_positions(),
            head: head(),
        }
    }

    /// Which weights make queries.
    pub fn query(mut self, select: Select) -> Self {
        self.query = select;
        self
    }

    /// Which weights are added to an attention by the distance.
    pub fn relative_positions(mut self, select: Select) -> Self {
        self.relative_positions = select;
        self
    }

    /// Which weight gives the logits, where it isn't tied.
    pub fn head(mut self, select: Select) -> Self {
        self.head = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let per = |n: usize| (n as f64).sqrt().recip();
        let unit = Normal::new(0.0, 1.0);
        let query = Scaled::new(Normal::fan_in(), per(self.d_kv));
        let positions = Normal::new(0.0, per(self.d_model));
        let mut rules = vec![
            Rule::new(self.query.clone(), query),
            Rule::new(self.relative_positions.clone(), positions),
            optional(self.head.clone(), unit),
            optional(Select::weights_of("Embedding"), unit),
            optional(Select::weights_of("Linear"), Normal::fan_in()),
            zero_biases(),
        ];
        rules.extend(norms());
        rules
    }
}
