//! Random phases.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::Uniform;
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// U(0, 2π): the biases of random Fourier features √(2/D) cos(wx + b) (Rahimi and Recht 2007).
///
/// The weights are [`FourierFeatures`](super::FourierFeatures). Parameters of any shape can have
/// phases.
///
/// ```
/// use burn_init_values::{Initializer, Phases, Seed, WeightLayout};
///
/// let b = Phases::new().draw(&WeightLayout::vector([256]), Seed::new(1).key("features.bias"))?;
/// assert!(b.iter().all(|b| (0.0..6.2831855).contains(b)));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Phases {}

impl Phases {
    /// U(0, 2π).
    pub const fn new() -> Self {
        Self {}
    }
}

impl fmt::Display for Phases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phases, uniform, 0 to 2π")
    }
}

impl Initializer for Phases {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        Uniform::new(0.0, TAU).fit(weight)
    }
}
