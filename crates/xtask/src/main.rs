//! The project's own commands: `cargo run-checks`, `cargo xtask fuzz`, `cargo xtask publish-checks`, …

mod book;
mod checks;
mod debian;
mod fuzz;
mod machines;
mod next_burn;
mod publish;
mod quantile_table;
mod statistics;
mod workspace;

use std::path::PathBuf;
use std::process::{self, ExitCode};

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
    /// The tests on wgpu need an adapter, those of the example compare's page a browser, and those with instruction
    /// sets switched off qemu. On Debian, as root, the software Vulkan driver, Chromium and qemu are installed if
    /// there are none. Without them the tests say what they left out; with the environment variable CI set, that's
    /// a failure.
    RunChecks,
    /// The property tests with settings, layouts and plans at random, for as long as this says.
    Fuzz {
        /// How long, in minutes; a round that has begun is finished
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// What has to hold before the crates are published: their packages build, also with the oldest Rust and
    /// the oldest dependencies that they allow; licences are accepted ones, where cargo-deny is there; and the public
    /// API is the one that is written down.
    PublishChecks,
    /// Writes down the public API of both crates, in `crates/*/api.txt`.
    Api,
    /// The pages of the book, docs/book, in the target folder, by mdBook.
    Book {
        /// Where the pages' links to files of the repository lead [default: this clone]
        #[arg(long, value_name = "URL")]
        files: Option<String>,
    },
    /// The values on other processors, emulated: aarch64, i686, s390x, riscv64, powerpc64le, armv7, wasm32.
    ///
    /// Each needs Rust's library for it, a linker and qemu (wasm32: wasmi). What isn't there is said. On Debian, as
    /// root, --debian brings all that qemu's need, in a folder below target: 3 GB.
    OtherMachines {
        /// Those to test; all, if none is named
        processors: Vec<String>,
        /// With the packages of a Debian in a folder of its own
        #[arg(long)]
        debian: bool,
    },
    /// The tests with another version of Burn, in a copy of the workspace below target.
    NextBurn {
        /// Such as 0.23.0-pre.1; the newest on crates.io, if none is given
        version: Option<String>,
    },
    /// dieharder's statistical tests on words of seeds, paths, streams and elements beside each other.
    Statistics {
        /// Those to test; all, if none is named
        sources: Vec<String>,
        /// Test nothing: write the tables of docs/book/statistics.md, from the reports of what was tested
        #[arg(long, conflicts_with = "sources")]
        write: bool,
    },
    /// Writes the table behind the normal numbers: crates/burn-init-values/src/draw/quantile_table.rs.
    QuantileTable,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::RunChecks => checks::run(),
        Command::Fuzz { minutes } => fuzz::run(minutes),
        Command::PublishChecks => publish::checks(),
        Command::Api => publish::write_api(),
        Command::Book { files } => book::build(files),
        Command::OtherMachines { processors, debian } => machines::run(&processors, debian),
        Command::NextBurn { version } => next_burn::run(version),
        Command::Statistics { write: true, .. } => statistics::write_tables(),
        Command::Statistics { sources, .. } => statistics::run(&sources),
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

/// Runs a command that has to succeed.
fn succeed(command: &mut process::Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!(
            "{} failed ({status})",
            command.get_program().display()
        )),
        Err(error) => Err(format!(
            "{} can't be run: {error}",
            command.get_program().display()
        )),
    }
}
