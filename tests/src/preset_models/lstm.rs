//! Recurrent layers, and a language model of them.

use burn::module::Module;
use burn::nn::{BiLstm, BiLstmConfig, Embedding, EmbeddingConfig, Linear, Lstm, LstmConfig};
use burn::tensor::Device;

use super::linear;

/// PyTorch's `LSTM(64, 128, num_layers=2, bidirectional=True)`.
#[derive(Module, Debug)]
pub struct TwoBiLstms {
    layers: Vec<BiLstm>,
}

impl TwoBiLstms {
    /// Two layers.
    pub fn new(device: &Device) -> Self {
        let layer = |inputs| BiLstmConfig::new(inputs, 128, true).init(device);
        Self {
            layers: vec![layer(64), layer(256)],
        }
    }
}

/// A language model.
#[derive(Module, Debug)]
pub struct LstmLm {
    encoder: Embedding,
    lstm: Lstm,
    decoder: Linear,
}

impl LstmLm {
    /// 100 inputs, a state of 200.
    pub fn new(device: &Device) -> Self {
        Self {
            encoder: EmbeddingConfig::new(500, 100).init(device),
            lstm: LstmConfig::new(100, 200, true).init(device),
            decoder: linear(200, 500, device),
        }
    }
}
