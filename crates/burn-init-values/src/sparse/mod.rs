//! "Local" strategies that leave most weights out.
//!
//! | item | what it is |
//! |---|---|
//! | [`Sparse`] | some weights, by a [`Pattern`] and an [`Amount`], and zeros |
//! | [`SparseBudget`] | a number of weights for several layers, by a [`Spread`] |
//! | [`SparseOrthogonal`] | an orthogonal matrix with few entries |
//! | [`Connectivity`] | how a mask connects inputs and outputs |

mod amount;
mod choice;
mod connectivity;
mod pattern;
#[allow(
    clippy::module_inception,
    reason = "each file is called as what it holds"
)]
mod sparse;
mod sparse_budget;
mod sparse_orthogonal;

pub use amount::Amount;
pub use connectivity::Connectivity;
pub use pattern::Pattern;
pub use sparse::{Connected, Sparse};
pub use sparse_budget::{SparseBudget, Spread};
pub use sparse_orthogonal::{Factors, SparseOrthogonal};
