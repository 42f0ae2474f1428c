//! Vectors in a weight: where they lie in the saved layout.

use crate::memory::{UNWRITTEN, copy_written};
use crate::parallel::for_each_task;

use super::{TILE, Tile};

/// The vectors of a weight in one direction, such as the incoming weights of each neuron, and where
/// they lie in the saved layout.
///
/// Vectors are counted from 0, and so are the elements of each.
///
/// ```
/// use burn_init_values::weight::WeightLayout;
///
/// // [inputs, outputs]: neuron 1 is the second column.
/// let neurons = WeightLayout::linear([3, 2]).neurons()?;
/// assert_eq!((neurons.count(), neurons.len()), (2, 3));
/// assert_eq!((neurons.index(1, 0), neurons.index(1, 2)), (1, 5));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
// In each group stands the block [len / run, per_group, run]: of vector j, `run` weights stand
// together, then come those of the next vector. Where `run` is all of `len`, a vector is contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vectors {
    pub(super) groups: usize,
    /// Vectors of a group.
    pub(super) per_group: usize,
    pub(super) len: usize,
    pub(super) run: usize,
}

impl Vectors {
    /// The number of vectors.
    pub fn count(&self) -> usize {
        self.groups * self.per_group
    }

    /// The number of elements of each vector.
    #[allow(
        clippy::len_without_is_empty,
        reason = "the length of each, not of all"
    )]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the elements of each vector stand one after another.
    pub fn is_contiguous(&self) -> bool {
        self.run == self.len || self.per_group == 1
    }

    /// Elements of neighbouring vectors stand side by side.
    pub(crate) fn is_side_by_side(&self) -> bool {
        self.run == 1
    }

    /// How far apart two neighbouring elements of a vector lie, for vectors side by side.
    pub(crate) fn stride(&self) -> usize {
        self.per_group
    }

    /// Where element `i` of vector `j` lies.
    pub fn index(&self, j: usize, i: usize) -> usize {
        let (group, j) = (j / self.per_group, j % self.per_group);
        ((group * self.len / self.run + i / self.run) * self.per_group + j) * self.run
            + i % self.run
    }

    /// How far behind the first element of its vector element `i` lies.
    pub(crate) fn offset(&self, i: usize) -> usize {
        if self.is_contiguous() {
            i
        } else if self.is_side_by_side() {
            i * self.per_group
        } else {
            i / self.run * self.per_group * self.run + i % self.run
        }
    }

    /// The vector that element `index` of the saved layout belongs to, and its place there.
    pub fn place(&self, index: usize) -> (usize, usize) {
        let of_group = self.len * self.per_group;
        let (group, within) = (index / of_group, index % of_group);
        let j = group * self.per_group + index / self.run % self.per_group;
        let i = within / (self.run * self.per_group) * self.run + within % self.run;
        (j, i)
    }

    /// Calls `each(index, j, i)` for all elements in the order of the saved layout.
    pub(crate) fn for_each_element(&self, mut each: impl FnMut(usize, usize, usize)) {
        let mut index = 0;
        for group in 0..self.groups {
            for step in 0..self.len / self.run.max(1) {
                for j in group * self.per_group..(group + 1) * self.per_group {
                    for i in step * self.run..(step + 1) * self.run {
                        each(index, j, i);
                        index += 1;
                    }
                }
            }
        }
    }

    /// Vectors that lie between two boundaries of the saved layout, at least one: where vectors are
    /// contiguous, each by itself; else all of a group.
    pub(crate) fn unit(&self) -> usize {
        if self.is_contiguous() {
            1
        } else {
            self.per_group
        }
    }

    /// Calls `work(memory, j, tile)` with tiles of neighbouring vectors, from number j on, which are
    /// read and written together: without a copy of the whole, wherever they lie. `memory` is what
    /// several calls of one thread use one after another.
    ///
    /// `weights` are the elements of whole vectors from number `first` on, a multiple of
    /// [`unit`](Self::unit). Of contiguous vectors, a tile has at least `width`, if there are so many.
    pub(crate) fn for_each_tile<S>(
        &self,
        first: usize,
        width: usize,
        weights: &mut [f32],
        memory: impl Fn() -> S + Send + Sync,
        work: impl Fn(&mut S, usize, &mut Tile<'_>) + Send + Sync,
    ) {
        if weights.is_empty() {
            return;
        }
        let (len, elements) = (self.len, weights.len());
        if self.is_contiguous() {
            /// Elements that one task works on.
            const CHUNK: usize = 1 << 13;
            let per_tile = (CHUNK / len).max(width);
            let tiles = weights
                .chunks_mut(per_tile * len)
                .map(|vectors| Tile::Contiguous { len, vectors })
                .collect();
            for_each_task(tiles, elements, memory, |memory, i, mut tile: Tile<'_>| {
                work(memory, first + i * per_tile, &mut tile);
            });
            return;
        }
        // The parts of each line of the saved layout that a tile has, from the first line on.
        let (line, columns) = (self.per_group * self.run, TILE * self.run);
        let of_group = self.per_group.div_ceil(TILE);
        let groups = elements / (self.per_group * len);
        let mut tiles: Vec<Vec<&mut [f32]>> = Vec::with_capacity(groups * of_group);
        for group in weights.chunks_mut(self.per_group * len) {
            let begin = tiles.len();
            tiles.resize_with(begin + of_group, || Vec::with_capacity(len / self.run));
            for line in group.chunks_mut(line) {
                for (tile, part) in tiles[begin..].iter_mut().zip(line.chunks_mut(columns)) {
                    tile.push(part);
                }
            }
        }
        for_each_task(tiles, elements, memory, |memory, i, parts| {
            let j = first + i / of_group * self.per_group + i % of_group * TILE;
            work(
                memory,
                j,
                &mut Tile::Lines {
                    run: self.run,
                    parts,
                },
            );
        });
    }

    /// Writes pieces of the saved layout that needn't be whole vectors, in ascending order: `work` writes
    /// tiles in working memory, from which the pieces take what is written of them. The memory has room
    /// for a few vectors at a time, or for one that is long.
    ///
    /// Of contiguous vectors, up to `width` are made together.
    pub(crate) fn fill_pieces<'a, S>(
        &self,
        width: usize,
        pieces: Vec<Piece<'a>>,
        memory: impl Fn() -> S + Send + Sync,
        work: impl Fn(&mut S, usize, &mut Tile<'_>) + Send + Sync,
    ) {
        let write = |tiles: Vec<CutTile<'a>>| {
            if tiles.is_empty() {
                return;
            }
            let elements = tiles.iter().map(|tile| tile.count * self.len).sum();
            let memory = || (memory(), Vec::new());
            for_each_task(tiles, elements, memory, |(memory, room), _, tile| {
                let columns = tile.count * self.run;
                room.clear();
                room.resize(tile.count * self.len, UNWRITTEN);
                let mut own = if self.is_contiguous() {
                    let len = self.len;
                    Tile::Contiguous { len, vectors: room }
                } else {
                    Tile::of_lines(room, self.len, self.run, columns)
                };
                work(memory, tile.first, &mut own);
                for (begin, piece) in tile.pieces {
                    copy_written(&room[begin..], piece);
                }
            });
        };
        if self.is_contiguous() {
            return write(self.cut_contiguous(width, pieces));
        }
        let mut tiles = Vec::new();
        for mut lines in self.lines_of_groups(pieces) {
            while !lines.is_empty() {
                tiles.extend(self.cut_lines(&mut lines));
                if tiles.len() >= WINDOW {
                    write(std::mem::take(&mut tiles));
                }
            }
        }
        write(tiles);
    }

    /// Cuts pieces of contiguous vectors into tiles of a few vectors.
    fn cut_contiguous<'a>(&self, width: usize, pieces: Vec<Piece<'a>>) -> Vec<CutTile<'a>> {
        let of_tile = (ROOM / self.len).clamp(1, TILE).max(width) * self.len;
        let mut tiles: Vec<CutTile<'a>> = Vec::new();
        for (mut place, mut rest) in pieces {
            while !rest.is_empty() {
                let first = place / self.len;
                let begin = match tiles.last() {
                    Some(tile) if place < tile.first * self.len + of_tile => tile.first * self.len,
                    _ => {
                        tiles.push(CutTile::new(first));
                        first * self.len
                    }
                };
                let end = (begin + of_tile - place).min(rest.len());
                let (now, later) = rest.split_at_mut(end);
                if let Some(tile) = tiles.last_mut() {
                    tile.count = (place + now.len() - begin).div_ceil(self.len);
                    tile.pieces.push((place - begin, now));
                }
                (place, rest) = (place + end, later);
            }
        }
        tiles
    }

    /// Cuts pieces at the ends of lines; those of each group by themselves.
    fn lines_of_groups<'a>(&self, pieces: Vec<Piece<'a>>) -> Vec<Vec<Piece<'a>>> {
        let (line, of_group) = (self.per_group * self.run, self.per_group * self.len);
        let mut groups: Vec<Vec<Piece<'a>>> = Vec::new();
        let mut group = None;
        for (mut place, mut rest) in pieces {
            while !rest.is_empty() {
                if group != Some(place / of_group) {
                    group = Some(place / of_group);
                    groups.push(Vec::new());
                }
                let (now, later) = rest.split_at_mut((line - place % line).min(rest.len()));
                let end = place + now.len();
                if let Some(pieces) = groups.last_mut() {
                    pieces.push((place, now));
                }
                (place, rest) = (end, later);
            }
        }
        groups
    }

    /// Takes the next few tiles from pieces of a group's lines.
    fn cut_lines<'a>(&self, lines: &mut Vec<Piece<'a>>) -> Vec<CutTile<'a>> {
        let line = self.per_group * self.run;
        let width = (ROOM / self.len).clamp(1, TILE).min(self.per_group);
        // Elements of a tile's part of a line.
        let columns = width * self.run;
        let tile_of = |place: usize| place % line / columns;
        let window = lines.iter().map(|(place, _)| tile_of(*place)).min();
        let window = window.unwrap_or(0);
        let mut tiles: Vec<CutTile<'a>> = Vec::new();
        let mut later = Vec::new();
        for (mut place, mut rest) in lines.drain(..) {
            while !rest.is_empty() {
                let tile = tile_of(place);
                let number = tile - window;
                if number >= WINDOW {
                    later.push((place, rest));
                    break;
                }
                let group = place / (self.per_group * self.len);
                while tiles.len() <= number {
                    let j = (window + tiles.len()) * width;
                    let mut tile = CutTile::new(group * self.per_group + j);
                    tile.count = width.min(self.per_group - j);
                    tiles.push(tile);
                }
                let column = place % line - tile * columns;
                let own = tiles[number].count * self.run;
                let (now, others) = rest.split_at_mut((own - column).min(rest.len()));
                let end = place + now.len();
                let number_of_line = place / line % (self.len / self.run);
                tiles[number]
                    .pieces
                    .push((number_of_line * own + column, now));
                (place, rest) = (end, others);
            }
        }
        *lines = later;
        tiles.retain(|tile| !tile.pieces.is_empty());
        tiles
    }
}

/// Elements of a tile in working memory.
const ROOM: usize = 1 << 16;

/// Tiles that are made at a time.
const WINDOW: usize = 64;

/// Elements that stand one after another in the saved layout, and where the first one stands.
pub(crate) type Piece<'a> = (usize, &'a mut [f32]);

/// A tile in working memory: its vectors, and pieces of the saved layout that take their elements from
/// it, each from an element of the tile on.
struct CutTile<'a> {
    first: usize,
    count: usize,
    pieces: Vec<Piece<'a>>,
}

impl CutTile<'_> {
    fn new(first: usize) -> Self {
        Self {
            first,
            count: 0,
            pieces: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InitError;
    use crate::weight::{Along, Kept, WeightLayout};

    fn layouts() -> Result<Vec<WeightLayout>, InitError> {
        Ok(vec![
            WeightLayout::linear([5, 7]),
            WeightLayout::linear([3, 200]),
            WeightLayout::linear_col([5, 7]),
            WeightLayout::conv([4, 3, 2, 2])?,
            WeightLayout::conv_transpose([4, 3, 2, 2])?,
            WeightLayout::conv_transpose([6, 130, 2])?.groups(3)?,
            WeightLayout::conv([6, 4, 2, 3])?.groups(2)?,
            WeightLayout::embedding([9, 4]),
        ])
    }

    /// Each direction that a layout has.
    fn directions(layout: &WeightLayout) -> Vec<Vectors> {
        [
            Along::Inputs,
            Along::Outputs,
            Along::Kernel,
            Along::Channels,
            Along::Vocabulary,
        ]
        .into_iter()
        .filter_map(|along| layout.vectors(along).ok())
        .collect()
    }

    /// Tiles have all elements of each vector, where `index` says, in whole weights and in any part.
    #[test]
    fn tiles() -> Result<(), InitError> {
        for layout in layouts()? {
            let elements = layout.elements()?;
            for vectors in directions(&layout) {
                // Element i of vector j gets the number of its place.
                let write = |(): &mut (), j: usize, tile: &mut Tile<'_>| {
                    let mut kept = Kept::default();
                    for l in 0..tile.count() {
                        let places: Vec<u32> = (0..vectors.len as u32).collect();
                        let number = |i: &u32| vectors.index(j + l, *i as usize) as f32;
                        let values: Vec<f32> = places.iter().map(number).collect();
                        kept.push(&places).copy_from_slice(&values);
                    }
                    tile.set(&kept);
                };
                let expected: Vec<f32> = (0..elements).map(|i| i as f32).collect();
                let mut all = vec![-1.0; elements];
                vectors.for_each_tile(0, 1, &mut all, || (), write);
                assert_eq!(all, expected, "{layout:?}");

                let unit = vectors.unit() * vectors.len;
                for begin in 0..elements {
                    let last = (begin / unit + 1) * unit;
                    for end in [begin + 1, begin + 2, begin + unit / 2, last] {
                        let range = begin..end.min(last);
                        let mut part = vec![-1.0; range.len()];
                        let piece = vec![(range.start, part.as_mut_slice())];
                        vectors.fill_pieces(1, piece, || (), write);
                        assert_eq!(part, expected[range], "{layout:?}");
                    }
                }
            }
        }
        Ok(())
    }

    /// Tiles read and write the elements of each vector, in any part of their columns.
    #[test]
    fn tiles_of_vectors() -> Result<(), InitError> {
        for layout in layouts()? {
            for vectors in directions(&layout) {
                let elements = layout.elements()?;
                let original: Vec<f32> = (0..elements).map(|i| i as f32).collect();
                let mut weights = original.clone();
                let rows = || vec![[0.0; 4]; vectors.len];
                vectors.for_each_tile(0, 1, &mut weights, rows, |rows, first, tile| {
                    for begin in (0..tile.count()).step_by(4) {
                        let range = begin..tile.count().min(begin + 4);
                        tile.read(range.clone(), rows);
                        for (i, row) in rows.iter_mut().enumerate() {
                            for (weight, j) in row.iter_mut().zip(range.clone()) {
                                let index = vectors.index(first + j, i);
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
        Ok(())
    }

    /// Along every choice of axes, the vectors cover each element once, and run along these axes.
    #[test]
    fn every_direction() -> Result<(), InitError> {
        use Along::*;

        let place = |layout: &WeightLayout, index: &[usize]| {
            let shape = layout.shape();
            index.iter().zip(shape).fold(0, |flat, (i, n)| flat * n + i)
        };
        let linear = WeightLayout::linear([5, 7]);
        let col = WeightLayout::linear_col([7, 5]);
        let conv = WeightLayout::conv([6, 4, 2, 3])?.groups(2)?;
        let up = WeightLayout::conv_transpose([6, 4, 2, 3])?.groups(2)?;
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
            let vectors = layout.vectors(along)?;
            assert_eq!(vectors.count(), count, "{layout:?} {along:?}");
            let second = vectors.index(1, 1);
            assert_eq!(second, place(layout, index), "{layout:?} {along:?}");
            let mut seen = vec![0; layout.elements()?];
            let mut next = 0;
            vectors.for_each_element(|index, j, i| {
                assert_eq!((index, vectors.index(j, i)), (next, index));
                assert_eq!(vectors.index(j, 0) + vectors.offset(i), index);
                assert_eq!(vectors.place(index), (j, i));
                seen[index] += 1;
                next += 1;
            });
            assert!(seen.iter().all(|times| *times == 1), "{layout:?} {along:?}");
        }
        assert!(linear.vectors(Kernel).is_err() && linear.vectors(Vocabulary).is_err());
        assert!(embedding.vectors(Channels).is_err());
        Ok(())
    }

    /// Which input each element of a grouped transposed convolution belongs to, from Burn's
    /// definition of the layout.
    #[test]
    fn grouped_transposed_convolution() -> Result<(), InitError> {
        let neurons = WeightLayout::conv_transpose([4, 3, 2])?
            .groups(2)?
            .neurons()?;
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
        Ok(())
    }
}
