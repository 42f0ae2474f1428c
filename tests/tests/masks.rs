//! Masks of whole modules: read, counted and replaced in training.

use burn::module::{Lora, Module};
use burn::nn::LinearLayout;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Tensor};
use burn_init::{InitWeights, Masks, Normal, Sparse, csr_of_layer, mask_of_csr};
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
