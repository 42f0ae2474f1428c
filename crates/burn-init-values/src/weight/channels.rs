//! Which input and output an element connects, and at which place of the kernel.

use super::{Axis, WeightLayout};
use crate::error::InitError;

/// The inputs and outputs of each matrix of a weight: of each group of a convolution, or of each
/// index before them. An embedding's vocabulary counts as inputs.
#[derive(Debug, Clone)]
pub(crate) struct Channels {
    pub inputs: usize,
    pub outputs: usize,
    /// The number of places of the kernel; 1 where there is none.
    places: usize,
    is_input_first: bool,
}

/// What an element connects.
pub(crate) struct Connection {
    /// The number of the input in its matrix.
    pub input: usize,
    /// The number of the output in its matrix.
    pub output: usize,
    /// The number of the place in the kernel.
    pub place: usize,
}

impl Channels {
    /// Those of this weight.
    ///
    /// # Errors
    ///
    /// As [`neurons`](WeightLayout::neurons).
    pub fn new(weight: &WeightLayout) -> Result<Self, InitError> {
        weight.neurons()?;
        let lead = weight.leading_indices();
        let (first, second) = (weight.shape()[lead], weight.shape()[lead + 1]);
        // The first axis holds the channels of all groups, one after another.
        let first = first / weight.group_count();
        let is_input_first = weight.axes()[lead] != Axis::Output;
        let (inputs, outputs) = match is_input_first {
            true => (first, second),
            false => (second, first),
        };
        Ok(Self {
            inputs,
            outputs,
            places: weight
                .kernel()
                .iter()
                .copied()
                .fold(1, usize::saturating_mul),
            is_input_first,
        })
    }

    /// What element `index` of the saved layout connects.
    pub fn connection(&self, index: usize) -> Connection {
        let (channels, place) = (index / self.places, index % self.places);
        let (first, second) = match self.is_input_first {
            true => (self.inputs, self.outputs),
            false => (self.outputs, self.inputs),
        };
        let (first, second) = (channels / second % first, channels % second);
        let (input, output) = match self.is_input_first {
            true => (first, second),
            false => (second, first),
        };
        Connection {
            input,
            output,
            place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By loops over all axes, in the order of the saved layout.
    #[test]
    fn by_loops() -> Result<(), InitError> {
        let experts = [Axis::Index, Axis::Output, Axis::Input];
        let cases = [
            (WeightLayout::linear([3, 2]), 1, 3, 2, 1, true),
            (WeightLayout::linear_col([2, 3]), 1, 3, 2, 1, false),
            (WeightLayout::embedding([3, 2]), 1, 3, 2, 1, true),
            (WeightLayout::new([4, 2, 3], experts)?, 4, 3, 2, 1, false),
            (
                WeightLayout::conv([6, 3, 2, 2])?.groups(3)?,
                3,
                3,
                2,
                4,
                false,
            ),
            (
                WeightLayout::conv_transpose([6, 3, 4])?.groups(2)?,
                2,
                3,
                3,
                4,
                true,
            ),
        ];
        for (layout, matrices, inputs, outputs, places, is_input_first) in cases {
            let channels = Channels::new(&layout)?;
            assert_eq!((channels.inputs, channels.outputs), (inputs, outputs));
            let (first, second) = match is_input_first {
                true => (inputs, outputs),
                false => (outputs, inputs),
            };
            let mut index = 0;
            for _ in 0..matrices {
                for a in 0..first {
                    for b in 0..second {
                        for k in 0..places {
                            let (input, output) = if is_input_first { (a, b) } else { (b, a) };
                            let found = channels.connection(index);
                            let found = (found.input, found.output, found.place);
                            assert_eq!(found, (input, output, k), "{layout:?} {index}");
                            index += 1;
                        }
                    }
                }
            }
            assert_eq!(layout.elements(), Ok(index));
        }
        Ok(())
    }
}
