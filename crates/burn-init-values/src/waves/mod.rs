//! Weights that are waves: sines and cosines, and filters made of them.
//!
//! | item | what it is |
//! |---|---|
//! | [`Sinusoidal`] | each neuron a sine of a frequency of its own, without chance |
//! | [`Siren`] | uniform weights for layers whose activation is a sine ([`SirenLayer`]) |
//! | [`FourierFeatures`] | normal frequencies, whose sines and cosines approximate a Gaussian kernel |
//! | [`Phases`] | the biases of such features |
//! | [`Dct`] | orthonormal cosines, the lowest frequencies first |
//! | [`FilterBank`] | a neuron for each band: Fourier, mel triangles, band-pass sincs ([`Bank`], [`MelBands`], [`MelScale`]) |
//!
//! Angles are reduced as fractions of whole numbers before a sine is taken: a wave's zeros are
//! zeros.

mod dct;
mod filter_bank;
mod fourier_features;
mod mel;
mod phases;
mod sinusoidal;
mod siren;
mod turn;

pub use dct::Dct;
pub use filter_bank::{Bank, FilterBank};
pub use fourier_features::FourierFeatures;
pub use mel::{MelBands, MelScale};
pub use phases::Phases;
pub use sinusoidal::Sinusoidal;
pub use siren::{Siren, SirenLayer};
