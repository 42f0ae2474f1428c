//! Biases of whole layers: Burn's own default by a plan of two rules, and what a plan knows of the weight
//! beside a bias.

use burn::module::{Module, Param};
use burn::nn::conv::{
    Conv1d, Conv1dConfig, Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig,
};
use burn::nn::{Linear, LinearConfig, LinearLayout, Lstm, LstmConfig};
use burn::tensor::{DType, Device, Tensor};
use burn_init::dense::{Distribution, FanMode};
use burn_init::plan::{Applied, Rule};
use burn_init::{
    BiasUniform, ChronoBias, Constant, InitWeights, Initializer, Orthogonal, Plan, Poison, Seed,
    Select, VarianceScaling, WeightLayout,
};
use burn_init_tests::models::{Own, Zoo};
use burn_init_tests::values;

#[derive(Module, Debug)]
struct Layers {
    row: Linear,
    col: Linear,
    conv1: Conv1d,
    conv2: Conv2d,
    up: ConvTranspose2d,
}

fn layers(device: &Device) -> Layers {
    let linear = LinearConfig::new(100, 400);
    Layers {
        row: linear.init(device),
        col: linear.with_layout(LinearLayout::Col).init(device),
        conv1: Conv1dConfig::new(20, 400, 5).init(device),
        conv2: Conv2dConfig::new([40, 400], [3, 3])
            .with_groups(4)
            .init(device),
        up: ConvTranspose2dConfig::new([40, 400], [4, 4])
            .with_stride([2, 2])
            .with_groups(4)
            .init(device),
    }
}

/// U(−1/√fan, 1/√fan) for weights.
fn weights(fan: FanMode) -> VarianceScaling {
    VarianceScaling::new(1.0, fan, Distribution::Uniform).gain(1.0 / 3f64.sqrt())
}

/// All within ±1/√fan, and the standard deviation is 1/√(3 fan) within 5 standard errors, √(0.2/n) of it
/// each: a false alarm in a million.
fn assert_uniform<const D: usize>(param: &Param<Tensor<D>>, fan: f64, name: &str) {
    let values = values(param.val());
    let n = values.len() as f64;
    let largest = values
        .iter()
        .fold(0f32, |largest, value| largest.max(value.abs()));
    let a = 1.0 / fan.sqrt();
    assert!(f64::from(largest) < a, "{name}: {largest}, {a}");
    let energy: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
    let share = (3.0 * energy / n).sqrt() / a;
    assert!(
        (share - 1.0).abs() < 5.0 * (0.2 / n).sqrt(),
        "{name}: {share}"
    );
}

fn assert_layers(model: &Layers, col_fan: f64, up_fan: f64) {
    let Layers {
        row,
        col,
        conv1,
        conv2,
        up: transposed,
    } = model;
    assert_uniform(&row.weight, 100.0, "row");
    assert_uniform(row.bias.as_ref().unwrap(), 100.0, "row, bias");
    assert_uniform(&col.weight, col_fan, "col");
    assert_uniform(col.bias.as_ref().unwrap(), 100.0, "col, bias");
    assert_uniform(&conv1.weight, 100.0, "conv1");
    assert_uniform(conv1.bias.as_ref().unwrap(), 100.0, "conv1, bias");
    assert_uniform(&conv2.weight, 90.0, "conv2");
    assert_uniform(conv2.bias.as_ref().unwrap(), 90.0, "conv2, bias");
    assert_uniform(&transposed.weight, up_fan, "up");
    assert_uniform(transposed.bias.as_ref().unwrap(), up_fan, "up, bias");
}

/// Burn's default is U(±1/√fan_in) for weights and biases: two rules give it. Of transposed convolutions,
/// Burn takes channels_out / groups · kernel for fan_in, which is their fan_out; of the weight of a `Linear`
/// in `Col` layout, but not of its bias, it takes the number of outputs.
#[test]
fn burns_default_by_two_rules() {
    let device = Device::flex();
    assert_layers(&layers(&device), 400.0, 100.0 * 16.0);
    let of_up = |path: &str| Select::path(format!("up.{path}"));
    let Applied { model, .. } = Plan::new(1)
        .rule(of_up("weight"), weights(FanMode::FanOut))
        .rule(of_up("bias"), BiasUniform::new().mode(FanMode::FanOut))
        .rule(Select::weights(), weights(FanMode::FanIn))
        .rule(Select::biases(), BiasUniform::new())
        .apply(layers(&device))
        .unwrap();
    assert_layers(&model, 100.0, 100.0 * 16.0);

    // An output is the sum of channels_in / groups · kernel / stride products: 10 · 16 / 4.
    let up = Rule::new(of_up("weight"), weights(FanMode::FanIn))
        .groups(4)
        .strides([2, 2]);
    let plan = Plan::new(1)
        .push(up)
        .rule(Select::weights(), weights(FanMode::FanIn))
        .rule(Select::biases(), BiasUniform::new());
    let Applied { model, report } = plan.apply(layers(&device)).unwrap();
    assert_layers(&model, 100.0, 40.0);
    let text = report.entry("up.bias").unwrap().action.to_string();
    assert_eq!(text, "uniform, variance 1/(3 fan_in) of its weight");
    // The same in a file, and with the bits of the values alone.
    let same: Plan = toml::from_str(&toml::to_string(&plan).unwrap()).unwrap();
    let again = same.apply(layers(&device)).unwrap().model;
    let bias = |model: &Layers| values(model.up.bias.as_ref().unwrap().val());
    assert_eq!(bias(&again), bias(&model));
    let weight = WeightLayout::conv_transpose([40, 100, 4, 4]).unwrap();
    let weight = weight.groups(4).unwrap().strides([2, 2]).unwrap();
    let layout = WeightLayout::bias_of(&weight).unwrap();
    let expected = BiasUniform::new().draw(&layout, Seed::new(1).key("up.bias"));
    assert_eq!(bias(&model), expected.unwrap());
}

/// A bias has as many elements as its layer has channels: that tells the groups of a transposed
/// convolution, where no rule does.
#[test]
fn groups_from_a_bias() {
    let Applied { model, .. } = Plan::new(1)
        .rule(Select::weights(), weights(FanMode::FanIn))
        .rule(Select::biases(), BiasUniform::new())
        .apply(layers(&Device::flex()))
        .unwrap();
    // 40 / 4 channels · 16, of stride 1, as no rule says it.
    assert_uniform(model.up.bias.as_ref().unwrap(), 160.0, "up, bias");
}

/// Each bias of each of Burn's layers knows its weight.
#[test]
fn every_kind_of_layer() {
    let plan = Plan::new(1)
        .rule(Select::weights(), weights(FanMode::FanIn))
        .rule(Select::biases(), BiasUniform::new());
    plan.apply(Zoo::new(&Device::flex())).unwrap();
}

/// A bias that doesn't fit the weight beside it has none; axes that a rule gives the weight may make it fit.
#[test]
fn weights_that_do_not_fit() {
    use burn_init::weight::Axis;

    #[derive(Module, Debug)]
    struct Outer {
        bias: Param<Tensor<1>>,
        layer: Inner,
    }
    #[derive(Module, Debug)]
    struct Inner {
        weight: Param<Tensor<2>>,
        scale: Param<Tensor<1>>,
        bias: Param<Tensor<1>>,
    }
    let device = Device::flex();
    let outer = || Outer {
        bias: Param::from_tensor(Tensor::zeros([5], &device)),
        layer: Inner {
            weight: Param::from_tensor(Tensor::zeros([10, 400], &device)),
            scale: Param::from_tensor(Tensor::zeros([10], &device)),
            bias: Param::from_tensor(Tensor::zeros([10], &device)),
        },
    };
    let plan = |weight: Rule| {
        Plan::new(1)
            .push(weight)
            .keep(Select::path("layer.scale"))
            .keep(Select::path("bias"))
            .rule(Select::path("layer.bias"), BiasUniform::new())
    };
    let weight = || Rule::new(Select::weights(), weights(FanMode::FanIn));
    let error = plan(weight()).apply(outer()).unwrap_err().to_string();
    assert!(
        error.contains("`layer.bias` [10]") && error.contains("BiasUniform"),
        "{error}"
    );
    let weight = weight().axes([Axis::Output, Axis::Input]);
    let Applied { model, .. } = plan(weight.clone()).apply(outer()).unwrap();
    let bias = values(model.layer.bias.val());
    assert!(bias.iter().all(|b| *b != 0.0 && b.abs() < 0.05), "{bias:?}");
    // A bias without a weight beside it, in the struct of another layer.
    let alone = Plan::new(1)
        .push(weight)
        .keep(Select::path("layer.scale"))
        .rule(Select::biases(), BiasUniform::new());
    let error = alone.apply(outer()).unwrap_err().to_string();
    assert!(error.contains("`bias` [5]"), "{error}");
}

/// Burn's LSTM keeps its gates apart: the input gate's bias is minus the forget gate's.
#[test]
fn chrono_gates_of_an_lstm() {
    let bias = |gate: &str| Select::path(format!("{gate}_gate.input_transform.bias"));
    let forget_path = "forget_gate.input_transform.bias";
    let Applied { model, .. } = Plan::new(1)
        .rule(Select::weights(), Orthogonal::new())
        .rule(bias("forget"), ChronoBias::forget(784.0))
        .rule(bias("input"), ChronoBias::input(784.0, forget_path))
        .rule(Select::biases(), Constant::zeros())
        .apply::<Lstm>(LstmConfig::new(8, 16, true).init(&Device::flex()))
        .unwrap();
    let forget = values(
        model
            .forget_gate
            .unwrap()
            .input_transform
            .bias
            .unwrap()
            .val(),
    );
    let input = values(model.input_gate.input_transform.bias.unwrap().val());
    assert!(forget.iter().all(|b| *b > 0.0));
    assert!(forget.iter().zip(input).all(|(f, i)| *f == -i));
}

/// NaN reaches the model, in any float type.
#[test]
fn poison() {
    let device = Device::flex();
    let layer = LinearConfig::new(3, 2).init(&device);
    let plan = Plan::new(1)
        .rule(Select::weights(), Poison::new())
        .rule(Select::biases(), Constant::zeros());
    let Applied { model, .. } = plan.apply(layer).unwrap();
    assert!(values(model.weight.val()).iter().all(|w| w.is_nan()));
    let x = Tensor::<2>::ones([1, 3], &device);
    assert!(values(model.forward(x)).iter().all(|y| y.is_nan()));
    for dtype in [DType::F16, DType::BF16, DType::F64] {
        let own = Own {
            weight: Param::from_tensor(Tensor::zeros([3, 2], (&device, dtype))),
            scale: Param::from_tensor(Tensor::ones([3], (&device, dtype))),
        };
        let own = own.init_weights(&Poison::new(), 1).unwrap();
        let data = own.weight.val().into_data();
        assert!(data.iter::<f64>().all(|w| w.is_nan()), "{dtype:?}");
    }
}
