//! Weights of a given spectral norm.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::Orthogonal;
use crate::draw::map::Map;
use crate::draw::normal::{LARGEST_NORMAL, NormalMap};
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "Spectral";

/// What a weight of a given spectral norm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Matrix {
    /// A (semi-)orthogonal matrix: all its singular values are the norm.
    #[default]
    Orthogonal,
    /// Normal numbers: the norm is right in expectation, but for a few percent.
    Normal,
}

/// A matrix of m neurons with n inputs each, of the spectral norm gain · √(m/n) (Yang, Simon and
/// Bernstein 2023, "A Spectral Condition for Feature Learning").
///
/// Activations keep a size of 1 each then, whatever the width. [`Matrix::Orthogonal`] has exactly
/// this norm. With [`Matrix::Normal`], the standard deviation is gain · √(m/n)/(√m + √n), which is
/// the paper's 1/√n · min(1, √(m/n)) but for a factor between ½ and 1: the norm of a normal matrix
/// of standard deviation σ is about σ(√m + √n), and no larger in expectation (Davidson and Szarek
/// 2001).
///
/// A convolution's neurons are its output channels, and their inputs channels_in / groups · kernel:
/// m and n are those of each group.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Spectral};
///
/// // Two neurons of one input: the norm is √2.
/// let w = Spectral::orthogonal().draw(&[1, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// assert!((w[0] * w[0] + w[1] * w[1] - 2.0).abs() < 1e-6);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the weight has no inputs: the rows of an embedding are no matrix that anything is multiplied
/// by; [`MuP::input`](super::MuP::input) is for these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Spectral {
    /// What the matrix is.
    #[serde(default)]
    pub matrix: Matrix,
    /// What the spectral norm is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl Spectral {
    /// A (semi-)orthogonal matrix times √(m/n).
    pub const fn orthogonal() -> Self {
        Self {
            matrix: Matrix::Orthogonal,
            gain: 1.0,
        }
    }

    /// Normal numbers, whose spectral norm is √(m/n) in expectation.
    pub const fn normal() -> Self {
        Self {
            matrix: Matrix::Normal,
            gain: 1.0,
        }
    }

    /// Multiplies the spectral norm.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Spectral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matrix = match self.matrix {
            Matrix::Orthogonal => "orthogonal",
            Matrix::Normal => "normal",
        };
        write!(
            f,
            "{matrix}, spectral norm {} · √(outputs/inputs)",
            self.gain
        )
    }
}

impl Initializer for Spectral {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let neurons = weight.neurons()?;
        if !weight.axes().contains(&Axis::Input) {
            let problem = format!("{NAME} needs a weight with inputs, which an embedding hasn't");
            return Err(InitError::shape(weight.shape(), problem));
        }
        // An empty matrix has no norm.
        let m = (neurons.count() / weight.matrices().max(1)).max(1) as f64;
        let n = neurons.len().max(1) as f64;
        let norm = self.gain * (m / n).sqrt();
        match self.matrix {
            Matrix::Orthogonal => {
                // Elements are at most as large as the norm, but for rounding.
                finite(NAME, "gain · √(outputs/inputs)", 1.001 * norm)?;
                Orthogonal::new().gain(norm).fit(weight)
            }
            Matrix::Normal => {
                let std = norm.abs() / (m.sqrt() + n.sqrt());
                let largest = LARGEST_NORMAL * std;
                finite(NAME, "gain", largest)?;
                let (mean, std) = (0.0, std as f32);
                let map = Map::Normal(NormalMap { mean, std });
                Ok(Fitted::mapped(weight, map)?.up_to(largest))
            }
        }
    }
}
