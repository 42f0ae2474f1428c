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
//! | largest and smallest of normals | beyond 3 std, where the reference's are and there are enough elements: nothing was cut |
//! | a constant | none |

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use burn_init::plan::presets::{
    Bert, ConvNext, Dit, EfficientNet, Gpt2, Llama, LstmLm, Mamba, Preset, ResNet, SirenNetwork,
    T5, TorchTransformer, Vit,
};
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

/// Of each parameter, its values with these seeds, one after another. The preset initializes all of them.
fn initialized<M: Module>(
    preset: &Preset,
    model: impl Fn() -> M,
    seeds: u64,
) -> BTreeMap<String, Vec<f32>> {
    initialized_but(&[], preset, model, seeds)
}

/// The same, where the preset keeps some parameters.
fn initialized_but<M: Module>(
    kept: &[&str],
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
            let stays = entry.path.contains("running_") || kept.contains(&entry.path.as_str());
            assert!(initialized != stays, "{entry:?}");
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
            let three = 3.0 * reference.std;
            if end.abs() > three && self.n > 8000.0 && own.abs() < three {
                return Some(format!("an end of {own}, as if it was cut"));
            }
        }
        None
    }
}

/// Holds a model against the golden one. `rename` tells from a path in Burn what the reference calls it; `gamma` and
/// `beta` of normalizations come as `weight` and `bias`.
fn is_like<M: Module>(
    golden: &str,
    preset: impl Into<Preset>,
    model: impl Fn() -> M,
    rename: impl Fn(&str) -> String,
) {
    let text = include_str!("golden/presets.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let parameters = all["models"][golden]["parameters"].as_object().unwrap();
    let mut elements: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, values) in initialized(&preset.into(), model, SEEDS) {
        let mut golden_path = rename(&path);
        for (of_norm, own) in [(".gamma", ".weight"), (".beta", ".bias")] {
            let layer = path.strip_suffix(of_norm);
            if let (Some(layer), false) = (layer, parameters.contains_key(&golden_path)) {
                golden_path = rename(&format!("{layer}{own}"));
            }
        }
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
        (r#"{"bert":{}}"#, Bert::new().into()),
        (
            r#"{"bert":{"padding":{"token":0,"vocabulary":30522}}}"#,
            Bert::new().padding(0, 30_522).into(),
        ),
        (
            r#"{"t5":{"d_model":512,"d_kv":64}}"#,
            T5::new(512, 64).into(),
        ),
        (r#"{"mamba":{}}"#, Mamba::new().into()),
        (
            r#"{"mamba":{"rescale":24}}"#,
            Mamba::new().rescale(24).into(),
        ),
        (r#"{"lstm_lm":{}}"#, LstmLm::new().into()),
        (
            r#"{"torch_transformer":{}}"#,
            TorchTransformer::new().into(),
        ),
        (r#"{"vit":{}}"#, Vit::timm().into()),
        (r#"{"vit":{"variant":"jax"}}"#, Vit::jax().into()),
        (r#"{"vit":{"variant":"moco"}}"#, Vit::moco().into()),
        (r#"{"dit":{}}"#, Dit::new().into()),
        (
            r#"{"dit":{"variant":"diffusers"}}"#,
            Dit::diffusers().into(),
        ),
        (r#"{"convnext":{}}"#, ConvNext::new().into()),
        (r#"{"resnet":{"block":"basic"}}"#, ResNet::basic().into()),
        (
            r#"{"resnet":{"block":"bottleneck","zero_last_scale":false}}"#,
            ResNet::bottleneck().keep_last_scale().into(),
        ),
        (r#"{"efficientnet":{}}"#, EfficientNet::new().into()),
        (
            r#"{"siren":{"omega":10.0}}"#,
            SirenNetwork::new().omega(10.0).into(),
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
    let not_tied = error(Llama::torchtitan(2, 64).tied(), model(2));
    assert!(
        not_tied.contains("no rule matches `lm_head.weight`"),
        "{not_tied}"
    );
    let no_width = error(Llama::torchtitan(2, 0), model(2));
    assert!(no_width.contains("lm_head"), "{no_width}");
    let huge = error(Llama::torchtitan(usize::MAX, 64), model(2));
    assert!(huge.contains("depth 2"), "{huge}");
}

/// The reference's word embedding has zeros in the row of token 0.
#[test]
fn bert() {
    let device = Device::flex();
    is_like(
        "bert",
        Bert::new().padding(0, 500),
        || models::bert::Bert::new(2, 128, &device),
        |path| {
            path.replace("embeddings.norm", "embeddings.LayerNorm")
                .replace("encoder.layers", "encoder.layer")
                .replace("mha.output", "attention.output.dense")
                .replace("mha.", "attention.self.")
                .replace("norm_1", "attention.output.LayerNorm")
                .replace("norm_2", "output.LayerNorm")
                .replace("pwff.linear_inner", "intermediate.dense")
                .replace("pwff.linear_outer", "output.dense")
                .replace("pooler", "pooler.dense")
        },
    );
}

#[test]
fn bert_rows_of_padding() {
    let device = Device::flex();
    let model = || models::bert::Bert::new(1, 64, &device);
    for (token, zeros) in [(0, 0..64), (7, 448..512), (499, 31_936..32_000)] {
        let preset = Bert::new().padding(token, 500).std(0.1);
        let values = initialized(&preset.into(), model, 1);
        let words = &values["embeddings.word_embeddings.weight"];
        assert_eq!(words[zeros], [0.0; 64]);
        assert_eq!(words.iter().filter(|w| **w == 0.0).count(), 64);
        assert_std(&values, "encoder.layers.0.mha.key.weight", 0.1);
    }
    for (token, vocabulary) in [(500, 500), (0, 501), (usize::MAX, 500), (0, 0)] {
        let problem = error(Bert::new().padding(token, vocabulary), model());
        assert!(problem.contains("500"), "{problem}");
    }
}

#[test]
fn t5() {
    let device = Device::flex();
    is_like(
        "t5",
        T5::new(128, 32),
        || models::t5::T5::new(2, 128, &device),
        |path| {
            let ff = if path.starts_with("encoder") { 1 } else { 2 };
            path.replace("own_norm", "layer.0.layer_norm")
                .replace("cross_norm", "layer.1.layer_norm")
                .replace("ff_norm", &format!("layer.{ff}.layer_norm"))
                .replace("own", "layer.0.SelfAttention")
                .replace("cross", "layer.1.EncDecAttention")
                .replace("ff", &format!("layer.{ff}.DenseReluDense"))
        },
    );
    let model = || models::t5::T5::new(1, 64, &device);
    let values = initialized(&T5::new(64, 16).into(), model, 1);
    assert_std(&values, "encoder.block.0.own.q.weight", 1.0 / 32.0);
    assert_std(&values, "decoder.block.0.cross.k.weight", 0.125);
    assert_std(&values, "decoder.block.0.ff.wo.weight", 1.0 / 128f64.sqrt());
    let nowhere = T5::new(64, 16).query(Select::glob("**.{wq,w_q}.weight"));
    let problem = error(nowhere, model());
    assert!(
        problem.contains("wq") && problem.contains("never used"),
        "{problem}"
    );
    for preset in [T5::new(64, 0), T5::new(0, 16)] {
        assert!(!error(preset, model()).is_empty());
    }
}

#[test]
fn mamba() {
    let device = Device::flex();
    is_like(
        "mamba",
        Mamba::new(),
        || models::mamba::Mamba::new(4, 128, &device),
        |path| match path.strip_suffix(".d") {
            Some(mixer) => format!("{mixer}.D"),
            None => path.replace("a_log", "A_log"),
        },
    );
    let model = || models::mamba::Mamba::new(3, 64, &device);
    let values = initialized(&Mamba::new().rescale(3).std(0.02).into(), model, 1);
    // Uniform in ±1/√fan_in has a variance of 1/(3 fan_in).
    let out = (1.0 / (3.0 * 128.0) / 3.0f64).sqrt();
    assert_std(&values, "layers.2.mixer.out_proj.weight", out);
    assert_std(&values, "layers.2.mixer.in_proj.weight", 0.02);
    let no_layers = error(Mamba::new().rescale(0), model());
    assert!(no_layers.contains("out_proj"), "{no_layers}");
    let nowhere = error(Mamba::new().a_log(Select::name("log_a")), model());
    assert!(nowhere.contains("log_a"), "{nowhere}");
}

/// PyTorch holds four gates in one parameter, and Burn each by itself.
#[test]
fn lstm() {
    let device = Device::flex();
    is_like(
        "lstm_torch",
        LstmLm::new(),
        || models::lstm::TwoBiLstms::new(&device),
        |path| {
            let parts: Vec<&str> = path.split('.').collect();
            let [_, layer, direction, _, transform, kind] = parts[..] else {
                panic!("{path}");
            };
            let of = if transform.starts_with("input") {
                "ih"
            } else {
                "hh"
            };
            let reverse = if direction == "reverse" {
                "_reverse"
            } else {
                ""
            };
            format!("{kind}_{of}_l{layer}{reverse}")
        },
    );
}

/// U(−0.1, 0.1) has a std of 0.1/√3.
#[test]
fn lstm_language_model() {
    let model = || models::lstm::LstmLm::new(&Device::flex());
    let values = initialized(&LstmLm::new().into(), model, 1);
    let largest = |path: &str| Numbers::of(&values[path]).max;
    for path in ["encoder.weight", "decoder.weight"] {
        assert_std(&values, path, 0.1 / 3f64.sqrt());
        assert!(largest(path) <= 0.1);
    }
    assert_eq!(values["decoder.bias"], [0.0; 500]);
    for path in [
        "lstm.input_gate.input_transform.weight",
        "lstm.cell_gate.hidden_transform.weight",
        "lstm.forget_gate.input_transform.bias",
    ] {
        assert_std(&values, path, 1.0 / 600f64.sqrt());
        assert!(largest(path) <= 1.0 / 200f64.sqrt());
    }
    let no_gates = error(
        LstmLm::new(),
        models::gpt2::NamedGpt2::new(1, 64, &Device::flex()),
    );
    assert!(no_gates.contains("GateController"), "{no_gates}");
}

/// PyTorch's GRUs have the interval of its LSTMs.
#[test]
fn gru() {
    let model = || burn::nn::GruConfig::new(64, 100, true).init(&Device::flex());
    let values = initialized(&LstmLm::new().into(), model, SEEDS);
    for path in [
        "reset_gate.input_transform.weight",
        "new_gate.hidden_transform.weight",
        "update_gate.hidden_transform.bias",
    ] {
        assert_std(&values, path, 1.0 / 300f64.sqrt());
        assert!(Numbers::of(&values[path]).max <= 0.1);
    }
}

#[test]
fn torch_transformer() {
    use burn::nn::transformer::TransformerEncoderConfig;

    let device = Device::flex();
    is_like(
        "transformer_torch",
        TorchTransformer::new(),
        || TransformerEncoderConfig::new(128, 512, 4, 1).init(&device),
        |path| {
            let path = path
                .replace("layers.0.", "")
                .replace("mha.output", "self_attn.out_proj")
                .replace("pwff.linear_inner", "linear1")
                .replace("pwff.linear_outer", "linear2")
                .replace("norm_", "norm");
            match path.strip_prefix("mha.") {
                Some(packed) => {
                    let (_, kind) = packed.split_once('.').unwrap();
                    format!("self_attn.in_proj_{kind}")
                }
                None => path,
            }
        },
    );
    // Side by side: Xavier's interval of the whole weight.
    let packed = TorchTransformer::new().packed(Select::glob("**.c_attn.weight"));
    let model = || models::gpt2::NamedGpt2::new(1, 96, &device);
    let values = initialized(&packed.into(), model, 1);
    assert_std(&values, "h.0.attn.c_attn.weight", (2.0 / 384f64).sqrt());
    let split = error(TorchTransformer::new(), model());
    assert!(split.contains("never used"), "{split}");
}

#[test]
fn vit() {
    let device = Device::flex();
    for (golden, preset) in [
        ("vit_timm", Vit::timm()),
        ("vit_jax", Vit::jax()),
        ("vit_moco", Vit::moco()),
    ] {
        let model = || models::vit::Vit::new(4, 128, &device);
        is_like(golden, preset, model, str::to_owned);
    }
}

/// Of Burn's layers, queries, keys and values are three layers. Names that no default knows are errors, and settings
/// say them.
#[test]
fn vit_with_names_of_its_own() {
    let device = Device::flex();
    let model = || models::vit::OwnVit::new(&device);
    let unnamed = error(Vit::timm(), model());
    assert!(
        unnamed.contains("`start`") && unnamed.contains("`places`"),
        "{unnamed}"
    );
    let named = |vit: Vit| {
        let vit = vit.class_token(Select::path("start"));
        vit.position(Select::path("places"))
    };
    let no_head = error(named(Vit::jax()), model());
    assert!(
        no_head.contains("head") && no_head.contains("never used"),
        "{no_head}"
    );
    let jax = named(Vit::jax()).head(Select::path("classes.weight"));
    let values = initialized(&jax.into(), model, 1);
    assert_std(&values, "places", 0.02);
    assert_std(&values, "patches.weight", 1.0 / 192f64.sqrt());
    assert_std(&values, "encoder.layers.1.mha.query.weight", 0.125);
    assert_std(&values, "encoder.layers.1.pwff.linear_inner.bias", 1e-6);
    assert_eq!(values["classes.weight"], [0.0; 6400]);
    let values = initialized(&named(Vit::timm().std(0.01)).into(), model, 1);
    assert_std(&values, "classes.weight", 0.01);
}

#[test]
fn dit_of_diffusers() {
    let device = Device::flex();
    is_like(
        "dit",
        Dit::diffusers(),
        || models::dit::DiffusersDit::new(&device),
        |path| {
            path.replace("ff.up", "ff.net.0.proj")
                .replace("ff.down", "ff.net.2")
        },
    );
}

/// The zeros and intervals of the paper's code, at two sizes.
#[test]
fn dit() {
    let device = Device::flex();
    for (blocks, width) in [(2, 128), (5, 64)] {
        let model = || models::dit::Dit::new(blocks, width, &device);
        let values = initialized_but(&["pos_embed"], &Dit::new().into(), model, 1);
        let xavier = |inputs: usize, outputs: usize| (2.0 / (inputs + outputs) as f64).sqrt();
        let zero = |path: &str| assert!(values[path].iter().all(|w| *w == 0.0), "{path}");
        for block in 0..blocks {
            let at = |layer: &str| format!("blocks.{block}.{layer}");
            zero(&at("adaln_modulation.weight"));
            zero(&at("adaln_modulation.bias"));
            assert_std(&values, &at("qkv.weight"), xavier(width, 3 * width));
            assert_std(&values, &at("fc2.weight"), xavier(4 * width, width));
            zero(&at("fc1.bias"));
        }
        for layer in ["linear", "adaln_modulation"] {
            zero(&format!("final_layer.{layer}.weight"));
            zero(&format!("final_layer.{layer}.bias"));
        }
        for layer in 0..2 {
            assert_std(&values, &format!("t_embedder.mlp.{layer}.weight"), 0.02);
        }
        assert_std(&values, "y_embedder.embedding_table.weight", 0.02);
        // 4 channels of 2 × 2 numbers, flattened.
        assert_std(&values, "x_embedder.proj.weight", xavier(16, width));
        let largest = Numbers::of(&values["x_embedder.proj.weight"]).max;
        assert!(largest <= 3f64.sqrt() * xavier(16, width) * (1.0 + 1e-6));
        assert_eq!(values["pos_embed"][0], 1.0);
    }
    for nowhere in [
        Dit::new().modulation(Select::glob("**.film.**")),
        Dit::new().final_layer(Select::glob("last.**")),
        Dit::new().timestep(Select::glob("steps.**")),
    ] {
        let problem = error(nowhere, models::dit::Dit::new(1, 64, &device));
        assert!(problem.contains("never used"), "{problem}");
    }
}

#[test]
fn convnext() {
    let device = Device::flex();
    is_like(
        "convnext",
        ConvNext::new(),
        || models::convolutional::ConvNext::new(&[(2, 40), (2, 80), (6, 160), (2, 320)], &device),
        str::to_owned,
    );
    let preset = ConvNext::new().std(0.1).scale(0.5).into();
    let model = || models::convolutional::ConvNext::new(&[(1, 16), (3, 32)], &device);
    let values = initialized(&preset, model, 1);
    assert_eq!(values["stages.1.blocks.2.gamma"], [0.5; 32]);
    assert_std(&values, "stages.1.blocks.2.mlp.fc1.weight", 0.1);
    let elsewhere = ConvNext::new().layer_scale(Select::name("branch_scale"));
    let problem = error(elsewhere, model());
    assert!(
        problem.contains("no rule") && problem.contains("gamma"),
        "{problem}"
    );
}

#[test]
fn resnet() {
    let device = Device::flex();
    is_like(
        "resnet",
        ResNet::basic(),
        || models::convolutional::ResNet::new(64, &device),
        str::to_owned,
    );
}

#[test]
fn resnet_of_another_size() {
    let device = Device::flex();
    let model = || models::convolutional::ResNet::new(24, &device);
    let values = initialized(&ResNet::basic().into(), model, 1);
    let he = (2.0 / (48.0 * 9.0f64)).sqrt();
    assert_std(&values, "layer2.0.conv1.weight", he);
    assert_eq!(values["layer2.1.bn2.gamma"], [0.0; 48]);
    assert_eq!(values["layer2.1.bn1.gamma"], [1.0; 48]);
    let values = initialized(&ResNet::basic().keep_last_scale().into(), model, 1);
    assert_eq!(values["layer2.1.bn2.gamma"], [1.0; 48]);
    // It has no third convolutions.
    let problem = error(ResNet::bottleneck(), model());
    assert!(
        problem.contains("bn3") && problem.contains("never used"),
        "{problem}"
    );
}

#[test]
fn efficientnet() {
    let device = Device::flex();
    is_like(
        "efficientnet",
        EfficientNet::new(),
        || models::convolutional::EfficientNet::new(&device),
        str::to_owned,
    );
    let elsewhere = EfficientNet::new().depthwise(Select::glob("**.spatial.weight"));
    let problem = error(elsewhere, models::convolutional::EfficientNet::new(&device));
    assert!(problem.contains("never used"), "{problem}");
}

/// A network of sines.
#[derive(Module, Debug)]
struct Sines {
    layers: Vec<burn::nn::Linear>,
}

/// U(±1/n) for the first layer, U(±√(6/n)/ω₀) for others, and PyTorch's biases.
#[test]
fn siren() {
    let device = Device::flex();
    let model = || Sines {
        layers: [(3, 256), (256, 256), (256, 128)]
            .map(|(inputs, outputs)| models::linear(inputs, outputs, &device))
            .into(),
    };
    for omega in [30.0, 12.0] {
        let values = initialized(&SirenNetwork::new().omega(omega).into(), model, SEEDS);
        let hidden = (6.0 / 256f64).sqrt() / omega;
        for (path, bound) in [
            ("layers.0.weight", 1.0 / 3.0),
            ("layers.1.weight", hidden),
            ("layers.2.weight", hidden),
            ("layers.0.bias", 1.0 / 3f64.sqrt()),
            ("layers.2.bias", 1.0 / 16.0),
        ] {
            assert_std(&values, path, bound / 3f64.sqrt());
            let Numbers { min, max, .. } = Numbers::of(&values[path]);
            for end in [-min, max] {
                let share = end / bound;
                assert!((0.99..1.0 + 1e-6).contains(&share), "{path} {share}");
            }
        }
    }
    let nowhere = error(
        SirenNetwork::new().first(Select::path("first.weight")),
        model(),
    );
    assert!(nowhere.contains("first.weight"), "{nowhere}");
    let still = error(SirenNetwork::new().omega(0.0), model());
    assert!(still.contains("omega"), "{still}");
}

/// Where all is in Burn's layers, nothing is left to assume.
#[test]
fn strict() {
    fn check<M: Module>(preset: impl Into<Preset>, model: M) {
        let preset = preset.into();
        let plan = Plan::new(1).preset(preset.clone()).strict();
        let applied = plan.apply(model);
        assert!(applied.is_ok(), "{}: {:?}", preset.name(), applied.err());
    }
    let device = Device::flex();
    check(Gpt2::new(2), models::gpt2::Gpt2::new(2, 64, &device));
    check(
        Llama::torchtitan(2, 64),
        models::llama::Llama::new(2, 64, &device),
    );
    check(Bert::new(), models::bert::Bert::new(2, 64, &device));
    check(T5::new(64, 16), models::t5::T5::new(2, 64, &device));
    check(LstmLm::new(), models::lstm::LstmLm::new(&device));
    check(Dit::diffusers(), models::dit::DiffusersDit::new(&device));
    let stages = [(1, 16), (1, 32)];
    check(
        ConvNext::new(),
        models::convolutional::ConvNext::new(&stages, &device),
    );
    check(
        ResNet::basic(),
        models::convolutional::ResNet::new(8, &device),
    );
    check(
        EfficientNet::new(),
        models::convolutional::EfficientNet::new(&device),
    );
}
