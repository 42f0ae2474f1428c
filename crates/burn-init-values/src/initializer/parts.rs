//! Weights whose parts along an axis are made each by itself.

use std::ops::Range;

use super::Fitted;
use crate::error::InitError;
use crate::key::Key;
use crate::memory::{UNWRITTEN, written, zeros};
use crate::weight::Region;

/// The parts of a weight along one of its axes, each fitted to a weight of its own.
pub(crate) struct Parts {
    axis: usize,
    /// The size of the axis.
    size: usize,
    /// The number of elements at each place of the axis.
    inner: usize,
    /// Of each part, its places along the axis.
    parts: Vec<(Range<usize>, Fitted)>,
}

impl Parts {
    /// Parts that cover an axis of this shape, one after another.
    pub fn new(shape: &[usize], axis: usize, parts: Vec<(Range<usize>, Fitted)>) -> Self {
        Self {
            axis,
            size: shape[axis],
            inner: shape[axis + 1..]
                .iter()
                .copied()
                .fold(1, usize::saturating_mul),
            parts,
        }
    }

    /// The parts.
    pub fn all(&self) -> impl Iterator<Item = &Fitted> {
        self.parts.iter().map(|(_, part)| part)
    }

    /// All values multiplied by this number.
    pub fn scaled(&self, by: f32) -> Self {
        let scaled =
            |(range, part): &(Range<usize>, Fitted)| (range.clone(), part.clone().scaled(by));
        Self {
            parts: self.parts.iter().map(scaled).collect(),
            ..*self
        }
    }

    /// Writes the elements `range` of the whole, less those that are left out. Where the zeros of some
    /// parts are to last, those of the others are written, as weights.
    pub fn run(
        &self,
        key: Key,
        range: Range<usize>,
        lasting: bool,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let line = self.size.saturating_mul(self.inner);
        for (number, (places, part)) in self.parts.iter().enumerate() {
            let (first, own) = (places.start * self.inner, places.len() * self.inner);
            if own == 0 {
                continue;
            }
            // How many of the part's elements come before an element of the whole.
            let before = |i: usize| i / line * own + (i % line).saturating_sub(first).min(own);
            let of_part = before(range.start)..before(range.end);
            if of_part.is_empty() {
                continue;
            }
            let is_one_piece = (of_part.end - 1) / own == of_part.start / own;
            if is_one_piece && !part.is_sparse() {
                let place = of_part.start / own * line + first + of_part.start % own;
                let out = &mut out[place - range.start..][..of_part.len()];
                part.run(key.part(number), of_part, out)?;
                continue;
            }
            let mut values = zeros(part.shape(), of_part.len())?;
            values.fill(UNWRITTEN);
            part.run(key.part(number), of_part.clone(), &mut values)?;
            let mut rest = values.as_slice();
            let mut begin = of_part.start;
            while !rest.is_empty() {
                let count = (own - begin % own).min(rest.len());
                let (now, later) = rest.split_at(count);
                let place = begin / own * line + first + begin % own - range.start;
                copy(part, lasting, now, &mut out[place..][..count]);
                (begin, rest) = (begin + count, later);
            }
        }
        Ok(())
    }

    /// As [`run`](Self::run), for a region of the whole.
    pub fn run_region(
        &self,
        key: Key,
        region: &Region,
        lasting: bool,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let along = region.ranges()[self.axis].clone();
        let inner = region.inner(self.axis);
        let line = along.len() * inner;
        for (number, (places, part)) in self.parts.iter().enumerate() {
            let (start, end) = (along.start.max(places.start), along.end.min(places.end));
            if start >= end {
                continue;
            }
            let own = start - places.start..end - places.start;
            let of_part = region.with_axis(self.axis, places.len(), own);
            let (first, own) = ((start - along.start) * inner, (end - start) * inner);
            if own == out.len() && !part.is_sparse() {
                part.run_region(key.part(number), &of_part, out)?;
                continue;
            }
            let mut values = zeros(part.shape(), of_part.elements())?;
            values.fill(UNWRITTEN);
            part.run_region(key.part(number), &of_part, &mut values)?;
            for (now, line) in values.chunks(own).zip(out.chunks_mut(line)) {
                copy(part, lasting, now, &mut line[first..][..own]);
            }
        }
        Ok(())
    }
}

/// Copies what a part has written. Where zeros are to last, but not the part's, those are written as
/// weights.
fn copy(part: &Fitted, lasting: bool, values: &[f32], out: &mut [f32]) {
    if !part.is_sparse() {
        return out.copy_from_slice(values);
    }
    let is_weight = |value: f32| written(value) && (value != 0.0 || !part.writes_zeros_for_none());
    let keeps_zeros = lasting && !part.is_lasting();
    for (out, value) in out.iter_mut().zip(values) {
        if is_weight(*value) {
            *out = *value;
        } else if keeps_zeros {
            *out = 0.0;
        }
    }
}
