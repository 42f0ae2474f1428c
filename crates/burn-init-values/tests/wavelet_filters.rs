//! Kernels that are filters. That they transform pictures is tested with Burn's convolutions.

mod common;

use burn_init_values::WaveletFilters;
use burn_init_values::wavelet::Family;
use common::{assert_refused, conv, draw, grouped};

#[test]
fn filters_of_channels() {
    let init = WaveletFilters::decomposition(Family::HAAR);
    // Full: output o has band o mod 2 of input o / 2; depthwise: all bands of each channel.
    let full = draw(&init, conv([4, 2, 2]));
    let h = std::f32::consts::FRAC_1_SQRT_2;
    let (low, high, none) = ([h, h], [h, -h], [0.0, 0.0]);
    assert_eq!(
        full,
        [low, none, high, none, none, low, none, high].concat()
    );
    // In each group, bands are counted from the first.
    let three = draw(&init, grouped(conv([3, 1, 2]), 3));
    assert_eq!(three, [low, low, low].concat());
    let in_groups = draw(&init, grouped(conv([4, 2, 2]), 2));
    assert_eq!(
        in_groups,
        [low, none, high, none, low, none, high, none].concat()
    );
    let depthwise = draw(&init, grouped(conv([4, 1, 2]), 2));
    assert_eq!(depthwise, [low, high, low, high].concat());
    let longer = draw(&init.gain(2.0), conv([2, 1, 3]));
    assert_eq!(longer, [2.0 * h, 2.0 * h, 0.0, 2.0 * h, -2.0 * h, 0.0]);
    let turned = draw(
        &WaveletFilters::reconstruction("db2".parse().unwrap()),
        conv([1, 1, 4]),
    );
    let expected = Family::daubechies(2).unwrap().decomposition_low_pass();
    assert!(turned.iter().zip(expected).all(|(t, e)| *t == *e as f32));
}

#[test]
fn refused() {
    let db2: Family = "db2".parse().unwrap();
    assert_refused([
        (
            WaveletFilters::decomposition(Family::HAAR).into(),
            [8, 4].into(),
            &["a convolution's kernel"][..],
        ),
        (
            WaveletFilters::decomposition(db2).into(),
            conv([4, 1, 4, 3]),
            &["3 places along an axis"],
        ),
        (
            WaveletFilters::reconstruction(db2).gain(f64::NAN).into(),
            conv([4, 1, 4]),
            &["gain is NaN"],
        ),
    ]);
}
