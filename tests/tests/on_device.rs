//! Values that a kernel makes on a device: the CPU's, bit for bit.
//!
//! `MakeOn::Device` asks for the kernel wherever there is one; `memory.rs` shows that it is what runs.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, LinearLayout};
use burn::tensor::{DType, Device, GradientCheckpointingStrategy, Tensor, TensorData};
use burn_init::draw::{Elementwise, Source, Step};
use burn_init::plan::{Applied, MakeOn};
use burn_init::weight::Shard;
use burn_init::{
    AnyInitializer, BiasUniform, Constant, Fitted, FourierFeatures, InitError, Initializer, MuP,
    Normal, Phases, Plan, Poison, Scaled, Seed, Select, Siren, Spectral, TruncatedNormal, Uniform,
    VarianceScaling, Wavelet, WeightLayout,
};
use burn_init_tests::models::{Mlp, Own};
use burn_init_tests::{bits, devices_with_kernels, to_bits};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The first device that has a kernel: a build's only one, if a feature names a single runtime.
fn card() -> Option<Device> {
    let (_, device) = devices_with_kernels().into_iter().next()?;
    Some(device)
}

/// The bits of the weight that the kernel makes, and of the CPU's.
fn both(init: &AnyInitializer, shape: [usize; 2], device: &Device) -> (Vec<u32>, Vec<u32>) {
    let made = Own::made_weight(init, shape, None, device, DType::F32, MakeOn::Device).unwrap();
    let drawn = init
        .draw(&shape.into(), Seed::new(1).key("weight"))
        .unwrap();
    (bits(&made), to_bits(&drawn))
}

/// A distribution of a user's own, by words: with several steps, and bounds on one side.
#[derive(Debug, Clone)]
struct ByWords(Source);

impl std::fmt::Display for ByWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "words of {:?}", self.0)
    }
}

impl Initializer for ByWords {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let steps = vec![
            Step::new(1.5, 0.25).clamp(f32::NEG_INFINITY, 1.0),
            Step::times(-0.3),
            Step::new(1.0, 1e-3).clamp(-0.2, f32::INFINITY),
        ];
        let source = self.0;
        Fitted::words(weight, Elementwise { source, steps })
    }
}

/// Of every distribution that the kernel has, some.
fn distributions() -> Vec<AnyInitializer> {
    vec![
        Constant::new(0.1).into(),
        Constant::random().into(),
        Constant::zeros().into(),
        Poison::new().into(),
        Uniform::new(-0.05, 0.05).into(),
        Uniform::new(0.0, 1.0).into(),
        Uniform::new(0.5, 0.5).into(),
        Uniform::new(-3e38, 3e38).into(),
        Uniform::new(-1e-40, 1e-40).into(),
        Uniform::new(1e-40, 3e-40).into(),
        Normal::new(0.0, 1.0).into(),
        Normal::new(0.3, 0.02).into(),
        Normal::new(-1.0, 1e-7).into(),
        Normal::new(0.0, 5e37).into(),
        Normal::new(0.0, 1e-38).into(),
        Normal::new(0.0, 1e-41).into(),
        Normal::new(1e-41, 1e-42).into(),
        Normal::new(0.0, 0.0).into(),
        TruncatedNormal::new(0.0, 0.05).into(),
        TruncatedNormal::new(0.5, 0.2).bounds(0.3, 0.7).into(),
        TruncatedNormal::new(0.0, 1.0).bounds(-0.5, 3.0).into(),
        TruncatedNormal::new(0.0, 1.0).deviations(-9.0, 9.0).into(),
        TruncatedNormal::new(0.0, 1e-40).into(),
        VarianceScaling::he_uniform().into(),
        VarianceScaling::xavier_normal().into(),
        VarianceScaling::lecun_normal().into(),
        FourierFeatures::new(0.5).cycles().into(),
        Siren::first().into(),
        Spectral::normal().into(),
        MuP::output(64.0).into(),
        Scaled::new(Normal::new(0.3, 0.02), -0.3).into(),
        Scaled::new(Scaled::new(Uniform::new(-1e-38, 1e-38), 0.3), 0.7).into(),
        Scaled::new(Constant::random(), -2.0).into(),
        AnyInitializer::custom(ByWords(Source::Uniform)),
        AnyInitializer::custom(ByWords(Source::Normal)),
        AnyInitializer::custom(ByWords(Source::Constant(0.7))),
    ]
}

/// At sizes around those of blocks, words and workgroups.
#[test]
fn any_size() {
    let Some(device) = card() else { return };
    let sizes = [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 127, 128, 129, 255, 256, 257, 1023, 1024, 1025,
        4095, 4096, 4097, 16_385,
    ];
    for init in distributions() {
        for n in sizes {
            let shape = if n % 3 == 0 { [3, n / 3] } else { [n, 1] };
            if init.check(&shape.into()).is_err() {
                continue;
            }
            let (made, drawn) = both(&init, shape, &device);
            assert!(made == drawn, "{init} {shape:?}");
        }
    }
    let empty = Own::made_weight(
        &Normal::new(0.0, 1.0).into(),
        [0, 4],
        None,
        &device,
        DType::F32,
        MakeOn::Device,
    );
    assert_eq!(empty.unwrap().val().dims(), [0, 4]);
}

/// A million, and so all rows of the quantile's table that a model reaches; and so many that wgpu's grid of cubes, which
/// has 65,535 along an axis, needs a second axis.
#[test]
fn many() {
    let Some(device) = card() else { return };
    let (million, grid) = ([1025, 1023], [4200, 4100]);
    for (init, shape) in [
        (AnyInitializer::from(Constant::new(0.1)), grid),
        (Uniform::new(-0.3, 0.7).into(), grid),
        (Normal::new(0.1, 0.02).into(), million),
        (TruncatedNormal::new(0.0, 0.02).into(), million),
    ] {
        let (made, drawn) = both(&init, shape, &device);
        assert!(made == drawn, "{init}");
    }
}

/// A number of any size that f32 has.
fn number() -> impl Strategy<Value = f64> {
    let sized =
        (1.0..2.0f64, -148..126i32).prop_map(|(x, exponent)| x * f64::from(exponent).exp2());
    prop_oneof![1 => Just(0.0), 6 => sized, 3 => 0.0..2.0f64]
}

/// With a sign.
fn signed() -> impl Strategy<Value = f64> {
    (number(), any::<bool>()).prop_map(|(x, negative)| if negative { -x } else { x })
}

/// A distribution with any settings.
fn distribution() -> impl Strategy<Value = AnyInitializer> {
    let bounds = |a: f64, b: f64| (a.min(b), a.max(b));
    // Numbers of like size cancel.
    let near = (signed(), -1e-6..1e-6f64).prop_map(|(x, d)| (x, x * (1.0 + d)));
    let pair = prop_oneof![(signed(), signed()), near];
    let simple = prop_oneof![
        (signed(), number()).prop_map(|(mean, std)| Normal::new(mean, std).into()),
        pair.prop_map(move |(a, b)| {
            let (low, high) = bounds(a, b);
            Uniform::new(low, high).into()
        }),
        number().prop_map(|a| Uniform::new(-a, a).into()),
        (signed(), number(), -3.0..3.0f64, -3.0..3.0f64).prop_map(move |(mean, std, a, b)| {
            let (low, high) = bounds(a, b);
            TruncatedNormal::new(mean, std).deviations(low, high).into()
        }),
    ];
    let by = prop_oneof![1 => Just(1.0), 3 => signed()];
    (simple, by, any::<bool>()).prop_map(|(init, by, scaled): (AnyInitializer, f64, bool)| {
        match scaled {
            true => Scaled::new(init, by).into(),
            false => init,
        }
    })
}

/// With settings at random: sizes of all exponents, sums that cancel, products below the smallest normal number.
#[test]
fn any_settings() {
    let Some(device) = card() else { return };
    let config = Config {
        cases: Config::default().cases.min(500),
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&distribution(), |init| {
        if init.check(&WeightLayout::from([3, 171])).is_err() {
            return Ok(());
        }
        let (made, drawn) = both(&init, [3, 171], &device);
        prop_assert!(made == drawn, "{}", init);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Rounded once to narrow types, within bounds, with subnormal numbers: as on the CPU, also what is an error.
#[test]
fn narrow_types() {
    let Some(device) = card() else { return };
    let mut more: Vec<AnyInitializer> = vec![
        Normal::new(0.0, 3e-6).into(),
        Normal::new(0.0, 2e-8).into(),
        Normal::new(0.0, 1e-39).into(),
        Uniform::new(-65_000.0, 65_000.0).into(),
        Uniform::new(-70_000.0, 70_000.0).into(),
        Normal::new(0.0, 1e4).into(),
        Uniform::new(0.1, 0.3).into(),
        Uniform::new(1.0001, 1.0002).into(),
        Constant::new(1e5).into(),
    ];
    more.extend(distributions());
    for init in more {
        for dtype in [DType::F16, DType::BF16] {
            for shape in [[1, 2], [6, 171], [7, 9]] {
                let given = |make_on| -> Result<TensorData, String> {
                    let made = Own::made_weight(&init, shape, None, &device, dtype, make_on);
                    let made = made.map_err(|error| error.to_string())?;
                    Ok(made.val().into_data())
                };
                let (made, drawn) = (given(MakeOn::Device), given(MakeOn::Cpu));
                let bytes =
                    |given: Result<TensorData, String>| given.map(|data| data.as_bytes().to_vec());
                assert!(bytes(made) == bytes(drawn), "{init} {dtype:?} {shape:?}");
            }
        }
    }
}

/// In a module: either layout, lazy or with values, with autodiff, cloned; and its gradients are there.
#[test]
fn in_modules() {
    let Some(plain) = card() else { return };
    let checkpointing = plain.clone().autodiff().gradient_checkpointing();
    let plan = |make_on| {
        Plan::new(7)
            .make_on(make_on)
            .rule(Select::path("fc1.weight"), VarianceScaling::he_normal())
            .rule(Select::weights(), Normal::new(0.1, 0.02))
            .rule(Select::biases(), Constant::new(0.01))
    };
    for layout in [LinearLayout::Row, LinearLayout::Col] {
        let cpu = Mlp::with_layout(layout, &Device::flex());
        let cpu = plan(MakeOn::Fastest).apply(cpu).unwrap().model;
        for device in [
            plain.clone(),
            plain.clone().autodiff(),
            checkpointing.clone(),
        ] {
            for loaded in [false, true] {
                let model = Mlp::with_layout(layout, &device);
                if loaded {
                    model.fc1.weight.val();
                }
                let Applied { model, .. } = plan(MakeOn::Device).apply(model.clone()).unwrap();
                assert_eq!(bits(&model.fc1.weight), bits(&cpu.fc1.weight));
                assert_eq!(bits(&model.fc2.weight), bits(&cpu.fc2.weight));
                let bias = |model: &Mlp| bits(model.fc1.bias.as_ref().unwrap());
                assert_eq!(bias(&model), bias(&cpu));
                let weight = model.fc1.weight.val();
                assert_eq!(weight.device(), device);
                assert_eq!(
                    weight.gradient_checkpointing_strategy(),
                    device.gradient_checkpointing_strategy()
                );
                if device.is_autodiff() {
                    let y = model.forward(Tensor::ones([4, 100], &device)).sum();
                    let gradients = y.backward();
                    let of_first = model.fc1.weight.val().grad(&gradients).unwrap();
                    assert!(of_first.abs().sum().into_scalar::<f32>() > 0.0);
                    assert!(model.fc2.weight.val().grad(&gradients).is_some());
                }
            }
        }
    }
    let strategy = checkpointing.gradient_checkpointing_strategy();
    assert_eq!(strategy, Some(GradientCheckpointingStrategy::Balanced));
}

/// Biases, of which some follow from the weight beside them.
#[test]
fn biases() {
    let Some(device) = card() else { return };
    let inits: [AnyInitializer; 3] = [
        BiasUniform::new().into(),
        Phases::new().into(),
        Normal::new(0.0, 1.0).into(),
    ];
    for init in inits {
        let bias = |device: &Device, make_on| {
            let plan = Plan::new(3).make_on(make_on).keep(Select::weights());
            let plan = plan.rule(Select::biases(), init.clone());
            let layer: Linear = LinearConfig::new(30, 1025).init(device);
            let Applied { model, .. } = plan.apply(layer).unwrap();
            bits(model.bias.as_ref().unwrap())
        };
        let made = bias(&device, MakeOn::Device);
        assert!(made == bias(&Device::flex(), MakeOn::Cpu), "{init}");
    }
}

/// In allocations that stay, and on several devices, if there are: made there, or brought from one to the next.
#[test]
fn devices_and_allocations() {
    let plan = Plan::new(7).make_on(MakeOn::Device);
    let plan = plan.rule(Select::weights() | Select::biases(), Normal::new(0.1, 0.02));
    let made = |device: &Device| plan.apply(Mlp::new(device)).unwrap().model;
    let weight = |model: &Mlp| bits(&model.fc1.weight);
    let expected = weight(&made(&Device::flex()));
    let devices = devices_with_kernels();
    for (name, device) in &devices {
        let model = device.memory_persistent_allocations((), |()| made(device));
        assert!(weight(&model) == expected, "{name}");
        for (to, other) in &devices {
            let moved = model.clone().fork(other);
            assert!(weight(&moved) == expected, "{name} to {to}");
            let made_after = plan.apply(Mlp::new(device).fork(other)).unwrap().model;
            assert!(weight(&made_after) == expected, "{name} to {to}");
        }
    }
}

/// Shards, in f32 and narrow types: along each axis, the last one, and where the number of a block passes 32 bits.
#[test]
fn shards() {
    let Some(device) = card() else { return };
    let beyond = (1 << 34) / (6 * 31);
    for (axis, index, of) in [
        (0, 1, 2),
        (1, 0, 3),
        (1, 2, 3),
        (0, beyond, 1 << 30),
        (1, 1 << 29, 1 << 30),
    ] {
        for dtype in [DType::F32, DType::F16, DType::BF16] {
            let made = |make_on| {
                let init = TruncatedNormal::new(0.0, 0.02).into();
                let shard = Some(Shard::new(axis, index, of).unwrap());
                let weight = Own::made_weight(&init, [6, 31], shard, &device, dtype, make_on);
                weight.unwrap().val().into_data().as_bytes().to_vec()
            };
            let (on_device, on_cpu) = (made(MakeOn::Device), made(MakeOn::Cpu));
            assert!(on_device == on_cpu, "{axis} {index} {of} {dtype:?}");
        }
    }
}

/// What has no kernel is made on the CPU, whatever is asked for.
#[test]
fn without_a_kernel() {
    let Some(device) = card() else { return };
    for init in [
        AnyInitializer::from(Wavelet::haar()),
        TruncatedNormal::new(0.0, 1.0).deviations(8.0, 9.0).into(),
    ] {
        let (made, drawn) = both(&init, [100, 64], &device);
        assert!(made == drawn, "{init}");
    }
}

/// A plan in a file says where.
#[test]
fn in_files() {
    let plan = Plan::new(1).keep(Select::biases());
    let json = |plan: &Plan| serde_json::to_string(plan).unwrap();
    assert!(!json(&plan).contains("make_on"));
    let plan = plan.make_on(MakeOn::Cpu);
    assert!(json(&plan).contains(r#""make_on":"cpu""#));
    assert_eq!(serde_json::from_str::<Plan>(&json(&plan)).unwrap(), plan);
}
