//! What can go wrong once the command line is accepted.

use std::io;
use std::path::{Path, PathBuf};

use burn_init_values::InitError;
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

    /// The chapter can't be used.
    #[error(transparent)]
    Chapter(#[from] burn_init_chapter::Error),

    /// Tables in the chapter differ from what would be written.
    #[error(
        "{} is out of date ({}): run `cargo run --release --package burn-init-figures`",
        path.display(),
        tables.join(", ")
    )]
    OutOfDate {
        /// The names of these tables.
        tables: Vec<&'static str>,
        /// The chapter.
        path: PathBuf,
    },

    /// The library refused.
    #[error(transparent)]
    Init(#[from] InitError),

    /// A figure can't be drawn.
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
