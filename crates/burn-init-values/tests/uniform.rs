//! The uniform distribution.

use crate::common::{assert_refused, draw, energy};
use burn_init_values::Uniform;

/// Between the bounds; variance (high − low)²/12, and mean, within 5 standard errors: of the variance
/// v over n values, that is v·√(0.8/n).
#[test]
fn bounds_and_moments() {
    for (low, high) in [(-0.05, 0.05), (0.0, 1.0), (-3.0, 1.0), (0.25, 0.25)] {
        let init = Uniform::new(low, high);
        let mut w = draw(&init, [1000, 1000]);
        assert!(
            w.iter().all(|w| (low..=high).contains(&f64::from(*w))),
            "{init}"
        );
        let (n, middle) = (w.len() as f64, 0.5 * (low + high));
        let variance = (high - low).powi(2) / 12.0;
        let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / n;
        assert!(
            (mean - middle).abs() <= 5.0 * (variance / n).sqrt(),
            "{init}: {mean}"
        );
        w.iter_mut().for_each(|w| *w -= middle as f32);
        let given = energy(&w) / n;
        let bound = 5.0 * (0.8 / n).sqrt() * variance;
        assert!((given - variance).abs() <= bound, "{init}: {given}");
    }
}

/// Bounds that are no f32, and so near to each other that some values round to them.
#[test]
fn narrow() {
    // The nearest f32 of the lower bound lies below it, and in the second that of the upper one above it.
    for (low, high) in [(0.960836, 0.960840), (-0.960840, -0.960836)] {
        let w = draw(&Uniform::new(low, high), [1000, 100]);
        let inside = |w: &f32| (low..=high).contains(&f64::from(*w));
        assert!(w.iter().all(inside), "{low} to {high}");
    }
}

#[test]
fn refused() {
    let cases: [(Uniform, &[&str]); 3] = [
        (Uniform::new(1.000_000_000_01, 1.0), &["at most high"]),
        (
            Uniform::new(1.0, -1.0),
            &["Uniform: low is 1 with high -1", "at most high"],
        ),
        (Uniform::new(0.0, f64::INFINITY), &["Uniform: high is inf"]),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [4, 4].into(), parts)));
}
