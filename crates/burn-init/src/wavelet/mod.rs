//! "Local" strategies in the wavelet domain.

mod atoms;
mod combination;
mod family;
mod filter_bank;
mod filters;
mod init;
mod kernel;
mod levels;
mod orthogonal;
mod shaper;
mod shaping;
mod step;
mod transform;

pub use atoms::{Atom, WaveletAtoms};
pub use combination::WaveletSparse;
pub use family::{Family, Symmetry};
pub use filter_bank::WaveletFilters;
pub use init::Wavelet;
pub use levels::Levels;
pub use orthogonal::WaveletOrthogonal;
pub use shaping::{Keep, Normalization, Shaping};
pub use transform::{Scratch, Transform};
