//! Recurrent and state-space models: biases of gates, matrices and steps of states.
//!
//! | initializer | parameter | values |
//! |---|---|---|
//! | [`GateBias`] | a bias that packs several gates | a number for each gate: 1 for an LSTM's forget gate |
//! | [`ChronoBias`] | biases of forget and input gates | ±ln U(1, T_max − 1) |
//! | [`Hippo`] | A, B of a state-space model | HiPPO-LegS and LegT |
//! | [`S4d`] | a diagonal A | S4D-Lin, S4D-Inv, S4D-Real: real and imaginary parts |
//! | [`MambaALog`] | `A_log` | ln 1, …, ln N in each row, or ln U(1, 16) |
//! | [`MambaDtBias`] | the bias of Δ | softplus⁻¹ of steps that are log-uniform |
//!
//! What goes over the last axis is the same for all indices of the others. Other parameters of these models
//! have initializers of their own: an LSTM's recurrent weights [`Orthogonal`](crate::Orthogonal), S4D's
//! `log_dt` [`Uniform`](crate::Uniform) from ln 0.001 to ln 0.1, Mamba's `D` and a single gate's bias
//! [`Constant`](crate::Constant).

mod chrono_bias;
mod gate_bias;
mod hippo;
mod mamba_a_log;
mod mamba_dt_bias;
mod s4d;

pub use chrono_bias::{ChronoBias, Gate};
pub use gate_bias::GateBias;
pub use hippo::{Hippo, HippoPart, Measure};
pub use mamba_a_log::MambaALog;
pub use mamba_dt_bias::MambaDtBias;
pub use s4d::{S4d, S4dPart, Spectrum};

use crate::draw::word;
use crate::key::Key;

/// The number with this index from U(0, 1), never 0 or 1, exact: all 32 bits of its word count.
fn unit(key: Key, index: u64) -> f64 {
    (f64::from(word(key, index)) + 0.5) / (1u64 << 32) as f64
}
