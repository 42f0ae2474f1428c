//! Whatever a user gives: an error that says what would be right, or a result; never a panic.

use burn::tensor::Device;
use burn_init::{
    Along, Amount, AnyInitializer, Atom, Axis, Constant, Family, FanMode, InitError, Initializer,
    Keep, Levels, Normal, Orthogonal, Pattern, Sampled, Seed, Sparse, SparseBudget,
    SparseOrthogonal, Transform, TruncatedNormal, Uniform, VarianceScaling, Wavelet, WaveletAtoms,
    WaveletFilters, WaveletOrthogonal, WaveletSparse, WeightLayout,
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
        (
            TruncatedNormal::new(0.1, 1e-10)
                .bounds(0.1 - 1e-10, 0.1 + 1e-10)
                .into(),
            [4, 4],
            &["an f32 lies between"],
        ),
        (
            VarianceScaling::glorot_uniform().gain(3e38).into(),
            [4, 4],
            &["range of f32"],
        ),
        (
            Normal::new(0.0, 1e38).into(),
            [4, 4],
            &["std", "range of f32"],
        ),
        (
            Sparse::exact(2).values(Sparse::exact(3)).into(),
            [8, 4],
            &["Sparse: values is sparse, 3", "isn't sparse itself"],
        ),
        (
            Sparse::exact(2)
                .values(Wavelet::haar().base(Sparse::exact(3)))
                .into(),
            [8, 4],
            &["isn't sparse itself"],
        ),
        (
            Wavelet::haar().base(Sparse::exact(2).pinned()).into(),
            [8, 4],
            &["base is sparse", "not pinned"],
        ),
        (
            Wavelet::haar().along(Along::Kernel).into(),
            [8, 4],
            &["no kernel"],
        ),
        (
            Wavelet::haar().along(Along::Vocabulary).into(),
            [8, 4],
            &["no vocabulary"],
        ),
        (
            Wavelet::haar().bands(true, 2..=4).into(),
            [8, 4],
            &["details 2 to 4", "levels 1 to 3"],
        ),
        (
            Wavelet::haar().bands(true, 0..=1).into(),
            [8, 4],
            &["details 0 to 1"],
        ),
        (
            Wavelet::haar().hard_threshold(Keep::Largest(0)).into(),
            [8, 4],
            &["at least 1"],
        ),
        (
            Wavelet::haar().hard_threshold(Keep::Energy(1.5)).into(),
            [8, 4],
            &["from 0 to 1"],
        ),
        (
            Wavelet::haar().soft_threshold(Keep::Above(NAN)).into(),
            [8, 4],
            &["Keep::Above is NaN"],
        ),
        (
            WaveletOrthogonal::haar().gain(NAN).into(),
            [8, 4],
            &["gain is NaN"],
        ),
        (
            WaveletOrthogonal::haar().levels(9).into(),
            [8, 4],
            &["at most 3"],
        ),
        (
            WaveletOrthogonal::haar().grid([2, 4]).into(),
            [8, 16],
            &["grid", "more neurons"],
        ),
        (
            WaveletOrthogonal::haar().delta().into(),
            [8, 4],
            &["a convolution's kernel"],
        ),
        (
            WaveletSparse::haar(0).into(),
            [8, 4],
            &["k is 0", "from 1 to 8"],
        ),
        (
            WaveletSparse::haar(9).into(),
            [8, 4],
            &["k is 9", "from 1 to 8"],
        ),
        (
            WaveletSparse::haar(2).law(NAN).into(),
            [8, 4],
            &["law is NaN"],
        ),
        (
            WaveletSparse::haar(2).law(1e6).into(),
            [8, 4],
            &["law is 1000000"],
        ),
        (
            WaveletAtoms::new(Atom::Ricker).into(),
            [2, 4],
            &["at least 3 points"],
        ),
        (
            WaveletAtoms::new(Atom::Ricker).scales(0.1, 1.0).into(),
            [8, 4],
            &["from 0.5"],
        ),
        (
            WaveletAtoms::new(Atom::Ricker).scales(2.0, NAN).into(),
            [8, 4],
            &["from 0.5"],
        ),
        (
            WaveletAtoms::new(Atom::Gabor).grid([2, 2, 2]).into(),
            [8, 4],
            &["one or two axes"],
        ),
        (
            WaveletFilters::decomposition(Family::HAAR).into(),
            [8, 4],
            &["a convolution's kernel"],
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
        WaveletOrthogonal::haar().into(),
        WaveletSparse::haar(1).into(),
        Sparse::new(Pattern::PerInput(Amount::Density(0.5))).into(),
        Sparse::new(Pattern::Balanced(Amount::Exact(0))).into(),
        Sparse::new(Pattern::Bernoulli(0.5)).into(),
        Sparse::new(Pattern::NOfM { n: 1, m: 1 }).into(),
        SparseBudget::erk(0.5).into(),
        SparseOrthogonal::rotations(1.0).into(),
        SparseOrthogonal::butterfly(0).pinned().into(),
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
                message.contains("more elements than can be addressed"),
                "{message}"
            );
        }
        // Addressable, but not there.
        let huge = WeightLayout::from([1 << 25, 1 << 20]);
        let key = Seed::new(1).key("w");
        let error = init.draw(&huge, key).unwrap_err().to_string();
        assert!(
            error.contains("no memory") || error.contains("at most"),
            "{init}: {error}"
        );
        // A few elements of it are, unless they take all others.
        if let Err(error) = init.fill(&huge, key, 5, &mut [0.0; 4]) {
            let error = error.to_string();
            assert!(
                error.contains("no memory") || error.contains("at most"),
                "{init}: {error}"
            );
        }
        assert_eq!(
            init.fill(&[4, 4].into(), Seed::new(1).key("w"), 5, &mut []),
            Ok(())
        );

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
        "parameter `blocks.3.weight` [8, 4]: Sparse: k is 9; it must be at most 8, the weights that there are to choose from"
    );
    assert!(matches!(error, InitError::Parameter { .. }));
    let error = Normal::fan_in()
        .init::<3>([8, 4], key, &Device::flex())
        .unwrap_err();
    assert!(error.to_string().contains("its rank must be 3"), "{error}");
}

/// Convolutions: kernels, groups and channels that don't fit.
#[test]
fn convolutions() {
    let db2: Family = "db2".parse().unwrap();
    let delta = || WaveletOrthogonal::haar().delta();
    let conv = |shape: &[usize]| WeightLayout::conv(shape);
    let cases: Vec<(AnyInitializer, WeightLayout, &str)> = vec![
        (
            WaveletFilters::decomposition(db2).into(),
            conv(&[4, 1, 4, 3]),
            "3 places along an axis",
        ),
        (
            WaveletFilters::reconstruction(db2).gain(f64::NAN).into(),
            conv(&[4, 1, 4]),
            "gain is NaN",
        ),
        (
            delta().into(),
            conv(&[4, 8, 3]),
            "as many output channels as input channels, 8",
        ),
        (delta().into(), conv(&[4, 2, 3]).groups(2), "a single group"),
        (
            WaveletAtoms::new(Atom::Gabor).along(Along::Kernel).into(),
            conv(&[2, 1, 3, 3, 3]),
            "axes",
        ),
        (
            Wavelet::new(db2).along(Along::Kernel).into(),
            conv(&[2, 1, 3, 3]),
            "only haar",
        ),
        (Constant::ones().into(), conv(&[5]), "axes"),
        (Sparse::exact(1).into(), conv(&[5]), "axes"),
        (
            Normal::fan_in().into(),
            WeightLayout::conv_transpose([4, 2, 3]).strides([2, 2]),
            "strides",
        ),
    ];
    for (init, layout, part) in cases {
        let message = check(init.clone(), layout).expect_err(&init.to_string());
        assert!(
            message.contains(part),
            "{init}: `{part}` isn't in `{message}`"
        );
    }
}

/// What a file says that no setting is called is an error.
#[test]
fn typos_in_files() {
    for text in [
        "sparse = { pattern.per_output.exact = 8, pined = true }",
        "wavelet = { family = 'haar', gird = [10, 10] }",
        "normal = { mean = 0.0, sdt = 0.1 }",
        "uniform = { low = 0.0, high = 1.0, scale = 2.0 }",
        "noraml = { mean = 0.0 }",
        "wavelet_atoms = { atom = 'richter' }",
    ] {
        let error = toml::from_str::<AnyInitializer>(text)
            .expect_err(text)
            .to_string();
        assert!(error.contains("unknown"), "{error}");
    }
}

/// What only some sizes allow is empty where there is nothing, too; sizes beyond memory are refused.
#[test]
fn the_ends_of_sizes() {
    let none = WeightLayout::linear([0, 10]);
    for pattern in [
        Pattern::PerOutput(Amount::Exact(3)),
        Pattern::PerInput(Amount::Exact(3)),
    ] {
        let sparse = Sparse::new(pattern);
        assert_eq!(
            sparse.check(&none).is_ok(),
            sparse.draw(&none, Seed::new(1).key("w")).is_ok()
        );
    }
    let empty = WeightLayout::linear([5, 0]);
    let draw =
        |init: &dyn Initializer, layout: &WeightLayout| init.draw(layout, Seed::new(1).key("w"));
    assert_eq!(draw(&SparseOrthogonal::butterfly(1), &empty), Ok(vec![]));
    assert_eq!(draw(&WaveletAtoms::new(Atom::Ricker), &empty), Ok(vec![]));
    assert_eq!(
        draw(&Sparse::new(Pattern::Given(vec![])), &empty),
        Ok(vec![])
    );
    assert!(draw(&Sparse::new(Pattern::Given(vec![true; 5])), &empty).is_err());
    let filters = WaveletFilters::decomposition(Family::HAAR);
    assert_eq!(draw(&filters, &WeightLayout::conv([0, 1, 2])), Ok(vec![]));
    let endless = WeightLayout::linear([usize::MAX, 0]);
    assert!(draw(&Wavelet::haar(), &endless).is_err());
    assert_eq!(draw(&Normal::fan_in(), &endless), Ok(vec![]));
    assert!(Transform::new(Family::HAAR, &[usize::MAX], Levels::Full).is_err());
    // An axis of indices before a kernel's.
    let axes = [Axis::Index, Axis::Input, Axis::Output, Axis::Kernel];
    let stacked = WeightLayout::new([1, 4, 4, 3], axes);
    assert!(draw(&WaveletOrthogonal::haar().delta(), &stacked).is_err());
    assert!(draw(&WaveletOrthogonal::haar(), &stacked).is_ok());
}
