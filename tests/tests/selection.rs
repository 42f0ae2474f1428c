//! Which parameters the rules of a plan reach: selections, ties, adapters, and what a file lacked.

use std::collections::BTreeSet;

use burn::module::{Lora, Module, ModuleVisitor, Param, ParamGroup};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, LinearLayout};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Tensor};
use burn_init::plan::{Action, Applied, Meaning, Report, Rule};
use burn_init::sparse::Pattern;
use burn_init::weight::Axis;
use burn_init::{
    Constant, Initializer, Normal, Plan, Seed, Select, Sparse, VarianceScaling, WeightLayout,
};
use burn_init_tests::models::{Mlp, Own, Zoo};
use burn_init_tests::{bits, to_bits, values};
use proptest::prelude::*;

/// The paths that a selection reaches.
fn reached<M: Module>(select: Select, module: &M) -> Vec<String> {
    let rest = Select::weights() | Select::biases() | Select::name("scale");
    let report = Plan::new(1)
        .push(Rule::new(select, Constant::zeros()).optional())
        .push(Rule::keep(rest).optional())
        .dry_run(module)
        .unwrap();
    let reached = |action: &Action| matches!(action, Action::Initialized(_));
    let entries = report.entries.into_iter();
    entries
        .filter(|e| reached(&e.action))
        .map(|e| e.path)
        .collect()
}

fn note(report: &Report, path: &str) -> String {
    let entry = report.entries.iter().find(|entry| entry.path == path);
    entry.expect(path).note().unwrap_or_default()
}

#[test]
fn selections() {
    let zoo = Zoo::new(&Device::flex());
    let cases: Vec<(Select, &[&str])> = vec![
        (
            Select::glob("blocks.*.weight"),
            &["blocks.0.weight", "blocks.1.weight", "blocks.2.weight"],
        ),
        (
            Select::glob("attention.{query,key}.weight"),
            &["attention.query.weight", "attention.key.weight"],
        ),
        (
            Select::regex(r"^conv\d\.bias$"),
            &["conv1.bias", "conv2.bias", "conv3.bias"],
        ),
        (
            Select::within("MultiHeadAttention") & Select::biases(),
            &[
                "attention.query.bias",
                "attention.key.bias",
                "attention.value.bias",
                "attention.output.bias",
            ],
        ),
        (Select::rank(5), &["conv3.weight", "up3.weight"]),
        (Select::shape([20, 8]), &["embedding.weight"]),
        (
            Select::depth(1..) & Select::weights() & Select::weights_of("Linear"),
            &["blocks.1.weight", "blocks.2.weight", "array.1.weight"],
        ),
        (
            Select::depth(..=0) & Select::glob("{blocks,array}.**"),
            &[
                "blocks.0.weight",
                "blocks.0.bias",
                "array.0.weight",
                "array.0.bias",
            ],
        ),
        (Select::depth(0..0), &[]),
        (
            Select::glob("conv?.**") & !Select::rank(1) & !(Select::rank(5) | Select::rank(4)),
            &["conv1.weight"],
        ),
        // Normalizations only where they are meant.
        (
            Select::norms() & Select::within("LayerNorm"),
            &["layer_norm.gamma", "layer_norm.beta"],
        ),
        (
            Select::glob("{layer,batch}_norm.gamma"),
            &["layer_norm.gamma", "batch_norm.gamma"],
        ),
        (Select::name("alpha"), &["prelu.alpha"]),
        (
            Select::glob("layer_norm.*") | Select::path("layer_norm.beta"),
            &["layer_norm.beta"],
        ),
        (Select::within("LayerNorm"), &[]),
        (Select::regex("gamma$"), &[]),
        (!Select::weights() & Select::regex("norm"), &[]),
        (Select::name("running_mean"), &[]),
        (
            Select::group(ParamGroup::from_regex("gamma$").unwrap()),
            &[],
        ),
    ];
    for (select, paths) in cases {
        let text = select.to_string();
        assert_eq!(reached(select, &zoo), paths, "{text}");
    }
    let text = (Select::weights() & !(Select::depth(2..4) | Select::depth(7..))).to_string();
    assert_eq!(text, "weights & !(depth 2 to 3 | depth 7 and deeper)");
}

/// What is no pattern, and what matches nothing, is an error before anything is changed.
#[test]
fn loud_patterns() {
    let error = |select: Select| {
        let model = Mlp::new(&Device::flex());
        let plan = Plan::new(1)
            .rule(Select::weights(), Normal::fan_in())
            .rule(Select::biases(), Constant::zeros())
            .rule(select, Constant::zeros());
        let error = plan.apply(model.clone()).unwrap_err().to_string();
        assert!(!model.fc1.weight.is_initialized());
        error
    };
    let cases: [(Select, &[&str]); 6] = [
        (
            Select::glob("{fc1,fc2.weight"),
            &["glob is `{fc1,fc2.weight`", "unclosed group"],
        ),
        (
            Select::regex("fc[1"),
            &["regex is `fc[1`", "unclosed character class"],
        ),
        (
            Select::weights() & !Select::regex("("),
            &["regex is `(`", "unclosed group"],
        ),
        (
            Select::glob("*.wieght"),
            &["rule 3 (glob `*.wieght`)", "the module has `fc1.weight`"],
        ),
        (
            Select::rank(3),
            &["rule 3 (rank 3) is never used", "weights of Linear"],
        ),
        (
            Select::glob("fc?.bias"),
            &["earlier rules take all that it matches: fc1.bias, fc2.bias"],
        ),
    ];
    for (select, parts) in cases {
        let text = error(select);
        for part in parts {
            assert!(text.contains(part), "`{part}` isn't in `{text}`");
        }
    }
    let read = toml::from_str::<Plan>(
        "seed = 1\n[[rules]]\nselect.glob = \"{fc1\"\ninit.constant.value = 0.0\n",
    );
    let text = read.unwrap_err().to_string();
    assert!(
        text.contains("unclosed group") && text.contains("line 3"),
        "{text}"
    );
}

/// A rule for biases on a model without any.
#[test]
fn optional_rules() {
    let layer = || {
        LinearConfig::new(3, 2)
            .with_bias(false)
            .init(&Device::flex())
    };
    let weights = Plan::new(1).rule(Select::weights(), Normal::fan_in());
    let biases = Rule::new(Select::biases(), Constant::zeros());
    weights
        .clone()
        .push(biases.clone())
        .apply(layer())
        .unwrap_err();
    weights.push(biases.optional()).apply(layer()).unwrap();
}

/// What a constructor set is kept by a rule that keeps values.
#[test]
fn rules_that_keep_values() {
    let device = Device::flex();
    let mut gate = LinearConfig::new(4, 4).init(&device);
    gate.bias = Some(Param::from_tensor(Tensor::ones([4], &device)));
    let Applied { model, report } = Plan::new(1)
        .rule(Select::weights(), Normal::fan_in())
        .push(Rule::new(Select::biases(), Constant::zeros()).keep_values())
        .apply(gate)
        .unwrap();
    assert_eq!(values(model.bias.unwrap().val()), [1.0; 4]);
    assert_eq!(
        report.entries[1].action,
        Action::Kept("it had values already".into())
    );
}

/// Two layers alone, under one seed, differ by their prefix, and are what they are in a whole model.
#[test]
fn prefixes() {
    let device = Device::flex();
    let plan = Plan::new(8)
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Normal::new(0.0, 0.1));
    let whole = plan.apply(Mlp::new(&device)).unwrap().model;
    let alone = Mlp::new(&device);
    let fc1 = plan.clone().prefix("fc1").apply(alone.fc1).unwrap().model;
    let fc2 = plan.clone().prefix("fc2").apply(alone.fc2).unwrap().model;
    assert_eq!(bits(&fc1.weight), bits(&whole.fc1.weight));
    assert_eq!(bits(&fc2.weight), bits(&whole.fc2.weight));
    assert_eq!(bits(&fc2.bias.unwrap()), bits(&whole.fc2.bias.unwrap()));
}

/// A parameter at two paths has one value, that of its first path.
#[test]
fn ties() {
    #[derive(Module, Debug)]
    struct Language {
        embedding: Embedding,
        head: Linear,
    }
    let device = Device::flex();
    let language = || {
        let embedding = EmbeddingConfig::new(20, 8).init(&device);
        let mut head = LinearConfig::new(8, 20)
            .with_layout(LinearLayout::Row)
            .with_bias(false)
            .init(&device);
        head.weight = embedding.weight.clone();
        Language { embedding, head }
    };
    let normal = Normal::new(0.0, 0.02);
    let plan = Plan::new(8).rule(Select::weights(), normal);
    let Applied { model, report } = plan.apply(language()).unwrap();
    let expected = normal.draw(
        &WeightLayout::embedding([20, 8]),
        Seed::new(8).key("embedding.weight"),
    );
    assert_eq!(bits(&model.embedding.weight), to_bits(&expected.unwrap()));
    assert_eq!(bits(&model.head.weight), bits(&model.embedding.weight));
    assert_eq!(model.head.weight.id, model.embedding.weight.id);
    assert_eq!(note(&report, "embedding.weight"), "");
    assert!(note(&report, "head.weight").starts_with("tied to `embedding.weight`"));
    // A rule for the second path would never do anything.
    let error = plan
        .rule(Select::path("head.weight"), normal)
        .apply(language())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`head.weight`, which is tied to `embedding.weight`"),
        "{error}"
    );
    let sparse = Plan::new(8).rule(Select::weights(), Sparse::exact(3).pinned());
    let model = sparse.apply(vec![
        LinearConfig::new(8, 8).with_bias(false).init(&device);
        3
    ]);
    let layers = model.unwrap().model;
    assert_eq!(bits(&layers[0].weight), bits(&layers[2].weight));

    // A file has one of the two: the other gets the same, whichever it is.
    for (loaded, missing) in [("embedding", "head"), ("head", "embedding")] {
        let mut model = language();
        let ones = Tensor::ones([20, 8], &device);
        let layer = match loaded {
            "head" => &mut model.head.weight,
            _ => &mut model.embedding.weight,
        };
        let id = layer.id;
        *layer = layer.clone().transform_for_load(ones, id);
        let plan = Plan::new(8).rule(Select::weights(), normal);
        let missing = [format!("{missing}.weight")];
        let Applied { model, report } = plan.apply_to_missing(model, &missing).unwrap();
        assert_eq!(values(model.head.weight.val()), [1.0; 160]);
        assert_eq!(values(model.embedding.weight.val()), [1.0; 160]);
        assert_eq!(
            note(&report, &missing[0]),
            format!("tied to `{loaded}.weight`")
        );
    }
}

/// A strict plan assumes nothing.
#[test]
fn strict() {
    let device = Device::flex();
    let own = || Own {
        weight: Param::from_tensor(Tensor::zeros([4, 3], &device)),
        scale: Param::from_tensor(Tensor::zeros([3], &device)),
    };
    let plan = |rule: Rule| Plan::new(1).push(rule).keep(Select::path("scale")).strict();
    let rule = Rule::new(Select::weights(), Normal::fan_in());
    let error = plan(rule.clone()).apply(own()).unwrap_err().to_string();
    assert!(
        error.contains("`weight` has axes [input, output] assumed"),
        "{error}"
    );
    plan(rule.axes([Axis::Output, Axis::Input]))
        .apply(own())
        .unwrap();
    let zoo = Plan::new(1)
        .rule(Select::weights(), Normal::fan_in())
        .rule(Select::biases(), Constant::zeros())
        .strict();
    let error = zoo.apply(Zoo::new(&device)).unwrap_err().to_string();
    assert!(
        error.contains("`up.weight` has groups 1 and stride 1 assumed"),
        "{error}"
    );
}

/// What a struct's parameters mean is said once, for all of its name.
#[test]
fn meanings() {
    let device = Device::flex();
    let own = |n| Own {
        weight: Param::from_tensor(Tensor::ones([4, n], &device)),
        scale: Param::from_tensor(Tensor::ones([n], &device)),
    };
    let he = VarianceScaling::he_normal();
    let axes = [Axis::Output, Axis::Input];
    let plan = Plan::new(8)
        .meaning("Own", "weight", Meaning::weight(axes))
        .meaning("Own", "scale", Meaning::Norm)
        .meaning("Unknown", "scale", Meaning::Bias)
        .rule(Select::weights(), he)
        .strict();
    let text = toml::to_string(&plan).unwrap();
    let plan: Plan = toml::from_str(&text).expect(&text);
    let Applied { model, report } = plan.apply(vec![own(3), own(5)]).unwrap();
    let layout = WeightLayout::new([4, 5], axes).unwrap();
    let expected = he.draw(&layout, Seed::new(8).key("1.weight")).unwrap();
    assert_eq!(bits(&model[1].weight), to_bits(&expected));
    assert_eq!(values(model[1].scale.val()), [1.0; 5]);
    assert_eq!(note(&report, "1.weight"), "had values before");
    let error = Plan::new(8)
        .meaning("Own", "scale", Meaning::weight(axes))
        .rule(Select::weights(), he)
        .apply(own(3))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`scale` [3]") && error.contains("2 axes"),
        "{error}"
    );
}

/// A dry run says what the plan does then, and makes no value.
#[test]
fn dry_runs() {
    let zoo = Zoo::new(&Device::flex());
    let plan = Plan::new(1)
        .rule(Select::glob("blocks.**.weight"), Sparse::exact(3).pinned())
        .rule(Select::weights(), Normal::fan_in())
        .rule(Select::biases(), Constant::zeros());
    let dry = plan.dry_run(&zoo).unwrap();
    assert!(!zoo.row.weight.is_initialized() && !zoo.blocks[0].weight.is_initialized());
    let Applied { mut report, .. } = plan.apply(zoo).unwrap();
    for entry in &mut report.entries {
        entry.connectivity = None;
    }
    assert_eq!(dry, report);
    let error = Plan::new(1)
        .dry_run(&Mlp::new(&Device::flex()))
        .unwrap_err();
    assert!(error.to_string().contains("`fc1.weight`"), "{error}");
}

/// An adapter's factors are reached by their paths; the weight under it isn't initialized.
#[test]
fn adapters() {
    let device = Device::flex();
    let weights = Plan::new(1)
        .rule(Select::weights(), Normal::fan_in())
        .rule(Select::biases(), Constant::zeros());
    let groups = ParamGroup::from_regex(r"weight$").unwrap();
    let lora = Lora::new(2, 4.0).set_param_group(groups);
    let model = weights
        .apply(Mlp::new(&device))
        .unwrap()
        .model
        .apply_lora(lora);
    let he = VarianceScaling::he_normal();
    let plan = Plan::new(8)
        .rule(Select::glob("**.lora.a"), he)
        .rule(Select::glob("**.lora.b"), Constant::new(0.5))
        .keep(Select::weights() | Select::biases());
    let Applied { model, report } = plan.apply(model).unwrap();
    let mut factors = all_bits(&model);
    factors.retain(|(path, _)| path.contains("lora"));
    let expected = he.draw(&[100, 2].into(), Seed::new(8).key("fc1.weight.lora.a"));
    let (path, a) = &factors[0];
    assert_eq!(
        (path.as_str(), a),
        ("fc1.weight.lora.a", &to_bits(&expected.unwrap()))
    );
    assert_eq!(factors[1].1, to_bits(&[0.5; 2 * 64]));
    let note = note(&report, "fc2.weight.lora.a");
    assert!(note.starts_with("axes [input, output] assumed"), "{note}");
}

/// All float parameters: paths and bits.
#[derive(Default)]
struct Bits {
    path: Vec<String>,
    all: Vec<(String, Vec<u32>)>,
}

impl ModuleVisitor for Bits {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.all.push((self.path.join("."), bits(param)));
    }
}

fn all_bits<M: Module>(module: &M) -> Vec<(String, Vec<u32>)> {
    let mut visitor = Bits::default();
    module.visit(&mut visitor);
    visitor.all
}

fn fine_tuning() -> Plan {
    Plan::new(8)
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Normal::new(0.0, 0.1))
}

/// Half a model from a safetensors file, the rest by a plan.
#[test]
fn what_a_file_lacked() {
    let device = Device::flex();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("half.safetensors");
    let old = Plan::new(1)
        .rule(Select::weights(), Normal::new(0.0, 3.0))
        .rule(Select::biases(), Constant::new(7.0))
        .apply(Mlp::new(&device))
        .unwrap()
        .model;
    let mut store = SafetensorsStore::from_file(&file).with_regex(r"^fc1\.");
    old.save_into(&mut store).unwrap();
    let mut model = Mlp::new(&device);
    let mut store = SafetensorsStore::from_file(&file).allow_partial(true);
    let result = model.load_from(&mut store).unwrap();
    let missing: Vec<&String> = result.missing.iter().map(|(path, _)| path).collect();
    assert_eq!(missing, ["fc2.bias", "fc2.weight"]);
    let Applied { model, report } = fine_tuning().apply_to_missing(model, missing).unwrap();
    assert_eq!(bits(&model.fc1.weight), bits(&old.fc1.weight));
    assert_eq!(
        bits(&model.fc1.bias.unwrap()),
        bits(old.fc1.bias.as_ref().unwrap())
    );
    let whole = fine_tuning().apply(Mlp::new(&device)).unwrap().model;
    assert_eq!(bits(&model.fc2.weight), bits(&whole.fc2.weight));
    assert_eq!(report.entries[0].action, Action::Kept("not missing".into()));

    // Nothing is missing.
    let nothing: [&str; 0] = [];
    fine_tuning()
        .apply_to_missing(old.clone(), nothing)
        .unwrap();
    let error = fine_tuning()
        .apply_to_missing(old, ["fc2.wieght"])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("names `fc2.wieght`") && error.contains("did you mean `fc2.weight`"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever is missing gets what the whole plan gives it; the rest keeps its bits.
    #[test]
    fn any_part_may_be_missing(chosen in prop::collection::vec(any::<bool>(), 100)) {
        let device = Device::flex();
        let loaded = Plan::new(3)
            .rule(Select::weights(), Normal::new(0.0, 2.0))
            .rule(Select::biases(), Normal::new(1.0, 2.0))
            .apply(Zoo::new(&device))
            .unwrap()
            .model;
        let whole = fine_tuning().apply(Zoo::new(&device)).unwrap().model;
        let (before, expected) = (all_bits(&loaded), all_bits(&whole));
        let missing: BTreeSet<&str> = before
            .iter()
            .zip(chosen.iter().cycle())
            .filter(|(_, missing)| **missing)
            .map(|((path, _), _)| path.as_str())
            .collect();
        let Applied { model, .. } = fine_tuning().apply_to_missing(loaded, &missing).unwrap();
        let now = all_bits(&model);
        for ((now, before), expected) in now.iter().zip(&before).zip(&expected) {
            let right = if missing.contains(now.0.as_str()) { expected } else { before };
            prop_assert_eq!(now, right);
        }
    }
}

/// Of many rules of all kinds, the first that matches wins, as it does of a few.
#[test]
fn the_first_of_many_rules_wins() {
    let device = Device::flex();
    let layers: Vec<Linear> = (0..40)
        .map(|_| LinearConfig::new(2, 2).init(&device))
        .collect();
    let select = |i: usize, kind: usize| match kind % 5 {
        0 => Select::path(format!("{i}.weight")),
        1 => Select::regex(format!("^{i}[.]w")),
        2 => Select::glob(format!("{i}.w*")),
        3 => Select::glob(format!("**.{i}.weight")),
        _ => Select::regex(format!("(^|[.]){i}[.]weight$")),
    };
    // Each layer has a rule of each kind, in another order; the first sets its number.
    let mut plan = Plan::new(1);
    for order in 0..5 {
        for i in 0..layers.len() {
            let value = (5 * i + order) as f64;
            plan = plan.push(Rule::new(select(i, i + order), Constant::new(value)).optional());
        }
    }
    let plan = plan.rule(Select::biases(), Constant::zeros());
    let Applied { model, .. } = plan.apply(layers).unwrap();
    for (i, layer) in model.iter().enumerate() {
        assert_eq!(values(layer.weight.val()), [5.0 * i as f32; 4], "{i}");
    }
}

/// An adapter at the second path of a tied parameter is seen, too, before anything is changed.
#[test]
fn adapters_of_tied_parameters() {
    let layer: Linear = LinearConfig::new(4, 4)
        .with_bias(false)
        .init(&Device::flex());
    let before = values(layer.weight.val());
    let groups = ParamGroup::from_regex("weight$").unwrap();
    let adapted = layer
        .clone()
        .apply_lora(Lora::new(2, 4.0).set_param_group(groups));
    let plan = Plan::new(1)
        .rule(Select::glob("**.lora.{a,b}"), Constant::zeros())
        .rule(Select::weights(), Normal::fan_in());
    for layers in [
        vec![layer.clone(), adapted.clone()],
        vec![adapted, layer.clone()],
    ] {
        let error = plan.apply(layers).unwrap_err().to_string();
        assert!(error.contains("carries the reparameterization"), "{error}");
    }
    assert_eq!(values(layer.weight.val()), before);
}

/// What an initializer doesn't fit goes to later rules, and the report says why.
#[test]
fn rules_where_they_fit() {
    let device = Device::flex();
    let linear = |inputs| LinearConfig::new(inputs, 4).with_bias(false).init(&device);
    let two_of_four = || Rule::new(Select::weights(), Sparse::new(Pattern::n_of_m(2, 4)));
    // All or nothing is what a rule is otherwise.
    let layers = || -> Vec<Linear> { vec![linear(8), linear(6), linear(12)] };
    let plan = Plan::new(1).push(two_of_four());
    plan.apply(layers()).unwrap_err();

    let plan = Plan::new(1).push(two_of_four().where_it_fits());
    let error = plan.apply(layers()).unwrap_err().to_string();
    assert!(
        error.contains("`1.weight` [6, 4] (rule 1 doesn't fit: "),
        "{error}"
    );

    let plan = plan.rule(Select::weights(), Normal::fan_in());
    let Applied { model, report } = plan.apply(layers()).unwrap();
    let kept = |i: usize| {
        let weights = values(model[i].weight.val());
        weights.iter().filter(|w| **w != 0.0).count()
    };
    assert_eq!([kept(0), kept(1), kept(2)], [16, 24, 24]);
    assert!(note(&report, "1.weight").starts_with("rule 1 doesn't fit: "));
    assert_eq!(note(&report, "0.weight"), "");

    // Also where a single path, or a later path of the same name, is named.
    let plan = Plan::new(1)
        .push(
            Rule::new(Select::path("1.weight"), Sparse::new(Pattern::n_of_m(2, 4)))
                .where_it_fits()
                .optional(),
        )
        .rule(Select::path("1.weight"), Constant::ones())
        .rule(Select::weights(), Constant::zeros());
    let model = plan.apply(layers()).unwrap().model;
    assert_eq!(values(model[1].weight.val()), [1.0; 24]);

    // It fits nothing.
    let plan = Plan::new(1)
        .push(two_of_four().where_it_fits())
        .rule(Select::weights(), Constant::zeros());
    let error = plan.apply(vec![linear(6)]).unwrap_err().to_string();
    assert!(
        error.contains("rule 1 (weights) is never used: it fits none of `0.weight` ("),
        "{error}"
    );
    // A bias knows its weight's groups there, too.
    let Applied { report, .. } = Plan::new(1)
        .push(
            Rule::new(Select::weights(), VarianceScaling::he_normal())
                .groups(3)
                .where_it_fits()
                .optional(),
        )
        .rule(Select::weights(), Normal::fan_in())
        .apply(vec![linear(6)])
        .unwrap();
    assert!(note(&report, "0.weight").contains("groups"), "{report}");
}
