//! Orthogonal matrices.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::reflections::{PANEL, Panel, Reflections};
use crate::error::{InitError, finite};
use crate::initializer::{FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::Key;
use crate::weight::WeightLayout;

/// A (semi-)orthogonal matrix, uniform among all of them, times a gain (Saxe, McClelland and
/// Ganguli 2014).
///
/// The matrix has a row for each neuron: where there are at most as many neurons as inputs, neurons
/// are orthonormal, else the columns are. It is a product of random Householder reflections
/// (Stewart 1980; Mezzadri 2007), computed in f32: products of two of its vectors are 0 or 1 but for
/// 10⁻⁶.
///
/// ```
/// use burn_init_values::{Initializer, Orthogonal, Seed};
///
/// let w = Orthogonal::new().draw(&[3, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// let product = w[0] * w[1] + w[2] * w[3] + w[4] * w[5];
/// assert!(product.abs() < 1e-6);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Orthogonal {
    /// What the orthogonal matrix is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
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
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        // Elements are at most 1, but for rounding.
        let largest = 1.001 * self.gain.abs();
        finite("Orthogonal", "gain", largest)?;
        let vectors = weight.orthonormal()?;
        let columns = Columns {
            m: vectors.len(),
            n: vectors.count() / weight.matrices().max(1),
            gain: self.gain as f32,
        };
        Ok(Fitted::by_vector(weight, vectors, columns)?.up_to(largest))
    }
}

/// The columns of n reflections of m coordinates, for each matrix.
struct Columns {
    m: usize,
    n: usize,
    gain: f32,
}

impl FillVectors for Columns {
    fn at_once(&self) -> Option<usize> {
        Some(self.n)
    }

    fn width(&self) -> usize {
        PANEL
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let matrix = vectors.start / self.n;
        let reflections = Arc::new(Reflections::draw(key, matrix, self.m, self.n)?);
        Ok(Box::new(move || -> Worker<'_> {
            let (reflections, mut panel) = (reflections.clone(), Panel::default());
            Box::new(move |j, tile| {
                // A tile is as wide as a panel at the most, but where vectors are short.
                for begin in (0..tile.count()).step_by(PANEL) {
                    let range = begin..tile.count().min(begin + PANEL);
                    let first = j - matrix * self.n + begin;
                    reflections.columns(first, range.len(), self.gain, &mut panel);
                    tile.write(range, &panel.rows);
                }
                Ok(())
            })
        }))
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
            WeightLayout::conv([5, 3, 2, 2]).unwrap(),
            WeightLayout::conv_transpose([5, 3, 2]).unwrap(),
        ];
        for layout in layouts {
            let neurons = layout.neurons().unwrap();
            let w = Orthogonal::new()
                .gain(2.0)
                .draw(&layout, Seed::new(1).key("w"))
                .unwrap();
            let (count, len) = (neurons.count(), neurons.len());
            let at = |j: usize, i: usize| f64::from(w[neurons.index(j, i)]);
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
