//! What a transform does at the ends of an axis.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a transform does where the filters would reach beyond the ends of an axis.
///
/// Haar's never do: it exists for every length, and is the same with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Boundary {
    /// The axis goes on periodically, so that its ends are neighbours, as in PyWavelets' mode
    /// `periodization`. Each level needs an even length.
    #[default]
    Periodic,
    /// Orthonormal filters of their own at each end (Herley 1995), for every length and to full depth,
    /// with any orthogonal family. Away from the ends, coefficients are those of the family's
    /// filters; constants have no details at any level.
    Filters,
}

impl fmt::Display for Boundary {
    /// What an initializer says of it after its levels; nothing where it's the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Periodic => Ok(()),
            Self::Filters => write!(f, ", boundary filters"),
        }
    }
}
