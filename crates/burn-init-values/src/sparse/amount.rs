//! How many weights are kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::InitError;

const NAME: &str = "Sparse";

/// How many weights of a neuron, or of an input, are kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Amount {
    /// This many.
    Exact(usize),
    /// This share, from 0 to 1, rounded to the nearest number; at least one weight unless it is 0.
    Density(f64),
    /// All but this share, from 0 to 1; the number of zeros is rounded up, as in PyTorch, Flux and MLX.
    Sparsity(f64),
    /// This many in the whole parameter, spread so evenly that neurons differ by at most one.
    Total(usize),
}

impl Amount {
    /// How many of `n` weights are kept, for an amount that is the same for each vector.
    pub(super) fn of(self, n: usize) -> Result<usize, InitError> {
        let share = |setting: &'static str, share: f64| {
            if (0.0..=1.0).contains(&share) {
                Ok(share)
            } else {
                Err(InitError::setting(NAME, setting, share, "from 0 to 1"))
            }
        };
        match self {
            Self::Exact(k) if k <= n => Ok(k),
            Self::Exact(k) => {
                let expected = format!("at most {n}, the weights that there are to choose from");
                Err(InitError::setting(NAME, "k", k, expected))
            }
            Self::Density(density) => {
                let density = share("density", density)?;
                let k = (density * n as f64).round() as usize;
                Ok(k.max(usize::from(density > 0.0)).min(n))
            }
            Self::Sparsity(sparsity) => {
                let zeros = (share("sparsity", sparsity)? * n as f64).ceil() as usize;
                Ok(n - zeros.min(n))
            }
            Self::Total(total) => Err(InitError::setting(
                NAME,
                "total",
                total,
                "used with a number per neuron: it can't be spread over this pattern",
            )),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(k) => write!(f, "{k}"),
            Self::Density(density) => write!(f, "density {density}"),
            Self::Sparsity(sparsity) => write!(f, "sparsity {sparsity}"),
            Self::Total(total) => write!(f, "{total} in all"),
        }
    }
}
