//! Neighbouring vectors of a weight, read and written where they lie.

use std::ops::Range;

use super::Vectors;

/// Vectors of a tile: a few cache lines of each row where vectors stand side by side.
pub(crate) const TILE: usize = 64;

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

/// Elements of neighbouring vectors, vector after vector: their places, in ascending order, and values.
#[derive(Default)]
pub(crate) struct Kept {
    places: Vec<u32>,
    values: Vec<f32>,
    /// Where each vector's elements end.
    ends: Vec<usize>,
}

impl Kept {
    /// Adds a vector's places; gives room for its values.
    pub fn push(&mut self, places: &[u32]) -> &mut [f32] {
        let begin = self.places.len();
        self.places.extend_from_slice(places);
        self.values.resize(self.places.len(), 0.0);
        self.ends.push(self.places.len());
        &mut self.values[begin..]
    }

    pub fn clear(&mut self) {
        self.places.clear();
        self.values.clear();
        self.ends.clear();
    }

    /// Writes the elements of vectors side by side, line after line.
    ///
    /// Lines are a power of two of bytes apart, often, and share a few places of the caches: in any
    /// other order, each would be read from memory several times.
    fn write_lines(&self, lines: &mut [&mut [f32]]) {
        const { assert!(TILE <= u64::BITS as usize) };
        // The vectors that have an element in each line, as bits, and where their next values are.
        let mut of_lines = vec![0u64; lines.len()];
        let mut next = [0; TILE];
        for (vector, range) in self.ranges().enumerate() {
            next[vector] = range.start;
            for place in &self.places[range] {
                of_lines[*place as usize] |= 1 << vector;
            }
        }
        for (line, mut vectors) in lines.iter_mut().zip(of_lines) {
            while vectors != 0 {
                let vector = vectors.trailing_zeros() as usize;
                line[vector] = self.values[next[vector]];
                next[vector] += 1;
                vectors &= vectors - 1;
            }
        }
    }

    /// Where the elements of each vector are.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| begin..*end)
    }
}

impl<'a> Tile<'a> {
    /// Lines of `columns` elements one after another, in working memory; a single vector is contiguous.
    pub fn of_lines(room: &'a mut [f32], len: usize, run: usize, columns: usize) -> Self {
        if columns == run {
            return Self::Contiguous { len, vectors: room };
        }
        let parts = room.chunks_mut(columns).collect();
        Self::Lines { run, parts }
    }
}

impl Tile<'_> {
    /// Sets all elements.
    pub fn fill(&mut self, value: f32) {
        match self {
            Self::Contiguous { vectors, .. } => vectors.fill(value),
            Self::Lines { parts, .. } => parts.iter_mut().for_each(|part| part.fill(value)),
        }
    }

    /// All elements, in any order.
    pub fn elements(&mut self) -> impl Iterator<Item = &mut f32> {
        let (all, parts) = match self {
            Self::Contiguous { vectors, .. } => (&mut **vectors, &mut [][..]),
            Self::Lines { parts, .. } => (&mut [][..], parts.as_mut_slice()),
        };
        all.iter_mut()
            .chain(parts.iter_mut().flat_map(|part| part.iter_mut()))
    }

    /// A tile of the same shape in working memory, of zeros.
    pub fn like<'r>(&self, room: &'r mut Vec<f32>) -> Tile<'r> {
        room.clear();
        match self {
            Self::Contiguous { len, vectors } => {
                room.resize(vectors.len(), 0.0);
                Tile::Contiguous {
                    len: *len,
                    vectors: room,
                }
            }
            Self::Lines { run, parts } => {
                let columns = parts.first().map_or(1, |part| part.len());
                room.resize(parts.len() * columns, 0.0);
                let parts = room.chunks_mut(columns).collect();
                Tile::Lines { run: *run, parts }
            }
        }
    }

    /// Calls `work(start, run)` for what stands together in the saved layout, from element `start` on.
    /// `first` is the number of the tile's first vector.
    pub fn for_each_run(
        &mut self,
        vectors: &Vectors,
        first: usize,
        mut work: impl FnMut(u64, &mut [f32]),
    ) {
        match self {
            Self::Contiguous { vectors: run, .. } if vectors.is_contiguous() => {
                work(vectors.index(first, 0) as u64, run);
            }
            // In working memory, which they have to themselves.
            Self::Contiguous { len, vectors: all } => {
                for (vector, j) in all.chunks_mut(*len).zip(first..) {
                    for (step, run) in vector.chunks_mut(vectors.run).enumerate() {
                        work(vectors.index(j, step * vectors.run) as u64, run);
                    }
                }
            }
            Self::Lines { run, parts } => {
                for (line, part) in parts.iter_mut().enumerate() {
                    work(vectors.index(first, line * *run) as u64, part);
                }
            }
        }
    }

    /// Lets `work` change one of the vectors: where it lies, or in `room` and back.
    pub fn change(&mut self, vector: usize, room: &mut [f32], work: impl FnOnce(&mut [f32])) {
        if let Self::Contiguous { len, vectors } = self {
            return work(&mut vectors[vector * *len..][..*len]);
        }
        let range = vector..vector + 1;
        self.read(range.clone(), room.as_chunks_mut::<1>().0);
        work(room);
        self.write(range, room.as_chunks::<1>().0);
    }

    /// The number of vectors.
    pub fn count(&self) -> usize {
        match self {
            Self::Contiguous { len, vectors } => vectors.len() / len,
            Self::Lines { run, parts } => parts.first().map_or(0, |part| part.len() / run),
        }
    }

    /// Sets elements of its vectors.
    pub fn set(&mut self, kept: &Kept) {
        match self {
            Self::Contiguous { len, vectors } => {
                for (vector, range) in vectors.chunks_mut(*len).zip(kept.ranges()) {
                    let values = &kept.values[range.clone()];
                    for (place, value) in kept.places[range].iter().zip(values) {
                        vector[*place as usize] = *value;
                    }
                }
            }
            Self::Lines { run: 1, parts } => kept.write_lines(parts),
            Self::Lines { run, parts } => {
                // Lines are a power of two of bytes apart, often, and share a few places of the caches:
                // vector after vector, each would be read from memory again.
                /// Lines that are written at a time.
                const LINES: usize = 64;
                let mut rest: Vec<Range<usize>> = kept.ranges().collect();
                for (number, lines) in parts.chunks_mut(LINES).enumerate() {
                    let first = number * LINES * *run;
                    let end = first + lines.len() * *run;
                    for (vector, range) in rest.iter_mut().enumerate() {
                        let places = &kept.places[range.clone()];
                        let values = &kept.values[range.clone()];
                        let now = places.iter().take_while(|place| (**place as usize) < end);
                        for (place, value) in now.zip(values) {
                            let place = *place as usize - first;
                            lines[place / *run][vector * *run + place % *run] = *value;
                            range.start += 1;
                        }
                    }
                }
            }
        }
    }

    /// Sets elements of one of the vectors to those of a tile of the same shape.
    pub fn take(&mut self, vector: usize, places: &[u32], from: &Tile<'_>) {
        match (self, from) {
            (Self::Contiguous { len, vectors }, Tile::Contiguous { vectors: from, .. }) => {
                for place in places {
                    let i = vector * *len + *place as usize;
                    vectors[i] = from[i];
                }
            }
            (Self::Lines { run, parts }, Tile::Lines { parts: from, .. }) => {
                for place in places {
                    let place = *place as usize;
                    let (line, i) = (place / *run, vector * *run + place % *run);
                    parts[line][i] = from[line][i];
                }
            }
            _ => unreachable!("tiles of the same shape"),
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
