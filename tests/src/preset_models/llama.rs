//! Llama, with the names of transformers or of torchtitan.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, RmsNorm, RmsNormConfig};
use burn::tensor::Device;

use super::linear_without_bias;

/// With the names of transformers.
#[derive(Module, Debug)]
pub struct Llama {
    embed_tokens: Embedding,
    layers: Vec<Block>,
    norm: RmsNorm,
    lm_head: Linear,
}

#[derive(Module, Debug)]
struct Block {
    self_attn: Attention,
    mlp: Mlp,
    input_layernorm: RmsNorm,
    post_attention_layernorm: RmsNorm,
}

#[derive(Module, Debug)]
struct Attention {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    o_proj: Linear,
}

#[derive(Module, Debug)]
struct Mlp {
    gate_proj: Linear,
    up_proj: Linear,
    down_proj: Linear,
}

impl Llama {
    /// So many layers of this width; half as many keys as queries.
    pub fn new(layers: usize, width: usize, device: &Device) -> Self {
        let linear = |inputs, outputs| linear_without_bias(inputs, outputs, device);
        let norm = || RmsNormConfig::new(width).init(device);
        let hidden = 43 * width / 16;
        let block = |_| Block {
            self_attn: Attention {
                q_proj: linear(width, width),
                k_proj: linear(width, width / 2),
                v_proj: linear(width, width / 2),
                o_proj: linear(width, width),
            },
            mlp: Mlp {
                gate_proj: linear(width, hidden),
                up_proj: linear(width, hidden),
                down_proj: linear(hidden, width),
            },
            input_layernorm: norm(),
            post_attention_layernorm: norm(),
        };
        Self {
            embed_tokens: EmbeddingConfig::new(500, width).init(device),
            layers: (0..layers).map(block).collect(),
            norm: norm(),
            lm_head: linear(width, 500),
        }
    }
}
