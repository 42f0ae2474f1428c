//! The cosine transform.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::turn::cos_of_turn;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;
use crate::weight::grid::check_grid;

const NAME: &str = "Dct";

/// Orthonormal cosines, the lowest frequencies first: the discrete cosine transform (DCT-II, Ahmed,
/// Natarajan and Rao 1974) times a gain.
///
/// The weight of neuron k for input j of n is
///
/// wₖⱼ = gain · √(2/n) · cos(πk(2j + 1)/(2n)), and gain/√n for k = 0.
///
/// Over a grid, a neuron is a product of such cosines, one along each axis. Neurons are in the
/// order of Σ(k/n)² over the axes, the lowest first; where that's equal, in row-major order of the
/// ks. A [`grid`](Self::grid) is that of the inputs; by default a convolution has its input
/// channels and its kernel's axes, such as `[3, 8, 8]`, and any other weight a line.
///
/// Rows are orthonormal but for the rounding of each weight. As there are only n cosines, columns
/// are orthonormal instead where there are more neurons than inputs, as in an
/// [`Orthogonal`](crate::Orthogonal) matrix: input k is the k-th cosine over the neurons, a line
/// or the given grid of them. Groups of a convolution and experts have the same cosines each. The
/// seed doesn't matter.
///
/// # Errors
///
/// If the grid doesn't have a point for each input (or for each neuron, where there are more of
/// these), or the weight has no neurons.
///
/// ```
/// use burn_init_values::{Dct, Initializer, Seed, WeightLayout};
///
/// let key = Seed::new(1).key("fc1.weight");
/// let w = Dct::new().draw(&WeightLayout::linear_col([2, 4]), key)?;
/// assert_eq!(w[..4], [0.5; 4]);
/// // The lowest 16 of 64 frequencies of a picture of 8×8.
/// let w = Dct::new().grid([8, 8]).draw(&WeightLayout::linear_col([16, 64]), key)?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Dct {
    /// The grid that the inputs form, if not a line or a convolution's own.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// What the cosines are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl Default for Dct {
    fn default() -> Self {
        Self::new()
    }
}

impl Dct {
    /// Rows of norm 1.
    pub const fn new() -> Self {
        Self {
            grid: None,
            gain: 1.0,
        }
    }

    /// The inputs form a grid of this shape, in row-major order.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// The norm of each row.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Dct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DCT")?;
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for Dct {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let vectors = weight.orthonormal()?;
        let len = vectors.len();
        let grid = match &self.grid {
            Some(grid) => check_grid(NAME, grid, len)?,
            None if vectors == weight.neurons()? && vectors.count() > 0 => {
                let kernel = weight.kernel();
                let places: usize = kernel.iter().product();
                [&[len / places], kernel].concat()
            }
            None => vec![len],
        };
        let count = vectors.count() / weight.matrices().max(1);
        // Made when they are needed: a weight that is only checked may be larger than memory.
        let frequencies = OnceLock::new();
        let gain = self.gain;
        let fitted = Fitted::vectors(weight, vectors, move |_, j, w| {
            let frequencies = frequencies.get_or_init(|| lowest_frequencies(&grid, count));
            let cosines = cosines(&grid, frequencies[j % count]);
            for (i, w) in w.iter_mut().enumerate() {
                let (mut rest, mut product) = (i, gain);
                for (axis, n) in cosines.iter().zip(&grid).rev() {
                    product *= axis[rest % n];
                    rest /= n;
                }
                *w = product as f32 + 0.0;
            }
        })?;
        Ok(fitted.up_to(1.001 * gain.abs()).fixed())
    }
}

/// The first `count` of a grid's frequencies in the order of Σ(k/n)², each by its number in
/// row-major order.
fn lowest_frequencies(grid: &[usize], count: usize) -> Vec<usize> {
    // Σ(kL/n)² for a common multiple L, which is exact; the number; the ks; and the first axis along
    // which others are reached from here: each is reached once.
    let multiple = grid.iter().fold(1, |l: usize, n| {
        (l / common_divisor(l, *n)).saturating_mul((*n).max(1))
    });
    let entry = |ks: Vec<usize>, first: usize| {
        let axes = || ks.iter().zip(grid);
        let squares =
            axes().map(|(k, n)| (*k as u128 * (multiple / n.max(&1)) as u128).saturating_pow(2));
        let sum = squares.fold(0, u128::saturating_add);
        let number = axes().fold(0, |number, (k, n)| number * n + k);
        Reverse((sum, number, ks, first))
    };
    let mut next = BinaryHeap::from([entry(vec![0; grid.len()], 0)]);
    let mut frequencies = Vec::new();
    while frequencies.len() < count
        && let Some(Reverse((_, number, ks, first))) = next.pop()
    {
        frequencies.push(number);
        for axis in first..grid.len() {
            if ks[axis] + 1 < grid[axis] {
                let mut ks = ks.clone();
                ks[axis] += 1;
                next.push(entry(ks, axis));
            }
        }
    }
    frequencies
}

/// The greatest common divisor.
fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Along each axis, the cosine of the frequency with this number.
fn cosines(grid: &[usize], mut number: usize) -> Vec<Vec<f64>> {
    let axis = |n: &usize| {
        let k = number % n;
        number /= n;
        let norm = (if k == 0 { 1.0 } else { 2.0 } / *n as f64).sqrt();
        let cosine = |j| norm * cos_of_turn((2 * j + 1) * k as u64, 4 * *n as u64);
        (0..*n as u64).map(cosine).collect()
    };
    let mut cosines: Vec<Vec<f64>> = grid.iter().rev().map(axis).collect();
    cosines.reverse();
    cosines
}
