//! "Local" strategies that leave most weights out.

mod amount;
mod budget;
mod connectivity;
#[cfg(feature = "sprs")]
mod csr;
mod init;
pub(crate) mod mask;
mod masks;
mod orthogonal;
mod pattern;

pub use amount::Amount;
pub use budget::{SparseBudget, Spread};
pub use connectivity::Connectivity;
#[cfg(feature = "sprs")]
pub use csr::{csr_of_layer, mask_of_csr};
pub use init::Sparse;
pub use mask::Pinned;
pub use masks::Masks;
pub use orthogonal::SparseOrthogonal;
pub use pattern::Pattern;
