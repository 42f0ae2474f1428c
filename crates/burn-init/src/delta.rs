//! Kernels that are zero but for a matrix over the channels in their middle.

use std::ops::Range;

use crate::error::InitError;
use crate::fibers::Fibers;
use crate::layout::{Axis, WeightLayout};
use crate::memory::zeros;

/// The matrix of channels in the middle of a convolution's kernel (Xiao et al. 2018).
pub(crate) struct Delta {
    /// Of the matrix.
    pub matrix: WeightLayout,
    /// Places of the kernel, and the middle one.
    places: usize,
    middle: usize,
}

impl Delta {
    /// For this convolution, which must have a single group, and at least as many outputs as inputs to
    /// keep norms.
    pub fn new(initializer: &str, layout: &WeightLayout) -> Result<Self, InitError> {
        let problem = |problem: String| Err(InitError::shape(layout.shape(), problem));
        layout.elements()?;
        let kernel = layout.kernel();
        if kernel.is_empty() {
            return problem(format!(
                "{initializer}'s delta needs a convolution's kernel"
            ));
        }
        if layout.blocks() != 1 || layout.axes().contains(&Axis::Index) {
            return problem(format!("{initializer}'s delta needs a single group"));
        }
        let channels = [layout.shape()[0], layout.shape()[1]];
        let (matrix, [input, output]) = if layout.is_transposed_conv() {
            (WeightLayout::linear(channels), channels)
        } else {
            (
                WeightLayout::linear_col(channels),
                [channels[1], channels[0]],
            )
        };
        if input > output {
            return problem(format!(
                "{initializer}'s delta needs at least as many output channels as input channels, {input}"
            ));
        }
        Ok(Self {
            matrix,
            places: kernel.iter().copied().fold(1, usize::saturating_mul),
            middle: kernel
                .iter()
                .fold(0, |place, n| place * n + n.saturating_sub(1) / 2),
        })
    }

    /// Writes these elements of the kernel, for a matrix that `fill` writes from its beginning.
    fn fill(
        &self,
        range: Range<usize>,
        out: &mut [f32],
        fill: impl FnOnce(usize, &mut [f32]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let mut matrix = zeros(self.matrix.shape(), self.matrix.elements()?)?;
        fill(0, &mut matrix)?;
        for (value, i) in out.iter_mut().zip(range) {
            *value = if i % self.places == self.middle {
                matrix[i / self.places]
            } else {
                0.0
            };
        }
        Ok(())
    }
}

/// Writes these elements of a weight that is a matrix, or has one in the middle of its kernel; `fill(first, weights)` writes the
/// matrix's elements from `first` on.
pub(crate) fn fill_matrix(
    delta: Option<&Delta>,
    fibers: &Fibers,
    range: Range<usize>,
    out: &mut [f32],
    fill: impl FnOnce(usize, &mut [f32]) -> Result<(), InitError>,
) -> Result<(), InitError> {
    match delta {
        Some(_) if range.is_empty() => Ok(()),
        Some(delta) => delta.fill(range, out, fill),
        None => fibers.fill_range(range, out, fill),
    }
}
