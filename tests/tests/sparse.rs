//! Counts, variance, and masks that last.

use burn::module::{Module, ParamGroup};
use burn::nn::{LinearConfig, LinearLayout};
use burn::optim::{AdamConfig, GradientsParams};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::{Device, Distribution, Tensor};
use burn_init::{
    InitWeights, Initializer, Normal, Orthogonal, Pinned, Seed, Sparse, VarianceScaling, Wavelet,
    WeightLayout,
};
use burn_init_tests::models::Mlp;
use burn_init_tests::{devices, values};

fn draw(init: &Sparse, layout: &WeightLayout) -> Vec<f32> {
    init.draw(layout, Seed::new(4).key("w")).unwrap()
}

fn zeros(values: &[f32]) -> Vec<bool> {
    values.iter().map(|value| *value == 0.0).collect()
}

#[test]
fn exactly_k_per_neuron() {
    for k in [0, 1, 7, 15, 31, 32] {
        for init in [
            Sparse::exact(k),
            Sparse::exact(k).values(Wavelet::haar()),
            Sparse::exact(k).values(Orthogonal::new()).uncorrected(),
        ] {
            let contiguous = draw(&init, &WeightLayout::linear_col([50, 32]));
            let nonzeros = |w: &mut dyn Iterator<Item = &f32>| w.filter(|w| **w != 0.0).count();
            for neuron in contiguous.chunks(32) {
                assert_eq!(nonzeros(&mut neuron.iter()), k, "{init}");
            }
            let strided = draw(&init, &WeightLayout::linear([32, 50]));
            for j in 0..50 {
                assert_eq!(
                    nonzeros(&mut strided.iter().skip(j).step_by(50)),
                    k,
                    "{init}"
                );
            }
            let transposed = draw(&init, &WeightLayout::conv_transpose([8, 5, 2, 2]));
            for j in 0..5 {
                let of_neuron = transposed
                    .chunks(5 * 4)
                    .flat_map(|input| &input[4 * j..4 * j + 4]);
                assert_eq!(nonzeros(&mut of_neuron.into_iter()), k, "{init}");
            }
        }
    }
}

#[test]
fn density_is_rounded() {
    for (density, n, k) in [
        (0.0, 10, 0),
        (0.1, 10, 1),
        (0.25, 10, 3),
        (0.001, 10, 1),
        (0.999, 10, 10),
        (1.0, 7, 7),
    ] {
        let w = draw(
            &Sparse::density(density),
            &WeightLayout::linear_col([20, n]),
        );
        let count = w.iter().filter(|w| **w != 0.0).count();
        assert_eq!(count, 20 * k, "{density} of {n}");
    }
}

/// N(0, 2/k) on the kept weights: the variance over m values within 5 standard errors √(2/m).
#[test]
fn variance_follows_the_neurons_own_fan_in() {
    let variance_of_kept = |init: &Sparse, layout: &WeightLayout| {
        let w = draw(init, layout);
        let kept: Vec<f64> = w.into_iter().filter(|w| *w != 0.0).map(f64::from).collect();
        let m = kept.len() as f64;
        (
            kept.iter().map(|w| w * w).sum::<f64>() / m,
            5.0 * (2.0 / m).sqrt(),
        )
    };
    let layout = WeightLayout::linear([100, 5000]);
    for (init, expected) in [
        (Sparse::exact(8), 2.0 / 8.0),
        (Sparse::density(0.5), 2.0 / 50.0),
        (Sparse::exact(8).uncorrected(), 2.0 / 100.0),
        (Sparse::exact(8).values(Normal::fan_in()), 1.0 / 8.0),
        (Sparse::exact(8).values(Normal::new(0.0, 0.5)), 0.25),
        (
            Sparse::exact(8).values(VarianceScaling::glorot_normal()),
            2.0 / (0.08 * 5100.0),
        ),
    ] {
        let (variance, bound) = variance_of_kept(&init, &layout);
        assert!(
            (variance / expected - 1.0).abs() < bound,
            "{init}: {variance}"
        );
    }
}

/// Each input is read by about k/n of the neurons: χ² with 99 degrees of freedom below 200
/// (false-alarm rate 10⁻⁸).
#[test]
fn places_are_spread_evenly() {
    let w = draw(&Sparse::exact(10), &WeightLayout::linear([100, 10_000]));
    let expected = 1000.0;
    // Within a neuron places are drawn without replacement, which divides the variance of a count
    // by 1/(1 − k/n).
    let chi_square: f64 = w
        .chunks(10_000)
        .map(|input| input.iter().filter(|w| **w != 0.0).count() as f64)
        .map(|count| (count - expected).powi(2) / (expected * 0.9))
        .sum();
    assert!(chi_square < 200.0, "{chi_square}");
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

/// In a file, the mask stands in the order of the weight that it belongs to, whichever the layout.
#[test]
fn saved_masks_fit_saved_weights() {
    let device = Device::flex();
    for layout in [LinearLayout::Row, LinearLayout::Col] {
        let tensors = pinned(layout, 1, &device).collect(None, None, false);
        let bytes_of = |path: &str| {
            let mut parts = tensors
                .iter()
                .map(|tensor| tensor.clone().into_parts().unwrap());
            let (_, _, _, _, bytes) = parts.find(|(name, ..)| name == path).unwrap();
            bytes.to_vec()
        };
        let is_zero = |weight: &[u8]| weight.iter().all(|byte| *byte == 0);
        let (weights, mask) = (bytes_of("fc1.weight"), bytes_of("fc1.weight.pinned.mask"));
        assert_eq!(mask.len(), 6400);
        let mut pairs = weights.chunks(4).zip(&mask);
        assert!(
            pairs.all(|(weight, kept)| is_zero(weight) == (*kept == 0)),
            "{layout:?}"
        );
    }
}
