//! Zeros that last: through training, records, devices and `valid()`.

use burn::module::{Module, ParamGroup};
use burn::nn::{Linear, LinearConfig, LinearLayout};
use burn::optim::{AdamConfig, GradientsParams};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Distribution, Tensor};
use burn_init::module::{Masks, Pinned};
use burn_init::{InitWeights, Sparse};
use burn_init_tests::models::Mlp;
use burn_init_tests::{devices, values};

fn zeros(values: &[f32]) -> Vec<bool> {
    values.iter().map(|value| *value == 0.0).collect()
}

fn data(device: &Device) -> (Tensor<2>, Tensor<2>) {
    device.seed(1);
    let x = Tensor::random([32, 100], Distribution::Normal(0.0, 1.0), device);
    let y = Tensor::random([32, 10], Distribution::Normal(0.0, 1.0), device);
    (x, y)
}

/// Adam with weight decay, all weights moving at each step.
fn train(mut model: Mlp, device: &Device, steps: usize) -> Mlp {
    let (x, y) = data(device);
    let mut adam = AdamConfig::new()
        .with_weight_decay(Some(burn::optim::decay::WeightDecayConfig::new(0.01)))
        .init();
    for _ in 0..steps {
        let difference = model.forward(x.clone()) - y.clone();
        let grads = difference.square().mean().backward();
        let grads = GradientsParams::from_grads(grads, &model);
        model = adam.step(0.01, model, grads);
    }
    model
}

fn pinned(layout: LinearLayout, seed: u64, device: &Device) -> Mlp {
    let model = Mlp::with_layout(layout, device);
    model
        .init_weights(&Sparse::exact(8).pinned(), seed)
        .unwrap()
}

#[test]
fn pinned_zeros_last() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for layout in [LinearLayout::Row, LinearLayout::Col] {
            let model = pinned(layout, 1, &device);
            let before = values(model.fc1.weight.val());
            assert_eq!(zeros(&before).iter().filter(|zero| **zero).count(), 92 * 64);
            // The mask has zeros where the weights have them, and nowhere else.
            let mask = model
                .fc1
                .weight
                .reparameterization::<Pinned>()
                .unwrap()
                .mask();
            assert!(
                mask.iter()
                    .zip(zeros(&before))
                    .all(|(kept, zero)| *kept != zero)
            );

            let trained = train(model.clone(), &device, 10);
            let after = values(trained.fc1.weight.val());
            assert_eq!(zeros(&before), zeros(&after), "{name}");
            let moved = before.iter().zip(&after).filter(|(b, a)| b != a).count();
            assert!(
                moved > 8 * 60,
                "{name}: {moved} of {} weights moved",
                8 * 64
            );

            // Validation, freezing, another device, and back.
            let same = |model: &Mlp| {
                assert_eq!(
                    zeros(&before),
                    zeros(&values(model.fc1.weight.val())),
                    "{name}"
                );
            };
            same(&trained.valid());
            same(&trained.clone().freeze());
            same(
                &trained
                    .clone()
                    .no_grad()
                    .unfreeze_group(ParamGroup::from_predicate("fc1")),
            );
            same(&train(trained.valid().train(), &device, 3));
            for (_, other) in devices() {
                same(&trained.clone().to_device(&other));
                same(&train(
                    trained.clone().fork(&other.clone().autodiff()),
                    &other.autodiff(),
                    3,
                ));
            }

            // Folding the mask in keeps the values, and lets them move from then on.
            let folded = trained.clone().materialize();
            assert!(folded.fc1.weight.reparameterization::<Pinned>().is_none());
            assert_eq!(after, values(folded.fc1.weight.val()), "{name}");
            let moved = zeros(&values(train(folded, &device, 3).fc1.weight.val()));
            assert!(moved.iter().filter(|zero| **zero).count() < 100, "{name}");
        }
    }
}

#[test]
fn zeros_that_are_not_pinned_fill_in() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let model = Mlp::new(&device)
            .init_weights(&Sparse::exact(8), 1)
            .unwrap();
        let before = zeros(&values(model.fc1.weight.val()));
        assert_eq!(before.iter().filter(|zero| **zero).count(), 92 * 64);
        let after = zeros(&values(train(model, &device, 3).fc1.weight.val()));
        assert!(after.iter().filter(|zero| **zero).count() < 100, "{name}");
    }
}

/// A record of a pinned model goes into a model with another mask: values and mask are the
/// record's, and training goes on.
///
/// `Col` layers are square here: Burn 0.22.1 compares a record's shape with that of the value, so
/// that it loads others only before their first read.
#[test]
fn records_carry_the_mask() {
    let folder = tempfile::tempdir().unwrap();
    for (name, device) in devices() {
        let device = device.autodiff();
        for layout in [LinearLayout::Row, LinearLayout::Col] {
            let pinned = |seed| {
                let mut model = Mlp::new(&device);
                model.fc1 = LinearConfig::new(100, 100)
                    .with_layout(layout)
                    .init(&device);
                model.fc2 = LinearConfig::new(100, 10).init(&device);
                model
                    .init_weights(&Sparse::exact(8).pinned(), seed)
                    .unwrap()
            };
            let saved = train(pinned(1), &device, 3);
            let expected = values(saved.fc1.weight.val());
            let mask = |model: &Mlp| {
                model
                    .fc1
                    .weight
                    .reparameterization::<Pinned>()
                    .unwrap()
                    .mask()
            };
            let mask_of_saved = mask(&saved);
            let check = |loaded: Mlp| {
                assert_eq!(mask(&loaded), mask_of_saved, "{name} {layout:?}");
                assert_eq!(
                    values(loaded.fc1.weight.val()),
                    expected,
                    "{name} {layout:?}"
                );
                let trained = train(loaded, &device, 3);
                let after = values(trained.fc1.weight.val());
                assert_eq!(zeros(&after), zeros(&expected), "{name} {layout:?}");
                assert_ne!(after, expected);
            };

            let file = folder.path().join("model.bpk");
            saved.clone().save_file(&file).unwrap();
            check(pinned(2).load_file(&file));

            let file = folder.path().join("model.safetensors");
            let _ = std::fs::remove_file(&file);
            saved
                .save_into(&mut SafetensorsStore::from_file(&file))
                .unwrap();
            let mut loaded = pinned(2);
            let result = loaded
                .load_from(&mut SafetensorsStore::from_file(&file))
                .unwrap();
            assert!(
                result.errors.is_empty() && result.missing.is_empty(),
                "{result:?}"
            );
            check(loaded);
        }
    }
}

/// The bytes, type and shape of a tensor of a file.
fn saved(model: &Mlp, path: &str) -> (String, Vec<usize>, Vec<u8>) {
    let tensors = model.collect(None, None, false);
    let mut parts = tensors
        .iter()
        .map(|tensor| tensor.clone().into_parts().unwrap());
    let (_, dtype, shape, _, bytes) = parts.find(|(name, ..)| name == path).unwrap();
    (format!("{dtype:?}"), shape.to_vec(), bytes.to_vec())
}

/// In a file, the mask has the shape and the order of the weight that it belongs to, whichever the
/// layout, and the same bytes from each device.
#[test]
fn saved_masks_fit_saved_weights() {
    for layout in [LinearLayout::Row, LinearLayout::Col] {
        let mut first = None;
        for (name, device) in devices() {
            let model = pinned(layout, 1, &device);
            let (_, shape, weights) = saved(&model, "fc1.weight");
            let mask = saved(&model, "fc1.weight.pinned.mask");
            assert_eq!((mask.0.as_str(), &mask.1), ("U8", &shape), "{name}");
            let is_zero = |weight: &[u8]| weight.iter().all(|byte| *byte == 0);
            let mut pairs = weights.chunks(4).zip(&mask.2);
            assert!(
                pairs.all(|(weight, kept)| is_zero(weight) == (*kept == 0)),
                "{layout:?}"
            );
            assert_eq!(*first.get_or_insert(mask.clone()), mask, "{name}");
        }
    }
}

/// A weight without elements can be pinned, read, trained and saved.
#[test]
fn empty_weights() {
    for (name, device) in devices() {
        let empty = LinearConfig::new(5, 0).init(&device);
        let empty: Linear = empty
            .init_weights(&Sparse::density(0.5).pinned(), 1)
            .unwrap();
        assert_eq!(empty.weight.val().dims(), [5, 0], "{name}");
        assert_eq!(Masks::of(&empty).0["weight"], [false; 0]);
        assert_eq!(empty.valid().weight.val().dims(), [5, 0]);
        let loaded = empty.clone().load_record(empty.into_record());
        assert_eq!(loaded.weight.val().dims(), [5, 0]);
    }
}

/// After a mask was replaced, an optimizer with momentum goes on moving what the new one hides.
/// Settled, a file holds what the layers compute with, and a layer without masks computes the same.
#[test]
fn settled_weights_are_what_layers_compute_with() {
    let device = Device::flex().autodiff();
    let (x, _) = data(&device);
    let mut model = pinned(LinearLayout::Row, 1, &device);
    let mut adam = AdamConfig::new().init();
    let mut step = |model: Mlp| {
        let grads = model.forward(x.clone()).square().mean().backward();
        let grads = GradientsParams::from_grads(grads, &model);
        adam.step(0.01, model, grads)
    };
    let before = values(model.fc1.weight.val());
    model = step(model);
    let mut masks = Masks::of(&model);
    // A weight that has momentum.
    let after = values(model.fc1.weight.val());
    let alive = (0..before.len()).find(|i| before[*i] != after[*i]).unwrap();
    masks.0.get_mut("fc1.weight").unwrap()[alive] = false;
    model = step(masks.apply(model).unwrap());
    let hidden = values(model.fc1.weight.base())[alive];
    assert_ne!(hidden, 0.0);

    let model = Masks::settle(model);
    assert_eq!(Masks::of(&model), masks);
    assert!(model.fc1.weight.base().is_require_grad());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    model
        .save_into(&mut SafetensorsStore::from_file(&file))
        .unwrap();
    let mut plain = Mlp::new(&device);
    plain
        .load_from(&mut SafetensorsStore::from_file(&file).allow_partial(true))
        .unwrap();
    assert_eq!(
        values(plain.fc1.weight.val()),
        values(model.fc1.weight.val())
    );
    assert_eq!(values(plain.fc1.weight.val())[alive], 0.0);
}
