//! What one element becomes, by itself.

use std::fmt;
use std::sync::Arc;

use super::elementwise::{Elementwise, Source, Step};
use super::normal::NormalMap;
use super::tail::TailMap;
use super::truncated::TruncatedMap;
use super::uniform::{self, BetweenMap, SymmetricMap};
use super::{ROW, fill, fill_rows, fill_scattered, word};
use crate::key::Key;
use crate::parallel::{FEW, for_each_chunk};
use crate::weight::Vectors;

/// What each element is drawn from, by itself: any of them can be drawn alone, in rows or scattered.
#[derive(Clone)]
pub(crate) enum Map {
    /// The same number for all.
    Constant(f32),
    /// The same number for all, drawn from U(0, 1).
    OneUniform,
    Normal(NormalMap),
    Symmetric(SymmetricMap),
    Between(BetweenMap),
    Truncated(TruncatedMap),
    Tail(TailMap),
    /// A source and steps, as another machine was told.
    Words(Elementwise),
    /// A function of the key and the element's index.
    Each(Each),
    /// What another map gives, multiplied.
    Scaled(Box<Map>, f32),
}

/// A value for each key and index.
pub(crate) type Each = Arc<dyn Fn(Key, u64) -> f32 + Send + Sync>;

/// Elements that one task draws one by one.
const CHUNK: usize = 1 << 10;

impl Map {
    /// Draws the elements from `start` on.
    pub fn fill(&self, key: Key, start: u64, out: &mut [f32]) {
        match self {
            Self::Constant(value) => out.fill(*value),
            Self::OneUniform => out.fill(uniform::unit(word(key, 0))),
            Self::Normal(map) => fill(key, start, out, *map),
            Self::Symmetric(map) => fill(key, start, out, *map),
            Self::Between(map) => fill(key, start, out, *map),
            Self::Truncated(map) => fill(key, start, out, *map),
            Self::Words(each) => fill(key, start, out, each),
            Self::Tail(map) => for_each_chunk(out, CHUNK, FEW, |task, chunk| {
                fill(key, start + (task * CHUNK) as u64, chunk, *map);
            }),
            Self::Each(value) => for_each_chunk(out, CHUNK, FEW, |task, chunk| {
                let first = start + (task * CHUNK) as u64;
                for (out, i) in chunk.iter_mut().zip(first..) {
                    *out = value(key, i);
                }
            }),
            Self::Scaled(map, by) => {
                map.fill(key, start, out);
                scale(out, *by);
            }
        }
    }

    /// Draws these elements of vector `j`. `indices` is working memory.
    pub fn fill_places(
        &self,
        key: Key,
        vectors: &Vectors,
        j: usize,
        places: &[u32],
        indices: &mut Vec<u32>,
        values: &mut [f32],
    ) {
        if let Self::Scaled(map, by) = self {
            map.fill_places(key, vectors, j, places, indices, values);
            return scale(values, *by);
        }
        let begin = vectors.index(j, 0);
        let end = vectors.index(j, vectors.len().saturating_sub(1));
        if u32::try_from(end).is_err() {
            for (value, place) in values.iter_mut().zip(places) {
                let index = vectors.index(j, *place as usize) as u64;
                self.fill(key, index, std::slice::from_mut(value));
            }
            return;
        }
        indices.clear();
        let index = |place: &u32| (begin + vectors.offset(*place as usize)) as u32;
        indices.extend(places.iter().map(index));
        match self {
            Self::Constant(_) | Self::OneUniform => self.fill(key, 0, values),
            Self::Normal(map) => fill_scattered(key, indices, values, *map),
            Self::Symmetric(map) => fill_scattered(key, indices, values, *map),
            Self::Between(map) => fill_scattered(key, indices, values, *map),
            Self::Truncated(map) => fill_scattered(key, indices, values, *map),
            Self::Words(each) => fill_scattered(key, indices, values, each),
            Self::Tail(map) => fill_scattered(key, indices, values, *map),
            Self::Each(value) => {
                for (out, i) in values.iter_mut().zip(indices) {
                    *out = value(key, u64::from(*i));
                }
            }
            Self::Scaled(..) => unreachable!("what is scaled is drawn above"),
        }
    }

    /// Draws rows of elements: from `start` on, and each `stride` elements further.
    pub fn fill_rows(&self, key: Key, start: u64, stride: u64, rows: &mut [[f32; ROW]]) {
        match self {
            Self::Constant(_) | Self::OneUniform => self.fill(key, 0, rows.as_flattened_mut()),
            Self::Normal(map) => fill_rows(key, start, stride, rows, *map),
            Self::Symmetric(map) => fill_rows(key, start, stride, rows, *map),
            Self::Between(map) => fill_rows(key, start, stride, rows, *map),
            Self::Truncated(map) => fill_rows(key, start, stride, rows, *map),
            Self::Words(each) => fill_rows(key, start, stride, rows, each),
            Self::Tail(map) => fill_rows(key, start, stride, rows, *map),
            Self::Each(value) => {
                for (i, row) in (0..).zip(rows) {
                    let first = start + i * stride;
                    for (out, i) in row.iter_mut().zip(first..) {
                        *out = value(key, i);
                    }
                }
            }
            Self::Scaled(map, by) => {
                map.fill_rows(key, start, stride, rows);
                scale(rows.as_flattened_mut(), *by);
            }
        }
    }

    /// What an element's word becomes, where no function of a user's or of the math library has a part in
    /// it.
    pub fn elementwise(&self, key: Key) -> Option<Elementwise> {
        let (source, steps) = match *self {
            Self::Constant(value) => (Source::Constant(value), vec![]),
            Self::OneUniform => (Source::Constant(uniform::unit(word(key, 0))), vec![]),
            Self::Normal(NormalMap { mean, std }) => (Source::Normal, vec![Step::new(std, mean)]),
            Self::Symmetric(SymmetricMap(a)) => (Source::Uniform, vec![Step::times(a)]),
            Self::Between(map) => {
                let (low, high) = map.within;
                let step = Step::new(map.half(), map.middle()).clamp(low, high);
                (Source::Uniform, vec![step])
            }
            Self::Truncated(map) => {
                let step = Step::new(map.std, map.mean).clamp(map.low, map.high);
                (map.interval.source(), vec![step])
            }
            Self::Words(ref each) => return Some(each.clone()),
            Self::Tail(_) | Self::Each(_) => return None,
            Self::Scaled(ref map, by) => {
                let Elementwise { source, mut steps } = map.elementwise(key)?;
                steps.push(Step::new(by, 0.0));
                (source, steps)
            }
        };
        Some(Elementwise { source, steps })
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(a), Self::Constant(b)) => a.to_bits() == b.to_bits(),
            (Self::OneUniform, Self::OneUniform) => true,
            (Self::Normal(a), Self::Normal(b)) => a == b,
            (Self::Symmetric(a), Self::Symmetric(b)) => a == b,
            (Self::Between(a), Self::Between(b)) => a == b,
            (Self::Truncated(a), Self::Truncated(b)) => a == b,
            (Self::Tail(a), Self::Tail(b)) => a == b,
            (Self::Words(a), Self::Words(b)) => a == b,
            (Self::Each(a), Self::Each(b)) => Arc::ptr_eq(a, b),
            (Self::Scaled(a, by), Self::Scaled(b, other)) => a == b && by == other,
            _ => false,
        }
    }
}

/// Multiplies values. No zero has a sign.
pub(crate) fn scale<'a>(values: impl IntoIterator<Item = &'a mut f32>, by: f32) {
    for value in values {
        *value = *value * by + 0.0;
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "Constant({value})"),
            Self::OneUniform => write!(f, "OneUniform"),
            Self::Normal(map) => map.fmt(f),
            Self::Symmetric(map) => map.fmt(f),
            Self::Between(map) => map.fmt(f),
            Self::Truncated(map) => map.fmt(f),
            Self::Tail(map) => map.fmt(f),
            Self::Words(each) => each.fmt(f),
            Self::Each(_) => write!(f, "Each(..)"),
            Self::Scaled(map, by) => write!(f, "{by} · {map:?}"),
        }
    }
}
