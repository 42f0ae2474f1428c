//! T5.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, RmsNorm, RmsNormConfig};
use burn::tensor::Device;

use super::linear_without_bias;

/// T5, its head tied to the embedding.
#[derive(Module, Debug)]
pub struct T5 {
    shared: Embedding,
    encoder: Stack,
    decoder: Stack,
}

#[derive(Module, Debug)]
struct Stack {
    block: Vec<Block>,
    final_layer_norm: RmsNorm,
}

#[derive(Module, Debug)]
struct Block {
    own: Attention,
    own_norm: RmsNorm,
    cross: Option<Attention>,
    cross_norm: Option<RmsNorm>,
    ff: FeedForward,
    ff_norm: RmsNorm,
}

#[derive(Module, Debug)]
struct Attention {
    q: Linear,
    k: Linear,
    v: Linear,
    o: Linear,
    relative_attention_bias: Option<Embedding>,
}

#[derive(Module, Debug)]
struct FeedForward {
    wi: Linear,
    wo: Linear,
}

impl T5 {
    /// So many blocks of this width, with 4 heads of width / 4, in encoder and decoder.
    pub fn new(blocks: usize, width: usize, device: &Device) -> Self {
        let linear = |inputs, outputs| linear_without_bias(inputs, outputs, device);
        let norm = || RmsNormConfig::new(width).init(device);
        let attention = |positions: bool| Attention {
            q: linear(width, width),
            k: linear(width, width),
            v: linear(width, width),
            o: linear(width, width),
            relative_attention_bias: positions.then(|| EmbeddingConfig::new(32, 4).init(device)),
        };
        let stack = |decoder: bool| Stack {
            block: (0..blocks)
                .map(|block| Block {
                    own: attention(block == 0),
                    own_norm: norm(),
                    cross: decoder.then(|| attention(false)),
                    cross_norm: decoder.then(norm),
                    ff: FeedForward {
                        wi: linear(width, 2 * width),
                        wo: linear(2 * width, width),
                    },
                    ff_norm: norm(),
                })
                .collect(),
            final_layer_norm: norm(),
        };
        Self {
            shared: EmbeddingConfig::new(500, width).init(device),
            encoder: stack(false),
            decoder: stack(true),
        }
    }
}
