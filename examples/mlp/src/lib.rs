//! The network of the article behind burn-init, 100 → 64 relu → 10 softmax, on real handwritten digits.
//!
//! `cargo run --release --example mlp -- --init he-normal --seed 1` initializes it with one of burn-init's
//! initializers, trains it with Burn's own training loop and reports loss and accuracy on both halves of the split.

#[cfg(not(any(feature = "flex", feature = "ndarray", feature = "wgpu")))]
compile_error!(
    "mlp needs a backend: build it with at least one of the features `flex`, `ndarray` and `wgpu`"
);

pub mod args;
pub mod artifacts;
pub mod backend;
pub mod batch;
pub mod digits;
pub mod error;
pub mod evaluate;
pub mod fit;
pub mod initializer;
pub mod model;
pub mod output;
pub mod plain;
pub mod predict;
pub mod split;
pub mod steps;
pub mod summary;
pub mod train;
pub mod watch;

use crate::args::{Cli, Command};
use crate::error::Error;

/// Does what the command line asks for.
///
/// # Errors
///
/// See [`Error`]; nothing half-written is left behind.
pub fn run(cli: Cli) -> Result<(), Error> {
    match cli.command {
        Some(Command::Predict(args)) => predict::run(&args),
        None => train::run(&cli.train),
    }
}
