//! Mamba.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Linear, RmsNorm, RmsNormConfig};
use burn::tensor::{Device, Tensor};

use super::{linear, linear_without_bias};

/// Mamba.
#[derive(Module, Debug)]
pub struct Mamba {
    embeddings: Embedding,
    layers: Vec<Block>,
    norm_f: RmsNorm,
}

#[derive(Module, Debug)]
struct Block {
    norm: RmsNorm,
    mixer: Mixer,
}

#[derive(Module, Debug)]
struct Mixer {
    a_log: Param<Tensor<2>>,
    d: Param<Tensor<1>>,
    conv1d: Conv1d,
    in_proj: Linear,
    x_proj: Linear,
    dt_proj: Linear,
    out_proj: Linear,
}

impl Mamba {
    /// So many layers of this width: 16 states, dt of rank width / 16.
    pub fn new(layers: usize, width: usize, device: &Device) -> Self {
        let inner = 2 * width;
        let rank = width / 16;
        let norm = || RmsNormConfig::new(width).init(device);
        let block = |_| Block {
            norm: norm(),
            mixer: Mixer {
                a_log: Param::from_tensor(Tensor::zeros([inner, 16], device)),
                d: Param::from_tensor(Tensor::zeros([inner], device)),
                conv1d: Conv1dConfig::new(inner, inner, 4)
                    .with_groups(inner)
                    .init(device),
                in_proj: linear_without_bias(width, 2 * inner, device),
                x_proj: linear_without_bias(inner, rank + 32, device),
                dt_proj: linear(rank, inner, device),
                out_proj: linear_without_bias(inner, width, device),
            },
        };
        Self {
            embeddings: EmbeddingConfig::new(500, width).init(device),
            layers: (0..layers).map(block).collect(),
            norm_f: norm(),
        }
    }
}
