//! What each axis of a weight is, and what follows from it: fans and neurons.

use serde::{Deserialize, Serialize};

use crate::error::InitError;
use crate::fibers::Fibers;

/// The most elements that a parameter can have: a key addresses 2⁵⁰ words, and memory less on some
/// machines.
const MOST_ELEMENTS: u64 = if (isize::MAX as u64) / 4 < 1 << 50 {
    (isize::MAX as u64) / 4
} else {
    1 << 50
};

/// What an axis of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Input features or channels.
    Input,
    /// Output features or channels.
    Output,
    /// An axis of a convolution's kernel.
    Kernel,
    /// Things of the same kind that don't mix: the rows of an embedding, or experts side by side.
    Index,
}

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
#[serde(rename_all = "snake_case")]
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

/// The saved layout of a parameter: its shape, and what each axis is.
///
/// Burn saves a `Linear` as `[d_input, d_output]` (`LinearLayout::Row`) or `[d_output, d_input]`
/// (`Col`), convolutions as `[channels_out, channels_in / groups, kernel…]`, transposed
/// convolutions as `[channels_in, channels_out / groups, kernel…]` and an embedding as
/// `[vocabulary, d_model]`. The fans come from the axes, never from a guess on the shape:
///
/// | parameter | fan_in | fan_out |
/// |---|---|---|
/// | linear | d_input | d_output |
/// | convolution | channels_in / groups · kernel | channels_out / groups · kernel |
/// | transposed convolution | channels_in / groups · kernel / stride | channels_out / groups · kernel |
/// | embedding | 1 | d_model |
///
/// A shape alone converts to the layout that Burn gives to it: one axis is a vector, two are a
/// `Linear` in `Row` layout, and more are a convolution.
///
/// ```
/// use burn_init::{Axis, WeightLayout};
///
/// let linear = WeightLayout::from([100, 64]);
/// assert_eq!((linear.fan_in(), linear.fan_out()), (Some(100.0), Some(64.0)));
/// let depthwise = WeightLayout::conv([32, 1, 3, 3]).groups(32);
/// assert_eq!((depthwise.fan_in(), depthwise.fan_out()), (Some(9.0), Some(9.0)));
/// let experts = WeightLayout::new([8, 512, 2048], [Axis::Index, Axis::Input, Axis::Output]);
/// assert_eq!((experts.fan_in(), experts.fan_out()), (Some(512.0), Some(2048.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WeightLayout {
    shape: Vec<usize>,
    axes: Vec<Axis>,
    groups: usize,
    /// Of a transposed convolution; empty where nobody said.
    strides: Vec<usize>,
    /// How many of how many weights of each neuron exist.
    kept: (f64, f64),
}

impl WeightLayout {
    /// A shape and what each of its axes is.
    ///
    /// Initializers that work on neurons know these orders: any number of `Index`, then
    /// `Input, Output` or `Output, Input`, then any number of `Kernel`; or `Index…, Output`.
    /// Anything else has fans, but no neurons.
    pub fn new(shape: impl Into<Vec<usize>>, axes: impl Into<Vec<Axis>>) -> Self {
        Self {
            shape: shape.into(),
            axes: axes.into(),
            groups: 1,
            strides: Vec::new(),
            kept: (1.0, 1.0),
        }
    }

    /// These axes, and then a kernel's.
    fn with_kernel(shape: impl Into<Vec<usize>>, leading: [Axis; 2]) -> Self {
        let shape = shape.into();
        let kernel = shape.len().saturating_sub(2);
        let axes = [&leading[..], &vec![Axis::Kernel; kernel]].concat();
        Self::new(shape, axes)
    }

    /// `[d_input, d_output]`: a `Linear` of `LinearLayout::Row`, Burn's default.
    pub fn linear(shape: [usize; 2]) -> Self {
        Self::new(shape, [Axis::Input, Axis::Output])
    }

    /// `[d_output, d_input]`: a `Linear` of `LinearLayout::Col`, in its saved layout.
    pub fn linear_col(shape: [usize; 2]) -> Self {
        Self::new(shape, [Axis::Output, Axis::Input])
    }

    /// `[channels_out, channels_in / groups, kernel…]`: a convolution.
    pub fn conv(shape: impl Into<Vec<usize>>) -> Self {
        Self::with_kernel(shape, [Axis::Output, Axis::Input])
    }

    /// `[channels_in, channels_out / groups, kernel…]`: a transposed convolution.
    pub fn conv_transpose(shape: impl Into<Vec<usize>>) -> Self {
        Self::with_kernel(shape, [Axis::Input, Axis::Output])
    }

    /// `[vocabulary, d_model]`: an embedding. Each row counts as one neuron.
    pub fn embedding(shape: [usize; 2]) -> Self {
        Self::new(shape, [Axis::Index, Axis::Output])
    }

    /// A parameter without inputs and outputs, such as a bias. It has no fans.
    pub fn vector(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let axes = vec![Axis::Index; shape.len()];
        Self::new(shape, axes)
    }

    /// The number of groups of a convolution; the shape doesn't tell it.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The strides of a transposed convolution, one for each axis of its kernel; the shape doesn't
    /// tell them.
    ///
    /// An output of a transposed convolution receives, on average, one of every ∏stride of its
    /// kernel's weights.
    pub fn strides(mut self, strides: impl Into<Vec<usize>>) -> Self {
        self.strides = strides.into();
        self
    }

    /// The same layout where only `k` of each neuron's `n` weights exist: both fans shrink with
    /// them.
    pub(crate) fn keeping(&self, k: usize, n: usize) -> Self {
        let (kept, of) = self.kept;
        Self {
            kept: (kept * k as f64, of * n as f64),
            ..self.clone()
        }
    }

    /// The shape, in the saved layout.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// What each axis is.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The number of groups; 1 where there are none.
    pub(crate) fn groups_or_one(&self) -> usize {
        self.groups.max(1)
    }

    /// Whether it is a convolution's, whose groups the shape doesn't tell.
    pub(crate) fn has_kernel(&self) -> bool {
        self.axes.contains(&Axis::Kernel)
    }

    /// Whether it is a transposed convolution's, whose strides the shape doesn't tell.
    pub(crate) fn is_transposed_conv(&self) -> bool {
        let place = |kind: Axis| self.axes.iter().position(|axis| *axis == kind);
        self.has_kernel()
            && place(Axis::Input).is_some()
            && place(Axis::Input) < place(Axis::Output)
    }

    /// The sizes of the kernel's axes.
    pub(crate) fn kernel(&self) -> &[usize] {
        let kernel = self.axes.iter().position(|axis| *axis == Axis::Kernel);
        &self.shape[kernel.unwrap_or(self.shape.len())..]
    }

    /// Matrices that don't mix: the groups of a convolution, and all indices before inputs and
    /// outputs.
    pub(crate) fn blocks(&self) -> usize {
        let indices = &self.shape[..self.leading_indices()];
        indices
            .iter()
            .fold(self.groups, |product, n| product.saturating_mul(*n))
    }

    /// How many axes come before those of a matrix.
    fn leading_indices(&self) -> usize {
        let indices = self
            .axes
            .iter()
            .take_while(|axis| **axis == Axis::Index)
            .count();
        if self.axes.contains(&Axis::Input) {
            indices
        } else {
            indices.saturating_sub(1)
        }
    }

    /// The number of elements.
    ///
    /// # Errors
    ///
    /// If there are too many, if there isn't one axis for each size, or if groups or strides don't
    /// fit them.
    pub fn elements(&self) -> Result<usize, InitError> {
        let error = |problem: String| Err(InitError::shape(&self.shape, problem));
        let elements = if self.shape.contains(&0) {
            0
        } else {
            let sizes = self.shape.iter().map(|n| *n as u64);
            match sizes.into_iter().try_fold(1u64, u64::checked_mul) {
                Some(elements) if elements <= MOST_ELEMENTS => elements as usize,
                _ => {
                    return error(format!(
                        "it has more elements than can be addressed, {MOST_ELEMENTS}"
                    ));
                }
            }
        };
        if self.axes.len() != self.shape.len() {
            let axes = &self.axes;
            return error(format!("it doesn't have the {} axes {axes:?}", axes.len()));
        }
        if self.groups != 1 {
            if !self.has_kernel() {
                return error(format!(
                    "only convolutions have groups, here {}",
                    self.groups
                ));
            }
            let channels = self.shape[self.leading_indices()];
            if self.groups == 0 || !channels.is_multiple_of(self.groups) {
                return error(format!(
                    "{} groups don't divide its {channels} channels",
                    self.groups
                ));
            }
        }
        if !self.strides.is_empty() {
            if !self.is_transposed_conv() {
                return error("only the strides of a transposed convolution matter".to_owned());
            }
            if self.strides.len() != self.kernel().len() || self.strides.contains(&0) {
                return error(format!(
                    "the strides {:?} must be one for each axis of the kernel, at least 1",
                    self.strides
                ));
            }
        }
        Ok(elements)
    }

    /// The product of the axes of one kind, as f64, which doesn't overflow.
    fn product(&self, kind: Axis) -> f64 {
        self.shape
            .iter()
            .zip(&self.axes)
            .filter(|(_, axis)| **axis == kind)
            .map(|(size, _)| *size as f64)
            .product()
    }

    /// Inputs that reach one output unit, or `None` for a vector.
    pub fn fan_in(&self) -> Option<f64> {
        if !self.axes.contains(&Axis::Output) {
            return None;
        }
        let fan = self.product(Axis::Input) * self.product(Axis::Kernel);
        let shared = if self.is_transposed_conv() {
            let strides: f64 = self.strides.iter().map(|stride| *stride as f64).product();
            self.groups as f64 * strides
        } else {
            1.0
        };
        Some(fan * self.kept.0 / self.kept.1 / shared)
    }

    /// Outputs that one input unit reaches, or `None` for a vector.
    pub fn fan_out(&self) -> Option<f64> {
        if !self.axes.contains(&Axis::Output) {
            return None;
        }
        let fan = self.product(Axis::Output) * self.product(Axis::Kernel);
        let groups = if self.is_transposed_conv() {
            1
        } else {
            self.groups
        };
        Some(fan * self.kept.0 / self.kept.1 / groups as f64)
    }

    /// The weight as a set of neurons: for each output unit, its vector of incoming weights.
    ///
    /// # Errors
    ///
    /// If it has no neurons, or as [`elements`](Self::elements).
    pub(crate) fn neurons(&self) -> Result<Fibers, InitError> {
        self.along(Along::Inputs)
    }

    /// The vectors that the neurons have the elements with the same number of: for each input, the
    /// weights of all neurons of its group.
    ///
    /// # Errors
    ///
    /// As [`neurons`](Self::neurons).
    pub(crate) fn across_neurons(&self) -> Result<Fibers, InitError> {
        self.along(if self.axes.contains(&Axis::Input) {
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
    pub(crate) fn orthonormal(&self) -> Result<Fibers, InitError> {
        let neurons = self.neurons()?;
        if neurons.count() / self.blocks().max(1) > neurons.len {
            self.across_neurons()
        } else {
            Ok(neurons)
        }
    }

    /// The vectors that run along these axes.
    ///
    /// # Errors
    ///
    /// If the parameter doesn't have such axes, or as [`elements`](Self::elements).
    pub(crate) fn along(&self, along: Along) -> Result<Fibers, InitError> {
        let elements = self.elements()?;
        let error = |problem: &str| Err(InitError::shape(&self.shape, problem));
        if !self.axes.contains(&Axis::Output) {
            return error(
                "a vector has no neurons; a weight with inputs and outputs, of rank 2 or more, is \
                 needed",
            );
        }
        let lead = self.leading_indices();
        let ([first, second], order) = match (&self.shape[lead..], &self.axes[lead..]) {
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
        let outer = self.shape[..lead].iter().copied().fold(1, times);
        // The first axis holds the channels of all groups, one after another.
        let first_of_group = first / self.groups;
        let first_axis = Fibers {
            groups: times(outer, self.groups),
            count: times(second, kernel),
            len: first_of_group,
            run: 1,
        };
        let second_axis = Fibers {
            groups: times(outer, first),
            count: kernel,
            len: second,
            run: 1,
        };
        let fibers = match (along, order) {
            (Along::Inputs, Axis::Input) => Fibers {
                count: second,
                len: times(first_of_group, kernel),
                run: kernel,
                ..first_axis
            },
            // Whole rows: all that comes into an output, or the vector of an index.
            (Along::Inputs, _) | (Along::Outputs, Axis::Index) => Fibers {
                groups: 1,
                count: times(outer, first),
                len: times(second, kernel),
                run: times(second, kernel),
            },
            (Along::Outputs, Axis::Input) | (Along::Channels, Axis::Output) => second_axis,
            (Along::Outputs, _) | (Along::Channels, Axis::Input) => first_axis,
            (Along::Kernel, _) if self.has_kernel() => Fibers {
                groups: 1,
                count: times(outer, times(first, second)),
                len: kernel,
                run: kernel,
            },
            (Along::Vocabulary, Axis::Index) => first_axis,
            (Along::Kernel, _) => return error("it has no kernel; only convolutions have one"),
            (Along::Vocabulary, _) => {
                return error("it has no vocabulary; only embeddings have one");
            }
            (Along::Channels, _) => return error("it has no input channels; embeddings have none"),
        };
        if elements == 0 {
            // An empty weight has no vectors, whatever its other axes say.
            return Ok(Fibers {
                groups: 0,
                ..fibers
            });
        }
        Ok(fibers)
    }
}

impl<const D: usize> From<[usize; D]> for WeightLayout {
    fn from(shape: [usize; D]) -> Self {
        match D {
            0 | 1 => Self::vector(shape),
            2 => Self::linear([shape[0], shape[1]]),
            _ => Self::conv(shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fans() {
        let up = WeightLayout::conv_transpose([16, 8, 4, 4]).strides([2, 2]);
        let experts = WeightLayout::new([8, 5, 7], [Axis::Index, Axis::Input, Axis::Output]);
        let cases: [(WeightLayout, f64, f64); 10] = [
            (WeightLayout::linear([100, 64]), 100.0, 64.0),
            (WeightLayout::linear_col([64, 100]), 100.0, 64.0),
            (WeightLayout::conv([32, 16, 5]), 80.0, 160.0),
            (WeightLayout::conv([32, 16, 3, 3]), 144.0, 288.0),
            (WeightLayout::conv([32, 4, 3, 3]).groups(4), 36.0, 72.0),
            (WeightLayout::conv([8, 4, 2, 3, 4]), 96.0, 192.0),
            (up.clone(), 64.0, 128.0),
            (up.groups(4), 16.0, 128.0),
            (WeightLayout::embedding([1000, 64]), 1.0, 64.0),
            (experts, 5.0, 7.0),
        ];
        for (layout, fan_in, fan_out) in cases {
            assert_eq!(layout.fan_in(), Some(fan_in), "{layout:?}");
            assert_eq!(layout.fan_out(), Some(fan_out), "{layout:?}");
        }
        assert_eq!(WeightLayout::vector([10]).fan_in(), None);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let conv = |shape: &[usize]| WeightLayout::conv(shape);
        let up = |shape: &[usize]| WeightLayout::conv_transpose(shape);
        let layouts = [
            WeightLayout::from([usize::MAX, 2]),
            WeightLayout::from([1 << 40, 1 << 30]),
            conv(&[]),
            conv(&[5]),
            up(&[5]),
            conv(&[6, 1, 3]).groups(4),
            conv(&[6, 1, 3]).groups(0),
            WeightLayout::linear([6, 4]).groups(2),
            WeightLayout::vector([]).groups(2),
            conv(&[6, 1, 3]).strides([2]),
            up(&[6, 1, 3, 3]).strides([2]),
            up(&[6, 1, 3]).strides([0]),
            WeightLayout::new([2, 3], [Axis::Input]),
        ];
        for layout in layouts {
            assert!(layout.elements().is_err(), "{layout:?}");
            assert!(layout.neurons().is_err(), "{layout:?}");
        }
        assert!(WeightLayout::vector([10]).neurons().is_err());
        let scattered = [Axis::Input, Axis::Kernel, Axis::Output];
        assert!(WeightLayout::new([2, 3, 4], scattered).neurons().is_err());
        // Whatever the other axes, an empty parameter is empty.
        assert_eq!(WeightLayout::from([usize::MAX, 2, 0]).elements(), Ok(0));
        let empty = up(&[0, usize::MAX, 3]).groups(2);
        assert_eq!(empty.neurons().unwrap().count(), 0);
        assert_eq!(WeightLayout::linear([100, 0]).neurons().unwrap().len, 100);
    }
}
