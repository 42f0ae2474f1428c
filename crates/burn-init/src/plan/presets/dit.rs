//! Diffusion transformers.

use burn_init_values::{Constant, Normal, VarianceScaling, weight::Axis};
use serde::{Deserialize, Serialize};

use super::{convolutions, named, norms, optional, pytorch_bias, pytorch_weight, zero_biases};
use crate::plan::{Rule, Select};

/// Diffusion transformers (Peebles and Xie 2022), as the paper's code initializes them.
///
/// | parameters | [`new`](Self::new): the paper's | [`diffusers`](Self::diffusers) |
/// |---|---|---|
/// | all that makes shifts, scales and gates (adaLN-Zero) | 0: a block is the identity at first | as linear layers |
/// | all of the final layer | 0 | as linear layers |
/// | linear layers of the timestep embedding | N(0, 0.02²), biases 0 | as linear layers |
/// | label embedding | N(0, 0.02²) | N(0, 1) |
/// | patch embedding | Xavier uniform, as a linear layer of all of a patch's numbers; bias 0 | as linear layers |
/// | linear layers | Xavier uniform, biases 0 | uniform, variance 1/(3 fan_in), and biases, too |
/// | normalizations | scale 1, shift 0 | the same |
/// | a position embedding | stays: it is of sines | stays |
///
/// diffusers leaves its `DiTTransformer2DModel` as PyTorch makes its layers; a model that is to be trained wants the
/// paper's. The names that decide are settings: [`modulation`](Self::modulation),
/// [`final_layer`](Self::final_layer), [`timestep`](Self::timestep), [`position`](Self::position).
///
/// ```
/// use burn_init::plan::presets::Dit;
/// use burn_init::{Plan, Select};
///
/// let plan = Plan::new(42).preset(Dit::new().modulation(Select::glob("blocks.*.film.**")));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Dit {
    /// Whose rules these are.
    pub variant: DitVariant,
    /// The standard deviation of the timestep and label embeddings.
    pub std: f64,
    /// All that makes shifts, scales and gates.
    pub modulation: Select,
    /// All of the final layer.
    pub final_layer: Select,
    /// All of the timestep embedding.
    pub timestep: Select,
    /// The position embedding.
    pub position: Select,
}

/// Whose rules a [`Dit`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DitVariant {
    /// Those of the paper's code.
    Paper,
    /// What diffusers leaves of PyTorch's defaults.
    Diffusers,
}

impl Default for Dit {
    fn default() -> Self {
        Self::new()
    }
}

impl Dit {
    /// As the paper's code has it.
    pub fn new() -> Self {
        Self {
            variant: DitVariant::Paper,
            std: 0.02,
            modulation: Select::glob(
                "**.{adaln_modulation,ada_ln_modulation,adaln,ada_ln,modulation}.**",
            ),
            final_layer: Select::glob("**.final_layer.**"),
            timestep: Select::glob("**.{t_embedder,timestep_embedder,time_embedding}.**"),
            position: named("pos_embed,pos_embedding,position_embedding"),
        }
    }

    /// As diffusers has it.
    pub fn diffusers() -> Self {
        Self {
            variant: DitVariant::Diffusers,
            ..Self::new()
        }
    }

    /// Another standard deviation of the timestep and label embeddings than 0.02.
    pub fn std(mut self, std: f64) -> Self {
        self.std = std;
        self
    }

    /// What makes shifts, scales and gates.
    pub fn modulation(mut self, select: Select) -> Self {
        self.modulation = select;
        self
    }

    /// What belongs to the final layer.
    pub fn final_layer(mut self, select: Select) -> Self {
        self.final_layer = select;
        self
    }

    /// What belongs to the timestep embedding.
    pub fn timestep(mut self, select: Select) -> Self {
        self.timestep = select;
        self
    }

    /// Which parameter is the position embedding.
    pub fn position(mut self, select: Select) -> Self {
        self.position = select;
        self
    }

    /// The rules, in their order.
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = vec![Rule::keep(self.position.clone()).optional()];
        let linear = Select::weights_of("Linear");
        let embedding = Select::weights_of("Embedding");
        match self.variant {
            DitVariant::Paper => {
                let normal = Normal::new(0.0, self.std);
                let xavier = VarianceScaling::xavier_uniform();
                for zero in [&self.modulation, &self.final_layer] {
                    let weights = zero.clone() & Select::weights();
                    rules.push(Rule::new(weights, Constant::zeros()));
                }
                let timestep = self.timestep.clone() & linear.clone();
                rules.push(Rule::new(timestep, normal));
                rules.push(optional(embedding, normal));
                let patch = [Axis::Output, Axis::Input, Axis::Input, Axis::Input];
                let patches = Select::weights_of("Conv2d");
                rules.push(optional(patches, xavier).axes(patch));
                rules.push(optional(linear, xavier));
                rules.push(zero_biases());
            }
            DitVariant::Diffusers => {
                rules.push(optional(embedding, Normal::new(0.0, 1.0)));
                rules.push(optional(linear, pytorch_weight()));
                rules.push(convolutions(pytorch_weight()));
                rules.push(optional(Select::biases(), pytorch_bias()));
            }
        }
        rules.extend(norms());
        rules
    }
}
