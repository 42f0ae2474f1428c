//! Vectors in a weight: where they lie, and how to work on them one by one.

use std::ops::Range;

use crate::draw::parallel::{FEW, for_each_chunk, for_each_task};
use crate::error::InitError;
use crate::memory::zeros;

/// Elements that one task transforms at a time.
const CHUNK: usize = 1 << 13;

/// Vectors of a tile: a few cache lines of each row where vectors stand side by side.
pub(crate) const TILE: usize = 64;

/// Where the vectors of one kind lie in the saved layout, such as the incoming weights of each
/// neuron.
///
/// In each group stands the block `[len / run, count, run]`: of vector j, `run` weights stand
/// together, then come those of the next vector. Where `run` is all of `len`, a vector is
/// contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fibers {
    pub(crate) groups: usize,
    pub(crate) count: usize,
    /// Weights of each vector.
    pub len: usize,
    pub(crate) run: usize,
}

impl Fibers {
    /// The number of neurons.
    pub fn count(&self) -> usize {
        self.groups * self.count
    }

    pub fn is_contiguous(&self) -> bool {
        self.run == self.len || self.count == 1
    }

    /// The vector that element `index` of the saved layout belongs to.
    pub fn vector_of(&self, index: usize) -> usize {
        let group = index / (self.len * self.count);
        group * self.count + index / self.run % self.count
    }

    /// Its place in that vector.
    pub fn element_of(&self, index: usize) -> usize {
        let within = index % (self.len * self.count);
        within / (self.run * self.count) * self.run + within % self.run
    }

    /// Where element `i` of vector `j` lies.
    pub fn index(&self, j: usize, i: usize) -> usize {
        let (group, j) = (j / self.count, j % self.count);
        ((group * self.len / self.run + i / self.run) * self.count + j) * self.run + i % self.run
    }

    /// Where these elements of vector `j` lie, in 32 bits, which must be enough.
    pub fn indices(&self, j: usize, elements: &[u32], indices: &mut Vec<u32>) {
        let begin = self.index(j, 0) as u32;
        indices.clear();
        if self.is_contiguous() {
            indices.extend(elements.iter().map(|i| begin + i));
        } else if self.run == 1 {
            indices.extend(elements.iter().map(|i| begin + i * self.count as u32));
        } else {
            indices.extend(elements.iter().map(|i| self.index(j, *i as usize) as u32));
        }
    }

    /// The neurons that the elements `range` belong to, and the elements of these neurons.
    pub fn covering(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() || self.len == 0 {
            return 0..0;
        }
        // Where neurons aren't contiguous, almost every range meets all neurons of its group.
        let unit = if self.is_contiguous() {
            self.len
        } else {
            self.len * self.count
        };
        range.start / unit * unit..range.end.div_ceil(unit) * unit
    }

    /// Lets `fill(first, weights)` write the neurons that `range` meets, as
    /// [`covering`](Self::covering) gives them, and takes `out` from these.
    pub fn fill_range(
        &self,
        range: Range<usize>,
        out: &mut [f32],
        fill: impl FnOnce(usize, &mut [f32]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        if range.is_empty() {
            return Ok(());
        }
        let whole = self.covering(range.clone());
        if whole == range {
            return fill(whole.start, out);
        }
        let mut weights = zeros(&[whole.len()], whole.len())?;
        fill(whole.start, &mut weights)?;
        out.copy_from_slice(&weights[range.start - whole.start..][..out.len()]);
        Ok(())
    }

    /// Calls `work(memory, j, tile)` with tiles of up to [`TILE`] neighbouring vectors, from number j
    /// on, which are read and written together: without a copy of the whole, wherever they lie.
    /// `memory` is what several calls of one thread use one after another.
    ///
    /// `weights` are whole vectors, and `first` is the index of their first element, as for
    /// [`for_each`](Self::for_each).
    pub fn for_each_tile<S>(
        &self,
        first: usize,
        weights: &mut [f32],
        memory: impl Fn() -> S + Send + Sync,
        work: impl Fn(&mut S, usize, Tile<'_>) + Send + Sync,
    ) {
        if weights.is_empty() {
            return;
        }
        let (len, run, elements) = (self.len, self.run, weights.len());
        let first = first / len;
        if self.is_contiguous() {
            let tiles = weights
                .chunks_mut(TILE * len)
                .map(|vectors| Tile::Contiguous { len, vectors })
                .collect();
            for_each_task(tiles, elements, memory, |memory, i, tile| {
                work(memory, first + i * TILE, tile);
            });
            return;
        }
        // The parts of each line of the saved layout that a tile has, from the first line on.
        let per_group = self.count.div_ceil(TILE);
        let groups = elements / (self.count * len);
        let mut tiles: Vec<Vec<&mut [f32]>> = Vec::with_capacity(groups * per_group);
        for group in weights.chunks_mut(self.count * len) {
            let begin = tiles.len();
            tiles.resize_with(begin + per_group, || Vec::with_capacity(len / run));
            for line in group.chunks_mut(self.count * run) {
                for (tile, part) in tiles[begin..].iter_mut().zip(line.chunks_mut(TILE * run)) {
                    tile.push(part);
                }
            }
        }
        for_each_task(tiles, elements, memory, |memory, i, parts| {
            let j = first + i / per_group * self.count + i % per_group * TILE;
            work(memory, j, Tile::Lines { run, parts });
        });
    }

    /// Calls `work(j, weights)` with consecutive neurons, from number j on, as a contiguous
    /// `[neurons, len]` matrix.
    ///
    /// `weights` are whole neurons in the saved layout, as [`covering`](Self::covering) gives;
    /// `first` is the index of their first element.
    pub fn for_each<T: Copy + Default + Send + Sync>(
        &self,
        first: usize,
        weights: &mut [T],
        work: impl Fn(usize, &mut [T]) + Send + Sync,
    ) {
        if weights.is_empty() {
            return;
        }
        let per_task = (CHUNK / self.len).max(1);
        let first_neuron = first / self.len;
        let by_neuron = |matrix: &mut [T]| {
            for_each_chunk(matrix, per_task * self.len, FEW, |task, rows| {
                work(first_neuron + task * per_task, rows);
            });
        };
        if self.is_contiguous() {
            by_neuron(weights);
            return;
        }

        // A copy with the neurons one after another, and back.
        let (count, run) = (self.count, self.run);
        let steps = self.len / run;
        let mut matrix = vec![T::default(); weights.len()];
        for_each_chunk(&mut matrix, per_task * self.len, FEW, |task, rows| {
            for (row, j) in rows.chunks_mut(self.len).zip(task * per_task..) {
                let group = &weights[j / count * count * self.len..];
                for (step, part) in row.chunks_mut(run).enumerate() {
                    let begin = (step * count + j % count) * run;
                    part.copy_from_slice(&group[begin..begin + run]);
                }
            }
        });
        by_neuron(&mut matrix);
        let lines_per_task = (CHUNK / (count * run)).max(1);
        for_each_chunk(weights, lines_per_task * count * run, FEW, |task, lines| {
            for (line, number) in lines.chunks_mut(count * run).zip(task * lines_per_task..) {
                let group = &matrix[number / steps * count * self.len..];
                for (j, part) in line.chunks_mut(run).enumerate() {
                    let begin = j * self.len + number % steps * run;
                    part.copy_from_slice(&group[begin..begin + run]);
                }
            }
        });
    }
}

/// Neighbouring vectors of a weight, where they lie.
pub(crate) enum Tile<'a> {
    /// One after another.
    Contiguous { len: usize, vectors: &'a mut [f32] },
    /// Side by side: of each line, `run` weights of each vector.
    Lines {
        run: usize,
        parts: Vec<&'a mut [f32]>,
    },
}

impl Tile<'_> {
    /// The number of vectors.
    pub fn count(&self) -> usize {
        match self {
            Self::Contiguous { len, vectors } => vectors.len() / len,
            Self::Lines { run, parts } => parts.first().map_or(0, |part| part.len() / run),
        }
    }

    /// Sets elements of one of the vectors.
    pub fn set(&mut self, vector: usize, places: &[u32], values: &[f32]) {
        match self {
            Self::Contiguous { len, vectors } => {
                let vector = &mut vectors[vector * *len..][..*len];
                for (place, value) in places.iter().zip(values) {
                    vector[*place as usize] = *value;
                }
            }
            Self::Lines { run: 1, parts } => {
                for (place, value) in places.iter().zip(values) {
                    parts[*place as usize][vector] = *value;
                }
            }
            Self::Lines { run, parts } => {
                for (place, value) in places.iter().zip(values) {
                    let place = *place as usize;
                    parts[place / *run][vector * *run + place % *run] = *value;
                }
            }
        }
    }

    /// Copies some of the vectors to the first columns of a matrix with a row for each of their
    /// elements.
    pub fn read<const L: usize>(&self, range: Range<usize>, rows: &mut [[f32; L]]) {
        match self {
            Self::Contiguous { len, vectors } => {
                let vectors = vectors.chunks_exact(*len).skip(range.start);
                for (l, vector) in vectors.take(range.len()).enumerate() {
                    for (row, weight) in rows.iter_mut().zip(vector) {
                        row[l] = *weight;
                    }
                }
            }
            Self::Lines { run: 1, parts } => {
                for (row, part) in rows.iter_mut().zip(parts) {
                    let part = &part[range.clone()];
                    match <&[f32; L]>::try_from(part) {
                        Ok(full) => *row = *full,
                        Err(_) => row[..part.len()].copy_from_slice(part),
                    }
                }
            }
            Self::Lines { run, parts } => {
                for (rows, part) in rows.chunks_exact_mut(*run).zip(parts) {
                    let vectors = part.chunks_exact(*run).skip(range.start);
                    for (l, weights) in vectors.take(range.len()).enumerate() {
                        for (row, weight) in rows.iter_mut().zip(weights) {
                            row[l] = *weight;
                        }
                    }
                }
            }
        }
    }

    /// The reverse of [`read`](Self::read).
    pub fn write<const L: usize>(&mut self, range: Range<usize>, rows: &[[f32; L]]) {
        match self {
            Self::Contiguous { len, vectors } => {
                let vectors = vectors.chunks_exact_mut(*len).skip(range.start);
                for (l, vector) in vectors.take(range.len()).enumerate() {
                    for (row, weight) in rows.iter().zip(vector) {
                        *weight = row[l];
                    }
                }
            }
            Self::Lines { run: 1, parts } => {
                for (row, part) in rows.iter().zip(parts) {
                    let part = &mut part[range.clone()];
                    let columns = part.len();
                    match <&mut [f32; L]>::try_from(&mut *part) {
                        Ok(full) => *full = *row,
                        Err(_) => part.copy_from_slice(&row[..columns]),
                    }
                }
            }
            Self::Lines { run, parts } => {
                for (rows, part) in rows.chunks_exact(*run).zip(parts) {
                    let vectors = part.chunks_exact_mut(*run).skip(range.start);
                    for (l, weights) in vectors.take(range.len()).enumerate() {
                        for (row, weight) in rows.iter().zip(weights) {
                            *weight = row[l];
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::layout::WeightLayout;

    /// Every neuron sees exactly its own weights, wherever they lie.
    #[test]
    fn neurons_in_every_layout() {
        let layouts = [
            WeightLayout::linear([5, 7]),
            WeightLayout::linear_col([5, 7]),
            WeightLayout::conv([4, 3, 2, 2]),
            WeightLayout::conv_transpose([4, 3, 2, 2]),
            WeightLayout::conv_transpose([6, 2, 5]).groups(3),
            WeightLayout::embedding([9, 4]),
            WeightLayout::linear([300, 170]),
        ];
        for layout in layouts {
            let neurons = layout.neurons().unwrap();
            let elements = layout.elements().unwrap();
            assert_eq!(neurons.count() * neurons.len, elements);
            let original: Vec<usize> = (0..elements).collect();
            let mut weights = original.clone();
            neurons.for_each(0, &mut weights, |first, rows| {
                for (row, j) in rows.chunks_mut(neurons.len).zip(first..) {
                    for (i, weight) in row.iter_mut().enumerate() {
                        assert_eq!(*weight, neurons.index(j, i), "{layout:?}");
                        *weight += 1_000_000;
                    }
                }
            });
            assert!(
                weights
                    .iter()
                    .zip(original)
                    .all(|(w, o)| *w == o + 1_000_000)
            );
        }
    }

    /// Tiles have the vectors that their number says, and write back what was read.
    #[test]
    fn tiles_in_every_layout() {
        let layouts = [
            WeightLayout::linear([5, 7]),
            WeightLayout::linear_col([5, 7]),
            WeightLayout::conv([4, 3, 2, 2]),
            WeightLayout::conv_transpose([6, 2, 5]).groups(3),
            WeightLayout::linear([300, 170]),
            WeightLayout::linear_col([170, 300]),
        ];
        for layout in layouts {
            for fibers in [layout.neurons().unwrap(), layout.across_neurons().unwrap()] {
                let elements = layout.elements().unwrap();
                let original: Vec<f32> = (0..elements).map(|i| i as f32).collect();
                let mut weights = original.clone();
                let rows = || vec![[0.0; 4]; fibers.len];
                fibers.for_each_tile(0, &mut weights, rows, |rows, first, mut tile| {
                    for begin in (0..tile.count()).step_by(4) {
                        let range = begin..tile.count().min(begin + 4);
                        tile.read(range.clone(), rows);
                        for (i, row) in rows.iter_mut().enumerate() {
                            for (weight, j) in row.iter_mut().zip(range.clone()) {
                                let index = fibers.index(first + j, i);
                                assert_eq!(*weight, index as f32, "{layout:?}");
                                *weight += 1e6;
                            }
                        }
                        tile.write(range, rows);
                    }
                });
                assert!(weights.iter().zip(&original).all(|(w, o)| *w == o + 1e6));
            }
        }
    }

    /// Along every choice of axes, the vectors cover each element once, and run along these axes.
    #[test]
    fn every_direction() {
        use crate::layout::Along::{self, *};

        let place = |layout: &WeightLayout, index: &[usize]| {
            let shape = layout.shape();
            index.iter().zip(shape).fold(0, |flat, (i, n)| flat * n + i)
        };
        let linear = WeightLayout::linear([5, 7]);
        let col = WeightLayout::linear_col([7, 5]);
        let conv = WeightLayout::conv([6, 4, 2, 3]).groups(2);
        let up = WeightLayout::conv_transpose([6, 4, 2, 3]).groups(2);
        let embedding = WeightLayout::embedding([9, 4]);
        // Of each: the axes, the number of vectors, and where element 1 of vector 1 lies.
        let cases: [(&WeightLayout, Along, usize, &[usize]); 15] = [
            (&linear, Inputs, 7, &[1, 1]),
            (&linear, Outputs, 5, &[1, 1]),
            (&linear, Channels, 7, &[1, 1]),
            (&col, Inputs, 7, &[1, 1]),
            (&col, Outputs, 5, &[1, 1]),
            (&col, Channels, 7, &[1, 1]),
            (&conv, Inputs, 6, &[1, 0, 0, 1]),
            (&conv, Outputs, 2 * 4 * 6, &[1, 0, 0, 1]),
            (&conv, Kernel, 24, &[0, 1, 0, 1]),
            (&conv, Channels, 36, &[0, 1, 0, 1]),
            (&up, Inputs, 2 * 4, &[0, 1, 0, 1]),
            (&up, Outputs, 36, &[0, 1, 0, 1]),
            (&up, Channels, 2 * 4 * 6, &[1, 0, 0, 1]),
            (&embedding, Outputs, 9, &[1, 1]),
            (&embedding, Vocabulary, 4, &[1, 1]),
        ];
        for (layout, along, count, index) in cases {
            let fibers = layout.along(along).unwrap();
            assert_eq!(fibers.count(), count, "{layout:?} {along:?}");
            assert_eq!(
                fibers.index(1, 1),
                place(layout, index),
                "{layout:?} {along:?}"
            );
            let mut seen = vec![0; layout.elements().unwrap()];
            let all = (0..count).flat_map(|j| (0..fibers.len).map(move |i| (j, i)));
            for (j, i) in all {
                let index = fibers.index(j, i);
                seen[index] += 1;
                assert_eq!((fibers.vector_of(index), fibers.element_of(index)), (j, i));
            }
            assert!(seen.iter().all(|times| *times == 1), "{layout:?} {along:?}");
        }
        assert!(linear.along(Kernel).is_err() && linear.along(Vocabulary).is_err());
        assert!(embedding.along(Channels).is_err());
    }

    /// Which input each element of a grouped transposed convolution belongs to, from Burn's
    /// definition of the layout.
    #[test]
    fn grouped_transposed_convolution() {
        let neurons = WeightLayout::conv_transpose([4, 3, 2])
            .groups(2)
            .neurons()
            .unwrap();
        assert_eq!((neurons.count(), neurons.len), (6, 4));
        // Output channel 4 is channel 1 of group 1, whose inputs are channels 2 and 3.
        let place = |input: usize, output: usize, k: usize| (input * 3 + output) * 2 + k;
        let expected = [
            place(2, 1, 0),
            place(2, 1, 1),
            place(3, 1, 0),
            place(3, 1, 1),
        ];
        assert_eq!(std::array::from_fn(|i| neurons.index(4, i)), expected);
    }

    #[test]
    fn parts_are_whole_neurons() {
        let layout = WeightLayout::conv([4, 3, 2]);
        let neurons = layout.neurons().unwrap();
        assert_eq!(neurons.covering(7..8), 6..12);
        assert_eq!(neurons.covering(6..13), 6..18);
        let mut seen = vec![0; 12];
        neurons.for_each(6, &mut seen, |first, rows| {
            for (row, j) in rows.chunks_mut(6).zip(first..) {
                row.fill(j);
            }
        });
        assert_eq!(seen, [[1; 6], [2; 6]].concat());
    }
}
