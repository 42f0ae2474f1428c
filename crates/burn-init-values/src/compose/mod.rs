//! Initializers that are made of others.
//!
//! | item | what it is |
//! |---|---|
//! | [`Scaled`] | the values of another initializer, multiplied; rules for deep residual networks |
//! | [`Parts`] | a packed weight whose parts are made each by itself: query, key and value; gates; blocks |
//!
//! Some compositions need no initializer of their own:
//!
//! - A *mask* over any values is [`Sparse`](crate::Sparse) with [`Pattern::given`](crate::sparse::Pattern::given).
//! - *Experts* that are stacked in one weight have [`Axis::Index`](crate::weight::Axis::Index) as their first
//!   axis: each is made with its own fans, and is orthogonal or sparse by itself.
//! - A *depthwise* convolution has as many groups as channels: [`WeightLayout::depthwise`](crate::WeightLayout::depthwise).

mod parts;
mod scaled;

pub use parts::Parts;
pub use scaled::Scaled;
