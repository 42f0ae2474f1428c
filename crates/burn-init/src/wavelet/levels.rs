//! How many levels a transform has.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Family;
use crate::error::InitError;

/// How many levels a transform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levels {
    /// As many as are useful: for Haar all, for other families as long as the length is even and at
    /// least the filter's, but at least one.
    #[default]
    Useful,
    /// As many as the length allows: for families other than Haar, as often as 2 divides it.
    /// Filters that are longer than what is left of the signal wrap around it.
    Full,
    /// This many.
    #[serde(untagged)]
    Exactly(usize),
}

impl fmt::Display for Levels {
    /// What an initializer says of it after its family; nothing where it's the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Useful => Ok(()),
            Self::Full => write!(f, ", all levels"),
            Self::Exactly(levels) => write!(f, ", {levels} levels"),
        }
    }
}

impl From<usize> for Levels {
    fn from(levels: usize) -> Self {
        Self::Exactly(levels)
    }
}

/// ⌈log₂ n⌉, and 0 for n = 0.
pub(super) fn halvings(n: usize) -> usize {
    (usize::BITS - n.saturating_sub(1).leading_zeros()) as usize
}

pub(super) fn useful_levels(family: Family, shape: &[usize]) -> usize {
    if family == Family::HAAR || shape.contains(&0) {
        return allowed_levels(family, shape);
    }
    let useful = |n: usize| {
        let mut levels = 0;
        while (n >> levels).is_multiple_of(2) && n >> levels >= family.filter_len() {
            levels += 1;
        }
        levels.max(1)
    };
    shape.iter().map(|n| useful(*n)).min().unwrap_or(0)
}

/// The most levels that there are.
pub(super) fn allowed_levels(family: Family, shape: &[usize]) -> usize {
    if shape.contains(&0) {
        0
    } else if family == Family::HAAR {
        shape.iter().map(|n| halvings(*n)).max().unwrap_or(0)
    } else {
        shape
            .iter()
            .map(|n| n.trailing_zeros() as usize)
            .min()
            .unwrap_or(0)
    }
}

pub(super) fn check_levels(
    family: Family,
    shape: &[usize],
    levels: usize,
) -> Result<(), InitError> {
    let allowed = allowed_levels(family, shape);
    if levels <= allowed {
        return Ok(());
    }
    let expected = if allowed == 0 && !shape.contains(&0) {
        format!(
            "0 for {family} on {shape:?}, which 2 doesn't divide; only haar exists for every length"
        )
    } else {
        format!("at most {allowed} for {family} on {shape:?}")
    };
    Err(InitError::setting("Wavelet", "levels", levels, expected))
}
