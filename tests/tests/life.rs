//! Initialization in the life of a Burn program: what comes before it, and what comes after.
//!
//! The page `docs/book/in_a_burn_program.md` has a line for each of these tests.

use std::collections::BTreeSet;

use burn::lr_scheduler::constant::ConstantLr;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::{Module, Param, ParamGroup, ParamId, Quantizer};
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::activation::relu;
use burn::tensor::quantization::{Calibration, QuantValue};
use burn::tensor::{DType, Device, Tensor};
use burn_init::data::{Fit, LayerFit};
use burn_init::module::{Masks, Pinned};
use burn_init::plan::{Action, Applied, Report};
use burn_init::{
    Constant, InitWeights, Initializer, Normal, Plan, Seed, Select, Sparse, Uniform,
    VarianceScaling,
};
use burn_init_tests::models::Mlp;
use burn_init_tests::{bits, devices, to_bits, values};

const PATHS: [&str; 4] = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"];

fn plan() -> Plan {
    with_rest(Plan::new(7))
}

/// The rules of [`plan`] behind others.
fn with_rest(plan: Plan) -> Plan {
    plan.rule(Select::weights(), VarianceScaling::he_normal())
        .rule(Select::biases(), Constant::new(0.5))
}

fn initialized(model: Mlp) -> Mlp {
    plan().apply(model).unwrap().model
}

fn bias(layer: &Linear) -> &Param<Tensor<1>> {
    layer.bias.as_ref().unwrap()
}

/// The bits of all parameters, in the order of the module.
fn all_bits(model: &Mlp) -> [Vec<u32>; 4] {
    [
        bits(&model.fc1.weight),
        bits(bias(&model.fc1)),
        bits(&model.fc2.weight),
        bits(bias(&model.fc2)),
    ]
}

fn ids(model: &Mlp) -> [ParamId; 4] {
    [
        model.fc1.weight.id,
        bias(&model.fc1).id,
        model.fc2.weight.id,
        bias(&model.fc2).id,
    ]
}

/// What the plan gives, drawn without a module.
fn expected() -> [Vec<u32>; 4] {
    let weight = |shape: [usize; 2], path| {
        let draw = VarianceScaling::he_normal().draw(&shape.into(), Seed::new(7).key(path));
        to_bits(&draw.unwrap())
    };
    [
        weight([100, 64], "fc1.weight"),
        vec![0.5f32.to_bits(); 64],
        weight([64, 10], "fc2.weight"),
        vec![0.5f32.to_bits(); 10],
    ]
}

fn batch(device: &Device) -> Tensor<2> {
    // Not Burn's generator: the tests of this file share it.
    let draw = Uniform::new(0.0, 1.0).draw(&[32, 100].into(), Seed::new(1).key("batch"));
    Tensor::<1>::from_floats(draw.unwrap().as_slice(), device).reshape([32, 100])
}

fn grads(model: &Mlp) -> GradientsParams {
    let device = model.fc1.weight.device();
    let loss = (model.forward(batch(&device)) - 1.0).square().mean();
    // Nothing to train: Burn's `backward` panics.
    match loss.is_tracked() {
        true => GradientsParams::from_grads(loss.backward(), model),
        false => GradientsParams::new(),
    }
}

fn train(mut model: Mlp, optimizer: &mut ModuleOptimizer, steps: usize) -> Mlp {
    for _ in 0..steps {
        let grads = grads(&model);
        model = optimizer.step(0.01, model, grads);
    }
    model
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new().init()
}

/// The paths of the parameters that got a gradient.
fn with_gradient(model: &Mlp) -> Vec<&'static str> {
    let grads = grads(model);
    let [w1, b1, w2, b2] = ids(model);
    let has = [
        grads.get::<2>(w1).is_some(),
        grads.get::<1>(b1).is_some(),
        grads.get::<2>(w2).is_some(),
        grads.get::<1>(b2).is_some(),
    ];
    let paths = PATHS.into_iter().zip(has);
    paths
        .filter(|(_, has)| *has)
        .map(|(path, _)| path)
        .collect()
}

/// The paths that a report says were initialized.
fn initialized_paths(report: &Report) -> BTreeSet<&str> {
    let entries = report.entries.iter();
    entries
        .filter(|entry| matches!(entry.action, Action::Initialized(_)))
        .map(|entry| entry.path.as_str())
        .collect()
}

/// A state of a model before it is initialized.
type State = (&'static str, fn(&Device) -> Mlp);

/// What may have happened to a model before a plan is applied.
const STATES: [State; 7] = [
    ("lazy", Mlp::new),
    ("on an autodiff device", |device| {
        Mlp::new(&device.clone().autodiff())
    }),
    ("read", |device| {
        let model = Mlp::new(device);
        model.forward(batch(device));
        model
    }),
    ("after train()", |device| Mlp::new(device).train()),
    ("after valid()", |device| {
        Mlp::new(&device.clone().autodiff()).valid()
    }),
    ("initialized otherwise", |device| {
        Mlp::new(device).init_weights(&Normal::fan_in(), 1).unwrap()
    }),
    ("trained", |device| {
        train(Mlp::new(&device.clone().autodiff()), &mut adam(), 2)
    }),
];

/// A plan's values, ids and gradient settings don't depend on what came before it.
#[test]
fn a_plan_gives_the_same_whenever_it_comes() {
    for (name, device) in devices() {
        for (state, model) in STATES {
            let before = model(&device);
            let (ids_before, autodiff) =
                (ids(&before), before.fc1.weight.lazy_device().is_autodiff());
            let after = initialized(before);
            assert!(all_bits(&after) == expected(), "{name}, {state}");
            assert_eq!(ids(&after), ids_before, "{name}, {state}");
            assert_eq!(
                after.fc1.weight.device().is_autodiff(),
                autodiff,
                "{name}, {state}"
            );
            // Ready for training, or after `train()`.
            assert_eq!(with_gradient(&after.train()), PATHS, "{name}, {state}");
        }
    }
}

/// Twice is once.
#[test]
fn twice_is_once() {
    let model = initialized(initialized(Mlp::new(&Device::flex())));
    assert_eq!(all_bits(&model), expected());
}

/// Whatever reads a lazy model runs Burn's own initializers, in all its clones; biases have values then, and
/// `init_weights` keeps them. A plan doesn't.
#[test]
fn what_reads_a_model_gives_it_biases() {
    type Reader = (&'static str, fn(&Mlp));
    let device = Device::flex();
    let readers: [Reader; 6] = [
        ("forward", |model| {
            model.forward(batch(&model.fc1.weight.lazy_device()));
        }),
        ("a clone's forward", |model| {
            model
                .clone()
                .forward(batch(&model.fc1.weight.lazy_device()));
        }),
        ("train", |model| drop(model.clone().train())),
        ("valid", |model| drop(model.valid())),
        ("a record", |model| drop(model.clone().into_record())),
        ("printing", |model| drop(model.to_string())),
    ];
    for (name, read) in readers {
        let model = Mlp::new(&device);
        read(&model);
        assert!(model.fc1.weight.is_initialized(), "{name}");
        let burns = bits(bias(&model.fc1));
        assert!(burns.iter().any(|bits| *bits != 0), "{name}");
        let one_line = model.clone().init_weights(&Normal::fan_in(), 7).unwrap();
        assert_eq!(bits(bias(&one_line.fc1)), burns, "{name}");
        assert_eq!(all_bits(&initialized(model)), expected(), "{name}");
    }
    // These don't read.
    let model = Mlp::new(&device);
    let (parameters, on) = (model.num_params(), model.devices());
    assert_eq!((parameters, on), (100 * 64 + 64 + 640 + 10, vec![device]));
    let report = plan().dry_run(&model).unwrap();
    assert_eq!(initialized_paths(&report).len(), 4);
    assert!(!model.clone().freeze().fc1.weight.is_initialized());
    let one_line = model.init_weights(&Normal::fan_in(), 7).unwrap();
    assert_eq!(values(bias(&one_line.fc1).val()), [0.0; 64]);
}

/// An optimizer finds its parameters by ids, which stay. Its state is that of the old weights: after an
/// initialization, only a new one trains as a new model would.
#[test]
fn an_optimizer_is_made_after_initialization() {
    let device = Device::flex().autodiff();
    let model = Mlp::new(&device);
    // Made before, without a step: no difference.
    let mut early = adam();
    let model = initialized(model);
    let trained = train(model.clone(), &mut early, 5);
    let fresh = all_bits(&train(model, &mut adam(), 5));
    assert_eq!(all_bits(&trained), fresh);

    let again = initialized(trained);
    let stale = train(again.clone(), &mut early, 5);
    // Its moments are those of weights that are gone.
    assert_ne!(all_bits(&stale), fresh);
    assert_eq!(all_bits(&train(again, &mut adam(), 5)), fresh);
}

/// A plan replaces what was loaded, and says so; `apply_to_missing` doesn't; and what is loaded later
/// replaces a plan's values.
#[test]
fn before_and_after_a_load() {
    let device = Device::flex();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fc1.safetensors");
    let saved = Mlp::new(&device)
        .init_weights(&Constant::new(3.0), 1)
        .unwrap();
    let mut store = SafetensorsStore::from_file(&file).with_regex(r"^fc1\.");
    saved.save_into(&mut store).unwrap();
    let load = |mut model: Mlp| {
        let mut store = SafetensorsStore::from_file(&file).allow_partial(true);
        let result = model.load_from(&mut store).unwrap();
        (model, result.missing)
    };

    let (loaded, missing) = load(Mlp::new(&device));
    let Applied { model, report } = plan().apply(loaded.clone()).unwrap();
    assert_eq!(all_bits(&model), expected());
    let had_values = |path: &str| report.entry(path).unwrap().had_values;
    assert_eq!(PATHS.map(had_values), [true, true, false, false]);

    let missing: Vec<&str> = missing.iter().map(|(path, _)| path.as_str()).collect();
    let Applied { model, report } = plan().apply_to_missing(loaded, missing).unwrap();
    let [_, _, w2, b2] = expected();
    let both = [bits(&saved.fc1.weight), bits(bias(&saved.fc1)), w2, b2];
    assert_eq!(all_bits(&model), both);
    assert_eq!(
        initialized_paths(&report),
        BTreeSet::from(["fc2.weight", "fc2.bias"])
    );

    // The other way round: all is initialized first, and the file has the last word.
    let (model, _) = load(initialized(Mlp::new(&device)));
    assert_eq!(all_bits(&model), both);
}

/// A record brings the ids of the model that was saved, and initialization keeps those, so that a saved
/// optimizer goes on.
#[test]
fn ids_of_a_record_stay() {
    let device = Device::flex().autodiff();
    let saved = initialized(Mlp::new(&device));
    let loaded = Mlp::new(&device).load_record(saved.clone().into_record());
    assert_eq!(ids(&loaded), ids(&saved));
    assert_eq!(ids(&initialized(loaded)), ids(&saved));
}

fn lsuv(model: Mlp) -> Mlp {
    let x = batch(&model.fc1.weight.lazy_device().inner());
    let fit = LayerFit::lsuv().apply(model, |model, outputs| {
        let hidden = model.fc1.forward(x.clone());
        outputs.record("fc1.weight", &hidden);
        let logits = model.fc2.forward(relu(hidden));
        outputs.record("fc2.weight", &logits);
    });
    let Fit { model, report } = fit.unwrap();
    assert!(report.layers.iter().all(|layer| layer.reached));
    model
}

/// A fit to data comes after the plan: the plan would undo it. Both leave ids and what is frozen.
#[test]
fn a_fit_comes_after_the_plan() {
    let device = Device::flex().autodiff();
    let model = initialized(Mlp::new(&device));
    let fitted = lsuv(model.clone());
    assert_ne!(all_bits(&fitted), expected());
    assert_eq!(ids(&fitted), ids(&model));
    assert_eq!(with_gradient(&fitted), PATHS);
    // A second fit changes nothing, and a plan undoes it.
    assert!(all_bits(&lsuv(fitted.clone())) == all_bits(&fitted));
    assert_eq!(all_bits(&initialized(fitted)), expected());
    // What is frozen is fitted and stays frozen.
    let frozen = model
        .clone()
        .freeze_group(ParamGroup::from_predicate("fc2"));
    let frozen = lsuv(frozen);
    assert!(all_bits(&frozen) == all_bits(&lsuv(model)));
    assert_eq!(with_gradient(&frozen), &PATHS[..2]);
}

/// One group selects in a plan, an optimizer and a scheduler of learning rates: by paths, and by ids that
/// were read from the lazy model.
#[test]
fn groups_match_before_and_after() {
    let device = Device::flex().autodiff();
    let lazy = Mlp::new(&device);
    let by_path = ParamGroup::from_predicate("fc2");
    let by_id = ParamGroup::ids_from_module(lazy.fc2.clone());
    for group in [by_path, by_id] {
        let plan = Plan::new(7).rule(Select::group(group.clone()), Constant::new(0.25));
        let Applied { model, report } = with_rest(plan).apply(lazy.clone()).unwrap();
        let by_first_rule = Action::Initialized("constant 0.25".to_owned());
        let of_group = report
            .entries
            .iter()
            .filter(|entry| entry.action == by_first_rule);
        let of_group: Vec<&str> = of_group.map(|entry| entry.path.as_str()).collect();
        assert_eq!(of_group, ["fc2.weight", "fc2.bias"]);
        assert_eq!(all_bits(&model)[..2], expected()[..2]);
        assert_eq!(values(model.fc2.weight.val()), [0.25; 640]);

        // Adam for the group, plain descent for the rest, which has the learning rate 0.
        let mut optimizer =
            SgdConfig::new()
                .init()
                .with_group(group.clone(), AdamConfig::new().build(), None);
        let mut rates =
            ModuleLrScheduler::new(ConstantLr::new(0.0)).with_group(group, ConstantLr::new(0.01));
        let mut trained = model.clone();
        for _ in 0..3 {
            let grads = grads(&trained);
            trained = optimizer.step(rates.step(), trained, grads);
        }
        assert_eq!(ids(&trained), ids(&lazy));
        let (before, after) = (all_bits(&model), all_bits(&trained));
        assert_eq!(before[..2], after[..2]);
        let moved = |before: &[u32], after: &[u32]| before.iter().zip(after).all(|(a, b)| a != b);
        assert!(moved(&before[3], &after[3]));
        // Adam's first steps are as long as the learning rate.
        let length = |value: &f32| (value - 0.25).abs();
        let lengths = values(bias(&trained.fc2).val());
        assert!(
            lengths
                .iter()
                .map(length)
                .all(|length| (0.02..0.031).contains(&length))
        );
    }
}

/// What is frozen gets the plan's values and stays frozen, lazy or not, on a plain device too.
#[test]
fn frozen_parameters_are_initialized_and_stay_frozen() {
    type Freeze = fn(Mlp) -> Mlp;
    let freezes: [(Freeze, &[&str]); 4] = [
        (|model| model.freeze(), &[]),
        (|model| model.no_grad(), &[]),
        (
            |model| model.freeze_group(ParamGroup::from_predicate("fc1")),
            &PATHS[2..],
        ),
        (
            |model| model.set_require_grad_group(ParamGroup::from_predicate("bias"), false),
            &["fc1.weight", "fc2.weight"],
        ),
    ];
    for (name, device) in devices() {
        for (freeze, trainable) in freezes {
            for device in [device.clone(), device.clone().autodiff()] {
                let lazy = freeze(Mlp::new(&device));
                let read = Mlp::new(&device);
                read.forward(batch(&device));
                for before in [lazy, freeze(read)] {
                    let after = initialized(before);
                    assert!(all_bits(&after) == expected(), "{name}");
                    let after = after.train();
                    assert_eq!(with_gradient(&after), trainable, "{name}");
                    let trained = train(after, &mut adam(), 2);
                    for ((path, before), after) in
                        PATHS.iter().zip(expected()).zip(all_bits(&trained))
                    {
                        assert_eq!(before != after, trainable.contains(path), "{name}, {path}");
                    }
                }
                // The usual order.
                let after = freeze(initialized(Mlp::new(&device))).train();
                assert_eq!(with_gradient(&after), trainable, "{name}");
            }
        }
    }
}

/// A selection doesn't ask what is frozen; `keep` leaves it as it is.
#[test]
fn a_plan_keeps_a_frozen_part_where_it_says_so() {
    let device = Device::flex().autodiff();
    let fc1 = ParamGroup::from_predicate("fc1");
    let pretrained = Mlp::new(&device)
        .init_weights(&Constant::new(3.0), 1)
        .unwrap();
    let frozen = pretrained.clone().freeze_group(fc1.clone());
    let plan = with_rest(Plan::new(7).keep(Select::group(fc1)));
    let model = plan.apply(frozen).unwrap().model;
    assert_eq!(all_bits(&model)[..2], all_bits(&pretrained)[..2]);
    assert_eq!(all_bits(&model)[2..], expected()[2..]);
    assert_eq!(with_gradient(&model), &PATHS[2..]);
}

/// Burn 0.22.1 writes the gradient setting of a lazy parameter into what its clones share: who freezes a
/// clone freezes the model, too. After an initialization nothing is shared.
#[test]
fn freezing_a_clone_of_a_lazy_model_freezes_both() {
    let device = Device::flex().autodiff();
    let lazy = Mlp::new(&device);
    drop(lazy.clone().freeze());
    assert!(
        !lazy.fc1.weight.val().is_require_grad(),
        "Burn has mended it"
    );
    let model = initialized(Mlp::new(&device));
    let frozen = model.clone().freeze();
    assert_eq!(with_gradient(&model), PATHS);
    assert!(with_gradient(&frozen).is_empty());
}

fn quantizer(device: &Device) -> Quantizer {
    let scheme = device.settings().quantization.scheme;
    Quantizer::new(Calibration::MinMax, scheme.with_value(QuantValue::Q8S))
}

fn is_quantized<const D: usize>(param: &Param<Tensor<D>>) -> bool {
    matches!(param.dtype(), DType::QFloat(_))
}

/// Quantized after an initialization, weights are the plan's within half a step of eight bits.
#[test]
fn quantization_comes_after_the_plan() {
    let device = Device::flex();
    let model = initialized(Mlp::new(&device));
    let quantized = model.clone().quantize_weights(&mut quantizer(&device));
    assert!(is_quantized(&quantized.fc1.weight) && is_quantized(bias(&quantized.fc2)));
    assert_eq!(ids(&quantized), ids(&model));
    let exact = values(model.fc1.weight.val());
    let largest = exact
        .iter()
        .fold(0f32, |largest, value| largest.max(value.abs()));
    let rounded = values(quantized.fc1.weight.val().dequantize());
    for (exact, rounded) in exact.iter().zip(rounded) {
        assert!(
            (exact - rounded).abs() <= 0.51 * largest / 127.0,
            "{exact} {rounded}"
        );
    }
    // Quantizing reads a lazy model, and Burn's values are what it quantizes then.
    let lazy = Mlp::new(&device).quantize_weights(&mut quantizer(&device));
    assert!(is_quantized(&lazy.fc1.weight));
}

/// What is quantized already is an error with a way out, before anything has been changed; what no rule
/// wants stays.
#[test]
fn quantized_parameters_are_errors_or_kept() {
    let device = Device::flex();
    let fc1 = ParamGroup::from_predicate("fc1");
    for device in [device.clone(), device.autodiff()] {
        let model = Mlp::new(&device).quantize_weights_group(&mut quantizer(&device), fc1.clone());
        let bytes = |model: &Mlp| model.fc1.weight.val().into_data();
        let before = bytes(&model);
        let errors = [
            plan().apply(model.clone()).map(drop),
            plan().dry_run(&model).map(drop),
            plan()
                .apply_to_missing(model.clone(), ["fc1.weight"])
                .map(drop),
            model.clone().init_weights(&Normal::fan_in(), 1).map(drop),
        ];
        for error in errors {
            let text = error.unwrap_err().to_string();
            assert!(text.contains("`fc1.weight` [100, 64]"), "{text}");
            assert!(text.contains("initialize before quantization"), "{text}");
        }
        assert_eq!(bytes(&model), before);

        let plan = with_rest(Plan::new(7).keep(Select::group(fc1.clone())));
        let Applied { model, report } = plan.apply(model).unwrap();
        assert_eq!(bytes(&model), before);
        assert_eq!(
            initialized_paths(&report),
            BTreeSet::from(["fc2.weight", "fc2.bias"])
        );
        assert_eq!(bits(&model.fc2.weight), expected()[2]);

        let x = batch(&device.clone().inner());
        let error = LayerFit::lsuv().apply(model, |model, outputs| {
            outputs.record("fc1.weight", &model.fc1.forward(x.clone()));
        });
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("`fc1.weight`") && text.contains("quantization"),
            "{text}"
        );
    }
}

/// A pinned model quantizes: its zeros stay, and so does its mask.
#[test]
fn pinned_weights_quantize() {
    let device = Device::flex();
    let model = Mlp::new(&device)
        .init_weights(&Sparse::exact(8).pinned(), 7)
        .unwrap();
    let masks = Masks::of(&model);
    let logits = values(model.forward(batch(&device)));
    let quantized = model.clone().quantize_weights(&mut quantizer(&device));
    assert_eq!(Masks::of(&quantized), masks);
    let near = |given: Tensor<2>| {
        let given = values(given);
        assert!(given.iter().zip(&logits).all(|(a, b)| (a - b).abs() < 0.05));
    };
    near(quantized.forward(batch(&device)));
    let zeros = |weight: Tensor<2>| values(weight).iter().filter(|v| **v == 0.0).count();
    assert!(zeros(quantized.fc1.weight.val().dequantize()) >= 92 * 64);
    assert_eq!(Masks::from_zeros(&quantized).0.keys().len(), 2);
    let settled = Masks::settle(quantized.clone());
    near(settled.forward(batch(&device)));
    let replaced = masks.apply(quantized.clone()).unwrap();
    near(replaced.forward(batch(&device)));
    near(quantized.materialize().forward(batch(&device)));
    // Or folded in first.
    let folded = model
        .materialize()
        .quantize_weights(&mut quantizer(&device));
    near(folded.forward(batch(&device)));
}

/// A pinned parameter isn't initialized again as long as it has its mask.
#[test]
fn pinned_weights_are_initialized_again_after_materialize() {
    let device = Device::flex();
    let pinned = |model: Mlp| model.init_weights(&Sparse::exact(8).pinned(), 7);
    let model = pinned(Mlp::new(&device)).unwrap();
    let before = all_bits(&model);
    let text = pinned(model.clone()).unwrap_err().to_string();
    assert!(
        text.contains("`pinned`") && text.contains("materialize()"),
        "{text}"
    );
    let again = pinned(model.materialize()).unwrap();
    assert_eq!(all_bits(&again), before);
    assert!(again.fc1.weight.reparameterization::<Pinned>().is_some());
}

/// Moved before or after, and with the mask: the same bits, ids and gradients.
#[test]
fn moved_models_have_the_same_bits() {
    for (from_name, from) in devices() {
        for (to_name, to) in devices() {
            let at = format!("{from_name} to {to_name}");
            for (from, to) in [
                (from.clone(), to.clone()),
                (from.clone().autodiff(), to.clone().autodiff()),
            ] {
                let lazy = Mlp::new(&from);
                let shared = lazy.clone();
                let first = ids(&lazy);
                for moved in [
                    initialized(lazy.clone()).fork(&to),
                    initialized(lazy.clone()).to_device(&to),
                    initialized(Mlp::new(&from).fork(&to)),
                    initialized(Mlp::new(&from).to_device(&to)),
                    // Shared with a clone, these run Burn's initializer and move what it gave.
                    initialized(shared.clone().fork(&to)),
                    initialized(shared.clone().to_device(&to)),
                ] {
                    assert!(all_bits(&moved) == expected(), "{at}");
                    assert_eq!(moved.devices(), vec![to.clone()], "{at}");
                    assert_eq!(
                        moved.fc1.weight.device().is_autodiff(),
                        from.is_autodiff(),
                        "{at}"
                    );
                }
                let forked = initialized(lazy.clone()).fork(&to);
                assert_eq!(ids(&forked), first, "{at}");
                assert_eq!(with_gradient(&forked.train()), PATHS, "{at}");
                let sparse = Sparse::exact(8).pinned();
                let here = lazy.init_weights(&sparse, 7).unwrap();
                let there = here.clone().fork(&to);
                let moved_before = Mlp::new(&from).fork(&to).init_weights(&sparse, 7).unwrap();
                assert!(bits(&there.fc1.weight) == bits(&here.fc1.weight), "{at}");
                assert!(
                    bits(&moved_before.fc1.weight) == bits(&here.fc1.weight),
                    "{at}"
                );
                assert_eq!(Masks::of(&there), Masks::of(&here), "{at}");
                assert_eq!(with_gradient(&there.train()), PATHS, "{at}");
            }
        }
    }
}

/// The replicas of burn-train's strategies for several devices: each worker forks a clone.
fn replicas(model: &Mlp, devices: &[Device]) -> Vec<Mlp> {
    std::thread::scope(|scope| {
        let fork = |device: &Device| {
            let (model, device) = (model.clone(), device.clone());
            scope.spawn(move || model.fork(&device))
        };
        let workers: Vec<_> = devices.iter().map(fork).collect();
        let models = workers.into_iter().map(|worker| worker.join().unwrap());
        models.collect()
    })
}

/// Replicas of an initialized model are alike, and so are lazy ones that each worker initializes: values
/// depend on the seed and the path alone.
#[test]
fn replicas_have_the_same_bits() {
    let all: Vec<Device> = devices()
        .into_iter()
        .map(|(_, device)| device.autodiff())
        .collect();
    let devices: Vec<Device> = all.iter().cycle().take(4.max(all.len())).cloned().collect();
    let lazy = Mlp::new(&devices[0]);
    let model = initialized(lazy.clone());
    for replica in replicas(&model, &devices) {
        assert!(all_bits(&replica) == expected());
        assert_eq!(ids(&replica), ids(&lazy));
        assert_eq!(with_gradient(&replica), PATHS);
    }
    for replica in replicas(&lazy, &devices) {
        let replica = initialized(replica);
        assert!(all_bits(&replica) == expected());
        assert_eq!(ids(&replica), ids(&lazy));
        assert_eq!(with_gradient(&replica), PATHS);
    }
    // Masks, too.
    let pinned = |model: Mlp| model.init_weights(&Sparse::exact(8).pinned(), 7).unwrap();
    let model = pinned(Mlp::new(&devices[0]));
    let each = replicas(&Mlp::new(&devices[0]), &devices)
        .into_iter()
        .map(pinned);
    for replica in replicas(&model, &devices).into_iter().chain(each) {
        assert!(bits(&replica.fc1.weight) == bits(&model.fc1.weight));
        assert_eq!(Masks::of(&replica), Masks::of(&model));
    }
}

/// A clone that was made before isn't initialized with the model: it is still lazy, and gets Burn's values
/// when it is read.
#[test]
fn clones_made_before_are_not_initialized() {
    let lazy = Mlp::new(&Device::flex());
    let early = lazy.clone();
    let model = initialized(lazy);
    assert!(!early.fc1.weight.is_initialized());
    let late = model.clone();
    assert_ne!(bits(&early.fc1.weight), bits(&model.fc1.weight));
    assert_eq!(all_bits(&late), expected());
    // A failing plan leaves them alone as well.
    let early = Mlp::new(&Device::flex());
    assert!(Plan::new(7).apply(early.clone()).is_err());
    assert!(!early.fc1.weight.is_initialized());
}
