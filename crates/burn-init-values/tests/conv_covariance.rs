//! Kernels with the covariance of trained ones.

use crate::common::{assert_refused, conv, conv_transpose, draw, energy, grouped, to_bits};
use burn_init_values::{ConvCovariance, WeightLayout};

/// By the definition: Σ of a k×k kernel, not normalised.
fn sigma(k: usize, variance: f64) -> Vec<Vec<f64>> {
    let middle = (k / 2) as f64;
    let at = |i: usize| ((i / k) as f64, (i % k) as f64);
    let bell = |(a, b): (f64, f64), (c, d): (f64, f64)| {
        (-((a - c).powi(2) + (b - d).powi(2)) / (2.0 * variance)).exp()
    };
    let z = |i: usize| bell(at(i), (middle, middle));
    // In the paper's terms: masked rows, dynamic less half of the static component, static component.
    let half = |x: usize, y: usize| z(x) * (bell(at(x), at(y)) - 0.5 * z(y)) * z(y);
    let row = |x: usize| {
        (0..k * k)
            .map(|y| 0.5 * (half(x, y) + half(y, x)))
            .collect()
    };
    (0..k * k).map(row).collect()
}

/// The mean products of `count` kernels.
fn sample(init: &ConvCovariance, count: usize, k: usize) -> Vec<f64> {
    let w = draw(init, grouped(conv([count, 1, k, k]), count));
    let n = k * k;
    let mut products = vec![0.0; n * n];
    for w in w.chunks(n) {
        for (i, product) in products.iter_mut().enumerate() {
            *product += f64::from(w[i / n]) * f64::from(w[i % n]) / count as f64;
        }
    }
    products
}

/// The covariance is Σ where that has no negative eigenvalues, as for narrow bells on 3×3 places; its
/// mean variance is gain²/fan_in. Within 6 standard errors of each pair: a right one fails with a
/// probability below 10⁻⁶.
#[test]
fn sample_covariance_is_the_formula() {
    const COUNT: usize = 40_000;
    for variance in [0.2, 0.4] {
        let expected = sigma(3, variance);
        let trace: f64 = (0..9).map(|i| expected[i][i]).sum();
        let sample = sample(&ConvCovariance::new(variance).gain(3.0), COUNT, 3);
        let scale = 9.0 / trace;
        for (i, given) in sample.into_iter().enumerate() {
            let (x, y) = (i / 9, i % 9);
            let c = |x: usize, y: usize| scale * expected[x][y];
            let error = ((c(x, x) * c(y, y) + c(x, y).powi(2)) / COUNT as f64).sqrt();
            assert!(
                (given - c(x, y)).abs() < 6.0 * error,
                "{variance}, {x} {y}: {given} instead of {}",
                c(x, y)
            );
        }
    }
}

/// Wider bells reach further: the share of the variance that the outermost places have.
#[test]
fn deeper_layers_are_more_diffuse() {
    let mut last = 0.0;
    for layer in 0..5 {
        let init = ConvCovariance::at_depth(f64::from(layer) / 4.0, 0.5, 0.5, 3.0);
        let w = draw(&init, grouped(conv([500, 1, 9, 9]), 500));
        assert!((energy(&w) / 500.0 - 1.0).abs() < 0.3, "{init}");
        let edge = |i: usize| [0, 8].contains(&(i / 9)) || [0, 8].contains(&(i % 9));
        let outer: f64 = (0..w.len())
            .filter(|i| edge(i % 81))
            .map(|i| f64::from(w[i]).powi(2))
            .sum();
        assert!(outer > 3.0 * last, "{init}: {outer}");
        last = outer;
    }
    assert_eq!(
        ConvCovariance::at_depth(1.0, 0.5, 0.5, 3.0),
        ConvCovariance::new(2.5)
    );
}

/// Kernels of other ranks and even widths, and more channels.
#[test]
fn any_kernel() {
    for layout in [
        conv([8, 4, 5]),
        conv([8, 4, 4, 3]),
        conv([4, 2, 2, 2, 2]),
        conv_transpose([4, 2, 4, 4]),
    ] {
        for variance in [0.01, 1.0, 1e6] {
            let init = ConvCovariance::new(variance);
            let w = draw(&init, layout.clone());
            assert!(
                w.iter().all(|w| w.is_finite()) && energy(&w) > 0.0,
                "{init}"
            );
        }
    }
    // The same kernels, whatever the groups; fan_in and so the scale differ.
    let init = ConvCovariance::new(0.7);
    let some = draw(&init, grouped(conv([6, 1, 3, 3]), 6));
    let more = draw(&init.gain(2f64.sqrt()), conv([3, 2, 3, 3]));
    assert!(some.iter().zip(&more).all(|(a, b)| (a - b).abs() < 1e-6));
    assert_ne!(to_bits(&some[..9]), to_bits(&some[9..18]));
}

#[test]
fn refused() {
    let new = ConvCovariance::new;
    let cases: [(ConvCovariance, WeightLayout, &[&str]); 6] = [
        (
            new(0.0),
            conv([4, 1, 3, 3]),
            &["ConvCovariance: variance is 0", "from 0.01"],
        ),
        (new(f64::NAN), conv([4, 1, 3, 3]), &["variance is NaN"]),
        (new(1e9), conv([4, 1, 3, 3]), &["1000000"]),
        (
            new(1.0).gain(f64::INFINITY),
            conv([4, 1, 3, 3]),
            &["gain is inf"],
        ),
        (new(1.0), [4, 4].into(), &["no kernel"]),
        (
            new(1.0),
            conv([1, 1, 33, 33]),
            &["at most 1024 places, not 1089"],
        ),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}
