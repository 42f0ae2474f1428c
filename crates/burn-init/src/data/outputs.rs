//! Measuring the outputs of layers.

use burn::tensor::{DType, Tensor};
use burn_init_values::InitError;

use super::report::Moments;
use crate::module::parameter::{Parameter, Role, nearest};

/// Where a model's run records the outputs of its layers.
///
/// An output is named by the path of the weight that is to be scaled for it. It is what the layer gives, or
/// what comes behind its activation: whatever should have the target. Its mean and variance are computed
/// on its device as it is recorded; the tensor isn't kept. Nothing of it ends in an autodiff graph.
///
/// [`Outputs::off`] records nothing, for runs that aren't measured. An example is on
/// [the module's page](crate::data).
#[derive(Debug)]
pub struct Outputs {
    /// The model's parameters; nothing where no one asks.
    parameters: Option<Vec<Parameter>>,
    /// The paths of weights, with the means and then the variances of their outputs.
    recorded: Vec<(String, Tensor<1>)>,
    error: Option<InitError>,
}

impl Outputs {
    /// Records nothing: a run with it costs what a run without it costs.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use burn_init::data::Outputs;
    ///
    /// let x = Tensor::<2>::ones([2, 3], &Device::flex());
    /// Outputs::off().record("fc1.weight", &x);
    /// ```
    pub fn off() -> Self {
        Self {
            parameters: None,
            recorded: Vec::new(),
            error: None,
        }
    }

    /// For the weights among these parameters.
    pub(super) fn of(parameters: Vec<Parameter>) -> Self {
        Self {
            parameters: Some(parameters),
            ..Self::off()
        }
    }

    /// Records the output of the layer with the weight at `path`, such as `fc1.weight`.
    ///
    /// # Shapes
    ///
    /// Outputs, or channels, are the last axis behind linear layers and embeddings, and axis 1 behind
    /// convolutions.
    ///
    /// # Errors
    ///
    /// [`LayerFit::apply`](super::LayerFit::apply) gives them when the run ends: a path that isn't a
    /// weight's, or that was recorded in this run already.
    pub fn record<const D: usize>(&mut self, path: &str, output: &Tensor<D>) {
        let (Some(parameters), None) = (&self.parameters, &self.error) else {
            return;
        };
        if self.recorded.iter().any(|(other, _)| other == path) {
            let problem = "its output was recorded twice in one run; record one of the two, or both as one tensor";
            self.error = Some(at(path, parameters, problem));
            return;
        }
        match parameters.iter().find(|p| p.path == path) {
            Some(parameter) if parameter.role == Role::Weight => {
                let axis = output_axis(parameter.layout.has_kernel(), D);
                let moments = moments(output.clone(), axis);
                self.recorded.push((path.to_owned(), moments));
            }
            Some(_) => {
                let problem = "it isn't a weight; outputs are recorded by the paths of weights";
                self.error = Some(at(path, parameters, problem));
            }
            None => {
                let near = match nearest(path, parameters).as_slice() {
                    [] => String::new(),
                    names => format!("; did you mean `{}`?", names.join("` or `")),
                };
                let problem = format!(
                    "an output was recorded for `{path}`, which the module doesn't have{near}"
                );
                self.error = Some(InitError::Unsupported(problem));
            }
        }
    }

    /// The model's parameters.
    pub(super) fn parameters(&self) -> &[Parameter] {
        self.parameters.as_deref().unwrap_or_default()
    }

    /// What was recorded since the last time, in its order.
    pub(super) fn take(&mut self) -> Result<Vec<(String, Measured)>, InitError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let recorded = self.recorded.drain(..);
        Ok(recorded
            .map(|(path, moments)| (path, Measured::read(moments)))
            .collect())
    }
}

fn at(path: &str, parameters: &[Parameter], problem: &str) -> InitError {
    let found = parameters.iter().find(|p| p.path == path);
    let shape = found.map_or(&[][..], |p| p.layout.shape());
    InitError::Unsupported(problem.to_owned()).at(path, shape)
}

/// The axis of outputs, or channels, in the output of a layer.
fn output_axis(has_kernel: bool, rank: usize) -> usize {
    if has_kernel && rank > 1 { 1 } else { rank - 1 }
}

/// The means along all other axes, and then the variances; empty where the tensor is.
fn moments<const D: usize>(output: Tensor<D>, axis: usize) -> Tensor<1> {
    let output = output.without_autodiff();
    let wide = match output.dtype() {
        DType::F64 => output,
        _ => output.cast(DType::F32),
    };
    let (elements, outputs) = (wide.shape().num_elements(), wide.dims()[axis]);
    if elements == 0 {
        return Tensor::zeros([0], &wide.device());
    }
    let rows = wide.swap_dims(axis, D - 1);
    let rows: Tensor<2> = rows.reshape([elements / outputs, outputs]);
    let mean = rows.clone().mean_dim(0);
    let variance = (rows - mean.clone()).square().mean_dim(0);
    Tensor::cat(vec![mean, variance], 0).reshape([2 * outputs])
}

/// Mean and variance of each output of a layer.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub means: Vec<f64>,
    pub variances: Vec<f64>,
}

impl Measured {
    fn read(moments: Tensor<1>) -> Self {
        let mut means: Vec<f64> = moments.into_data().iter::<f64>().collect();
        let variances = means.split_off(means.len() / 2);
        Self { means, variances }
    }

    /// Those of all outputs together; NaN where there are none.
    pub fn overall(&self) -> Moments {
        let mean = average(self.means.iter().copied());
        let between = average(self.means.iter().map(|m| (m - mean) * (m - mean)));
        let within = average(self.variances.iter().copied());
        Moments {
            mean,
            variance: within + between,
        }
    }
}

/// The sum over the number.
pub(super) fn average(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}
