//! Variances by fans, and the conventions of other libraries.

use crate::common::{assert_refused, conv, conv_transpose, draw, energy, grouped};
use burn_init_values::dense::{Distribution, FanMode, Gain};
use burn_init_values::{VarianceScaling, WeightLayout};

/// The variance of every preset on layouts with known fans. For these distributions the kurtosis is
/// at most 3, so that the standard error of a variance v over n values is at most v·√(2/n): bounds
/// of 5 of them.
#[test]
fn variances() {
    let linear = WeightLayout::linear([300, 200]);
    let square = conv([60, 50, 3, 3]);
    let in_groups = grouped(conv([256, 16, 5, 5]), 4);
    let up = conv_transpose([64, 32, 4, 4]).strides([2, 2]).unwrap();
    let embedding = WeightLayout::embedding([1000, 64]);
    type Init = VarianceScaling;
    let geometric = Init::new(1.0, FanMode::FanGeometricMean, Distribution::Normal);
    let fan_out = Init::new(2.0, FanMode::FanOut, Distribution::TruncatedNormal);
    let cases = [
        (Init::lecun_normal(), &linear, 1.0 / 300.0),
        (Init::lecun_uniform(), &linear, 1.0 / 300.0),
        (Init::glorot_normal(), &linear, 2.0 / 500.0),
        (Init::glorot_uniform(), &linear, 2.0 / 500.0),
        (Init::xavier_normal(), &linear, 2.0 / 500.0),
        (Init::xavier_uniform(), &linear, 2.0 / 500.0),
        (Init::he_normal(), &linear, 2.0 / 300.0),
        (Init::he_uniform(), &linear, 2.0 / 300.0),
        (Init::kaiming_normal(), &linear, 2.0 / 300.0),
        (Init::kaiming_uniform(), &linear, 2.0 / 300.0),
        (Init::he_normal(), &square, 2.0 / 450.0),
        (Init::glorot_uniform(), &square, 2.0 / (450.0 + 540.0)),
        (Init::he_normal(), &in_groups, 2.0 / 400.0),
        (fan_out, &in_groups, 2.0 / 1600.0),
        (Init::he_normal(), &up, 2.0 / 256.0),
        (fan_out, &up, 2.0 / 512.0),
        (geometric, &linear, 1.0 / 60_000f64.sqrt()),
        (Init::lecun_normal(), &embedding, 1.0),
        (Init::glorot_normal(), &embedding, 2.0 / 65.0),
        (
            Init::lecun_normal().gain(Gain::Tanh),
            &linear,
            25.0 / 9.0 / 300.0,
        ),
        (Init::lecun_normal().gain(-2.0), &linear, 4.0 / 300.0),
    ];
    for (init, layout, expected) in cases {
        let w = draw(&init, layout.clone());
        let ratio = energy(&w) / w.len() as f64 / expected;
        let bound = 5.0 * (2.0 / w.len() as f64).sqrt();
        assert!((ratio - 1.0).abs() < bound, "{init} on {layout:?}: {ratio}");
    }
}

/// Keras and JAX cut their normals at two standard deviations of the uncut normal, torch doesn't
/// cut.
#[test]
fn bounds() {
    let largest = |init: &VarianceScaling| {
        draw(init, [1000, 1000])
            .into_iter()
            .fold(0f32, |max, w| max.max(w.abs()))
    };
    let cut = 2.0 * (1.0f32 / 1000.0).sqrt() / 0.879_625_7;
    let given = largest(&VarianceScaling::lecun_normal());
    assert!(given <= cut && given > 0.999 * cut);
    assert!(largest(&VarianceScaling::kaiming_normal()) > 4.5 * (2.0f32 / 1000.0).sqrt());
    let cut = (3.0f32 / 1000.0).sqrt();
    let given = largest(&VarianceScaling::lecun_uniform());
    assert!(given < cut && given > 0.999 * cut);
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let scaling = |scale| VarianceScaling::new(scale, FanMode::FanIn, Distribution::Normal);
    let cases: [(VarianceScaling, &[&str]); 4] = [
        (scaling(-1.0), &["VarianceScaling: scale is -1"]),
        (scaling(NAN), &["VarianceScaling: scale is NaN"]),
        (
            VarianceScaling::he_normal().gain(f64::INFINITY),
            &["gain is inf"],
        ),
        (
            VarianceScaling::glorot_uniform().gain(3e38),
            &["range of f32"],
        ),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [4, 4].into(), parts)));
}
