//! Orthogonal matrices with few entries.

use std::f64::consts::TAU;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::draw::subset::{Draws, permute};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::{Key, Purpose};
use crate::memory::zeros;
use crate::weight::{Kept, WeightLayout};

const NAME: &str = "SparseOrthogonal";

/// A (semi-)orthogonal matrix with few entries, as a product of plane rotations.
///
/// - [`rotations`](Self::rotations): random rotations of random pairs of rows, starting from the identity, until a share of all entries isn't
///   zero (exact orthogonal initialization, EOI: Esguerra et al. 2023).
/// - [`butterfly`](Self::butterfly): s stages of rotations of disjoint pairs, between two permutations: exactly 2^s entries in each row and
///   column of a square matrix.
///
/// Where a matrix isn't square, it is a part of one with its longer side: there are at most as many neurons as inputs and neurons are
/// orthonormal, or else the columns are. Each group of a convolution has a matrix of its own.
///
/// ```
/// use burn_init_values::{Initializer, Seed, SparseOrthogonal};
///
/// let w = SparseOrthogonal::butterfly(2).draw(&[8, 8].into(), Seed::new(1).key("fc1.weight"))?;
/// assert_eq!(w.iter().filter(|w| **w != 0.0).count(), 4 * 8);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SparseOrthogonal {
    /// What the matrix is a product of.
    pub kind: Factors,
    /// What the orthogonal matrix is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
    /// Whether a convolution gets it in the middle of its kernel, and zeros around it.
    #[serde(default)]
    pub delta: bool,
    /// Whether the zeros stay through training.
    #[serde(default)]
    pub pinned: bool,
}

/// What a [`SparseOrthogonal`] matrix is a product of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Factors {
    /// Random rotations of two axes each, until the matrix would exceed this density.
    Rotations(f64),
    /// This many stages of a butterfly.
    Butterfly(u32),
}

impl SparseOrthogonal {
    fn new(kind: Factors) -> Self {
        Self {
            kind,
            gain: 1.0,
            delta: false,
            pinned: false,
        }
    }

    /// Random rotations until at least this share of the square matrix's entries isn't zero.
    pub fn rotations(density: f64) -> Self {
        Self::new(Factors::Rotations(density))
    }

    /// `stages` stages of rotations of pairs; 2^stages must divide the longer side.
    pub fn butterfly(stages: u32) -> Self {
        Self::new(Factors::Butterfly(stages))
    }

    /// All singular values are |gain|.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// Of a convolution's kernel only the middle is set, to a matrix over the channels (Xiao et al. 2018).
    /// Needs at least as many output channels as input channels, and one group.
    pub fn delta(mut self) -> Self {
        self.delta = true;
        self
    }

    /// Keeps the zeros through training, as [`Sparse::pinned`](crate::Sparse::pinned) does.
    pub fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    /// The matrix alone, without a kernel around it.
    fn fit_matrix(&self, matrix: &WeightLayout) -> Result<Fitted, InitError> {
        let vectors = matrix.orthonormal()?;
        let matrices = matrix.matrices().max(1);
        let n = vectors.len();
        if n.checked_mul(n)
            .is_none_or(|entries| entries > isize::MAX as usize / 8)
        {
            let problem =
                format!("{NAME} makes a square matrix of its longer side, {n}: too large");
            return Err(InitError::shape(matrix.shape(), problem));
        }
        match self.kind {
            Factors::Rotations(density) => {
                // The identity has n of n² entries.
                let least = 1.0 / n.max(1) as f64;
                if !(density >= least && density <= 1.0) && vectors.count() > 0 {
                    let expected = format!("from 1/{n} to 1");
                    return Err(InitError::setting(NAME, "density", density, expected));
                }
            }
            Factors::Butterfly(stages) => {
                let size = 1usize.checked_shl(stages);
                let divides = size.is_some_and(|size| size > 0 && n.is_multiple_of(size));
                if !divides && vectors.count() > 0 {
                    let expected =
                        format!("at most {}, as often as 2 divides {n}", n.trailing_zeros());
                    return Err(InitError::setting(NAME, "stages", stages, expected));
                }
            }
        }
        let rows = Rows {
            kind: self.kind,
            gain: self.gain,
            n,
            of_matrix: vectors.count() / matrices,
            matrices,
        };
        let fitted = Fitted::by_vector(matrix, vectors, rows)?;
        let density = match self.kind {
            Factors::Rotations(_) => None,
            Factors::Butterfly(stages) => Some(libm::exp2(f64::from(stages)) / n as f64),
        };
        Ok(fitted
            .up_to(self.gain.abs())
            .expecting(Expected::of_norm(&vectors, self.gain))
            .with_unwritten(self.pinned)
            .with_density(density))
    }
}

/// Rows of products of rotations, of which some are taken.
struct Rows {
    kind: Factors,
    gain: f64,
    /// The side of each matrix.
    n: usize,
    /// Rows that are taken of each.
    of_matrix: usize,
    matrices: usize,
}

impl FillVectors for Rows {
    fn at_once(&self) -> Option<usize> {
        Some(self.of_matrix)
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let (n, matrix) = (self.n, vectors.start / self.of_matrix);
        let first_draw = first_draw(matrix, self.matrices);
        let q = match self.kind {
            Factors::Rotations(density) => rotate(key, first_draw, n, density),
            Factors::Butterfly(stages) => butterfly(key, first_draw, matrix, n, stages),
        }?;
        let q = Arc::new(q);
        let first_row = matrix * self.of_matrix;
        Ok(Box::new(move || -> Worker<'_> {
            let q = q.clone();
            let mut kept = Kept::default();
            let mut places = Vec::new();
            Box::new(move |first, tile| {
                for l in 0..tile.count() {
                    places.clear();
                    let row = &q[(first + l - first_row) * n..][..n];
                    let entries = (0..).zip(row).filter(|(_, entry)| **entry as f32 != 0.0);
                    places.extend(entries.map(|(i, _)| i));
                    for (value, place) in kept.push(&places).iter_mut().zip(&places) {
                        *value = (self.gain * row[*place as usize]) as f32;
                    }
                }
                tile.set(&kept);
                kept.clear();
                Ok(())
            })
        }))
    }
}

/// The first draw of a matrix among several: each has an equal part of the 2⁴⁹ that there are.
fn first_draw(matrix: usize, matrices: usize) -> u64 {
    matrix as u64 * ((1 << 49) / matrices.max(1) as u64)
}

/// The cosine and sine of a random angle.
fn angle(draws: &mut Draws, t: u64) -> (f64, f64) {
    let angle = TAU * draws.unit(t);
    (libm::cos(angle), libm::sin(angle))
}

/// Rotates two rows, from `from` on in each.
fn rotate_rows(rows: (&mut [f64], &mut [f64]), (cos, sin): (f64, f64)) {
    for (a, b) in rows.0.iter_mut().zip(rows.1) {
        (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
    }
}

/// Rows i < j of an n×n matrix.
fn two_rows<T>(matrix: &mut [T], n: usize, i: usize, j: usize) -> (&mut [T], &mut [T]) {
    let (upper, lower) = matrix.split_at_mut(j * n);
    (&mut upper[i * n..][..n], &mut lower[..n])
}

/// Random rotations of random pairs of the rows of the identity, until the density is reached.
fn rotate(key: Key, first_draw: u64, n: usize, density: f64) -> Result<Vec<f64>, InitError> {
    let mut q = zeros(&[n, n], n * n)?;
    let mut entries = zeros(&[n, n], n * n)?;
    for i in 0..n {
        q[i * n + i] = 1.0;
        entries[i * n + i] = true;
    }
    let enough = density * (n * n) as f64;
    let mut count = n;
    let mut draws = Draws::new(key.purpose(Purpose::Rotation));
    let mut t = first_draw;
    while (count as f64) < enough && n > 1 {
        let first = draws.below(t, n);
        let second = draws.below(t + 1, n - 1);
        let second = if second >= first { second + 1 } else { second };
        let (i, j) = (first.min(second), first.max(second));
        rotate_rows(two_rows(&mut q, n, i, j), angle(&mut draws, t + 2));
        let (a, b) = two_rows(&mut entries, n, i, j);
        for (a, b) in a.iter_mut().zip(b) {
            count += usize::from(*a != *b);
            (*a, *b) = (*a | *b, *a | *b);
        }
        t += 3;
    }
    Ok(q)
}

/// Rotations of pairs at distances 1, 2, 4, … within blocks of 2^stages rows, then a permutation of rows and of columns.
fn butterfly(
    key: Key,
    first_draw: u64,
    block: usize,
    n: usize,
    stages: u32,
) -> Result<Vec<f64>, InitError> {
    let mut q = zeros(&[n, n], n * n)?;
    (0..n).for_each(|i| q[i * n + i] = 1.0);
    let mut draws = Draws::new(key.purpose(Purpose::Rotation));
    let mut t = first_draw;
    for stage in 0..stages {
        let distance = 1usize << stage;
        for i in (0..n).filter(|i| i & distance == 0) {
            rotate_rows(two_rows(&mut q, n, i, i + distance), angle(&mut draws, t));
            t += 1;
        }
    }
    let order = |side: u64| {
        let first = (2 * block as u64 + side) * n as u64;
        permute(key.purpose(Purpose::Permutation), first, n)
    };
    let (rows, columns) = (order(0), order(1));
    let mut shuffled = zeros(&[n, n], n * n)?;
    for (row, to) in q.chunks(n).zip(rows) {
        for (value, column) in row.iter().zip(&columns) {
            shuffled[to * n + column] = *value;
        }
    }
    Ok(shuffled)
}

impl fmt::Display for SparseOrthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Factors::Rotations(density) => write!(f, "sparse orthogonal, density {density}")?,
            Factors::Butterfly(stages) => write!(f, "sparse orthogonal, {stages} stages")?,
        }
        if self.delta {
            write!(f, ", delta")?;
        }
        if self.pinned {
            write!(f, ", pinned")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for SparseOrthogonal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        match self.delta {
            true => Fitted::in_centre(NAME, weight, |matrix| self.fit_matrix(matrix)),
            false => self.fit_matrix(weight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;

    /// The number of rotations that 100×100 takes on average, over 20 seeds: within 5 % of those of Esguerra et al.
    #[test]
    fn rotations_until_dense_enough() {
        for (density, expected) in [(0.14, 144.0), (0.5, 252.0), (0.99, 542.0)] {
            let count = |seed: u64| {
                // Each rotation is one step: run with fewer until the density is below.
                let key = Seed::new(seed).key("w");
                rotation_count(key, 100, density)
            };
            let mean = (0..20).map(count).sum::<usize>() as f64 / 20.0;
            assert!((mean / expected - 1.0).abs() < 0.05, "{density}: {mean}");
        }
    }

    /// As [`rotate`], counting only.
    fn rotation_count(key: Key, n: usize, density: f64) -> usize {
        let mut draws = Draws::new(key.purpose(Purpose::Rotation));
        let mut rows: Vec<Vec<bool>> = (0..n).map(|i| (0..n).map(|j| i == j).collect()).collect();
        let mut rotations = 0;
        loop {
            let count: usize = rows.iter().flatten().filter(|entry| **entry).count();
            if count as f64 >= density * (n * n) as f64 {
                let q = rotate(key, 0, n, density).unwrap();
                assert_eq!(q.iter().filter(|q| **q != 0.0).count(), count);
                return rotations;
            }
            let t = 3 * rotations as u64;
            let first = draws.below(t, n);
            let second = draws.below(t + 1, n - 1);
            let second = if second >= first { second + 1 } else { second };
            let both: Vec<bool> = rows[first]
                .iter()
                .zip(&rows[second])
                .map(|(a, b)| a | b)
                .collect();
            rows[first].clone_from(&both);
            rows[second] = both;
            rotations += 1;
        }
    }
}
