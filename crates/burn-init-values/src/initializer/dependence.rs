//! How the elements of a weight depend on each other.

use serde::Serialize;

use super::Fitted;
use super::expected::Knowledge;
use super::fitted::Values;
use crate::draw::map::Map;

/// How the elements of a weight depend on each other, over all seeds: what theory may be applied to it.
///
/// ```
/// use burn_init_values::initializer::Dependence;
/// use burn_init_values::{Eye, Initializer, Normal, Orthogonal, Wavelet};
///
/// let weight = [64, 16].into();
/// assert_eq!(Normal::new(0.0, 1.0).fit(&weight)?.dependence(), Dependence::Independent);
/// assert_eq!(Orthogonal::new().fit(&weight)?.dependence(), Dependence::Uncorrelated);
/// assert_eq!(Wavelet::haar().fit(&weight)?.dependence(), Dependence::Unknown);
/// assert_eq!(Eye::new().fit(&weight)?.dependence(), Dependence::Fixed);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dependence {
    /// Each element is drawn by itself, all from one law: singular values follow Marchenko and Pastur's.
    Independent,
    /// The elements of a neuron have one mean and variance, and no correlations: the second moment of its
    /// output follows from that of its inputs, as it does for independent ones.
    Uncorrelated,
    /// Nothing is known.
    Unknown,
    /// The values are the same for all keys.
    Fixed,
}

impl Fitted {
    /// How its elements depend on each other, as far as that is known.
    // Inlined into the fit of a sparse weight, its comparison with `Independent` is false for an independent one: rustc
    // 1.95 with optimization. The test `uncorrelated_elements` sees that.
    #[inline(never)]
    pub fn dependence(&self) -> Dependence {
        if matches!(self.knowledge(), Knowledge::Fixed) {
            return Dependence::Fixed;
        }
        match self.values() {
            Values::Elements(map) => of_map(map),
            Values::Centre(inner) => inner.1.dependence().max(Dependence::Uncorrelated),
            Values::Vectors(..) | Values::Whole(_) if self.is_uncorrelated() => {
                Dependence::Uncorrelated
            }
            _ => Dependence::Unknown,
        }
    }
}

fn of_map(map: &Map) -> Dependence {
    let mut drawn = map;
    while let Map::Scaled(inner, _) = drawn {
        drawn = inner;
    }
    match drawn {
        Map::Constant(_) => Dependence::Fixed,
        Map::OneUniform | Map::Each(_) | Map::Scaled(..) => Dependence::Unknown,
        _ => Dependence::Independent,
    }
}
