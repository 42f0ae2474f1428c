//! The fit of each layer's scale, from the first layer to the last.

use std::fmt;

use burn::module::Module;
use burn_init_values::InitError;
use burn_init_values::weight::Axis;
use serde::{Deserialize, Serialize};

use super::change::{Change, change};
use super::outputs::{Measured, Outputs, average};
use super::report::{Fit, FitReport, FittedLayer};
use super::search::Search;
use crate::module::Pinned;
use crate::module::parameter::{Parameter, Role, parameters};

/// Scales each weight, layer by layer, until the layer's output on a batch has a target: by default the
/// variance 1 (LSUV: Mishkin and Matas 2015, "All you need is a good init").
///
/// For each layer in the order of its records: W ← W · (t / v)^½, v what its output measures and t the target,
/// until |v / t − 1| is at most the tolerance. The square root is exact for a layer without
/// bias. Where the measured output lies behind an activation, or a bias adds to it, the exponent is
/// found by measuring (a secant within a bracket): any activation will do whose output grows with its
/// input.
///
/// | wish | settings | what to record |
/// |---|---|---|
/// | LSUV (Mishkin 2016), after [`Orthogonal`](crate::Orthogonal) | `lsuv()` | layers' own outputs |
/// | within-layer initialization (Krähenbühl 2015) | `lsuv().each_output().zero_mean()` | layers' own outputs |
/// | the fixed point of any activation (VI3NR, 2025): an input of this variance to each | `variance(v)` | layers' own outputs |
/// | activations of this second moment, as He 2015 has it for relu | `second_moment(q)` | what comes behind activations |
///
/// The model is run once for each step and once at the end; a step scales the first layer that is off. A
/// layer that is within the tolerance isn't touched, so that a second fit changes nothing.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::prelude::*;
/// use burn::tensor::{Distribution, activation::relu};
/// use burn_init::data::{Fit, LayerFit};
/// use burn_init::{InitWeights, Orthogonal};
///
/// #[derive(Module, Debug)]
/// struct Mlp {
///     fc1: Linear,
///     fc2: Linear,
/// }
///
/// let device = Device::flex();
/// let model = Mlp {
///     fc1: LinearConfig::new(100, 64).init(&device),
///     fc2: LinearConfig::new(64, 10).init(&device),
/// };
/// let model = model.init_weights(&Orthogonal::new(), 42)?;
/// let batch = Tensor::<2>::random([128, 100], Distribution::Uniform(0.0, 1.0), &device);
///
/// let Fit { model, report } = LayerFit::lsuv().apply(model, |model, outputs| {
///     let y = model.fc1.forward(batch.clone());
///     outputs.record("fc1.weight", &y);
///     let y = model.fc2.forward(relu(y));
///     outputs.record("fc2.weight", &y);
/// })?;
/// println!("{report}");
/// assert!((report.layers[1].after.variance - 1.0).abs() <= 0.01);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LayerFit {
    /// What a layer's output should have.
    pub target: Target,
    /// Each output, or channel, gets a scale of its own, instead of one for the layer.
    pub each_output: bool,
    /// The mean of each output, or channel, becomes 0, too, by the layer's bias.
    pub zero_mean: bool,
    /// How far the measured may be from the target, relative to it; and means from 0, relative to the
    /// target's root.
    pub tolerance: f64,
    /// The most steps that a layer may take.
    pub steps: usize,
    /// A layer that doesn't get there is left as it was and reported, instead of an error; one that measures
    /// 0, infinite or NaN at its first turn is an error all the same.
    pub best_effort: bool,
}

/// What a layer's output should have, over all its elements, or over those of each output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Target {
    /// This mean square of the differences to the mean.
    Variance(f64),
    /// This mean square.
    SecondMoment(f64),
}

impl Target {
    fn value(self) -> f64 {
        match self {
            Self::Variance(value) | Self::SecondMoment(value) => value,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Variance(_) => "variance",
            Self::SecondMoment(_) => "second moment",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.value())
    }
}

/// As [`LayerFit::lsuv`].
impl Default for LayerFit {
    fn default() -> Self {
        Self::lsuv()
    }
}

impl LayerFit {
    /// Layer-sequential unit variance: the variance 1, within 0.01 and at most 10 steps for each layer.
    pub const fn lsuv() -> Self {
        Self::variance(1.0)
    }

    /// Outputs of this variance.
    pub const fn variance(variance: f64) -> Self {
        Self::to(Target::Variance(variance))
    }

    /// Outputs of this mean square.
    pub const fn second_moment(second_moment: f64) -> Self {
        Self::to(Target::SecondMoment(second_moment))
    }

    const fn to(target: Target) -> Self {
        Self {
            target,
            each_output: false,
            zero_mean: false,
            tolerance: 0.01,
            steps: 10,
            best_effort: false,
        }
    }

    /// Each output, or channel, gets a scale of its own. Orthogonal weights aren't orthogonal any more then.
    /// The outputs of a transposed convolution with several groups aren't told apart: they are an error.
    pub fn each_output(mut self) -> Self {
        self.each_output = true;
        self
    }

    /// The mean of each output, or channel, becomes 0, too, by the layer's bias. What is recorded has to be
    /// the layer's own output then: no bias moves the mean behind a relu to 0.
    pub fn zero_mean(mut self) -> Self {
        self.zero_mean = true;
        self
    }

    /// How far the measured may be from the target, relative to it.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The most steps that a layer may take.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// A layer that doesn't get there is left as it was and reported, instead of an error; one that measures
    /// 0, infinite or NaN at its first turn is an error all the same.
    pub fn best_effort(mut self) -> Self {
        self.best_effort = true;
        self
    }

    /// Fits the layers whose outputs `run` records, in the order in which it first records them.
    ///
    /// `run` gets the model as [`Module::valid`] gives it: without autodiff, without dropout, and with
    /// normalizations by their running statistics, which stay as they are. It has to record the
    /// same layers each time. Where it draws random numbers, the fit follows their noise.
    ///
    /// Parameters keep their ids, devices, types, gradient settings, layouts and masks; all that isn't
    /// scaled keeps its bits. A parameter that is still lazy gets the values of Burn's own initializer, as by
    /// any first read: initialize before.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range; if nothing is recorded, a path isn't a weight's, or a weight is
    /// quantized or carries a reparameterization other than [`Pinned`]; if what a layer gives measures 0,
    /// infinite or NaN when its turn comes; if a mean is asked for where there is no bias; and if a layer
    /// doesn't reach the target (but [`best_effort`](Self::best_effort)). The module's clones are as they
    /// were.
    pub fn apply<M: Module>(
        &self,
        model: M,
        mut run: impl FnMut(&M, &mut Outputs),
    ) -> Result<Fit<M>, InitError> {
        self.check()?;
        let mut outputs = Outputs::of(parameters(&model));
        let mut measure = |model: &M, outputs: &mut Outputs| {
            run(&model.valid(), outputs);
            outputs.take()
        };
        let before = measure(&model, &mut outputs)?;
        if before.is_empty() {
            let problem =
                "LayerFit: the run recorded no output; call `outputs.record(path, &output)`";
            return Err(InitError::Unsupported(problem.to_owned()));
        }
        let mut layers = Vec::with_capacity(before.len());
        for (path, measured) in &before {
            layers.push(self.layer(path, measured, outputs.parameters())?);
        }
        let (mut fitted, mut after) = (model.clone(), before.clone());
        // The layer whose scales are searched, and the searches.
        let mut search = (usize::MAX, Vec::new());
        let is_off =
            |layer: &Layer, measured: &Measured| !layer.given_up && !self.is_reached(measured);
        while let Some(i) = (0..layers.len()).find(|i| is_off(&layers[*i], &after[*i].1)) {
            let (layer, measured) = (&mut layers[i], &after[i].1);
            let values = self.values(measured);
            let broken = values.iter().position(|v| !v.is_normal());
            if let (Some(output), false) = (broken, self.best_effort && layer.steps > 0) {
                return Err(layer.error(self.broken(&values, output)));
            }
            if broken.is_none() && layer.steps < self.steps {
                if search.0 != i {
                    search = (i, values.iter().map(|_| Search::new()).collect());
                }
                self.step(layer, &mut search.1, measured, &values);
            } else if self.best_effort {
                layer.give_up();
            } else {
                return Err(layer.error(self.missed(&self.values(&before[i].1), &values)));
            }
            // From the values that it had before: they are rounded once.
            fitted = change(
                model.clone(),
                layers.iter().flat_map(Layer::changes).collect(),
            );
            after = measure(&fitted, &mut outputs)?;
            same_layers(&before, &after)?;
        }
        let mut report = FitReport::default();
        for ((layer, (_, before)), (_, after)) in layers.into_iter().zip(before).zip(after) {
            report.layers.push(FittedLayer {
                path: layer.path,
                shape: layer.shape,
                before: before.overall(),
                after: after.overall(),
                reached: self.is_reached(&after),
                scale: layer.scale,
                shift: layer.shift,
                steps: layer.steps,
            });
        }
        Ok(Fit {
            model: fitted,
            report,
        })
    }

    fn check(&self) -> Result<(), InitError> {
        let error = |setting, given: String, expected: &str| {
            Err(InitError::setting("LayerFit", setting, given, expected))
        };
        let (target, tolerance) = (self.target.value(), self.tolerance);
        if !(target.is_normal() && target > 0.0) {
            return error("target", target.to_string(), "a finite number above 0");
        }
        if !(tolerance > 0.0 && tolerance < 1.0) {
            return error("tolerance", tolerance.to_string(), "above 0 and below 1");
        }
        if self.steps == 0 {
            return error("steps", self.steps.to_string(), "at least 1");
        }
        Ok(())
    }

    /// What there is to know of a layer that was recorded.
    fn layer(
        &self,
        path: &str,
        measured: &Measured,
        parameters: &[Parameter],
    ) -> Result<Layer, InitError> {
        let find = |path: &str| parameters.iter().find(|p| p.path == path);
        let weight = find(path).expect("only weights of the model are recorded");
        let outputs = measured.means.len();
        let shape = weight.layout.shape();
        let error = |problem: String| InitError::Unsupported(problem).at(path, shape);
        check_state(weight)?;
        if outputs == 0 {
            return Err(error("what was recorded has no elements".to_owned()));
        }
        let axis = weight
            .layout
            .axes()
            .iter()
            .position(|axis| *axis == Axis::Output);
        let has_outputs = |n: Option<usize>| match n {
            Some(n) if n != outputs => Err(error(format!(
                "what was recorded has {outputs} outputs, and its layer has {n}; for a scale or a mean of \
                 each output, record the layer's own output"
            ))),
            _ => Ok(()),
        };
        if self.each_output {
            has_outputs(axis.map(|axis| shape[axis]))?;
        }
        let mut bias = None;
        if self.zero_mean {
            let bias_path = path
                .strip_suffix("weight")
                .map(|layer| format!("{layer}bias"));
            let found = bias_path.as_deref().and_then(find);
            let Some(found) = found.filter(|p| p.role == Role::Bias) else {
                let problem = "its layer has no bias, which a mean of 0 needs";
                return Err(error(problem.to_owned()));
            };
            check_state(found)?;
            has_outputs(found.layout.shape().first().copied())?;
            bias = bias_path;
        }
        Ok(Layer {
            path: path.to_owned(),
            shape: shape.to_vec(),
            axis: match axis {
                // The value is the transpose of the saved matrix.
                Some(axis) if weight.transposed => 1 - axis,
                axis => axis.unwrap_or(0),
            },
            scale: vec![1.0; if self.each_output { outputs } else { 1 }],
            shift: vec![0.0; if bias.is_some() { outputs } else { 0 }],
            bias,
            steps: 0,
            given_up: false,
        })
    }

    /// What was measured of that which the target is for: one number, or one for each output.
    fn values(&self, measured: &Measured) -> Vec<f64> {
        let Measured { means, variances } = measured;
        // Where means are to become 0, what they add isn't counted: it will be gone.
        let second_moments = matches!(self.target, Target::SecondMoment(_)) && !self.zero_mean;
        if self.each_output {
            let value = |(mean, variance): (&f64, &f64)| {
                variance + if second_moments { mean * mean } else { 0.0 }
            };
            return means.iter().zip(variances).map(value).collect();
        }
        let overall = measured.overall();
        vec![if self.zero_mean {
            average(variances.iter().copied())
        } else if second_moments {
            overall.second_moment()
        } else {
            overall.variance
        }]
    }

    fn is_reached(&self, measured: &Measured) -> bool {
        let target = self.target.value();
        let near = |value: f64| (value / target - 1.0).abs() <= self.tolerance;
        let small = |mean: &f64| mean.abs() <= self.tolerance * target.sqrt();
        let values = self.values(measured);
        values.into_iter().all(near) && (!self.zero_mean || measured.means.iter().all(small))
    }

    /// Scales, and moves means to 0: y' = f·(y − mean) for f = scale' / scale.
    fn step(&self, layer: &mut Layer, search: &mut [Search], measured: &Measured, values: &[f64]) {
        let target = self.target.value();
        let mut factors = Vec::with_capacity(values.len());
        for ((scale, search), value) in layer.scale.iter_mut().zip(search).zip(values) {
            let next = search.next(*scale, *value, target);
            factors.push(next / *scale);
            *scale = next;
        }
        let factors = factors.iter().cycle();
        for ((shift, mean), factor) in layer.shift.iter_mut().zip(&measured.means).zip(factors) {
            *shift = factor * (*shift - mean);
        }
        layer.steps += 1;
    }

    /// Why no scale helps.
    fn broken(&self, values: &[f64], output: usize) -> String {
        let (name, value) = (self.target.name(), values[output]);
        let of = match values {
            [_] => "its output".to_owned(),
            _ => format!("its output {output}"),
        };
        let problem = match value {
            0.0 => "no scale changes that: are its inputs or weights all equal?",
            _ if value.is_finite() => {
                "that is too small to measure: scale its inputs or weights first"
            }
            _ => "its inputs or weights are too large, or NaN",
        };
        format!("the {name} of {of} is {value:e}; {problem}")
    }

    /// Why a layer isn't there yet.
    fn missed(&self, before: &[f64], after: &[f64]) -> String {
        let target = self.target.value();
        let off = |values: &[f64]| {
            let distance = |value: &f64| (value / target).ln().abs();
            let farthest = |a: &&f64, b: &&f64| distance(a).total_cmp(&distance(b));
            values.iter().max_by(farthest).copied().unwrap_or(f64::NAN)
        };
        let mean = if self.zero_mean { " and mean 0" } else { "" };
        format!(
            "its output doesn't reach {}{mean} in {} steps: it was {:.4e} before and is {:.4e}; does an \
             activation saturate, or a normalization undo the scale, before it is recorded?",
            self.target,
            self.steps,
            off(before),
            off(after),
        )
    }
}

impl fmt::Display for LayerFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.target)?;
        if self.zero_mean {
            write!(f, " and mean 0")?;
        }
        let of = if self.each_output {
            "each output"
        } else {
            "each layer"
        };
        write!(
            f,
            " of {of}, within {} in {} steps",
            self.tolerance, self.steps
        )?;
        if self.best_effort {
            write!(f, " where it can be")?;
        }
        Ok(())
    }
}

/// Whether a fit can change the parameter.
fn check_state(parameter: &Parameter) -> Result<(), InitError> {
    let check = match parameter.reparameterization.as_deref() {
        Some(Pinned::PATH) => Ok(()),
        _ => parameter.check_state(),
    };
    check.map_err(|error| error.at(&parameter.path, parameter.layout.shape()))
}

/// Whether two runs recorded the same layers.
fn same_layers(
    first: &[(String, Measured)],
    later: &[(String, Measured)],
) -> Result<(), InitError> {
    let names = |recorded: &[(String, Measured)]| -> Vec<String> {
        let name = |(path, measured): &(String, Measured)| {
            format!("`{path}` with {} outputs", measured.means.len())
        };
        recorded.iter().map(name).collect()
    };
    if names(first) == names(later) {
        return Ok(());
    }
    Err(InitError::Unsupported(format!(
        "LayerFit: the first run recorded {}, and a later one {}; each has to record the same",
        names(first).join(", "),
        names(later).join(", "),
    )))
}

/// A layer in the course of a fit.
struct Layer {
    path: String,
    /// The weight's, in the saved layout.
    shape: Vec<usize>,
    /// The axis of outputs in the weight's value.
    axis: usize,
    /// The bias that moves means.
    bias: Option<String>,
    /// What the weight, and a bias that moves means, are multiplied by: one number, or one for each output.
    scale: Vec<f64>,
    /// What is added to the bias after that.
    shift: Vec<f64>,
    steps: usize,
    given_up: bool,
}

impl Layer {
    fn error(&self, problem: String) -> InitError {
        InitError::Unsupported(problem).at(&self.path, &self.shape)
    }

    /// Leaves it as it was.
    fn give_up(&mut self) {
        self.scale.fill(1.0);
        self.shift.fill(0.0);
        self.given_up = true;
    }

    /// What happens to its parameters.
    fn changes(&self) -> Vec<(String, Change)> {
        if self.steps == 0 || self.given_up {
            return Vec::new();
        }
        let weight = Change {
            scale: self.scale.clone(),
            shift: Vec::new(),
            axis: self.axis,
        };
        let bias = self.bias.clone().map(|path| {
            let change = Change {
                scale: self.scale.clone(),
                shift: self.shift.clone(),
                axis: 0,
            };
            (path, change)
        });
        let weight = (self.path.clone(), weight);
        std::iter::once(weight).chain(bias).collect()
    }
}
