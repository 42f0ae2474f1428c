//! Orthogonal matrices from wavelets.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::init::check_grid;
use super::{Family, Levels, Scratch, Transform};
use crate::delta::{Delta, fill_matrix};
use crate::draw::choice::permute;
use crate::draw::{ROW, fill_words};
use crate::error::{InitError, finite};
use crate::fibers::Fibers;
use crate::initializer::{Initializer, range};
use crate::key::{Key, Purpose};
use crate::layout::WeightLayout;

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
/// use burn_init::{Initializer, Seed, WaveletOrthogonal};
///
/// let w = WaveletOrthogonal::haar().draw(&[3, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// let product = w[0] * w[1] + w[2] * w[3] + w[4] * w[5];
/// assert!(product.abs() < 1e-6);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaveletOrthogonal {
    family: Family,
    #[serde(default)]
    levels: Levels,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<Vec<usize>>,
    #[serde(default = "crate::initializer::no_gain")]
    gain: f64,
    #[serde(default)]
    delta: bool,
}

impl WaveletOrthogonal {
    /// From the wavelets of this family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            levels: Levels::default(),
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

    /// The matrix's vectors, and where they stand.
    fn resolve(&self, layout: &WeightLayout) -> Result<Resolved, InitError> {
        finite(NAME, "gain", self.gain)?;
        layout.elements()?;
        let delta = if self.delta {
            Some(Delta::new(NAME, layout)?)
        } else {
            None
        };
        let matrix = delta.as_ref().map_or(layout, |delta| &delta.matrix);
        let (neurons, fibers) = (matrix.neurons()?, matrix.orthonormal()?);
        // A matrix for each group: its rows and columns.
        let blocks = matrix.blocks();
        let (count, len) = (neurons.count() / blocks.max(1), neurons.len);
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
        let transform = Transform::new(self.family, &shape, self.levels)?;
        Ok(Resolved {
            fibers,
            blocks,
            delta,
            transform,
        })
    }
}

struct Resolved {
    /// The matrix's orthonormal vectors.
    fibers: Fibers,
    /// Matrices that don't mix.
    blocks: usize,
    /// Where the matrix stands, if that's only the middle of a kernel.
    delta: Option<Delta>,
    transform: Transform,
}

/// D P, of n coefficients.
struct Shuffle {
    /// Where each coefficient goes.
    permutation: Vec<usize>,
    /// What it's multiplied by there.
    signs: Vec<f32>,
}

impl Shuffle {
    /// Of one of the blocks.
    fn new(key: Key<'_>, block: usize, n: usize, gain: f32) -> Self {
        // A bit for each sign, in whole blocks of words.
        let mut words = vec![0; 4 * n.div_ceil(128)];
        let first = (block * words.len()) as u64;
        fill_words(key.purpose(Purpose::Signs), first, &mut words);
        let bits = words
            .into_iter()
            .flat_map(|word| (0..32).map(move |bit| word >> bit & 1));
        Self {
            permutation: permute(
                key.purpose(Purpose::Permutation),
                block as u64 * n as u64,
                n,
            ),
            signs: bits
                .take(n)
                .map(|bit| if bit == 0 { gain } else { -gain })
                .collect(),
        }
    }
}

impl Resolved {
    /// Writes the matrix's elements from `first` on: whole vectors.
    fn fill(
        &self,
        key: Key<'_>,
        gain: f32,
        first: usize,
        weights: &mut [f32],
    ) -> Result<(), InitError> {
        let n = self.transform.len();
        let shuffles: Vec<Shuffle> = (0..self.blocks)
            .map(|block| Shuffle::new(key, block, n, gain))
            .collect();
        let fibers = &self.fibers;
        let of_block = fibers.count() / self.blocks.max(1);
        if fibers.is_contiguous() {
            fibers.for_each(first, weights, |first, vectors| {
                let mut scratch = self.transform.scratch();
                let mut unit = vec![[0.0]; n];
                for (vector, j) in vectors.chunks_mut(n).zip(first..) {
                    let vector = vector.as_chunks_mut::<1>().0;
                    let shuffle = &shuffles[j / of_block];
                    self.vectors(shuffle, j % of_block, &mut unit, vector, &mut scratch);
                }
            });
            return Ok(());
        }
        let memory = || {
            let rows = || vec![[0.0; ROW]; n];
            (self.transform.scratch_for(ROW), rows(), rows())
        };
        fibers.for_each_tile(
            first,
            weights,
            memory,
            |(scratch, unit, w), first, mut tile| {
                // A tile may have vectors of several blocks.
                let (mut j, end) = (first, first + tile.count());
                while j < end {
                    let (block, k) = (j / of_block, j % of_block);
                    let count = (of_block - k).min(end - j).min(ROW);
                    self.vectors(&shuffles[block], k, unit, w, scratch);
                    tile.write(j - first..j - first + count, w);
                    j += count;
                }
            },
        );
        Ok(())
    }

    /// Vectors k, k + 1, … of a matrix, as the columns of `w`.
    fn vectors<const L: usize>(
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
        write!(f, "wavelet orthogonal {}{}", self.family, self.levels)?;
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
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        self.resolve(layout).map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let resolved = self.resolve(layout)?;
        let range = range(layout, start, out.len())?;
        let gain = self.gain as f32;
        let (delta, fibers) = (resolved.delta.as_ref(), &resolved.fibers);
        fill_matrix(delta, fibers, range, out, |first, weights| {
            resolved.fill(key, gain, first, weights)
        })
    }
}
