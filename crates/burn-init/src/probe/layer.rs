//! What a layer makes of its input, beside what theory says.

use burn::tensor::Gradients;
use burn_init_values::initializer::{Dependence, Expected};
use burn_init_values::weight::Axis;
use burn_init_values::{Initializer, Normal, Seed};
use serde::Serialize;

use super::check::{Check, Quantity, Verdict};
use super::law::{ERRORS, normal_cdf, normal_quantile, squares_range};
use super::parameter::Subject;
use crate::data::rows::Rows;
use crate::data::signal::{Leaf, Signal};

/// What was measured of a layer in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LayerProbe {
    /// The path of its weight.
    pub path: String,
    /// The mean of its input, if that was recorded.
    pub input_mean: Option<f64>,
    /// The mean square of its input.
    pub input_second_moment: Option<f64>,
    /// The mean of its output.
    pub mean: f64,
    /// The mean square of its output.
    pub second_moment: f64,
    /// The share of neurons, or channels, whose output is at most 0 for all of the batch.
    pub dead: f64,
    /// The share of neurons that are above 0 for less than ½ − α or more than ½ + α of the batch.
    pub skewed: f64,
    /// The root mean square of correlations between neurons.
    pub correlation: Option<f64>,
    /// The mean square of the loss's gradient by its output.
    pub gradient: Option<f64>,
    /// The mean square of the loss's gradient by its input.
    pub input_gradient: Option<f64>,
}

/// Rows that are looked at for what takes squares of them.
const MOST_ROWS: usize = 1024;
/// Neurons whose correlations are measured.
const MOST_NEURONS: usize = 256;

/// What theory knows of a layer's weight.
struct Law {
    mean: f64,
    std: f64,
    /// E(w − μ)⁴ / σ⁴.
    kurtosis: f64,
    /// A linear layer, whose neurons see all features.
    is_linear: bool,
}

/// What a layer's run had, besides its weight.
pub(super) struct Run<'a> {
    pub bias: Option<&'a [f32]>,
    pub gradients: Option<&'a Gradients>,
    /// Of skewed neurons.
    pub alpha: f64,
    /// No other layer was recorded after it.
    pub is_last: bool,
}

/// Measures a layer, and holds it against theory.
pub(super) fn look(
    signal: &Signal,
    subject: &Subject<'_>,
    run: &Run<'_>,
) -> (LayerProbe, Vec<Check>) {
    let Run {
        bias,
        gradients,
        alpha,
        ..
    } = *run;
    let path = signal.path.as_str();
    let output = &signal.output;
    let mut checks = inputs(signal, subject).into_iter().collect::<Vec<_>>();
    let fits = checks.iter().all(|check| check.verdict == Verdict::Pass);
    let law = law(subject).filter(|_| fits);
    let input = signal.input.as_ref().map(|input| input.thinned(MOST_ROWS));
    let seen = output.thinned(MOST_ROWS);
    let theory = law.as_ref().zip(input.as_ref());
    let predicted = theory.map(|(law, input)| Prediction::of(law, input, bias, output.features));
    let square = |rows: &Rows| rows.mean_of(|x| x * x);
    checks.push(forward(path, square(&seen), predicted.as_ref()));
    checks.push(of_mean(path, seen.mean_of(|y| y), predicted.as_ref()));
    let (dead, skewed) = activity(output, alpha);
    let linear = predicted.as_ref().filter(|p| p.is_linear);
    let share = linear.map(|p| p.skewed_share(alpha));
    checks.push(of_skewed(path, skewed, share, output.features));
    let correlation = correlation(&seen);
    if let Some(measured) = correlation {
        checks.push(correlated(path, measured, predicted.as_ref()));
    }
    let read = |leaf: &Leaf| gradients.and_then(|gradients| leaf.read(gradients));
    let by_output = read(&signal.output_gradient);
    let by_input = read(&signal.input_gradient);
    let (gradient, input_gradient) = (
        by_output.as_ref().map(square),
        by_input.as_ref().map(square),
    );
    let linear = theory.filter(|(law, _)| law.is_linear);
    let never = linear.and_then(|(law, input)| dead_share(law, subject, input, bias));
    let silent = by_output.as_ref().and_then(|by| silent(output, by));
    let may_be = run.is_last || subject.is_zero_by_rule();
    checks.push(of_dead(path, dead, never, silent, may_be, output));
    if gradients.is_some() {
        checks.push(of_gradient(path, gradient));
    }
    if let (Some(measured), Some(by_output)) = (input_gradient, &by_output) {
        checks.push(backward(
            path,
            measured,
            law.as_ref(),
            by_output,
            by_input.as_ref(),
        ));
    }
    let probe = LayerProbe {
        path: path.to_owned(),
        input_mean: signal.input.as_ref().map(|input| input.mean_of(|x| x)),
        input_second_moment: signal.input.as_ref().map(square),
        mean: output.mean_of(|y| y),
        second_moment: square(output),
        dead,
        skewed,
        correlation,
        gradient,
        input_gradient,
    };
    (probe, checks)
}

/// Whether the weight has the features of its layer's input.
fn inputs(signal: &Signal, subject: &Subject<'_>) -> Option<Check> {
    let features = signal.input.as_ref()?.features;
    let layout = &subject.parameter.layout;
    let of = |axis: Axis| {
        let place = subject.axes().iter().position(|other| *other == axis)?;
        Some(layout.shape()[place])
    };
    let (inputs, outputs) = (of(Axis::Input)?, of(Axis::Output)?);
    let mut check = Check::shown(&signal.path, Quantity::Inputs, features as f64);
    check.predicted = Some(inputs as f64);
    if features == inputs {
        return Some(check);
    }
    let groups = match layout.is_transposed_conv() {
        true => signal.output.features / outputs.max(1),
        false => features / inputs.max(1),
    };
    if layout.has_kernel() && groups > 1 {
        let told = subject
            .entry
            .is_none_or(|entry| !entry.assumed.iter().any(|text| text.contains("group")));
        let reason =
            format!("its layer has {groups} groups, and 1 was assumed: say it by `Rule::groups`");
        return Some(check.judged(!told, Verdict::Fail, &reason));
    }
    let reason = match (features == outputs, layout.has_kernel()) {
        (true, false) => "its axes are swapped: what was taken for outputs has the inputs' size",
        _ => "the layer's input hasn't the features that its weight has",
    };
    Some(check.judged(true, Verdict::Fail, reason))
}

fn law(subject: &Subject<'_>) -> Option<Law> {
    let Expected { mean, std } = subject.expected()?;
    let layout = &subject.parameter.layout;
    let is_linear = !layout.has_kernel() && layout.shape().len() == 2;
    let known = subject.dependence() < Dependence::Unknown && layout.fan_in().is_some();
    (known && std > 0.0).then(|| Law {
        mean,
        std,
        kurtosis: subject.kurtosis(),
        is_linear,
    })
}

/// What theory predicts of a layer's output, given its input, over the draws of its weights.
struct Prediction {
    second_moment: f64,
    range: (f64, f64),
    /// Of neurons' means over the batch: their mean, and their standard deviation over neurons.
    means: (f64, f64),
    /// The standard error of the mean over neurons.
    mean_error: f64,
    /// The standard deviation of a neuron over the batch.
    deviation: f64,
    /// The root mean square of the correlation of two neurons.
    correlation: f64,
    is_linear: bool,
}

impl Prediction {
    /// E y² = σ² tr C + b², with C the second moments of inputs. The mean over n neurons has the variance
    /// (2 tr C² + (κ − 3) Σ C²ᵢᵢ) σ⁴ / n.
    fn of(law: &Law, input: &Rows, bias: Option<&[f32]>, outputs: usize) -> Self {
        let Law {
            mean,
            std,
            kurtosis,
            is_linear,
        } = *law;
        let bias: Vec<f64> = bias
            .unwrap_or_default()
            .iter()
            .map(|b| f64::from(*b))
            .collect();
        let average = |numbers: &mut dyn Iterator<Item = f64>, n: usize| {
            numbers.sum::<f64>() / n.max(1) as f64
        };
        let b = average(&mut bias.iter().copied(), bias.len());
        let squared_b = average(&mut bias.iter().map(|b| b * b), bias.len());
        let variance = std * std;
        let (trace, squares) = gram(input);
        let sum = |row: &[f32]| row.iter().map(|x| f64::from(*x)).sum::<f64>();
        let sums = average(&mut input.iter().map(sum), input.len());
        let squared_sums = average(&mut input.iter().map(|row| sum(row).powi(2)), input.len());
        let means = input.means();
        let mean_norm: f64 = means.iter().map(|m| m * m).sum();
        let (centred_trace, centred_squares) = gram(&input.centred());
        let mut diagonal = vec![0.0; input.features];
        for row in input.iter() {
            for (c, x) in diagonal.iter_mut().zip(row) {
                *c += f64::from(*x).powi(2) / input.len() as f64;
            }
        }
        let diagonal: f64 = diagonal.iter().map(|c| c * c).sum();
        let second_moment =
            variance * trace + mean * mean * squared_sums + squared_b + 2.0 * mean * b * sums;
        let of_weights =
            variance * variance * (2.0 * squares + (kurtosis - 3.0).max(0.0) * diagonal);
        let of_bias = 4.0 * variance * (squared_b + mean * mean * squared_sums) * mean_norm;
        let range = squares_range(
            second_moment,
            (of_weights + of_bias) / outputs.max(1) as f64,
        );
        Self {
            second_moment,
            range,
            means: (
                b + mean * sums,
                (variance * mean_norm + (squared_b - b * b).max(0.0)).sqrt(),
            ),
            mean_error: (variance * mean_norm / outputs.max(1) as f64).sqrt(),
            deviation: std * centred_trace.sqrt(),
            correlation: (centred_squares.sqrt() / centred_trace).min(1.0),
            is_linear,
        }
    }

    /// The share of neurons that are skewed: a neuron's mean is normal over neurons, and its output about that over
    /// inputs.
    fn skewed_share(&self, alpha: f64) -> f64 {
        let (mean, over_neurons) = self.means;
        // The share of neurons whose mean is above `x` deviations of the output.
        let above = |x: f64| match over_neurons > 0.0 {
            true => normal_cdf((mean - x * self.deviation) / over_neurons),
            false => f64::from(u8::from(mean > x * self.deviation)),
        };
        let quantile = normal_quantile(0.5 + alpha);
        above(quantile) + 1.0 - above(-quantile)
    }
}

/// Neurons that are drawn to see how many of such a law are dead.
const DRAWN: usize = 512;

/// The share of neurons whose output isn't above 0 for any row of this input, by drawing neurons: how far the largest
/// of the rows' outputs goes depends on how alike rows are, and deep in a network they are alike. Weights that are 0
/// stay so, and the law's moments are those of all.
fn dead_share(law: &Law, subject: &Subject<'_>, input: &Rows, bias: Option<&[f32]>) -> Option<f64> {
    let features = input.features;
    let neurons = subject.neurons()?;
    let lives = |w: &f32| *w != 0.0;
    let alive = subject.values.iter().filter(|w| lives(w)).count();
    if alive == 0 {
        return None;
    }
    let density = alive as f64 / subject.values.len() as f64;
    let mean = law.mean / density;
    let variance = (law.std * law.std + law.mean * law.mean) / density - mean * mean;
    let layout = [DRAWN, features].into();
    let law = Normal::new(mean, variance.max(0.0).sqrt());
    let mut weights = law.draw(&layout, Seed::new(0).key("neurons")).ok()?;
    for (drawn, neuron) in weights
        .chunks_exact_mut(features)
        .zip(neurons.iter().cycle())
    {
        for (w, neuron) in drawn.iter_mut().zip(neuron) {
            *w *= f32::from(u8::from(lives(neuron)));
        }
    }
    let (input, scale) = input.scaled();
    let x = faer::MatRef::from_row_major_slice(&input.values, input.len(), features);
    let weights: faer::MatRef<'_, f32> =
        faer::MatRef::from_row_major_slice(&weights, DRAWN, features);
    let outputs = x * weights.transpose();
    let bias = bias.filter(|bias| !bias.is_empty());
    let bias =
        |neuron: usize| bias.map_or(0.0, |b| (f64::from(b[neuron % b.len()]) / scale) as f32);
    let is_dead = |neuron: &usize| {
        let outputs = outputs.col(*neuron);
        outputs.iter().all(|y| y + bias(*neuron) <= 0.0)
    };
    Some((0..DRAWN).filter(is_dead).count() as f64 / DRAWN as f64)
}

/// Trace and squared Frobenius norm of XᵀX / samples, by the smaller of XᵀX and XXᵀ.
fn gram(rows: &Rows) -> (f64, f64) {
    let (rows, scale) = rows.scaled();
    let (samples, features) = (rows.len(), rows.features);
    let x = faer::MatRef::from_row_major_slice(&rows.values, samples, features);
    let n = samples as f64;
    let gram = match samples < features {
        true => x * x.transpose(),
        false => x.transpose() * x,
    };
    let trace: f64 = (0..gram.nrows()).map(|i| f64::from(gram[(i, i)])).sum();
    let squares = gram.norm_l2();
    let square = scale * scale;
    let squares = square * f64::from(squares) / n;
    (square * trace / n, squares * squares)
}

fn forward(path: &str, measured: f64, predicted: Option<&Prediction>) -> Check {
    let broken = "its output is infinite or NaN";
    let Some(Prediction {
        second_moment,
        range,
        ..
    }) = predicted.filter(|p| p.is_linear)
    else {
        let check = Check::shown(path, Quantity::SecondMoment, measured);
        return check.judged(!measured.is_finite(), Verdict::Fail, broken);
    };
    // Arithmetic in f32, or a narrower type.
    let range = (0.98 * range.0, 1.02 * range.1);
    Check::within(
        path,
        Quantity::SecondMoment,
        measured,
        *second_moment,
        range,
    )
    .judged(!measured.is_finite(), Verdict::Fail, broken)
    .because("such weights don't give it from this input: is the layer what its path says?")
}

/// The mean over neurons and the batch.
fn of_mean(path: &str, measured: f64, predicted: Option<&Prediction>) -> Check {
    let Some(law) = predicted.filter(|p| p.is_linear) else {
        return Check::shown(path, Quantity::OutputMean, measured);
    };
    // Arithmetic in f32, or a narrower type.
    let width = ERRORS * law.mean_error + 0.02 * law.second_moment.sqrt();
    let (mean, _) = law.means;
    let range = (mean - width, mean + width);
    Check::within(path, Quantity::OutputMean, measured, mean, range)
        .because("such weights don't give it from this input: is the layer what its path says?")
}

/// The shares of features that are never above 0, and that are above 0 less or more often than ½ ± α.
fn activity(output: &Rows, alpha: f64) -> (f64, f64) {
    let mut active = vec![0usize; output.features];
    for row in output.iter() {
        for (active, y) in active.iter_mut().zip(row) {
            *active += usize::from(*y > 0.0);
        }
    }
    let rows = output.len() as f64;
    let share = |holds: &dyn Fn(usize) -> bool| {
        active.iter().filter(|n| holds(**n)).count() as f64 / active.len().max(1) as f64
    };
    let is_skewed = |n: usize| (n as f64 / rows - 0.5).abs() > alpha;
    (share(&|n| n == 0), share(&is_skewed))
}

/// The range of a share of n neurons that has this probability, which itself is known to 0.1, and was measured of
/// `drawn` others, if there were any.
fn share_range(share: f64, n: usize, drawn: Option<usize>) -> (f64, f64) {
    let of = |n: usize| 1.0 / n.max(1) as f64;
    let variance = share.max(0.02) * (1.0 - share).max(0.02) * (of(n) + drawn.map_or(0.0, of));
    let width = 0.1 + ERRORS * variance.sqrt();
    ((share - width).max(0.0), (share + width).min(1.0))
}

/// The share of features that are never above 0 and get no gradient, as behind a relu.
fn silent(output: &Rows, by_output: &Rows) -> Option<f64> {
    if (output.features, output.len()) != (by_output.features, by_output.len()) {
        return None;
    }
    let mut silent = vec![true; output.features];
    for (y, gradient) in output.iter().zip(by_output.iter()) {
        for (silent, (y, g)) in silent.iter_mut().zip(y.iter().zip(gradient)) {
            *silent &= *y <= 0.0 && *g == 0.0;
        }
    }
    let count = silent.iter().filter(|silent| **silent).count();
    Some(count as f64 / output.features.max(1) as f64)
}

/// `silent` is known where gradients are; else a layer that `may_be` at most 0 everywhere isn't judged.
fn of_dead(
    path: &str,
    measured: f64,
    predicted: Option<f64>,
    silent: Option<f64>,
    may_be: bool,
    output: &Rows,
) -> Check {
    /// So few are never active by chance.
    const FEW: usize = 8;
    let n = output.features;
    let check = match predicted {
        None => Check::shown(path, Quantity::Dead, measured),
        Some(share) => {
            let (_, high) = share_range(share, n, Some(DRAWN));
            Check::within(path, Quantity::Dead, measured, share, (0.0, high))
        }
    };
    let check = check.because(
        "more neurons are never active than such weights have: does a bias hold them down?",
    );
    let hardly = |share: f64| share > 0.9 && n >= FEW && output.len() >= FEW;
    match silent {
        Some(share) => check.judged(
            hardly(share),
            Verdict::Fail,
            "hardly a neuron is ever active, and no gradient comes: the layer is dead",
        ),
        None => {
            // As its rule says; and nobody knows what stands behind it.
            let is_planned = predicted.is_some() && check.verdict == Verdict::Pass;
            let verdict = match is_planned {
                true => Verdict::Warn,
                false => Verdict::Fail,
            };
            check.judged(
                hardly(measured) && !may_be,
                verdict,
                "hardly a neuron is ever active: behind a relu, the layer is dead",
            )
        }
    }
}

fn of_skewed(path: &str, measured: f64, predicted: Option<f64>, n: usize) -> Check {
    let Some(share) = predicted else {
        return Check::shown(path, Quantity::Skewed, measured);
    };
    // Outputs aren't quite normal over the batch; so a surprise is no failure.
    let (low, high) = share_range(share, n, None);
    let mut check = Check::within(path, Quantity::Skewed, measured, share, (low, high));
    check.verdict = check.verdict.min(Verdict::Warn);
    check.because("neurons are on or off for other shares of the batch than such weights give")
}

/// The root mean square of correlations between features over rows.
fn correlation(output: &Rows) -> Option<f64> {
    let features = output.features.min(MOST_NEURONS);
    if features < 2 || output.len() < 2 {
        return None;
    }
    let centred = output.centred();
    let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(output.len()); features];
    for row in centred.iter() {
        for (column, y) in columns.iter_mut().zip(row) {
            column.push(f64::from(*y));
        }
    }
    let norm = |column: &Vec<f64>| column.iter().map(|y| y * y).sum::<f64>().sqrt();
    columns.retain(|column| norm(column) > 0.0);
    for column in &mut columns {
        let norm = norm(column);
        column.iter_mut().for_each(|y| *y /= norm);
    }
    let n = columns.len();
    if n < 2 {
        return None;
    }
    let rows = output.len();
    let x = faer::Mat::<f64>::from_fn(rows, n, |i, j| columns[j][i]);
    let squares = (x.transpose() * &x).norm_l2().powi(2) - n as f64;
    Some((squares.max(0.0) / (n * (n - 1)) as f64).sqrt())
}

fn correlated(path: &str, measured: f64, predicted: Option<&Prediction>) -> Check {
    let Some(law) = predicted.filter(|p| p.is_linear && p.correlation.is_finite()) else {
        return Check::shown(path, Quantity::Correlation, measured);
    };
    let range = (0.0, (2.0 * law.correlation + 0.1).min(1.0 + 1e-6));
    Check::within(
        path,
        Quantity::Correlation,
        measured,
        law.correlation,
        range,
    )
    .because("its neurons are more alike than such weights make them")
}

fn of_gradient(path: &str, measured: Option<f64>) -> Check {
    let check = Check::shown(path, Quantity::Gradient, measured.unwrap_or(0.0));
    match measured {
        None => check.judged(
            true,
            Verdict::Fail,
            "the loss doesn't depend on it: is it detached, or frozen?",
        ),
        Some(square) => check
            .judged(
                square == 0.0,
                Verdict::Warn,
                "no gradient comes here: a weight behind it is zero, or a relu dead",
            )
            .judged(
                !square.is_finite(),
                Verdict::Fail,
                "its gradient is infinite or NaN",
            ),
    }
}

/// Backwards, outputs are what inputs are forwards: E (∂x)² = σ² · Σ (∂y)².
fn backward(
    path: &str,
    measured: f64,
    law: Option<&Law>,
    by_output: &Rows,
    by_input: Option<&Rows>,
) -> Check {
    let features = by_input.map_or(1, |rows| rows.features);
    let law = law.filter(|law| law.is_linear && law.mean == 0.0);
    let Some(law) = law.filter(|_| by_output.mean_of(|g| g * g) > 0.0) else {
        return Check::shown(path, Quantity::InputGradient, measured);
    };
    let prediction = Prediction::of(law, &by_output.thinned(MOST_ROWS), None, features);
    // What comes back depends on the weight, too, by the outputs that it made: a factor of 2.
    let range = (0.5 * prediction.range.0, 2.0 * prediction.range.1);
    let mut check = Check::within(
        path,
        Quantity::InputGradient,
        measured,
        prediction.second_moment,
        range,
    );
    check.verdict = check.verdict.min(Verdict::Warn);
    check.because("such weights don't give it from the gradient of its output")
}

/// The signal along the model: each layer's mean square beside that of the first input. From the layer `zero` on, zeros
/// are the rule's.
pub(super) fn drift(layers: &[LayerProbe], zero: Option<usize>) -> Vec<Check> {
    let Some(first) = layers.first() else {
        return Vec::new();
    };
    let start = first.input_second_moment.unwrap_or(first.second_moment);
    let check = |(i, layer): (usize, &LayerProbe)| {
        let ratio = layer.second_moment / start;
        let off = ratio.ln().abs();
        let check = Check::shown(&layer.path, Quantity::Drift, ratio);
        if ratio == 0.0 && zero.is_some_and(|zero| zero <= i) {
            let reason = "zero by its rule, or by that of a layer before it";
            return check.judged(true, Verdict::Pass, reason);
        }
        let small = ratio < 1.0;
        let reason = |small: bool| match small {
            true => "the signal fades: weights are too small for what stands between them",
            false => "the signal grows: weights are too large for what stands between them",
        };
        check
            .judged(off > 1e4f64.ln(), Verdict::Warn, reason(small))
            .judged(
                off.is_nan() || off > 1e8f64.ln(),
                Verdict::Fail,
                reason(small),
            )
    };
    let mut checks: Vec<Check> = layers.iter().enumerate().map(check).collect();
    if let Some(square) = first.input_second_moment {
        let off = square.ln().abs();
        let check = Check::shown("", Quantity::SecondMoment, square);
        checks.push(check.judged(
            off.is_nan() || off > 1e3f64.ln(),
            Verdict::Warn,
            "the input's mean square is far from 1: is it scaled?",
        ));
    }
    checks
}
