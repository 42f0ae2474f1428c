//! What can go wrong once the command line is accepted.

use std::io;
use std::path::{Path, PathBuf};

use burn_init::InitError;
use plotters::drawing::DrawingAreaErrorKind;

/// A failure; the program ends with exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder can't be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted, as in "cannot write".
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// There is no such interpreter.
    #[error(
        "cannot run {}: {source}; --python takes an interpreter with the packages of {}, and without it one is installed",
        python.display(),
        requirements.display()
    )]
    NoPython {
        /// The interpreter.
        python: PathBuf,
        /// The list of packages.
        requirements: PathBuf,
        /// Why it doesn't run.
        source: io::Error,
    },

    /// The packages couldn't be installed.
    #[error(
        "`{command}` failed; its output above says why. --python takes an interpreter that has the packages already"
    )]
    Install {
        /// What was run.
        command: String,
    },

    /// A library can't be imported.
    #[error(
        "{} can't measure {library}: {problem}; install what is missing: {} -m pip install -r {}",
        python.display(),
        python.display(),
        requirements.display()
    )]
    Import {
        /// The interpreter.
        python: PathBuf,
        /// The library.
        library: &'static str,
        /// What Python says.
        problem: String,
        /// The list of packages.
        requirements: PathBuf,
    },

    /// A worker failed in a job.
    #[error("{library} failed in {job}: {problem}")]
    Job {
        /// The library.
        library: &'static str,
        /// The job's id.
        job: String,
        /// What it says.
        problem: String,
    },

    /// A worker is no longer there, or says what it never should.
    #[error("the worker of {library} {problem}; what it wrote above may say why")]
    Worker {
        /// The library.
        library: &'static str,
        /// What happened.
        problem: String,
    },

    /// The chapter can't be used.
    #[error(transparent)]
    Chapter(#[from] burn_init_chapter::Error),

    /// The library refused.
    #[error(transparent)]
    Init(#[from] InitError),

    /// The figure can't be drawn.
    #[error("cannot draw: {0}")]
    Draw(#[from] DrawingAreaErrorKind<io::Error>),
}

impl Error {
    /// For `map_err`: says what was attempted, and where.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
