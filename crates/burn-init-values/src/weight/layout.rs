//! What each axis of a weight is, and the fans that follow from it.

use serde::{Deserialize, Serialize};

use crate::error::InitError;

/// The most elements that a parameter can have: a key addresses 2⁵⁰ words, and memory less on some
/// machines.
const MOST_ELEMENTS: u64 = if (isize::MAX as u64) / 4 < 1 << 50 {
    (isize::MAX as u64) / 4
} else {
    1 << 50
};

/// What an axis of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
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
/// use burn_init_values::weight::{Axis, WeightLayout};
///
/// let linear = WeightLayout::from([100, 64]);
/// assert_eq!((linear.fan_in(), linear.fan_out()), (Some(100.0), Some(64.0)));
/// let depthwise = WeightLayout::conv([32, 1, 3, 3])?.groups(32)?;
/// assert_eq!((depthwise.fan_in(), depthwise.fan_out()), (Some(9.0), Some(9.0)));
/// let experts = WeightLayout::new([8, 512, 2048], [Axis::Index, Axis::Input, Axis::Output])?;
/// assert_eq!((experts.fan_in(), experts.fan_out()), (Some(512.0), Some(2048.0)));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(into = "Description", try_from = "Description")]
pub struct WeightLayout {
    shape: Vec<usize>,
    axes: Vec<Axis>,
    groups: usize,
    /// Of a transposed convolution; empty where nobody said.
    strides: Vec<usize>,
    /// How many of how many weights of each neuron exist.
    kept: (f64, f64),
    /// The weight that a bias stands beside.
    weight: Option<Box<WeightLayout>>,
}

/// A [`WeightLayout`] in files: of a bias that knows its weight, the weight.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Description {
    shape: Vec<usize>,
    axes: Vec<Axis>,
    #[serde(default = "one_group")]
    groups: usize,
    #[serde(default)]
    strides: Vec<usize>,
    /// It is the bias beside this weight that is meant.
    #[serde(default)]
    bias: bool,
}

fn one_group() -> usize {
    1
}

impl From<WeightLayout> for Description {
    fn from(mut layout: WeightLayout) -> Self {
        let weight = layout.weight.take();
        let bias = weight.is_some();
        let described = weight.map_or(layout, |weight| *weight);
        Self {
            shape: described.shape,
            axes: described.axes,
            groups: described.groups,
            strides: described.strides,
            bias,
        }
    }
}

impl TryFrom<Description> for WeightLayout {
    type Error = InitError;

    fn try_from(from: Description) -> Result<Self, InitError> {
        let mut layout = Self::new(from.shape, from.axes)?.groups(from.groups)?;
        if !from.strides.is_empty() {
            layout = layout.strides(from.strides)?;
        }
        match from.bias {
            true => Self::bias_of(&layout),
            false => Ok(layout),
        }
    }
}

impl WeightLayout {
    /// A shape and what each of its axes is.
    ///
    /// Initializers that work on neurons know these orders: any number of `Index`, then
    /// `Input, Output` or `Output, Input`, then any number of `Kernel`; or `Index…, Output`.
    /// Anything else has fans, but no neurons.
    ///
    /// # Errors
    ///
    /// If there isn't one axis for each size.
    pub fn new(
        shape: impl Into<Vec<usize>>,
        axes: impl Into<Vec<Axis>>,
    ) -> Result<Self, InitError> {
        let (shape, axes) = (shape.into(), axes.into());
        if shape.len() != axes.len() {
            let problem = format!("it doesn't have the {} axes {axes:?}", axes.len());
            return Err(InitError::shape(&shape, problem));
        }
        Ok(Self::of(shape, axes))
    }

    /// A shape with one axis for each size.
    fn of(shape: impl Into<Vec<usize>>, axes: impl Into<Vec<Axis>>) -> Self {
        Self {
            shape: shape.into(),
            axes: axes.into(),
            groups: 1,
            strides: Vec::new(),
            kept: (1.0, 1.0),
            weight: None,
        }
    }

    /// These two axes, and then a kernel's.
    fn with_kernel(shape: Vec<usize>, leading: [Axis; 2]) -> Result<Self, InitError> {
        if shape.len() < 2 {
            let problem =
                "a convolution has two axes for its channels, and then those of its kernel";
            return Err(InitError::shape(&shape, problem));
        }
        let kernel = shape.len() - 2;
        let axes = [&leading[..], &vec![Axis::Kernel; kernel]].concat();
        Ok(Self::of(shape, axes))
    }

    /// `[d_input, d_output]`: a `Linear` of `LinearLayout::Row`, Burn's default.
    pub fn linear(shape: [usize; 2]) -> Self {
        Self::of(shape, [Axis::Input, Axis::Output])
    }

    /// `[d_output, d_input]`: a `Linear` of `LinearLayout::Col`, in its saved layout.
    pub fn linear_col(shape: [usize; 2]) -> Self {
        Self::of(shape, [Axis::Output, Axis::Input])
    }

    /// `[channels_out, channels_in / groups, kernel…]`: a convolution.
    ///
    /// # Errors
    ///
    /// If the shape has fewer than two axes.
    pub fn conv(shape: impl Into<Vec<usize>>) -> Result<Self, InitError> {
        Self::with_kernel(shape.into(), [Axis::Output, Axis::Input])
    }

    /// `[channels_in, channels_out / groups, kernel…]`: a transposed convolution.
    ///
    /// # Errors
    ///
    /// If the shape has fewer than two axes.
    pub fn conv_transpose(shape: impl Into<Vec<usize>>) -> Result<Self, InitError> {
        Self::with_kernel(shape.into(), [Axis::Input, Axis::Output])
    }

    /// `[vocabulary, d_model]`: an embedding. Each row counts as one neuron.
    pub fn embedding(shape: [usize; 2]) -> Self {
        Self::of(shape, [Axis::Index, Axis::Output])
    }

    /// A parameter without inputs and outputs, such as a bias. It has no fans.
    pub fn vector(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let axes = vec![Axis::Index; shape.len()];
        Self::of(shape, axes)
    }

    /// The bias that stands beside this weight: a vector with an element for each of its outputs, which
    /// knows the weight ([`weight`](Self::weight)). Experts have a row for each.
    ///
    /// It has no fans of its own.
    ///
    /// ```
    /// use burn_init_values::WeightLayout;
    ///
    /// let up = WeightLayout::conv_transpose([8, 3, 4, 4])?.groups(2)?;
    /// let bias = WeightLayout::bias_of(&up)?;
    /// assert_eq!(bias.shape(), [6]);
    /// assert_eq!(bias.weight().unwrap().fan_in(), Some(64.0));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the weight has no outputs.
    pub fn bias_of(weight: &Self) -> Result<Self, InitError> {
        if !weight.axes.contains(&Axis::Output) {
            let problem = "it has no outputs, one for each element of a bias";
            return Err(InitError::shape(&weight.shape, problem));
        }
        // An embedding's indices aren't experts, but what it has for inputs.
        let rows = weight.axes.contains(&Axis::Input);
        let mut groups = if weight.is_transposed_conv() {
            weight.groups
        } else {
            1
        };
        let mut shape = Vec::new();
        for (size, axis) in weight.shape.iter().zip(&weight.axes) {
            match axis {
                Axis::Output => shape.push(size.saturating_mul(std::mem::replace(&mut groups, 1))),
                Axis::Index if rows => shape.push(*size),
                _ => {}
            }
        }
        Ok(Self {
            weight: Some(Box::new(weight.clone())),
            ..Self::vector(shape)
        })
    }

    /// The weight that this bias stands beside, where that is known: of [`bias_of`](Self::bias_of).
    pub fn weight(&self) -> Option<&Self> {
        self.weight.as_deref()
    }

    /// The number of groups of a convolution, which the shape doesn't tell.
    ///
    /// # Errors
    ///
    /// If it isn't a convolution, or the groups don't divide its first channels.
    pub fn groups(mut self, groups: usize) -> Result<Self, InitError> {
        let error = |problem: String| Err(InitError::shape(&self.shape, problem));
        if groups != 1 {
            if !self.has_kernel() {
                return error(format!("only convolutions have groups, here {groups}"));
            }
            let channels = self.shape[self.leading_indices()];
            if groups == 0 || !channels.is_multiple_of(groups) {
                return error(format!(
                    "{groups} groups don't divide its {channels} channels"
                ));
            }
        }
        self.groups = groups;
        Ok(self)
    }

    /// As many groups as channels: a depthwise convolution with one filter for each channel.
    ///
    /// ```
    /// use burn_init_values::WeightLayout;
    ///
    /// let layout = WeightLayout::conv([32, 1, 3, 3])?.depthwise()?;
    /// assert_eq!((layout.group_count(), layout.fan_out()), (32, Some(9.0)));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it isn't a convolution whose weight has one channel for each group.
    pub fn depthwise(self) -> Result<Self, InitError> {
        if !self.has_kernel() {
            return self.groups(0);
        }
        let (first, second) = (self.leading_indices(), self.leading_indices() + 1);
        if self.shape[second] != 1 {
            let problem = format!(
                "a depthwise convolution has 1 instead of {}",
                self.shape[second]
            );
            return Err(InitError::shape(&self.shape, problem));
        }
        let groups = self.shape[first];
        self.groups(groups)
    }

    /// The strides of a transposed convolution, one for each axis of its kernel, which the shape
    /// doesn't tell.
    ///
    /// An output of a transposed convolution receives, on average, one of every ∏stride of its
    /// kernel's weights.
    ///
    /// # Errors
    ///
    /// If it isn't a transposed convolution, or there isn't a stride of at least 1 for each axis of
    /// the kernel.
    pub fn strides(mut self, strides: impl Into<Vec<usize>>) -> Result<Self, InitError> {
        let strides = strides.into();
        let error = |problem: String| Err(InitError::shape(&self.shape, problem));
        if !self.is_transposed_conv() {
            return error("only the strides of a transposed convolution matter".to_owned());
        }
        if strides.len() != self.kernel().len() || strides.contains(&0) {
            return error(format!(
                "the strides {strides:?} must be one for each axis of the kernel, at least 1"
            ));
        }
        self.strides = strides;
        Ok(self)
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

    /// The same with another size of one of its axes: a part of it, or what it is a part of.
    pub(crate) fn part(&self, axis: usize, size: usize) -> Self {
        let mut part = self.clone();
        part.shape[axis] = size;
        part
    }

    /// The same layout with another size of its axis of outputs, which groups must divide.
    pub(crate) fn with_outputs(&self, outputs: usize) -> Self {
        let mut layout = self.clone();
        for (size, axis) in layout.shape.iter_mut().zip(&layout.axes) {
            if *axis == Axis::Output {
                *size = outputs;
            }
        }
        layout
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
    pub fn group_count(&self) -> usize {
        self.groups
    }

    /// Whether it is a convolution's, whose groups the shape doesn't tell.
    pub fn has_kernel(&self) -> bool {
        self.axes.contains(&Axis::Kernel)
    }

    /// Whether it is a transposed convolution's, whose strides the shape doesn't tell.
    pub fn is_transposed_conv(&self) -> bool {
        let place = |kind: Axis| self.axes.iter().position(|axis| *axis == kind);
        self.has_kernel()
            && place(Axis::Input).is_some()
            && place(Axis::Input) < place(Axis::Output)
    }

    /// The sizes of the kernel's axes.
    pub fn kernel(&self) -> &[usize] {
        let kernel = self.axes.iter().position(|axis| *axis == Axis::Kernel);
        &self.shape[kernel.unwrap_or(self.shape.len())..]
    }

    /// Matrices that don't mix: the groups of a convolution, and all indices before inputs and
    /// outputs.
    pub(crate) fn matrices(&self) -> usize {
        let indices = &self.shape[..self.leading_indices()];
        indices
            .iter()
            .fold(self.groups, |product, n| product.saturating_mul(*n))
    }

    /// How many axes come before those of a matrix.
    pub(super) fn leading_indices(&self) -> usize {
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

    /// The size of the last axis; 1 where there is none.
    pub(crate) fn last_axis(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// The size of the last axis of a parameter that is added, or stands for a state, and so has no inputs
    /// and outputs.
    ///
    /// # Errors
    ///
    /// If it has outputs.
    pub(crate) fn vector_len(&self, initializer: &str) -> Result<usize, InitError> {
        if self.axes.contains(&Axis::Output) {
            let problem = format!(
                "{initializer} is for biases: a vector without inputs and outputs is needed"
            );
            return Err(InitError::shape(&self.shape, problem));
        }
        Ok(self.last_axis())
    }

    /// The number of elements.
    ///
    /// # Errors
    ///
    /// If there are more than can be addressed.
    pub fn elements(&self) -> Result<usize, InitError> {
        if self.shape.contains(&0) {
            return Ok(0);
        }
        let sizes = self.shape.iter().map(|n| *n as u64);
        match sizes.into_iter().try_fold(1u64, u64::checked_mul) {
            Some(elements) if elements <= MOST_ELEMENTS => Ok(elements as usize),
            _ => {
                let problem =
                    format!("it has more elements than can be addressed, {MOST_ELEMENTS}");
                Err(InitError::shape(&self.shape, problem))
            }
        }
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
}

impl<const D: usize> From<[usize; D]> for WeightLayout {
    fn from(shape: [usize; D]) -> Self {
        match D {
            0 | 1 => Self::vector(shape),
            2 => Self::linear([shape[0], shape[1]]),
            _ => {
                let axes = [&[Axis::Output, Axis::Input][..], &vec![Axis::Kernel; D - 2]];
                Self::of(shape, axes.concat())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fans() -> Result<(), InitError> {
        let up = WeightLayout::conv_transpose([16, 8, 4, 4])?.strides([2, 2])?;
        let experts = WeightLayout::new([8, 5, 7], [Axis::Index, Axis::Input, Axis::Output])?;
        let conv = |shape: &[usize]| WeightLayout::conv(shape);
        let cases: [(WeightLayout, f64, f64); 10] = [
            (WeightLayout::linear([100, 64]), 100.0, 64.0),
            (WeightLayout::linear_col([64, 100]), 100.0, 64.0),
            (conv(&[32, 16, 5])?, 80.0, 160.0),
            (conv(&[32, 16, 3, 3])?, 144.0, 288.0),
            (conv(&[32, 4, 3, 3])?.groups(4)?, 36.0, 72.0),
            (conv(&[8, 4, 2, 3, 4])?, 96.0, 192.0),
            (up.clone(), 64.0, 128.0),
            (up.groups(4)?, 16.0, 128.0),
            (WeightLayout::embedding([1000, 64]), 1.0, 64.0),
            (experts, 5.0, 7.0),
        ];
        for (layout, fan_in, fan_out) in cases {
            assert_eq!(layout.fan_in(), Some(fan_in), "{layout:?}");
            assert_eq!(layout.fan_out(), Some(fan_out), "{layout:?}");
        }
        assert_eq!(WeightLayout::vector([10]).fan_in(), None);
        Ok(())
    }

    #[test]
    fn biases() -> Result<(), InitError> {
        let up = WeightLayout::conv_transpose([16, 8, 4, 4])?.strides([2, 2])?;
        let experts = |second, third| WeightLayout::new([8, 5, 7], [Axis::Index, second, third]);
        let heads = WeightLayout::new([4, 16, 64], [Axis::Output, Axis::Output, Axis::Input])?;
        let cases: [(WeightLayout, &[usize]); 9] = [
            (WeightLayout::linear([100, 64]), &[64]),
            (WeightLayout::linear_col([64, 100]), &[64]),
            (WeightLayout::conv([32, 4, 3, 3])?.groups(4)?, &[32]),
            (up.clone(), &[8]),
            (up.groups(4)?, &[32]),
            (WeightLayout::embedding([1000, 64]), &[64]),
            (experts(Axis::Input, Axis::Output)?, &[8, 7]),
            (experts(Axis::Output, Axis::Input)?, &[8, 5]),
            (heads, &[4, 16]),
        ];
        for (weight, shape) in cases {
            let bias = WeightLayout::bias_of(&weight)?;
            assert_eq!(bias.shape(), shape, "{weight:?}");
            assert_eq!(bias.weight(), Some(&weight));
            assert_eq!((bias.fan_in(), bias.fan_out()), (None, None));
            assert!(bias.clone().groups(2).is_err());
            // A bias is no weight that another one stands beside.
            assert!(WeightLayout::bias_of(&bias).is_err());
        }
        assert_eq!(WeightLayout::vector([10]).weight(), None);
        Ok(())
    }

    /// A file says of a bias which weight it stands beside.
    #[test]
    fn biases_in_files() -> Result<(), Box<dyn std::error::Error>> {
        let bias = WeightLayout::bias_of(&WeightLayout::linear([3, 2]))?;
        let text = r#"{"shape":[3,2],"axes":["input","output"],"bias":true}"#;
        assert_eq!(serde_json::from_str::<WeightLayout>(text)?, bias);
        let again = serde_json::to_string(&bias)?;
        assert_eq!(serde_json::from_str::<WeightLayout>(&again)?, bias);
        let text = r#"{"shape":[2],"axes":["index"],"bias":true}"#;
        let message = serde_json::from_str::<WeightLayout>(text).unwrap_err();
        assert!(message.to_string().contains("no outputs"), "{message}");
        Ok(())
    }

    #[test]
    fn refuses_what_does_not_fit() -> Result<(), InitError> {
        let conv = |shape: &[usize]| WeightLayout::conv(shape);
        let up = |shape: &[usize]| WeightLayout::conv_transpose(shape);
        for layout in [
            conv(&[]),
            conv(&[5]),
            up(&[5]),
            conv(&[6, 1, 3])?.groups(4),
            conv(&[6, 1, 3])?.groups(0),
            WeightLayout::linear([6, 4]).groups(2),
            WeightLayout::vector([]).groups(2),
            conv(&[6, 1, 3])?.strides([2]),
            up(&[6, 1, 3, 3])?.strides([2]),
            up(&[6, 1, 3])?.strides([0]),
            WeightLayout::new([2, 3], [Axis::Input]),
        ] {
            assert!(layout.is_err(), "{layout:?}");
        }
        for layout in [
            WeightLayout::from([usize::MAX, 2]),
            WeightLayout::from([1 << 40, 1 << 30]),
        ] {
            assert!(layout.elements().is_err(), "{layout:?}");
            assert!(layout.neurons().is_err(), "{layout:?}");
        }
        assert!(WeightLayout::vector([10]).neurons().is_err());
        let scattered = [Axis::Input, Axis::Kernel, Axis::Output];
        assert!(WeightLayout::new([2, 3, 4], scattered)?.neurons().is_err());
        // Whatever the other axes, an empty parameter is empty.
        assert_eq!(WeightLayout::from([usize::MAX, 2, 0]).elements(), Ok(0));
        let empty = up(&[0, usize::MAX, 3])?.groups(2)?;
        assert_eq!(empty.neurons()?.count(), 0);
        assert_eq!(WeightLayout::linear([100, 0]).neurons()?.len(), 100);
        Ok(())
    }
}
