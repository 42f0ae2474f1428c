//! The shape of a weight, what its axes are, and what follows from them: fans, and the vectors that
//! initializers work on.
//!
//! | file | what belongs there |
//! |---|---|
//! | `layout` | [`WeightLayout`]: shape, axes, groups, strides; fans |
//! | `along` | [`Along`]: which vectors an initializer works on, and where they lie |
//! | `vectors` | [`Vectors`]: where the vectors of one direction lie in the saved layout |
//! | `tile` | some neighbouring vectors, read and written where they lie |
//! | `grid` | the grid that the elements of a vector form |
//! | `centre` | a matrix over the channels in the middle of a kernel |
//! | `region` | [`Region`]: a part of a weight, a range along each axis; [`Runs`]: where its elements lie |
//! | `shard` | [`Shard`]: one of the parts into which a weight is cut along an axis |
//! | `channels` | which input and output an element connects, at which place of the kernel |

mod along;
pub(crate) mod centre;
pub(crate) mod channels;
pub(crate) mod grid;
mod layout;
mod region;
mod shard;
mod tile;
mod vectors;

pub use along::Along;
pub use layout::{Axis, WeightLayout};
pub use region::{Region, Runs};
pub use shard::Shard;
pub(crate) use tile::{Kept, TILE, Tile};
pub(crate) use vectors::Piece;
pub use vectors::Vectors;
