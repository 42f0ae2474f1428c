//! The project's own commands: `cargo run-checks`, `cargo xtask fuzz`, `cargo xtask quantile-table`.

mod checks;
mod debian;
mod fuzz;
mod quantile_table;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that has to pass: format, clippy, docs, and the tests on all backends.
    ///
    /// The tests on wgpu need an adapter, and those of the example compare's page a browser. On
    /// Debian, as root, the software Vulkan driver and Chromium are installed if there are none.
    /// Without them the tests say what they left out; with the environment variable CI set, that's
    /// a failure.
    RunChecks,
    /// The property tests with settings, layouts and plans at random, for as long as this says.
    Fuzz {
        /// How long, in minutes; a round that has begun is finished
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// Writes the table behind the normal numbers: crates/burn-init-values/src/draw/quantile_table.rs.
    QuantileTable,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::RunChecks => checks::run(),
        Command::Fuzz { minutes } => fuzz::run(minutes),
        Command::QuantileTable => {
            let file = root().join("crates/burn-init-values/src/draw/quantile_table.rs");
            std::fs::write(&file, quantile_table::source())
                .map_err(|error| format!("can't write {}: {error}", file.display()))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
