//! Mamba.

use burn_init_values::{Constant, MambaALog, MambaDtBias, Normal, Scaled};
use serde::{Deserialize, Serialize};

use super::{named, norms, optional, pytorch_weight, weights_at, zero_biases};
use crate::plan::{Rule, Select};

/// Mamba (Gu and Dao 2023), as transformers initializes it.
///
/// | parameters | values |
/// |---|---|
/// | embedding, and linear layers that aren't named here | N(0, std²), std being 0.1 |
/// | `a_log` | ln 1, …, ln N in each row |
/// | `d` | 1 |
/// | `dt_proj.weight` | U(−1/√dt_rank, 1/√dt_rank) |
/// | `dt_proj.bias` | softplus⁻¹ of steps that are log-uniform from 0.001 to 0.1, and 10⁻⁴ at least |
/// | convolution along the sequence | uniform, variance 1/(3 fan_in); bias 0 |
/// | `out_proj.weight` | uniform, variance 1/(3 fan_in); divided by √layers with [`rescale`](Self::rescale) |
/// | other biases | 0 |
/// | normalizations | 1 |
///
/// The rank of dt is the number of inputs of `dt_proj`. `rescale` is `rescale_prenorm_residual` of transformers, which
/// is off there, and on in the paper's code.
///
/// ```
/// use burn_init::Plan;
/// use burn_init::plan::presets::Mamba;
///
/// let plan = Plan::new(42).preset(Mamba::new());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Mamba {
    /// The standard deviation of the embedding and of other linear layers.
    pub std: f64,
    /// The number of layers whose √ the last projection of each is divided by; without it, it isn't.
    pub rescale: Option<usize>,
    /// ln(−A).
    pub a_log: Select,
    /// The weight of the input in the output.
    pub d: Select,
    /// The layer that makes the steps: its weight and its bias.
    pub dt_proj: Select,
    /// The projection that each layer ends with.
    pub out_proj: Select,
    /// How long steps are.
    pub steps: MambaDtBias,
}

impl Default for Mamba {
    fn default() -> Self {
        Self::new()
    }
}

impl Mamba {
    /// As transformers has it.
    pub fn new() -> Self {
        Self {
            std: 0.1,
            rescale: None,
            a_log: named("a_log,A_log"),
            d: named("d,D,d_skip"),
            dt_proj: Select::glob("**.dt_proj.*"),
            out_proj: weights_at("out_proj"),
            steps: MambaDtBias::new(),
        }
    }

    /// Another standard deviation than 0.1.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// Divides the projections that layers end with by √layers.
    pub fn rescale(mut self, layers: usize) -> Self {
        self.rescale = Some(layers);
        self
    }

    /// Other lengths of steps.
    pub fn steps(mut self, steps: MambaDtBias) -> Self {
        self.steps = steps;
        self
    }

    /// Which parameter is ln(−A).
    pub fn a_log(mut self, select: Select) -> Self {
        self.a_log = select;
        self
    }

    /// Which parameter is the weight of the input in the output.
    pub fn d(mut self, select: Select) -> Self {
        self.d = select;
        self
    }

    /// What belongs to the layer that makes the steps.
    pub fn dt_proj(mut self, select: Select) -> Self {
        self.dt_proj = select;
        self
    }

    /// Which weight each layer ends with.
    pub fn out_proj(mut self, select: Select) -> Self {
        self.out_proj = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let normal = Normal::new(0.0, self.std);
        let dt = |part: Select| self.dt_proj.clone() & part;
        let layers = self.rescale.unwrap_or(1) as f64;
        let out = Scaled::new(pytorch_weight(), layers.sqrt().recip());
        let mut rules = vec![
            Rule::new(self.a_log.clone(), MambaALog::default()),
            Rule::new(self.d.clone(), Constant::ones()),
            Rule::new(dt(Select::weights()), pytorch_weight()),
            Rule::new(dt(Select::biases()), self.steps.clone()),
            Rule::new(self.out_proj.clone(), out),
            optional(Select::weights_of("Conv1d"), pytorch_weight()).depthwise(),
            optional(Select::weights_of("Embedding"), normal),
            optional(Select::weights_of("Linear"), normal),
            zero_biases(),
        ];
        rules.extend(norms());
        rules
    }
}
