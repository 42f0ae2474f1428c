//! Banks of filters.

use std::f64::consts::TAU;

use crate::common::{
    assert_refused, conv, conv_transpose, distance_from_orthogonal, draw, draw_neurons, grouped,
};
use burn_init_values::waves::{MelBands, MelScale};
use burn_init_values::weight::Axis;
use burn_init_values::{FilterBank, WeightLayout};

fn assert_near(values: &[f32], expected: &[f64], bound: f64) {
    assert_eq!(values.len(), expected.len());
    for (value, expected) in values.iter().zip(expected) {
        let error = (f64::from(*value) - expected).abs();
        assert!(error < bound, "{value} {expected}");
    }
}

/// `librosa.filters.mel(sr=8000, n_fft=32, …, dtype=np.float64)` of librosa 0.11: with `n_mels=4,
/// htk=True, norm=None` (torchaudio's default), with `n_mels=4` (librosa's default), and with
/// `n_mels=3, fmin=300, fmax=3000, norm=None`.
#[test]
#[rustfmt::skip]
fn triangles_of_librosa() {
    let bands = || MelBands::new(8000.0);
    let htk = [
        [0.0, 0.770494212, 0.6303523, 0.103887406, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.3696477, 0.896112594, 0.711260371, 0.351536339, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
         0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.288739629, 0.648463661, 0.994405496, 0.748612507, 0.502819519, 0.257026531,
         0.0112335425, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0055945044, 0.251387493, 0.497180481, 0.742973469, 0.988766457, 0.839729732,
         0.671783786, 0.503837839, 0.335891893, 0.167945946, 0.0],
    ];
    assert_near(&draw_neurons(&FilterBank::mel(8000.0), 4, 17), htk.as_flattened(), 1e-7);

    let slaney = [
        [0.0, 0.00113729181, 0.00199117176, 0.000853879945, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
         0.0, 0.0],
        [0.0, 0.0, 0.000126310239, 0.00114004055, 0.00169804267, 0.000883000088, 6.79575099e-05, 0.0, 0.0, 0.0, 0.0,
         0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.000139766584, 0.00070063015, 0.00126149372, 0.000991218798, 0.000645340572,
         0.000299462346, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.000195499592, 0.00040878252, 0.000622065449, 0.000789077745,
         0.000657564787, 0.00052605183, 0.000394538872, 0.000263025915, 0.000131512957, 0.0],
    ];
    let init = FilterBank::mel(bands().scale(MelScale::Slaney)).area();
    assert_near(&draw_neurons(&init, 4, 17), slaney.as_flattened(), 2e-10);
    assert_near(&draw_neurons(&init.gain(-4.0), 4, 17), &slaney.as_flattened().iter().map(|x| -4.0 * x)
        .collect::<Vec<_>>(), 1e-9);

    let narrow = [
        [0.0, 0.0, 0.45318244, 0.981378371, 0.444833043, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0186216288, 0.555166957, 0.938587858, 0.579307769, 0.220027681, 0.0, 0.0, 0.0, 0.0, 0.0,
         0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0614121421, 0.420692231, 0.779972319, 0.911662767, 0.683747075, 0.455831384,
         0.227915692, 0.0, 0.0, 0.0, 0.0, 0.0],
    ];
    let init = FilterBank::mel(bands().between(300.0, 3000.0).scale(MelScale::Slaney));
    assert_near(&draw_neurons(&init, 3, 17), narrow.as_flattened(), 1e-7);
}

/// The example in the documentation of librosa's `mel_frequencies(n_mels=40)`: the edges of 38
/// triangles over a spectrum in steps of 1 Hz; and the first weights in the example of
/// `filters.mel(sr=22050, n_fft=2048)`, with the digits that the crate mel_filter documents.
#[test]
fn frequencies_in_librosas_documentation() {
    let edges = [
        0.0f64, 85.317, 170.635, 255.952, 341.269, 426.586, 511.904, 597.221, 682.538, 767.855,
        853.173, 938.49, 1024.856, 1119.114, 1222.042, 1334.436, 1457.167, 1591.187, 1737.532,
        1897.337, 2071.84, 2262.393, 2470.47, 2697.686, 2945.799, 3216.731, 3512.582, 3835.643,
        4188.417, 4573.636, 4994.285, 5453.621, 5955.205, 6502.92, 7101.009, 7754.107, 8467.272,
        9246.028, 10096.408, 11025.0,
    ];
    let slaney = || FilterBank::mel(MelBands::new(22_050.0).scale(MelScale::Slaney));
    let w = draw_neurons(&slaney(), 38, 11_026);
    for (triangle, edges) in w.chunks(11_026).zip(edges.windows(3)) {
        let first = triangle.iter().position(|w| *w > 1e-9).unwrap() as f64;
        let last = triangle.iter().rposition(|w| *w > 1e-9).unwrap() as f64;
        let highest = (0..11_026)
            .max_by(|a, b| triangle[*a].total_cmp(&triangle[*b]))
            .unwrap();
        assert_eq!(first, edges[0].floor() + 1.0);
        assert_eq!(last, edges[2].ceil() - 1.0);
        assert!((highest as f64 - edges[1]).abs() < 1.0);
        // On its way up, at a whole frequency.
        let middle = (0.5 * (edges[0] + edges[1])).round();
        let expected = (middle - edges[0]) / (edges[1] - edges[0]);
        assert!((f64::from(triangle[middle as usize]) - expected).abs() < 2e-5);
    }

    let w = draw_neurons(&slaney().area(), 128, 1025);
    let first = [0.0, 0.016182853, 0.032365706, 0.028990088, 0.012807235, 0.0];
    let second = [
        0.0,
        0.0,
        0.0,
        0.009779236,
        0.025962089,
        0.035393705,
        0.019210852,
        0.003027999,
    ];
    assert_near(&w[..6], &first, 2e-9);
    assert_near(&w[1025..1033], &second, 2e-9);
}

/// The orthonormal Fourier basis: n = 4 and 5 by its formula in NumPy, and others by products.
#[test]
fn fourier_basis() {
    let r = 0.5f64.sqrt();
    let four = [
        [0.5; 4],
        [r, 0.0, -r, 0.0],
        [0.0, r, 0.0, -r],
        [0.5, -0.5, 0.5, -0.5],
    ];
    assert_near(
        &draw_neurons(&FilterBank::fourier(), 4, 4),
        four.as_flattened(),
        4e-8,
    );
    let five = [
        [0.44721360, 0.44721360, 0.44721360, 0.44721360, 0.44721360],
        [0.63245553, 0.19543951, -0.51166727, -0.51166727, 0.19543951],
        [0.0, 0.60150096, 0.37174803, -0.37174803, -0.60150096],
        [0.63245553, -0.51166727, 0.19543951, 0.19543951, -0.51166727],
        [0.0, 0.37174803, -0.60150096, 0.60150096, -0.37174803],
    ];
    assert_near(
        &draw_neurons(&FilterBank::fourier(), 5, 5),
        five.as_flattened(),
        5e-8,
    );
    for (m, n) in [(1, 1), (2, 2), (3, 3), (64, 64), (77, 77), (10, 100)] {
        let w = draw_neurons(&FilterBank::fourier().gain(2.0), m, n);
        let distance = distance_from_orthogonal(&w, m, n, 2.0);
        assert!(distance < 1e-6, "{m} {n} {distance}");
    }
}

/// By NumPy: `(2*b*np.sinc(2*b*t) - 2*a*np.sinc(2*a*t)) * np.hamming(9)`, with a and b neighbours
/// in `librosa.mel_frequencies(n_mels=4, fmin=100, fmax=3900, htk=True) / 8000` and `t =
/// np.arange(9) - 4`; and a kernel of four samples, whose middle is between two of them.
#[test]
fn sinc_filters() {
    let expected = [
        [
            0.0027652714,
            0.0171853692,
            0.0650626257,
            0.128376295,
            0.158304787,
            0.128376295,
            0.0650626257,
            0.0171853692,
            0.0027652714,
        ],
        [
            -0.00730398755,
            -0.0441888453,
            -0.06076788,
            0.123951197,
            0.283606815,
            0.123951197,
            -0.06076788,
            -0.0441888453,
            -0.00730398755,
        ],
        [
            0.000604189581,
            0.0270034761,
            -0.0311838495,
            -0.252327492,
            0.508088398,
            -0.252327492,
            -0.0311838495,
            0.0270034761,
            0.000604189581,
        ],
    ];
    let init = FilterBank::sinc(MelBands::new(8000.0).between(100.0, 3900.0));
    assert_near(&draw(&init, conv([3, 1, 9])), expected.as_flattened(), 4e-8);
    let even = [-0.01885423, 0.47057425, 0.47057425, -0.01885423];
    assert_near(&draw(&init, conv([1, 1, 4])), &even, 4e-8);
}

/// Long filters pass the middle of their bands with a gain of 1, and neither the middle of other
/// bands nor, but for the first, a constant.
#[test]
fn sinc_filters_pass_their_bands() {
    let (m, n, rate) = (8, 1001, 16_000.0);
    let w = draw(
        &FilterBank::sinc(MelBands::new(rate).between(200.0, 7800.0)),
        conv([m, 1, n]),
    );
    let edges: Vec<f64> = (0..=m)
        .map(|i| {
            let (low, high) = (MelScale::Htk.mels(200.0), MelScale::Htk.mels(7800.0));
            MelScale::Htk.hertz(low + (high - low) * i as f64 / m as f64)
        })
        .collect();
    let gain = |filter: &[f32], hertz: f64| -> f64 {
        let angle = |t: usize| TAU * hertz / rate * t as f64;
        let sum = |wave: &dyn Fn(f64) -> f64| -> f64 {
            filter
                .iter()
                .enumerate()
                .map(|(t, w)| f64::from(*w) * wave(angle(t)))
                .sum()
        };
        sum(&f64::cos).hypot(sum(&f64::sin))
    };
    for (k, filter) in w.chunks(n).enumerate() {
        for other in 0..m {
            let middle = 0.5 * (edges[other] + edges[other + 1]);
            let expected = if k == other { 1.0 } else { 0.0 };
            let gain = gain(filter, middle);
            assert!((gain - expected).abs() < 0.01, "{k} {other}: {gain}");
        }
        assert!(gain(filter, 0.0) < 0.01);
    }
}

/// The same rows in every layout, and a bank for each group and expert.
#[test]
fn rows_in_every_layout() {
    for init in [
        FilterBank::fourier(),
        FilterBank::mel(16_000.0),
        FilterBank::sinc(16_000.0),
    ] {
        let rows = draw_neurons(&init, 5, 30);
        let columns: Vec<f32> = (0..150).map(|i| rows[i % 5 * 30 + i / 5]).collect();
        assert_eq!(draw(&init, WeightLayout::linear([30, 5])), columns);
        for layout in [
            conv([5, 1, 30]),
            conv([5, 30]),
            conv([5, 30, 1, 1]),
            conv([5, 1, 1, 30]),
        ] {
            assert_eq!(draw(&init, layout), rows);
        }
        assert_eq!(draw(&init, grouped(conv([10, 1, 30]), 2)), rows.repeat(2));
        assert_eq!(draw(&init, conv_transpose([1, 5, 30])), rows);
        assert_eq!(draw(&init, conv_transpose([30, 5, 1])), columns);
        let experts = WeightLayout::new([2, 30, 5], [Axis::Index, Axis::Input, Axis::Output]);
        assert_eq!(draw(&init, experts.unwrap()), columns.repeat(2));
    }
}

#[test]
fn refused() {
    let mel = |bands: MelBands| FilterBank::mel(bands);
    let at = |rate: f64| MelBands::new(rate);
    let spectrum = || WeightLayout::linear([65, 8]);
    let cases: [(FilterBank, WeightLayout, &[&str]); 18] = [
        (
            FilterBank::fourier(),
            WeightLayout::vector([5]),
            &["rank 2 or more"],
        ),
        (
            FilterBank::fourier(),
            [4, 5].into(),
            &["4 Fourier filters", "not 5"],
        ),
        (
            FilterBank::fourier().area(),
            [5, 4].into(),
            &["area", "mel"],
        ),
        (
            FilterBank::sinc(8000.0).area(),
            [5, 4].into(),
            &["area", "mel"],
        ),
        (
            FilterBank::fourier().gain(f64::INFINITY),
            [5, 4].into(),
            &["gain"],
        ),
        (FilterBank::fourier(), conv([4, 2, 5]), &["on a line"]),
        (FilterBank::fourier(), conv([4, 1, 5, 5]), &["on a line"]),
        (mel(at(0.0)), spectrum(), &["sample_rate", "greater than 0"]),
        (mel(at(f64::NAN)), spectrum(), &["sample_rate"]),
        (mel(at(f64::INFINITY)), spectrum(), &["sample_rate"]),
        (
            mel(at(8000.0).between(-1.0, 4000.0)),
            spectrum(),
            &["low and high"],
        ),
        (
            mel(at(8000.0).between(500.0, 500.0)),
            spectrum(),
            &["low and high"],
        ),
        (
            mel(at(8000.0).between(0.0, 4001.0)),
            spectrum(),
            &["4000", "4001"],
        ),
        (
            mel(at(8000.0).between(0.0, f64::NAN)),
            spectrum(),
            &["low and high"],
        ),
        // librosa warns of empty filters here.
        (
            mel(at(22_050.0)),
            [65, 128].into(),
            &["neuron 0 of 128", "65 inputs"],
        ),
        (mel(at(8000.0)), [1, 1].into(), &["neuron 0 of 1"]),
        (
            mel(at(1e-40).scale(MelScale::Slaney)).area(),
            spectrum(),
            &["gain · height"],
        ),
        (
            FilterBank::sinc(at(8000.0).between(1.0, 1.0 + 1e-15)),
            [5, 8].into(),
            &["band"],
        ),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}
