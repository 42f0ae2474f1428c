//! Language models of recurrent layers.

use burn_init_values::dense::{Distribution, FanMode};
use burn_init_values::{BiasUniform, Constant, Uniform, VarianceScaling};
use serde::{Deserialize, Serialize};

use super::{norms, optional};
use crate::plan::{Rule, Select};

/// Language models of LSTMs, as PyTorch's example and AWD-LSTM (Merity et al. 2017) initialize them.
///
/// | parameters | values |
/// |---|---|
/// | weights and biases of gates, for inputs and for the state | U(−1/√h, 1/√h), h being the size of the state |
/// | embedding | U(−0.1, 0.1) |
/// | decoder and other linear layers | U(−0.1, 0.1), biases 0 |
///
/// The gates are those of Burn's `Lstm`, `BiLstm`, `Gru` and `Rnn`, where each is a layer of its own: as PyTorch
/// initializes all of its recurrent layers. A model without any is an error. Gates that a user packed into one
/// `Linear` need a rule of their own before the preset.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, Lstm, LstmConfig};
/// use burn::tensor::Device;
/// use burn_init::plan::{Applied, presets::LstmLm};
/// use burn_init::Plan;
///
/// #[derive(Module, Debug)]
/// struct Model {
///     embedding: Embedding,
///     lstm: Lstm,
///     decoder: Linear,
/// }
///
/// let device = Device::flex();
/// let model = Model {
///     embedding: EmbeddingConfig::new(500, 64).init(&device),
///     lstm: LstmConfig::new(64, 128, true).init(&device),
///     decoder: LinearConfig::new(128, 500).init(&device),
/// };
/// let Applied { model, report } = Plan::new(42).preset(LstmLm::new()).apply(model)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LstmLm {
    /// How far the embedding and the decoder reach to both sides of 0.
    pub range: f64,
}

impl Default for LstmLm {
    fn default() -> Self {
        Self::new()
    }
}

impl LstmLm {
    /// Embedding and decoder from −0.1 to 0.1.
    pub fn new() -> Self {
        Self { range: 0.1 }
    }

    /// Embedding and decoder from −range to range.
    pub fn range(mut self, range: f64) -> Self {
        self.range = range;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let gates = Select::within("GateController");
        // Each gate has an output for each element of the state.
        let by_state = VarianceScaling::new(1.0 / 3.0, FanMode::FanOut, Distribution::Uniform);
        let bias_by_state = BiasUniform::new().mode(FanMode::FanOut);
        let uniform = Uniform::new(-self.range, self.range);
        let mut rules = vec![
            Rule::new(gates.clone() & Select::weights(), by_state),
            optional(gates & Select::biases(), bias_by_state),
            optional(Select::weights_of("Embedding"), uniform),
            optional(Select::weights_of("Linear"), uniform),
            optional(Select::biases(), Constant::zeros()),
        ];
        rules.extend(norms());
        rules
    }
}
