//! The normal distribution.

use crate::common::{assert_refused, draw, energy};
use burn_init_values::{Normal, WeightLayout};

/// Variance and mean, within 5 standard errors: √(2/n) of the variance.
#[test]
fn moments() {
    for (init, mean, variance) in [
        (Normal::fan_in(), 0.0, 1.0 / 300.0),
        (Normal::new(0.5, 0.1), 0.5, 0.01),
    ] {
        let mut w = draw(&init, WeightLayout::linear([300, 200]));
        let n = w.len() as f64;
        let given = w.iter().map(|w| f64::from(*w)).sum::<f64>() / n;
        assert!((given - mean).abs() < 5.0 * (variance / n).sqrt(), "{init}");
        w.iter_mut().for_each(|w| *w -= mean as f32);
        let ratio = energy(&w) / n / variance;
        assert!((ratio - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{init}");
    }
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    const INFINITY: f64 = f64::INFINITY;
    let cases: [(Normal, &[&str]); 5] = [
        (
            Normal::new(0.0, -1.0),
            &["Normal: std is -1", "0 or greater"],
        ),
        (Normal::new(0.0, NAN), &["Normal: std is NaN"]),
        (Normal::new(INFINITY, 1.0), &["Normal: mean is inf"]),
        (Normal::new(0.0, 1e39), &["Normal: std", "range of f32"]),
        (Normal::new(0.0, 1e38), &["std", "range of f32"]),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [4, 4].into(), parts)));
}
