//! Biases: vectors that are added, and what tells where their weights are missing.
//!
//! | initializer | values |
//! |---|---|
//! | [`BiasUniform`] | U(−1/√fan_in, 1/√fan_in) of the weight beside it: PyTorch's and Burn's default |
//! | [`ClassPrior`] | an output's log-probability or log-odds, from how often its class occurs |
//! | [`Poison`] | NaN, to find what nothing has loaded |
//!
//! Biases that are zero or 1 are [`Constant`](crate::Constant)s; those of gates are in
//! [`recurrent`](crate::recurrent).

mod bias_uniform;
mod class_prior;
mod poison;

pub use bias_uniform::BiasUniform;
pub use class_prior::{ClassPrior, Output};
pub use poison::Poison;
