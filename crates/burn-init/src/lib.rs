//! Weight initializers for [Burn](https://burn.dev).
#![deny(missing_docs)]

pub mod draw;

mod dense;
mod error;
mod initializer;
mod key;
mod layout;
mod plan;
mod sparse;
mod wavelet;

pub use dense::{
    Constant, Distribution, FanMode, Gain, Normal, Orthogonal, Sampled, TruncatedNormal, Uniform,
    VarianceScaling,
};
pub use error::InitError;
pub use initializer::{AnyInitializer, Custom, Initializer};
pub use key::{Key, Seed};
pub use layout::{Axis, WeightLayout};
pub use plan::{Action, Applied, Entry, InitWeights, Plan, Report, Rule, Select};
pub use sparse::{Pinned, Sparse};
pub use wavelet::{Family, Shaping, Transform, Wavelet};
