//! Weight initializers for [Burn](https://burn.dev): dense, wavelet and sparse, the same bits on every device.
//!
//! # Quick start
//!
//! One line initializes all weights of a module, before their first use:
//!
//! ```
//! use burn::nn::{Linear, LinearConfig};
//! use burn::prelude::*;
//! use burn_init::{InitWeights, VarianceScaling};
//!
//! #[derive(Module, Debug)]
//! struct Mlp {
//!     fc1: Linear,
//!     fc2: Linear,
//! }
//!
//! let device = Device::flex();
//! let model = Mlp {
//!     fc1: LinearConfig::new(100, 64).init(&device),
//!     fc2: LinearConfig::new(64, 10).init(&device),
//! };
//! let model = model.init_weights(&VarianceScaling::he_normal(), 42)?;
//! # Ok::<(), burn_init::InitError>(())
//! ```
//!
//! Biases become zero; normalizations and running statistics stay. [`Plan`] gives different
//! initializers to different layers, and fails loudly where a rule is never used or a weight has
//! none. [`Initializer::init`] makes one parameter on its own, and [`Initializer::fill`] writes any
//! range of it into a slice.
//!
//! # Initializers
//!
//! | initializer | values | asks for |
//! |---|---|---|
//! | [`Constant`] | one value: given, or drawn from U(0, 1) for the whole parameter | |
//! | [`Normal`] | N(mean, std²), or N(0, 1/fan_in) | a fan_in, for the latter |
//! | [`Uniform`] | U(low, high) | |
//! | [`TruncatedNormal`] | N(mean, std²) between two bounds, exact, without rejection | |
//! | [`VarianceScaling`] | LeCun, Glorot/Xavier, He/Kaiming and anything between | fans |
//! | [`Orthogonal`] | uniform among all (semi-)orthogonal matrices, times a gain | neurons |
//! | [`Wavelet`] | ΨᵀSΨw: smooth, rough or zero-mean weights, over a line or a grid of inputs | neurons |
//! | [`WaveletOrthogonal`] | ΨᵀDPΨ: a (semi-)orthogonal matrix in O(n log n) | neurons |
//! | [`WaveletSparse`] | each neuron a combination of k wavelets | neurons |
//! | [`WaveletAtoms`] | Ricker, Morlet, Gabor or Laplace wavelets | neurons or kernels |
//! | [`WaveletFilters`] | convolution kernels that are a family's filters | kernels |
//! | [`Sparse`] | some weights, by a [`Pattern`], and zeros that can be pinned | neurons |
//! | [`SparseBudget`] | a number of weights for a whole model | a [`Plan`] |
//! | [`SparseOrthogonal`] | an orthogonal matrix with few entries | neurons |
//! | [`Sampled`] | any distribution of `rand_distr` | |
//!
//! [`AnyInitializer`] is any of them, can be read from files, and also takes
//! `burn::nn::Initializer`. Fans and neurons come from the parameter's [`WeightLayout`].
//!
//! # The same bits
//!
//! A weight is a pure function of the seed, the parameter's path and its index in the parameter,
//! and of the initializer's settings. It doesn't depend on the device, the order in which layers
//! are read, the number of threads, the width of SIMD registers, or on other layers; any range of a
//! parameter can be made alone. Numbers come from a counter-based generator (Philox4x32-10),
//! distributions are computed with integers up to one conversion to f32, and sums have one fixed
//! order. Values are made in f32 and rounded once to the parameter's own float type.
//!
//! What a version of this crate draws is tested against recorded values; a change of any value is a
//! breaking change. Only [`Sampled`] promises less: it runs other people's code.
//!
//! # Features
//!
//! - `rayon` (default): fill large parameters on all cores. The bits are the same without it.
//! - `sprs`: pinned weights as CSR matrices (`csr_of_layer`), and masks from them (`mask_of_csr`).
//!
//! Backends are Burn's: enable them on the `burn` crate of your project.

#![deny(missing_docs)]

pub mod draw;

mod delta;
mod dense;
mod error;
mod fibers;
mod initializer;
mod key;
mod layout;
mod memory;
mod plan;
mod saved;
mod simd;
mod sparse;
mod wavelet;

pub use dense::{
    Constant, Distribution, FanMode, Gain, Normal, Orthogonal, Sampled, TruncatedNormal, Uniform,
    VarianceScaling,
};
pub use error::InitError;
pub use initializer::{AnyInitializer, Custom, Initializer};
pub use key::{Key, Seed};
pub use layout::{Along, Axis, WeightLayout};
pub use plan::{Action, Applied, Entry, InitWeights, Plan, Report, Rule, Select};
pub use sparse::{
    Amount, Connectivity, Masks, Pattern, Pinned, Sparse, SparseBudget, SparseOrthogonal, Spread,
};
#[cfg(feature = "sprs")]
pub use sparse::{csr_of_layer, mask_of_csr};
pub use wavelet::{
    Atom, Family, Keep, Levels, Normalization, Scratch, Shaping, Symmetry, Transform, Wavelet,
    WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse,
};
