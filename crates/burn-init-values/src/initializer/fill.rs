//! The driver: from a range of elements to whole vectors, tiles and threads.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::draw::map::scale;
use crate::error::InitError;
use crate::key::Key;
use crate::memory::{written, zeros};
use crate::weight::{Piece, Runs, Tile, Vectors};

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

/// Runs of fewer elements are made in working memory, many at a time.
const SHORT: usize = 1 << 14;

/// Pieces that are collected before they are made.
const MANY: usize = 1 << 12;

/// Writes elements of a weight whose vectors are made by `fill`, run after run.
pub(super) fn fill_vectors(
    vectors: &Vectors,
    fill: &dyn FillVectors,
    key: Key,
    runs: &Runs,
    out: &mut [f32],
) -> Result<(), InitError> {
    let (len, unit) = (vectors.len(), vectors.unit());
    let end = runs.end().div_ceil((unit * len).max(1)) * unit;
    let error = Mutex::new(None);
    let work = |worker: &mut Worker<'_>, j: usize, tile: &mut Tile<'_>| {
        if let Err(first) = worker(j, tile) {
            error
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .get_or_insert(first);
        }
    };
    let mut pieces = Pieces::new(runs, out);
    while let Some(start) = pieces.next_start() {
        let j = start / (unit * len) * unit;
        let next = match fill.at_once() {
            Some(at_once) => end.min((j / at_once + 1) * at_once),
            None => end,
        };
        let workers = fill.prepare(key, j..next)?;
        // Units that are cut are made in working memory, whole ones where they belong.
        let mut cut: Vec<Piece<'_>> = Vec::new();
        let mut last_unit = None;
        let unit = unit * len;
        while let Some((begin, piece)) = pieces.next_before(next * len) {
            let end = begin + piece.len();
            if cut.len() >= MANY && last_unit != Some(begin / unit) {
                let cut = std::mem::take(&mut cut);
                vectors.fill_pieces(fill.width(), cut, || workers(), work);
            }
            last_unit = Some((end - 1) / unit);
            let whole_begin = begin.next_multiple_of(unit).min(end);
            let whole_end = (end / unit * unit).max(whole_begin);
            if runs.count > 1 && whole_end - whole_begin < SHORT {
                cut.push((begin, piece));
                continue;
            }
            let (head, now) = piece.split_at_mut(whole_begin - begin);
            let (whole, tail) = now.split_at_mut(whole_end - whole_begin);
            vectors.for_each_tile(whole_begin / len, fill.width(), whole, || workers(), work);
            let ends = [(begin, head), (whole_end, tail)];
            cut.extend(ends.into_iter().filter(|(_, piece)| !piece.is_empty()));
        }
        vectors.fill_pieces(fill.width(), cut, || workers(), work);
    }
    match error.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The runs of a part of a weight, one after another, each with its elements.
struct Pieces<'r, 'a> {
    runs: &'r Runs,
    /// The number of the run that comes next, and how many elements of it are taken already.
    next: (usize, usize),
    rest: &'a mut [f32],
}

impl<'r, 'a> Pieces<'r, 'a> {
    fn new(runs: &'r Runs, out: &'a mut [f32]) -> Self {
        Self {
            runs,
            next: (0, 0),
            rest: out,
        }
    }

    /// Where the next piece begins.
    fn next_start(&self) -> Option<usize> {
        let (run, taken) = self.next;
        (!self.rest.is_empty()).then(|| self.runs.start(run) + taken)
    }

    /// The next piece, up to element `end` of the weight, if it begins before that.
    fn next_before(&mut self, end: usize) -> Option<Piece<'a>> {
        let start = self.next_start().filter(|start| *start < end)?;
        let (run, taken) = self.next;
        let len = (self.runs.len - taken).min(end - start);
        let (now, later) = std::mem::take(&mut self.rest).split_at_mut(len);
        self.rest = later;
        self.next = if taken + len == self.runs.len {
            (run + 1, 0)
        } else {
            (run, taken + len)
        };
        Some((start, now))
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
