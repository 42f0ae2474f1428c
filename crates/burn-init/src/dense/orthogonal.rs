//! Orthogonal matrices.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draw::normal::fill_normal;
use crate::error::{InitError, finite};
use crate::initializer::{Initializer, range};
use crate::key::{Key, Purpose};
use crate::layout::WeightLayout;
use crate::memory::zeros;

/// A (semi-)orthogonal matrix, uniform among all of them, times a gain (Saxe, McClelland and
/// Ganguli 2014).
///
/// The matrix has a row for each neuron: where there are at most as many neurons as inputs, neurons
/// are orthonormal, else the columns are. It is a product of random Householder reflections
/// (Stewart 1980; Mezzadri 2007), in f64.
///
/// ```
/// use burn_init::{Initializer, Orthogonal, Seed};
///
/// let w = Orthogonal::new().draw(&[3, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// let product = w[0] * w[1] + w[2] * w[3] + w[4] * w[5];
/// assert!(product.abs() < 1e-6);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orthogonal {
    #[serde(default = "crate::initializer::no_gain")]
    gain: f64,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self::new()
    }
}

impl Orthogonal {
    /// Singular values of 1.
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }

    /// All singular values are |gain|.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Orthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "orthogonal, gain {}", self.gain)
    }
}

/// A random reflection of the coordinates from `k` on, and the sign that makes its first column
/// uniform.
struct Reflection {
    /// The unit vector v of 1 − 2 v vᵀ.
    normal: Vec<f64>,
    sign: f64,
}

impl Reflection {
    /// Of the coordinates from `k` to `m`, by the draws of vector `number`.
    fn new(key: Key<'_>, number: usize, k: usize, m: usize) -> Self {
        let mut x = vec![0.0; m - k];
        fill_normal(
            key.purpose(Purpose::Reflection),
            (number * m) as u64,
            &mut x,
            0.0,
            1.0,
        );
        let mut normal: Vec<f64> = x.into_iter().map(f64::from).collect();
        let norm = dot(&normal, &normal).sqrt();
        let sign = if normal[0] < 0.0 { -1.0 } else { 1.0 };
        normal[0] += sign * norm;
        let length = dot(&normal, &normal).sqrt();
        if length > 0.0 {
            normal.iter_mut().for_each(|v| *v /= length);
        }
        Self {
            normal,
            sign: -sign,
        }
    }

    fn apply(&self, x: &mut [f64]) {
        let projection = 2.0 * dot(&self.normal, x);
        for (x, v) in x.iter_mut().zip(&self.normal) {
            *x -= projection * v;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

/// Random reflections, whose product is a uniform orthogonal matrix of dimension `m`: as many as
/// columns are needed.
struct Reflections(Vec<Reflection>);

impl Reflections {
    /// Of one of the blocks, from draws of its own.
    fn new(key: Key<'_>, block: usize, m: usize, n: usize) -> Self {
        Self(
            (0..n)
                .map(|k| Reflection::new(key, block * n + k, k, m))
                .collect(),
        )
    }

    /// Column `c` of the matrix, into zeros.
    fn column(&self, c: usize, column: &mut [f64]) {
        column[c] = self.0[c].sign;
        for (k, reflection) in self.0[..=c].iter().enumerate().rev() {
            reflection.apply(&mut column[k..]);
        }
    }
}

impl Initializer for Orthogonal {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        finite("Orthogonal", "gain", self.gain)?;
        layout.neurons().map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        self.check(layout)?;
        let range = range(layout, start, out.len())?;
        if range.is_empty() {
            return Ok(());
        }
        let (neurons, blocks) = (layout.neurons()?, layout.blocks());
        let (count, len) = (neurons.count() / blocks, neurons.len);
        let (m, n) = (count.max(len), count.min(len));
        // As many numbers as the parameter has: is there memory for them?
        zeros::<f64>(layout.shape(), blocks * m * n)?;
        let reflections: Vec<Reflections> = (0..blocks)
            .map(|block| Reflections::new(key, block, m, n))
            .collect();
        neurons.fill_range(range, out, |first, weights| {
            neurons.fill_orthonormal(blocks, first, weights, |block, k, vectors| {
                let mut column = vec![0.0; m];
                for (vector, k) in vectors.chunks_mut(m).zip(k..) {
                    column.fill(0.0);
                    reflections[block].column(k, &mut column);
                    for (value, q) in vector.iter_mut().zip(&column) {
                        *value = (self.gain * q) as f32;
                    }
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;

    fn columns(key: Key<'_>, m: usize, n: usize) -> Vec<f64> {
        let reflections = Reflections::new(key, 0, m, n);
        let mut columns = vec![0.0; m * n];
        columns
            .chunks_mut(m)
            .enumerate()
            .for_each(|(c, column)| reflections.column(c, column));
        columns
    }

    #[test]
    fn semi_orthogonal_for_any_rectangle() {
        for (m, n) in [(1, 1), (2, 1), (5, 5), (40, 17), (64, 64)] {
            let q = columns(Seed::new(2).key("w"), m, n);
            for a in 0..n {
                for b in 0..n {
                    let product = dot(&q[a * m..][..m], &q[b * m..][..m]);
                    let expected = f64::from(u8::from(a == b));
                    assert!((product - expected).abs() < 1e-13, "{m}×{n}: {product}");
                }
            }
        }
    }

    /// Haar measure: the trace of a uniform orthogonal matrix has mean 0, variance 1 and fourth
    /// moment 3 for m ≥ 4 (Diaconis and Shahshahani 1994). Bounds of 5 standard errors.
    #[test]
    fn uniform_among_all() {
        const DRAWS: usize = 20_000;
        let mut sums = [0.0; 3];
        for seed in 0..DRAWS {
            let q = columns(Seed::new(seed as u64).key("w"), 6, 6);
            let trace: f64 = (0..6).map(|i| q[i * 6 + i]).sum();
            sums[0] += trace;
            sums[1] += trace.powi(2);
            sums[2] += trace.powi(4);
        }
        let [mean, second, fourth] = sums.map(|sum| sum / DRAWS as f64);
        let n = DRAWS as f64;
        assert!(mean.abs() < 5.0 / n.sqrt(), "{mean}");
        assert!((second - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{second}");
        assert!((fourth - 3.0).abs() < 5.0 * (96.0 / n).sqrt(), "{fourth}");
    }

    #[test]
    fn rows_or_columns_in_every_layout() {
        let layouts = [
            WeightLayout::linear([7, 4]),
            WeightLayout::linear([4, 7]),
            WeightLayout::linear_col([4, 7]),
            WeightLayout::conv([5, 3, 2, 2]),
            WeightLayout::conv_transpose([5, 3, 2]),
        ];
        for layout in layouts {
            let neurons = layout.neurons().unwrap();
            let mut w = Orthogonal::new()
                .gain(2.0)
                .draw(&layout, Seed::new(1).key("w"))
                .unwrap();
            let (count, len) = (neurons.count(), neurons.len);
            let matrix = std::sync::Mutex::new(vec![0.0; count * len]);
            neurons.for_each(0, &mut w, |first, rows| {
                matrix.lock().unwrap()[first * len..][..rows.len()].copy_from_slice(rows);
            });
            let matrix = matrix.into_inner().unwrap();
            let at = |j: usize, i: usize| f64::from(matrix[j * len + i]);
            let (short, long) = (count.min(len), count.max(len));
            for a in 0..short {
                for b in 0..short {
                    let product: f64 = (0..long)
                        .map(|t| {
                            if count <= len {
                                at(a, t) * at(b, t)
                            } else {
                                at(t, a) * at(t, b)
                            }
                        })
                        .sum();
                    let expected = if a == b { 4.0 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-5, "{layout:?}");
                }
            }
        }
    }
}
