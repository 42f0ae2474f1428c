//! Diffusion transformers, with the names of the paper's code and of diffusers.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Linear};
use burn::tensor::{Device, Tensor};

use super::linear;

/// With the names of the paper's code.
#[derive(Module, Debug)]
pub struct Dit {
    x_embedder: Patches,
    t_embedder: Steps,
    y_embedder: Labels,
    pos_embed: Param<Tensor<3>>,
    blocks: Vec<Block>,
    final_layer: Final,
}

#[derive(Module, Debug)]
struct Patches {
    proj: Conv2d,
}

#[derive(Module, Debug)]
struct Steps {
    mlp: Vec<Linear>,
}

#[derive(Module, Debug)]
struct Labels {
    embedding_table: Embedding,
}

#[derive(Module, Debug)]
struct Block {
    qkv: Linear,
    proj: Linear,
    fc1: Linear,
    fc2: Linear,
    adaln_modulation: Linear,
}

#[derive(Module, Debug)]
struct Final {
    linear: Linear,
    adaln_modulation: Linear,
}

fn patches(width: usize, device: &Device) -> Patches {
    Patches {
        proj: Conv2dConfig::new([4, width], [2, 2])
            .with_stride([2, 2])
            .init(device),
    }
}

fn labels(width: usize, device: &Device) -> Labels {
    Labels {
        embedding_table: EmbeddingConfig::new(11, width).init(device),
    }
}

impl Dit {
    /// So many blocks of this width.
    pub fn new(blocks: usize, width: usize, device: &Device) -> Self {
        let linear = |inputs, outputs| linear(inputs, outputs, device);
        let block = |_| Block {
            qkv: linear(width, 3 * width),
            proj: linear(width, width),
            fc1: linear(width, 4 * width),
            fc2: linear(4 * width, width),
            adaln_modulation: linear(width, 6 * width),
        };
        Self {
            x_embedder: patches(width, device),
            t_embedder: Steps {
                mlp: vec![linear(256, width), linear(width, width)],
            },
            y_embedder: labels(width, device),
            pos_embed: Param::from_tensor(Tensor::ones([1, 16, width], device)),
            blocks: (0..blocks).map(block).collect(),
            final_layer: Final {
                linear: linear(width, 32),
                adaln_modulation: linear(width, 2 * width),
            },
        }
    }
}

/// With the names of diffusers.
#[derive(Module, Debug)]
pub struct DiffusersDit {
    pos_embed: Patches,
    transformer_blocks: Vec<DiffusersBlock>,
    proj_out_1: Linear,
    proj_out_2: Linear,
}

#[derive(Module, Debug)]
struct DiffusersBlock {
    norm1: AdaNorm,
    attn1: Attention,
    ff: FeedForward,
}

#[derive(Module, Debug)]
struct AdaNorm {
    emb: LabelsAndSteps,
    linear: Linear,
}

#[derive(Module, Debug)]
struct LabelsAndSteps {
    timestep_embedder: TwoLinears,
    class_embedder: Labels,
}

#[derive(Module, Debug)]
struct TwoLinears {
    linear_1: Linear,
    linear_2: Linear,
}

#[derive(Module, Debug)]
struct Attention {
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Vec<Linear>,
}

#[derive(Module, Debug)]
struct FeedForward {
    up: Linear,
    down: Linear,
}

impl DiffusersDit {
    /// Two blocks of 128.
    pub fn new(device: &Device) -> Self {
        let linear = |inputs, outputs| linear(inputs, outputs, device);
        let block = |_| DiffusersBlock {
            norm1: AdaNorm {
                emb: LabelsAndSteps {
                    timestep_embedder: TwoLinears {
                        linear_1: linear(256, 128),
                        linear_2: linear(128, 128),
                    },
                    class_embedder: labels(128, device),
                },
                linear: linear(128, 768),
            },
            attn1: Attention {
                to_q: linear(128, 128),
                to_k: linear(128, 128),
                to_v: linear(128, 128),
                to_out: vec![linear(128, 128)],
            },
            ff: FeedForward {
                up: linear(128, 512),
                down: linear(512, 128),
            },
        };
        Self {
            pos_embed: patches(128, device),
            transformer_blocks: (0..2).map(block).collect(),
            proj_out_1: linear(128, 256),
            proj_out_2: linear(128, 16),
        }
    }
}
