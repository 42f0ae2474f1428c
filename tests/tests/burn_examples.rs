//! The models of Burn's own examples, each initialized by a plan of a few lines.
//!
//! The structs have the fields of Burn's examples `mnist`, `modern-lstm`, `wgan`, `text-classification` and
//! `text-generation`.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Embedding, EmbeddingConfig, LayerNorm,
    LayerNormConfig, LeakyRelu, LeakyReluConfig, Linear, LinearConfig, Relu, Tanh,
};
use burn::tensor::{Device, Tensor};
use burn_init::plan::{Action, Applied, Report, Rule};
use burn_init::{
    Constant, InitWeights, Normal, Orthogonal, Parts, Plan, Scaled, Select, VarianceScaling,
};
use burn_init_tests::values;

fn initialized(report: &Report) -> usize {
    let entries = report.entries.iter();
    entries
        .filter(|entry| matches!(entry.action, Action::Initialized(_)))
        .count()
}

fn std(values: &[f32]) -> f64 {
    let squares: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}

mod mnist {
    use super::*;

    #[derive(Module, Debug)]
    pub struct ConvBlock {
        pub conv: Conv2d,
        pub norm: BatchNorm,
        activation: Relu,
    }

    #[derive(Module, Debug)]
    pub struct Model {
        pub conv1: ConvBlock,
        pub conv2: ConvBlock,
        dropout: Dropout,
        pub fc1: Linear,
        pub fc2: Linear,
        activation: Relu,
    }

    impl Model {
        pub fn new(device: &Device) -> Self {
            let block = |channels| ConvBlock {
                conv: Conv2dConfig::new(channels, [3, 3])
                    .with_bias(false)
                    .init(device),
                norm: BatchNormConfig::new(channels[1]).init(device),
                activation: Relu::new(),
            };
            Self {
                conv1: block([1, 32]),
                conv2: block([32, 64]),
                dropout: DropoutConfig::new(0.3).init(),
                fc1: LinearConfig::new(1600, 128).init(device),
                fc2: LinearConfig::new(128, 10).init(device),
                activation: Relu::new(),
            }
        }
    }
}

/// He for what a relu follows, Glorot for the classes.
#[test]
fn mnist() {
    let Applied { model, report } = Plan::new(42)
        .rule(
            Select::path("fc2.weight"),
            VarianceScaling::glorot_uniform(),
        )
        .push(Rule::new(Select::weights_of("Conv2d"), VarianceScaling::he_normal()).groups(1))
        .rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::zeros())
        .strict()
        .apply(mnist::Model::new(&Device::flex()))
        .unwrap();
    assert_eq!(initialized(&report), 6);
    // 18,432 weights: the standard error of their std is 0.5 %; five of them.
    let expected = (2.0f64 / (32.0 * 9.0)).sqrt();
    let given = std(&values(model.conv2.conv.weight.val()));
    assert!((given / expected - 1.0).abs() < 0.026, "{given} {expected}");
    assert_eq!(values(model.conv1.norm.gamma.val()), [1.0; 32]);
}

mod lstm {
    use super::*;

    /// Four gates side by side: input, forget, cell, output.
    #[derive(Module, Debug)]
    pub struct LstmCell {
        pub hidden_size: usize,
        pub weight_ih: Linear,
        pub weight_hh: Linear,
        pub norm_x: LayerNorm,
        pub norm_h: LayerNorm,
        pub norm_c: LayerNorm,
        dropout: Dropout,
    }

    #[derive(Module, Debug)]
    pub struct StackedLstm {
        pub layers: Vec<LstmCell>,
    }

    #[derive(Module, Debug)]
    pub struct LstmNetwork {
        pub stacked_lstm: StackedLstm,
        pub fc: Linear,
    }

    /// The biases of the forget gates start at 1, as the example has them.
    fn gates(input: usize, hidden: usize, device: &Device) -> Linear {
        let mut gates = LinearConfig::new(input, 4 * hidden).init(device);
        let part = |size, value| Tensor::<1>::full([size], value, device);
        let parts = vec![part(hidden, 0.0), part(hidden, 1.0), part(2 * hidden, 0.0)];
        gates.bias = gates
            .bias
            .map(|bias| Param::initialized(bias.id, Tensor::cat(parts, 0)));
        gates
    }

    impl LstmNetwork {
        pub fn new(device: &Device) -> Self {
            let cell = |input| LstmCell {
                hidden_size: 32,
                weight_ih: gates(input, 32, device),
                weight_hh: gates(32, 32, device),
                norm_x: LayerNormConfig::new(128).init(device),
                norm_h: LayerNormConfig::new(128).init(device),
                norm_c: LayerNormConfig::new(32).init(device),
                dropout: DropoutConfig::new(0.1).init(),
            };
            Self {
                stacked_lstm: StackedLstm {
                    layers: vec![cell(8), cell(32)],
                },
                fc: LinearConfig::new(32, 1).init(device),
            }
        }
    }
}

/// Gates are orthogonal one by one, and the biases of the forget gates stay at 1.
#[test]
fn modern_lstm() {
    let Applied { model, report } = Plan::new(42)
        .rule(
            Select::glob("**.weight_hh.weight"),
            Parts::equal(4, Orthogonal::new()),
        )
        .rule(
            Select::glob("**.weight_ih.weight"),
            Parts::equal(4, VarianceScaling::glorot_normal()),
        )
        .rule(Select::weights(), VarianceScaling::glorot_normal())
        .push(Rule::new(Select::biases(), Constant::zeros()).keep_values())
        .strict()
        .apply(lstm::LstmNetwork::new(&Device::flex()))
        .unwrap();
    // The weights, and the bias of the last layer.
    assert_eq!(initialized(&report), 6);
    let forget_gates = |model: &lstm::LstmNetwork| {
        let cells = model.stacked_lstm.layers.iter();
        let layers = cells.flat_map(|cell| [&cell.weight_ih, &cell.weight_hh]);
        layers
            .map(|layer| {
                values(layer.bias.as_ref().unwrap().val())
                    .iter()
                    .sum::<f32>()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(forget_gates(&model), [32.0; 4]);
    for cell in &model.stacked_lstm.layers {
        let all = cell.weight_hh.weight.val();
        for gate in 0..4 {
            let gate = all.clone().slice([0..32, 32 * gate..32 * (gate + 1)]);
            let identity = Tensor::<2>::eye(32, &Device::flex());
            let error = (gate.clone().transpose().matmul(gate) - identity)
                .abs()
                .max();
            assert!(values(error)[0] < 1e-5);
        }
    }
    // One line for all keeps them, too.
    let model = lstm::LstmNetwork::new(&Device::flex());
    let model = model.init_weights(&Orthogonal::new(), 3).unwrap();
    assert_eq!(forget_gates(&model), [32.0; 4]);
}

mod wgan {
    use super::*;

    #[derive(Module, Debug)]
    pub struct LayerBlock {
        pub fc: Linear,
        pub bn: BatchNorm,
        leakyrelu: LeakyRelu,
    }

    #[derive(Module, Debug)]
    pub struct Generator {
        pub layer1: LayerBlock,
        pub layer2: LayerBlock,
        pub layer3: LayerBlock,
        pub layer4: LayerBlock,
        pub fc: Linear,
        tanh: Tanh,
    }

    #[derive(Module, Debug)]
    pub struct Discriminator {
        pub fc1: Linear,
        leakyrelu1: LeakyRelu,
        pub fc2: Linear,
        leakyrelu2: LeakyRelu,
        pub fc3: Linear,
    }

    pub fn models(device: &Device) -> (Generator, Discriminator) {
        let leaky = || LeakyReluConfig::new().with_negative_slope(0.2).init();
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let block = |i, o| LayerBlock {
            fc: linear(i, o),
            bn: BatchNormConfig::new(o).init(device),
            leakyrelu: leaky(),
        };
        let generator = Generator {
            layer1: block(100, 128),
            layer2: block(128, 256),
            layer3: block(256, 512),
            layer4: block(512, 1024),
            fc: linear(1024, 64),
            tanh: Tanh::new(),
        };
        let discriminator = Discriminator {
            fc1: linear(64, 512),
            leakyrelu1: leaky(),
            fc2: linear(512, 256),
            leakyrelu2: leaky(),
            fc3: linear(256, 1),
        };
        (generator, discriminator)
    }
}

/// DCGAN's N(0, 0.02) for both, scales of normalizations N(1, 0.02); the two models' values differ by a prefix.
#[test]
fn wgan() {
    let (generator, discriminator) = wgan::models(&Device::flex());
    let plan = Plan::new(42)
        .rule(Select::weights(), Normal::new(0.0, 0.02))
        .rule(Select::biases(), Constant::zeros())
        .push(
            Rule::new(
                Select::norms() & Select::name("gamma"),
                Normal::new(1.0, 0.02),
            )
            .optional(),
        );
    let Applied { model, report } = plan.clone().prefix("generator").apply(generator).unwrap();
    assert_eq!(initialized(&report), 14);
    // 1,024 scales: five standard errors of their mean.
    let gamma = values(model.layer4.bn.gamma.val());
    let mean = gamma.iter().sum::<f32>() / 1024.0;
    assert!((mean - 1.0).abs() < 5.0 * 0.02 / 32.0, "{mean}");
    let applied = plan.prefix("discriminator").apply(discriminator).unwrap();
    assert_eq!(initialized(&applied.report), 6);
}

#[derive(Module, Debug)]
struct TextModel {
    transformer: TransformerEncoder,
    embedding_token: Embedding,
    embedding_pos: Embedding,
    output: Linear,
    max_seq_length: usize,
}

impl TextModel {
    /// Text classification has few outputs, text generation the vocabulary.
    fn new(outputs: usize, device: &Device) -> Self {
        Self {
            transformer: TransformerEncoderConfig::new(64, 256, 4, 3).init(device),
            embedding_token: EmbeddingConfig::new(500, 64).init(device),
            embedding_pos: EmbeddingConfig::new(32, 64).init(device),
            output: LinearConfig::new(64, outputs).init(device),
            max_seq_length: 32,
        }
    }
}

/// GPT-2's: N(0, 0.02), and what is added to the residual stream smaller by √(2 · layers).
#[test]
fn text() {
    let added = Select::glob("**.{mha.output,pwff.linear_outer}.weight");
    let normal = Normal::new(0.0, 0.02);
    let plan = Plan::new(42)
        .rule(added, Scaled::gpt2(normal, 3))
        .rule(Select::weights(), normal)
        .rule(Select::biases(), Constant::zeros())
        .strict();
    for outputs in [4, 500] {
        let model = TextModel::new(outputs, &Device::flex());
        let Applied { model, report } = plan.apply(model).unwrap();
        // Three layers of six linear ones, two embeddings, the output; biases of all but the embeddings.
        assert_eq!(initialized(&report), 2 * 19 + 2);
        // 16,384 weights: five standard errors of their std.
        let layer = &model.transformer.layers[2].pwff;
        for (layer, expected) in [
            (&layer.linear_inner, 0.02),
            (&layer.linear_outer, 0.02 / 6f64.sqrt()),
        ] {
            let given = std(&values(layer.weight.val()));
            assert!((given / expected - 1.0).abs() < 0.028, "{given} {expected}");
        }
    }
    // The same plan from a file.
    let text = r#"
        seed = 42
        strict = true

        [[rules]]
        select.glob = "**.{mha.output,pwff.linear_outer}.weight"
        init.scaled = { by = 0.4082482904638631, base.normal = { mean = 0.0, std = 0.02 } }

        [[rules]]
        select = "weights"
        init.normal = { mean = 0.0, std = 0.02 }

        [[rules]]
        select = "biases"
        init.constant.value = 0.0
    "#;
    let read: Plan = toml::from_str(text).unwrap();
    let model = || TextModel::new(4, &Device::flex());
    assert_eq!(
        read.dry_run(&model()).unwrap(),
        plan.dry_run(&model()).unwrap()
    );
}
