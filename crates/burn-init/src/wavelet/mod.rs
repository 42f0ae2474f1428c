//! "Local" strategies in the wavelet domain.

mod family;
mod filters;
mod init;
mod transform;

pub use family::Family;
pub use init::{Shaping, Wavelet};
pub use transform::Transform;
