//! "Global" strategies: every weight is drawn, from one distribution.
//!
//! | initializer | values |
//! |---|---|
//! | [`Constant`] | one value |
//! | [`Normal`], [`Uniform`], [`TruncatedNormal`] | a distribution by its parameters |
//! | [`VarianceScaling`] | a distribution by fans: LeCun, Glorot, He and their relatives; [`Gain`] |
//! | [`Orthogonal`] | an orthogonal matrix |
//! | [`Sampled`] | any distribution of `rand_distr` |

mod constant;
mod cut_std;
mod gain;
mod normal;
mod orthogonal;
mod reflections;
mod sampled;
mod truncated_normal;
mod uniform;
mod variance_scaling;

pub use constant::Constant;
pub use gain::Gain;
pub use normal::Normal;
pub use orthogonal::Orthogonal;
pub use sampled::Sampled;
pub use truncated_normal::{Bounds, TruncatedNormal};
pub use uniform::Uniform;
pub(crate) use variance_scaling::fans;
pub use variance_scaling::{Distribution, FanMode, VarianceScaling};
