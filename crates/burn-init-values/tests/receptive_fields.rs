//! Neurons that are smooth around a centre.

use crate::common::{assert_refused, conv, draw, draw_neurons, energy, to_bits};
use burn_init_values::covariance::Centres;
use burn_init_values::dense::Gain;
use burn_init_values::weight::Along;
use burn_init_values::{ReceptiveFields, WeightLayout};

/// Mean products of the elements of `vectors` are those of a covariance, within 6 standard errors of each: a
/// right one fails for one of the pairs of all tests here with a probability below 10⁻⁶.
fn assert_covariance(name: &str, vectors: &[f32], len: usize, covariance: &[Vec<f64>]) {
    let count = (vectors.len() / len) as f64;
    for x in 0..len {
        for y in 0..=x {
            let products = vectors
                .chunks(len)
                .map(|w| f64::from(w[x]) * f64::from(w[y]));
            let mean = products.sum::<f64>() / count;
            let c = |x: usize, y: usize| covariance[x][y];
            let error = ((c(x, x) * c(y, y) + c(x, y).powi(2)) / count).sqrt();
            let expected = c(x, y);
            assert!(
                (mean - expected).abs() < 6.0 * error + 1e-12,
                "{name}, {x} and {y}: {mean} instead of {expected}"
            );
        }
    }
}

/// The paper's formula with the trace n · `variance`, for the points of a grid.
fn formula(
    points: &[Vec<f64>],
    f: f64,
    field: Option<(f64, &[f64])>,
    variance: f64,
) -> Vec<Vec<f64>> {
    let square =
        |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum() };
    let entry = |x: &Vec<f64>, y: &Vec<f64>| {
        let around = field.map_or(0.0, |(s, m)| (square(x, m) + square(y, m)) / (2.0 * s * s));
        (-square(x, y) / (2.0 * f * f) - around).exp()
    };
    let trace: f64 = points.iter().map(|x| entry(x, x)).sum();
    let scale = variance * points.len() as f64 / trace;
    let row = |x| points.iter().map(|y| scale * entry(x, y)).collect();
    points.iter().map(row).collect()
}

fn grid(rows: usize, columns: usize) -> Vec<Vec<f64>> {
    let point = |i: usize| vec![(i / columns) as f64, (i % columns) as f64];
    (0..rows * columns).map(point).collect()
}

#[test]
fn sample_covariance_is_the_formula() {
    const COUNT: usize = 40_000;
    let line: Vec<Vec<f64>> = (0..9).map(|x| vec![x as f64]).collect();
    // A single cell: its middle is that of the grid.
    let middle = |init: ReceptiveFields, axes: usize| init.centres(Centres::Regular(vec![1; axes]));
    for (size, scale) in [(2.0, 1.5), (1.0, 3.0), (8.0, 0.4)] {
        let w = draw_neurons(&middle(ReceptiveFields::new(size, scale), 1), COUNT, 9);
        let covariance = formula(&line, scale, Some((size, &[4.0])), 1.0 / 9.0);
        assert_covariance("line", &w, 9, &covariance);
    }
    let w = draw_neurons(&ReceptiveFields::stationary(2.0).gain(Gain::Relu), COUNT, 9);
    assert_covariance("stationary", &w, 9, &formula(&line, 2.0, None, 2.0 / 9.0));

    let init = middle(ReceptiveFields::new(1.2, 0.9).grid([4, 3]), 2);
    let covariance = formula(&grid(4, 3), 0.9, Some((1.2, &[1.5, 1.0])), 1.0 / 12.0);
    let w = draw_neurons(&init, COUNT, 12);
    assert_covariance("grid", &w, 12, &covariance);

    // fan_in of a kernel: 5 channels of 3×2 places.
    let init = middle(ReceptiveFields::new(1.0, 1.0).along(Along::Kernel), 2);
    let covariance = formula(&grid(3, 2), 1.0, Some((1.0, &[1.0, 0.5])), 1.0 / 30.0);
    let w = draw(&init, conv([COUNT / 5, 5, 3, 2]));
    assert_covariance("kernel", &w, 6, &covariance);
}

/// Different neurons are independent: the correlation of 10,000 pairs has standard error 0.01.
#[test]
fn neurons_are_independent() {
    let w = draw_neurons(&ReceptiveFields::stationary(1e9), 20_000, 3);
    let of_pair = |pair: &[f32]| f64::from(pair[0]) * f64::from(pair[3]) * 3.0;
    let correlation = w.chunks(6).map(of_pair).sum::<f64>() / 10_000.0;
    assert!(correlation.abs() < 0.05, "{correlation}");
    // A line that is all alike.
    assert!(w.chunks(3).all(|w| w[0] == w[2] && w[0] != 0.0));
}

/// Away from the centre there is nothing; for each centre, the mean variance is gain²/fan_in.
#[test]
fn fields_end_away_from_their_centres() {
    let centres = Centres::Regular(vec![4, 5]);
    let init = ReceptiveFields::new(1.5, 1.0)
        .grid([20, 30])
        .centres(centres)
        .gain(2.0);
    let w = draw_neurons(&init, 400, 600);
    let mut sums = [0.0; 20];
    for (j, w) in w.chunks(600).enumerate() {
        let cell = j % 20;
        let (row, column) = ((cell / 5) as f64 * 5.0 + 2.0, (cell % 5) as f64 * 6.0 + 2.5);
        for (i, w) in w.iter().enumerate() {
            let (y, x) = ((i / 30) as f64 - row, (i % 30) as f64 - column);
            let distance = (x * x + y * y).sqrt();
            // At 10 steps e^(−22), of a standard deviation below 2.
            assert!(distance < 10.0 || w.abs() < 1e-8, "{distance}: {w}");
        }
        let near = w[row as usize * 30 + column as usize];
        assert!(near != 0.0);
        sums[cell] += energy(w);
    }
    // Σw² is a sum of about π s²/f² squares; over 20 neurons its relative error is about 1/√140 · 1.4.
    let mean = sums.iter().sum::<f64>() / 400.0;
    assert!(
        (mean - 4.0).abs() < 6.0 * 4.0 * (2.0f64 / (400.0 * 7.0)).sqrt(),
        "{mean}"
    );
}

/// Of 10,000 centres on ten points each point has a tenth, within 5 standard deviations.
#[test]
fn centres_are_uniform() {
    let w = draw_neurons(&ReceptiveFields::new(1e-3, 1.0), 10_000, 10);
    let mut counts = [0usize; 10];
    for w in w.chunks(10) {
        let alive: Vec<usize> = (0..10).filter(|i| w[*i] != 0.0).collect();
        assert_eq!(alive.len(), 1);
        counts[alive[0]] += 1;
    }
    let near = |count: &usize| (*count as f64 - 1000.0).abs() < 5.0 * 900f64.sqrt();
    assert!(counts.iter().all(near), "{counts:?}");
}

/// A line is a grid of one axis, and of a second one of length 1; a neuron is the same in each layout.
#[test]
fn grids_and_lines() {
    let init = ReceptiveFields::new(6.0, 2.0);
    let line = draw_neurons(&init, 7, 50);
    for shape in [vec![50], vec![50, 1], vec![50, 1, 1]] {
        let grid = draw_neurons(&init.clone().grid(shape), 7, 50);
        assert_eq!(to_bits(&line), to_bits(&grid));
    }
    let row = draw(&init, WeightLayout::linear([50, 7]));
    assert!((0..350).all(|i| line[i] == row[i % 50 * 7 + i / 50]));
    let kernels = draw(&init.along(Along::Kernel), conv([7, 1, 50]));
    assert_eq!(to_bits(&line), to_bits(&kernels));
}

#[test]
fn any_rank_and_size() {
    for (size, scale) in [(1e-300, 1e-300), (1e300, 1e300), (0.3, 1e6), (1e6, 0.3)] {
        let init = ReceptiveFields::new(size, scale).grid([2, 3, 1, 2, 2]);
        let w = draw_neurons(&init, 50, 24);
        assert!(w.iter().all(|w| w.is_finite()), "{init}");
        assert!(energy(&w) > 0.0, "{init}");
    }
    let init = ReceptiveFields::new(0.01, 1.0).centres(Centres::Regular(vec![1]));
    // The middle lies between two points, which share the variance.
    let w = draw_neurons(&init, 100, 4);
    assert!(
        w.chunks(4)
            .all(|w| w[0] == 0.0 && w[1] != 0.0 && w[2] != 0.0)
    );
}

#[test]
fn refused() {
    let new = ReceptiveFields::new;
    let linear = || WeightLayout::linear([12, 4]);
    let cells = |cells: &[usize]| new(1.0, 1.0).centres(Centres::Regular(cells.to_vec()));
    let cases: [(ReceptiveFields, WeightLayout, &[&str]); 11] = [
        (
            new(0.0, 1.0),
            linear(),
            &["ReceptiveFields: size is 0", "greater than 0"],
        ),
        (new(1.0, f64::NAN), linear(), &["scale is NaN"]),
        (new(f64::INFINITY, 1.0), linear(), &["size is inf"]),
        (new(1.0, -1.0), linear(), &["scale is -1"]),
        (new(1.0, 1.0).gain(1e39), linear(), &["gain"]),
        (
            new(1.0, 1.0).grid([5, 2]),
            linear(),
            &["grid is [5, 2]", "12 points"],
        ),
        (
            cells(&[2, 2]),
            linear(),
            &["centres is [2, 2]", "each axis of [12]"],
        ),
        (cells(&[0]), linear(), &["at least 1"]),
        (
            new(1.0, 1.0),
            WeightLayout::linear([5000, 2]),
            &["at most 2048 points, not 5000"],
        ),
        (new(1.0, 1.0).along(Along::Kernel), linear(), &["no kernel"]),
        (
            new(1.0, 1.0),
            WeightLayout::vector([5]),
            &["rank 2 or more"],
        ),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}
