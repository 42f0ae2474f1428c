//! One value for all.

use crate::common::{assert_refused, draw};
use burn_init_values::{Constant, Initializer, Seed};

#[test]
fn constants() {
    assert_eq!(draw(&Constant::new(0.25), [3]), [0.25; 3]);
    let random = draw(&Constant::random(), [40, 40]);
    assert!(random[0] > 0.0 && random[0] < 1.0);
    assert!(random.iter().all(|w| *w == random[0]));
    let other = Constant::random()
        .draw(&[1].into(), Seed::new(13).key("w"))
        .unwrap();
    assert_ne!(other[0], random[0]);
    // Over many seeds it is uniform: the mean of 10,000 within 5 standard errors of ½.
    let mean: f32 = (0..10_000)
        .map(|seed| {
            Constant::random()
                .draw(&[1].into(), Seed::new(seed).key("w"))
                .unwrap()[0]
        })
        .sum::<f32>()
        / 10_000.0;
    assert!((mean - 0.5).abs() < 5.0 / (12.0f32 * 10_000.0).sqrt());
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    assert_refused([
        (
            Constant::new(NAN).into(),
            [4, 4].into(),
            &["Constant", "value", "NaN", "finite"][..],
        ),
        (
            Constant::new(1e300).into(),
            [4, 4].into(),
            &["Constant", "range of f32"],
        ),
    ]);
}
