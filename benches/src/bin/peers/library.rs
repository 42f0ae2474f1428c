//! What is compared: the columns of the tables.

/// A library, or two that do a job together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    BurnInit,
    Burn,
    Torch,
    Jax,
    Numpy,
    PyWavelets,
    /// The numbers from NumPy, the transforms from PyWavelets.
    NumpyPyWavelets,
}

impl Library {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 7] = [
        Self::BurnInit,
        Self::Burn,
        Self::Torch,
        Self::Jax,
        Self::Numpy,
        Self::PyWavelets,
        Self::NumpyPyWavelets,
    ];

    /// Its name in tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::BurnInit => "burn-init",
            Self::Burn => "Burn",
            Self::Torch => "PyTorch",
            Self::Jax => "JAX",
            Self::Numpy => "NumPy",
            Self::PyWavelets => "PyWavelets",
            Self::NumpyPyWavelets => "NumPy + PyWavelets",
        }
    }

    /// Its name in worker.py; `None` for the two that run in this process.
    pub fn worker(self) -> Option<&'static str> {
        match self {
            Self::BurnInit | Self::Burn => None,
            Self::Torch => Some("torch"),
            Self::Jax => Some("jax"),
            Self::Numpy => Some("numpy"),
            Self::PyWavelets => Some("pywavelets"),
            Self::NumpyPyWavelets => Some("numpy+pywavelets"),
        }
    }
}
