//! Kernels that are filters. That they transform pictures is tested with Burn's convolutions.

use crate::common::{assert_refused, conv, draw, grouped};
use burn_init_values::WaveletFilters;
use burn_init_values::wavelet::{Family, Transform};

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

/// With stride 2 on a periodic signal, the convolution is one level of the transform; the transposed
/// convolution with the dual's kernels undoes it, and so does a convolution with the reconstruction's
/// kernels after zeros were put between the coefficients.
#[test]
fn biorthogonal_filters_are_the_transform() {
    const N: usize = 24;
    for family in Family::all() {
        let taps = family.filter_len();
        let kernels = |init: WaveletFilters| draw(&init, conv([2, 1, taps]));
        let decomposition = kernels(WaveletFilters::decomposition(family));
        let signal = draw(&burn_init_values::Normal::new(0.0, 1.0), [N, 1]);
        // Place i of the padded signal is i + 1 − F/2 of the signal, around the ends.
        let around = |i: usize| (i + N * taps + 1 - taps / 2) % N;
        let mut expected = signal.clone();
        let transform = Transform::new(family, &[N], 1).unwrap();
        transform.forward(&mut expected, &mut transform.scratch());
        let mut coefficients = [0f32; N];
        for (i, c) in coefficients.iter_mut().enumerate() {
            let (band, k) = (i / (N / 2), i % (N / 2));
            let kernel = &decomposition[band * taps..][..taps];
            *c = (0..taps)
                .map(|t| kernel[t] * signal[around(2 * k + t)])
                .sum();
            assert!((*c - expected[i]).abs() < 1e-5, "{family}");
        }
        let dual = kernels(WaveletFilters::decomposition(family.dual()));
        let reconstruction = kernels(WaveletFilters::reconstruction(family));
        let mut transposed = [0f32; N];
        let mut convolved = [0f32; N];
        for (i, c) in coefficients.iter().enumerate() {
            let (band, k) = (i / (N / 2), i % (N / 2));
            for t in 0..taps {
                transposed[around(2 * k + t)] += c * dual[band * taps + t];
                convolved[around(2 * k + t)] += c * reconstruction[(band + 1) * taps - 1 - t];
            }
        }
        for rebuilt in [transposed, convolved] {
            let equal = rebuilt
                .iter()
                .zip(&signal)
                .all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(equal, "{family}");
        }
    }
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
        (
            WaveletFilters::decomposition("bior3.1".parse().unwrap())
                .gain(-3.4e38)
                .into(),
            conv([1, 1, 4]),
            &["gain · the largest entry"],
        ),
    ]);
}
