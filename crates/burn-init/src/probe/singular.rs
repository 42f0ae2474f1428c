//! The singular values of a weight.

use burn_init_values::initializer::{Dependence, Expected};

use super::check::{Check, Quantity};
use super::law::{singular_value_density, singular_value_edges};
use super::parameter::Subject;

/// From the largest on.
pub(super) fn singular(neurons: &[Vec<f32>]) -> Vec<f64> {
    let (rows, columns) = (neurons.len(), neurons[0].len());
    let matrix = faer::Mat::<f64>::from_fn(rows, columns, |i, j| f64::from(neurons[i][j]));
    matrix.singular_values().unwrap_or_default()
}

/// exp(−Σ p ln p) / n of p = s / Σs (Roy and Vetterli 2007), for numbers `s` of these weights.
fn effective_rank(values: impl Iterator<Item = (f64, f64)> + Clone, n: f64) -> f64 {
    let sum: f64 = values.clone().map(|(s, weight)| s * weight).sum();
    let entropy: f64 = values
        .filter(|(s, _)| *s > 0.0)
        .map(|(s, weight)| -weight * (s / sum) * (s / sum).ln())
        .sum();
    entropy.exp() / n
}

pub(super) fn of_singular_values(
    subject: &Subject<'_>,
    values: &[f64],
    matrix: (usize, usize),
) -> Vec<Check> {
    let path = subject.path();
    let Some(largest) = values.first() else {
        return Vec::new();
    };
    let count = values.len() as f64;
    let rank = effective_rank(values.iter().map(|s| (*s, 1.0)), count);
    let (n, m) = matrix;
    let law = subject.expected().filter(|expected| {
        subject.dependence() == Dependence::Independent
            && expected.mean == 0.0
            && expected.std > 0.0
    });
    let Some(Expected { std, .. }) = law.filter(|_| n.min(m) >= 8) else {
        let rank = if *largest > 0.0 { rank } else { 0.0 };
        return vec![
            Check::shown(path, Quantity::LargestSingularValue, *largest),
            Check::shown(path, Quantity::EffectiveRank, rank),
        ];
    };
    let (low, high) = singular_value_edges(n, m, std);
    // Tracy and Widom's law of the square: its centre, its scale, and 10⁻¹⁰ on either side (Johnstone 2001).
    let (a, b) = ((n as f64).sqrt(), (m as f64).sqrt());
    let scale = std * std * (a + b) * (1.0 / a + 1.0 / b).cbrt();
    let at = |distance: f64| (high * high + distance * scale).max(0.0).sqrt();
    let range = (at(-9.0), at(11.0));
    const STEPS: u32 = 2000;
    let width = (high - low) / f64::from(STEPS);
    let law = (0..STEPS).map(|i| {
        let s = low + (f64::from(i) + 0.5) * width;
        (s, singular_value_density(s, n, m, std) * width * count)
    });
    let predicted = effective_rank(law, count);
    vec![
        Check::within(path, Quantity::LargestSingularValue, *largest, high, range).because(
            "it lies beyond the edge of independent weights (Marchenko and Pastur): neurons have something in common",
        ),
        Check::within(path, Quantity::EffectiveRank, rank, predicted, (0.75 * predicted, 1.0 + 1e-9))
            .because("neurons span fewer directions than independent ones"),
    ]
}
