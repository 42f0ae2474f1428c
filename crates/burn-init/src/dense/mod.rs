//! "Global" strategies: every weight is drawn, from one distribution.

mod constant;
mod gain;
mod householder;
mod normal;
mod orthogonal;
mod sampled;
mod truncated_normal;
mod uniform;
mod variance_scaling;

pub use constant::Constant;
pub use gain::Gain;
pub use normal::Normal;
pub use orthogonal::Orthogonal;
pub use sampled::Sampled;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;
pub use variance_scaling::{Distribution, FanMode, VarianceScaling};
