//! The values of each parameter, beside what its initializer promises.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::hash::{DefaultHasher, Hash, Hasher};

use burn::tensor::DType;
use burn_init_values::initializer::{Dependence, Expected};
use burn_init_values::weight::Axis;
use serde::Serialize;

use super::check::{Check, Quantity, Verdict};
use super::law::{ERRORS, student_errors};
use super::neurons::{autocorrelated, coarse, equal_neurons, of_neighbours, spectrum};
use super::singular::{of_singular_values, singular};
use crate::module::parameter::{Parameter, Role};
use crate::plan::{Action, Entry};

/// What was measured of a parameter's values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ParameterProbe {
    /// Its path.
    pub path: String,
    /// Its shape, in the saved layout.
    pub shape: Vec<usize>,
    /// The mean of its finite elements.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
    /// The share of elements that are 0.
    pub zeros: f64,
    /// How often values occur.
    pub histogram: Histogram,
    /// Of a weight with two axes, the correlation of neighbouring weights of a neuron: Σ wᵢwᵢ₊₁ / Σ wᵢ², along the rows
    /// of its picture where a grid is given.
    pub autocorrelation: Option<f64>,
    /// Of a weight, the shares of energy of Haar's levels over its neurons: the mean's first, and then from the coarsest
    /// details to the finest. Neurons are vectors of inputs, or pictures where a grid is given.
    pub spectrum: Vec<f64>,
    /// Of a weight, as the matrix of its outputs and all else, from the largest on; empty where the matrix has more
    /// than 512 rows and columns, and of other parameters.
    pub singular_values: Vec<f64>,
    /// Rows and columns of that matrix.
    pub matrix: (usize, usize),
    /// Of a weight whose grid is known, its first neurons as pictures.
    pub pictures: Option<Pictures>,
    /// What its initializer aims at.
    pub expected: Option<Expected>,
    /// Between which numbers its initializer's values lie, if it has bounds.
    pub bounds: Option<(f32, f32)>,
    /// Whether its elements are drawn one by one.
    pub independent: bool,
}

/// How many values lie in each of equally wide bins.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Histogram {
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
    /// The number of values in each bin.
    pub counts: Vec<u64>,
}

/// Neurons as pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pictures {
    /// Rows and columns of a picture.
    pub grid: [usize; 2],
    /// The weights of each neuron, row by row.
    pub neurons: Vec<Vec<f32>>,
}

/// So many neurons are shown.
const PICTURES: usize = 64;

/// Matrices up to this size on their smaller side have all singular values measured.
const MOST_SINGULAR: usize = 512;

/// A parameter, its values, and what the plan's report says of it.
pub(super) struct Subject<'a> {
    pub parameter: &'a Parameter,
    pub values: &'a [f32],
    pub entry: Option<&'a Entry>,
    /// The rows and columns of a neuron's picture.
    pub grid: Option<[usize; 2]>,
}

impl Subject<'_> {
    pub fn path(&self) -> &str {
        &self.parameter.path
    }

    pub fn shape(&self) -> &[usize] {
        self.parameter.layout.shape()
    }

    pub fn axes(&self) -> &[Axis] {
        match self.entry {
            Some(entry) if entry.axes.len() == self.shape().len() => &entry.axes,
            _ => self.parameter.layout.axes(),
        }
    }

    /// What its initializer aims at, if a plan has initialized it.
    pub fn expected(&self) -> Option<Expected> {
        self.entry?.expected
    }

    /// Whether its rule makes it zero.
    pub fn is_zero_by_rule(&self) -> bool {
        let expected = self.expected();
        expected.is_some_and(|expected| expected.mean == 0.0 && expected.std == 0.0)
    }

    pub fn dependence(&self) -> Dependence {
        let dependence = self.entry.and_then(|entry| entry.dependence);
        dependence.unwrap_or(Dependence::Unknown)
    }

    /// The number of outputs, and of an element its output.
    fn outputs(&self) -> Option<(usize, impl Fn(usize) -> usize)> {
        let axis = self.axes().iter().position(|axis| *axis == Axis::Output)?;
        let outputs = self.shape()[axis];
        let stride: usize = self.shape()[axis + 1..].iter().product();
        Some((outputs, move |i: usize| i / stride.max(1) % outputs.max(1)))
    }

    /// The number of a neuron's weights.
    pub fn inputs(&self) -> Option<usize> {
        let (outputs, _) = self.outputs()?;
        Some(self.shape().iter().product::<usize>() / outputs.max(1))
    }

    /// The elements of each neuron, in their order.
    pub fn neurons(&self) -> Option<Vec<Vec<f32>>> {
        let (outputs, output) = self.outputs()?;
        let mut neurons = vec![Vec::with_capacity(self.values.len() / outputs.max(1)); outputs];
        for (i, value) in self.values.iter().enumerate() {
            neurons[output(i)].push(*value);
        }
        Some(neurons)
    }

    /// The kurtosis of its elements, E(w − μ)⁴ / σ⁴.
    pub fn kurtosis(&self) -> f64 {
        let moments = Moments::of(self.values.iter().map(|x| f64::from(*x)));
        moments.fourth / (moments.variance * moments.variance)
    }
}

/// Moments of numbers.
struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
    fourth: f64,
}

impl Moments {
    fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let count = numbers.clone().count() as f64;
        let mean = numbers.clone().sum::<f64>() / count;
        let power = |x: f64, n: i32| (x - mean).powi(n);
        let variance = numbers.clone().map(|x| power(x, 2)).sum::<f64>() / count;
        let fourth = numbers.map(|x| power(x, 4)).sum::<f64>() / count;
        Self {
            count,
            mean,
            variance,
            fourth,
        }
    }

    /// The standard error of the mean.
    fn error(&self) -> f64 {
        (self.variance / self.count).sqrt()
    }
}

/// How far the mean, and the mean square of the differences to it, may be from what is expected: by elements, and
/// where these may depend on each other, by neurons, if there are enough to tell how much they differ.
fn widths(subject: &Subject<'_>, moments: &Moments, expected: Expected) -> Option<(f64, f64)> {
    const ENOUGH: usize = 16;
    let variance = expected.std * expected.std;
    let spread = moments.fourth - moments.variance * moments.variance;
    let of_elements = [
        moments.error().max(expected.std / moments.count.sqrt()),
        (spread.max(0.0) / moments.count)
            .sqrt()
            .max(variance * (2.0 / moments.count).sqrt()),
    ];
    let [mean, square] = of_elements.map(|error| ERRORS * error);
    let dependence = subject.dependence();
    let neurons = subject.neurons().filter(|neurons| neurons.len() >= ENOUGH);
    let Some(neurons) = neurons.filter(|_| dependence != Dependence::Independent) else {
        return (dependence != Dependence::Unknown).then_some((mean, square));
    };
    let of_neurons = |f: &dyn Fn(f64) -> f64| {
        let mean = |w: &Vec<f32>| w.iter().map(|w| f(f64::from(*w))).sum::<f64>() / w.len() as f64;
        student_errors(neurons.len()) * Moments::of(neurons.iter().map(mean)).error()
    };
    let by_mean = of_neurons(&|w| w);
    let by_square = of_neurons(&|w| (w - moments.mean) * (w - moments.mean));
    Some((mean.max(by_mean), square.max(by_square)))
}

/// Measures a parameter, and holds it against its plan's report.
pub(super) fn look(subject: &Subject<'_>) -> (ParameterProbe, Vec<Check>) {
    let (path, values) = (subject.path(), subject.values);
    let finite = || {
        values
            .iter()
            .filter(|x| x.is_finite())
            .map(|x| f64::from(*x))
    };
    let moments = Moments::of(finite());
    let mut checks = Vec::new();
    let broken = values.iter().filter(|x| !x.is_finite()).count();
    checks.push(
        Check::within(path, Quantity::Finite, broken as f64, 0.0, (0.0, 0.0))
            .because("elements are infinite or NaN: was it loaded, or is its type too narrow?"),
    );
    let zeros = values.iter().filter(|x| **x == 0.0).count() as f64 / values.len().max(1) as f64;
    if broken == 0 && !values.is_empty() {
        checks.extend(of_values(subject, &moments, zeros));
    }
    let is_weight = subject.parameter.role == Role::Weight;
    let mut matrix = (0, 0);
    let mut singular_values = Vec::new();
    let mut autocorrelation = None;
    let mut energies = Vec::new();
    let mut pictures = None;
    if let (true, 0, Some(neurons)) = (is_weight, broken, subject.neurons()) {
        checks.extend(equal_neurons(
            subject,
            &neurons,
            moments.variance == 0.0 && moments.mean == 0.0,
        ));
        let columns = neurons.first().map_or(0, Vec::len);
        matrix = (neurons.len(), columns);
        if subject.shape().len() == 2 && columns > 2 {
            let lag = of_neighbours(
                &neurons,
                subject.grid.map_or(columns, |[_, columns]| columns),
            );
            autocorrelation = Some(lag);
            checks.push(autocorrelated(subject, lag));
        }
        let grid = subject.grid.map_or(vec![columns], |grid| grid.to_vec());
        if let (true, Some((shares, sizes))) = (columns > 2, spectrum(&neurons, &grid)) {
            checks.push(coarse(subject, neurons.len(), &shares, &sizes));
            energies = shares;
        }
        if (1..=MOST_SINGULAR).contains(&matrix.0.min(matrix.1)) {
            singular_values = singular(&neurons);
            checks.extend(of_singular_values(subject, &singular_values, matrix));
        }
        pictures = subject.grid.map(|grid| Pictures {
            grid,
            neurons: neurons.into_iter().take(PICTURES).collect(),
        });
    }
    let probe = ParameterProbe {
        path: path.to_owned(),
        shape: subject.shape().to_vec(),
        mean: moments.mean,
        std: moments.variance.sqrt(),
        zeros,
        histogram: histogram(finite()),
        autocorrelation,
        spectrum: energies,
        singular_values,
        matrix,
        pictures,
        expected: subject.expected(),
        bounds: subject.entry.and_then(|entry| entry.bounds),
        independent: subject.dependence() == Dependence::Independent,
    };
    (probe, checks)
}

fn histogram(values: impl Iterator<Item = f64> + Clone) -> Histogram {
    const BINS: usize = 48;
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let mut counts = vec![0; if low <= high { BINS } else { 0 }];
    for value in values {
        let place = (value - low) / (high - low) * BINS as f64;
        // NaN, of equal values, is 0 here.
        counts[(place as usize).min(BINS - 1)] += 1;
    }
    Histogram { low, high, counts }
}

/// How much a number may be off by the rounding of the parameter's type.
fn rounding(dtype: DType) -> f64 {
    match dtype {
        DType::BF16 => 2f64.powi(-7),
        DType::F16 => 2f64.powi(-10),
        _ => 2f64.powi(-22),
    }
}

/// Mean, standard deviation, bounds, density, and a normalization's scale and shift.
fn of_values(subject: &Subject<'_>, moments: &Moments, zeros: f64) -> Vec<Check> {
    let (path, values) = (subject.path(), subject.values);
    let rounding = rounding(subject.parameter.dtype);
    let (mean, std) = (moments.mean, moments.variance.sqrt());
    let mut checks = Vec::new();
    let expected = subject.expected();
    let widths = expected.and_then(|expected| widths(subject, moments, expected));
    match (expected, widths) {
        (Some(expected), _) if expected.std == 0.0 => {
            let slack = rounding * expected.mean.abs();
            let range = (expected.mean - slack, expected.mean + slack);
            checks.push(
                Check::within(path, Quantity::Mean, mean, expected.mean, range)
                    .because("its initializer gives another constant"),
            );
            checks.push(
                Check::within(path, Quantity::Std, std, 0.0, (0.0, slack))
                    .because("its initializer gives equal values"),
            );
        }
        (Some(expected), Some((width, square_width))) => {
            let width = width + rounding * expected.std;
            let range = (expected.mean - width, expected.mean + width);
            checks.push(
                Check::within(path, Quantity::Mean, mean, expected.mean, range)
                    .because("its initializer has another mean"),
            );
            // Of few elements, the mean is far from what is expected, and takes from the deviation.
            let around = moments.variance + (mean - expected.mean).powi(2);
            let variance = expected.std * expected.std;
            let width = square_width + (0.002 + rounding) * variance;
            let range = (
                (variance - width).max(0.0).sqrt(),
                (variance + width).sqrt(),
            );
            checks.push(
                Check::within(path, Quantity::Std, around.sqrt(), expected.std, range).because(
                    "its initializer has another standard deviation: were its fans others, or was it changed since?",
                ),
            );
        }
        _ => {
            checks.push(Check::shown(path, Quantity::Mean, mean));
            checks.push(Check::shown(path, Quantity::Std, std));
        }
    }
    if let Some((low, high)) = subject.entry.and_then(|entry| entry.bounds) {
        let beyond = |x: &f32| f64::from((low - x).max(x - high).max(0.0));
        let farthest = values.iter().map(beyond).fold(0.0, f64::max);
        let slack = rounding * f64::from(low.abs().max(high.abs()));
        checks.push(
            Check::within(path, Quantity::Bounds, farthest, 0.0, (0.0, slack))
                .because("values lie beyond the bounds of its initializer"),
        );
    }
    checks.extend(density(subject, zeros));
    checks.extend(normalization(subject, mean, std));
    checks
}

/// The share of elements that aren't 0.
fn density(subject: &Subject<'_>, zeros: f64) -> Option<Check> {
    let (entry, expected) = (subject.entry?, subject.expected()?);
    let (path, n) = (subject.path(), subject.values.len() as f64);
    let measured = 1.0 - zeros;
    // Values that are drawn are never all 0, and rarely any.
    if expected.std == 0.0 {
        return None;
    }
    match (entry.connectivity.map(|c| c.density()), entry.density) {
        (Some(density), _) => {
            let check = Check::within(
                path,
                Quantity::Density,
                measured,
                density,
                (0.0, density + 1e-9),
            );
            let check =
                check.because("weights live that its initializer has left out: was the mask lost?");
            let few = measured < 0.98 * density - 2.0 / n;
            Some(check.judged(
                few,
                Verdict::Fail,
                "weights are 0 that its initializer has kept",
            ))
        }
        (None, Some(1.0)) if subject.dependence() == Dependence::Independent => {
            let rare = 0.002 + ERRORS * (0.002 / n).sqrt();
            let check = Check::within(path, Quantity::Density, measured, 1.0, (1.0 - rare, 1.0));
            Some(check.because(
                "elements are 0 though none should be: is its type too narrow for so small values?",
            ))
        }
        _ => None,
    }
}

/// Whether a normalization starts as its layer has it.
fn normalization(subject: &Subject<'_>, mean: f64, std: f64) -> Option<Check> {
    if subject.parameter.role != Role::Norm {
        return None;
    }
    let name = subject.path().rsplit('.').next().unwrap_or_default();
    let start = match name {
        "gamma" | "scale" => 1.0,
        "beta" => 0.0,
        _ => return None,
    };
    let off = ((mean - start).powi(2) + std * std).sqrt();
    let check = Check::within(subject.path(), Quantity::Norm, off, 0.0, (0.0, 1e-6));
    if check.verdict == Verdict::Pass {
        return Some(check);
    }
    let initialized = subject
        .entry
        .is_some_and(|e| matches!(e.action, Action::Initialized(_)));
    let mut check = check;
    check.verdict = Verdict::Warn;
    // A rule that makes a scale 0 or another constant means it.
    if initialized && std == 0.0 {
        check.verdict = Verdict::Pass;
        check.reason = "a rule has set it".to_owned();
        return Some(check);
    }
    let random =
        "a normalization's scale and shift are no constants: did a rule for weights reach them?";
    let other = "a normalization doesn't start as the identity: was it loaded?";
    Some(match std > 0.0 {
        true => check.judged(true, Verdict::Fail, random),
        false => check.judged(true, Verdict::Warn, other),
    })
}

/// Parameters that have the values of another one, and are none.
pub(super) fn equal_parameters(subjects: &[Subject<'_>]) -> Vec<Check> {
    let mut first: HashMap<u64, &Subject<'_>> = HashMap::new();
    let mut checks = Vec::new();
    for subject in subjects {
        let (values, path) = (subject.values, subject.path());
        // Constants are equal by rule.
        let is_constant = values.iter().all(|x| *x == values[0]);
        if is_constant || values.len() < 4 || subject.parameter.tied.is_some() {
            continue;
        }
        let mut hasher = DefaultHasher::new();
        values.iter().for_each(|x| x.to_bits().hash(&mut hasher));
        match first.entry(hasher.finish()) {
            Slot::Vacant(slot) => {
                slot.insert(subject);
            }
            Slot::Occupied(other) => {
                let fixed = |s: &Subject<'_>| s.dependence() == Dependence::Fixed;
                if fixed(subject) || fixed(other.get()) {
                    continue;
                }
                let reason = format!(
                    "its values are those of `{}`: was one key used twice?",
                    other.get().path()
                );
                let check = Check::shown(path, Quantity::EqualParameters, 1.0);
                checks.push(check.judged(true, Verdict::Fail, &reason));
            }
        }
    }
    checks
}

/// Layers of one kind that share a parameter.
pub(super) fn tied(parameters: &[Parameter]) -> Vec<Check> {
    let mut checks = Vec::new();
    for parameter in parameters.iter().filter(|p| p.role == Role::Weight) {
        let Some(leader) = parameter.tied.map(|leader| &parameters[leader]) else {
            continue;
        };
        let check = Check::shown(&parameter.path, Quantity::Tied, 1.0);
        // An embedding that is an output layer, too, or is shared by encoder and decoder, is common.
        let embeds = |p: &Parameter| p.container() == "Embedding";
        let same = parameter.container() == leader.container() && !embeds(leader);
        let reason = format!(
            "it is one parameter with `{}`: a clone of a layer has the layer's ids, and is trained with it",
            leader.path
        );
        checks.push(check.judged(same, Verdict::Warn, &reason));
    }
    checks
}
