//! What the values of a weight are expected to be, before any is made.

use std::sync::Arc;

use serde::Serialize;

use super::Fitted;
use super::fitted::Values;
use crate::draw::map::Map;
use crate::draw::normal::NormalMap;
use crate::draw::uniform::{BetweenMap, SymmetricMap};
use crate::draw::{Elementwise, Source};
use crate::key::Seed;
use crate::weight::Vectors;

/// Mean and standard deviation of an element of a weight, over all seeds and over all elements: the zeros of
/// a sparse weight count, too.
///
/// ```
/// use burn_init_values::{Initializer, Orthogonal};
///
/// let expected = Orthogonal::new().fit(&[64, 16].into())?.expected().unwrap();
/// assert_eq!((expected.mean, expected.std), (0.0, 1.0 / 8.0));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub std: f64,
}

impl Expected {
    /// Mean 0, and this standard deviation.
    pub const fn centred(std: f64) -> Self {
        Self { mean: 0.0, std }
    }

    /// Those of vectors of this norm, which point in all directions alike.
    pub(crate) fn of_norm(vectors: &Vectors, norm: f64) -> Self {
        Self::centred(norm.abs() / (vectors.len() as f64).sqrt())
    }

    /// Of a mean, and of a mean of squares.
    pub(crate) fn of_squares(mean: f64, squares: f64) -> Self {
        let std = (squares - mean * mean).max(0.0).sqrt();
        Self { mean, std }
    }

    /// Those of U(low, high).
    pub(crate) fn uniform(low: f64, high: f64) -> Self {
        Self {
            mean: 0.5 * low + 0.5 * high,
            std: (0.5 * high - 0.5 * low) / 3f64.sqrt(),
        }
    }

    /// Those of ln U(low, high), for bounds above 0.
    pub(crate) fn ln_uniform(low: f64, high: f64) -> Self {
        if high <= low {
            return Self {
                mean: libm::log(low),
                std: 0.0,
            };
        }
        // The integrals of ln and ln², around the upper bound so that little cancels.
        let (width, ratio) = (1.0 - low / high, low / high);
        let ln = libm::log(ratio);
        let mean = -1.0 - ratio * ln / width;
        let squares = 2.0 - ratio * (ln * ln - 2.0 * ln) / width;
        let Self { mean, std } = Self::of_squares(mean, squares);
        Self {
            mean: mean + libm::log(high),
            std,
        }
    }

    /// Those of what `value` makes of a uniform number between 0 and 1, by the midpoint rule.
    pub(crate) fn of_unit(value: impl Fn(f64) -> f64) -> Self {
        const POINTS: u32 = 4096;
        let values = || (0..POINTS).map(|i| value((f64::from(i) + 0.5) / f64::from(POINTS)));
        Self::of_values(values, f64::from(POINTS))
    }

    /// Those of so many values.
    fn of_values<I: Iterator<Item = f64>>(values: impl Fn() -> I, count: f64) -> Self {
        let mean = values().sum::<f64>() / count;
        let square = |value: f64| (value - mean) * (value - mean);
        let std = (values().map(square).sum::<f64>() / count).sqrt();
        Self { mean, std }
    }

    /// Those of several parts, each with its share; the shares sum up to 1.
    pub(crate) fn of_parts(parts: impl Iterator<Item = (f64, Self)> + Clone) -> Self {
        let mean = parts.clone().map(|(share, part)| share * part.mean).sum();
        let around = |(share, part): (f64, Self)| {
            let distance = part.mean - mean;
            share * (part.std * part.std + distance * distance)
        };
        let std = parts.map(around).sum::<f64>().sqrt();
        Self { mean, std }
    }

    /// Those of these elements among zeros, of which they are this share.
    pub(crate) fn among_zeros(self, share: f64) -> Self {
        let parts = [(share, self), (1.0 - share, Self::centred(0.0))];
        Self::of_parts(parts.into_iter())
    }

    /// Those of the values multiplied by this number.
    pub(crate) fn scaled(self, by: f64) -> Self {
        Self {
            mean: self.mean * by,
            std: self.std * by.abs(),
        }
    }

    fn are_finite(&self) -> bool {
        self.mean.is_finite() && self.std.is_finite()
    }
}

/// How what is expected of a weight can be known.
#[derive(Clone, Default)]
pub(super) enum Knowledge {
    /// By how its values come about, or not at all.
    #[default]
    ByValues,
    Known(Expected),
    /// When they are asked for.
    Later(Arc<dyn Fn() -> Option<Expected> + Send + Sync>),
    /// The values are the same for all keys.
    Fixed,
}

impl Knowledge {
    /// Those of the values multiplied by this number.
    pub fn scaled(self, by: f64) -> Self {
        match self {
            Self::Known(expected) => Self::Known(expected.scaled(by)),
            Self::Later(expected) => Self::Later(Arc::new(move || Some(expected()?.scaled(by)))),
            same => same,
        }
    }
}

/// What the numbers of a map say.
fn of_map(map: &Map) -> Option<Expected> {
    Some(match map {
        Map::Constant(value) => Expected {
            mean: f64::from(*value),
            std: 0.0,
        },
        Map::OneUniform => Expected::uniform(0.0, 1.0),
        Map::Normal(NormalMap { mean, std }) => Expected {
            mean: f64::from(*mean),
            std: f64::from(*std),
        },
        Map::Symmetric(SymmetricMap(a)) => Expected::uniform(-f64::from(*a), f64::from(*a)),
        Map::Between(BetweenMap { low, high, .. }) => {
            Expected::uniform(f64::from(*low), f64::from(*high))
        }
        Map::Words(each) => of_words(each)?,
        Map::Truncated(_) | Map::Tail(_) | Map::Each(_) => return None,
        Map::Scaled(map, by) => of_map(map)?.scaled(f64::from(*by)),
    })
}

/// What a source and steps without bounds say.
fn of_words(each: &Elementwise) -> Option<Expected> {
    let first = match each.source {
        Source::Uniform => Expected::uniform(-1.0, 1.0),
        Source::Normal => Expected {
            mean: 0.0,
            std: 1.0,
        },
        Source::NormalBetween { .. } | Source::Constant(_) => return None,
    };
    each.steps.iter().try_fold(first, |expected, step| {
        let has_bounds = step.low > f32::NEG_INFINITY || step.high < f32::INFINITY;
        let mut moved = expected.scaled(f64::from(step.factor));
        moved.mean += f64::from(step.addend);
        (!has_bounds).then_some(moved)
    })
}

/// Values that don't depend on the key are made to know it, if there are no more of them.
const MOST_FIXED: usize = 1 << 20;

impl Fitted {
    /// The mean and the standard deviation that its weights are expected to have, if that is known: by
    /// the law that the initializer draws from, without any of its values. Elements that are left out
    /// count as the zeros that they are.
    ///
    /// Values that are the same for all keys, such as an identity's, are made to be measured, if there are no
    /// more than 2²⁰ of them.
    pub fn expected(&self) -> Option<Expected> {
        let expected = match self.knowledge() {
            Knowledge::Known(expected) => Some(*expected),
            Knowledge::Later(expected) => expected(),
            Knowledge::Fixed => self.of_fixed(),
            Knowledge::ByValues => match self.values() {
                Values::Elements(map) => of_map(map),
                Values::Vectors(..) | Values::Whole(_) => None,
                Values::Centre(inner) => {
                    let (centre, matrix) = inner.as_ref();
                    Some(matrix.expected()?.among_zeros(1.0 / centre.places as f64))
                }
                Values::Repeated(inner) => inner.1.expected(),
                Values::Parts(parts) => {
                    let share = |part: &Self| part.len() as f64 / self.len() as f64;
                    let parts: Option<Vec<_>> = parts
                        .all()
                        .filter(|part| !part.is_empty())
                        .map(|part| Some((share(part), part.expected()?)))
                        .collect();
                    Some(Expected::of_parts(parts?.into_iter()))
                }
            },
        };
        expected.filter(|expected| !self.is_empty() && expected.are_finite())
    }

    /// The share of its elements that are weights, as far as it can be known before the values are drawn: on
    /// average over seeds. 1 if nothing is left out.
    pub fn density(&self) -> Option<f64> {
        if !self.is_sparse() {
            return Some(1.0);
        }
        if let Some(density) = self.known_density() {
            return Some(density);
        }
        match self.values() {
            Values::Repeated(inner) => inner.1.density(),
            Values::Centre(inner) => Some(inner.1.density()? / inner.0.places as f64),
            Values::Parts(parts) => {
                let weights = parts
                    .all()
                    .map(|part| Some(part.density()? * part.len() as f64));
                let weights: f64 = weights.sum::<Option<f64>>()?;
                Some(weights / self.len() as f64)
            }
            _ => None,
        }
    }

    fn of_fixed(&self) -> Option<Expected> {
        if self.len() > MOST_FIXED {
            return None;
        }
        let values = self.draw(Seed::new(0).key("")).ok()?;
        let all = || values.iter().map(|value| f64::from(*value));
        Some(Expected::of_values(all, values.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(expected: Expected, mean: f64, std: f64) {
        let is_near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
        assert!(
            is_near(expected.mean, mean) && is_near(expected.std, std),
            "{expected:?}"
        );
    }

    /// By mpmath: the integrals of ln x and ln² x.
    #[test]
    fn logarithms() {
        near(
            Expected::ln_uniform(1.0, std::f64::consts::E),
            0.581_976_706_869_326_4,
            0.281_649_437_762_988_8,
        );
        near(
            Expected::ln_uniform(1.0, 16.0),
            1.957_427_970_389_1,
            0.673_313_624_915_991_9,
        );
        near(Expected::ln_uniform(2.0, 2.0), 2f64.ln(), 0.0);
    }

    #[test]
    fn parts_and_zeros() {
        let parts = [
            (0.25, Expected::centred(2.0)),
            (
                0.75,
                Expected {
                    mean: 1.0,
                    std: 0.0,
                },
            ),
        ];
        // Mean ¾; squares ¼·4 + ¾·1 = 1.75.
        near(
            Expected::of_parts(parts.into_iter()),
            0.75,
            (1.75f64 - 0.5625).sqrt(),
        );
        near(
            Expected {
                mean: 1.0,
                std: 0.0,
            }
            .among_zeros(0.25),
            0.25,
            0.1875f64.sqrt(),
        );
        near(Expected::uniform(-1.0, 3.0), 1.0, 2.0 / 3f64.sqrt());
        // The midpoint rule's error is of the order 1/4096².
        let unit = Expected::of_unit(|u| 6.0 * u);
        assert!((unit.mean - 3.0).abs() < 1e-12 && (unit.std - 3f64.sqrt()).abs() < 1e-7);
    }
}
