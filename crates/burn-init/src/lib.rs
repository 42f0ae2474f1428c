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
//! Biases become zero, unless they have values already; normalizations and running statistics stay.
//! Call it before a model is first read: then all are lazy still. [`Plan`] gives different
//! initializers to different layers, and fails loudly where a rule is never used or a weight has
//! none. [`InitParam::init`] makes one parameter on its own, and [`Initializer::fill`] writes any
//! range of it into a slice.
//!
//! # What is where
//!
//! | module | what belongs there |
//! |---|---|
//! | [`plan`] | whole modules: rules, reports, `init_weights` |
//! | [`files`] | plans and initializers as TOML and JSON |
//! | [`data`] | initialization from data: the scale of each weight by what the model makes of a batch |
//! | `probe` | a model at step 0 beside what theory predicts: PASS, WARN or FAIL (feature `probe`) |
//! | [`module`] | Burn's modules: one parameter on its own, masks that last |
//! | [`dense`], [`wavelet`], [`sparse`], [`structured`], [`waves`], [`covariance`], [`recurrent`], [`bias`], [`compose`] | the initializers, and what they are set by |
//! | [`any`] | [`AnyInitializer`]: the list of all, and files |
//! | [`initializer`] | [`Initializer`], [`Fitted`], and how to write one of your own |
//! | [`weight`] | [`WeightLayout`]: shape and axes; fans, and the vectors of a weight |
//! | [`draw`] | random numbers: counters in, numbers out |
//! | `remote` | weights that the server of a remote device makes (feature `remote`) |
//! | [`prelude`] | what most programs use, for a glob import |
//!
//! All but [`plan`], [`files`], [`data`], `probe`, [`module`], `remote` and [`prelude`] come from [`burn_init_values`], which knows no Burn.
//!
//! # Initializers
//!
#![doc = include_str!("initializers.md")]
//!
//! # From data
//!
//! After an initialization, [`data::LayerFit`] runs the model on a batch and scales each weight until its layer's
//! output has variance 1 (LSUV), or another variance or second moment, whatever the activations. These
//! scales depend on the device's sums; what is said below holds for the values before.
//!
//! # The same bits
//!
//! A weight is a pure function of the seed, the parameter's path and its index in the parameter,
//! and of the initializer's settings. It doesn't depend on the device, the order in which layers
//! are read, the number of threads, the width of SIMD registers, or on other layers, but for a [`SparseBudget`], which is
//! spread over several; any range of a parameter can be made alone. Values are made in f32 and rounded once to the parameter's own float
//! type. A GPU makes large ones itself where each element is drawn alone ([`plan::MakeOn`]), with integers: the bits of the CPU.
//!
//! Every setting that changes values is tested against recorded values; a change of any value is a
//! breaking change. Only [`Sampled`] and initializers of a user's own promise less.
//!
//! # Features
//!
//! - `rayon` (default): fill large parameters on all cores. The bits are the same without it.
//! - `toml`: plans and initializers in TOML files ([`files`]); JSON needs no feature.
//! - `schema`: the JSON schema of plans.
//! - `probe`: a look at a model at step 0, beside theory.
//! - `sprs`: pinned weights as CSR matrices (`module::csr_of_layer`), and masks from them.
//! - `wgpu`, `vulkan`, `metal`, `webgpu`, `cuda`, `rocm`: the backend of this name makes large weights by a kernel,
//!   where each element is drawn alone, and none of these values goes through the CPU's memory. The bits are the same without it.
//! - `remote`, `remote-server`: on a device of Burn's remote backend, the server makes weights from a few hundred
//!   bytes, where a plan asks for it by `MakeOn::Device` (`remote`).
//!
//! Backends are Burn's: enable them on the `burn` crate of your project.

#![deny(missing_docs)]

pub mod data;
mod device;
pub mod files;
pub mod module;
pub mod plan;
pub mod prelude;
#[cfg(feature = "probe")]
pub mod probe;
mod text;

pub use burn_init_values;
pub use burn_init_values::prelude::*;
pub use burn_init_values::{Digest, Fitted, Initializer, Key};
pub use burn_init_values::{
    any, bias, compose, covariance, dense, draw, initializer, recurrent, sparse, structured,
    wavelet, waves, weight,
};
#[cfg(feature = "remote")]
pub use device::remote;
pub use module::InitParam;
pub use plan::{InitWeights, Plan, Select};

/// The README's code runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

// Beside `burn::nn::*`, which has an `Initializer` too, a glob import still brings the methods.
#[doc(hidden)]
pub use burn_init_values::Initializer as _;
