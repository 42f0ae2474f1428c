//! Writes the figures of `docs/book/wavelets.md` and the tables in it, from the library's own output.
//!
//! ```console
//! $ cargo run --release --package burn-init-figures             # writes them
//! $ cargo run --release --package burn-init-figures -- --check  # fails if a table is out of date
//! ```

mod chart;
mod error;
mod fluctuation;
mod measure;
mod neurons;
mod skew;
mod spectrum;
mod tables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use burn_init_chapter::Chapter;
use clap::Parser;

use crate::error::Error;

/// Writes the figures and the tables of the chapter on wavelets.
#[derive(Debug, Parser)]
#[command(name = "burn-init-figures", version)]
struct Cli {
    /// The folder that holds wavelets.md, and figures/ for the figures [default: the repository's docs/book]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write nothing; fail if a table in wavelets.md isn't the one that would be written
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = cli.out.unwrap_or_else(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        root.unwrap_or(Path::new(".")).join("docs/book")
    });
    let result = if cli.check { check(&out) } else { write(&out) };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(out: &Path) -> Result<(), Error> {
    let chapter = Chapter::read(&out.join("wavelets.md"))?;
    let mut outdated = Vec::new();
    for table in tables::all()? {
        if !chapter.has(table.name, &table.markdown())? {
            outdated.push(table.name);
        }
    }
    if outdated.is_empty() {
        return Ok(());
    }
    Err(Error::OutOfDate {
        tables: outdated,
        path: chapter.path().to_owned(),
    })
}

fn write(out: &Path) -> Result<(), Error> {
    // All is computed before anything is written.
    let mut chapter = Chapter::read(&out.join("wavelets.md"))?;
    for table in tables::all()? {
        chapter.replace(table.name, &table.markdown())?;
    }
    let figures = [
        ("neurons.svg", neurons::figure()?),
        ("fluctuation.svg", fluctuation::figure()?),
        ("spectrum.svg", spectrum::figure()?),
        ("skew.svg", skew::figure()?),
    ];
    let folder = out.join("figures");
    std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
    for (name, svg) in figures {
        let file = folder.join(name);
        std::fs::write(&file, svg).map_err(Error::io("write", &file))?;
        println!("{}", file.display());
    }
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
