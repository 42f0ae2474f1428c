//! The neurons of a weight: whether they are equal, smooth, and where their energy lies.

use std::collections::{HashMap, HashSet};

use burn_init_values::initializer::Dependence;
use burn_init_values::wavelet::{Family, Levels, Transform};

use super::check::{Check, Quantity, Verdict};
use super::law::{ERRORS, squares_range};
use super::parameter::Subject;

/// How many neurons have the weights of another.
pub(super) fn equal_neurons(
    subject: &Subject<'_>,
    neurons: &[Vec<f32>],
    is_zero: bool,
) -> Option<Check> {
    if neurons.len() < 2 {
        return None;
    }
    let path = subject.path();
    if is_zero {
        let check = Check::shown(path, Quantity::EqualNeurons, 1.0);
        let told = subject.is_zero_by_rule();
        let reason = match told {
            true => "zero by its rule: what stands before it learns after its first step",
            false => "the weight is zero, and nothing says that it should be",
        };
        let verdict = if told { Verdict::Pass } else { Verdict::Fail };
        return Some(check.judged(true, verdict, reason));
    }
    let mut seen: HashMap<Vec<u32>, usize> = HashMap::new();
    for neuron in neurons {
        let bits = neuron.iter().map(|w| (w + 0.0).to_bits()).collect();
        *seen.entry(bits).or_default() += 1;
    }
    let equal = || seen.iter().filter(|(_, times)| **times > 1);
    let share = equal().map(|(_, times)| times).sum::<usize>() as f64 / neurons.len() as f64;
    let mut check = Check::shown(path, Quantity::EqualNeurons, share);
    check.predicted = Some(0.0);
    let living = |bits: &[u32]| bits.iter().filter(|w| **w != 0).count();
    // Of few weights, or of few values such as two signs, neurons are equal by chance.
    let by_chance = |bits: &[u32]| {
        let values: HashSet<u32> = bits.iter().copied().filter(|w| *w != 0).collect();
        values.len() < 3
    };
    let all = seen.len() == 1 && seen.keys().all(|bits| living(bits) >= 3);
    let check = check.judged(
        all,
        Verdict::Fail,
        "all neurons are equal: they get equal gradients, and stay equal",
    );
    let is_drawn = subject.dependence() < Dependence::Unknown;
    Some(check.judged(
        is_drawn && equal().any(|(bits, _)| !by_chance(bits)),
        Verdict::Fail,
        "neurons are equal that its initializer draws one by one",
    ))
}

/// Σ wᵢwᵢ₊₁ / Σ wᵢ² over all neurons, along their rows of so many weights.
pub(super) fn of_neighbours(neurons: &[Vec<f32>], columns: usize) -> f64 {
    let (mut products, mut squares) = (0.0, 0.0);
    for row in neurons.iter().flat_map(|neuron| neuron.chunks(columns)) {
        for pair in row.windows(2) {
            products += f64::from(pair[0]) * f64::from(pair[1]);
        }
        squares += row.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>();
    }
    if squares > 0.0 {
        products / squares
    } else {
        0.0
    }
}

pub(super) fn autocorrelated(subject: &Subject<'_>, lag: f64) -> Check {
    let path = subject.path();
    let centred = subject
        .expected()
        .is_some_and(|expected| expected.mean == 0.0);
    if subject.dependence() != Dependence::Independent || !centred {
        return Check::shown(path, Quantity::Autocorrelation, lag);
    }
    let width = ERRORS / (subject.values.len() as f64).sqrt();
    Check::within(path, Quantity::Autocorrelation, lag, 0.0, (-width, width))
        .because("neighbouring weights are alike, though its initializer draws them one by one")
}

/// The shares of energy of each level of Haar wavelets over a neuron's grid, or over its inputs: of the mean first, and then
/// from the coarsest details to the finest. With it, how many coefficients each level has.
pub(super) fn spectrum(neurons: &[Vec<f32>], grid: &[usize]) -> Option<(Vec<f64>, Vec<usize>)> {
    let transform = Transform::new(Family::HAAR, grid, Levels::Full).ok()?;
    let levels = transform.coefficient_levels();
    let mut scratch = transform.scratch();
    let mut energies = vec![0.0; transform.levels() + 1];
    for neuron in neurons {
        let mut coefficients = neuron.clone();
        transform.forward(&mut coefficients, &mut scratch);
        for (c, level) in coefficients.iter().zip(&levels) {
            energies[*level] += f64::from(*c).powi(2);
        }
    }
    let sum: f64 = energies.iter().sum();
    let mut sizes = transform.level_sizes();
    // The finest stands first behind the mean.
    energies[1..].reverse();
    sizes[1..].reverse();
    (sum > 0.0).then(|| {
        (
            energies.into_iter().map(|energy| energy / sum).collect(),
            sizes,
        )
    })
}

/// The share of energy in the coarser half of the levels: of independent weights, that of the coefficients.
pub(super) fn coarse(
    subject: &Subject<'_>,
    neurons: usize,
    shares: &[f64],
    sizes: &[usize],
) -> Check {
    let half = shares.len().div_ceil(2);
    let measured = shares[..half].iter().sum();
    let path = &subject.parameter.path;
    let centred = subject
        .expected()
        .is_some_and(|expected| expected.mean == 0.0);
    if subject.dependence() != Dependence::Independent || !centred {
        return Check::shown(path, Quantity::Coarse, measured);
    }
    let of = |sizes: &[usize]| sizes.iter().sum::<usize>() as f64;
    let share = of(&sizes[..half]) / of(sizes);
    let coefficients = neurons as f64 * of(&sizes[..half]);
    let (low, high) = squares_range(share, 4.0 * share * share / coefficients);
    Check::within(
        path,
        Quantity::Coarse,
        measured,
        share,
        (low, high.min(1.0)),
    )
    .because("coarse scales have another share of the energy than independent weights give them")
}
