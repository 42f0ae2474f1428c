//! Kernels that are zero but for a matrix over the channels in their middle.

use std::ops::Range;

use super::{Axis, WeightLayout};
use crate::error::InitError;

/// The matrix over the channels in the middle of a convolution's kernel (Xiao et al. 2018).
#[derive(Debug, Clone)]
pub(crate) struct Centre {
    /// The layout of the matrix.
    pub matrix: WeightLayout,
    /// The number of places of the kernel.
    pub places: usize,
    /// The number of the place in the middle.
    pub middle: usize,
}

/// The number of the place in the middle of a kernel: ⌊(k − 1)/2⌋ along each axis, which padding
/// that keeps the size moves to the output's own place.
pub(crate) fn middle(kernel: &[usize]) -> usize {
    // Sizes may be anything where one of them is 0.
    kernel.iter().fold(0usize, |place, n| {
        place
            .saturating_mul(*n)
            .saturating_add(n.saturating_sub(1) / 2)
    })
}

impl Centre {
    /// The centre of this convolution, which must have a single group, and at least as many outputs as
    /// inputs to keep norms.
    pub fn new(initializer: &str, layout: &WeightLayout) -> Result<Self, InitError> {
        let problem = |problem: String| Err(InitError::shape(layout.shape(), problem));
        layout.elements()?;
        let kernel = layout.kernel();
        if kernel.is_empty() {
            return problem(format!(
                "{initializer}'s delta needs a convolution's kernel"
            ));
        }
        // One matrix, and the two channel axes first.
        layout.neurons()?;
        if layout.matrices() != 1 || layout.axes().contains(&Axis::Index) {
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
            middle: middle(kernel),
        })
    }

    /// The number of the place in the middle among those of a part of the kernel, if it has that place:
    /// of each axis the kernel's size and the part's range.
    pub fn middle_of<'a>(
        &self,
        axes: impl IntoIterator<Item = (&'a usize, &'a Range<usize>)>,
    ) -> Option<usize> {
        axes.into_iter().try_fold(0, |place, (size, range)| {
            let middle = size.saturating_sub(1) / 2;
            range
                .contains(&middle)
                .then(|| place * range.len() + middle - range.start)
        })
    }
}
