//! Weights as pure functions of a seed, a path and an index: dense, wavelet and sparse, the same bits
//! everywhere.
//!
//! This crate is the part of [burn-init](https://crates.io/crates/burn-init) that knows no Burn:
//! settings in, numbers out. Who initializes Burn's modules adds `burn-init`, which re-exports all of
//! it.
//!
//! ```
//! use burn_init_values::{Initializer, Seed, VarianceScaling, WeightLayout};
//!
//! let layout = WeightLayout::linear([100, 64]);
//! let weights = VarianceScaling::he_normal().draw(&layout, Seed::new(42).key("fc1.weight"))?;
//! assert_eq!(weights.len(), 6400);
//! # Ok::<(), burn_init_values::InitError>(())
//! ```
//!
//! # What is where
//!
//! Settings are *fitted* to a weight, and what is fitted gives values:
//!
//! | module | what belongs there |
//! |---|---|
//! | [`weight`] | [`WeightLayout`]: shape and axes; fans, and the vectors, regions and shards of a weight |
//! | [`draw`] | random numbers: counters in, numbers out |
//! | [`initializer`] | [`Initializer`], [`Fitted`], and how to write an initializer of your own |
//! | [`dense`] | constants, normal and uniform numbers, He and Glorot, orthogonal matrices |
//! | [`wavelet`] | shaped and orthogonal weights in the wavelet domain, atoms, filters |
//! | [`sparse`] | a few weights and zeros: patterns, budgets, sparse orthogonal matrices |
//! | [`compose`] | initializers that are made of others: scaled, in parts |
//! | [`structured`] | identity, Hadamard and interpolation kernels; vectors of one norm |
//! | [`prelude`] | all initializers by name, and what goes with them |
//! | [`waves`] | sines and cosines as weights, and for sine activations; filter banks |
//! | [`covariance`] | receptive fields, kernels, attention: a given covariance, product or norm |
//! | [`bias`] | biases by their weight's fan, class priors, NaN |
//! | [`recurrent`] | gates, HiPPO and Mamba |
//! | [`any`] | [`AnyInitializer`]: the list of all, and files |
//!
//! # The same bits
//!
//! A weight is a pure function of the seed, the parameter's path and its index in the parameter, and
//! of the initializer's settings. It doesn't depend on the device, the order in which layers are
//! read, the number of threads, the width of SIMD registers, or on other layers, but for a
//! [`SparseBudget`], which is spread over several; any range of a parameter can be made alone. Numbers come from a counter-based generator (Philox4x32-10),
//! distributions are computed with integers up to one conversion to f32, and sums have one fixed
//! order.
//!
//! A shard ([`Shard`](weight::Shard)) or any other box of a parameter ([`Region`](weight::Region)) is
//! [drawn](Initializer::draw_region) where it is needed. A [`Digest`] is one number for all values, by
//! which machines can see that they agree; those of shards add up to that of the whole.
//!
//! Every setting that changes values is tested against recorded values; a change of any value is a
//! breaking change. Only [`Sampled`] and initializers of a user's own promise less: they run other
//! people's code.
//!
//! # Features
//!
//! - `rayon` (default): fill large parameters on all cores. The bits are the same without it.
//! - `burn`: [`AnyInitializer`] from `burn::nn::Initializer`.
//! - `schema`: JSON schemas of the settings (schemars).

#![deny(missing_docs)]

pub mod any;
pub mod bias;
pub mod compose;
pub mod covariance;
pub mod dense;
pub mod draw;
pub mod initializer;
pub mod prelude;
pub mod recurrent;
pub mod sparse;
pub mod structured;
pub mod wavelet;
pub mod waves;
pub mod weight;

mod digest;
mod error;
mod key;
mod memory;
mod parallel;
mod simd;

pub use digest::Digest;
pub use initializer::{Fitted, Initializer};
pub use key::Key;
pub use prelude::*;

/// The README's code runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
