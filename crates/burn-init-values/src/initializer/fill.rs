//! The driver: from a range of elements to whole vectors, tiles and threads.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::draw::map::scale;
use crate::error::InitError;
use crate::key::Key;
use crate::memory::zeros;
use crate::weight::{Tile, Vectors};

/// What one thread writes tiles with, and its working memory: called with the number of the tile's
/// first vector.
pub(crate) type Worker<'a> = Box<dyn FnMut(usize, &mut Tile<'_>) -> Result<(), InitError> + 'a>;

/// Gives each thread its worker.
pub(crate) type Workers<'a> = Box<dyn Fn() -> Worker<'a> + Send + Sync + 'a>;

/// How vectors are made, each by itself.
///
/// An element that a sparse initializer leaves out isn't written: the driver knows it by that.
pub(crate) trait FillVectors: Send + Sync {
    /// How many vectors one call of [`prepare`](Self::prepare) is for, if not for all: the vectors of
    /// a matrix. A multiple of [`Vectors::unit`].
    fn at_once(&self) -> Option<usize> {
        None
    }

    /// How many neighbouring vectors are better made together than one by one.
    fn width(&self) -> usize {
        1
    }

    /// Makes what the workers share for these vectors.
    ///
    /// # Errors
    ///
    /// If there isn't enough memory.
    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError>;
}

/// Writes the elements `range` of a weight whose vectors are made by `fill`.
pub(super) fn fill_vectors(
    vectors: &Vectors,
    fill: &dyn FillVectors,
    key: Key,
    range: Range<usize>,
    out: &mut [f32],
) -> Result<(), InitError> {
    if range.is_empty() {
        return Ok(());
    }
    let (len, unit) = (vectors.len(), vectors.unit());
    let first = range.start / (unit * len) * unit;
    let end = range.end.div_ceil(unit * len) * unit;
    let error = Mutex::new(None);
    let mut rest = out;
    let mut j = first;
    while j < end {
        let next = match fill.at_once() {
            Some(at_once) => end.min((j / at_once + 1) * at_once),
            None => end,
        };
        let workers = fill.prepare(key, j..next)?;
        let work = |worker: &mut Worker<'_>, j: usize, tile: &mut Tile<'_>| {
            if let Err(first) = worker(j, tile) {
                error
                    .lock()
                    .unwrap_or_else(|e| e.into_inner())
                    .get_or_insert(first);
            }
        };
        let begin = range.start.max(j * len);
        let (now, later) = rest.split_at_mut(range.end.min(next * len) - begin);
        rest = later;
        // Units that are cut are made in working memory, whole ones where they belong.
        let end = begin + now.len();
        let whole_begin = begin.next_multiple_of(unit * len).min(end);
        let whole_end = (end / (unit * len) * (unit * len)).max(whole_begin);
        let (head, now) = now.split_at_mut(whole_begin - begin);
        let (whole, tail) = now.split_at_mut(whole_end - whole_begin);
        vectors.fill_part(begin..whole_begin, head, || workers(), work);
        vectors.for_each_tile(whole_begin / len, fill.width(), whole, || workers(), work);
        vectors.fill_part(whole_end..end, tail, || workers(), work);
        j = next;
    }
    match error.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Vectors that a function makes one by one.
pub(super) struct EachVector<F> {
    pub len: usize,
    pub vector: F,
}

impl<F: Fn(Key, usize, &mut [f32]) + Send + Sync> FillVectors for EachVector<F> {
    fn prepare(&self, key: Key, _: Range<usize>) -> Result<Workers<'_>, InitError> {
        // Is there memory for a vector?
        zeros::<f32>(&[self.len], self.len)?;
        Ok(Box::new(move || {
            let mut room = vec![0.0; self.len];
            Box::new(move |first, tile| {
                for l in 0..tile.count() {
                    tile.change(l, &mut room, |w| {
                        w.fill(0.0);
                        (self.vector)(key, first + l, w);
                    });
                }
                Ok(())
            })
        }))
    }
}

/// Vectors that another one makes, multiplied.
pub(super) struct ScaledVectors {
    pub fill: Arc<dyn FillVectors>,
    pub by: f32,
}

impl FillVectors for ScaledVectors {
    fn at_once(&self) -> Option<usize> {
        self.fill.at_once()
    }

    fn width(&self) -> usize {
        self.fill.width()
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let workers = self.fill.prepare(key, vectors)?;
        Ok(Box::new(move || {
            let mut worker = workers();
            Box::new(move |first, tile| {
                worker(first, tile)?;
                scale(tile.elements().filter(|value| written(**value)), self.by);
                Ok(())
            })
        }))
    }
}

/// What an element holds that nothing has written, where it matters: a NaN that no sum gives.
pub(super) const UNWRITTEN: f32 = f32::from_bits(0x7fc0_dead);

/// Whether something has written this element.
pub(crate) fn written(value: f32) -> bool {
    value.to_bits() != UNWRITTEN.to_bits()
}
