//! Whole modules: rules, and what they did.
//!
//! | item | what it is |
//! |---|---|
//! | [`Plan`] | a seed and an ordered list of rules |
//! | [`Rule`] | what a rule does, and what it says of layouts |
//! | [`Select`] | which parameters a rule is for |
//! | [`InitWeights`] | one initializer for all weights: a plan of two rules |
//! | [`Report`] | what happened to each parameter |

mod decide;
mod init_weights;
#[allow(
    clippy::module_inception,
    reason = "each file is called as what it holds"
)]
mod plan;
mod report;
mod rule;
mod select;

pub use init_weights::InitWeights;
pub use plan::Plan;
pub use report::{Action, Applied, Entry, Report};
pub use rule::Rule;
pub use select::Select;
