//! A look at a model at step 0.

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::Module;
use burn::tensor::{Gradients, Tensor};
use burn_init_values::InitError;

use super::check::{Check, Quantity, Verdict};
use super::law::{check_alpha, loss_of_guessing};
use super::parameter::Subject;
use super::report::ProbeReport;
use super::values::values;
use super::{layer, parameter};
use crate::data::Outputs;
use crate::data::signal::Signal;
use crate::module::parameter::{Parameter, did_you_mean, parameters};
use crate::plan::{Entry, Report};

/// A look at a model at step 0: each number beside what theory predicts for its initialization, with PASS, WARN or FAIL
/// and the reason in words.
///
/// [`parameters`](Self::parameters) looks at values alone, [`forward`](Self::forward) at a run, too, and
/// [`backward`](Self::backward) at a loss and its gradients. What a plan did is told by its report. A model joins by
/// [`Outputs`], as for a fit ([`data`](crate::data)): one line for each layer.
///
/// A range holds but for one number in 10¹⁰, if theory's assumptions hold: so a FAIL means that something isn't as the
/// plan says. PASS means that theory agrees, or says nothing; `predicted` tells which.
///
/// ```
/// use burn::nn::{Linear, LinearConfig, loss::CrossEntropyLossConfig};
/// use burn::prelude::*;
/// use burn::tensor::{Distribution, Int, activation::relu};
/// use burn_init::data::Outputs;
/// use burn_init::plan::Applied;
/// use burn_init::probe::{Probe, Verdict};
/// use burn_init::{Constant, Plan, Select, VarianceScaling};
///
/// #[derive(Module, Debug)]
/// struct Mlp {
///     fc1: Linear,
///     fc2: Linear,
/// }
///
/// impl Mlp {
///     fn recorded(&self, x: Tensor<2>, outputs: &mut Outputs) -> Tensor<2> {
///         let x = relu(outputs.layer("fc1.weight", x, |x| self.fc1.forward(x)));
///         outputs.layer("fc2.weight", x, |x| self.fc2.forward(x))
///     }
/// }
///
/// let device = Device::flex();
/// let model = Mlp {
///     fc1: LinearConfig::new(100, 64).init(&device),
///     fc2: LinearConfig::new(64, 10).init(&device),
/// };
/// let Applied { model, report } = Plan::new(42)
///     .rule(Select::weights(), VarianceScaling::lecun_normal())
///     .rule(Select::biases(), Constant::zeros())
///     .apply(model)?;
///
/// let x = Tensor::<2>::random([128, 100], Distribution::Normal(0.0, 1.0), &device);
/// let classes = Tensor::<1, Int>::arange(0..128, &device).remainder_scalar(10);
/// let probed = Probe::new().expecting(&report).classes(10).backward(&model, |model, outputs| {
///     let logits = model.recorded(x.clone(), outputs);
///     CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, classes.clone())
/// })?;
/// println!("{probed}");
/// assert_eq!(probed.verdict(), Verdict::Pass);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Probe {
    report: Option<Report>,
    classes: Option<usize>,
    grids: BTreeMap<String, [usize; 2]>,
    alpha: Option<f64>,
}

/// What is known of a model before a run.
struct Read<'a> {
    survey: Vec<Parameter>,
    /// By path.
    values: HashMap<String, Vec<f32>>,
    /// What the plan's report says, by path.
    entries: HashMap<&'a str, &'a Entry>,
}

/// α where it isn't said.
const ALPHA: f64 = 0.3;

impl Probe {
    /// A look that knows nothing of the model yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a plan did to the model: its initializers are what values are held against.
    pub fn expecting(mut self, report: &Report) -> Self {
        self.report = Some(report.clone());
        self
    }

    /// The loss is a cross-entropy over so many classes: at step 0 it should be that of guessing.
    pub fn classes(mut self, classes: usize) -> Self {
        self.classes = Some(classes);
        self
    }

    /// The inputs of each neuron of this weight are a picture of `grid` rows and columns; so pages show neurons as
    /// pictures.
    pub fn grid(mut self, path: impl Into<String>, grid: [usize; 2]) -> Self {
        self.grids.insert(path.into(), grid);
        self
    }

    /// A neuron is skewed if it is active for less than ½ − α or more than ½ + α of the batch; 0.3 where this isn't
    /// said.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// Looks at the values of all parameters. One that is still lazy gets the values of Burn's own initializer, as by
    /// any first read.
    ///
    /// # Errors
    ///
    /// If a grid isn't for a weight of the model, or a setting is out of its range.
    pub fn parameters<M: Module>(&self, model: &M) -> Result<ProbeReport, InitError> {
        Ok(self.of_values(&self.read(model)?))
    }

    /// Looks at the values, and at what each layer that `run` records makes of its input. `run` gets the model as
    /// [`Module::valid`] gives it: without autodiff and dropout, and with normalizations by their running statistics.
    ///
    /// # Errors
    ///
    /// As [`parameters`](Self::parameters); and if `run` records nothing, a path isn't a weight's, or it records
    /// one twice.
    pub fn forward<M: Module>(
        &self,
        model: &M,
        run: impl FnOnce(&M, &mut Outputs),
    ) -> Result<ProbeReport, InitError> {
        let read = self.read(model)?;
        let mut outputs = Outputs::signals(parameters(model));
        run(&model.valid(), &mut outputs);
        let signals = outputs.into_signals()?;
        let mut report = self.of_values(&read);
        self.signals(&read, &signals, None, &mut report)?;
        Ok(report)
    }

    /// Looks at the values, at each layer's output, at the loss that `run` gives, and at its gradients. `run` gets the
    /// model as in training: with autodiff, dropout, and normalizations by the batch. The model itself isn't changed,
    /// its running statistics neither.
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward); and if the loss depends on no parameter.
    pub fn backward<M: Module>(
        &self,
        model: &M,
        run: impl FnOnce(&M, &mut Outputs) -> Tensor<1>,
    ) -> Result<ProbeReport, InitError> {
        let read = self.read(model)?;
        let mut outputs = Outputs::signals(parameters(model));
        let loss = run(&model.valid().train(), &mut outputs);
        let signals = outputs.into_signals()?;
        let gradients = super::loss::gradients(&loss)?;
        let mut report = self.of_values(&read);
        self.signals(&read, &signals, Some(&gradients), &mut report)?;
        let loss: f64 = loss.without_autodiff().mean().into_scalar::<f64>();
        report.loss = Some(loss);
        report.checks.push(self.of_loss(loss));
        Ok(report)
    }

    fn check(&self) -> Result<(), InitError> {
        check_alpha("Probe", self.alpha.unwrap_or(ALPHA))?;
        match self.classes {
            Some(classes @ (0 | 1)) => {
                let expected = "at least 2: a loss over one class is always 0";
                Err(InitError::setting("Probe", "classes", classes, expected))
            }
            _ => Ok(()),
        }
    }

    fn check_grids(&self, read: &Read<'_>) -> Result<(), InitError> {
        for (path, grid) in &self.grids {
            let Some(parameter) = read.survey.iter().find(|p| p.path == *path) else {
                let near = did_you_mean(path, &read.survey);
                let problem =
                    format!("Probe: a grid is for `{path}`, which the module doesn't have{near}");
                return Err(InitError::Unsupported(problem));
            };
            let subject = self.subject(read, parameter);
            let inputs = subject.and_then(|subject| subject.inputs()).unwrap_or(0);
            if grid[0].checked_mul(grid[1]) != Some(inputs) {
                let shape = parameter.layout.shape();
                let problem =
                    format!("a grid of {grid:?} hasn't the {inputs} inputs of its neurons");
                return Err(InitError::shape(shape, problem).at(path, shape));
            }
        }
        Ok(())
    }

    /// The model, read once.
    fn read<M: Module>(&self, model: &M) -> Result<Read<'_>, InitError> {
        self.check()?;
        let entries = self.report.iter().flat_map(|report| &report.entries);
        let read = Read {
            survey: parameters(model),
            values: values(model),
            entries: entries.map(|entry| (entry.path.as_str(), entry)).collect(),
        };
        self.check_grids(&read)?;
        Ok(read)
    }

    fn subject<'a>(&self, read: &'a Read<'_>, parameter: &'a Parameter) -> Option<Subject<'a>> {
        let entry = read.entries.get(parameter.path.as_str()).copied();
        Some(Subject {
            parameter,
            values: read.values.get(&parameter.path)?,
            entry: entry.filter(|entry| entry.shape == parameter.layout.shape()),
            grid: self.grids.get(&parameter.path).copied(),
        })
    }

    /// What the values say.
    fn of_values(&self, read: &Read<'_>) -> ProbeReport {
        let mut report = ProbeReport::default();
        report.checks.extend(self.known(read));
        let subject = |parameter| self.subject(read, parameter);
        let subjects: Vec<Subject<'_>> = read.survey.iter().filter_map(subject).collect();
        for subject in &subjects {
            let (probe, checks) = parameter::look(subject);
            report.parameters.push(probe);
            report.checks.extend(checks);
        }
        let equal = parameter::equal_parameters(&subjects);
        report.checks.extend(equal);
        report.checks.extend(parameter::tied(&read.survey));
        report
    }

    /// Whether the plan's report and the model have the same parameters.
    fn known(&self, read: &Read<'_>) -> Vec<Check> {
        let Some(report) = &self.report else {
            return Vec::new();
        };
        let failed = |path: &str, reason: &str| {
            Check::within(path, Quantity::Known, 1.0, 0.0, (0.0, 0.0)).because(reason)
        };
        let mut checks = Vec::new();
        for parameter in &read.survey {
            let path = parameter.path.as_str();
            match read.entries.get(path) {
                None => checks.push(failed(
                    path,
                    "the plan's report doesn't have it: no rule has initialized it",
                )),
                Some(entry) if entry.shape != parameter.layout.shape() => {
                    let reason =
                        format!("the plan's report has it with the shape {:?}", entry.shape);
                    checks.push(failed(path, &reason));
                }
                Some(_) => {}
            }
        }
        let paths: HashSet<&str> = read.survey.iter().map(|p| p.path.as_str()).collect();
        let gone = report
            .entries
            .iter()
            .filter(|entry| !paths.contains(entry.path.as_str()));
        let reason = "the plan has initialized it, and the module doesn't have it";
        checks.extend(gone.map(|entry| failed(&entry.path, reason)));
        checks
    }

    /// What a run says.
    fn signals(
        &self,
        read: &Read<'_>,
        signals: &[Signal],
        gradients: Option<&Gradients>,
        report: &mut ProbeReport,
    ) -> Result<(), InitError> {
        if signals.is_empty() {
            let problem =
                "Probe: the run recorded no layer; call `outputs.layer(path, input, |x| ..)`";
            return Err(InitError::Unsupported(problem.to_owned()));
        }
        let mut zero = None;
        for (i, signal) in signals.iter().enumerate() {
            let parameter = read.survey.iter().find(|p| p.path == signal.path);
            let Some(subject) = parameter.and_then(|parameter| self.subject(read, parameter))
            else {
                continue;
            };
            let bias = signal
                .path
                .strip_suffix("weight")
                .map(|layer| format!("{layer}bias"));
            let bias = bias
                .and_then(|path| read.values.get(&path))
                .map(Vec::as_slice);
            let run = layer::Run {
                bias,
                gradients,
                alpha: self.alpha.unwrap_or(ALPHA),
                is_last: i + 1 == signals.len(),
            };
            if subject.is_zero_by_rule() {
                zero = zero.or(Some(report.layers.len()));
            }
            let (probe, checks) = layer::look(signal, &subject, &run);
            report.layers.push(probe);
            report.checks.extend(checks);
        }
        report.checks.extend(layer::drift(&report.layers, zero));
        Ok(())
    }

    fn of_loss(&self, loss: f64) -> Check {
        let broken = "the loss is infinite or NaN";
        let Some(classes) = self.classes else {
            let check = Check::shown("", Quantity::Loss, loss);
            return check.judged(!loss.is_finite(), Verdict::Fail, broken);
        };
        let guess = loss_of_guessing(classes, 0.0);
        let check = Check::within("", Quantity::Loss, loss, guess, (0.0, 3.0 * guess));
        check
            .because("logits are so large that the model is sure and wrong; its last layer may be smaller")
            .judged(loss > 1.75 * guess, Verdict::Warn, "the model isn't as unsure as one that knows nothing")
            .judged(loss < 0.8 * guess, Verdict::Warn, "the model knows the classes before it has learned")
            .judged(!loss.is_finite(), Verdict::Fail, broken)
    }
}
