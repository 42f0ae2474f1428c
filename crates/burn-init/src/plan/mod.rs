//! Whole modules: rules, and what they did.

mod apply;
mod init_weights;
mod report;
mod rules;
mod select;
mod survey;

pub use init_weights::InitWeights;
pub use report::{Action, Applied, Entry, Report};
pub use rules::{Plan, Rule};
pub use select::Select;
