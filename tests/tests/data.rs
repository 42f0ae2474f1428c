//! Scales by what a model makes of a batch: what is reached, what is kept, and how it fails.

use burn::module::{Lora, Module, Param, ParamGroup};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig, LinearLayout,
    PaddingConfig2d,
};
use burn::optim::GradientsParams;
use burn::tensor::activation::{gelu, relu, tanh};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_init::data::{Fit, LayerFit, Outputs, Target};
use burn_init::module::Masks;
use burn_init::{
    AnyInitializer, Constant, InitError, InitWeights, Initializer, Normal, Orthogonal, Seed,
    Sparse, VarianceScaling,
};
use burn_init_tests::models::{Mlp, Own};
use burn_init_tests::{bits, devices, values};

type Activation = fn(Tensor<2>) -> Tensor<2>;

/// Where a layer's output is recorded.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    BeforeActivation,
    BehindActivation,
}

#[derive(Module, Debug)]
struct Deep {
    layers: Vec<Linear>,
}

const WIDTH: usize = 64;
const BATCH: usize = 256;

impl Deep {
    fn new(depth: usize, init: &impl Initializer, device: &Device) -> Self {
        let layer = |_| LinearConfig::new(WIDTH, WIDTH).init(device);
        let layers = (0..depth).map(layer).collect();
        Self { layers }.init_weights(init, 1).unwrap()
    }

    fn run(&self, mut x: Tensor<2>, activation: Activation, place: Place, outputs: &mut Outputs) {
        for (i, layer) in self.layers.iter().enumerate() {
            let y = layer.forward(x);
            x = activation(y.clone());
            let recorded = if place == Place::BeforeActivation {
                &y
            } else {
                &x
            };
            outputs.record(&format!("layers.{i}.weight"), recorded);
        }
    }

    /// What is recorded at each layer, by itself: on the host, and in f64.
    fn recorded(&self, mut x: Tensor<2>, activation: Activation, place: Place) -> Vec<Vec<f64>> {
        let record = |layer: &Linear| {
            let y = layer.forward(x.clone());
            x = activation(y.clone());
            let recorded = if place == Place::BeforeActivation {
                y
            } else {
                x.clone()
            };
            recorded.into_data().iter::<f64>().collect()
        };
        self.layers.iter().map(record).collect()
    }

    fn bits(&self) -> Vec<Vec<u32>> {
        let layer = |layer: &Linear| [bits(&layer.weight), bits(layer.bias.as_ref().unwrap())];
        self.layers.iter().flat_map(layer).collect()
    }
}

/// The same numbers on every device.
fn normal<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let layout = [shape.iter().product::<usize>(), 1].into();
    let x = Normal::new(0.0, 1.0)
        .draw(&layout, Seed::new(9).key("x"))
        .unwrap();
    Tensor::from_data(TensorData::new(x, shape), device)
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, variance)
}

/// Every `n`-th value from `start`: one output's.
fn of_output(values: &[f64], start: usize, n: usize) -> Vec<f64> {
    values.iter().skip(start).step_by(n).copied().collect()
}

const ACTIVATIONS: [(&str, Activation); 3] = [("relu", relu), ("tanh", tanh), ("gelu", gelu)];

/// 20 layers, of orthogonal weights and of those that explode or vanish beyond what f32 can hold. The first device
/// has all of them; others sum in another order, and have those where that would show.
#[test]
fn unit_variance_of_twenty_layers() {
    let inits: [AnyInitializer; 5] = [
        Orthogonal::new().into(),
        VarianceScaling::he_normal().into(),
        Normal::new(0.0, 1e3).into(),
        Normal::new(0.0, 1e-5).into(),
        // Its neurons all add the mean of their inputs.
        Normal::new(0.05, 0.1).into(),
    ];
    for (number, (device_name, device)) in devices().into_iter().enumerate() {
        let (activations, inits) = match number {
            0 => (&ACTIVATIONS[..], &inits[..]),
            _ => (&ACTIVATIONS[..1], &inits[1..3]),
        };
        let x = normal([BATCH, WIDTH], &device);
        for (name, activation) in activations.iter().copied() {
            for init in inits {
                let model = Deep::new(20, init, &device);
                let place = Place::BeforeActivation;
                let fit = |model| {
                    LayerFit::lsuv().apply(model, |model: &Deep, outputs| {
                        model.run(x.clone(), activation, place, outputs);
                    })
                };
                let before = model.recorded(x.clone(), activation, place);
                let Fit {
                    model: fitted,
                    report,
                } = fit(model.clone()).unwrap();
                let after = fitted.recorded(x.clone(), activation, place);
                assert_eq!(report.layers.len(), 20);
                for (i, layer) in report.layers.iter().enumerate() {
                    let what = format!("{name} {init} on {device_name}, layer {i}");
                    let (mean, variance) = moments(&after[i]);
                    assert!((variance - 1.0).abs() < 0.011, "{what}: {variance}");
                    assert!((layer.after.variance - variance).abs() < 1e-4, "{what}");
                    assert!((layer.after.mean - mean).abs() < 1e-4, "{what}");
                    // Without bias, one step is enough.
                    assert!(layer.steps <= 1 && layer.reached, "{what}: {}", layer.steps);
                    let (_, variance) = moments(&before[i]);
                    let measured = layer.before.variance;
                    if variance.is_finite() && (1e-30..1e30).contains(&variance) {
                        assert!(
                            (measured / variance - 1.0).abs() < 1e-3,
                            "{what}: {measured}"
                        );
                    }
                    // The weight, times the scale, and rounded once.
                    let [scale] = layer.scale[..] else {
                        panic!("{what}: {:?}", layer.scale)
                    };
                    let old = values(model.layers[i].weight.val());
                    let new = values(fitted.layers[i].weight.val());
                    assert!(
                        old.iter()
                            .zip(new)
                            .all(|(old, new)| old * scale as f32 == new),
                        "{what}"
                    );
                    assert!(
                        bits(fitted.layers[i].bias.as_ref().unwrap())
                            .iter()
                            .all(|b| *b == 0)
                    );
                }
                // Again: nothing is off, and nothing changes. From the start: the same bits.
                let again = fit(fitted.clone()).unwrap();
                assert_eq!(again.model.bits(), fitted.bits());
                assert!(
                    again
                        .report
                        .layers
                        .iter()
                        .all(|layer| layer.steps == 0 && layer.reached)
                );
                if name == "gelu" {
                    assert_eq!(fit(model).unwrap().model.bits(), fitted.bits());
                }
            }
        }
    }
}

/// What comes behind an activation, where the variance isn't the square of the scale.
#[test]
fn targets_behind_activations() {
    let device = Device::flex();
    let x = normal([BATCH, WIDTH], &device);
    let sine: Activation = |x| x.sin();
    let square: Activation = |x| x.square();
    let cases = [
        (LayerFit::second_moment(1.0), relu as Activation, "relu"),
        (LayerFit::second_moment(1.0), gelu, "gelu"),
        (LayerFit::second_moment(0.5), tanh, "tanh"),
        (LayerFit::variance(0.9), tanh, "tanh near its most"),
        (LayerFit::variance(1e-4), tanh, "tanh near 0"),
        // From far beyond its first period, there is no slope to follow at first.
        (LayerFit::variance(0.45).steps(20), sine, "sine"),
        (LayerFit::variance(2.0), square, "square"),
    ];
    for (fit, activation, name) in cases {
        for std in [1e-3, 0.1, 3.0] {
            let model = Deep::new(6, &Normal::new(0.0, std), &device);
            let place = Place::BehindActivation;
            let Fit { model, report } = fit
                .apply(model, |model, outputs| {
                    model.run(x.clone(), activation, place, outputs)
                })
                .unwrap_or_else(|error| panic!("{name} from {std}: {error}"));
            for (i, recorded) in model
                .recorded(x.clone(), activation, place)
                .iter()
                .enumerate()
            {
                let (mean, variance) = moments(recorded);
                let (value, target) = match fit.target {
                    Target::SecondMoment(target) => (variance + mean * mean, target),
                    Target::Variance(target) => (variance, target),
                    _ => unreachable!(),
                };
                assert!(
                    (value / target - 1.0).abs() < 0.011,
                    "{name} from {std}, layer {i}: {value}"
                );
                let after = report.layers[i].after;
                assert!(
                    (after.second_moment() - variance - mean * mean).abs() < 1e-4 * target.max(1.0)
                );
            }
        }
    }
}

/// Krähenbühl's: each output has mean 0 and variance 1, in one step.
#[test]
fn each_output_has_mean_0() {
    for (_, device) in devices() {
        for layout in [LinearLayout::Row, LinearLayout::Col] {
            let model = Mlp::with_layout(layout, &device);
            // Biases that aren't 0.
            let biases = (burn_init::Select::biases(), Normal::new(0.5, 1.0));
            let model = burn_init::Plan::new(3)
                .rule(burn_init::Select::weights(), Normal::new(0.1, 1.0))
                .rule(biases.0, biases.1)
                .apply(model)
                .unwrap()
                .model;
            let x = normal([BATCH, 100], &device) + 1.0;
            let fit = LayerFit::lsuv().each_output().zero_mean();
            let Fit {
                model: fitted,
                report,
            } = fit
                .apply(model.clone(), |model: &Mlp, outputs| {
                    let y = model.fc1.forward(x.clone());
                    outputs.record("fc1.weight", &y);
                    outputs.record("fc2.weight", &model.fc2.forward(relu(y)));
                })
                .unwrap();
            assert!(
                report.layers.iter().all(|layer| layer.steps == 1),
                "{report}"
            );
            assert_eq!(report.layers[0].scale.len(), 64);
            assert_eq!(report.layers[1].shift.len(), 10);
            let y = fitted.fc1.forward(x.clone());
            let z = fitted.fc2.forward(relu(y.clone()));
            for (output, n) in [(y, 64), (z, 10)] {
                let output: Vec<f64> = output.into_data().iter::<f64>().collect();
                for j in 0..n {
                    let (mean, variance) = moments(&of_output(&output, j, n));
                    assert!(mean.abs() < 1e-3, "{mean}");
                    assert!((variance - 1.0).abs() < 1e-3, "{variance}");
                }
            }
            // A neuron keeps its direction.
            let (old, new) = (
                values(model.fc1.weight.val()),
                values(fitted.fc1.weight.val()),
            );
            for (i, (old, new)) in old.iter().zip(&new).enumerate() {
                assert_eq!(old * report.layers[0].scale[i % 64] as f32, *new);
            }
            let (old, new) = (model.fc1.bias.unwrap(), fitted.fc1.bias.unwrap());
            for (j, (old, new)) in values(old.val())
                .into_iter()
                .zip(values(new.val()))
                .enumerate()
            {
                let layer = &report.layers[0];
                let expected = f64::from(old) * layer.scale[j] + layer.shift[j];
                assert!((expected - f64::from(new)).abs() < 1e-6);
            }
        }
    }
}

/// A mean of 0 with one scale for the layer, and a bias that stays where no mean is asked for.
#[test]
fn biases() {
    let device = Device::flex();
    let x = normal([BATCH, 100], &device) + 1.0;
    let model = burn_init::Plan::new(3)
        .rule(burn_init::Select::weights(), Normal::new(0.1, 1.0))
        .rule(burn_init::Select::biases(), Normal::new(0.0, 0.7))
        .apply(Mlp::new(&device))
        .unwrap()
        .model;
    let run = |model: &Mlp, outputs: &mut Outputs| {
        outputs.record("fc1.weight", &model.fc1.forward(x.clone()));
    };
    let bias = |model: &Mlp| bits(model.fc1.bias.as_ref().unwrap());
    let Fit {
        model: fitted,
        report,
    } = LayerFit::lsuv().apply(model.clone(), run).unwrap();
    assert_eq!(bias(&fitted), bias(&model));
    let [layer] = &report.layers[..] else {
        panic!("{report}")
    };
    assert!((2..=5).contains(&layer.steps) && (layer.after.variance - 1.0).abs() <= 0.01);

    // A model that nothing has read yet has Burn's own values.
    let lazy = Mlp::with_layout(LinearLayout::Col, &device);
    let each = LayerFit::lsuv().each_output();
    let Fit { report, .. } = each.apply(lazy, run).unwrap();
    assert!(report.layers[0].reached, "{report}");

    let zero_mean = LayerFit::lsuv().zero_mean();
    let Fit {
        model: fitted,
        report,
    } = zero_mean.apply(model.clone(), run).unwrap();
    assert_ne!(bias(&fitted), bias(&model));
    let [layer] = &report.layers[..] else {
        panic!("{report}")
    };
    assert_eq!(
        (layer.steps, layer.scale.len(), layer.shift.len()),
        (1, 1, 64)
    );
    let y: Vec<f64> = fitted
        .fc1
        .forward(x.clone())
        .into_data()
        .iter::<f64>()
        .collect();
    assert!((moments(&y).1 - 1.0).abs() < 1e-3);
    for j in 0..64 {
        assert!(moments(&of_output(&y, j, 64)).0.abs() < 1e-3);
    }
}

#[derive(Module, Debug)]
struct Pictures {
    conv1: Conv2d,
    norm: BatchNorm,
    conv2: Conv2d,
    drop: Dropout,
    up: ConvTranspose2d,
    head: Linear,
}

impl Pictures {
    fn new(device: &Device) -> Self {
        let conv =
            |channels| Conv2dConfig::new(channels, [3, 3]).with_padding(PaddingConfig2d::Same);
        let model = Self {
            conv1: conv([1, 8]).init(device),
            norm: BatchNormConfig::new(8).init(device),
            conv2: conv([8, 12]).with_groups(4).init(device),
            drop: DropoutConfig::new(0.5).init(),
            up: ConvTranspose2dConfig::new([12, 4], [2, 2])
                .with_stride([2, 2])
                .init(device),
            head: LinearConfig::new(4 * 16 * 16, 10).init(device),
        };
        model
            .init_weights(&VarianceScaling::glorot_uniform(), 5)
            .unwrap()
    }

    fn run(&self, x: Tensor<4>, outputs: &mut Outputs) -> [Tensor<4>; 3] {
        let a = self.conv1.forward(x);
        outputs.record("conv1.weight", &a);
        let b = self
            .conv2
            .forward(self.drop.forward(relu(self.norm.forward(a.clone()))));
        outputs.record("conv2.weight", &b);
        let c = self.up.forward(relu(b.clone()));
        outputs.record("up.weight", &c);
        let d = self.head.forward(c.clone().flatten::<2>(1, 3));
        outputs.record("head.weight", &d);
        [a, b, c]
    }
}

/// A net of convolutions, with a normalization and a dropout on an autodiff device: the fit sees the
/// model as in validation, and leaves its statistics alone.
#[test]
fn convolutions() {
    for (name, device) in devices() {
        let x = normal([32, 1, 8, 8], &device);
        let device = device.autodiff();
        let model = Pictures::new(&device);
        for (fit, per_output) in [
            (LayerFit::lsuv(), false),
            (LayerFit::lsuv().each_output().zero_mean(), true),
        ] {
            let run = |model: &Pictures, outputs: &mut Outputs| {
                model.run(x.clone(), outputs);
            };
            let Fit {
                model: fitted,
                report,
            } = fit.apply(model.clone(), run).unwrap();
            assert!(
                report
                    .layers
                    .iter()
                    .all(|layer| layer.reached && layer.steps == 1),
                "{report}"
            );
            for (output, channels) in fitted
                .valid()
                .run(x.clone(), &mut Outputs::off())
                .into_iter()
                .zip([8, 12, 4])
            {
                let rows = output.swap_dims(1, 3).into_data();
                let all: Vec<f64> = rows.iter::<f64>().collect();
                assert!((moments(&all).1 - 1.0).abs() < 0.01, "{name}");
                for j in 0..channels {
                    let (mean, variance) = moments(&of_output(&all, j, channels));
                    let off = mean.abs().max((variance - 1.0).abs());
                    assert!(off < 1e-3 || !per_output, "{name}: {mean} {variance}");
                }
            }
            assert_eq!(
                values(fitted.norm.running_mean.value_sync()),
                [0.0; 8],
                "{name}"
            );
            assert_eq!(
                values(model.norm.running_var.value_sync()),
                [1.0; 8],
                "{name}"
            );
        }
    }
}

/// Ids, types, layouts, devices and gradient settings stay, and no graph is left.
#[test]
fn settings_stay() {
    for (name, device) in devices() {
        for device in [device.clone(), device.clone().autodiff()] {
            let model = Mlp::with_layout(LinearLayout::Col, &device)
                .init_weights(&Normal::new(0.0, 1.0), 1)
                .unwrap()
                .freeze_group(ParamGroup::from_predicate("fc2"));
            let x = normal([BATCH, 100], &device);
            let Fit {
                model: fitted,
                report,
            } = LayerFit::lsuv()
                .zero_mean()
                .apply(model.clone(), |model, outputs| {
                    let y = model.fc1.forward(x.clone());
                    outputs.record("fc1.weight", &y);
                    outputs.record("fc2.weight", &model.fc2.forward(relu(y)));
                })
                .unwrap();
            assert_eq!(report.layers[0].shape, [64, 100], "the saved layout's");
            let same = |old: &Linear, new: &Linear| {
                assert_eq!(old.weight.id, new.weight.id);
                assert_eq!(old.bias.as_ref().unwrap().id, new.bias.as_ref().unwrap().id);
                assert_eq!(
                    old.weight.is_require_grad(),
                    new.weight.is_require_grad(),
                    "{name}"
                );
                assert_eq!(old.weight.device(), new.weight.device(), "{name}");
                assert_eq!(old.weight.lazy_shape(), new.weight.lazy_shape());
                assert_eq!(
                    old.weight.transform_for_save().shape(),
                    new.weight.transform_for_save().shape()
                );
                assert_ne!(bits(&old.weight), bits(&new.weight));
            };
            same(&model.fc1, &fitted.fc1);
            same(&model.fc2, &fitted.fc2);
            if device.is_autodiff() {
                let grads = fitted.forward(x.clone()).sum().backward();
                let grads = GradientsParams::from_grads(grads, &fitted);
                let has = |id| grads.get::<2>(id).is_some();
                assert!(
                    has(fitted.fc1.weight.id) && !has(fitted.fc2.weight.id),
                    "{name}"
                );
            } else {
                // What training switches on is what it would have been.
                let (old, new) = (model.clone().train(), fitted.clone().train());
                assert_eq!(
                    old.fc1.weight.is_require_grad(),
                    new.fc1.weight.is_require_grad()
                );
                assert_eq!(
                    old.fc2.weight.is_require_grad(),
                    new.fc2.weight.is_require_grad()
                );
                assert!(new.fc1.weight.is_require_grad());
            }
        }
    }
}

/// Narrow and wide types, and a struct that Burn doesn't know.
#[test]
fn other_types() {
    let device = Device::flex();
    for (dtype, tolerance) in [
        (DType::F16, 0.011),
        (DType::BF16, 0.011),
        (DType::F64, 0.001),
    ] {
        let own = Own {
            weight: Param::from_tensor(Tensor::zeros([100, 64], (&device, dtype))),
            scale: Param::from_tensor(Tensor::ones([3], (&device, dtype))),
        };
        // In f16, what a product sums up lies outside of the type's range at first.
        let own = own.init_weights(&Normal::new(0.0, 50.0), 1).unwrap();
        let x = normal([BATCH, 100], &device).cast(dtype);
        let fit = LayerFit::lsuv().tolerance(tolerance);
        let Fit { model, report } = fit
            .apply(own, |own: &Own, outputs| {
                outputs.record("weight", &x.clone().matmul(own.weight.val()));
            })
            .unwrap();
        assert_eq!(model.weight.dtype(), dtype);
        let y: Vec<f64> = x
            .matmul(model.weight.val())
            .into_data()
            .iter::<f64>()
            .collect();
        assert!(
            (moments(&y).1 - 1.0).abs() < 1.1 * tolerance,
            "{dtype:?}: {report}"
        );
        assert!(model.weight.is_require_grad() || !device.is_autodiff());
    }
}

/// Zeros that are pinned stay, and the mask with them.
#[test]
fn masks_stay() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for layout in [LinearLayout::Row, LinearLayout::Col] {
            let model = Mlp::with_layout(layout, &device)
                .init_weights(&Sparse::exact(8).values(Normal::new(0.0, 3.0)).pinned(), 1)
                .unwrap();
            let x = normal([BATCH, 100], &device);
            for fit in [LayerFit::lsuv(), LayerFit::lsuv().each_output()] {
                let Fit {
                    model: fitted,
                    report,
                } = fit
                    .apply(model.clone(), |model: &Mlp, outputs| {
                        let y = model.fc1.forward(x.clone());
                        outputs.record("fc1.weight", &y);
                        outputs.record("fc2.weight", &model.fc2.forward(tanh(y)));
                    })
                    .unwrap();
                assert!(
                    report
                        .layers
                        .iter()
                        .all(|layer| layer.reached && layer.steps == 1)
                );
                let masks = Masks::of(&fitted);
                assert_eq!(masks, Masks::of(&model), "{name}");
                assert_eq!(masks.kept(), 8 * 64 + 8 * 10);
                let alive: Vec<bool> = values(fitted.fc1.weight.val())
                    .iter()
                    .map(|w| *w != 0.0)
                    .collect();
                assert_eq!(alive, masks.0["fc1.weight"], "{name}");
                assert_eq!(Masks::from_zeros(&fitted), masks, "{name}");
            }
        }
    }
}

/// What a failed fit says; and the model is as it was.
#[test]
fn failures_change_nothing() {
    let device = Device::flex();
    let x = normal([BATCH, WIDTH], &device);
    let he = VarianceScaling::he_normal();
    let model = Deep::new(3, &he, &device);
    let was = model.bits();
    let run_all = |model: &Deep, outputs: &mut Outputs| {
        model.run(x.clone(), relu, Place::BeforeActivation, outputs);
    };
    let refused =
        |fit: LayerFit, model: &Deep, run: &dyn Fn(&Deep, &mut Outputs), says: &[&str]| {
            let bits = model.bits();
            let error = fit.apply(model.clone(), run).unwrap_err().to_string();
            for part in says {
                assert!(error.contains(part), "{error:?} doesn't say {part:?}");
            }
            assert_eq!(model.bits(), bits, "{error}");
        };
    let lsuv = LayerFit::lsuv;

    // Settings.
    refused(
        lsuv().tolerance(0.0),
        &model,
        &run_all,
        &["LayerFit: tolerance is 0", "above 0"],
    );
    refused(
        lsuv().tolerance(f64::NAN),
        &model,
        &run_all,
        &["tolerance is NaN"],
    );
    refused(lsuv().tolerance(1.0), &model, &run_all, &["tolerance is 1"]);
    refused(
        lsuv().steps(0),
        &model,
        &run_all,
        &["steps is 0", "at least 1"],
    );
    for target in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        refused(
            LayerFit::variance(target),
            &model,
            &run_all,
            &["target is", "above 0"],
        );
    }

    // Records.
    refused(lsuv(), &model, &|_, _| {}, &["recorded no output"]);
    let record = |path: &'static str| {
        let x = x.clone();
        move |model: &Deep, outputs: &mut Outputs| {
            model.run(x.clone(), relu, Place::BeforeActivation, outputs);
            outputs.record(path, &x);
        }
    };
    refused(
        lsuv(),
        &model,
        &record("layer.1.weight"),
        &["`layer.1.weight`", "did you mean `layers.1.weight`"],
    );
    refused(
        lsuv(),
        &model,
        &record("layers.1.bias"),
        &["`layers.1.bias` [64]", "isn't a weight"],
    );
    refused(
        lsuv(),
        &model,
        &record("layers.2.weight"),
        &["`layers.2.weight` [64, 64]", "twice"],
    );
    let calls = std::cell::Cell::new(0);
    let fewer = |model: &Deep, outputs: &mut Outputs| {
        calls.set(calls.get() + 1);
        match calls.get() {
            1 => run_all(model, outputs),
            _ => outputs.record("layers.0.weight", &x),
        }
    };
    refused(
        lsuv(),
        &model,
        &fewer,
        &["the first run recorded", "the same"],
    );
    let empty = |_: &Deep, outputs: &mut Outputs| {
        outputs.record(
            "layers.0.weight",
            &Tensor::<2>::zeros([0, WIDTH], &Device::flex()),
        );
    };
    refused(
        lsuv(),
        &model,
        &empty,
        &["`layers.0.weight`", "no elements"],
    );
    let half = |model: &Deep, outputs: &mut Outputs| {
        let y = model.layers[0].forward(x.clone());
        outputs.record("layers.0.weight", &y.reshape([2 * BATCH, WIDTH / 2]));
    };
    refused(
        lsuv().each_output(),
        &model,
        &half,
        &["has 32 outputs", "has 64"],
    );
    refused(
        lsuv().zero_mean(),
        &model,
        &half,
        &["has 32 outputs", "has 64"],
    );

    // What is measured: the layer in the middle gives nothing, or is no number.
    let broken = |value: f64| {
        let mut broken = model.clone();
        let layer = broken.layers.remove(1);
        broken
            .layers
            .insert(1, layer.init_weights(&Constant::new(value), 1).unwrap());
        broken
    };
    refused(
        lsuv(),
        &broken(0.0),
        &run_all,
        &["`layers.1.weight`", "variance of its output is 0"],
    );
    refused(
        lsuv().best_effort(),
        &broken(0.0),
        &run_all,
        &["variance of its output is 0"],
    );
    let infinite = |factor: f32| {
        let x = x.clone() * factor;
        move |model: &Deep, outputs: &mut Outputs| {
            model.run(x.clone(), relu, Place::BeforeActivation, outputs);
        }
    };
    refused(
        lsuv(),
        &model,
        &infinite(f32::INFINITY),
        &["`layers.0.weight`", "variance", "NaN"],
    );
    refused(
        lsuv(),
        &model,
        &infinite(f32::NAN),
        &["`layers.0.weight`", "NaN"],
    );
    refused(
        lsuv(),
        &model,
        &infinite(0.0),
        &["`layers.0.weight`", "is 0"],
    );
    let mut dead = model.clone();
    dead.layers[2].weight = dead.layers[2]
        .weight
        .clone()
        .map(|w| w.slice_fill([0..WIDTH, 7..8], 0.0));
    refused(
        lsuv().each_output(),
        &dead,
        &run_all,
        &["`layers.2.weight`", "output 7 is 0"],
    );

    // Out of reach: tanh gives no variance of 2, and a normalization undoes every scale.
    let behind = |activation: Activation| {
        let x = x.clone();
        move |model: &Deep, outputs: &mut Outputs| {
            model.run(x.clone(), activation, Place::BehindActivation, outputs);
        }
    };
    let two = LayerFit::variance(2.0);
    refused(
        two.clone(),
        &model,
        &behind(tanh),
        &["`layers.0.weight`", "variance 2 in 10 steps", "before"],
    );
    let normalized: Activation = |x| x.clone() / x.square().mean().sqrt().reshape([1, 1]);
    refused(
        two.clone(),
        &model,
        &behind(normalized),
        &["variance 2 in 10 steps"],
    );
    refused(
        LayerFit::lsuv().zero_mean(),
        &model,
        &behind(relu),
        &["`layers.0.weight`"],
    );

    // Where effort is enough, such layers are as they were, and the others fitted.
    let some = |model: &Deep, outputs: &mut Outputs| {
        let y = tanh(model.layers[0].forward(x.clone()));
        outputs.record("layers.0.weight", &y);
        outputs.record("layers.1.weight", &model.layers[1].forward(y));
    };
    let Fit {
        model: fitted,
        report,
    } = two.best_effort().apply(model.clone(), some).unwrap();
    assert_eq!(fitted.bits()[..2], was[..2]);
    assert_ne!(fitted.bits()[2], was[2]);
    assert_eq!(fitted.bits()[3..], was[3..]);
    let [first, second] = &report.layers[..] else {
        panic!("{report}")
    };
    assert!(
        !first.reached && first.steps == 10 && first.scale == [1.0] && first.before == first.after
    );
    assert!(second.reached && second.steps == 1);
    assert!(report.to_string().contains("not reached"), "{report}");
    assert_eq!(model.bits(), was);
}

/// Layers that can't be changed.
#[test]
fn unsupported_layers() {
    let device = Device::flex();
    let x = normal([8, 100], &device);
    let run = |model: &Mlp, outputs: &mut Outputs| {
        outputs.record("fc1.weight", &model.fc1.forward(x.clone()));
    };
    let says = |result: Result<Fit<Mlp>, InitError>, parts: &[&str]| {
        let error = result.unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    };
    let model = || {
        Mlp::new(&device)
            .init_weights(&Normal::fan_in(), 1)
            .unwrap()
    };
    let adapted = model().apply_lora(Lora::new(2, 2.0));
    says(
        LayerFit::lsuv().apply(adapted, run),
        &["`fc1.weight` [100, 64]", "reparameterization"],
    );
    let mut bare = model();
    bare.fc1.bias = None;
    says(
        LayerFit::lsuv().zero_mean().apply(bare.clone(), run),
        &["`fc1.weight`", "no bias"],
    );
    assert!(LayerFit::lsuv().apply(bare, run).is_ok());
}

/// The report as a table and as JSON, and settings as text and in files.
#[test]
fn reports_and_settings() {
    let device = Device::flex();
    let x = normal([BATCH, 100], &device);
    let model = Mlp::new(&device)
        .init_weights(&Normal::new(0.0, 1.0), 1)
        .unwrap();
    let Fit { report, .. } = LayerFit::lsuv()
        .apply(model, |model: &Mlp, outputs| {
            let y = model.fc1.forward(x.clone());
            outputs.record("fc1.weight", &y);
            outputs.record("fc2.weight", &model.fc2.forward(relu(y)));
        })
        .unwrap();
    let lines: Vec<String> = report.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3);
    for part in [
        "weight",
        "shape",
        "variance before",
        "after",
        "scale",
        "steps",
    ] {
        assert!(lines[0].contains(part), "{report}");
    }
    assert!(
        lines[1].starts_with("fc1.weight  [100, 64]  ") && lines[1].ends_with("    1"),
        "{report}"
    );
    assert!(lines[1].contains("  1.0000  "), "{report}");
    let json = serde_json::to_value(&report).unwrap();
    let layer = &json["layers"][1];
    assert_eq!(layer["path"], "fc2.weight");
    assert_eq!(
        layer["before"]["variance"].as_f64(),
        Some(report.layers[1].before.variance)
    );
    assert_eq!(layer["scale"][0].as_f64(), Some(report.layers[1].scale[0]));

    let fit = LayerFit::second_moment(0.5)
        .each_output()
        .zero_mean()
        .tolerance(0.02)
        .steps(5)
        .best_effort();
    assert_eq!(
        fit.to_string(),
        "second moment 0.5 and mean 0 of each output, within 0.02 in 5 steps where it can be"
    );
    assert_eq!(
        LayerFit::lsuv().to_string(),
        "variance 1 of each layer, within 0.01 in 10 steps"
    );
    let text = toml::to_string(&fit).unwrap();
    assert_eq!(toml::from_str::<LayerFit>(&text).unwrap(), fit);
    let short: LayerFit = toml::from_str("target = { variance = 2.0 }\nsteps = 3").unwrap();
    assert_eq!(short, LayerFit::variance(2.0).steps(3));
    assert_eq!(toml::from_str::<LayerFit>("").unwrap(), LayerFit::lsuv());
    assert!(toml::from_str::<LayerFit>("tolerence = 0.1").is_err());
}
