//! Compares initializers: `--help` lists the tasks, the initializers and the options.

use std::process::ExitCode;

use clap::Parser;
use compare::args::{Cli, command_line};

fn main() -> ExitCode {
    match compare::run(&Cli::parse(), command_line()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
