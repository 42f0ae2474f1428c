//! Weights that keep a structure: what a layer computes at first is known.
//!
//! An initializer belongs here if its values follow from where they stand, or if it gives another
//! one's values a structure that is neither a wavelet's nor sparse.
//!
//! | item | what it is |
//! |---|---|
//! | [`Eye`] | outputs equal inputs: the identity, and for convolutions the Dirac delta |
//! | [`ZerO`] | the identity, and a Hadamard matrix where there are more outputs than inputs |
//! | [`Icnr`] | sub-pixel convolutions that begin as nearest-neighbour upsampling |
//! | [`Bilinear`] | transposed convolutions that begin as linear interpolation |
//! | [`UnitNorm`] | another initializer's vectors, each of the same norm |

mod bilinear;
mod eye;
mod icnr;
mod unit_norm;
mod zer_o;

pub use bilinear::Bilinear;
pub use eye::Eye;
pub use icnr::Icnr;
pub use unit_norm::UnitNorm;
pub use zer_o::ZerO;
