//! BERT, of Burn's layers.

use burn::module::Module;
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, Linear};
use burn::tensor::Device;

use super::{layer_norm, linear};

/// BERT.
#[derive(Module, Debug)]
pub struct Bert {
    embeddings: Embeddings,
    encoder: TransformerEncoder,
    pooler: Linear,
}

#[derive(Module, Debug)]
struct Embeddings {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    norm: LayerNorm,
}

impl Bert {
    /// So many layers of this width.
    pub fn new(layers: usize, width: usize, device: &Device) -> Self {
        let embedding = |rows| EmbeddingConfig::new(rows, width).init(device);
        Self {
            embeddings: Embeddings {
                word_embeddings: embedding(500),
                position_embeddings: embedding(512),
                token_type_embeddings: embedding(2),
                norm: layer_norm(width, device),
            },
            encoder: TransformerEncoderConfig::new(width, 4 * width, 4, layers).init(device),
            pooler: linear(width, width, device),
        }
    }
}
