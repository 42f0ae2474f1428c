//! Directions in a weight: which vectors an initializer works on.

use serde::{Deserialize, Serialize};

use super::{Axis, Vectors, WeightLayout};
use crate::error::InitError;

/// Which vectors of a weight an initializer works on.
///
/// | along | linear | convolution | embedding |
/// |---|---|---|---|
/// | inputs | all inputs of each output | channels_in / groups · kernel, of each output | the vector of each index |
/// | outputs | all outputs of each input | the output channels, at each input and place | the vector of each index |
/// | kernel | – | the places of each kernel | – |
/// | channels | its inputs | the input channels of each output, at each place | – |
/// | vocabulary | – | – | all indices, for each component |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Along {
    /// What comes into each output.
    #[default]
    Inputs,
    /// The outputs of each input.
    Outputs,
    /// The places of a convolution's kernel.
    Kernel,
    /// The input channels of a convolution.
    Channels,
    /// The indices of an embedding.
    Vocabulary,
}

impl WeightLayout {
    /// The neurons: for each output unit, the vector of its incoming weights.
    ///
    /// # Errors
    ///
    /// If the weight has no neurons, or as [`elements`](Self::elements).
    pub fn neurons(&self) -> Result<Vectors, InitError> {
        self.vectors(Along::Inputs)
    }

    /// The vectors across the neurons: for each input, the weights of all neurons of its group.
    ///
    /// # Errors
    ///
    /// As [`neurons`](Self::neurons).
    pub(crate) fn across_neurons(&self) -> Result<Vectors, InitError> {
        self.vectors(if self.axes().contains(&Axis::Input) {
            Along::Outputs
        } else {
            Along::Vocabulary
        })
    }

    /// The vectors that are orthonormal in a semi-orthogonal matrix with a row for each neuron: the
    /// rows, or where there are more of them than columns, the columns.
    ///
    /// # Errors
    ///
    /// As [`neurons`](Self::neurons).
    pub(crate) fn orthonormal(&self) -> Result<Vectors, InitError> {
        let neurons = self.neurons()?;
        if neurons.count() / self.matrices().max(1) > neurons.len() {
            self.across_neurons()
        } else {
            Ok(neurons)
        }
    }

    /// The vectors that run along these axes.
    ///
    /// ```
    /// use burn_init_values::weight::{Along, WeightLayout};
    ///
    /// let conv = WeightLayout::conv([32, 16, 3, 3])?;
    /// let kernels = conv.vectors(Along::Kernel)?;
    /// assert_eq!((kernels.count(), kernels.len()), (32 * 16, 9));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the parameter doesn't have such axes, or as [`elements`](Self::elements).
    pub fn vectors(&self, along: Along) -> Result<Vectors, InitError> {
        let elements = self.elements()?;
        let error = |problem: &str| Err(InitError::shape(self.shape(), problem));
        if !self.axes().contains(&Axis::Output) {
            return error(
                "a vector has no neurons; a weight with inputs and outputs, of rank 2 or more, is \
                 needed",
            );
        }
        let lead = self.leading_indices();
        let ([first, second], order) = match (&self.shape()[lead..], &self.axes()[lead..]) {
            ([first, second, ..], [a, b, kernel @ ..])
                if matches!(
                    (a, b),
                    (Axis::Input, Axis::Output)
                        | (Axis::Output, Axis::Input)
                        | (Axis::Index, Axis::Output)
                ) && kernel.iter().all(|axis| *axis == Axis::Kernel) =>
            {
                ([*first, *second], *a)
            }
            _ => return error("its axes don't stand in an order that has neurons"),
        };
        // Sizes may be anything where one of them is 0.
        let times = usize::saturating_mul;
        let kernel = self.kernel().iter().copied().fold(1, times);
        let outer = self.shape()[..lead].iter().copied().fold(1, times);
        // The first axis holds the channels of all groups, one after another.
        let groups = self.group_count();
        let along_first = |per_group: usize, run: usize| Vectors {
            groups: times(outer, groups),
            per_group,
            len: times(first / groups, run),
            run,
        };
        let along_second = Vectors {
            groups: times(outer, first),
            per_group: kernel,
            len: second,
            run: 1,
        };
        let contiguous = |count: usize, len: usize| Vectors {
            groups: 1,
            per_group: count,
            len,
            run: len,
        };
        let vectors = match (along, order) {
            (Along::Inputs, Axis::Input) => along_first(second, kernel),
            // Whole rows: all that comes into an output, or the vector of an index.
            (Along::Inputs, _) | (Along::Outputs, Axis::Index) => {
                contiguous(times(outer, first), times(second, kernel))
            }
            (Along::Outputs, Axis::Input) | (Along::Channels, Axis::Output) => along_second,
            (Along::Outputs, _) | (Along::Channels, Axis::Input) => {
                along_first(times(second, kernel), 1)
            }
            (Along::Kernel, _) if self.has_kernel() => {
                contiguous(times(outer, times(first, second)), kernel)
            }
            (Along::Vocabulary, Axis::Index) => along_first(times(second, kernel), 1),
            (Along::Kernel, _) => return error("it has no kernel; only convolutions have one"),
            (Along::Vocabulary, _) => {
                return error("it has no vocabulary; only embeddings have one");
            }
            (Along::Channels, _) => return error("it has no input channels; embeddings have none"),
        };
        if elements == 0 {
            // An empty weight has no vectors, whatever its other axes say.
            return Ok(Vectors {
                groups: 0,
                ..vectors
            });
        }
        Ok(vectors)
    }
}
