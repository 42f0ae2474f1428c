//! What reports say, as data and as text.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::{DType, Device, Tensor};
use burn_init::plan::{Action, Applied, Report, Rule};
use burn_init::sparse::{Amount, Pattern};
use burn_init::weight::Axis;
use burn_init::{
    Constant, InitWeights, Normal, Orthogonal, Plan, Select, Sparse, TruncatedNormal, Uniform,
    VarianceScaling, Wavelet,
};

/// A part of each kind.
#[derive(Module, Debug)]
struct Parts {
    token_embedding_with_a_long_name: Embedding,
    conv: Conv2d,
    norm: BatchNorm,
    fc: Linear,
    head: Linear,
    own: Param<Tensor<3>>,
    position: Param<Tensor<2>>,
}

impl Parts {
    fn new(device: &Device) -> Self {
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(device);
        let tokens: Embedding = EmbeddingConfig::new(50_000, 64).init(device);
        Self {
            head: linear(64, 10),
            fc: linear(100, 64),
            token_embedding_with_a_long_name: tokens,
            conv: Conv2dConfig::new([4, 8], [3, 3])
                .with_groups(2)
                .init(device),
            norm: BatchNormConfig::new(8).init(device),
            own: Param::from_tensor(Tensor::ones([2, 3, 4], device)),
            position: Param::from_tensor(Tensor::zeros([1, 64], device)),
        }
    }
}

fn plan() -> Plan {
    Plan::new(42)
        .rule(
            Select::weights_of("Embedding"),
            TruncatedNormal::new(0.0, 0.02),
        )
        .push(Rule::new(Select::weights_of("Conv2d"), Orthogonal::new()).groups(2))
        .rule(Select::path("fc.weight"), Wavelet::haar().grid([10, 10]))
        .rule(
            Select::weights_of("Linear"),
            Sparse::new(Pattern::PerOutput(Amount::Exact(8))).pinned(),
        )
        .rule(Select::name("own"), Uniform::new(-0.5, 1.0))
        .keep(Select::name("position"))
        .rule(Select::biases(), Constant::zeros())
}

#[test]
fn what_is_known_before_any_value_is_made() {
    let device = Device::flex();
    let model = Parts::new(&device);
    let report = plan().dry_run(&model).unwrap();
    assert!(!model.fc.weight.is_initialized());

    let conv = report.entry("conv.weight").unwrap();
    assert_eq!(conv.shape, [8, 2, 3, 3]);
    assert_eq!(
        conv.axes,
        [Axis::Output, Axis::Input, Axis::Kernel, Axis::Kernel]
    );
    assert_eq!((conv.fan_in, conv.fan_out), (Some(18.0), Some(36.0)));
    assert_eq!(
        (conv.dtype, conv.bytes, conv.elements()),
        (DType::F32, 576, 144)
    );
    // Two groups of four neurons with 18 inputs, which are orthonormal: Σw² = 1 each.
    assert!((conv.expected.unwrap().std - 18f64.sqrt().recip()).abs() < 1e-12);
    assert!(conv.assumed.is_empty() && !conv.had_values);

    let tokens = report
        .entry("token_embedding_with_a_long_name.weight")
        .unwrap();
    // What a cut at ±2 leaves of a standard deviation.
    assert!((tokens.expected.unwrap().std - 0.02 * 0.879_625_661).abs() < 1e-9);
    let (low, high) = tokens.bounds.unwrap();
    assert!(low == -high && (0.0399..=0.04).contains(&high), "{high}");

    let head = report.entry("head.weight").unwrap();
    assert_eq!(head.density, Some(0.125));
    assert_eq!(head.connectivity, None);
    // Sparse values make up for what is missing: the variance of He's over all elements.
    assert!((head.expected.unwrap().std - (2.0f64 / 64.0).sqrt()).abs() < 1e-9);

    let own = report.entry("own").unwrap();
    assert_eq!(own.bounds, Some((-0.5, 1.0)));
    assert!(own.had_values && !own.assumed.is_empty());
    assert_eq!(own.expected.unwrap().mean, 0.25);
    assert!(own.note().unwrap().ends_with("had values before"));

    let bias = report.entry("fc.bias").unwrap();
    assert_eq!((bias.fan_in, bias.fan_out), (Some(100.0), Some(64.0)));
    let gamma = report.entry("norm.gamma").unwrap();
    assert_eq!(
        (gamma.expected, gamma.bounds, gamma.density),
        (None, None, None)
    );
    assert!(matches!(&gamma.action, Action::Kept(_)));
}

/// The values keep what the report says.
#[test]
fn values_are_as_said() {
    let Applied { model, report } = plan().apply(Parts::new(&Device::flex())).unwrap();
    let check = |path: &str, values: Vec<f32>| {
        let entry = report.entry(path).unwrap();
        let n = values.len() as f64;
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let squares = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / n;
        let expected = entry.expected.unwrap();
        let std = (squares - mean * mean).sqrt();
        // The kurtosis of sparse values is 3 / density: five standard errors.
        let error = (3.0 / entry.density.unwrap() / n).sqrt() / 2.0;
        assert!(
            (std / expected.std - 1.0).abs() < 5.0 * error,
            "{path}: {std} {expected:?}"
        );
        assert!(
            (mean - expected.mean).abs() < 5.0 * expected.std / n.sqrt(),
            "{path}: {mean}"
        );
        if let Some((low, high)) = entry.bounds {
            assert!(values.iter().all(|v| (low..=high).contains(v)), "{path}");
        }
    };
    let tokens = &model.token_embedding_with_a_long_name;
    check(
        "token_embedding_with_a_long_name.weight",
        burn_init_tests::values(tokens.weight.val()),
    );
    check(
        "head.weight",
        burn_init_tests::values(model.head.weight.val()),
    );
    let connectivity = report.entry("head.weight").unwrap().connectivity.unwrap();
    assert_eq!(connectivity.kept, 80);
}

#[test]
fn totals() {
    let report = plan().dry_run(&Parts::new(&Device::flex())).unwrap();
    let totals = report.totals();
    let initialized = 50_000 * 64 + 144 + 8 + 6400 + 64 + 640 + 10 + 24;
    let kept = 64 + 4 * 8;
    assert_eq!((totals.initialized, totals.kept), (initialized, kept));
    assert_eq!(totals.elements, initialized + kept);
    assert_eq!(totals.bytes, 4 * totals.elements);
    assert_eq!(totals.parameters, 13);

    // Tied layers count once.
    let layer: Linear = LinearConfig::new(4, 4)
        .with_bias(false)
        .init(&Device::flex());
    let report = Plan::new(1)
        .rule(Select::weights(), Normal::fan_in())
        .dry_run(&vec![layer.clone(), layer])
        .unwrap();
    assert_eq!(report.entries[1].tied_to.as_deref(), Some("0.weight"));
    assert_eq!(
        (report.totals().parameters, report.totals().elements),
        (1, 16)
    );
}

/// A value that was loaded for one path of a tied parameter is copied to the other, and the report says so.
#[test]
fn copies_of_tied_parameters() {
    let layer: Linear = LinearConfig::new(4, 4)
        .with_bias(false)
        .init(&Device::flex());
    let plan = Plan::new(1).rule(Select::weights(), Normal::fan_in());
    let Applied { report, .. } = plan
        .apply_to_missing(vec![layer.clone(), layer], ["1.weight"])
        .unwrap();
    assert_eq!(
        report.entries[0].action,
        Action::Kept("not missing".to_owned())
    );
    assert_eq!(
        report.entries[1].action,
        Action::Copied("0.weight".to_owned())
    );
}

/// Lines are no longer than asked for, down to where texts can't be read any more.
#[test]
fn lines_fit() {
    let report = plan().apply(Parts::new(&Device::flex())).unwrap().report;
    for columns in [60, 72, 80, 100, 132, 200] {
        let text = format!("{report:columns$}");
        // The sums stand below the table.
        let lines = text
            .lines()
            .take_while(|line| !line.contains("parameters,"));
        for line in lines {
            assert!(line.chars().count() <= columns, "{columns}: {line}\n{text}");
        }
    }
    assert_eq!(report.to_string(), format!("{report:100}"));
    assert!(format!("{report:0}").contains("head."));
    assert_eq!(
        Report::default().to_string(),
        "0 parameters, 0 elements, 0 B: 0 initialized, 0 kept"
    );
}

#[test]
fn as_text_markdown_and_json() {
    let report = plan().apply(Parts::new(&Device::flex())).unwrap().report;
    insta::assert_snapshot!("report_in_80_columns", format!("{report:80}"));
    insta::assert_snapshot!("report_in_140_columns", format!("{report:140}"));
    insta::assert_snapshot!("report_in_markdown", report.to_markdown());
    let json = serde_json::to_string_pretty(&report).unwrap();
    insta::assert_snapshot!("report_in_json", json);
}

/// One line for all weights has a report, too.
#[test]
fn of_init_weights() {
    let layer: Linear = LinearConfig::new(100, 64).init(&Device::flex());
    let he = VarianceScaling::he_normal();
    let Applied { report, .. } = layer.init_weights_with_report(&he, 42).unwrap();
    insta::assert_snapshot!("report_of_init_weights", report.to_string());
}
