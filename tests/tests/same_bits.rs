//! A weight is a pure function of seed, path, index and settings: the same bits whatever else
//! changes.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{DType, Device, Tensor};
use burn_init::{
    Along, Amount, AnyInitializer, Atom, Axis, Constant, Family, InitWeights, Initializer, Keep,
    Normal, Normalization, Orthogonal, Pattern, Sampled, Seed, Sparse, SparseBudget,
    SparseOrthogonal, Transform, TruncatedNormal, Uniform, VarianceScaling, Wavelet, WaveletAtoms,
    WaveletFilters, WaveletOrthogonal, WaveletSparse, WeightLayout,
};
use burn_init_tests::models::{Mlp, Zoo};
use burn_init_tests::{bits, devices, to_bits};

fn all() -> Vec<AnyInitializer> {
    vec![
        Constant::random().into(),
        Constant::new(0.3).into(),
        Normal::fan_in().into(),
        Normal::new(1.0, 0.1).into(),
        Uniform::new(-0.05, 0.05).into(),
        Uniform::new(0.0, 1.0).into(),
        TruncatedNormal::new(0.0, 0.05).into(),
        TruncatedNormal::new(0.0, 1.0).bounds(-0.5, 3.0).into(),
        VarianceScaling::lecun_normal().into(),
        VarianceScaling::he_uniform().into(),
        VarianceScaling::xavier_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Wavelet::new("db2".parse().unwrap()).mean_gain(0.5).into(),
        Wavelet::haar().power_law(2.0).base(Sparse::exact(3)).into(),
        Sparse::exact(2).into(),
        Sparse::density(0.3).values(Wavelet::haar()).into(),
        Wavelet::haar()
            .along(Along::Outputs)
            .hard_threshold(Keep::Universal)
            .into(),
        Wavelet::haar()
            .along(Along::Channels)
            .normalization(Normalization::Spectrum)
            .into(),
        Wavelet::haar()
            .along(Along::Kernel)
            .soft_threshold(Keep::Largest(2))
            .into(),
        Wavelet::haar().along(Along::Vocabulary).into(),
        WaveletOrthogonal::haar().into(),
        WaveletOrthogonal::haar().delta().into(),
        WaveletSparse::haar(3).law(1.0).into(),
        WaveletAtoms::new(Atom::Ricker).into(),
        WaveletAtoms::new(Atom::Gabor).along(Along::Kernel).into(),
        WaveletFilters::decomposition(Family::HAAR).into(),
        Sparse::new(Pattern::PerInput(Amount::Density(0.3))).into(),
        Sparse::new(Pattern::Balanced(Amount::Exact(2))).into(),
        Sparse::new(Pattern::Bernoulli(0.5)).reconnect().into(),
        Sparse::new(Pattern::Bernoulli(0.2)).into(),
        Sparse::new(Pattern::NOfM { n: 2, m: 4 }).into(),
        SparseBudget::erk(0.3).into(),
        Sparse::new(Pattern::PerOutput(Amount::Total(77))).into(),
        Sparse::new(Pattern::Blocks {
            rows: 2,
            columns: 2,
            amount: Amount::Density(0.5),
        })
        .into(),
        Sparse::new(Pattern::Local {
            grid: vec![10, 10],
            patch: vec![3, 3],
        })
        .into(),
        Wavelet::haar().grid([10, 10]).gains(1.0, [0.5, 2.0]).into(),
        Wavelet::haar().bands(true, 1..=2).into(),
        Wavelet::haar().hard_threshold(Keep::Energy(0.5)).into(),
        WaveletAtoms::new(Atom::Laplace).into(),
        WaveletAtoms::new(Atom::Morlet).grid([10, 10]).into(),
        WaveletFilters::reconstruction(Family::HAAR).into(),
        SparseOrthogonal::butterfly(0).delta().into(),
        SparseOrthogonal::rotations(0.1).into(),
        SparseOrthogonal::butterfly(1).into(),
        AnyInitializer::custom(Sampled(rand_distr::Gamma::new(0.3f32, 1.0).unwrap())),
    ]
}

fn layouts() -> Vec<WeightLayout> {
    vec![
        WeightLayout::linear([100, 64]),
        WeightLayout::linear_col([64, 100]),
        WeightLayout::conv([8, 4, 4, 2]),
        WeightLayout::conv_transpose([8, 6, 3, 4]),
        WeightLayout::conv_transpose([8, 3, 4]).groups(2),
        WeightLayout::embedding([50, 16]),
        WeightLayout::conv([8, 4, 3, 3]).groups(2),
        // More vectors than stand in a tile, and numbers that no tile divides.
        WeightLayout::linear([40, 150]),
        WeightLayout::linear_col([150, 40]),
        WeightLayout::conv([150, 2, 3]).groups(2),
        WeightLayout::conv_transpose([4, 75, 3]).groups(2),
        // Several matrices, with more outputs than inputs.
        WeightLayout::new([3, 4, 150], [Axis::Index, Axis::Input, Axis::Output]),
        WeightLayout::new([3, 150, 4], [Axis::Index, Axis::Output, Axis::Input]),
        WeightLayout::new(
            [2, 4, 70, 2],
            [Axis::Index, Axis::Input, Axis::Output, Axis::Kernel],
        ),
    ]
}

/// Neurons that are shaped side by side have the bits of each one alone.
#[test]
fn neurons_side_by_side() {
    let key = Seed::new(13).key("w");
    let base = Normal::new(0.0, 1.0);
    for family in ["haar", "db3"] {
        let family: Family = family.parse().unwrap();
        let wavelet = Wavelet::new(family)
            .gains(0.5, [2.0, 3.0])
            .unnormalized()
            .base(base);
        let transform = Transform::new(family, &[48], 2).unwrap();
        for (layout, stride, step) in [
            (WeightLayout::linear([48, 150]), 1, 150),
            (WeightLayout::linear([48, 64]), 1, 64),
            (WeightLayout::linear_col([150, 48]), 48, 1),
        ] {
            let shaped = wavelet.draw(&layout, key).unwrap();
            let drawn = base.draw(&layout, key).unwrap();
            for j in 0..drawn.len() / 48 {
                let place = |i: usize| j * stride + i * step;
                let mut w: Vec<f32> = (0..48).map(|i| drawn[place(i)]).collect();
                let mut scratch = transform.scratch();
                transform.forward(&mut w, &mut scratch);
                for (i, coefficient) in w.iter_mut().enumerate() {
                    *coefficient *= match i {
                        0..12 => 0.5,
                        12..24 => 3.0,
                        _ => 2.0,
                    };
                }
                transform.inverse(&mut w, &mut scratch);
                for (i, w) in w.iter().enumerate() {
                    assert_eq!(
                        w.to_bits(),
                        shaped[place(i)].to_bits(),
                        "{family} {layout:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn any_range_alone() {
    let key = Seed::new(11).key("w");
    for init in all() {
        let fitting = layouts()
            .into_iter()
            .filter(|layout| init.check(layout).is_ok());
        let fitting: Vec<WeightLayout> = fitting.collect();
        assert!(!fitting.is_empty(), "{init}");
        for layout in fitting {
            let whole = init.draw(&layout, key).unwrap();
            let n = whole.len();
            let mut cuts = vec![0, 1, 6, 6, 7, 64, n / 3, n / 2, n - 1, n];
            cuts.sort();
            for pair in cuts.windows(2) {
                let mut part = vec![f32::NAN; pair[1] - pair[0]];
                init.fill(&layout, key, pair[0], &mut part).unwrap();
                let expected = &whole[pair[0]..pair[1]];
                assert_eq!(
                    to_bits(&part),
                    to_bits(expected),
                    "{init} {layout:?} {pair:?}"
                );
            }
        }
    }
}

#[test]
fn one_thread_and_seven() {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let (one, seven) = (pool(1), pool(7));
    for init in all() {
        for layout in [
            WeightLayout::linear([320, 300]),
            WeightLayout::conv([64, 64, 4, 4]),
        ] {
            if init.check(&layout).is_err() {
                continue;
            }
            let draw = || to_bits(&init.draw(&layout, Seed::new(3).key("w")).unwrap());
            assert_eq!(one.install(draw), seven.install(draw), "{init}");
        }
    }
}

#[test]
fn any_device() {
    let key = Seed::new(5).key("w");
    for init in all() {
        let fitting = layouts()
            .into_iter()
            .filter(|layout| init.check(layout).is_ok());
        for layout in fitting {
            let expected = to_bits(&init.draw(&layout, key).unwrap());
            let on = |device: &Device| match layout.shape().len() {
                2 => bits(&init.init::<2>(layout.clone(), key, device).unwrap()),
                3 => bits(&init.init::<3>(layout.clone(), key, device).unwrap()),
                _ => bits(&init.init::<4>(layout.clone(), key, device).unwrap()),
            };
            for (name, device) in devices() {
                assert!(on(&device) == expected, "{init} {layout:?} on {name}");
                assert!(
                    on(&device.autodiff()) == expected,
                    "{init} {layout:?} on {name}"
                );
            }
        }
    }
}

/// In a module, too.
#[test]
fn any_device_in_a_module() {
    for init in [
        AnyInitializer::from(Wavelet::haar()),
        Sparse::exact(8).pinned().into(),
    ] {
        let expected = |path: &str, shape: [usize; 2]| {
            to_bits(&init.draw(&shape.into(), Seed::new(5).key(path)).unwrap())
        };
        for (name, device) in devices() {
            let model = Mlp::new(&device).init_weights(&init, 5).unwrap();
            assert!(
                bits(&model.fc1.weight) == expected("fc1.weight", [100, 64]),
                "{name}"
            );
            assert!(
                bits(&model.fc2.weight) == expected("fc2.weight", [64, 10]),
                "{name}"
            );
        }
    }
}

/// Layers made in another order, or beside others, are the same.
#[test]
fn any_order_and_any_neighbours() {
    let device = Device::flex();
    let init = Wavelet::haar();
    let model = Mlp::new(&device).init_weights(&init, 5).unwrap();
    let alone = |shape: [usize; 2], path: &str| {
        bits(
            &init
                .init::<2>(shape, Seed::new(5).key(path), &device)
                .unwrap(),
        )
    };
    let second = alone([64, 10], "fc2.weight");
    assert_eq!(bits(&model.fc1.weight), alone([100, 64], "fc1.weight"));
    assert_eq!(bits(&model.fc2.weight), second);

    #[derive(Module, Debug)]
    struct Deeper {
        before: Linear,
        fc1: Linear,
        fc2: Linear,
    }
    let Mlp { fc1, fc2 } = Mlp::new(&device);
    let before = LinearConfig::new(100, 100).init(&device);
    let deeper = Deeper { before, fc1, fc2 }.init_weights(&init, 5).unwrap();
    assert_eq!(bits(&model.fc1.weight), bits(&deeper.fc1.weight));
    assert_eq!(second, bits(&deeper.fc2.weight));
}

/// The seed of the process, and draws from it, have no say.
#[test]
fn not_the_global_seed() {
    let device = Device::flex();
    device.seed(1);
    let first = Zoo::new(&device)
        .init_weights(&Normal::fan_in(), 9)
        .unwrap();
    device.seed(2);
    let _ = Tensor::<1>::random([10], burn::tensor::Distribution::Default, &device);
    let second = Zoo::new(&device)
        .init_weights(&Normal::fan_in(), 9)
        .unwrap();
    assert_eq!(
        bits(&first.attention.query.weight),
        bits(&second.attention.query.weight)
    );
}

/// Independent draws share no value but by chance: of 6,400 pairs of normals, 0.0003 are expected
/// to be equal.
#[test]
fn seed_path_and_stream_count() {
    let draw = |seed: u64, path: &str, stream: u8| {
        let key = Seed::new(seed).key(path).stream(stream);
        // Whatever else is drawn for a parameter differs, too.
        for init in [
            Sparse::exact(8).into(),
            AnyInitializer::from(Orthogonal::new()),
        ] {
            let first = Seed::new(1).key("fc1.weight");
            let equal = init.draw(&[20, 20].into(), key) == init.draw(&[20, 20].into(), first);
            assert_eq!(equal, key == first, "{init}");
        }
        Normal::fan_in().draw(&[100, 64].into(), key).unwrap()
    };
    let base = draw(1, "fc1.weight", 0);
    for other in [
        draw(2, "fc1.weight", 0),
        draw(1 + (1 << 32), "fc1.weight", 0),
        draw(1, "fc2.weight", 0),
        draw(1, "fc1.weigh", 0),
        draw(1, "fc1.weight", 1),
    ] {
        let equal = base.iter().zip(&other).filter(|(a, b)| a == b).count();
        assert!(equal <= 1);
        // The correlation of 6,400 independent pairs has standard error 1/80.
        let product: f32 = base.iter().zip(&other).map(|(a, b)| a * b).sum();
        let correlation = product / 6400.0 * 100.0;
        assert!(correlation.abs() < 5.0 / 80.0, "{correlation}");
    }
}

/// A model in another float type has the same values, rounded once.
#[test]
fn any_dtype() {
    use burn::module::Param;
    use burn_init_tests::models::Own;

    let device = Device::flex();
    let expected = Normal::fan_in()
        .draw(&[100, 64].into(), Seed::new(1).key("weight"))
        .unwrap();
    for dtype in [DType::F16, DType::BF16, DType::F64, DType::F32] {
        let own = Own {
            weight: Param::from_tensor(Tensor::zeros([100, 64], (&device, dtype))),
            scale: Param::from_tensor(Tensor::ones([3], (&device, dtype))),
        };
        let own = own.init_weights(&Normal::fan_in(), 1).unwrap();
        assert_eq!(own.weight.dtype(), dtype);
        let given = own.weight.val().into_data();
        let rounded =
            burn::tensor::TensorData::new(expected.clone(), [100, 64]).convert_dtype(dtype);
        assert_eq!(given, rounded, "{dtype:?}");
    }
}
