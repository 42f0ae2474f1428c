//! Means, intervals and tests.

mod holm;
mod interval;
mod wilcoxon;

pub use holm::holm;
pub use interval::{Interval, t_test};
pub use wilcoxon::wilcoxon;
