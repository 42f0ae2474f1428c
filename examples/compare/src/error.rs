//! What can go wrong once the command line is accepted.

use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::TensorReadError;
use burn_init::InitError;

/// A failure; the program ends with exit code 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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

    /// Another process writes to the journal.
    #[error("{} is in use by another process; wait for it, or choose another folder by -o", path.display())]
    Busy {
        /// The journal.
        path: PathBuf,
    },

    /// The journal holds something that isn't a run, before its last line.
    #[error("{}, line {line}: {problem}; mend or delete this line", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },

    /// A task can't be run with such a setting.
    #[error("--task {task} can't be run with --{option} {given}: {expected}")]
    Setting {
        /// The task.
        task: &'static str,
        /// The option.
        option: &'static str,
        /// What was asked for.
        given: String,
        /// What would be right.
        expected: String,
    },

    /// An initializer doesn't fit a task.
    #[error("--inits {init} doesn't fit --task {task}: {source}")]
    Unfit {
        /// The initializer.
        init: &'static str,
        /// The task.
        task: &'static str,
        /// Why not.
        source: InitError,
    },

    /// The initializer refused.
    #[error(transparent)]
    Init(#[from] InitError),

    /// The device failed.
    #[error("the device failed: {0}")]
    Device(#[from] TensorReadError),

    /// A result can't be encoded.
    #[error("a result can't be encoded: {0}")]
    Encode(#[from] serde_json::Error),
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
