//! Rules for whole modules: what they reach, what they keep, and how they fail.

use burn::module::{Lora, Module, Param, ParamGroup, ParamId};
use burn::nn::{LinearConfig, LinearLayout};
use burn::tensor::{Device, Shape, Tensor};
use burn_init::plan::{Action, Applied, Report, Rule};
use burn_init::weight::Axis;
use burn_init::{
    AnyInitializer, Constant, InitError, InitParam, InitWeights, Initializer, Normal, Plan,
    Sampled, Seed, Select, Sparse, VarianceScaling, Wavelet, WeightLayout,
};
use burn_init_tests::models::{Head, Mlp, Own, Zoo};
use burn_init_tests::{bits, devices, to_bits};

fn action<'a>(report: &'a Report, path: &str) -> &'a Action {
    &report
        .entries
        .iter()
        .find(|entry| entry.path == path)
        .expect(path)
        .action
}

/// The bits that a parameter has in records.
fn saved_bits<const D: usize>(param: &Param<Tensor<D>>) -> Vec<u32> {
    bits(&param.transform_for_save())
}

fn expected(init: &impl Initializer, layout: WeightLayout, path: &str) -> Vec<u32> {
    to_bits(&init.draw(&layout, Seed::new(8).key(path)).unwrap())
}

/// Each layer's weights are those of its own layout, fans and path.
#[test]
fn every_kind_of_layer() {
    let init = Wavelet::haar().base(VarianceScaling::glorot_normal());
    for (name, device) in devices() {
        let zoo = Zoo::new(&device).init_weights(&init, 8).unwrap();
        macro_rules! check {
            ($($path:tt).+, $layout:expr) => {
                let path = concat!($(stringify!($path), "."),+).trim_end_matches('.');
                // Indices are fields of their own in a path.
                let path = path.replace(['[', ']'], "");
                assert_eq!(saved_bits(&zoo.$($path).+), expected(&init, $layout, &path), "{path} on {name}");
            };
        }
        check!(row.weight, WeightLayout::linear([12, 8]));
        check!(col.weight, WeightLayout::linear_col([8, 12]));
        check!(square.weight, WeightLayout::linear_col([8, 8]));
        check!(conv1.weight, WeightLayout::conv([6, 4, 5]).unwrap());
        check!(conv2.weight, WeightLayout::conv([6, 2, 3, 3]).unwrap());
        check!(conv3.weight, WeightLayout::conv([4, 2, 3, 3, 3]).unwrap());
        check!(
            up.weight,
            WeightLayout::conv_transpose([4, 6, 4, 4]).unwrap()
        );
        check!(up1.weight, WeightLayout::conv_transpose([4, 6, 4]).unwrap());
        check!(
            up3.weight,
            WeightLayout::conv_transpose([2, 4, 2, 2, 2]).unwrap()
        );
        check!(deform.weight, WeightLayout::conv([6, 4, 3, 3]).unwrap());
        check!(tuple.0.weight, WeightLayout::linear([8, 8]));
        check!(tuple.1.weight, WeightLayout::conv([2, 2, 3]).unwrap());
        check!(embedding.weight, WeightLayout::embedding([20, 8]));
        check!(attention.query.weight, WeightLayout::linear([8, 8]));
        check!(attention.output.weight, WeightLayout::linear([8, 8]));
        check!(
            lstm.input_gate.input_transform.weight,
            WeightLayout::linear([8, 8])
        );
        check!(
            lstm.cell_gate.hidden_transform.weight,
            WeightLayout::linear([8, 8])
        );
        for (i, block) in zoo.blocks.iter().enumerate() {
            let path = format!("blocks.{i}.weight");
            let layout = WeightLayout::linear([8, 8]);
            assert_eq!(
                saved_bits(&block.weight),
                expected(&init, layout, &path),
                "{path}"
            );
        }
        for (i, layer) in zoo.array.iter().enumerate() {
            let path = format!("array.{i}.weight");
            let layout = WeightLayout::linear([8, 8]);
            assert_eq!(
                saved_bits(&layer.weight),
                expected(&init, layout, &path),
                "{path}"
            );
        }
        let Head::Dense(head) = &zoo.head else {
            unreachable!()
        };
        let layout = WeightLayout::linear([8, 3]);
        assert_eq!(
            saved_bits(&head.weight),
            expected(&init, layout, "head.Dense.weight")
        );
        let some = zoo.some.as_ref().unwrap();
        assert_eq!(
            saved_bits(&some.weight),
            expected(&init, WeightLayout::linear([8, 4]), "some.weight")
        );
        // Biases are zero, norms are one and zero, statistics as at the start.
        let zero = |param: &Param<Tensor<1>>| bits(param).iter().all(|bits| *bits == 0);
        let one = |param: &Param<Tensor<1>>| bits(param).iter().all(|bits| *bits == 1f32.to_bits());
        assert!(zero(zoo.row.bias.as_ref().unwrap()) && zero(zoo.conv2.bias.as_ref().unwrap()));
        assert!(one(&zoo.layer_norm.gamma) && zero(zoo.layer_norm.beta.as_ref().unwrap()));
        assert!(one(&zoo.batch_norm.gamma) && zero(&zoo.batch_norm.beta));
        let statistic = |state: Tensor<1>| burn_init_tests::values(state);
        assert_eq!(statistic(zoo.batch_norm.running_var.value()), [1.0; 8]);
        assert_eq!(statistic(zoo.batch_norm.running_mean.value()), [0.0; 8]);
        assert!(one(zoo.group_norm.gamma.as_ref().unwrap()) && one(&zoo.rms_norm.gamma));
        assert!(one(zoo.instance_norm.gamma.as_ref().unwrap()));
        assert_eq!(burn_init_tests::values(zoo.prelu.alpha.val()), [0.25; 8]);
    }
}

/// Initializing again, when values are there already, gives the same.
#[test]
fn lazy_or_not() {
    let device = Device::flex();
    let init = VarianceScaling::he_uniform();
    let first = Zoo::new(&device).init_weights(&init, 8).unwrap();
    let again = first.clone().init_weights(&Normal::fan_in(), 3).unwrap();
    assert_ne!(saved_bits(&first.col.weight), saved_bits(&again.col.weight));
    let again = again.init_weights(&init, 8).unwrap();
    for (a, b) in [(&first.col, &again.col), (&first.square, &again.square)] {
        assert_eq!(saved_bits(&a.weight), saved_bits(&b.weight));
        assert_eq!(a.weight.id, b.weight.id);
    }
    assert_eq!(saved_bits(&first.up.weight), saved_bits(&again.up.weight));
}

/// `Col` multiplies as `Row` does, by the transpose of what is saved.
#[test]
fn col_computes_with_its_own_weights() {
    let device = Device::flex();
    let zoo = Zoo::new(&device)
        .init_weights(&Normal::fan_in(), 8)
        .unwrap();
    let x = Tensor::<2>::ones([1, 12], &device);
    let given = burn_init_tests::values(zoo.col.forward(x));
    let layout = WeightLayout::linear_col([8, 12]);
    let saved = Normal::fan_in()
        .draw(&layout, Seed::new(8).key("col.weight"))
        .unwrap();
    for (y, neuron) in given.iter().zip(saved.chunks(12)) {
        assert!((y - neuron.iter().sum::<f32>()).abs() < 1e-5);
    }
}

/// Ids, devices and gradient settings stay, on lazy and on other parameters.
#[test]
fn parameters_keep_what_they_are() {
    let device = Device::flex().autodiff();
    let lazy = Mlp::new(&device);
    let ids = (lazy.fc1.weight.id, lazy.fc1.bias.as_ref().unwrap().id);
    let frozen = lazy.no_grad();
    let model = frozen.init_weights(&Normal::fan_in(), 1).unwrap();
    assert_eq!(
        ids,
        (model.fc1.weight.id, model.fc1.bias.as_ref().unwrap().id)
    );
    assert!(!model.fc1.weight.val().is_require_grad());
    let model = model.unfreeze().init_weights(&Normal::fan_in(), 1).unwrap();
    assert!(
        model.fc1.weight.val().is_require_grad() && model.fc1.weight.val().device().is_autodiff()
    );
    // On a plain device the setting waits for `train()`.
    let plain = Mlp::new(&Device::flex())
        .init_weights(&Normal::fan_in(), 1)
        .unwrap();
    assert!(plain.train().fc1.weight.val().is_require_grad());
    // So does a parameter of its own.
    let own = Normal::fan_in()
        .init::<2>([4, 4], Seed::new(1).key("w"), &device)
        .unwrap();
    assert!(own.val().is_require_grad());
}

/// The module's own initializers never run.
#[test]
fn no_value_is_made_twice() {
    fn never<const D: usize>(shape: [usize; D]) -> Param<Tensor<D>> {
        let shape = Shape::from(shape);
        let init = |_: &Device, _: bool| -> Tensor<D> { panic!("Burn's initializer ran") };
        Param::uninitialized(ParamId::new(), init, Device::flex(), true, shape)
    }
    let own = Own {
        weight: never([4, 5]),
        scale: never([5]),
    };
    let Applied { model, .. } = Plan::new(1)
        .rule(Select::weights(), Wavelet::haar())
        .rule(Select::path("scale"), Constant::ones())
        .apply(own)
        .unwrap();
    assert_eq!(model.weight.val().dims(), [4, 5]);
    // Of `LinearLayout::Col` too, whose initializer is wrapped in a transposition.
    let mut col = LinearConfig::new(4, 5)
        .with_layout(LinearLayout::Col)
        .init(&Device::flex());
    col.weight = never([5, 4])
        .load_mapper(Tensor::transpose)
        .save_mapper(Tensor::transpose)
        .init_mapper(Tensor::transpose);
    let col = col.init_weights(&Wavelet::haar(), 1).unwrap();
    assert_eq!(col.weight.val().dims(), [4, 5]);
    // What is kept stays lazy.
    let own = Own {
        weight: never([4, 5]),
        scale: never([5]),
    };
    let own = own.init_weights(&Wavelet::haar(), 1).unwrap();
    assert!(own.weight.is_initialized() && !own.scale.is_initialized());
}

#[test]
fn first_match_wins_and_the_report_says_it() {
    let Applied { model, report } = Plan::new(8)
        .rule(Select::path("fc1.weight"), Wavelet::haar().grid([10, 10]))
        .rule(Select::weights_of("Linear"), Sparse::exact(8).pinned())
        .rule(Select::biases(), Constant::zeros())
        .apply(Mlp::new(&Device::flex()))
        .unwrap();
    let wavelet = Wavelet::haar().grid([10, 10]);
    let layout = WeightLayout::linear([100, 64]);
    assert_eq!(
        bits(&model.fc1.weight),
        expected(&wavelet, layout, "fc1.weight")
    );
    let sparse = expected(
        &Sparse::exact(8),
        WeightLayout::linear([64, 10]),
        "fc2.weight",
    );
    assert_eq!(bits(&model.fc2.weight), sparse);
    let actions: Vec<String> = report
        .entries
        .iter()
        .map(|entry| entry.action.to_string())
        .collect();
    assert!(
        actions[0].starts_with("wavelet haar, grid [10, 10], octaves"),
        "{actions:?}"
    );
    assert!(
        actions[2].starts_with("sparse, 8 per neuron, pinned of (normal"),
        "{actions:?}"
    );
    assert_eq!([&actions[1], &actions[3]], ["constant 0", "constant 0"]);
}

#[test]
fn norms_are_kept_unless_named() {
    let device = Device::flex();
    let plan = || {
        Plan::new(1)
            .rule(Select::weights(), Normal::fan_in())
            .rule(Select::biases(), Constant::zeros())
    };
    let Applied { report, .. } = plan().apply(Zoo::new(&device)).unwrap();
    for path in [
        "layer_norm.gamma",
        "layer_norm.beta",
        "batch_norm.gamma",
        "batch_norm.beta",
    ] {
        assert!(matches!(action(&report, path), Action::Kept(_)), "{path}");
    }
    let kept = Action::Kept("running statistic".into());
    assert_eq!(*action(&report, "batch_norm.running_mean"), kept);
    assert_eq!(*action(&report, "batch_norm.running_var"), kept);

    let named = Plan::new(1).rule(Select::path("layer_norm.gamma"), Constant::new(0.5));
    let Applied { model, .. } = named
        .rule(Select::group(ParamGroup::all()), Constant::zeros())
        .apply(Zoo::new(&device))
        .unwrap();
    assert_eq!(
        burn_init_tests::values(model.layer_norm.gamma.val()),
        [0.5; 8]
    );
    assert_eq!(
        burn_init_tests::values(model.batch_norm.gamma.val()),
        [1.0; 8]
    );

    let statistic = plan().rule(Select::path("batch_norm.running_var"), Constant::zeros());
    let error = statistic.apply(Zoo::new(&device)).unwrap_err().to_string();
    assert!(
        error.contains("rule 3") && error.contains("running statistic"),
        "{error}"
    );
}

#[test]
fn groups_and_strides_come_from_the_rule() {
    let device = Device::flex();
    let he = VarianceScaling::he_normal();
    let out = VarianceScaling::new(
        1.0,
        burn_init::dense::FanMode::FanOut,
        burn_init::dense::Distribution::Normal,
    );
    let Applied { model, report } = Plan::new(8)
        .push(Rule::new(Select::path("conv2.weight"), out).groups(2))
        .push(Rule::new(Select::weights_of("ConvTranspose2d"), he).strides([2, 2]))
        .rule(Select::weights(), he)
        .rule(Select::biases(), Constant::zeros())
        .apply(Zoo::new(&device))
        .unwrap();
    let grouped = WeightLayout::conv([6, 2, 3, 3]).unwrap().groups(2).unwrap();
    assert_eq!(
        bits(&model.conv2.weight),
        expected(&out, grouped, "conv2.weight")
    );
    let strided = WeightLayout::conv_transpose([4, 6, 4, 4])
        .unwrap()
        .strides([2, 2])
        .unwrap();
    assert_eq!(bits(&model.up.weight), expected(&he, strided, "up.weight"));
    let note = |path: &str| {
        let entry = report
            .entries
            .iter()
            .find(|entry| entry.path == path)
            .unwrap();
        entry.note()
    };
    assert_eq!(note("conv2.weight"), None);
    assert_eq!(note("up.weight").unwrap(), "groups 1 assumed");
    assert_eq!(note("conv1.weight").unwrap(), "groups 1 assumed");
    assert_eq!(note("row.weight"), None);
}

/// A parameter that Burn doesn't know: its axes come from the rule, or are assumed and reported.
#[test]
fn axes_come_from_the_rule() {
    #[derive(Module, Debug)]
    struct Experts {
        weight: Param<Tensor<3>>,
        running_scale: Param<Tensor<3>>,
    }
    let device = Device::flex();
    let experts = || Experts {
        weight: Param::from_tensor(Tensor::zeros([3, 16, 8], &device)),
        running_scale: Param::from_tensor(Tensor::ones([1, 1, 1], &device)),
    };
    let sparse = Sparse::exact(4);
    let axes = [Axis::Index, Axis::Input, Axis::Output];
    let Applied { model, report } = Plan::new(8)
        .push(Rule::new(Select::weights(), sparse.clone()).axes(axes))
        .apply(experts())
        .unwrap();
    let layout = WeightLayout::new([3, 16, 8], axes).unwrap();
    assert_eq!(bits(&model.weight), expected(&sparse, layout, "weight"));
    let w = burn_init_tests::values(model.weight.val());
    for j in 0..8 {
        for expert in w.chunks(16 * 8) {
            assert_eq!(
                expert
                    .iter()
                    .skip(j)
                    .step_by(8)
                    .filter(|w| **w != 0.0)
                    .count(),
                4
            );
        }
    }
    assert_eq!(
        report.entries[0].note().as_deref(),
        Some("had values before")
    );
    assert_eq!(burn_init_tests::values(model.running_scale.val()), [1.0]);
    let plan = Plan::new(8).rule(Select::weights(), sparse.clone());
    let Applied { report, .. } = plan.apply(experts()).unwrap();
    let note = report.entries[0].note().unwrap();
    assert_eq!(
        note,
        "a convolution's axes assumed; groups 1 assumed; had values before"
    );
    let short = Rule::new(Select::weights(), sparse).axes([Axis::Input]);
    let error = Plan::new(8)
        .push(short)
        .apply(experts())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`weight` [3, 16, 8]") && error.contains("axes"),
        "{error}"
    );
}

/// Every error comes before any value: a clone of the module is still lazy.
#[test]
fn loud_errors() {
    let device = Device::flex();
    let weights = || Plan::new(1).rule(Select::weights(), Normal::fan_in());
    let complete = || weights().rule(Select::biases(), Constant::zeros());
    let regex = |pattern| Select::group(ParamGroup::from_regex(pattern).unwrap());
    let cases: Vec<(Plan, &[&str])> = vec![
        (
            weights(),
            &["no rule matches `fc1.bias` [64], `fc2.bias` [10]", "keep"],
        ),
        (Plan::new(1), &["`fc1.weight` [100, 64]", "`fc2.bias` [10]"]),
        (
            complete().rule(Select::path("fc1.wieght"), Normal::fan_in()),
            &["rule 3 names `fc1.wieght`", "did you mean `fc1.weight`"],
        ),
        (
            complete().rule(Select::path("decoder.blocks.7.gate"), Normal::fan_in()),
            &["`decoder.blocks.7.gate`, which the module doesn't have"],
        ),
        (
            complete().rule(Select::weights_of("Conv2d"), Normal::fan_in()),
            &[
                "rule 3 (weights of Conv2d) is never used",
                "matches nothing",
                "weights of Linear",
            ],
        ),
        (
            complete().rule(regex("^encoder"), Normal::fan_in()),
            &["rule 3", "^encoder", "matches no weight or bias"],
        ),
        (
            complete().rule(Select::path("fc2.weight"), Normal::fan_in()),
            &[
                "rule 3 (path `fc2.weight`)",
                "earlier rules take all that it matches: fc2.weight",
            ],
        ),
        (
            complete().keep(Select::path("fc3")),
            &["rule 3 names `fc3`"],
        ),
        (
            Plan::new(1)
                .rule(Select::biases(), Normal::fan_in())
                .rule(Select::weights(), Normal::fan_in()),
            &["parameter `fc1.bias` [64]", "Normal needs a fan_in"],
        ),
        (
            Plan::new(1)
                .rule(Select::weights(), Sparse::exact(65))
                .rule(Select::biases(), Constant::zeros()),
            &["parameter `fc2.weight` [64, 10]", "k is 65", "at most 64"],
        ),
        (
            Plan::new(1)
                .push(Rule::new(Select::weights(), Normal::fan_in()).groups(3))
                .rule(Select::biases(), Constant::zeros()),
            &["parameter `fc1.weight`", "only convolutions have groups"],
        ),
    ];
    for (plan, parts) in cases {
        let model = Mlp::new(&device);
        let error = plan.apply(model.clone()).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "`{part}` isn't in `{error}`");
        }
        assert!(!model.fc1.weight.is_initialized() && !model.fc2.weight.is_initialized());
    }

    let model = Mlp::new(&device);
    let error = model
        .clone()
        .init_weights(&Sparse::exact(65), 1)
        .unwrap_err();
    assert!(matches!(error, InitError::Parameter { ref path, .. } if path == "fc2.weight"));
    assert!(!model.fc1.weight.is_initialized());
    let vector = Own {
        weight: Param::from_tensor(Tensor::zeros([2, 2], &device)),
        scale: Param::from_tensor(Tensor::zeros([2], &device)),
    };
    let error = weights().apply(vector).unwrap_err().to_string();
    assert!(error.contains("`scale` [2]"), "{error}");
}

#[test]
fn adapters_and_masks_are_not_overwritten() {
    let device = Device::flex();
    let init = Normal::fan_in();
    let lora = Mlp::new(&device).apply_lora(Lora::new(2, 4.0));
    let error = lora.init_weights(&init, 1).unwrap_err().to_string();
    assert!(
        error.contains("`fc1.weight`") && error.contains("materialize"),
        "{error}"
    );
    let pinned = Mlp::new(&device)
        .init_weights(&Sparse::exact(8).pinned(), 1)
        .unwrap();
    let error = pinned
        .clone()
        .init_weights(&init, 1)
        .unwrap_err()
        .to_string();
    assert!(error.contains("reparameterization `pinned`"), "{error}");
    pinned.materialize().init_weights(&init, 1).unwrap();
    // A plan that keeps the adapted weights may do so.
    let lora = Mlp::new(&device).apply_lora(Lora::new(2, 4.0));
    let Applied { report, .. } = Plan::new(1)
        .keep(Select::weights())
        .rule(Select::biases(), Constant::zeros())
        .apply(lora)
        .unwrap();
    let kept = report
        .entries
        .iter()
        .filter(|e| e.action == Action::Kept("reparameterization".into()));
    assert_eq!(kept.count(), 4);
}

#[test]
fn plans_are_files() {
    let plan = Plan::new(8)
        .rule(Select::path("fc1.weight"), Wavelet::haar().grid([10, 10]))
        .push(Rule::new(Select::weights_of("Linear"), Sparse::exact(8).pinned()).groups(1))
        .rule(
            Select::group(ParamGroup::from_regex("fc1.bias$").unwrap()),
            Constant::new(0.1),
        )
        .keep(Select::biases());
    let apply = |plan: &Plan| plan.apply(Mlp::new(&Device::flex())).unwrap();
    let Applied { model, report } = apply(&plan);
    for text in [
        toml::to_string(&plan).unwrap(),
        serde_json::to_string(&plan).unwrap(),
    ] {
        let same: Plan = toml::from_str(&text)
            .or_else(|_| serde_json::from_str(&text))
            .expect(&text);
        let again = apply(&same);
        assert_eq!(report, again.report);
        assert_eq!(bits(&model.fc1.weight), bits(&again.model.fc1.weight));
    }
    let by_hand: Plan = toml::from_str(
        r#"
        seed = 8

        [[rules]]
        select.path = "fc1.weight"
        init.wavelet = { family = "haar", grid = [10, 10] }

        [[rules]]
        select = "weights"
        init.sparse = { pattern.per_output.exact = 8, pinned = true }

        [[rules]]
        select = "biases"
        init.constant.value = 0.0
        "#,
    )
    .unwrap();
    assert_eq!(
        bits(&apply(&by_hand).model.fc1.weight),
        bits(&model.fc1.weight)
    );
}

#[test]
fn a_users_own_initializer() {
    let heavy = AnyInitializer::custom(Sampled(rand_distr::Cauchy::new(0f32, 0.01).unwrap()));
    let Applied { model, report } = Plan::new(8)
        .rule(Select::weights(), heavy.clone())
        .rule(Select::biases(), burn::nn::Initializer::Ones)
        .apply(Mlp::new(&Device::flex()))
        .unwrap();
    assert_eq!(
        bits(&model.fc1.weight),
        expected(&heavy, [100, 64].into(), "fc1.weight")
    );
    let sampled = Action::Initialized("sampled from Cauchy<f32>".into());
    assert_eq!(*action(&report, "fc1.weight"), sampled);
}

/// A path that is nearly one of the module's, and a pattern that matches nothing, are told with what
/// there is.
#[test]
fn near_paths() {
    let error = |select: Select| {
        Plan::new(1)
            .rule(select, Normal::fan_in())
            .apply(Zoo::new(&Device::flex()))
            .unwrap_err()
            .to_string()
    };
    for (path, near) in [
        // A part is missing at the end, or an enum's variant in between.
        ("blocks.0", "blocks.0.weight"),
        ("head.weight", "head.Dense.weight"),
        ("attention.query", "attention.query.weight"),
        ("blocks.1.wieght", "blocks.1.weight"),
    ] {
        let text = error(Select::path(path));
        let (_, meant) = text.split_once("did you mean ").expect(&text);
        assert!(meant.contains(&format!("`{near}`")), "{text}");
    }
    let group = ParamGroup::from_regex(r"^blocks\.\d+\.wieght$").unwrap();
    let text = error(Select::group(group));
    assert!(
        text.contains(r"wieght$") && text.contains("`blocks.0.weight"),
        "{text}"
    );
}

/// Layers of a user's own: what had to be assumed is in the report, and a name that stands for a
/// normalization, or a shape with a single long axis, isn't taken for a weight.
#[test]
fn assumptions_are_told() {
    /// Not Burn's: its weight is [output, input].
    #[derive(Module, Debug)]
    struct Linear {
        weight: Param<Tensor<2>>,
        bias: Param<Tensor<1>>,
    }
    #[derive(Module, Debug)]
    struct Block {
        linear: Linear,
        own: Own,
        grn: Grn,
        scale: Param<Tensor<4>>,
    }
    #[derive(Module, Debug)]
    struct Grn {
        gamma: Param<Tensor<4>>,
        beta: Param<Tensor<4>>,
    }
    let device = Device::flex();
    fn ones<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::ones(shape, device))
    }
    let block = Block {
        linear: Linear {
            weight: ones([10, 400], &device),
            bias: ones([10], &device),
        },
        own: Own {
            weight: ones([400, 10], &device),
            scale: ones([10], &device),
        },
        grn: Grn {
            gamma: ones([1, 1, 1, 32], &device),
            beta: ones([1, 1, 1, 32], &device),
        },
        scale: ones([1, 32, 1, 1], &device),
    };
    let he = VarianceScaling::he_normal();
    let Applied { model, report } = block.init_weights_with_report(&he, 1).unwrap();
    let note = |path: &str| {
        let entry = report.entries.iter().find(|entry| entry.path == path);
        entry.expect(path).note().unwrap_or_default()
    };
    let linear = note("linear.weight");
    assert!(
        linear.contains("assumed, though its bias has 10 elements"),
        "{linear}"
    );
    assert!(note("own.weight").starts_with("axes [input, output] assumed"));
    assert!(note("grn.gamma").contains("by the name `gamma`"));
    for path in ["grn.gamma", "grn.beta", "scale", "own.scale"] {
        assert!(matches!(action(&report, path), Action::Kept(_)), "{path}");
    }
    assert_eq!(burn_init_tests::values(model.grn.gamma.val()), [1.0; 32]);
    assert_eq!(burn_init_tests::values(model.scale.val()), [1.0; 32]);
    // A plan wants a rule for what isn't known.
    let error = Plan::new(1)
        .rule(Select::weights(), he)
        .rule(Select::biases(), Constant::zeros())
        .apply(model)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`own.scale` [10], `scale` [1, 32, 1, 1]"),
        "{error}"
    );
}

/// Biases that a constructor set, such as those of forget gates, aren't overwritten in silence.
#[test]
fn biases_set_by_hand() {
    let device = Device::flex();
    let gate = || {
        let mut gate = LinearConfig::new(32, 32).init(&device);
        gate.bias = Some(Param::from_tensor(Tensor::ones([32], &device)));
        gate
    };
    let orthogonal = burn_init::Orthogonal::new();
    let Applied { model, report } = gate().init_weights_with_report(&orthogonal, 3).unwrap();
    assert_eq!(
        burn_init_tests::values(model.bias.unwrap().val()),
        [1.0; 32]
    );
    let kept = Action::Kept("it had values already".into());
    assert_eq!(*action(&report, "bias"), kept);
    // A rule that says so overwrites them, and the report tells.
    let Applied { model, report } = Plan::new(3)
        .rule(Select::weights(), orthogonal)
        .rule(Select::biases(), Constant::zeros())
        .apply(gate())
        .unwrap();
    assert_eq!(
        burn_init_tests::values(model.bias.unwrap().val()),
        [0.0; 32]
    );
    assert_eq!(
        report.entries[1].note().as_deref(),
        Some("had values before")
    );
    assert_eq!(report.entries[0].note(), None);
}

/// Beside Burn's own glob imports, a glob import of this crate has all methods.
#[test]
fn globs() {
    mod program {
        use burn::nn::*;
        use burn::prelude::*;
        use burn_init::*;

        pub fn run() -> Vec<f32> {
            let layer = LinearConfig::new(4, 3).init(&Device::flex());
            let layer = layer.init_weights(&Wavelet::haar(), 1).unwrap();
            let weights = Wavelet::haar().draw(&[4, 3].into(), Seed::new(1).key("weight"));
            assert_eq!(layer.weight.val().dims(), [4, 3]);
            weights.unwrap()
        }
    }
    assert_eq!(program::run().len(), 12);
}

/// A report can be written to a file.
#[test]
fn reports_serialize() {
    let Applied { report, .. } = Mlp::new(&Device::flex())
        .init_weights_with_report(&Sparse::exact(8), 1)
        .unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["entries"][0]["path"], "fc1.weight");
    assert_eq!(json["entries"][0]["connectivity"]["kept"], 512);
    assert_eq!(json["entries"][1]["action"]["initialized"], "constant 0");
}
