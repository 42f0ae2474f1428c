//! The normal distribution between two bounds.

mod common;

use burn_init_values::TruncatedNormal;
use common::{assert_refused, draw};

#[test]
fn bounds() {
    for (init, low, high) in [
        (TruncatedNormal::new(1.0, 0.5), 0.0, 2.0),
        (TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0), -2.0, 2.0),
        (TruncatedNormal::new(0.1, 1.0).bounds(0.1, 0.3), 0.1, 0.3),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(1.0, f64::INFINITY),
            1.0,
            f64::INFINITY,
        ),
        (
            TruncatedNormal::new(0.0, 3.0).deviations(-1.0, 0.5),
            -3.0,
            1.5,
        ),
        (TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0), 0.7, 0.7),
    ] {
        let w = draw(&init, [1000, 1000]);
        // A value of its own, such as 0.7, may not be an f32.
        let slack = if init == TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0) {
            1e-7
        } else {
            0.0
        };
        let bounds = low - slack..=high + slack;
        assert!(w.iter().all(|w| bounds.contains(&f64::from(*w))), "{init}");
    }
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let new = TruncatedNormal::new;
    let cases: [(TruncatedNormal, &[&str]); 6] = [
        (new(0.0, -0.1), &["TruncatedNormal: std is -0.1"]),
        (new(0.0, 1.0).bounds(2.0, 1.0), &["bounds is 2 to 1"]),
        (new(0.0, 1.0).bounds(NAN, 1.0), &["bounds is NaN to 1"]),
        (new(0.0, 1.0).bounds(7.0, 8.0), &["7 to 8", "mass"]),
        (new(5.0, 0.0).bounds(0.0, 1.0), &["0 to 1", "mass"]),
        (
            new(0.1, 1e-10).bounds(0.1 - 1e-10, 0.1 + 1e-10),
            &["an f32 lies between"],
        ),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [4, 4].into(), parts)));
}
