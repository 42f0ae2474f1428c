//! A look at a model at step 0: each number beside what theory predicts, with PASS, WARN or FAIL (feature `probe`).
//!
//! | item | what it is |
//! |---|---|
//! | [`Probe`] | values, signals, gradients and the loss of a model |
//! | [`ProbeReport`], [`Check`], [`Verdict`] | what it found: table, Markdown, serde, a page in HTML |
//! | [`Quantity`] | the list of what is measured |
//! | [`Jacobian`] | singular values of the output by the input |
//! | [`Confusion`] | how far the gradients of classes contradict each other |
//! | [`Sharpness`] | the largest curvature of the loss |
//! | [`law`] | the theory |
//!
//! # What a verdict means
//!
//! A plan says how each weight comes about: its mean, its standard deviation, whether its elements are independent. From
//! that follows, for the very batch that a run is given, what each layer's output must be like: how large, how many
//! neurons are active for how many inputs, how alike they are; and, backwards, how large gradients are. A number outside of
//! its range means that the model isn't what the plan says, or that a run isn't what it seems: axes swapped, a
//! layer overwritten, a mask lost, values beyond a type's reach, one key used twice.
//!
//! Where an initializer makes elements that depend on each other, as wavelets do, theory says less: the numbers are
//! shown, and pass.
//!
//! [`Quantity`] has the whole list. What no theory covers, such as a signal that fades over many layers, has a fixed
//! limit: a mean square 10⁴ times smaller or larger than the input's is a WARN, 10⁸ times a FAIL.

mod check;
mod jacobian;
pub mod law;
mod layer;
mod loss;
mod neurons;
mod page;
mod parameter;
#[allow(
    clippy::module_inception,
    reason = "each file is called as what it holds"
)]
mod probe;
mod report;
mod singular;
mod values;

pub use check::{Check, Quantity, Verdict};
pub use jacobian::Jacobian;
pub use layer::LayerProbe;
pub use loss::{Confusion, Sharpness};
pub use parameter::{Histogram, ParameterProbe, Pictures};
pub use probe::Probe;
pub use report::ProbeReport;

/// How far a long measurement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Steps that are done.
    pub done: usize,
    /// The most that there can be.
    pub of: usize,
}
