//! What each axis of a weight is, and what follows from it: fans and neurons.

use crate::draw::parallel::for_each_chunk;
use crate::error::InitError;

/// Elements that one task transforms at a time.
const CHUNK: usize = 1 << 13;

/// What an axis of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Input features or channels.
    Input,
    /// Output features or channels.
    Output,
    /// An axis of a convolution's kernel.
    Kernel,
    /// Rows that are looked up by index, as those of an embedding.
    Index,
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
/// use burn_init::WeightLayout;
///
/// let linear = WeightLayout::from([100, 64]);
/// assert_eq!((linear.fan_in(), linear.fan_out()), (Some(100.0), Some(64.0)));
/// let depthwise = WeightLayout::conv([32, 1, 3, 3]).groups(32);
/// assert_eq!((depthwise.fan_in(), depthwise.fan_out()), (Some(9.0), Some(9.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WeightLayout {
    shape: Vec<usize>,
    axes: Vec<Axis>,
    groups: usize,
    /// The product of a transposed convolution's strides.
    stride: usize,
    /// How many of how many weights of each neuron exist.
    kept: (f64, f64),
}

impl WeightLayout {
    fn new(shape: impl Into<Vec<usize>>, leading: &[Axis]) -> Self {
        let shape = shape.into();
        let axes = (0..shape.len())
            .map(|i| leading.get(i).copied().unwrap_or(Axis::Kernel))
            .collect();
        Self {
            shape,
            axes,
            groups: 1,
            stride: 1,
            kept: (1.0, 1.0),
        }
    }

    /// `[d_input, d_output]`: a `Linear` of `LinearLayout::Row`, Burn's default.
    pub fn linear(shape: [usize; 2]) -> Self {
        Self::new(shape, &[Axis::Input, Axis::Output])
    }

    /// `[d_output, d_input]`: a `Linear` of `LinearLayout::Col`, in its saved layout.
    pub fn linear_col(shape: [usize; 2]) -> Self {
        Self::new(shape, &[Axis::Output, Axis::Input])
    }

    /// `[channels_out, channels_in / groups, kernel…]`: a convolution.
    pub fn conv(shape: impl Into<Vec<usize>>) -> Self {
        Self::new(shape, &[Axis::Output, Axis::Input])
    }

    /// `[channels_in, channels_out / groups, kernel…]`: a transposed convolution.
    pub fn conv_transpose(shape: impl Into<Vec<usize>>) -> Self {
        Self::new(shape, &[Axis::Input, Axis::Output])
    }

    /// `[vocabulary, d_model]`: an embedding. Each row counts as one neuron.
    pub fn embedding(shape: [usize; 2]) -> Self {
        Self::new(shape, &[Axis::Index, Axis::Output])
    }

    /// A parameter without inputs and outputs, such as a bias. It has no fans.
    pub fn vector(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let axes = vec![Axis::Index; shape.len()];
        Self {
            shape,
            axes,
            groups: 1,
            stride: 1,
            kept: (1.0, 1.0),
        }
    }

    /// The number of groups of a convolution; the shape doesn't tell it.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The strides of a transposed convolution; the shape doesn't tell them.
    ///
    /// An output of a transposed convolution receives, on average, one of every ∏stride of its
    /// kernel's weights.
    pub fn stride(mut self, strides: &[usize]) -> Self {
        self.stride = strides
            .iter()
            .fold(1, |product, s| product.saturating_mul(*s));
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

    /// Whether it is a convolution's, whose groups the shape doesn't tell.
    pub(crate) fn has_kernel(&self) -> bool {
        self.axes.contains(&Axis::Kernel)
    }

    /// The number of elements.
    ///
    /// # Errors
    ///
    /// If it exceeds the largest array of f32 that memory can address, or if groups or strides are
    /// 0 or don't divide the channels.
    pub fn elements(&self) -> Result<usize, InitError> {
        let limit = isize::MAX as usize / size_of::<f32>();
        let elements = self
            .shape
            .iter()
            .try_fold(1usize, |product, axis| product.checked_mul(*axis))
            .filter(|elements| *elements <= limit)
            .or(self.shape.contains(&0).then_some(0))
            .ok_or_else(|| {
                InitError::shape(
                    &self.shape,
                    format!("has more elements than memory can address ({limit})"),
                )
            })?;
        if self.stride == 0 {
            return Err(InitError::shape(
                &self.shape,
                "a stride is 0; it must be at least 1",
            ));
        }
        if self.groups == 0 || !self.grouped_channels().is_multiple_of(self.groups) {
            return Err(InitError::shape(
                &self.shape,
                format!(
                    "{} groups don't divide its {} channels",
                    self.groups,
                    self.grouped_channels()
                ),
            ));
        }
        Ok(elements)
    }

    /// The axis that counts the channels of all groups is the first; the second counts those of one
    /// group.
    fn grouped_channels(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Whether it is a transposed convolution's, whose strides the shape doesn't tell.
    pub(crate) fn is_transposed_conv(&self) -> bool {
        self.axes.first() == Some(&Axis::Input) && self.has_kernel()
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
            (self.groups * self.stride) as f64
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
    /// If the rank is too low to have neurons, or as [`elements`](Self::elements).
    pub(crate) fn neurons(&self) -> Result<Neurons, InitError> {
        let elements = self.elements()?;
        if !self.axes.contains(&Axis::Output) {
            return Err(InitError::shape(
                &self.shape,
                "a vector has no neurons; a weight with inputs and outputs, of rank 2 or more, is needed",
            ));
        }
        let [first, second] = [self.shape[0], self.shape[1]];
        let kernel = elements.checked_div(first * second).unwrap_or(0);
        Ok(if self.axes[0] == Axis::Input {
            // [in, out, kernel…], or for each group [in / groups, out / groups, kernel…].
            Neurons {
                groups: self.groups,
                count: second,
                len: first / self.groups * kernel,
                run: kernel,
            }
        } else {
            let len = second * kernel;
            Neurons {
                groups: 1,
                count: first,
                len,
                run: len,
            }
        })
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

/// Where the incoming weights of each neuron lie in the saved layout.
///
/// In each group stands the block `[len / run, count, run]`: of neuron j, `run` weights stand
/// together, then come those of the next neuron. Where `run` is all of `len`, a neuron's weights
/// are contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Neurons {
    groups: usize,
    count: usize,
    /// Incoming weights of each neuron.
    pub len: usize,
    run: usize,
}

impl Neurons {
    /// The number of neurons.
    pub fn count(&self) -> usize {
        self.groups * self.count
    }

    fn is_contiguous(&self) -> bool {
        self.run == self.len
    }

    /// Where input `i` of neuron `j` lies.
    #[cfg(test)]
    fn index(&self, j: usize, i: usize) -> usize {
        let (group, j) = (j / self.count, j % self.count);
        ((group * self.len / self.run + i / self.run) * self.count + j) * self.run + i % self.run
    }

    /// The neurons that the elements `range` belong to, and the elements of these neurons.
    pub fn covering(&self, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        if range.is_empty() || self.len == 0 {
            return 0..0;
        }
        // Where neurons aren't contiguous, almost every range meets all neurons of its group.
        let unit = if self.is_contiguous() {
            self.len
        } else {
            self.len * self.count
        };
        range.start / unit * unit..range.end.div_ceil(unit) * unit
    }

    /// Lets `fill(first, weights)` write the neurons that `range` meets, as
    /// [`covering`](Self::covering) gives them, and takes `out` from these.
    pub fn fill_range(
        &self,
        range: std::ops::Range<usize>,
        out: &mut [f32],
        fill: impl FnOnce(usize, &mut [f32]) -> Result<(), InitError>,
    ) -> Result<(), InitError> {
        let whole = self.covering(range.clone());
        if whole == range {
            return fill(whole.start, out);
        }
        let mut weights = vec![0.0; whole.len()];
        fill(whole.start, &mut weights)?;
        out.copy_from_slice(&weights[range.start - whole.start..][..out.len()]);
        Ok(())
    }

    /// Calls `work(j, weights)` with consecutive neurons, from number j on, as a contiguous
    /// `[neurons, len]` matrix.
    ///
    /// `weights` are whole neurons in the saved layout, as [`covering`](Self::covering) gives;
    /// `first` is the index of their first element.
    pub fn for_each<T: Copy + Default + Send + Sync>(
        &self,
        first: usize,
        weights: &mut [T],
        work: impl Fn(usize, &mut [T]) + Send + Sync,
    ) {
        if weights.is_empty() {
            return;
        }
        let per_task = (CHUNK / self.len).max(1);
        let first_neuron = first / self.len;
        let by_neuron = |matrix: &mut [T]| {
            for_each_chunk(matrix, per_task * self.len, |task, rows| {
                work(first_neuron + task * per_task, rows);
            });
        };
        if self.is_contiguous() {
            by_neuron(weights);
            return;
        }

        // A copy with the neurons one after another, and back.
        let (count, run) = (self.count, self.run);
        let steps = self.len / run;
        let mut matrix = vec![T::default(); weights.len()];
        for_each_chunk(&mut matrix, per_task * self.len, |task, rows| {
            for (row, j) in rows.chunks_mut(self.len).zip(task * per_task..) {
                let group = &weights[j / count * count * self.len..];
                for (step, part) in row.chunks_mut(run).enumerate() {
                    let begin = (step * count + j % count) * run;
                    part.copy_from_slice(&group[begin..begin + run]);
                }
            }
        });
        by_neuron(&mut matrix);
        let lines_per_task = (CHUNK / (count * run)).max(1);
        for_each_chunk(weights, lines_per_task * count * run, |task, lines| {
            for (line, number) in lines.chunks_mut(count * run).zip(task * lines_per_task..) {
                let group = &matrix[number / steps * count * self.len..];
                for (j, part) in line.chunks_mut(run).enumerate() {
                    let begin = j * self.len + number % steps * run;
                    part.copy_from_slice(&group[begin..begin + run]);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fans() {
        let cases: [(WeightLayout, f64, f64); 9] = [
            (WeightLayout::linear([100, 64]), 100.0, 64.0),
            (WeightLayout::linear_col([64, 100]), 100.0, 64.0),
            (WeightLayout::conv([32, 16, 5]), 80.0, 160.0),
            (WeightLayout::conv([32, 16, 3, 3]), 144.0, 288.0),
            (WeightLayout::conv([32, 4, 3, 3]).groups(4), 36.0, 72.0),
            (WeightLayout::conv([8, 4, 2, 3, 4]), 96.0, 192.0),
            (
                WeightLayout::conv_transpose([16, 32, 4, 4]).stride(&[2, 2]),
                64.0,
                512.0,
            ),
            (
                WeightLayout::conv_transpose([16, 8, 4, 4])
                    .stride(&[2, 2])
                    .groups(4),
                16.0,
                128.0,
            ),
            (WeightLayout::embedding([1000, 64]), 1.0, 64.0),
        ];
        for (layout, fan_in, fan_out) in cases {
            assert_eq!(layout.fan_in(), Some(fan_in), "{layout:?}");
            assert_eq!(layout.fan_out(), Some(fan_out), "{layout:?}");
        }
        assert_eq!(WeightLayout::vector([10]).fan_in(), None);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert!(WeightLayout::from([usize::MAX, 2]).elements().is_err());
        assert!(WeightLayout::from([1 << 40, 1 << 30]).elements().is_err());
        assert_eq!(WeightLayout::from([usize::MAX, 2, 0]).elements(), Ok(0));
        assert!(WeightLayout::conv([6, 1, 3]).groups(4).elements().is_err());
        assert!(WeightLayout::conv([6, 1, 3]).groups(0).elements().is_err());
        assert!(
            WeightLayout::conv_transpose([6, 1, 3])
                .stride(&[0])
                .elements()
                .is_err()
        );
        assert!(WeightLayout::vector([10]).neurons().is_err());
    }

    /// Every neuron sees exactly its own weights, wherever they lie.
    #[test]
    fn neurons_in_every_layout() {
        let layouts = [
            WeightLayout::linear([5, 7]),
            WeightLayout::linear_col([5, 7]),
            WeightLayout::conv([4, 3, 2, 2]),
            WeightLayout::conv_transpose([4, 3, 2, 2]),
            WeightLayout::conv_transpose([6, 2, 5]).groups(3),
            WeightLayout::embedding([9, 4]),
            WeightLayout::linear([300, 170]),
        ];
        for layout in layouts {
            let neurons = layout.neurons().unwrap();
            let elements = layout.elements().unwrap();
            assert_eq!(neurons.count() * neurons.len, elements);
            let original: Vec<usize> = (0..elements).collect();
            let mut weights = original.clone();
            neurons.for_each(0, &mut weights, |first, rows| {
                for (row, j) in rows.chunks_mut(neurons.len).zip(first..) {
                    for (i, weight) in row.iter_mut().enumerate() {
                        assert_eq!(*weight, neurons.index(j, i), "{layout:?}");
                        *weight += 1_000_000;
                    }
                }
            });
            assert!(
                weights
                    .iter()
                    .zip(original)
                    .all(|(w, o)| *w == o + 1_000_000)
            );
        }
    }

    /// Which input each element of a grouped transposed convolution belongs to, from Burn's
    /// definition of the layout.
    #[test]
    fn grouped_transposed_convolution() {
        let neurons = WeightLayout::conv_transpose([4, 3, 2])
            .groups(2)
            .neurons()
            .unwrap();
        assert_eq!((neurons.count(), neurons.len), (6, 4));
        // Output channel 4 is channel 1 of group 1, whose inputs are channels 2 and 3.
        let place = |input: usize, output: usize, k: usize| (input * 3 + output) * 2 + k;
        let expected = [
            place(2, 1, 0),
            place(2, 1, 1),
            place(3, 1, 0),
            place(3, 1, 1),
        ];
        assert_eq!(std::array::from_fn(|i| neurons.index(4, i)), expected);
    }

    #[test]
    fn parts_are_whole_neurons() {
        let layout = WeightLayout::conv([4, 3, 2]);
        let neurons = layout.neurons().unwrap();
        assert_eq!(neurons.covering(7..8), 6..12);
        assert_eq!(neurons.covering(6..13), 6..18);
        let mut seen = vec![0; 12];
        neurons.for_each(6, &mut seen, |first, rows| {
            for (row, j) in rows.chunks_mut(6).zip(first..) {
                row.fill(j);
            }
        });
        assert_eq!(seen, [[1; 6], [2; 6]].concat());
    }
}
