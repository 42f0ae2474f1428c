//! What stands at a layer in a run: its input, its output, and the gradients at both.

use std::fmt;

use burn::tensor::{Gradients, Tensor};

use super::rows::Rows;

/// What was recorded of a layer.
#[derive(Debug)]
pub(crate) struct Signal {
    /// The path of its weight.
    pub path: String,
    pub input: Option<Rows>,
    pub output: Rows,
    pub input_gradient: Leaf,
    pub output_gradient: Leaf,
}

/// A gradient at a place of the graph, if it is in one.
#[derive(Default)]
pub(crate) struct Leaf(Option<Box<Gradient>>);

type Gradient = dyn Fn(&Gradients) -> Option<Rows>;

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({})", if self.0.is_some() { ".." } else { "" })
    }
}

impl Leaf {
    /// The same tensor, whose gradient will be known if it is tracked.
    fn of<const D: usize>(tensor: Tensor<D>, axis: usize) -> (Self, Tensor<D>) {
        if !tensor.is_tracked() {
            return (Self(None), tensor);
        }
        // A tensor within a graph doesn't keep its gradient; a leaf that is added does.
        let zero = tensor.zeros_like().require_grad();
        let tensor = tensor + zero.clone();
        let gradient = move |gradients: &Gradients| Some(Rows::of(zero.grad(gradients)?, axis));
        (Self(Some(Box::new(gradient))), tensor)
    }

    /// The gradient here.
    pub fn read(&self, gradients: &Gradients) -> Option<Rows> {
        self.0.as_ref()?(gradients)
    }
}

impl Signal {
    /// Runs a layer. Features are these axes of its input and its output.
    pub fn through<const I: usize, const O: usize>(
        path: &str,
        input: Tensor<I>,
        (input_axis, output_axis): (usize, usize),
        forward: impl FnOnce(Tensor<I>) -> Tensor<O>,
    ) -> (Self, Tensor<O>) {
        let rows = Rows::of(input.clone(), input_axis);
        let (input_gradient, input) = Leaf::of(input, input_axis);
        let (output_gradient, output) = Leaf::of(forward(input), output_axis);
        let signal = Self {
            path: path.to_owned(),
            input: Some(rows),
            output: Rows::of(output.clone(), output_axis),
            input_gradient,
            output_gradient,
        };
        (signal, output)
    }

    /// Looks at an output.
    pub fn of_output<const D: usize>(path: &str, output: &Tensor<D>, axis: usize) -> Self {
        Self {
            path: path.to_owned(),
            input: None,
            output: Rows::of(output.clone(), axis),
            input_gradient: Leaf::default(),
            output_gradient: Leaf::default(),
        }
    }
}
