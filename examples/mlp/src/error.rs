//! What can go wrong once the command line is accepted.

use std::io;
use std::path::{Path, PathBuf};

use burn::store::SafetensorsStoreError;
use burn::tensor::TensorReadError;
use burn_init::InitError;

/// A failure at run time; the program ends with exit code 1.
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

    /// A folder that this program didn't make is left alone.
    #[error(
        "{} holds files but no config.json of this program, so nothing in it is overwritten: \
         choose a new, an empty or an earlier artifacts folder",
        path.display()
    )]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
    },

    /// The artifacts folder lacks something or holds something else.
    #[error("{} holds no usable training: {reason}", path.display())]
    Artifacts {
        /// The folder.
        path: PathBuf,
        /// What is missing or broken.
        reason: String,
    },

    /// There is no GPU, or its driver isn't installed or fails.
    #[error("wgpu can't be used: {0}; `--device flex` computes on the CPU, in a build that has it")]
    Wgpu(String),

    /// The device failed.
    #[error("the device failed: {0}")]
    Device(#[from] TensorReadError),

    /// The weights can't be read or encoded.
    #[error("the weights can't be collected: {0}")]
    Store(#[from] SafetensorsStoreError),

    /// The initializer refused.
    #[error(transparent)]
    Init(#[from] InitError),

    /// The training failed.
    #[error("the training failed: {reason}")]
    Training {
        /// What Burn says.
        reason: String,
    },

    /// The loss overflowed.
    #[error("the loss isn't a finite number any more; try a smaller --learning-rate")]
    Diverged,
}

impl Error {
    /// For `map_err`: says what was attempted, and where.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
