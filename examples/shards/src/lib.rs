//! Two processes, each with half of a layer, that train to the numbers of one.
//!
//! The network is 100 → 64 relu → 10. Each process has half of the hidden neurons, whose weights it makes by
//! itself ([`Plan::shard`](burn_init::Plan::shard)), and all of the last layer, which both have alike. In each
//! step they exchange what their neurons make of the batch; no weight goes from one to the other.
//!
//! | file | what belongs there |
//! |---|---|
//! | `network` | the network, whole or half, and its plan |
//! | `task` | what is learned: a made-up data set |
//! | `peer` | the other process, over TCP |
//! | `train` | the training loop |

mod network;
mod peer;
mod task;
mod train;

pub use peer::{Peer, listen};
pub use train::{Outcome, train};

/// Which part of the network a process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Half of the hidden neurons: the first (0) or the last ones (1).
    Half(usize),
}

/// Why the example failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The network could not be initialized.
    #[error(transparent)]
    Init(#[from] burn_init::InitError),
    /// The processes could not talk to each other.
    #[error("the two processes: {0}")]
    Io(#[from] std::io::Error),
    /// A tensor could not be read.
    #[error("a tensor: {0}")]
    Tensor(String),
    /// The second process failed.
    #[error("the second process failed: {0}")]
    Second(std::process::ExitStatus),
    /// The arguments are others than those of the program.
    #[error("usage: shards (without arguments)")]
    Usage,
}
