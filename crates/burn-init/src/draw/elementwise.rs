//! Distributions that give each element a value of its own.

use super::normal::NormalMap;
use super::truncated::TruncatedMap;
use super::uniform::{BetweenMap, SymmetricMap};
use super::{ROW, fill, fill_rows, fill_scattered};
use crate::key::Key;

/// What each element is drawn from, by itself: any of them can be drawn alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Elementwise {
    Constant(f32),
    Normal(NormalMap),
    Symmetric(SymmetricMap),
    Between(BetweenMap),
    Truncated(TruncatedMap),
}

impl Elementwise {
    /// The elements from `start` on.
    pub fn fill(self, key: Key<'_>, start: u64, out: &mut [f32]) {
        match self {
            Self::Constant(value) => out.fill(value),
            Self::Normal(map) => fill(key, start, out, map),
            Self::Symmetric(map) => fill(key, start, out, map),
            Self::Between(map) => fill(key, start, out, map),
            Self::Truncated(map) => fill(key, start, out, map),
        }
    }

    /// The elements with these indices.
    pub fn fill_scattered(self, key: Key<'_>, indices: &[u32], values: &mut [f32]) {
        match self {
            Self::Constant(value) => values.fill(value),
            Self::Normal(map) => fill_scattered(key, indices, values, map),
            Self::Symmetric(map) => fill_scattered(key, indices, values, map),
            Self::Between(map) => fill_scattered(key, indices, values, map),
            Self::Truncated(map) => fill_scattered(key, indices, values, map),
        }
    }

    /// Rows of elements: from `start` on, and each `stride` elements further.
    pub fn fill_rows(self, key: Key<'_>, start: u64, stride: u64, rows: &mut [[f32; ROW]]) {
        match self {
            Self::Constant(value) => rows.fill([value; ROW]),
            Self::Normal(map) => fill_rows(key, start, stride, rows, map),
            Self::Symmetric(map) => fill_rows(key, start, stride, rows, map),
            Self::Between(map) => fill_rows(key, start, stride, rows, map),
            Self::Truncated(map) => fill_rows(key, start, stride, rows, map),
        }
    }
}
