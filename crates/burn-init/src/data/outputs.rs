//! Measuring the outputs of layers.

use burn::tensor::{DType, Tensor};
use burn_init_values::InitError;

use super::report::Moments;
#[cfg(feature = "probe")]
use super::signal::Signal;
use crate::module::parameter::{Parameter, Role, did_you_mean};

/// Where a model's run records its layers.
///
/// An output is named by the path of its layer's weight. For a fit it is what the layer gives, or what comes behind
/// its activation: whatever should have the target. Its mean and variance are computed on its device as it is recorded;
/// the tensor isn't kept, and nothing of it ends in an autodiff graph.
///
/// [`layer`](Self::layer) runs a layer and records it, [`record`](Self::record) only looks at an output. One forward
/// pass serves fits, probes and training: [`Outputs::off`] records nothing. An example is on
/// [the module's page](crate::data).
#[derive(Debug)]
pub struct Outputs {
    /// The model's parameters.
    parameters: Vec<Parameter>,
    /// The paths of weights that were recorded.
    recorded: Vec<String>,
    sink: Sink,
    error: Option<InitError>,
}

/// What is done with what a run records.
#[derive(Debug)]
enum Sink {
    /// Nothing.
    Off,
    /// The means of each output, and then the variances.
    Moments(Vec<Tensor<1>>),
    #[cfg(feature = "probe")]
    Signals(Vec<Signal>),
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
        Self::into(Sink::Off, Vec::new())
    }

    /// Measures the moments of outputs of the weights among these parameters.
    pub(super) fn of(parameters: Vec<Parameter>) -> Self {
        Self::into(Sink::Moments(Vec::new()), parameters)
    }

    /// Keeps what stands at the layers of the weights among these parameters.
    #[cfg(feature = "probe")]
    pub(crate) fn signals(parameters: Vec<Parameter>) -> Self {
        Self::into(Sink::Signals(Vec::new()), parameters)
    }

    fn into(sink: Sink, parameters: Vec<Parameter>) -> Self {
        Self {
            parameters,
            recorded: Vec::new(),
            sink,
            error: None,
        }
    }

    /// Runs the layer with the weight at `path`, and records it: its output, and for a probe its
    /// input and the gradients at both.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
    /// use burn_init::data::Outputs;
    ///
    /// let device = Device::flex();
    /// let layer = LinearConfig::new(3, 2).init(&device);
    /// let x = Tensor::<2>::ones([5, 3], &device);
    /// let y = Outputs::off().layer("weight", x, |x| layer.forward(x));
    /// assert_eq!(y.dims(), [5, 2]);
    /// ```
    ///
    /// # Shapes
    ///
    /// Inputs and outputs, or channels, are the last axis of a linear layer's tensors, and axis 1 of a
    /// convolution's.
    ///
    /// # Errors
    ///
    /// As those of [`record`](Self::record).
    pub fn layer<const I: usize, const O: usize>(
        &mut self,
        path: &str,
        input: Tensor<I>,
        forward: impl FnOnce(Tensor<I>) -> Tensor<O>,
    ) -> Tensor<O> {
        match self.sink {
            Sink::Off => forward(input),
            Sink::Moments(_) => {
                let output = forward(input);
                self.record(path, &output);
                output
            }
            #[cfg(feature = "probe")]
            Sink::Signals(_) => {
                let Some(has_kernel) = self.weight(path) else {
                    return forward(input);
                };
                let axes = (output_axis(has_kernel, I), output_axis(has_kernel, O));
                let (signal, output) = Signal::through(path, input, axes, forward);
                if let Sink::Signals(signals) = &mut self.sink {
                    signals.push(signal);
                }
                output
            }
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
        if matches!(self.sink, Sink::Off) {
            return;
        }
        let Some(has_kernel) = self.weight(path) else {
            return;
        };
        let axis = output_axis(has_kernel, D);
        match &mut self.sink {
            Sink::Off => {}
            Sink::Moments(recorded) => recorded.push(moments(output.clone(), axis)),
            #[cfg(feature = "probe")]
            Sink::Signals(signals) => signals.push(Signal::of_output(path, output, axis)),
        }
    }

    /// Whether the weight at this path, whose layer is recorded now, has a kernel; nothing if it can't be recorded.
    fn weight(&mut self, path: &str) -> Option<bool> {
        if self.error.is_some() {
            return None;
        }
        if self.recorded.iter().any(|other| other == path) {
            let problem = "its output was recorded twice in one run; record one of the two, or both as one tensor";
            self.error = Some(at(path, &self.parameters, problem));
            return None;
        }
        match self.parameters.iter().find(|p| p.path == path) {
            Some(parameter) if parameter.role == Role::Weight => {
                self.recorded.push(path.to_owned());
                return Some(parameter.layout.has_kernel());
            }
            Some(_) => {
                let problem = "it isn't a weight; outputs are recorded by the paths of weights";
                self.error = Some(at(path, &self.parameters, problem));
            }
            None => {
                let near = did_you_mean(path, &self.parameters);
                let problem = format!(
                    "an output was recorded for `{path}`, which the module doesn't have{near}"
                );
                self.error = Some(InitError::Unsupported(problem));
            }
        }
        None
    }

    /// The model's parameters.
    pub(super) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What was recorded since the last time, in its order.
    pub(super) fn take(&mut self) -> Result<Vec<(String, Measured)>, InitError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let moments = match &mut self.sink {
            Sink::Moments(moments) => std::mem::take(moments),
            _ => Vec::new(),
        };
        let paths = self.recorded.drain(..);
        Ok(paths.zip(moments.into_iter().map(Measured::read)).collect())
    }

    /// What stood at the layers, in the order in which they ran.
    #[cfg(feature = "probe")]
    pub(crate) fn into_signals(self) -> Result<Vec<Signal>, InitError> {
        match (self.error, self.sink) {
            (Some(error), _) => Err(error),
            (None, Sink::Signals(signals)) => Ok(signals),
            (None, _) => Ok(Vec::new()),
        }
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
