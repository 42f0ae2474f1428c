//! The network: 100 → 64 relu → 10 softmax.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

use crate::batch::DigitBatch;

/// A framed picture has 10×10 pixels.
pub const INPUTS: usize = 100;
/// Neurons of the hidden layer.
pub const HIDDEN: usize = 64;
/// One output for each digit.
pub const CLASSES: usize = 10;

/// The network of the article.
#[derive(Module, Debug)]
pub struct Mlp {
    /// 100 → 64.
    pub fc1: Linear,
    /// 64 → 10.
    pub fc2: Linear,
}

impl Mlp {
    /// The network with Burn's own initialization, which runs when a weight is first read.
    pub fn new(device: &Device) -> Self {
        Self {
            fc1: LinearConfig::new(INPUTS, HIDDEN).init(device),
            fc2: LinearConfig::new(HIDDEN, CLASSES).init(device),
        }
    }

    /// `[batch, 100]` pixels to `[batch, 10]` logits.
    pub fn forward(&self, inputs: Tensor<2>) -> Tensor<2> {
        let hidden = relu(self.fc1.forward(inputs));
        self.fc2.forward(hidden)
    }

    /// `[batch, 100]` pixels to `[batch, 10]` probabilities.
    pub fn predict(&self, inputs: Tensor<2>) -> Tensor<2> {
        softmax(self.forward(inputs), 1)
    }

    /// The logits and their cross entropy.
    pub fn classify(&self, batch: DigitBatch) -> ClassificationOutput {
        let logits = self.forward(batch.inputs);
        let loss = CrossEntropyLossConfig::new()
            .init(&logits.device())
            .forward(logits.clone(), batch.targets.clone());
        ClassificationOutput::new(loss, logits, batch.targets)
    }
}

impl TrainStep for Mlp {
    type Input = DigitBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: DigitBatch) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Mlp {
    type Input = DigitBatch;
    type Output = ClassificationOutput;

    fn step(&self, batch: DigitBatch) -> ClassificationOutput {
        self.classify(batch)
    }
}
