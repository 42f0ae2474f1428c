//! Trains the 100 → 64 relu → 10 softmax network on handwritten digits; `--help` lists the options.

use std::process::ExitCode;

use clap::Parser;
use mlp::args::Cli;

fn main() -> ExitCode {
    match mlp::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
