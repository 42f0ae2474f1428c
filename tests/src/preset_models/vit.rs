//! Vision transformers, with timm's names.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::{layer_norm, linear};

/// Queries, keys and values side by side.
#[derive(Module, Debug)]
pub struct Vit {
    cls_token: Param<Tensor<3>>,
    pos_embed: Param<Tensor<3>>,
    patch_embed: Patches,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct Patches {
    proj: Conv2d,
}

#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    attn: Attention,
    norm2: LayerNorm,
    mlp: Mlp,
}

#[derive(Module, Debug)]
struct Attention {
    qkv: Linear,
    proj: Linear,
}

#[derive(Module, Debug)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

fn parameter(shape: [usize; 3], device: &Device) -> Param<Tensor<3>> {
    Param::from_tensor(Tensor::ones(shape, device))
}

impl Vit {
    /// So many blocks of this width.
    pub fn new(blocks: usize, width: usize, device: &Device) -> Self {
        let block = |_| Block {
            norm1: layer_norm(width, device),
            attn: Attention {
                qkv: linear(width, 3 * width, device),
                proj: linear(width, width, device),
            },
            norm2: layer_norm(width, device),
            mlp: Mlp {
                fc1: linear(width, 4 * width, device),
                fc2: linear(4 * width, width, device),
            },
        };
        Self {
            cls_token: parameter([1, 1, width], device),
            pos_embed: parameter([1, 65, width], device),
            patch_embed: Patches {
                proj: Conv2dConfig::new([3, width], [4, 4])
                    .with_stride([4, 4])
                    .init(device),
            },
            blocks: (0..blocks).map(block).collect(),
            norm: layer_norm(width, device),
            head: linear(width, 10, device),
        }
    }
}

/// Of Burn's layers, with names of its own.
#[derive(Module, Debug)]
pub struct OwnVit {
    start: Param<Tensor<3>>,
    places: Param<Tensor<3>>,
    patches: Conv2d,
    encoder: TransformerEncoder,
    classes: Linear,
}

impl OwnVit {
    /// Two layers.
    pub fn new(device: &Device) -> Self {
        Self {
            start: parameter([1, 1, 64], device),
            places: parameter([1, 17, 64], device),
            patches: Conv2dConfig::new([3, 64], [8, 8]).init(device),
            encoder: TransformerEncoderConfig::new(64, 256, 4, 2).init(device),
            classes: linear(64, 100, device),
        }
    }
}
