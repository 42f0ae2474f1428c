//! Orthogonal matrices.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::householder::{Panel, Reflections};
use crate::error::{InitError, finite};
use crate::initializer::{Initializer, range};
use crate::key::Key;
use crate::layout::WeightLayout;

/// A (semi-)orthogonal matrix, uniform among all of them, times a gain (Saxe, McClelland and
/// Ganguli 2014).
///
/// The matrix has a row for each neuron: where there are at most as many neurons as inputs, neurons
/// are orthonormal, else the columns are. It is a product of random Householder reflections
/// (Stewart 1980; Mezzadri 2007), computed in f32: products of two of its vectors are 0 or 1 but for
/// 10⁻⁶.
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

impl Initializer for Orthogonal {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        finite("Orthogonal", "gain", self.gain)?;
        layout.orthonormal().map(drop)
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
        // Orthonormal vectors: the columns of a matrix for each block. Blocks follow one another.
        let fibers = layout.orthonormal()?;
        let (m, n) = (fibers.len, fibers.count() / layout.blocks());
        let gain = self.gain as f32;
        fibers.fill_range(range, out, |mut first, mut weights| {
            while !weights.is_empty() {
                let (block, within) = (first / (m * n), first % (m * n));
                let (part, others) = weights.split_at_mut((m * n - within).min(weights.len()));
                first += part.len();
                weights = others;
                let reflections = Reflections::draw(key, block, m, n)?;
                fibers.for_each_tile(within, part, Panel::default, |panel, j, mut tile| {
                    reflections.columns(j, tile.count(), gain, panel);
                    tile.write(0..tile.count(), &panel.rows);
                });
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;

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
