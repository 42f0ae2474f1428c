//! Plans and initializers as files, and what a mistake in one says.

use burn::config::Config;
use burn::module::ParamGroup;
use burn_init::plan::presets::Gpt2;
use burn_init::plan::{Meaning, Rule};
use burn_init::weight::Axis;
use burn_init::{
    AnyInitializer, Constant, InitError, Normal, Plan, Select, Sparse, VarianceScaling, Wavelet,
    files,
};

/// A plan with everything that a plan can have.
fn plan() -> Plan {
    Plan::new(u64::MAX)
        .prefix("decoder")
        .strict()
        .meaning(
            "Experts",
            "up",
            Meaning::weight([Axis::Index, Axis::Input, Axis::Output]),
        )
        .meaning("Experts", "scale", Meaning::Norm)
        .rule(Select::path("fc1.weight"), Wavelet::haar().grid([10, 10]))
        .push(
            Rule::new(
                Select::weights_of("ConvTranspose2d") & !Select::depth(2..),
                VarianceScaling::he_normal(),
            )
            .groups(4)
            .strides([2, 2]),
        )
        .push(Rule::new(Select::regex("^conv.*weight$"), Normal::fan_in()).depthwise())
        .push(Rule::new(Select::rank(3), Normal::fan_in()).axes([
            Axis::Index,
            Axis::Input,
            Axis::Output,
        ]))
        .push(
            Rule::new(Select::glob("**.{lora,dora}.a"), Sparse::exact(8).pinned())
                .optional()
                .where_it_fits()
                .keep_values(),
        )
        .keep(Select::group(ParamGroup::from_path("position")) | Select::norms())
}

#[test]
fn files_of_both_formats() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["plan.toml", "plan.json", "PLAN.JSON"] {
        let file = dir.path().join(name);
        plan().save(&file).unwrap();
        assert_eq!(Plan::load(&file).unwrap(), plan());
    }
    let file = dir.path().join("init.toml");
    let init = AnyInitializer::from(Wavelet::haar());
    files::save(&init, &file).unwrap();
    assert_eq!(files::load::<AnyInitializer>(&file).unwrap(), init);
    // Binary formats have all fields.
    let bytes = postcard::to_stdvec(&plan()).unwrap();
    assert_eq!(postcard::from_bytes::<Plan>(&bytes).unwrap(), plan());
    let bytes = rmp_serde::to_vec(&plan()).unwrap();
    assert_eq!(rmp_serde::from_slice::<Plan>(&bytes).unwrap(), plan());
}

/// Without what is as it is anyway.
#[test]
fn as_a_file_looks() {
    insta::assert_snapshot!("plan_in_toml", toml::to_string(&plan()).unwrap());
    let short = Plan::new(1).rule(Select::weights(), Constant::new(0.1));
    insta::assert_snapshot!(
        "short_plan_in_json",
        serde_json::to_string_pretty(&short).unwrap()
    );
}

/// Burn's own way: a plan as a field of a configuration, and as one.
#[test]
fn in_a_configuration_of_burn() {
    #[derive(Config, Debug)]
    struct Training {
        plan: Plan,
        head: AnyInitializer,
        #[config(default = 10)]
        epochs: usize,
    }

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("training.json");
    let training = Training::new(plan(), Normal::fan_in().into());
    training.save(&file).unwrap();
    let same = Training::load(&file).unwrap();
    assert_eq!(
        (same.plan, same.head, same.epochs),
        (plan(), Normal::fan_in().into(), 10)
    );

    <Plan as Config>::save(&plan(), &file).unwrap();
    assert_eq!(<Plan as Config>::load(&file).unwrap(), plan());
}

const MISTAKES_IN_JSON: &[(&str, &str)] = &[
    ("a key of the plan", "{ \"seed\": 1,\n  \"rule\": [] }"),
    (
        "a key of a rule",
        "{ \"seed\": 1, \"rules\": [\n  { \"select\": \"weights\", \"inti\": {} }] }",
    ),
    (
        "a name of an initializer",
        "{ \"seed\": 1, \"rules\": [\n  { \"select\": \"weights\", \"init\": { \"orthogonl\": {} } }] }",
    ),
    (
        "a setting",
        "{ \"seed\": 1, \"rules\": [\n  { \"select\": \"weights\", \"init\": { \"orthogonal\": { \"gian\": 2.0 } } }] }",
    ),
    ("a comma too many", "{ \"seed\": 1, \"rules\": [], }"),
    ("the end is missing", "{ \"seed\": 1, \"rules\": ["),
    ("no JSON", "seed = 1"),
];

/// Each kind of mistake: where it is, and a way out.
#[test]
fn mistakes() {
    let rule = |text: &str| format!("seed = 1\n\n[[rules]]\nselect = \"weights\"\n{text}\n");
    let select = |text: &str| format!("seed = 1\n\n[[rules]]\ninit.constant.value = 0.0\n{text}\n");
    let in_toml = [
        ("no seed", "rules = []".to_owned()),
        ("no rules", "seed = 1".to_owned()),
        ("a seed that is no number", "seed = \"one\"\nrules = []".to_owned()),
        ("a seed below 0", "seed = -1\nrules = []".to_owned()),
        ("a key of the plan", "sed = 1\nrules = []".to_owned()),
        ("a key of a rule", rule("init.constant.value = 0.0\noptinal = true")),
        ("a key like no other", rule("init.constant.value = 0.0\nxyzzy = true")),
        ("neither init nor keep", rule("")),
        ("both", rule("init.constant.value = 0.0\nkeep = true")),
        ("a name of an initializer", rule("init.wavlet.family = \"haar\"")),
        ("two initializers", rule("init = { normal.mean = 0.0, constant.value = 0.0 }")),
        ("a setting", rule("init.normal = { mean = 0.0, sd = 1.0 }")),
        ("a setting that is missing", rule("init.uniform.low = 0.0")),
        ("a setting of another type", rule("init.normal = { mean = \"zero\", std = 1.0 }")),
        ("a family of wavelets", rule("init.wavelet.family = \"db99\"")),
        ("a pattern", rule("init.sparse.pattern.per_ouput.exact = 8")),
        ("levels", rule("init.wavelet = { family = \"haar\", levels = \"al\" }")),
        ("a mode of fans", rule("init.variance_scaling = { scale = 1.0, mode = \"fan_inn\", distribution = \"normal\" }")),
        ("axes", rule("init.constant.value = 0.0\naxes = [\"inputs\"]")),
        ("an unregistered initializer", rule("init.custom.mine = {}")),
        ("a selection", select("select = \"weight\"")),
        ("a selection with a value", select("select.paht = \"fc1.weight\"")),
        ("a selection without its value", select("select = \"path\"")),
        ("a glob", select("select.glob = \"{fc1\"")),
        ("a regular expression", select("select.regex = \"fc(1\"")),
        ("a meaning", "seed = 1\nrules = []\nmeanings = [{ container = \"A\", parameter = \"b\", meaning = \"nrom\" }]".to_owned()),
        ("not TOML", "seed = 1\nrules = [".to_owned()),
        ("a key twice", "seed = 1\nseed = 2\nrules = []".to_owned()),
        ("nothing", String::new()),
    ];
    let mut text = String::new();
    for (what, file) in in_toml {
        let error = files::from_toml::<Plan>(&file).expect_err(what);
        text += &format!("# {what}\n{error}\n");
    }
    insta::assert_snapshot!("mistakes_in_toml", text);

    let mut text = String::new();
    for (what, file) in MISTAKES_IN_JSON {
        let error = files::from_json::<Plan>(file).expect_err(what);
        text += &format!("# {what}\n{error}\n");
    }
    insta::assert_snapshot!("mistakes_in_json", text);
}

/// The name of the file stands in the message.
#[test]
fn files_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.toml");
    std::fs::write(&file, "seed = 1\nrules = []\nstirct = true").unwrap();
    let error = Plan::load(&file).unwrap_err();
    let InitError::File {
        file: name,
        line_and_column,
        problem,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*name, file.display().to_string());
    assert_eq!(*line_and_column, Some((3, 1)));
    assert!(problem.contains("did you mean `strict`?"), "{problem}");
    assert!(
        error
            .to_string()
            .contains("plan.toml, line 3, column 1: unknown key"),
        "{error}"
    );

    for (name, part) in [
        ("missing.toml", "No such file"),
        ("plan.yaml", "must end with .toml or .json"),
        ("plan", "must end with .toml or .json"),
    ] {
        let error = Plan::load(dir.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(part), "{error}");
        plan()
            .save(dir.path().join("no folder").join(name))
            .unwrap_err();
    }
    // A user's own initializer without a name in files.
    let own = AnyInitializer::custom(burn_init::Sampled(
        rand_distr::Cauchy::new(0f32, 0.01).unwrap(),
    ));
    let error = Plan::new(1)
        .rule(Select::weights(), own)
        .save(&file)
        .unwrap_err();
    assert!(error.to_string().contains("any::register"), "{error}");
    // What couldn't be written hasn't been touched.
    assert!(std::fs::read_to_string(&file).unwrap().contains("stirct"));
}

/// The schema in the docs is that of the code. With `UPDATE_SCHEMA=1` in the environment, the file is written.
#[test]
fn schema_of_the_docs() {
    let schema = serde_json::to_string_pretty(&files::plan_schema()).unwrap() + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/plan.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(file, &schema).unwrap();
    }
    let in_docs = std::fs::read_to_string(file).unwrap();
    assert!(
        in_docs == schema,
        "UPDATE_SCHEMA=1 cargo test --package burn-init-tests schema_of_the_docs"
    );
}

/// It takes what is a plan, and refuses what isn't. Plans at random are held against it in `plan_properties`.
#[test]
fn the_schema_checks() {
    let schema = jsonschema::validator_for(&files::plan_schema()).unwrap();
    let mut file = serde_json::to_value(plan()).unwrap();
    file["$schema"] = "plan.schema.json".into();
    assert!(files::from_json::<Plan>(&file.to_string()).is_ok());
    let problems: Vec<_> = schema.iter_errors(&file).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    // What is JSON, but no plan.
    let mistakes = MISTAKES_IN_JSON
        .iter()
        .filter_map(|(_, file)| serde_json::from_str(file).ok());
    for file in mistakes {
        assert!(!schema.is_valid(&file), "{file}");
    }
}

/// A preset by its name: its rules come behind those of the file.
#[test]
fn presets_in_files() {
    let file = "seed = 8\npreset.gpt2.layers = 12\n\n[[rules]]\nselect = \"biases\"\nkeep = true\n";
    let read: Plan = files::from_toml(file).unwrap();
    let plan = Plan::new(8).keep(Select::biases()).preset(Gpt2::new(12));
    assert_eq!(read, plan);
    // Without any rules; and a plan that is read again has the rules themselves.
    let read: Plan =
        files::from_json(r#"{ "seed": 8, "preset": { "gpt2": { "layers": 12 } } }"#).unwrap();
    assert_eq!(read, Plan::new(8).preset(Gpt2::new(12)));
    let text = serde_json::to_string(&read).unwrap();
    assert_eq!(files::from_json::<Plan>(&text).unwrap(), read);

    let error = |text: &str| files::from_toml::<Plan>(text).unwrap_err().to_string();
    let text = error("seed = 1\npreset.gtp2.layers = 12");
    assert!(
        text.contains("line 2, column 8: unknown name `gtp2`; did you mean `gpt2`?"),
        "{text}"
    );
    let text = error("seed = 1\npreset.gpt2 = {}");
    assert!(text.contains("missing field `layers`"), "{text}");
    let text = error("seed = 1");
    assert!(
        text.contains("a plan needs `rules`, a `preset`, or both"),
        "{text}"
    );
}
