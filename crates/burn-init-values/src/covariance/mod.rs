//! Weights with a given covariance, or with a given product or norm.
//!
//! | initializer | what is given |
//! |---|---|
//! | [`ReceptiveFields`] | the covariance of each neuron over the grid of its inputs: smooth, around a centre of its own ([`Centres`]) |
//! | [`ConvCovariance`] | the covariance of a convolution's kernels, by the depth of the layer |
//! | [`Mimetic`] | products of two weights of an attention layer: query and key, value and projection ([`AttentionWeight`]) |
//! | [`Spectral`] | the spectral norm of a weight ([`Matrix`]) |
//! | [`MuP`] | variances by the role of a weight ([`Role`]): an output's shrinks faster with the width |

mod conv_covariance;
mod jacobi;
mod mimetic;
mod mup;
mod receptive_fields;
mod root;
mod spectral;

pub use conv_covariance::ConvCovariance;
pub use mimetic::{AttentionWeight, Mimetic};
pub use mup::{MuP, Role};
pub use receptive_fields::{Centres, ReceptiveFields};
pub use spectral::{Matrix, Spectral};

use crate::error::InitError;

/// A number that must be finite and above zero.
fn positive(
    initializer: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f64, InitError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        let expected = "a finite number greater than 0";
        Err(InitError::setting(initializer, setting, value, expected))
    }
}
