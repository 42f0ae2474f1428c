//! Weights of a given spectral norm, and variances by roles.

use crate::common::{assert_refused, conv, draw, draw_neurons, energy, grouped, to_bits};
use burn_init_values::weight::Axis;
use burn_init_values::{Initializer, MuP, Normal, Seed, Spectral, WeightLayout};

/// Wx for a matrix with a row for each neuron.
fn apply(w: &[f32], x: &[f64]) -> Vec<f64> {
    let row = |row: &[f32]| row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum();
    w.chunks(x.len()).map(row).collect()
}

fn length(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The spectral norm, by power iteration.
fn norm(w: &[f32], columns: usize) -> f64 {
    let mut x: Vec<f64> = (0..columns).map(|i| 1.0 + (i * 7 % 5) as f64).collect();
    let mut norm = 0.0;
    for _ in 0..300 {
        let y = apply(w, &x);
        norm = length(&y) / length(&x);
        let back = |j: usize| {
            y.iter()
                .zip(w.chunks(columns))
                .map(|(y, row)| y * f64::from(row[j]))
                .sum()
        };
        x = (0..columns).map(back).collect();
        let length = length(&x);
        x.iter_mut().for_each(|x| *x /= length);
    }
    norm
}

/// The norm is gain · √(m/n): exactly, or within the few percent that normal matrices of these sizes
/// differ by (fluctuations of the largest singular value are of the relative order n^(−2/3)).
#[test]
fn spectral_norms() {
    for (m, n, gain) in [
        (64, 64, 1.0),
        (100, 25, 1.0),
        (20, 300, 0.5),
        (1, 7, 1.0),
        (300, 2, -2.0),
    ] {
        let expected = f64::abs(gain) * (m as f64 / n as f64).sqrt();
        let exact = norm(&draw_neurons(&Spectral::orthogonal().gain(gain), m, n), n);
        assert!((exact / expected - 1.0).abs() < 1e-5, "{m}×{n}: {exact}");
    }
    for (m, n) in [(200, 200), (400, 100), (100, 400), (300, 30)] {
        let expected = (m as f64 / n as f64).sqrt();
        let normal = norm(&draw_neurons(&Spectral::normal(), m, n), n);
        assert!((normal / expected - 1.0).abs() < 0.08, "{m}×{n}: {normal}");
    }
    // Each group of a convolution is a matrix: 4 outputs of 2 · 3 inputs.
    let w = draw(&Spectral::orthogonal(), grouped(conv([8, 2, 3]), 2));
    for group in w.chunks(24) {
        assert!((norm(group, 6) - (4.0f64 / 6.0).sqrt()).abs() < 1e-5);
    }
    let axes = [Axis::Index, Axis::Output, Axis::Input];
    let experts = WeightLayout::new([3, 9, 4], axes).unwrap();
    for expert in draw(&Spectral::orthogonal(), experts).chunks(36) {
        assert!((norm(expert, 4) - 1.5).abs() < 1e-5);
    }
}

/// Standard normal numbers as f64.
fn numbers(len: usize, path: &str) -> Vec<f64> {
    let w = Normal::new(0.0, 1.0).draw(&WeightLayout::vector([len]), Seed::new(3).key(path));
    w.unwrap().into_iter().map(f64::from).collect()
}

fn root_mean_square(x: &[f64]) -> f64 {
    length(x) / (x.len() as f64).sqrt()
}

/// The coordinate check: a linear network of growing width, on one input of 32 numbers of size 1. What comes
/// in and what is hidden keeps a size of 1; the output has that of √(base/width) with µP, and in the
/// standard parametrization 1. Over 20 networks; the mean square of 10 outputs has a relative standard
/// error of √(2/200) = 0.1, the square root half of it: 5 of them.
#[test]
fn coordinate_check() {
    const BASE: f64 = 64.0;
    for width in [64usize, 256, 1024] {
        let (mut hidden, mut mup, mut standard, mut multiplied) = (0.0, 0.0, 0.0, 0.0);
        for network in 0..20 {
            let matrix = |init: &MuP, name: &str, outputs: usize, inputs: usize| {
                let key = Seed::new(network).key(name);
                init.draw(&WeightLayout::linear_col([outputs, inputs]), key)
                    .unwrap()
            };
            let x = numbers(32, &format!("input {network}"));
            let size = root_mean_square(&x);
            let x: Vec<f64> = x.into_iter().map(|x| x / size).collect();
            let first = apply(&matrix(&MuP::input(), "first", width, 32), &x);
            let second = apply(&matrix(&MuP::hidden(), "second", width, width), &first);
            let last = |init: MuP| {
                let y = apply(&matrix(&init, "last", 10, width), &second);
                root_mean_square(&y).powi(2) / 20.0
            };
            hidden += root_mean_square(&second).powi(2) / 20.0;
            mup += last(MuP::output(BASE));
            standard += last(MuP::hidden());
            multiplied += last(MuP::output(BASE).multiplied());
        }
        let ratio = BASE / width as f64;
        let cases = [
            ("hidden", hidden, 1.0),
            ("µP", mup, ratio),
            ("standard", standard, 1.0),
            ("multiplied", multiplied * ratio * ratio, ratio),
        ];
        for (name, square, expected) in cases {
            let relative = (square / expected).sqrt();
            assert!((relative - 1.0).abs() < 0.3, "{name}, {width}: {relative}");
        }
    }
}

/// With an orthogonal matrix the size of a signal is kept exactly where the width grows or stays.
#[test]
fn spectral_coordinate_check() {
    for width in [32, 100, 400] {
        let x = numbers(32, "input");
        let first = apply(&draw_neurons(&Spectral::orthogonal(), width, 32), &x);
        let second = apply(&draw_neurons(&Spectral::orthogonal(), width, width), &first);
        let ratio = root_mean_square(&second) / root_mean_square(&x);
        assert!((ratio - 1.0).abs() < 1e-5, "{width}: {ratio}");
        // No output is larger than its inputs.
        let output = apply(&draw_neurons(&Spectral::orthogonal(), 10, width), &second);
        assert!(root_mean_square(&output) <= 1.00001 * root_mean_square(&second));
    }
}

/// Variances by the tables, within 5 standard errors of 60,000 values; at the base width those of the
/// standard parametrization, bit for bit.
#[test]
fn variances_by_role() {
    let cases: [(MuP, WeightLayout, f64); 8] = [
        (MuP::input(), [20, 3000].into(), 1.0 / 20.0),
        (MuP::input(), WeightLayout::embedding([3000, 20]), 1.0),
        (
            MuP::input().gain(0.02),
            WeightLayout::vector([60_000]),
            0.0004,
        ),
        (MuP::hidden().gain(2.0), [200, 300].into(), 4.0 / 200.0),
        (MuP::hidden(), conv([200, 100, 3]), 1.0 / 300.0),
        (MuP::output(50.0), [600, 100].into(), 50.0 / 360_000.0),
        (
            MuP::output(50.0).multiplied(),
            [600, 100].into(),
            1.0 / 50.0,
        ),
        (MuP::output(600.0), [600, 100].into(), 1.0 / 600.0),
    ];
    for (init, layout, variance) in cases {
        let w = draw(&init, layout);
        let given = energy(&w) / w.len() as f64;
        assert!(
            (given / variance - 1.0).abs() < 5.0 * (2.0f64 / 60_000.0).sqrt(),
            "{init}: {given}"
        );
    }
    for shape in [[64, 64], [256, 10]] {
        let standard = draw(&Normal::fan_in(), shape);
        for init in [
            MuP::hidden(),
            MuP::output(shape[0] as f64),
            MuP::output(shape[0] as f64).multiplied(),
        ] {
            assert_eq!(to_bits(&draw(&init, shape)), to_bits(&standard), "{init}");
        }
    }
    assert_eq!(MuP::hidden().multiplied(), MuP::hidden());
}

#[test]
fn refused() {
    let linear = || WeightLayout::linear([4, 4]);
    assert_refused([
        (
            Spectral::normal().gain(f64::NAN).into(),
            linear(),
            &["Spectral: gain is NaN"][..],
        ),
        (
            Spectral::orthogonal().gain(3.4e38).into(),
            [1, 4].into(),
            &["Spectral: gain"],
        ),
        (
            Spectral::normal().into(),
            WeightLayout::embedding([4, 4]),
            &["needs a weight with inputs"],
        ),
        (
            Spectral::normal().into(),
            WeightLayout::vector([4]),
            &["rank 2 or more"],
        ),
        (
            MuP::output(0.0).into(),
            linear(),
            &["MuP: base_width is 0", "greater than 0"],
        ),
        (
            MuP::output(f64::NAN).multiplied().into(),
            linear(),
            &["base_width is NaN"],
        ),
        (
            MuP::hidden().gain(f64::INFINITY).into(),
            linear(),
            &["MuP: gain is inf"],
        ),
        (
            MuP::hidden().into(),
            WeightLayout::vector([4]),
            &["MuP needs a fan_in"],
        ),
        (
            MuP::output(1.0).multiplied().into(),
            WeightLayout::vector([4]),
            &["MuP needs a fan_in"],
        ),
    ]);
}
