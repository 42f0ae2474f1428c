//! GPT-2: of Burn's layers, and with the names of transformers.

use burn::module::Module;
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, Linear};
use burn::tensor::Device;

use super::{layer_norm, linear};

/// Of Burn's layers.
#[derive(Module, Debug)]
pub struct Gpt2 {
    wte: Embedding,
    wpe: Embedding,
    transformer: TransformerEncoder,
    ln_f: LayerNorm,
}

impl Gpt2 {
    /// So many blocks of this width.
    pub fn new(layers: usize, width: usize, device: &Device) -> Self {
        Self {
            wte: EmbeddingConfig::new(500, width).init(device),
            wpe: EmbeddingConfig::new(64, width).init(device),
            transformer: TransformerEncoderConfig::new(width, 4 * width, 4, layers)
                .with_norm_first(true)
                .init(device),
            ln_f: layer_norm(width, device),
        }
    }
}

/// With the names of transformers.
#[derive(Module, Debug)]
pub struct NamedGpt2 {
    wte: Embedding,
    h: Vec<Block>,
}

#[derive(Module, Debug)]
struct Block {
    ln_1: LayerNorm,
    attn: Attention,
    mlp: Mlp,
}

#[derive(Module, Debug)]
struct Attention {
    c_attn: Linear,
    c_proj: Linear,
}

#[derive(Module, Debug)]
struct Mlp {
    c_fc: Linear,
    c_proj: Linear,
}

impl NamedGpt2 {
    /// So many blocks of this width.
    pub fn new(layers: usize, width: usize, device: &Device) -> Self {
        let block = |_| Block {
            ln_1: layer_norm(width, device),
            attn: Attention {
                c_attn: linear(width, 3 * width, device),
                c_proj: linear(width, width, device),
            },
            mlp: Mlp {
                c_fc: linear(width, 4 * width, device),
                c_proj: linear(4 * width, width, device),
            },
        };
        Self {
            wte: EmbeddingConfig::new(500, width).init(device),
            h: (0..layers).map(block).collect(),
        }
    }
}

/// Its feed-forward part ends with a layer that no default knows.
#[derive(Module, Debug)]
pub struct Unnamed {
    blocks: Vec<UnnamedBlock>,
}

#[derive(Module, Debug)]
struct UnnamedBlock {
    attn: Attention,
    shrink: Linear,
}

impl Unnamed {
    /// Four blocks.
    pub fn new(device: &Device) -> Self {
        let block = |_| UnnamedBlock {
            attn: Attention {
                c_attn: linear(64, 192, device),
                c_proj: linear(64, 64, device),
            },
            shrink: linear(256, 64, device),
        };
        Self {
            blocks: (0..4).map(block).collect(),
        }
    }
}
