//! Orthogonal matrices from wavelets.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::transform::Scratch;
use super::{Boundary, Family, Levels, Transform};
use crate::draw::subset::permute;
use crate::draw::{ROW, fill_words};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::{Key, Purpose};
use crate::weight::grid::check_grid;
use crate::weight::{Vectors, WeightLayout};

const NAME: &str = "WaveletOrthogonal";

/// W = Ψᵀ D P Ψ: a (semi-)orthogonal matrix in O(n log n) for each row, without a QR decomposition.
///
/// Ψ is a wavelet transform, P a random permutation of its coefficients and D random signs (after
/// Wolter, Lin and Yao 2020). Each factor is orthogonal, and so is W, for any number of neurons and
/// inputs: where there are at most as many neurons as inputs, neurons are orthonormal, else the
/// columns are. A neuron is a sum of a few wavelets, so it looks at a few patches of its inputs, at
/// several scales; unlike [`Orthogonal`](crate::Orthogonal), W isn't uniform among all orthogonal
/// matrices.
///
/// ```
/// use burn_init_values::{Initializer, Seed, WaveletOrthogonal};
///
/// let w = WaveletOrthogonal::haar().draw(&[3, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// let product = w[0] * w[1] + w[2] * w[3] + w[4] * w[5];
/// assert!(product.abs() < 1e-6);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WaveletOrthogonal {
    /// The family of wavelets: an orthogonal one.
    pub family: Family,
    /// How many levels the transform has.
    #[serde(default)]
    pub levels: Levels,
    /// What the transform does at the ends of an axis.
    #[serde(default)]
    pub boundary: Boundary,
    /// The grid that the inputs form, if not a line.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// What the orthogonal matrix is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
    /// Whether a convolution gets it in the middle of its kernel, and zeros around it.
    #[serde(default)]
    pub delta: bool,
}

impl WaveletOrthogonal {
    /// From the wavelets of this orthogonal family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            levels: Levels::default(),
            boundary: Boundary::default(),
            grid: None,
            gain: 1.0,
            delta: false,
        }
    }

    /// From Haar wavelets, which exist for every number of inputs.
    pub fn haar() -> Self {
        Self::new(Family::HAAR)
    }

    /// The number of levels, by default as many as are [useful](Levels::Useful).
    pub fn levels(mut self, levels: impl Into<Levels>) -> Self {
        self.levels = levels.into();
        self
    }

    /// What the transform does at the ends of an axis: [`Boundary::Filters`] for families other than Haar
    /// where 2 doesn't divide the length, or not often enough.
    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }

    /// The inputs form a grid of this shape, in row-major order. Needs at most as many neurons as
    /// inputs.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// All singular values are |gain|.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// Of a convolution's kernel only the middle is set, to an orthogonal matrix over the channels
    /// (Xiao et al. 2018): the convolution keeps the norm of its input. Needs at least as many
    /// output channels as input channels, and one group.
    pub fn delta(mut self) -> Self {
        self.delta = true;
        self
    }

    /// The matrix alone, without a kernel around it.
    fn fit_matrix(&self, matrix: &WeightLayout) -> Result<Fitted, InitError> {
        let (neurons, vectors) = (matrix.neurons()?, matrix.orthonormal()?);
        // The rows and columns of each matrix.
        let matrices = matrix.matrices().max(1);
        let (count, len) = (neurons.count() / matrices, neurons.len());
        let shape = match &self.grid {
            None => vec![count.max(len)],
            Some(_) if count > len => {
                return Err(InitError::setting(
                    NAME,
                    "grid",
                    format!("set for {count} neurons of {len} inputs"),
                    "left out where there are more neurons than inputs",
                ));
            }
            Some(grid) => check_grid(NAME, grid, len)?,
        };
        let transform = Transform::with_boundary(self.family, &shape, self.levels, self.boundary)?;
        let largest = 1.5 * self.gain.abs();
        finite(NAME, "gain", largest)?;
        let rows = Rows {
            vectors,
            of_matrix: vectors.count() / matrices,
            transform,
            gain: self.gain as f32,
        };
        Ok(Fitted::by_vector(matrix, vectors, rows)?
            .up_to(largest)
            .expecting(Expected::of_norm(&vectors, self.gain))
            .uncorrelated())
    }
}

/// The matrix's orthonormal vectors.
struct Rows {
    vectors: Vectors,
    /// The vectors of each matrix.
    of_matrix: usize,
    transform: Transform,
    gain: f32,
}

/// D P, of n coefficients.
struct Shuffle {
    /// Where each coefficient goes.
    permutation: Vec<usize>,
    /// What it's multiplied by there.
    signs: Vec<f32>,
}

impl Shuffle {
    /// The shuffle of one of the matrices.
    fn new(key: Key, matrix: usize, n: usize, gain: f32) -> Self {
        // A bit for each sign, in whole blocks of words.
        let mut words = vec![0; 4 * n.div_ceil(128)];
        let first = (matrix * words.len()) as u64;
        fill_words(key.purpose(Purpose::Signs), first, &mut words);
        let bits = words
            .into_iter()
            .flat_map(|word| (0..32).map(move |bit| word >> bit & 1));
        Self {
            permutation: permute(
                key.purpose(Purpose::Permutation),
                matrix as u64 * n as u64,
                n,
            ),
            signs: bits
                .take(n)
                .map(|bit| if bit == 0 { gain } else { -gain })
                .collect(),
        }
    }
}

impl FillVectors for Rows {
    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let (n, of_matrix) = (self.transform.len(), self.of_matrix);
        let first_matrix = vectors.start / of_matrix;
        let shuffles: Arc<[Shuffle]> = (first_matrix..vectors.end.div_ceil(of_matrix))
            .map(|matrix| Shuffle::new(key, matrix, n, self.gain))
            .collect();
        if self.vectors.is_contiguous() {
            return Ok(Box::new(move || {
                self.worker::<1>(shuffles.clone(), first_matrix)
            }));
        }
        Ok(Box::new(move || {
            self.worker::<ROW>(shuffles.clone(), first_matrix)
        }))
    }
}

impl Rows {
    /// Writes `L` vectors at a time.
    fn worker<const L: usize>(&self, shuffles: Arc<[Shuffle]>, first_matrix: usize) -> Worker<'_> {
        let n = self.transform.len();
        let mut scratch = self.transform.scratch_for(L);
        let (mut unit, mut w) = (vec![[0.0; L]; n], vec![[0.0; L]; n]);
        Box::new(move |first, tile| {
            // A tile may have vectors of several matrices.
            let (mut j, end) = (first, first + tile.count());
            while j < end {
                let (matrix, k) = (j / self.of_matrix, j % self.of_matrix);
                let count = (self.of_matrix - k).min(end - j).min(L);
                let shuffle = &shuffles[matrix - first_matrix];
                self.columns(shuffle, k, &mut unit, &mut w, &mut scratch);
                tile.write(j - first..j - first + count, &w);
                j += count;
            }
            Ok(())
        })
    }

    /// Vectors k, k + 1, … of a matrix, as the columns of `w`.
    fn columns<const L: usize>(
        &self,
        shuffle: &Shuffle,
        k: usize,
        unit: &mut [[f32; L]],
        w: &mut [[f32; L]],
        scratch: &mut Scratch,
    ) {
        let Shuffle { permutation, signs } = shuffle;
        unit.fill([0.0; L]);
        for (l, row) in unit.iter_mut().skip(k).take(L).enumerate() {
            row[l] = 1.0;
        }
        self.transform.forward_rows(unit, scratch);
        for ((row, place), sign) in unit.iter().zip(permutation).zip(signs) {
            w[*place] = row.map(|coefficient| sign * coefficient);
        }
        self.transform.inverse_rows(w, scratch);
    }
}

impl fmt::Display for WaveletOrthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "wavelet orthogonal {}{}{}",
            self.family, self.levels, self.boundary
        )?;
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        if self.delta {
            write!(f, ", delta")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for WaveletOrthogonal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        self.family
            .check_orthogonal(NAME, "for an orthogonal matrix")?;
        match self.delta {
            true => Fitted::in_centre(NAME, weight, |matrix| self.fit_matrix(matrix)),
            false => self.fit_matrix(weight),
        }
    }
}
