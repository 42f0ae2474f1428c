//! Measures burn-init beside other libraries, and writes the tables and the figure of
//! `docs/book/speed.md`.
//!
//! ```console
//! $ cargo run --release --package burn-init-benches --bin peers
//! ```

mod error;
mod figure;
mod jobs;
mod library;
mod machine;
mod measure;
mod python;
mod summary;
mod tables;
mod worker;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use burn_init_chapter::Chapter;
use clap::Parser;
use clap::builder::PossibleValuesParser;

use crate::error::Error;
use crate::jobs::Job;
use crate::measure::measure;
use crate::worker::Worker;

/// Measures burn-init beside Burn, PyTorch, JAX, NumPy and PyWavelets.
#[derive(Debug, Parser)]
#[command(name = "peers", version)]
struct Cli {
    /// A Python with the packages of benches/peers/requirements.txt [default: one that is installed
    /// into the target folder on the first run]
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,

    /// How often each job runs; less often where it's slow
    #[arg(long, value_name = "N", default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Measure this job alone, and write nothing
    #[arg(long, value_name = "JOB", value_parser = PossibleValuesParser::new(jobs::all().iter().map(|job| job.id)))]
    only: Option<String>,

    /// The folder that holds speed.md, and figures/ for the figure [default: the repository's docs/book]
    #[arg(long, value_name = "DIR", conflicts_with = "only")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Error> {
    let out = cli.out.unwrap_or_else(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        root.unwrap_or(Path::new(".")).join("docs/book")
    });
    // What would fail after the measurements fails before them.
    let mut chapter = Chapter::read(&out.join("speed.md"))?;
    chapter.check_places(&tables::NAMES)?;

    let python = python::find(cli.python)?;
    let mut workers = Worker::start_all(&python)?;
    let jobs: Vec<Job> = jobs::all()
        .into_iter()
        .filter(|job| cli.only.as_ref().is_none_or(|only| only == job.id))
        .collect();
    let mut measured = Vec::new();
    for job in &jobs {
        let row = measure(job, &mut workers, cli.rounds)?;
        println!("{row}");
        measured.push(row);
    }
    if cli.only.is_some() {
        return Ok(());
    }

    for name in tables::NAMES {
        let table = match name {
            "machine" => machine::table(&workers),
            _ => tables::markdown(name, &measured),
        };
        chapter.replace(name, &table)?;
    }
    let folder = out.join("figures");
    std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
    let file = folder.join("benchmarks.svg");
    std::fs::write(&file, figure::svg(&measured)?).map_err(Error::io("write", &file))?;
    Ok(chapter.write()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
