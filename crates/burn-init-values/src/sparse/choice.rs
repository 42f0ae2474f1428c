//! Which weights are kept: the pattern, fitted to a weight.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::Amount;
use crate::draw::fill_words;
use crate::draw::subset::Subset;
use crate::error::InitError;
use crate::key::{Key, Purpose};
use crate::memory::zeros;
use crate::parallel::for_each_chunk;
use crate::weight::{Tile, Vectors, WeightLayout};

/// What a pattern chooses of a weight.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub neurons: Vectors,
    /// The vectors that are chosen from, each by itself but for balanced and given patterns.
    pub vectors: Vectors,
    /// Neurons of each matrix.
    pub rows: usize,
    pub matrices: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `k` of every `m` consecutive elements.
    Chunks { k: usize, m: usize },
    /// This many in all vectors together, as equally many of each as can be.
    Spread(usize),
    /// Each element whose word is below this limit.
    Bernoulli { limit: u64 },
    /// `k` blocks of so many columns, the same for `rows` neurons.
    Blocks {
        rows: usize,
        columns: usize,
        k: usize,
    },
    /// A patch of a grid.
    Local { grid: Vec<usize>, patch: Vec<usize> },
    /// By neuron, and the inputs equally often.
    Balanced(Amount),
    /// A mask in the saved layout.
    Given(Arc<[bool]>),
}

impl Choice {
    /// Whether each vector's places are chosen by themselves, and how many weights each neuron then
    /// keeps, if that's the same number for all.
    pub fn by_vector(&self) -> Option<PerNeuron> {
        let n = self.neurons.len();
        match &self.kind {
            Kind::Balanced(_) | Kind::Given(_) => None,
            _ if self.vectors.count() == 0 => Some(PerNeuron::Same(n)),
            // Along some of the axes of a neuron, such as its channels.
            Kind::Chunks { k, m } if self.splits_neurons() => Some(PerNeuron::Same(n / m * k)),
            Kind::Chunks { .. } => Some(PerNeuron::Unknown),
            Kind::Blocks { columns, k, .. } => Some(PerNeuron::Same(columns * k)),
            Kind::Local { patch, .. } => Some(PerNeuron::Same(patch.iter().product())),
            Kind::Spread(_) | Kind::Bernoulli { .. } => Some(PerNeuron::OfVector),
        }
    }

    /// The share of all weights that is kept, on average over keys.
    pub fn density(&self) -> f64 {
        let of = |kept: usize, all: usize| kept as f64 / all.max(1) as f64;
        let (count, len) = (self.neurons.count(), self.neurons.len());
        match &self.kind {
            Kind::Chunks { k, m } => of(*k, *m),
            Kind::Bernoulli { limit } => *limit as f64 / (1u64 << 32) as f64,
            Kind::Blocks { columns, k, .. } => of(columns * k, len),
            Kind::Local { patch, .. } => of(patch.iter().product(), len),
            Kind::Spread(total) | Kind::Balanced(Amount::Total(total)) => {
                of(*total, count.saturating_mul(len))
            }
            Kind::Balanced(amount) => amount.of(len).map_or(0.0, |kept| of(kept, len)),
            Kind::Given(mask) => of(mask.iter().filter(|kept| **kept).count(), mask.len()),
        }
    }

    /// Whether each vector lies within one neuron.
    fn splits_neurons(&self) -> bool {
        let last = self.vectors.len().saturating_sub(1);
        let neuron = |j: usize, i: usize| self.neurons.place(self.vectors.index(j, i)).0;
        neuron(0, 0) == neuron(0, last)
    }

    /// What chooses the places of these vectors.
    pub fn chooser(&self, key: Key) -> Chooser<'_> {
        let of_rows = match &self.kind {
            Kind::Spread(total) => row_counts(key, *total, self.matrices * self.rows),
            _ => Vec::new(),
        };
        let corners = match &self.kind {
            Kind::Local { grid, patch } => patch_corners(self.rows, grid, patch),
            _ => Vec::new(),
        };
        Chooser {
            choice: self,
            key: key.purpose(Purpose::Mask),
            of_rows,
            corners,
        }
    }

    /// The mask of the whole parameter, in its saved layout.
    pub fn mask(&self, weight: &WeightLayout, key: Key) -> Result<Cow<'_, [bool]>, InitError> {
        if let Kind::Given(given) = &self.kind {
            return Ok(Cow::Borrowed(given));
        }
        let mut mask = zeros(weight.shape(), weight.elements()?)?;
        let (neurons, n) = (&self.neurons, self.neurons.len());
        match &self.kind {
            Kind::Balanced(amount) => {
                let of_rows = match amount {
                    Amount::Total(total) => row_counts(key, *total, self.matrices * self.rows),
                    amount => vec![amount.of(n)?; self.matrices * self.rows],
                };
                for (matrix, of_rows) in of_rows.chunks(self.rows.max(1)).enumerate() {
                    balance(key.purpose(Purpose::Mask), matrix, of_rows, n, |row, i| {
                        mask[neurons.index(matrix * self.rows + row, i)] = true;
                    });
                }
            }
            _ => {
                let chooser = self.chooser(key);
                let mut memory = Memory::default();
                for j in 0..self.vectors.count() {
                    let begin = self.vectors.index(j, 0);
                    for i in chooser.places(j, &mut memory) {
                        mask[begin + self.vectors.offset(*i as usize)] = true;
                    }
                }
            }
        }
        Ok(Cow::Owned(mask))
    }
}

/// How many weights a neuron keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PerNeuron {
    /// This many.
    Same(usize),
    /// As many as are chosen of its vector.
    OfVector,
    /// That is known once all vectors are chosen.
    Unknown,
}

/// Chooses the places of vectors, each by itself.
pub(super) struct Chooser<'a> {
    choice: &'a Choice,
    key: Key,
    /// How many weights of each neuron are kept, where that's spread.
    of_rows: Vec<usize>,
    /// The first corner of each neuron's patch, where there are patches.
    corners: Vec<Vec<usize>>,
}

/// Working memory of a [`Chooser`].
#[derive(Default)]
pub(super) struct Memory {
    subset: Subset,
    places: Vec<u32>,
    words: Vec<u32>,
}

impl Chooser<'_> {
    /// The places of vector `j`.
    pub fn places<'m>(&self, j: usize, memory: &'m mut Memory) -> &'m [u32] {
        let Memory {
            subset,
            places,
            words,
        } = memory;
        let n = self.choice.vectors.len();
        match &self.choice.kind {
            Kind::Chunks { k, m } if *m == n => {
                let draws = *k.min(&(n - k));
                return subset.choose(self.key, (j * draws) as u64, *k, n);
            }
            Kind::Chunks { k, m } => {
                let draws = *k.min(&(m - k));
                places.clear();
                for (chunk, number) in (0..n / m).zip(j * (n / m)..) {
                    let chosen = subset.choose(self.key, (number * draws) as u64, *k, *m);
                    places.extend(chosen.iter().map(|i| (chunk * m) as u32 + i));
                }
            }
            Kind::Spread(total) => {
                let most = total.div_ceil(self.of_rows.len().max(1));
                return subset.choose(self.key, (j * most) as u64, self.of_rows[j], n);
            }
            Kind::Bernoulli { limit } => {
                words.resize(n, 0);
                fill_words(self.key, (j * n) as u64, words);
                places.resize(n, 0);
                let mut count = 0;
                for (i, word) in (0..).zip(&*words) {
                    places[count] = i;
                    count += usize::from(u64::from(*word) < *limit);
                }
                places.truncate(count);
            }
            Kind::Blocks { rows, columns, k } => {
                let across = n / columns;
                let bands = self.choice.rows / rows;
                let (matrix, row) = (j / self.choice.rows, j % self.choice.rows);
                let number = matrix * bands + row / rows;
                let draws = *k.min(&(across - k));
                let blocks = subset.choose(self.key, (number * draws) as u64, *k, across);
                places.clear();
                for block in blocks {
                    let begin = block * *columns as u32;
                    places.extend(begin..begin + *columns as u32);
                }
            }
            Kind::Local { grid, patch } => {
                let corner = &self.corners[j % self.choice.rows];
                places.clear();
                let points: usize = patch.iter().product();
                for point in 0..points {
                    // From the last axis to the first, as the place in the patch is taken apart.
                    let (mut rest, mut place, mut stride) = (point, 0, 1);
                    for axis in (0..grid.len()).rev() {
                        place += (corner[axis] + rest % patch[axis]) * stride;
                        rest /= patch[axis];
                        stride *= grid[axis];
                    }
                    places.push(place as u32);
                }
            }
            // Those of the whole mask.
            Kind::Balanced(_) | Kind::Given(_) => places.clear(),
        }
        places
    }
}

/// A part of a mask in the saved layout, with a bit for each element.
pub(super) struct Bits {
    /// The part's first element.
    first: usize,
    words: Vec<u64>,
}

impl Bits {
    /// Packs these elements of a mask of a weight of this shape.
    pub fn of(mask: &[bool], elements: Range<usize>, shape: &[usize]) -> Result<Self, InitError> {
        /// Words that one task packs.
        const CHUNK: usize = 1 << 10;
        let (first, mask) = (elements.start, &mask[elements]);
        let mut words = zeros(shape, mask.len().div_ceil(64))?;
        for_each_chunk(&mut words, CHUNK, CHUNK, |i, words| {
            for (word, kept) in words.iter_mut().zip(mask[i * CHUNK * 64..].chunks(64)) {
                let (eights, rest) = kept.as_chunks::<8>();
                for (i, eight) in eights.iter().enumerate() {
                    // The eight bytes are 0 or 1: the product has them as the bits of its last byte.
                    let bytes = u64::from_le_bytes(eight.map(u8::from));
                    *word |= (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
                }
                for (i, kept) in rest.iter().enumerate() {
                    *word |= u64::from(*kept) << (8 * eights.len() + i);
                }
            }
        });
        Ok(Self { first, words })
    }

    /// Calls `each` with the places, from `begin` on, of those of `len` elements that are kept.
    #[inline]
    fn for_each_kept(&self, begin: usize, len: usize, mut each: impl FnMut(usize)) {
        let (begin, mut done) = (begin - self.first, 0);
        while done < len {
            let (word, bit) = ((begin + done) / 64, (begin + done) % 64);
            let count = (64 - bit).min(len - done);
            let mut bits = self.words[word] >> bit << (64 - count) >> (64 - count);
            while bits != 0 {
                each(done + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
            done += count;
        }
    }

    /// The places that are kept of each vector of a tile: `lists` gets a list for each.
    pub fn places_of_tile(
        &self,
        vectors: &Vectors,
        first: usize,
        tile: &Tile<'_>,
        lists: &mut Vec<Vec<u32>>,
    ) {
        let count = tile.count();
        lists.resize_with(count, Vec::new);
        lists.iter_mut().for_each(Vec::clear);
        if vectors.is_contiguous() {
            for (list, j) in lists.iter_mut().zip(first..) {
                let begin = vectors.index(j, 0);
                self.for_each_kept(begin, vectors.len(), |i| list.push(i as u32));
            }
        } else if vectors.is_side_by_side() {
            for i in 0..vectors.len() {
                let begin = vectors.index(first, i);
                self.for_each_kept(begin, count, |l| lists[l].push(i as u32));
            }
        } else {
            for (list, j) in lists.iter_mut().zip(first..) {
                for i in 0..vectors.len() {
                    self.for_each_kept(vectors.index(j, i), 1, |_| list.push(i as u32));
                }
            }
        }
    }
}

/// How many weights each of `rows` neurons keeps of `total`: equally many, and one more at random
/// places.
fn row_counts(key: Key, total: usize, rows: usize) -> Vec<usize> {
    if rows == 0 {
        return Vec::new();
    }
    let mut counts = vec![total / rows; rows];
    let mut subset = Subset::default();
    let one_more = subset.choose(key.purpose(Purpose::Remainder), 0, total % rows, rows);
    one_more.iter().for_each(|row| counts[*row as usize] += 1);
    counts
}

/// Chooses `of_rows[j]` places in row j so that columns differ by at most one: each row takes the
/// columns that were taken least, at random among equals. `keep` gets row and column.
fn balance(
    key: Key,
    matrix: usize,
    of_rows: &[usize],
    n: usize,
    mut keep: impl FnMut(usize, usize),
) {
    // Columns that were taken least, and those that were taken once more.
    let mut least: Vec<usize> = (0..n).collect();
    let mut more: Vec<usize> = Vec::new();
    let mut subset = Subset::default();
    for (j, k) in of_rows.iter().enumerate() {
        let first_draw = ((matrix * of_rows.len() + j) * n) as u64;
        let mut left = *k;
        if left >= least.len() {
            least.iter().for_each(|column| keep(j, *column));
            left -= least.len();
            let taken = std::mem::take(&mut least);
            least = std::mem::take(&mut more);
            // What was taken now is level with the rest, and not to be taken twice.
            let (again, rest) = pick(&mut subset, key, first_draw, left, least);
            again.iter().for_each(|column| keep(j, *column));
            more = again;
            least = merged(rest, taken);
        } else {
            let (now, rest) = pick(&mut subset, key, first_draw, left, least);
            now.iter().for_each(|column| keep(j, *column));
            least = rest;
            more = merged(more, now);
        }
    }
}

/// `k` of the columns at random, and the others.
fn pick(
    subset: &mut Subset,
    key: Key,
    first_draw: u64,
    k: usize,
    columns: Vec<usize>,
) -> (Vec<usize>, Vec<usize>) {
    let mut chosen = vec![false; columns.len()];
    let places = subset.choose(key, first_draw, k, columns.len());
    places
        .iter()
        .for_each(|place| chosen[*place as usize] = true);
    let (picked, rest): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .zip(chosen)
        .partition(|(_, chosen)| *chosen);
    let columns = |pairs: Vec<(usize, bool)>| pairs.into_iter().map(|(column, _)| column).collect();
    (columns(picked), columns(rest))
}

/// Two ascending lists as one.
fn merged(a: Vec<usize>, b: Vec<usize>) -> Vec<usize> {
    let mut all = [a, b].concat();
    all.sort_unstable();
    all
}

/// The first corner of each neuron's patch.
///
/// The neurons form a grid of their own, with as nearly the same proportions as there are places for
/// patches: rows of it are as equal as can be, and its points are spread evenly along each axis.
fn patch_corners(neurons: usize, grid: &[usize], patch: &[usize]) -> Vec<Vec<usize>> {
    let places: Vec<usize> = grid.iter().zip(patch).map(|(g, p)| g - p + 1).collect();
    let Some((first, others)) = places.split_first() else {
        return vec![Vec::new(); neurons];
    };
    // The share of the neurons that a full first axis would have, by area.
    let area: f64 = places.iter().map(|n| *n as f64).product();
    let power = places.len() as f64;
    let lines = (*first as f64 * libm::pow(neurons as f64 / area, power.recip())).round() as usize;
    let lines = if others.is_empty() {
        neurons
    } else {
        lines.clamp(1, neurons.max(1))
    };
    let along = |i: usize, of: usize, places: usize| (2 * i + 1) * places / (2 * of);
    let mut corners = Vec::new();
    for line in 0..lines {
        // As many neurons in each line, but for rounding.
        let of_line = (line + 1) * neurons / lines - line * neurons / lines;
        let inner = patch_corners(of_line, &grid[1..], &patch[1..]);
        let here = along(line, lines, *first);
        corners.extend(inner.into_iter().map(|rest| [vec![here], rest].concat()));
    }
    corners
}
