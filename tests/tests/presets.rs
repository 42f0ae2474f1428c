//! Models that a preset initializes have the numbers of models that the reference libraries make.
//!
//! `golden/presets.json` was measured on transformers, timm, diffusers and PyTorch, each model made with 8 seeds. Here
//! the same models, at the same sizes, are initialized by a preset alone, with 8 seeds, too. Of each parameter:
//!
//! | what | distance from the reference |
//! |---|---|
//! | std | 1 %, or 4 standard errors of the difference where these are more: 1/√(2n) for n elements |
//! | mean | 4 standard errors |
//! | largest and smallest, where a distribution is bounded | 1 %, or what n elements may leave free |
//! | largest and smallest of normals | beyond 3 std, if there are enough elements: nothing was cut |
//! | a constant | none |

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use burn_init::plan::presets::{Gpt2, Llama, Preset};
use burn_init::plan::{Action, Applied};
use burn_init::{InitError, Normal, Plan, Select};
use burn_init_tests::preset_models as models;
use serde_json::Value;

/// So many seeds, there and here.
const SEEDS: u64 = 8;

/// The float parameters of a module, but for running statistics.
#[derive(Default)]
struct Values {
    path: Vec<String>,
    all: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for Values {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.path.last().unwrap().starts_with("running_") {
            let values = burn_init_tests::values(param.val());
            self.all.insert(self.path.join("."), values);
        }
    }
}

/// Of each parameter, its values with these seeds, one after another.
fn initialized<M: Module>(
    preset: &Preset,
    model: impl Fn() -> M,
    seeds: u64,
) -> BTreeMap<String, Vec<f32>> {
    let mut all: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for seed in 0..seeds {
        let plan = Plan::new(seed).preset(preset.clone());
        let Applied { model, report } = plan.apply(model()).unwrap();
        for entry in &report.entries {
            let initialized = matches!(entry.action, Action::Initialized(_));
            let running = entry.path.contains("running_");
            assert!(initialized != running, "{entry:?}");
        }
        let mut values = Values::default();
        model.visit(&mut values);
        for (path, values) in values.all {
            all.entry(path).or_default().extend(values);
        }
    }
    all
}

/// What is known of values.
struct Numbers {
    /// Elements with all seeds.
    n: f64,
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
}

impl Numbers {
    fn of(values: &[f32]) -> Self {
        let n = values.len() as f64;
        let values = || values.iter().map(|value| f64::from(*value));
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        Self {
            n,
            mean,
            std: variance.sqrt(),
            min: values().fold(f64::INFINITY, f64::min),
            max: values().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    fn golden(numbers: &Value) -> Self {
        let number = |i: usize| numbers[i].as_f64().unwrap();
        Self {
            n: number(0) * SEEDS as f64,
            mean: number(1),
            std: number(2),
            min: number(3),
            max: number(4),
        }
    }

    /// What is wrong with these, if anything is.
    fn differs(&self, reference: &Self) -> Option<String> {
        if reference.min == reference.max {
            let near = |value: f64| (value - reference.min).abs() <= 1e-6 * reference.min.abs();
            let same = near(self.min) && near(self.max);
            return (!same).then(|| format!("{} to {}", self.min, self.max));
        }
        let per_element = 1.0 / self.n + 1.0 / reference.n;
        let std = (self.std / reference.std - 1.0).abs();
        if std > f64::max(0.01, 4.0 * (per_element / 2.0).sqrt()) {
            return Some(format!("std {}, not {}", self.std, reference.std));
        }
        // The reference's numbers are rounded.
        let mean = (self.mean - reference.mean).abs();
        if mean > 4.0 * reference.std * per_element.sqrt() + 1e-3 * reference.mean.abs() {
            return Some(format!("mean {}, not {}", self.mean, reference.mean));
        }
        let ends = [
            (self.min - self.mean, reference.min - reference.mean),
            (self.max - self.mean, reference.max - reference.mean),
        ];
        // A uniform distribution ends at √3 std, and a normal that is cut at 2 of its own at 2.27. The latter is thin
        // there: the gap at its end is exponential with mean 18 std/n.
        let bounded = ends.iter().all(|(_, end)| end.abs() < 2.5 * reference.std);
        for (own, end) in ends {
            let gap = f64::max(0.01, 200.0 * per_element);
            if bounded && (own / end - 1.0).abs() > gap {
                return Some(format!("an end of {own}, not {end}"));
            }
            if !bounded && self.n.min(reference.n) > 8000.0 && own.abs() < 3.0 * reference.std {
                return Some(format!("an end of {own}, as if it was cut"));
            }
        }
        None
    }
}

/// Holds a model against the golden one. `golden_path` tells from a path in Burn what the reference calls it; `gamma`
/// and `beta` are `weight` and `bias` already.
fn is_like<M: Module>(
    golden: &str,
    preset: impl Into<Preset>,
    model: impl Fn() -> M,
    golden_path: impl Fn(&str) -> String,
) {
    let text = include_str!("golden/presets.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let parameters = all["models"][golden]["parameters"].as_object().unwrap();
    let mut elements: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, values) in initialized(&preset.into(), model, SEEDS) {
        let layer = path.strip_suffix(".gamma").map(|p| format!("{p}.weight"));
        let layer = layer.or(path.strip_suffix(".beta").map(|p| format!("{p}.bias")));
        let golden_path = golden_path(layer.as_deref().unwrap_or(&path));
        let Some(numbers) = parameters.get(&golden_path) else {
            panic!("{path}: {golden} has no {golden_path}");
        };
        *elements.entry(golden_path.clone()).or_default() += values.len() / SEEDS as usize;
        if let Some(problem) = Numbers::of(&values).differs(&Numbers::golden(numbers)) {
            wrong.push(format!("{path} ({golden_path}): {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{golden}:\n{}", wrong.join("\n"));
    // All of the reference's parameters were there, at their sizes.
    for (path, numbers) in parameters {
        let there = elements.get(path).map(|n| *n as u64);
        assert_eq!(there, numbers[0].as_u64(), "{golden} {path}");
    }
}

/// The standard deviation of one parameter, of one seed.
fn std_of(values: &BTreeMap<String, Vec<f32>>, path: &str) -> f64 {
    Numbers::of(&values[path]).std
}

/// Five standard errors for n normal values.
fn assert_std(values: &BTreeMap<String, Vec<f32>>, path: &str, expected: f64) {
    let n = values[path].len() as f64;
    let given = std_of(values, path);
    let distance = (given / expected - 1.0).abs();
    assert!(
        distance < 5.0 / (2.0 * n).sqrt(),
        "{path}: {given} {expected}"
    );
}

fn error<M: Module>(preset: impl Into<Preset>, model: M) -> String {
    let error: InitError = Plan::new(1).preset(preset).apply(model).unwrap_err();
    error.to_string()
}

/// What a preset is in a file comes back, and what isn't needed has a default.
#[test]
fn files() {
    let files: Vec<(&str, Preset)> = vec![
        (r#"{"gpt2":{"layers":12}}"#, Gpt2::new(12).into()),
        (r#"{"llama":{}}"#, Llama::new().into()),
        (
            r#"{"llama":{"variant":{"torchtitan":{"layers":2,"d_model":64}}}}"#,
            Llama::torchtitan(2, 64).into(),
        ),
    ];
    let mut names: Vec<&str> = Vec::new();
    for (text, preset) in files {
        assert_eq!(serde_json::from_str::<Preset>(text).unwrap(), preset);
        let whole = serde_json::to_string(&preset).unwrap();
        assert_eq!(serde_json::from_str::<Preset>(&whole).unwrap(), preset);
        assert!(text.contains(&format!("\"{}\"", preset.name())), "{text}");
        // Its plan can be written, too.
        let plan = Plan::new(1).preset(preset.clone());
        let bytes = rmp_serde::to_vec_named(&plan).unwrap();
        assert_eq!(rmp_serde::from_slice::<Plan>(&bytes).unwrap(), plan);
        names.push(preset.name());
    }
    names.dedup();
    assert_eq!(names, Preset::all_names());
    for text in [r#"{"gpt2":{"layers":12,"depth":1}}"#, r#"{"gpt2":{}}"#] {
        assert!(serde_json::from_str::<Preset>(text).is_err(), "{text}");
    }
}

#[test]
fn gpt2() {
    let device = Device::flex();
    is_like(
        "gpt2",
        Gpt2::new(4),
        || models::gpt2::Gpt2::new(4, 128, &device),
        |path| {
            let path = path
                .replace("transformer.layers", "h")
                .replace("mha.query", "attn.c_attn")
                .replace("mha.key", "attn.c_attn")
                .replace("mha.value", "attn.c_attn")
                .replace("mha.output", "attn.c_proj")
                .replace("pwff.linear_inner", "mlp.c_fc")
                .replace("pwff.linear_outer", "mlp.c_proj")
                .replace("norm_", "ln_");
            format!("transformer.{path}")
        },
    );
}

/// std/√(2N) with another depth, width and std, and with the names of transformers.
#[test]
fn gpt2_of_another_size() {
    let preset = Gpt2::new(9).std(0.05).into();
    let model = || models::gpt2::NamedGpt2::new(9, 96, &Device::flex());
    let values = initialized(&preset, model, 1);
    for block in 0..9 {
        for layer in ["attn", "mlp"] {
            let path = format!("h.{block}.{layer}.c_proj.weight");
            assert_std(&values, &path, 0.05 / 18f64.sqrt());
        }
        assert_std(&values, &format!("h.{block}.mlp.c_fc.weight"), 0.05);
    }
    assert_std(&values, "wte.weight", 0.05);
}

/// A layer that isn't found, another depth, and settings that are no numbers are errors that name the place.
#[test]
fn gpt2_is_loud() {
    let device = Device::flex();
    let model = |layers| models::gpt2::Gpt2::new(layers, 64, &device);
    let fewer = error(Gpt2::new(4), model(3));
    assert!(fewer.contains("depth 3"), "{fewer}");
    let more = error(Gpt2::new(4), model(5));
    assert!(
        more.contains("no rule") && more.contains("transformer.layers.4.mha.output.weight"),
        "{more}"
    );
    let no_layers = error(Gpt2::new(0), model(2));
    assert!(no_layers.contains("layers.0.mha.query"), "{no_layers}");
    for std in [f64::NAN, -1.0, f64::INFINITY] {
        let std_error = error(Gpt2::new(2).std(std), model(2));
        assert!(std_error.contains("std"), "{std_error}");
    }
    let unnamed = || models::gpt2::Unnamed::new(&device);
    let not_found = error(Gpt2::new(4), unnamed());
    assert!(
        not_found.contains("never used") && not_found.contains("linear_outer"),
        "{not_found}"
    );
    // It is found where it is said.
    let preset = Gpt2::new(4).mlp_output(Select::glob("blocks.*.shrink.weight"));
    let values = initialized(&preset.into(), unnamed, 1);
    assert_std(&values, "blocks.3.shrink.weight", 0.02 / 8f64.sqrt());
}

/// A rule before a preset wins.
#[test]
fn own_rules_go_first() {
    let own = Normal::new(0.0, 0.3);
    let Applied { model, .. } = Plan::new(1)
        .rule(Select::path("h.0.mlp.c_proj.weight"), own)
        .preset(Gpt2::new(2))
        .apply(models::gpt2::NamedGpt2::new(2, 96, &Device::flex()))
        .unwrap();
    let mut values = Values::default();
    model.visit(&mut values);
    assert_std(&values.all, "h.0.mlp.c_proj.weight", 0.3);
    assert_std(&values.all, "h.1.mlp.c_proj.weight", 0.01);
}

#[test]
fn llama() {
    let device = Device::flex();
    is_like(
        "llama",
        Llama::new(),
        || models::llama::Llama::new(4, 128, &device),
        |path| match path.starts_with("lm_head") {
            true => path.to_owned(),
            false => format!("model.{path}"),
        },
    );
}

/// torchtitan's rules, at two sizes: 0.02/√(2(l + 1)) for layer l, and 1/√d cut at 3 std for the head, whose std that
/// leaves at 0.98658 of itself.
#[test]
fn llama_of_torchtitan() {
    let device = Device::flex();
    for (layers, width) in [(2, 256), (5, 64)] {
        let model = || models::llama::Llama::new(layers, width, &device);
        let values = initialized(&Llama::torchtitan(layers, width).into(), model, 1);
        for layer in 0..layers {
            let by_depth = 0.02 / (2.0 * (layer as f64 + 1.0)).sqrt();
            for (name, std) in [
                ("self_attn.o_proj", by_depth),
                ("mlp.up_proj", by_depth),
                ("mlp.down_proj", by_depth),
                ("mlp.gate_proj", 0.02),
                ("self_attn.q_proj", 0.02),
                ("self_attn.k_proj", 0.02),
                ("self_attn.v_proj", 0.02),
            ] {
                assert_std(&values, &format!("layers.{layer}.{name}.weight"), std);
            }
        }
        assert_std(&values, "embed_tokens.weight", 1.0);
        let d = width as f64;
        assert_std(&values, "lm_head.weight", 0.98658 / d.sqrt());
        let head = Numbers::of(&values["lm_head.weight"]);
        for end in [head.min, head.max] {
            let deviations = end.abs() * d.sqrt();
            assert!((2.85..=3.0001).contains(&deviations), "{deviations}");
        }
    }
    let model = |layers| models::llama::Llama::new(layers, 64, &device);
    let fewer = error(Llama::torchtitan(3, 64), model(2));
    assert!(fewer.contains("depth 2"), "{fewer}");
    let more = error(Llama::torchtitan(2, 64), model(3));
    assert!(more.contains("layers.2.mlp.gate_proj.weight"), "{more}");
    let no_width = error(Llama::torchtitan(2, 0), model(2));
    assert!(no_width.contains("lm_head"), "{no_width}");
    let huge = error(Llama::torchtitan(usize::MAX, 64), model(2));
    assert!(huge.contains("depth 2"), "{huge}");
}
