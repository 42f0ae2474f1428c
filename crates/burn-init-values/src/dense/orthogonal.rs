//! Orthogonal matrices.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::reflections::{PANEL, Panel, Reflections};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::Key;
use crate::weight::WeightLayout;

const NAME: &str = "Orthogonal";

/// A (semi-)orthogonal matrix, uniform among all of them, times a gain (Saxe, McClelland and
/// Ganguli 2014).
///
/// The matrix has a row for each neuron: where there are at most as many neurons as inputs, neurons
/// are orthonormal, else the columns are. It is a product of random Householder reflections
/// (Stewart 1980; Mezzadri 2007), computed in f32: products of two of its vectors are 0 or 1 but
/// for 10⁻⁶.
///
/// A convolution's matrix has all places of the kernel as inputs, as in PyTorch; with
/// [`delta`](Self::delta), it is one over the channels alone, and keeps the norm of what is
/// convolved.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Orthogonal {
    /// What the orthogonal matrix is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
    /// Whether a convolution gets it in the middle of its kernel, and zeros around it.
    #[serde(default)]
    pub delta: bool,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self::new()
    }
}

impl Orthogonal {
    /// Singular values of 1.
    pub const fn new() -> Self {
        Self {
            gain: 1.0,
            delta: false,
        }
    }

    /// All singular values are |gain|.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// Of a convolution's kernel only the middle is set, to an orthogonal matrix over the channels
    /// (delta-orthogonal: Xiao et al. 2018): the convolution keeps the norm of its input, and with
    /// a gain scales it. Needs at least as many output channels as input channels, and one group.
    ///
    /// ```
    /// use burn_init_values::{Initializer, Orthogonal, Seed, WeightLayout};
    ///
    /// let layout = WeightLayout::conv([2, 2, 3])?;
    /// let w = Orthogonal::new().delta().draw(&layout, Seed::new(1).key("conv1.weight"))?;
    /// assert!(w.iter().enumerate().all(|(i, w)| (*w != 0.0) == (i % 3 == 1)));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    pub fn delta(mut self) -> Self {
        self.delta = true;
        self
    }

    /// The matrix alone, without a kernel around it.
    fn fit_matrix(&self, matrix: &WeightLayout) -> Result<Fitted, InitError> {
        // Elements are at most 1, but for rounding.
        let largest = 1.001 * self.gain.abs();
        finite(NAME, "gain", largest)?;
        let vectors = matrix.orthonormal()?;
        let columns = Columns {
            m: vectors.len(),
            n: vectors.count() / matrix.matrices().max(1),
            gain: self.gain as f32,
        };
        Ok(Fitted::by_vector(matrix, vectors, columns)?
            .up_to(largest)
            .expecting(Expected::of_norm(&vectors, self.gain))
            .uncorrelated())
    }
}

impl fmt::Display for Orthogonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "orthogonal")?;
        if self.delta {
            write!(f, ", delta")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for Orthogonal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        match self.delta {
            true => Fitted::in_centre(NAME, weight, |matrix| self.fit_matrix(matrix)),
            false => self.fit_matrix(weight),
        }
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
