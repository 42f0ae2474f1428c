//! Distributions of another library.

use crate::common::{check, draw};
use burn_init_values::{AnyInitializer, Sampled};

/// Mean and variance of another library's distribution, within 5 standard errors.
#[test]
fn sampled() {
    let w = draw(
        &Sampled(rand_distr::Gamma::new(2.0f32, 0.5).unwrap()),
        [1000, 1000],
    );
    let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / 1e6;
    assert!((mean - 1.0).abs() < 5.0 * 0.5f64.sqrt() / 1e3, "{mean}");
    // Fourth central moment of Gamma(2, ½): (3·2² + 6·2)·½⁴ = 3/2.
    let variance = w
        .iter()
        .map(|w| (f64::from(*w) - mean).powi(2))
        .sum::<f64>()
        / 1e6;
    assert!(
        (variance - 0.5).abs() < 5.0 * (1.5f64 - 0.25).sqrt() / 1e3,
        "{variance}"
    );
    let name = AnyInitializer::custom(Sampled(rand_distr::StandardNormal)).to_string();
    assert_eq!(name, "sampled from StandardNormal");
}

/// An element has a generator of its own: there are fewer of them than elements of the largest
/// parameters.
#[test]
fn refused() {
    let message = check(Sampled(rand_distr::StandardNormal), [1 << 25, 1 << 20]).unwrap_err();
    assert!(
        message.contains("at most 17179869184 elements"),
        "{message}"
    );
}
