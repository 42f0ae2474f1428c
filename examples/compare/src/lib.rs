//! Initializers side by side: each is trained with the same seeds, and differences are tested in pairs.
//!
//! `cargo run --release --example compare -- --task digits --inits he-normal,haar-g2-r0 --seeds 20 -o report`
//! trains, keeps each finished run in `report/runs.jsonl`, and writes `report/index.html`. Killed at any
//! moment, the same command goes on.

pub mod args;
pub mod error;
pub mod init;
pub mod journal;
pub mod page;
pub mod run;
pub mod runner;
pub mod stats;
pub mod summary;
pub mod tables;
pub mod task;

use crate::args::Cli;
use crate::error::Error;
use crate::journal::Journal;
use crate::page::{About, overview};
use crate::summary::Summary;

/// Does what the command line asks for.
///
/// # Errors
///
/// See [`Error`]. Runs that were finished are kept.
pub fn run(cli: &Cli, command: String) -> Result<(), Error> {
    let runs = cli.runs();
    runner::check(&runs)?;
    let mut journal = Journal::open(&cli.out)?;
    runner::finish(&runs, &mut journal)?;
    let summary = Summary::of(&runs, journal.outcomes());
    tables::write(&cli.out, &summary)?;
    let page = page::html(&summary, &About::this_program(command))?;
    let path = cli.out.join("index.html");
    std::fs::write(&path, page).map_err(Error::io("write", &path))?;
    for of_task in &summary.tasks {
        let path = cli.out.join(format!("{}.svg", of_task.task.name()));
        std::fs::write(&path, overview::svg(of_task)?).map_err(Error::io("write", &path))?;
    }
    print!("{}", tables::text(&summary));
    println!("{}", path.display());
    Ok(())
}
