//! "Local" strategies that leave most weights out.

mod init;
pub(crate) mod mask;
mod pattern;

pub use init::Sparse;
pub use mask::Pinned;
