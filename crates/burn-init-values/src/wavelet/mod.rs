//! "Local" strategies in the wavelet domain.
//!
//! | item | what it is |
//! |---|---|
//! | [`Wavelet`] | Ψ⁻¹SΨw: another initializer's weights, shaped by gains or thresholds ([`Shaping`]) |
//! | [`WaveletOrthogonal`] | ΨᵀDPΨ: an orthogonal matrix in O(n log n) |
//! | [`WaveletSparse`] | each neuron a combination of k wavelets |
//! | [`WaveletAtoms`] | each vector a sampled wavelet ([`Atom`]) |
//! | [`WaveletFilters`] | kernels that are a family's filters |
//! | [`Transform`] | Ψ itself, of a [`Family`] with so many [`Levels`] and a [`Boundary`] |

mod shaper;
mod shaping;
mod transform;
#[allow(
    clippy::module_inception,
    reason = "each file is called as what it holds"
)]
mod wavelet;
mod wavelet_atoms;
mod wavelet_filters;
mod wavelet_orthogonal;
mod wavelet_sparse;

pub use shaping::{Keep, Normalization, Shaping};
pub use transform::{Boundary, Family, Levels, Scratch, Symmetry, Transform};
pub use wavelet::Wavelet;
pub use wavelet_atoms::{Atom, WaveletAtoms};
pub use wavelet_filters::WaveletFilters;
pub use wavelet_orthogonal::WaveletOrthogonal;
pub use wavelet_sparse::WaveletSparse;
