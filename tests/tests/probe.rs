//! A probe sees what isn't as a plan says, and nothing else; and measures what theory gives.

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNorm, BatchNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use burn_init::data::Outputs;
use burn_init::plan::presets::{
    Bert, ConvNext, EfficientNet, Gpt2, Llama, Mamba, Preset, ResNet, T5, Vit,
};
use burn_init::plan::{Applied, Report, Rule};
use burn_init::probe::{
    Check, Confusion, Jacobian, Probe, ProbeReport, Quantity, Sharpness, Verdict, law,
};
use burn_init::sparse::Pattern;
use burn_init::weight::Axis;
use burn_init::{
    AnyInitializer, ClassPrior, Constant, InitError, InitWeights, Initializer, Normal, Orthogonal,
    Plan, Seed, Select, Sparse, TruncatedNormal, VarianceScaling, Wavelet,
};
use burn_init_tests::models::Own;
use burn_init_tests::preset_models as models;

/// Linear layers with relu between them, and a normalization before the last.
#[derive(Module, Debug)]
struct Net {
    layers: Vec<Linear>,
    norm: LayerNorm,
    head: Linear,
}

impl Net {
    /// Of these widths, from the input to the last hidden layer, and 10 classes.
    fn new(widths: &[usize]) -> Self {
        let device = Device::flex();
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(&device);
        let last = widths[widths.len() - 1];
        Self {
            layers: widths.windows(2).map(layer).collect(),
            norm: LayerNormConfig::new(last).init(&device),
            head: LinearConfig::new(last, 10).init(&device),
        }
    }

    fn recorded(&self, mut x: Tensor<2>, outputs: &mut Outputs) -> Tensor<2> {
        for (i, layer) in self.layers.iter().enumerate() {
            let path = format!("layers.{i}.weight");
            x = relu(outputs.layer(&path, x, |x| layer.forward(x)));
        }
        let x = self.norm.forward(x);
        outputs.layer("head.weight", x, |x| self.head.forward(x))
    }
}

const WIDTHS: [usize; 5] = [100, 64, 64, 64, 64];

fn normal(rows: usize, columns: usize, seed: u64) -> Tensor<2> {
    let init = Normal::new(0.0, 1.0);
    let values = init
        .draw(&[rows, columns].into(), Seed::new(seed).key("batch"))
        .unwrap();
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::flex())
}

fn he(seed: u64) -> Plan {
    with_biases(Plan::new(seed), VarianceScaling::he_normal())
}

/// A head as small as it has to be, so that the model knows nothing.
fn with_biases(plan: Plan, init: impl Into<AnyInitializer>) -> Plan {
    plan.rule(Select::path("head.weight"), VarianceScaling::lecun_normal())
        .rule(Select::weights(), init)
        .rule(Select::biases(), Constant::zeros())
}

/// Cross-entropy of a batch whose classes have nothing to do with it.
fn probed_with(probe: &Probe, model: &Net, x: &Tensor<2>) -> ProbeReport {
    let rows = x.dims()[0];
    let classes = Tensor::<1, Int>::arange(0..rows as i64, &Device::flex()).remainder_scalar(10);
    let run = |model: &Net, outputs: &mut Outputs| {
        let logits = model.recorded(x.clone(), outputs);
        let loss = CrossEntropyLossConfig::new().init(&logits.device());
        loss.forward(logits, classes.clone())
    };
    probe.clone().classes(10).backward(model, run).unwrap()
}

fn probed(model: &Net, report: &Report) -> ProbeReport {
    probed_with(&Probe::new().expecting(report), model, &normal(128, 100, 1))
}

/// Changes the values of the parameter at one path.
struct Change<F> {
    at: &'static str,
    change: F,
    path: Vec<String>,
}

impl<F: FnMut(Vec<f32>) -> Vec<f32>> ModuleMapper for Change<F> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.join(".") != self.at {
            return param;
        }
        let change = &mut self.change;
        param.map(|value| {
            let (device, shape, dtype) = (value.device(), value.shape(), value.dtype());
            let values = change(value.into_data().iter::<f32>().collect());
            let data = TensorData::new(values, shape).convert_dtype(dtype);
            Tensor::from_data(data, (&device, dtype))
        })
    }
}

fn changed<M: Module>(model: M, at: &'static str, change: impl FnMut(Vec<f32>) -> Vec<f32>) -> M {
    let path = Vec::new();
    model.map(&mut Change { at, change, path })
}

fn scaled(by: f32) -> impl FnMut(Vec<f32>) -> Vec<f32> {
    move |values| values.into_iter().map(|w| w * by).collect()
}

/// What was found, the worst first.
fn found(report: &ProbeReport) -> Vec<(String, Quantity, Verdict)> {
    let problem = |check: &&Check| (check.path.clone(), check.quantity, check.verdict);
    report.problems().iter().map(problem).collect()
}

/// Such a fault at such a path is found with this verdict, and has a reason.
fn finds(name: &str, report: &ProbeReport, path: &str, quantity: Quantity, verdict: Verdict) {
    let check = report
        .checks
        .iter()
        .find(|check| check.path == path && check.quantity == quantity && check.verdict == verdict);
    let check = check.unwrap_or_else(|| panic!("{name}: {:?}\n{report}", found(report)));
    assert!(!check.reason.is_empty(), "{name}");
}

#[test]
fn a_model_as_planned_passes() {
    let Applied { model, report } = he(1).apply(Net::new(&WIDTHS)).unwrap();
    let probed = probed(&model, &report);
    assert_eq!(probed.verdict(), Verdict::Pass, "{probed}");
    // Theory has something to say of most.
    let by_theory = probed
        .checks
        .iter()
        .filter(|check| check.predicted.is_some());
    assert!(by_theory.count() > 40, "{probed}");
}

/// Faults, one at a time, in a model that passes without them.
#[test]
fn planted_faults() {
    use Quantity::*;
    use Verdict::{Fail, Warn};
    let planned = || he(1).apply(Net::new(&WIDTHS)).unwrap();
    let fresh = || planned().model;
    let report = planned().report;
    let whole = |report: &Report, model: &Net| probed(model, report);
    let mut count = 0;
    let mut case = |name: &str, found: ProbeReport, path: &str, quantity, verdict| {
        finds(name, &found, path, quantity, verdict);
        count += 1;
    };

    // The values are others than the plan's.
    let model = changed(fresh(), "layers.0.weight", scaled((100f32 / 64.0).sqrt()));
    case(
        "fan_out in place of fan_in",
        whole(&report, &model),
        "layers.0.weight",
        Std,
        Fail,
    );
    let glorot = Plan::new(1)
        .rule(
            Select::path("layers.1.weight"),
            VarianceScaling::glorot_normal(),
        )
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros());
    let model = glorot.apply(Net::new(&WIDTHS)).unwrap().model;
    case(
        "another initializer",
        whole(&report, &model),
        "layers.1.weight",
        Std,
        Fail,
    );
    let model = changed(fresh(), "layers.1.weight", |w| {
        w.into_iter().map(|w| w + 0.05).collect()
    });
    case(
        "a mean that isn't 0",
        whole(&report, &model),
        "layers.1.weight",
        Mean,
        Fail,
    );
    let model = changed(fresh(), "layers.2.bias", |b| vec![0.01; b.len()]);
    case(
        "biases that aren't 0",
        whole(&report, &model),
        "layers.2.bias",
        Mean,
        Fail,
    );
    let model = changed(fresh(), "layers.1.weight", |mut w| {
        w[77] = f32::NAN;
        w
    });
    case(
        "one NaN",
        whole(&report, &model),
        "layers.1.weight",
        Finite,
        Fail,
    );
    let model = changed(fresh(), "head.weight", |mut w| {
        w[5] = f32::INFINITY;
        w
    });
    case(
        "one infinity",
        whole(&report, &model),
        "head.weight",
        Finite,
        Fail,
    );
    let cut = TruncatedNormal::new(0.0, 0.1).bounds(-0.2, 0.2);
    let applied = with_biases(Plan::new(1), cut)
        .apply(Net::new(&WIDTHS))
        .unwrap();
    let model = changed(applied.model, "layers.0.weight", |mut w| {
        w[9] = 0.21;
        w
    });
    case(
        "beyond its bounds",
        whole(&applied.report, &model),
        "layers.0.weight",
        Bounds,
        Fail,
    );

    // Neurons and layers that are alike.
    let first = |w: Vec<f32>| {
        // Rows are inputs; all neurons get the first one's weights, which keep their size.
        w.chunks(64).flat_map(|row| vec![row[0]; 64]).collect()
    };
    let model = changed(fresh(), "layers.1.weight", first);
    case(
        "equal neurons",
        whole(&report, &model),
        "layers.1.weight",
        EqualNeurons,
        Fail,
    );
    let two = |mut w: Vec<f32>| {
        w.chunks_mut(64).for_each(|row| row[7] = row[3]);
        w
    };
    let model = changed(fresh(), "layers.1.weight", two);
    case(
        "two equal neurons",
        whole(&report, &model),
        "layers.1.weight",
        EqualNeurons,
        Fail,
    );
    let constant = with_biases(Plan::new(1), Constant::new(0.1))
        .apply(Net::new(&WIDTHS))
        .unwrap();
    let probed_constant = whole(&constant.report, &constant.model);
    case(
        "a constant",
        probed_constant,
        "layers.0.weight",
        EqualNeurons,
        Fail,
    );
    let mut copied = Vec::new();
    let model = changed(fresh(), "layers.1.weight", |w| {
        copied.clone_from(&w);
        w
    });
    let model = changed(model, "layers.2.weight", |_| copied.clone());
    case(
        "two equal layers",
        whole(&report, &model),
        "layers.2.weight",
        EqualParameters,
        Fail,
    );
    let mut tied = Net::new(&WIDTHS);
    tied.layers[2] = tied.layers[1].clone();
    let applied = he(1).apply(tied).unwrap();
    case(
        "a cloned layer",
        whole(&applied.report, &applied.model),
        "layers.2.weight",
        Tied,
        Warn,
    );
    let low_rank = |w: Vec<f32>| {
        let outer = |i: usize| w[i / 64 * 64] * w[i % 64];
        let outer: Vec<f32> = (0..w.len()).map(outer).collect();
        let square = |w: &[f32]| w.iter().map(|w| w * w).sum::<f32>();
        let by = (square(&w) / square(&outer)).sqrt();
        outer.into_iter().map(|w| w * by).collect()
    };
    let model = changed(fresh(), "layers.1.weight", low_rank);
    case(
        "rank 1",
        whole(&report, &model),
        "layers.1.weight",
        EffectiveRank,
        Fail,
    );
    case(
        "rank 1, its norm",
        whole(&report, &model),
        "layers.1.weight",
        LargestSingularValue,
        Fail,
    );
    let smooth = |w: Vec<f32>| {
        let sum = |i: usize| (w[i] + w.get(i + 64).copied().unwrap_or(w[i % 64])) / 2f32.sqrt();
        (0..w.len()).map(sum).collect()
    };
    let model = changed(fresh(), "layers.1.weight", smooth);
    case(
        "smooth neurons",
        whole(&report, &model),
        "layers.1.weight",
        Autocorrelation,
        Fail,
    );

    case(
        "smooth neurons, by scale",
        whole(&report, &model),
        "layers.1.weight",
        Coarse,
        Fail,
    );

    // What the plan hasn't touched, and what it shouldn't.
    let mut longer = fresh();
    longer
        .layers
        .push(LinearConfig::new(64, 64).init(&Device::flex()));
    case(
        "a layer from later",
        whole(&report, &longer),
        "layers.4.weight",
        Known,
        Fail,
    );
    let mut wider = fresh();
    wider.head = LinearConfig::new(64, 12).init(&Device::flex());
    let found = Probe::new().expecting(&report).parameters(&wider).unwrap();
    case("another shape", found, "head.weight", Known, Fail);
    let shorter = he(1).apply(Net::new(&WIDTHS[..4])).unwrap().model;
    case(
        "a layer that is gone",
        whole(&report, &shorter),
        "layers.3.weight",
        Known,
        Fail,
    );
    let model = changed(fresh(), "norm.gamma", |g| {
        Normal::new(0.0, 0.1)
            .draw(&[g.len()].into(), Seed::new(1).key("g"))
            .unwrap()
    });
    case(
        "a normalization's scale overwritten",
        whole(&report, &model),
        "norm.gamma",
        Norm,
        Fail,
    );
    let model = changed(fresh(), "norm.gamma", |g| vec![0.5; g.len()]);
    case(
        "a normalization that was loaded",
        whole(&report, &model),
        "norm.gamma",
        Norm,
        Warn,
    );
    let sparse = with_biases(Plan::new(1), Sparse::exact(8))
        .apply(Net::new(&WIDTHS))
        .unwrap();
    let model = changed(sparse.model, "layers.0.weight", |w| {
        w.into_iter()
            .map(|w| if w == 0.0 { 1e-3 } else { w })
            .collect()
    });
    case(
        "a mask that was lost",
        whole(&sparse.report, &model),
        "layers.0.weight",
        Density,
        Fail,
    );
    let narrow = with_biases(Plan::new(1), Normal::new(0.0, 3e-8))
        .apply(Net::new(&WIDTHS))
        .unwrap();
    let model = changed(narrow.model, "layers.0.weight", |w| {
        w.into_iter()
            .map(|w| burn::tensor::f16::from_f32(w).to_f32())
            .collect()
    });
    let found = Probe::new()
        .expecting(&narrow.report)
        .parameters(&model)
        .unwrap();
    case("f16 underflow", found, "layers.0.weight", Density, Fail);

    // Signals.
    let dead = Plan::new(1)
        .rule(Select::path("layers.1.bias"), Constant::new(-20.0))
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros());
    let dead = dead.apply(Net::new(&WIDTHS)).unwrap();
    case(
        "dead relus",
        whole(&dead.report, &dead.model),
        "layers.1.weight",
        Dead,
        Fail,
    );
    case(
        "no gradient behind them",
        whole(&dead.report, &dead.model),
        "layers.0.weight",
        Gradient,
        Warn,
    );
    let deep = vec![64; 41];
    let deep_and = |init: AnyInitializer| {
        let applied = with_biases(Plan::new(1), init)
            .apply(Net::new(&deep))
            .unwrap();
        let probe = Probe::new().expecting(&applied.report);
        probed_with(&probe, &applied.model, &normal(128, 64, 1))
    };
    let fading = deep_and(VarianceScaling::glorot_normal().into());
    case(
        "Glorot over 40 relus",
        fading,
        "layers.39.weight",
        Drift,
        Fail,
    );
    let growing = deep_and(VarianceScaling::he_normal().gain(2.0).into());
    case(
        "a gain of 2 over 40 relus",
        growing,
        "layers.39.weight",
        Drift,
        Fail,
    );
    let sure = Plan::new(1)
        .rule(Select::path("head.weight"), Normal::new(0.0, 2.0))
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros());
    let sure = sure.apply(Net::new(&WIDTHS)).unwrap();
    case(
        "logits of a model that is sure",
        whole(&sure.report, &sure.model),
        "",
        Loss,
        Fail,
    );
    let pixels = normal(128, 100, 1) * 60.0 + 128.0;
    let found = probed_with(&Probe::new().expecting(&report), &fresh(), &pixels);
    case("pixels from 0 to 255", found, "", SecondMoment, Warn);
    let twice = |model: &Net, outputs: &mut Outputs| {
        // The run isn't what its path says: a factor stands within.
        let x = normal(128, 100, 1);
        outputs.layer("layers.0.weight", x, |x| model.layers[0].forward(x) * 3.0);
    };
    let found = Probe::new()
        .expecting(&report)
        .forward(&fresh(), twice)
        .unwrap();
    case(
        "a run with a factor",
        found,
        "layers.0.weight",
        SecondMoment,
        Fail,
    );
    let same_row = |model: &Net, outputs: &mut Outputs| {
        let y = model.layers[0].forward(normal(128, 100, 1));
        outputs.layer("layers.0.weight", normal(128, 100, 1), |_| {
            let one: Tensor<2> = y.clone().slice([0..128, 0..1]);
            one.repeat_dim(1, 64)
        });
    };
    let found = Probe::new()
        .expecting(&report)
        .forward(&fresh(), same_row)
        .unwrap();
    case(
        "outputs that are alike",
        found,
        "layers.0.weight",
        Correlation,
        Fail,
    );
    case(
        "a user's struct with swapped axes",
        swapped(),
        "weight",
        Inputs,
        Fail,
    );
    case("groups that nobody told", groups(), "weight", Inputs, Fail);
    assert!(count >= 20, "{count}");
}

/// A weight `[outputs, inputs]` in a struct that Burn doesn't know.
fn swapped() -> ProbeReport {
    #[derive(Module, Debug)]
    struct Own {
        weight: Param<Tensor<2>>,
    }
    let own = Own {
        weight: Param::from_tensor(Tensor::zeros([64, 100], &Device::flex())),
    };
    let plan = Plan::new(1).rule(Select::weights(), VarianceScaling::he_normal());
    let Applied { model, report } = plan.apply(own).unwrap();
    let run = |model: &Own, outputs: &mut Outputs| {
        let x = normal(128, 100, 1);
        outputs.layer("weight", x, |x| x.matmul(model.weight.val().transpose()));
    };
    Probe::new()
        .expecting(&report)
        .forward(&model, run)
        .unwrap()
}

fn groups() -> ProbeReport {
    let device = Device::flex();
    let conv: Conv2d = Conv2dConfig::new([8, 16], [3, 3])
        .with_groups(4)
        .init(&device);
    let plan = Plan::new(1)
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros());
    let Applied { model, report } = plan.apply(conv).unwrap();
    let run = |conv: &Conv2d, outputs: &mut Outputs| {
        let x = normal(4, 8 * 36, 1).reshape([4, 8, 6, 6]);
        outputs.layer("weight", x, |x| conv.forward(x));
    };
    let probed = Probe::new()
        .expecting(&report)
        .forward(&model, run)
        .unwrap();
    let told = Plan::new(1)
        .push(Rule::new(Select::weights(), VarianceScaling::he_normal()).groups(4))
        .rule(Select::biases(), Constant::zeros())
        .apply(model)
        .unwrap();
    let right = Probe::new()
        .expecting(&told.report)
        .forward(&told.model, run)
        .unwrap();
    assert_eq!(right.verdict(), Verdict::Pass, "{right}");
    probed
}

/// No check of values fails or warns, for ten presets and 100 seeds each.
#[test]
fn no_false_alarms_of_presets() {
    let device = Device::flex();
    fn none<M: Module>(preset: impl Into<Preset>, model: impl Fn() -> M) {
        let preset = preset.into();
        for seed in 0..100 {
            let Applied { model, report } = Plan::new(seed)
                .preset(preset.clone())
                .apply(model())
                .unwrap();
            let probed = Probe::new().expecting(&report).parameters(&model).unwrap();
            assert_eq!(found(&probed), [], "{preset:?}, seed {seed}");
        }
    }
    none(Gpt2::new(2), || models::gpt2::Gpt2::new(2, 32, &device));
    none(Llama::new(), || models::llama::Llama::new(2, 32, &device));
    none(Bert::new().padding(0, 500), || {
        models::bert::Bert::new(1, 32, &device)
    });
    none(T5::new(32, 8), || models::t5::T5::new(1, 32, &device));
    none(Mamba::new(), || models::mamba::Mamba::new(2, 32, &device));
    none(Vit::timm(), || models::vit::Vit::new(1, 32, &device));
    none(Vit::jax(), || models::vit::Vit::new(1, 32, &device));
    none(ConvNext::new(), || {
        models::convolutional::ConvNext::new(&[(1, 16), (1, 32)], &device)
    });
    none(ResNet::basic(), || {
        models::convolutional::ResNet::new(1, &device)
    });
    none(EfficientNet::new(), || {
        models::convolutional::EfficientNet::new(&device)
    });
}

/// Nor does one of signals and gradients, for six initializers of a relu network and 100 seeds each.
#[test]
fn no_false_alarms_of_signals() {
    let wide = Sparse::exact(16);
    let cases: [(&str, AnyInitializer); 6] = [
        ("he", VarianceScaling::he_normal().into()),
        ("glorot", VarianceScaling::glorot_uniform().into()),
        ("lecun", VarianceScaling::lecun_normal().into()),
        ("orthogonal", Orthogonal::new().gain(2f64.sqrt()).into()),
        ("sparse", wide.into()),
        ("wavelet", Wavelet::haar().into()),
    ];
    for (name, init) in cases {
        for seed in 0..100 {
            let plan = with_biases(Plan::new(seed), init.clone());
            let Applied { model, report } = plan.apply(Net::new(&[100, 64, 48])).unwrap();
            let probe = Probe::new().expecting(&report);
            let probed = probed_with(&probe, &model, &normal(64, 100, seed + 1000));
            assert_eq!(found(&probed), [], "{name}, seed {seed}\n{probed}");
        }
    }
}

/// Nor weights of few neurons whose elements depend on each other, or of few inputs, whose patterns are equal by
/// chance.
#[test]
fn no_false_alarms_of_few_neurons() {
    let cases: [(AnyInitializer, [usize; 2]); 5] = [
        (Wavelet::haar().into(), [1024, 10]),
        (Wavelet::haar().power_law(2.0).into(), [200, 10]),
        (Sparse::torch(0.9, 0.1).into(), [30, 64]),
        (Sparse::new(Pattern::Bernoulli(0.1)).into(), [30, 64]),
        (Sparse::exact(1).into(), [100, 64]),
    ];
    let uniform = |inputs: usize| {
        let init = burn_init::Uniform::new(0.0, 1.0);
        let x = init.draw(&[64, inputs].into(), Seed::new(1).key("x"));
        Tensor::<2>::from_data(TensorData::new(x.unwrap(), [64, inputs]), &Device::flex())
    };
    for (init, [inputs, outputs]) in cases {
        for seed in 0..100 {
            let layer = LinearConfig::new(inputs, outputs).init(&Device::flex());
            let plan = Plan::new(seed)
                .rule(Select::weights(), init.clone())
                .rule(Select::biases(), Constant::zeros());
            let Applied { model, report } = plan.apply(layer).unwrap();
            let run = |layer: &Linear, outputs: &mut Outputs| {
                outputs.layer("weight", uniform(inputs), |x| layer.forward(x));
            };
            let probed = Probe::new()
                .expecting(&report)
                .forward(&model, run)
                .unwrap();
            assert_eq!(found(&probed), [], "{init}, seed {seed}\n{probed}");
        }
    }
}

/// Nor heads that are 0, or rarely say yes, by their rules; and a layer that its rule kills is dead.
#[test]
fn planned_heads() {
    let with_head = |weight: AnyInitializer, bias: AnyInitializer| {
        Plan::new(1)
            .rule(Select::path("head.weight"), weight)
            .rule(Select::path("head.bias"), bias)
            .rule(Select::weights(), VarianceScaling::he_normal())
            .rule(Select::biases(), Constant::zeros())
    };
    let zero = with_head(Constant::zeros().into(), Constant::zeros().into());
    let focal = with_head(Normal::new(0.0, 0.01).into(), ClassPrior::focal().into());
    let x = normal(128, 100, 1);
    for plan in [zero, focal] {
        let Applied { model, report } = plan.apply(Net::new(&WIDTHS)).unwrap();
        let probe = Probe::new().expecting(&report);
        let run = |model: &Net, outputs: &mut Outputs| _ = model.recorded(x.clone(), outputs);
        let forward = probe.forward(&model, run).unwrap();
        assert_eq!(found(&forward), [], "{forward}");
        let backward = probed(&model, &report);
        assert!(backward.verdict() < Verdict::Fail, "{backward}");
    }
    let dead = Plan::new(1).rule(Select::path("layers.1.bias"), Constant::new(-100.0));
    let dead = with_biases(dead, VarianceScaling::he_normal());
    let Applied { model, report } = dead.apply(Net::new(&WIDTHS)).unwrap();
    let at = "layers.1.weight";
    finds(
        "planned",
        &probed(&model, &report),
        at,
        Quantity::Dead,
        Verdict::Fail,
    );
    let probe = Probe::new().expecting(&report);
    let run = |model: &Net, outputs: &mut Outputs| _ = model.recorded(x.clone(), outputs);
    let forward = probe.forward(&model, run).unwrap();
    finds("planned", &forward, at, Quantity::Dead, Verdict::Warn);
}

/// Nor signals whose squares f32 can't hold: only the drift is bad.
#[test]
fn signals_beyond_squares_of_f32() {
    for gain in [1e-2, 1e2] {
        let init = VarianceScaling::he_normal().gain(gain);
        let plan = with_biases(Plan::new(3), init);
        let Applied { model, report } = plan.apply(Net::new(&[64; 12])).unwrap();
        let probe = Probe::new().expecting(&report);
        let x = normal(64, 64, 1);
        let run = |model: &Net, outputs: &mut Outputs| _ = model.recorded(x.clone(), outputs);
        let probed = probe.forward(&model, run).unwrap();
        let others = |(_, quantity, _): &(String, Quantity, Verdict)| *quantity != Quantity::Drift;
        let found: Vec<_> = found(&probed).into_iter().filter(others).collect();
        assert_eq!(found, [], "{gain}\n{probed}");
    }
}

/// Nor do 30 layers, whose rows grow alike: up to half of the neurons of the last ones are dead. On average as many are
/// as predicted: a prediction is of 512 neurons, the same for all layers, and has a standard error of 0.018 at most.
#[test]
fn no_false_alarms_of_dead_neurons() {
    let (mut most, mut surplus, mut layers) = (0f64, 0.0, 0.0);
    for seed in 0..30 {
        let Applied { model, report } = he(seed).apply(Net::new(&[64; 32])).unwrap();
        let probe = Probe::new().expecting(&report);
        let probed = probed_with(&probe, &model, &normal(128, 64, seed));
        for check in probed
            .checks
            .iter()
            .filter(|c| c.quantity == Quantity::Dead)
        {
            assert_eq!(check.verdict, Verdict::Pass, "seed {seed}: {check:?}");
            most = most.max(check.measured);
            surplus += check.measured - check.predicted.unwrap();
            layers += 1.0;
        }
    }
    assert!(most > 0.3, "{most}");
    let surplus: f64 = surplus / layers;
    assert!(surplus.abs() < 0.05, "{surplus}");
}

/// He keeps the second moment over a relu layer, and Glorot halves it.
#[test]
fn second_moments_by_layer() {
    for (init, factor) in [
        (VarianceScaling::he_normal(), 1.0),
        (VarianceScaling::glorot_normal(), 0.5),
    ] {
        let net = || Net::new(&[256; 7]);
        let mut ratios = vec![0.0; 5];
        const SEEDS: u64 = 16;
        for seed in 0..SEEDS {
            let Applied { model, report } =
                with_biases(Plan::new(seed), init).apply(net()).unwrap();
            let probe = Probe::new().expecting(&report);
            let probed = probed_with(&probe, &model, &normal(64, 256, seed));
            let input = |i: usize| probed.layers[i].input_second_moment.unwrap();
            for (i, ratio) in ratios.iter_mut().enumerate() {
                *ratio += input(i + 1) / input(i) / SEEDS as f64;
            }
        }
        // A layer's mean square varies by about √(5/256) of itself; six standard errors of 16 seeds.
        for ratio in ratios {
            assert!((ratio / factor - 1.0).abs() < 0.21, "{init}: {ratio}");
        }
    }
}

/// The second moment of an output is on average what is predicted from its input, also where inputs have a mean.
#[test]
fn predicted_second_moments() {
    let x = burn_init::Uniform::new(0.0, 1.0)
        .draw(&[50, 100].into(), Seed::new(1).key("x"))
        .unwrap();
    let x = Tensor::<2>::from_data(TensorData::new(x, [50, 100]), &Device::flex());
    const SEEDS: u64 = 64;
    let mut ratio = 0.0;
    for seed in 0..SEEDS {
        let layer = LinearConfig::new(100, 64).init(&Device::flex());
        let plan = Plan::new(seed)
            .rule(Select::weights(), VarianceScaling::he_normal())
            .rule(Select::biases(), Constant::new(0.5));
        let Applied { model, report } = plan.apply(layer).unwrap();
        let run = |layer: &Linear, outputs: &mut Outputs| {
            outputs.layer("weight", x.clone(), |x| layer.forward(x));
        };
        let probe = Probe::new().expecting(&report);
        let probed = probe.forward(&model, run).unwrap();
        let check = probed
            .checks
            .iter()
            .find(|check| check.path == "weight" && check.quantity == Quantity::SecondMoment)
            .unwrap();
        ratio += check.measured / check.predicted.unwrap() / SEEDS as f64;
    }
    // Nearly one direction of 64 neurons: √(2/64) for a seed, and an eighth of that for all; 6.5 of these.
    assert!((ratio - 1.0).abs() < 0.145, "{ratio}");
}

/// The share of skewed neurons on inputs from U(0, 1), beside the law: 62.7 % at α = 0.3.
#[test]
fn skewed_neurons() {
    let ratio = (1.0 / 12f64).sqrt() / 0.5;
    let share = law::skewed_share(ratio, 0.3).unwrap();
    let device = Device::flex();
    let layer = LinearConfig::new(400, 1000).init(&device);
    let plan = Plan::new(3)
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros());
    let Applied { model, report } = plan.apply(layer).unwrap();
    let uniform = burn_init::Uniform::new(0.0, 1.0)
        .draw(&[500, 400].into(), Seed::new(1).key("x"))
        .unwrap();
    let x = Tensor::<2>::from_data(TensorData::new(uniform, [500, 400]), &device);
    let probe = Probe::new().expecting(&report);
    let run = |layer: &Linear, outputs: &mut Outputs| {
        outputs.layer("weight", x.clone(), |x| layer.forward(x));
    };
    let probed = probe.forward(&model, run).unwrap();
    // 1,000 neurons: a standard error of 1.5 %.
    assert!(
        (probed.layers[0].skewed - share).abs() < 0.08,
        "{}",
        probed.layers[0].skewed
    );
    let check = probed
        .checks
        .iter()
        .find(|c| c.quantity == Quantity::Skewed)
        .unwrap();
    assert!((check.predicted.unwrap() - share).abs() < 0.02, "{check:?}");
}

/// Ten square layers without activations: N(0, 1/n) has the largest square near (L + 1)^(L + 1) / L^L = 28.5, an edge
/// from which finite matrices stay a little away, and orthogonal ones have 1.
#[test]
fn jacobians_of_linear_chains() {
    let n = 256;
    let chain = |init: AnyInitializer| -> Vec<Tensor<2>> {
        let layer = |i: u64| {
            let values = init.draw(&[n, n].into(), Seed::new(i).key("w")).unwrap();
            Tensor::from_data(TensorData::new(values, [n, n]), &Device::flex())
        };
        (0..10).map(layer).collect()
    };
    let run =
        |layers: &[Tensor<2>], x: Tensor<2>| layers.iter().fold(x, |x, w| x.matmul(w.clone()));
    let x = || normal(1, n, 7).reshape([n]);
    let gaussian = chain(Normal::new(0.0, (1.0 / n as f64).sqrt()).into());
    let exact = Jacobian::of(x(), |x| run(&gaussian, x)).unwrap();
    let square = exact.singular_values[0].powi(2);
    assert!(
        (square / law::product_edge(10) - 1.0).abs() < 0.2,
        "{square}"
    );
    let mut told = 0;
    let some = Jacobian::largest(
        x(),
        24,
        |x| run(&gaussian, x),
        |step| {
            told = step.done;
            assert_eq!(step.of, 24);
        },
    );
    let some = some.unwrap();
    assert_eq!(told, 24);
    for (a, b) in exact
        .singular_values
        .iter()
        .zip(&some.singular_values)
        .take(3)
    {
        assert!((a / b - 1.0).abs() < 0.01, "{a} {b}");
    }
    let orthogonal = chain(Orthogonal::new().into());
    let values = Jacobian::of(x(), |x| run(&orthogonal, x))
        .unwrap()
        .singular_values;
    assert!(values.iter().all(|s| (s - 1.0).abs() < 1e-3), "{values:?}");
}

/// The power law γ gives the details of level j the energy 2^(jγ) for each coefficient, and the mean that of the coarsest.
#[test]
fn spectrum_of_power_laws() {
    let layer = LinearConfig::new(64, 400).init(&Device::flex());
    for gamma in [0.0, 1.0, 2.0] {
        let init = Wavelet::haar().power_law(gamma).mean_gain(1.0);
        let init = init.base(Normal::new(0.0, 1.0));
        let plan = Plan::new(1)
            .rule(Select::weights(), init)
            .rule(Select::biases(), Constant::zeros());
        let Applied { model, report } = plan.apply(layer.clone()).unwrap();
        let probe = Probe::new().expecting(&report).grid("weight", [64, 1]);
        let probed = probe.parameters(&model).unwrap();
        // One mean, then 1, 2, 4, … coefficients from level 6 down to 1.
        let energy = |level: i32, count: f64| count * 2f64.powi(level).powf(gamma);
        let levels: Vec<f64> = std::iter::once(energy(6, 1.0))
            .chain((0..6).map(|i| energy(6 - i, 2f64.powi(i))))
            .collect();
        let sum: f64 = levels.iter().sum();
        let spectrum = &probed.parameters[0].spectrum;
        assert_eq!(spectrum.len(), 7);
        for (share, level) in spectrum.iter().zip(levels) {
            // 400 neurons and more: a standard error of 7 % at the most.
            assert!(
                (share / (level / sum) - 1.0).abs() < 0.45,
                "{gamma}: {spectrum:?}"
            );
        }
    }
}

/// Of a relu network, by differences of its outputs.
#[test]
fn jacobian_of_a_network() {
    let model = he(2).apply(Net::new(&[12, 16, 16])).unwrap().model;
    let x = normal(1, 12, 5);
    let run = |x: Tensor<2>| model.recorded(x, &mut Outputs::off());
    let values = Jacobian::of(x.clone().reshape([12]), run)
        .unwrap()
        .singular_values;
    let mut squares = 0.0;
    for i in 0..12 {
        let mut step = vec![0f32; 12];
        step[i] = 1e-3;
        let step = Tensor::<2>::from_data(TensorData::new(step, [1, 12]), &Device::flex());
        let difference = run(x.clone() + step.clone()) - run(x.clone() - step);
        let numbers = difference
            .into_data()
            .iter::<f64>()
            .map(|d| d / 2e-3)
            .collect::<Vec<_>>();
        squares += numbers.iter().map(|d| d * d).sum::<f64>();
    }
    let sum: f64 = values.iter().map(|s| s * s).sum();
    assert!((sum / squares - 1.0).abs() < 0.02, "{sum} {squares}");
}

/// The cosines of two classes, whose gradients are known.
#[test]
fn gradients_of_classes() {
    let device = Device::flex();
    let layer = LinearConfig::new(2, 1).with_bias(false).init(&device);
    let layer = layer.init_weights(&Constant::new(0.5), 1).unwrap();
    // Linear losses: gradients are (1, 0), (1, 1), (−1, 1).
    let inputs = [[1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]];
    let confusion = Confusion::of(&layer, 3, |layer, class| {
        layer
            .forward(Tensor::<2>::from_floats([inputs[class]], &device))
            .sum()
    });
    let confusion = confusion.unwrap();
    let half = 0.5f64.sqrt();
    for ((i, j), cosine) in [
        ((0, 1), half),
        ((0, 2), -half),
        ((1, 2), 0.0),
        ((1, 1), 1.0),
    ] {
        assert!((confusion.cosines[i][j] - cosine).abs() < 1e-6);
    }
    assert!((confusion.lowest() + half).abs() < 1e-6);
}

/// The curvature of a quadratic form is known: of mean (xᵀw)² over a batch, 2λ of XᵀX/n.
#[test]
fn sharpness_of_a_quadratic() {
    let device = Device::flex();
    let layer = LinearConfig::new(20, 1).with_bias(false).init(&device);
    let layer = layer.init_weights(&Normal::new(0.0, 1.0), 1).unwrap();
    let x = normal(50, 20, 3);
    let sharpness = Sharpness::of(
        &layer,
        300,
        |layer| layer.forward(x.clone()).square().mean(),
        |_| {},
    );
    let gram = x.clone().transpose().matmul(x);
    let mut v = Tensor::<2>::ones([20, 1], &device);
    for _ in 0..500 {
        v = gram.clone().matmul(v);
        let norm = v.clone().square().sum().sqrt().into_scalar::<f32>();
        v = v / norm;
    }
    let top = gram.matmul(v.clone()).mul(v).sum().into_scalar::<f64>();
    let sharpness = sharpness.unwrap();
    let expected = 2.0 * top / 50.0;
    assert!(
        (sharpness.eigenvalue / expected - 1.0).abs() < 0.01,
        "{sharpness:?} {expected}"
    );
    assert!((sharpness.largest_stable_step() * sharpness.eigenvalue - 2.0).abs() < 1e-9);
}

/// A run in training mode changes no running statistics.
#[test]
fn running_statistics_stay() {
    #[derive(Module, Debug)]
    struct Normed {
        layer: Linear,
        norm: BatchNorm,
    }
    let device = Device::flex();
    let model = Normed {
        layer: LinearConfig::new(4, 4).init(&device),
        norm: BatchNormConfig::new(4).init(&device),
    };
    let x = normal(16, 4, 1) + 3.0;
    let mut in_training = Vec::new();
    let run = |model: &Normed, outputs: &mut Outputs| {
        let y = outputs.layer("layer.weight", x.clone(), |x| model.layer.forward(x));
        let y = model.norm.forward(y);
        in_training.push(model.norm.running_mean.value_sync().into_data());
        y.square().mean()
    };
    let mean = || model.norm.running_mean.value_sync().into_data();
    let before = mean();
    Probe::new().backward(&model, run).unwrap();
    assert_ne!(in_training[0], before);
    assert_eq!(mean(), before);
}

/// The model is as it was.
#[test]
fn the_model_stays() {
    let Applied { model, report } = he(4).apply(Net::new(&WIDTHS)).unwrap();
    let before = model.head.weight.val().into_data();
    let _ = probed(&model, &report);
    assert_eq!(model.head.weight.val().into_data(), before);
    assert!(!model.head.weight.val().is_autodiff());
}

#[test]
fn wrong_input() {
    let Applied { model, report } = he(1).apply(Net::new(&WIDTHS)).unwrap();
    let probe = || Probe::new().expecting(&report);
    let message = |result: Result<ProbeReport, InitError>| result.unwrap_err().to_string();
    let nothing = message(probe().forward(&model, |_, _| {}));
    assert!(nothing.contains("recorded no layer"), "{nothing}");
    let path = message(probe().forward(&model, |_, outputs| {
        outputs.layer("layer.0.weight", normal(2, 2, 1), |x| x);
    }));
    assert!(path.contains("did you mean `layers.0.weight`"), "{path}");
    let twice = message(probe().forward(&model, |model, outputs| {
        let x = normal(2, 100, 1);
        for _ in 0..2 {
            outputs.layer("layers.0.weight", x.clone(), |x| model.layers[0].forward(x));
        }
    }));
    assert!(twice.contains("twice"), "{twice}");
    let detached = message(probe().backward(&model, |model, outputs| {
        let y = outputs.layer("layers.0.weight", normal(2, 100, 1), |x| {
            model.layers[0].forward(x)
        });
        y.detach().mean()
    }));
    assert!(detached.contains("depends on no parameter"), "{detached}");
    let grid = message(probe().grid("layers.0.weight", [8, 8]).parameters(&model));
    assert!(grid.contains("[8, 8]") && grid.contains("100"), "{grid}");
    let path = message(probe().grid("layers.9.weight", [8, 8]).parameters(&model));
    assert!(path.contains("did you mean"), "{path}");
    for classes in [0, 1] {
        let classes = message(Probe::new().classes(classes).parameters(&model));
        assert!(classes.contains("at least 2"), "{classes}");
    }
    for alpha in [0.0, 0.5, f64::NAN, -1.0] {
        let alpha = message(Probe::new().alpha(alpha).parameters(&model));
        assert!(alpha.contains("alpha"), "{alpha}");
    }
    assert!(
        Jacobian::of(normal(1, 4, 1).reshape([4]), |x| x
            .slice([0..1, 0..4])
            .repeat_dim(0, 2))
        .is_err()
    );
    assert!(Jacobian::largest(normal(1, 4, 1).reshape([4]), 0, |x| x, |_| {}).is_err());
    let frozen = LinearConfig::new(2, 1).init(&Device::flex()).no_grad();
    let x = || Tensor::<2>::ones([1, 2], &Device::flex());
    assert!(Sharpness::of(&frozen, 3, |layer| layer.forward(x()).sum(), |_| {}).is_err());
    assert!(Sharpness::of(&frozen, 0, |layer| layer.forward(x()).sum(), |_| {}).is_err());
}

/// A grid is for the axes that a rule tells, not for those that were guessed.
#[test]
fn grids_of_told_axes() {
    let device = Device::flex();
    let own = Own {
        weight: Param::from_tensor(Tensor::zeros([64, 100], &device)),
        scale: Param::from_tensor(Tensor::ones([3], &device)),
    };
    let weights = Rule::new(Select::path("weight"), Normal::new(0.0, 0.1));
    let plan = Plan::new(1)
        .push(weights.axes([Axis::Output, Axis::Input]))
        .keep(Select::path("scale"));
    let Applied { model, report } = plan.apply(own).unwrap();
    let probe = |grid| Probe::new().expecting(&report).grid("weight", grid);
    let probed = probe([10, 10]).parameters(&model).unwrap();
    assert_eq!(found(&probed), []);
    assert!(probe([8, 8]).parameters(&model).is_err());
    assert!(probe([usize::MAX, 2]).parameters(&model).is_err());
}

/// Empty, tiny and other odd models give numbers, not panics.
#[test]
fn odd_models() {
    let device = Device::flex();
    for (inputs, outputs) in [(1, 1), (1, 5), (5, 1), (2, 2), (0, 3)] {
        let layer = LinearConfig::new(inputs, outputs).init(&device);
        let Applied { model, report } = with_biases_of_one(5).apply(layer).unwrap();
        for rows in [1, 2, 3] {
            let x = normal(rows, inputs, 1);
            let probed = Probe::new()
                .expecting(&report)
                .backward(&model, |layer, outputs| {
                    outputs
                        .layer("weight", x.clone(), |x| layer.forward(x))
                        .square()
                        .mean()
                });
            let probed = probed.unwrap();
            // Of no inputs, numbers are no numbers.
            assert!(
                inputs == 0 || probed.problems().iter().all(|c| c.verdict == Verdict::Warn),
                "{probed}"
            );
            assert!(probed.to_html("odd <model>").contains("odd &lt;model&gt;"));
        }
    }
    // Nothing in it has values.
    let none: Vec<Linear> = Vec::new();
    let probed = Probe::new().parameters(&none).unwrap();
    assert_eq!((probed.verdict(), probed.checks.len()), (Verdict::Pass, 0));
    let zeros = Param::<Tensor<2>>::initialized(
        ParamId::new(),
        Tensor::zeros([3, 4], (&device, DType::F32)),
    );
    #[derive(Module, Debug)]
    struct One {
        weight: Param<Tensor<2>>,
    }
    let zero = Probe::new().parameters(&One { weight: zeros }).unwrap();
    finds(
        "zeros",
        &zero,
        "weight",
        Quantity::EqualNeurons,
        Verdict::Fail,
    );
}

fn with_biases_of_one(seed: u64) -> Plan {
    Plan::new(seed)
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros())
}

/// Tables, JSON and pages have the numbers.
#[test]
fn reports() {
    let Applied { model, report } = he(1).apply(Net::new(&WIDTHS)).unwrap();
    let model = changed(model, "layers.1.weight", scaled(1.5));
    let probe = Probe::new()
        .expecting(&report)
        .grid("layers.0.weight", [10, 10]);
    let probed = probed_with(&probe, &model, &normal(128, 100, 1));
    let text = probed.to_string();
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("FAIL") && first.contains("layers.1.weight"),
        "{text}"
    );
    assert!(text.lines().last().unwrap().contains("failed"), "{text}");
    let markdown = probed.to_markdown();
    assert!(
        markdown.starts_with("| | parameter |") && markdown.contains("| FAIL | layers.1.weight |")
    );
    let json: serde_json::Value = serde_json::to_value(&probed).unwrap();
    assert_eq!(
        json["checks"].as_array().unwrap().len(),
        probed.checks.len()
    );
    assert_eq!(json["layers"][0]["path"], "layers.0.weight");
    let html = probed.to_html("A network");
    for part in [
        "<title>A network</title>",
        "energy by scale",
        "Marchenko",
        "layers.1.weight",
        "<svg",
        "neurons",
        "standard deviation",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let plan = with_biases(Plan::new(1), VarianceScaling::glorot_uniform());
    let Applied { model, report } = plan.apply(Net::new(&WIDTHS)).unwrap();
    let uniform = probed_with(
        &Probe::new().expecting(&report),
        &model,
        &normal(128, 100, 1),
    );
    let uniform = uniform.to_html("A network");
    assert_eq!(uniform.matches("the planned uniform law").count(), 4);
    // It needs no network.
    assert!(!html.contains("http") && !html.contains("<script"));
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}
