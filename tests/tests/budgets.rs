//! Budgets and sparse weights in plans, and what reports count.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use burn_init::plan::Applied;
use burn_init::{
    AnyInitializer, Constant, InitWeights, Plan, Select, Sparse, SparseBudget, VarianceScaling,
};
use burn_init_tests::models::Mlp;
use burn_init_tests::values;

#[test]
fn a_plan_spreads_a_budget() {
    let device = Device::flex();
    let plan = |budget: SparseBudget| {
        Plan::new(3)
            .rule(Select::weights(), budget)
            .rule(Select::biases(), Constant::zeros())
    };
    let Applied { model, report } = plan(SparseBudget::erk(0.1).pinned())
        .apply(Mlp::new(&device))
        .unwrap();
    let count = |param: Tensor<2>| values(param).iter().filter(|w| **w != 0.0).count();
    assert_eq!(
        (count(model.fc1.weight.val()), count(model.fc2.weight.val())),
        (485, 219)
    );
    let text = report.to_string();
    assert!(
        text.contains("0.07578") && text.contains("485 of 6400"),
        "{text}"
    );
    assert!(
        text.ends_with("all sparse parameters: 704 of 7040 weights, density 0.100000"),
        "{text}"
    );

    // A layer that stays dense isn't counted.
    let Applied { report, .. } = Plan::new(3)
        .rule(Select::path("fc2.weight"), VarianceScaling::he_normal())
        .rule(Select::weights(), SparseBudget::uniform(0.1))
        .rule(Select::biases(), Constant::zeros())
        .apply(Mlp::new(&device))
        .unwrap();
    assert_eq!(
        report.connectivity().map(|c| c.kept).collect::<Vec<_>>(),
        [640]
    );

    // In a file, too.
    let text = toml::to_string(&plan(SparseBudget::erk(0.1).pinned())).unwrap();
    let same: Plan = toml::from_str(&text).unwrap();
    let again = same.apply(Mlp::new(&device)).unwrap().model;
    assert_eq!(
        values(again.fc1.weight.val()),
        values(model.fc1.weight.val())
    );

    // Fewer weights than neurons can't connect all.
    let error = plan(SparseBudget::erk(0.005).require_connected())
        .apply(Mlp::new(&device))
        .unwrap_err();
    assert!(
        error.to_string().contains("neurons without an input"),
        "{error}"
    );
    let error = plan(SparseBudget::erk(1.5))
        .apply(Mlp::new(&device))
        .unwrap_err();
    assert!(error.to_string().contains("density is 1.5"), "{error}");
}

/// With a convolution beside a linear layer, the total is exact.
#[test]
fn budgets_over_kinds_of_layers() {
    #[derive(Module, Debug)]
    struct Net {
        conv: Conv2d,
        head: Linear,
    }
    let device = Device::flex();
    let net = Net {
        conv: Conv2dConfig::new([3, 16], [3, 3]).init(&device),
        head: LinearConfig::new(64, 10).init(&device),
    };
    let Applied { report, .. } = Plan::new(3)
        .rule(Select::weights(), SparseBudget::erk(0.33))
        .rule(Select::biases(), Constant::zeros())
        .apply(net)
        .unwrap();
    let total: usize = report.connectivity().map(|c| c.kept).sum();
    assert_eq!(total, (0.33f64 * 1072.0).round() as usize);
}

/// A budget counts for a whole module without a plan, too.
#[test]
fn init_weights_spreads_a_budget() {
    let model = Mlp::new(&Device::flex())
        .init_weights(&SparseBudget::erk(0.1), 3)
        .unwrap();
    let count = |param: Tensor<2>| values(param).iter().filter(|w| **w != 0.0).count();
    assert_eq!(
        (count(model.fc1.weight.val()), count(model.fc2.weight.val())),
        (485, 219)
    );
}

/// Weights that live count, also where their value is 0; a layer without any is cut.
#[test]
fn reports_count_what_lives() {
    let apply = |init: AnyInitializer| {
        let plan = Plan::new(1)
            .rule(Select::weights(), init)
            .rule(Select::biases(), Constant::zeros());
        plan.apply(Mlp::new(&Device::flex())).unwrap().report
    };
    let report = apply(Sparse::exact(8).values(Constant::zeros()).pinned().into());
    assert_eq!(
        report.connectivity().map(|c| c.kept).collect::<Vec<_>>(),
        [512, 80]
    );
    let cut = apply(Sparse::exact(0).into()).connectivity().next();
    assert!(cut.unwrap().to_string().contains("cuts the layer through"));
}
