//! Masks of whole modules: read, counted and replaced in training.

use burn::module::{Lora, Module};
use burn::nn::{LinearConfig, LinearLayout};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Tensor};
use burn_init::module::{Masks, csr_of_layer, mask_of_csr};
use burn_init::{InitWeights, Normal, Sparse};
use burn_init_tests::models::Mlp;
use burn_init_tests::{devices, values};

fn pinned(device: &Device, layout: LinearLayout) -> Mlp {
    Mlp::with_layout(layout, device)
        .init_weights(&Sparse::exact(8).pinned(), 1)
        .unwrap()
}

fn train(mut model: Mlp, device: &Device, steps: usize) -> Mlp {
    device.seed(1);
    let x = Tensor::<2>::random([32, 100], Distribution::Normal(0.0, 1.0), device);
    let mut adam = AdamConfig::new().init();
    for _ in 0..steps {
        let grads = model.forward(x.clone()).square().mean().backward();
        let grads = GradientsParams::from_grads(grads, &model);
        model = adam.step(0.01, model, grads);
    }
    model
}

#[test]
fn counts() {
    let model = pinned(&Device::flex(), LinearLayout::Row);
    let masks = Masks::of(&model);
    assert_eq!(
        masks.0.keys().collect::<Vec<_>>(),
        ["fc1.weight", "fc2.weight"]
    );
    assert_eq!(masks.kept(), 8 * 64 + 8 * 10);
    assert_eq!(masks.densities()["fc1.weight"], 0.08);
    assert_eq!(Masks::of(&Mlp::new(&Device::flex())).kept(), 0);
}

/// A new mask drops and grows: what lives under both keeps its value, the rest is 0, and training moves what lives. On every device.
#[test]
fn masks_are_replaced() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for layout in [LinearLayout::Row, LinearLayout::Col] {
            let model = train(pinned(&device, layout), &device, 3);
            let before = values(model.fc1.weight.val());
            let mut masks = Masks::of(&model);
            let old = masks.0["fc1.weight"].clone();
            // Every third weight that lives is dropped, and as many grow.
            let mask = masks.0.get_mut("fc1.weight").unwrap();
            let alive: Vec<usize> = (0..old.len()).filter(|i| old[*i]).step_by(3).collect();
            let dead: Vec<usize> = (0..old.len())
                .filter(|i| !old[*i])
                .take(alive.len())
                .collect();
            alive.iter().for_each(|i| mask[*i] = false);
            dead.iter().for_each(|i| mask[*i] = true);
            let new = mask.clone();

            let model = masks.apply(model).unwrap();
            assert_eq!(Masks::of(&model), masks);
            let after = values(model.fc1.weight.val());
            for i in 0..old.len() {
                let expected = if old[i] && new[i] { before[i] } else { 0.0 };
                assert_eq!(after[i], expected, "{name} {layout:?}");
            }
            assert!(model.fc1.weight.base().is_require_grad());
            let trained = values(train(model, &device, 3).fc1.weight.val());
            assert!(
                (0..old.len()).all(|i| new[i] || trained[i] == 0.0),
                "{name}"
            );
            assert!(
                dead.iter().filter(|i| trained[**i] != 0.0).count() > dead.len() / 2,
                "{name}"
            );
        }
    }
}

/// A model without masks gets them: given, or from its zeros.
#[test]
fn masks_from_zeros() {
    let device = Device::flex().autodiff();
    let sparse = Mlp::new(&device)
        .init_weights(&Sparse::exact(8), 1)
        .unwrap();
    let masks = Masks::from_zeros(&sparse);
    assert_eq!(masks.kept(), 8 * 64 + 8 * 10);
    let before = values(sparse.fc1.weight.val());
    let pinned = masks.apply(sparse).unwrap();
    assert_eq!(values(pinned.fc1.weight.val()), before);
    let after = values(train(pinned, &device, 3).fc1.weight.val());
    assert!(
        before
            .iter()
            .zip(after)
            .all(|(b, a)| (*b == 0.0) == (a == 0.0))
    );
    // A dense model has none.
    let dense = Mlp::new(&device)
        .init_weights(&Normal::fan_in(), 1)
        .unwrap();
    assert!(Masks::from_zeros(&dense).0.is_empty());
}

#[test]
fn masks_that_do_not_fit() {
    let device = Device::flex();
    let of = |path: &str, n: usize| Masks([(path.to_owned(), vec![true; n])].into());
    for (masks, part) in [
        (of("fc3.weight", 10), "no parameter `fc3.weight`"),
        (
            of("fc1.weight", 10),
            "`fc1.weight` [100, 64]: a mask of 10 elements",
        ),
    ] {
        let error = masks
            .apply(pinned(&device, LinearLayout::Row))
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    }
    let lora = Mlp::new(&device).apply_lora(Lora::new(2, 4.0));
    let error = of("fc1.weight", 6400).apply(lora).unwrap_err().to_string();
    assert!(
        error.contains("carries the reparameterization `lora"),
        "{error}"
    );
}

/// A pinned layer as CSR and back, in both layouts.
#[test]
fn compressed_rows() {
    let device = Device::flex();
    for layout in [LinearLayout::Row, LinearLayout::Col] {
        let model = pinned(&device, layout);
        let csr = csr_of_layer(&model.fc1).unwrap();
        assert_eq!((csr.shape(), csr.nnz()), ((64, 100), 8 * 64));
        let x = Tensor::<2>::random([1, 100], Distribution::Normal(0.0, 1.0), &device);
        let input = sprs::CsVec::new(100, (0..100).collect(), values(x.clone()));
        let expected = values(model.fc1.forward(x));
        for (j, row) in csr.outer_iterator().enumerate() {
            assert!((row.dot(&input) - expected[j]).abs() < 1e-5);
        }
        assert_eq!(mask_of_csr(&csr), Masks::of(&model).0["fc1.weight"]);
    }
    let dense = Mlp::new(&device)
        .init_weights(&Normal::fan_in(), 1)
        .unwrap();
    assert_eq!(csr_of_layer(&dense.fc2).unwrap().nnz(), 640);
}

/// Masks that were put on a `Col` layer afterwards are saved in the order of its weights, like those of a plan; so one fits the other.
#[test]
fn masks_of_col_layers_in_records() {
    let device = Device::flex();
    let square = |seed: u64, pinned: bool| {
        let layer = LinearConfig::new(16, 16)
            .with_layout(LinearLayout::Col)
            .init(&device);
        let sparse = Sparse::exact(3);
        let sparse = if pinned { sparse.pinned() } else { sparse };
        layer.init_weights(&sparse, seed).unwrap()
    };
    let sparse = square(1, false);
    let masks = Masks::from_zeros(&sparse);
    let pinned = masks.apply(sparse).unwrap();
    let expected = values(pinned.weight.val());
    let loaded = square(2, true).load_record(pinned.into_record());
    assert_eq!(values(loaded.weight.val()), expected);
    assert_eq!(Masks::of(&loaded), masks);
    // A lazy layer gets a mask in the order of its value, too.
    let lazy = LinearConfig::new(5, 3)
        .with_layout(LinearLayout::Col)
        .init(&device);
    let one = Masks([("weight".to_owned(), (0..15).map(|i| i == 7).collect())].into());
    let pinned = one.apply(lazy).unwrap();
    let nonzero: Vec<usize> = values(pinned.weight.val())
        .iter()
        .enumerate()
        .filter(|(_, w)| **w != 0.0)
        .map(|(i, _)| i)
        .collect();
    assert_eq!(nonzero, [7]);
}

/// What momentum moves under a mask isn't alive.
#[test]
fn zeros_of_a_masked_model() {
    let device = Device::flex().autodiff();
    let mut adam = AdamConfig::new().init();
    let mut model = pinned(&device, LinearLayout::Row);
    let x = Tensor::<2>::random([32, 100], Distribution::Normal(0.0, 1.0), &device);
    let mut step = |model: Mlp| {
        let grads = model.forward(x.clone()).square().mean().backward();
        let grads = GradientsParams::from_grads(grads, &model);
        adam.step(0.01, model, grads)
    };
    let before = values(model.fc1.weight.val());
    model = step(model);
    // A weight that has momentum.
    let after = values(model.fc1.weight.val());
    let dropped = (0..before.len()).find(|i| before[*i] != after[*i]).unwrap();
    let mut masks = Masks::of(&model);
    masks.0.get_mut("fc1.weight").unwrap()[dropped] = false;
    let model = step(masks.apply(model).unwrap());
    assert_ne!(
        values(model.fc1.weight.base())[dropped],
        0.0,
        "momentum moves what is hidden"
    );
    assert!(!Masks::from_zeros(&model).0["fc1.weight"][dropped]);
    // When it grows again, it starts at 0.
    masks.0.get_mut("fc1.weight").unwrap()[dropped] = true;
    assert_eq!(
        values(masks.apply(model).unwrap().fc1.weight.val())[dropped],
        0.0
    );
}

/// RigL: grow where gradients are largest. The gradients of all weights are those of the folded model.
#[test]
fn growing_by_gradient() {
    let device = Device::flex().autodiff();
    let model = pinned(&device, LinearLayout::Row);
    let x = Tensor::<2>::random([32, 100], Distribution::Normal(0.0, 1.0), &device);
    let dense = model.clone().materialize();
    let grads = dense.forward(x).square().mean().backward();
    let gradient = values(dense.fc1.weight.val().grad(&grads).unwrap());
    let mut masks = Masks::of(&model);
    let mask = masks.0.get_mut("fc1.weight").unwrap();
    let best = (0..mask.len())
        .filter(|i| !mask[*i])
        .max_by(|a, b| gradient[*a].abs().total_cmp(&gradient[*b].abs()))
        .unwrap();
    assert!(gradient[best] != 0.0);
    mask[best] = true;
    let model = masks.apply(model).unwrap();
    assert_eq!(Masks::of(&model).kept(), 8 * 64 + 8 * 10 + 1);
}
