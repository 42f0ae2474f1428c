//! Models of the families that presets are for, at the sizes of `tests/golden/presets.json`.

pub mod bert;
pub mod convolutional;
pub mod dit;
pub mod gpt2;
pub mod llama;
pub mod lstm;
pub mod mamba;
pub mod t5;
pub mod vit;

use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::Device;

/// A linear layer with a bias.
pub fn linear(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs).init(device)
}

/// A linear layer without a bias.
pub fn linear_without_bias(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_bias(false)
        .init(device)
}

/// A normalization with scale and shift.
pub fn layer_norm(width: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).init(device)
}
