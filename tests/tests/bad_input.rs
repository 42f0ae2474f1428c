//! Whatever a user gives: an error that says what would be right, or a result; never a panic.

use burn::tensor::Device;
use burn_init::{
    AnyInitializer, Constant, FanMode, InitError, Initializer, Normal, Orthogonal, Sampled, Seed,
    Sparse, TruncatedNormal, Uniform, VarianceScaling, Wavelet, WeightLayout,
};

fn check(init: impl Into<AnyInitializer>, layout: impl Into<WeightLayout>) -> Result<(), String> {
    let (init, layout) = (init.into(), layout.into());
    let key = Seed::new(1).key("layer.weight");
    let checked = init.check(&layout);
    if checked.is_err() {
        // The same error from every way in, and nothing written.
        assert_eq!(init.draw(&layout, key).err(), checked.clone().err());
        let mut out = [7.0; 2];
        assert_eq!(init.fill(&layout, key, 0, &mut out), checked.clone());
        assert_eq!(out, [7.0; 2]);
        assert_eq!(
            init.pinned_mask(&layout, key).is_err(),
            init.to_string().starts_with("sparse")
        );
    } else {
        init.draw(&layout, key).map_err(|error| error.to_string())?;
    }
    checked.map_err(|error| error.to_string())
}

#[test]
fn settings() {
    const NAN: f64 = f64::NAN;
    const INFINITY: f64 = f64::INFINITY;

    let scaling =
        |scale| VarianceScaling::new(scale, FanMode::FanIn, burn_init::Distribution::Normal);
    let db4 = || Wavelet::new("db4".parse().unwrap());
    let cases: Vec<(AnyInitializer, [usize; 2], &[&str])> = vec![
        (
            Constant::new(NAN).into(),
            [4, 4],
            &["Constant", "value", "NaN", "finite"],
        ),
        (
            Constant::new(1e300).into(),
            [4, 4],
            &["Constant", "range of f32"],
        ),
        (
            Normal::new(0.0, -1.0).into(),
            [4, 4],
            &["Normal: std is -1", "0 or greater"],
        ),
        (
            Normal::new(0.0, NAN).into(),
            [4, 4],
            &["Normal: std is NaN"],
        ),
        (
            Normal::new(INFINITY, 1.0).into(),
            [4, 4],
            &["Normal: mean is inf"],
        ),
        (
            Normal::new(0.0, 1e39).into(),
            [4, 4],
            &["Normal: std", "range of f32"],
        ),
        (
            Uniform::new(1.0, -1.0).into(),
            [4, 4],
            &["Uniform: low is 1 with high -1", "at most high"],
        ),
        (
            Uniform::new(0.0, INFINITY).into(),
            [4, 4],
            &["Uniform: high is inf"],
        ),
        (
            TruncatedNormal::new(0.0, -0.1).into(),
            [4, 4],
            &["TruncatedNormal: std is -0.1"],
        ),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(2.0, 1.0).into(),
            [4, 4],
            &["bounds is 2 to 1"],
        ),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(NAN, 1.0).into(),
            [4, 4],
            &["bounds is NaN to 1"],
        ),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(7.0, 8.0).into(),
            [4, 4],
            &["7 to 8", "mass"],
        ),
        (
            TruncatedNormal::new(5.0, 0.0).bounds(0.0, 1.0).into(),
            [4, 4],
            &["0 to 1", "mass"],
        ),
        (
            scaling(-1.0).into(),
            [4, 4],
            &["VarianceScaling: scale is -1"],
        ),
        (
            scaling(NAN).into(),
            [4, 4],
            &["VarianceScaling: scale is NaN"],
        ),
        (
            VarianceScaling::he_normal().gain(INFINITY).into(),
            [4, 4],
            &["gain is inf"],
        ),
        (
            Orthogonal::new().gain(NAN).into(),
            [4, 4],
            &["Orthogonal: gain is NaN"],
        ),
        (
            Wavelet::haar().levels(8).into(),
            [100, 4],
            &["levels is 8", "at most 7"],
        ),
        (
            db4().levels(3).into(),
            [100, 4],
            &["levels is 3", "at most 2 for db4"],
        ),
        (
            db4().into(),
            [25, 4],
            &["db4", "only haar exists for every length"],
        ),
        (
            Wavelet::haar().levels(usize::MAX).into(),
            [8, 4],
            &["at most 3"],
        ),
        (
            Wavelet::haar().grid([10, 9]).into(),
            [100, 4],
            &["grid is [10, 9]", "100 points"],
        ),
        (
            Wavelet::haar().grid([usize::MAX, 3]).into(),
            [100, 4],
            &["100 points"],
        ),
        (
            Wavelet::haar().grid([]).into(),
            [100, 4],
            &["grid is []", "100 points"],
        ),
        (
            Wavelet::haar().power_law(NAN).into(),
            [8, 4],
            &["power_law is NaN"],
        ),
        (Wavelet::haar().power_law(1e6).into(), [8, 4], &["gains"]),
        (
            Wavelet::haar().gains(0.0, [0.0, 0.0]).into(),
            [8, 4],
            &["gains", "not all 0"],
        ),
        (
            Wavelet::haar().gains(1.0, [1.0]).levels(2).into(),
            [8, 4],
            &["1 gains of details", "each of the 2 levels"],
        ),
        (
            Wavelet::haar().gains(1.0, [NAN]).into(),
            [8, 4],
            &["gains is NaN"],
        ),
        (
            Wavelet::haar().gains(1.0, [1.0; 9]).into(),
            [8, 4],
            &["levels is 9", "at most 3"],
        ),
        (
            Wavelet::haar().mean_gain(-1.0).into(),
            [8, 4],
            &["mean_gain is -1"],
        ),
        (
            Wavelet::haar().base(Normal::new(0.0, -1.0)).into(),
            [8, 4],
            &["Normal: std is -1"],
        ),
        (
            Sparse::exact(9).into(),
            [8, 4],
            &["Sparse: k is 9", "at most 8"],
        ),
        (
            Sparse::density(1.5).into(),
            [8, 4],
            &["Sparse: density is 1.5", "from 0 to 1"],
        ),
        (
            Sparse::density(NAN).into(),
            [8, 4],
            &["Sparse: density is NaN"],
        ),
        (
            Sparse::exact(2).values(Uniform::new(1.0, 0.0)).into(),
            [8, 4],
            &["Uniform"],
        ),
    ];
    for (init, shape, parts) in cases {
        let name = init.to_string();
        let message = check(init, shape).expect_err(&name);
        for part in parts {
            assert!(
                message.contains(part),
                "{name}: `{part}` isn't in `{message}`"
            );
        }
    }
}

fn every_kind() -> Vec<AnyInitializer> {
    vec![
        Constant::ones().into(),
        Normal::fan_in().into(),
        Uniform::new(-1.0, 1.0).into(),
        TruncatedNormal::new(0.0, 1.0).into(),
        VarianceScaling::glorot_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Wavelet::haar().base(Sparse::exact(0)).into(),
        Sparse::exact(0).into(),
        Sparse::density(0.5).pinned().into(),
        AnyInitializer::custom(Sampled(rand_distr::StandardNormal)),
    ]
}

#[test]
fn empty_shapes_give_empty_parameters() {
    for init in every_kind() {
        for shape in [[0, 4], [4, 0], [0, 0]] {
            for layout in [
                WeightLayout::linear(shape),
                WeightLayout::linear_col(shape),
                WeightLayout::embedding(shape),
                WeightLayout::conv([shape[0], shape[1], 3]),
                WeightLayout::conv([2, shape[0], shape[1]]),
                WeightLayout::conv_transpose([shape[0], shape[1], 3]),
            ] {
                let values = init.draw(&layout, Seed::new(1).key("w"));
                assert_eq!(values, Ok(vec![]), "{init} {layout:?}");
            }
        }
        let param = init
            .init::<2>([0, 4], Seed::new(1).key("w"), &Device::flex())
            .unwrap();
        assert_eq!(param.val().dims(), [0, 4]);
    }
}

#[test]
fn tiny_shapes() {
    for init in every_kind() {
        for shape in [[1, 1], [1, 5], [5, 1]] {
            let values = init.draw(&shape.into(), Seed::new(1).key("w")).unwrap();
            assert!(
                values.iter().all(|value| value.is_finite()),
                "{init} {shape:?}"
            );
        }
    }
}

#[test]
fn shapes_that_do_not_fit() {
    for init in every_kind() {
        for shape in [[usize::MAX, 2], [1 << 40, 1 << 40]] {
            let message = check(init.clone(), shape).unwrap_err();
            assert!(
                message.contains("more elements than memory can address"),
                "{message}"
            );
        }
        // Addressable, but not there.
        let huge = init.draw(&[1 << 30, 1 << 28].into(), Seed::new(1).key("w"));
        assert!(huge.unwrap_err().to_string().contains("memory"), "{init}");

        let groups = check(init.clone(), WeightLayout::conv([6, 2, 3]).groups(4)).unwrap_err();
        assert!(
            groups.contains("4 groups don't divide its 6 channels"),
            "{groups}"
        );
    }
}

#[test]
fn a_vector_has_no_fans_and_no_neurons() {
    for init in every_kind() {
        let result = check(init.clone(), WeightLayout::vector([5]));
        match init {
            AnyInitializer::Constant(_)
            | AnyInitializer::Uniform(_)
            | AnyInitializer::TruncatedNormal(_)
            | AnyInitializer::Custom(_) => assert_eq!(result, Ok(())),
            _ => assert!(result.unwrap_err().contains("rank 2 or more"), "{init}"),
        }
    }
}

#[test]
fn ranges_outside_of_the_parameter() {
    for init in every_kind() {
        for (start, len) in [(16, 1), (0, 17), (usize::MAX, 2)] {
            let mut out = vec![7.0; len];
            let error = init.fill(&[4, 4].into(), Seed::new(1).key("w"), start, &mut out);
            assert!(
                error.unwrap_err().to_string().contains("16 elements"),
                "{init}"
            );
            assert!(out.iter().all(|value| *value == 7.0));
        }
    }
}

#[test]
fn errors_name_the_parameter() {
    let key = Seed::new(1).key("blocks.3.weight");
    let error = Sparse::exact(9)
        .init::<2>([8, 4], key, &Device::flex())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `blocks.3.weight` [8, 4]: Sparse: k is 9; it must be at most 8, the incoming weights of a neuron"
    );
    assert!(matches!(error, InitError::Parameter { .. }));
    let error = Normal::fan_in()
        .init::<3>([8, 4], key, &Device::flex())
        .unwrap_err();
    assert!(error.to_string().contains("its rank must be 3"), "{error}");
}
