//! The same bits on every device, in every float type, in any order and beside any neighbours.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_init::sparse::Pattern;
use burn_init::weight::Axis;
use burn_init::{
    AnyInitializer, Constant, InitError, InitParam, InitWeights, Initializer, Normal, Orthogonal,
    Seed, Sparse, SparseOrthogonal, TruncatedNormal, Uniform, VarianceScaling, Wavelet,
    WeightLayout,
};
use burn_init_tests::models::{Mlp, Own, Zoo};
use burn_init_tests::{bits, devices, to_bits};

/// Initializers of each kind: by element, by vector, whole; dense and sparse.
fn kinds() -> Vec<AnyInitializer> {
    vec![
        Constant::random().into(),
        Normal::new(1.0, 0.1).into(),
        TruncatedNormal::new(0.0, 0.05).into(),
        VarianceScaling::he_uniform().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Wavelet::haar().base(Orthogonal::new()).into(),
        Sparse::exact(2).into(),
        Sparse::new(Pattern::Bernoulli(0.5)).reconnect().into(),
        SparseOrthogonal::rotations(0.1).into(),
    ]
}

fn layouts() -> Vec<WeightLayout> {
    vec![
        WeightLayout::linear([100, 64]),
        WeightLayout::linear_col([64, 100]),
        WeightLayout::conv_transpose([8, 3, 4])
            .unwrap()
            .groups(2)
            .unwrap(),
        WeightLayout::conv([8, 4, 3, 3]).unwrap().groups(2).unwrap(),
        WeightLayout::embedding([50, 16]),
        WeightLayout::new([3, 4, 150], [Axis::Index, Axis::Input, Axis::Output]).unwrap(),
    ]
}

#[test]
fn any_device() {
    let key = Seed::new(5).key("w");
    for init in kinds() {
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

/// A model in another float type has the same values, rounded once.
#[test]
fn any_dtype() {
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

/// A parameter of this type and initializer, in a module.
fn of_dtype(
    init: &impl Initializer,
    shape: [usize; 2],
    dtype: DType,
) -> Result<TensorData, InitError> {
    let device = Device::flex();
    let own = Own {
        weight: Param::from_tensor(Tensor::zeros(shape, (&device, dtype))),
        scale: Param::from_tensor(Tensor::ones([3], (&device, dtype))),
    };
    Ok(own.init_weights(init, 1)?.weight.val().into_data())
}

/// Rounding to a narrow type leaves documented bounds, and takes no more than what lies between a
/// bound and the next number of the type.
#[test]
fn narrow_types_keep_bounds() -> Result<(), InitError> {
    let cases: [(AnyInitializer, f64, f64); 4] = [
        (TruncatedNormal::new(0.0, 0.05).into(), -0.1, 0.1),
        (
            TruncatedNormal::new(0.5, 0.2).bounds(0.3, 0.7).into(),
            0.3,
            0.7,
        ),
        (Uniform::new(-0.05, 0.05).into(), -0.05, 0.05),
        (Uniform::new(0.1, 0.3).into(), 0.1, 0.3),
    ];
    for (init, low, high) in cases {
        let shape = [500, 400];
        let exact = init.draw(&shape.into(), Seed::new(1).key("weight"))?;
        for (dtype, epsilon) in [(DType::BF16, 1.0 / 256.0), (DType::F16, 1.0 / 2048.0)] {
            let given = of_dtype(&init, shape, dtype)?;
            let mut changed = 0;
            for (value, exact) in given.iter::<f64>().zip(&exact) {
                assert!((low..=high).contains(&value), "{init} {dtype:?}: {value}");
                let exact = f64::from(*exact);
                // Half a unit in the last place, or one where a bound is near.
                let difference = (value - exact).abs();
                assert!(
                    difference <= 2.0 * epsilon * exact.abs().max(1e-4),
                    "{init} {dtype:?}"
                );
                changed += usize::from(difference > 1.001 * epsilon * exact.abs());
            }
            assert!(changed < 3000, "{init} {dtype:?}: {changed}");
        }
    }
    Ok(())
}

/// What a type can't hold is an error, and nothing becomes infinite in silence.
#[test]
fn narrow_types_refuse_what_they_cannot_hold() {
    for (value, dtype, fits) in [
        (f64::from(f32::MIN), DType::BF16, false),
        (3.3962e38, DType::BF16, false),
        (3.3961e38, DType::BF16, true),
        (65_520.0, DType::F16, false),
        (65_519.0, DType::F16, true),
        (f64::from(f32::MAX), DType::F32, true),
        (f64::from(f32::MAX), DType::F64, true),
    ] {
        let given = of_dtype(&Constant::new(value), [4, 4], dtype);
        assert_eq!(given.is_ok(), fits, "{value} {dtype:?}");
        if let Err(error) = given {
            let text = error.to_string();
            assert!(
                text.contains("`weight` [4, 4]") && text.contains("range"),
                "{text}"
            );
        }
    }
    // No number of the type lies between the bounds.
    let narrow = Uniform::new(1.0001, 1.0002);
    let error = of_dtype(&narrow, [4, 4], DType::BF16)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no bf16 lies from"), "{error}");
}

/// A parameter on its own that doesn't fit says its shape, and what would be right.
#[test]
fn errors_of_one_parameter() {
    let key = Seed::new(1).key("blocks.3.weight");
    let error = Sparse::exact(9)
        .init::<2>([8, 4], key, &Device::flex())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter [8, 4]: Sparse: k is 9; it must be at most 8, the weights that there are to choose from"
    );
    let error = Normal::fan_in()
        .init::<3>([8, 4], key, &Device::flex())
        .unwrap_err();
    assert!(error.to_string().contains("its rank must be 3"), "{error}");
    let empty = Normal::fan_in()
        .init::<2>([0, 4], key, &Device::flex())
        .unwrap();
    assert_eq!(empty.val().dims(), [0, 4]);
}
