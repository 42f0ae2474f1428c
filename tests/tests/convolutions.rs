//! Convolutions with orthogonal kernels, and with filters as kernels.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2dConfig, ConvTranspose2dConfig};
use burn::tensor::{Device, Tensor, TensorData};
use burn_init::dense::{Distribution, FanMode};
use burn_init::plan::{Applied, Rule};
use burn_init::wavelet::{Family, Transform};
use burn_init::{
    Constant, Eye, InitWeights, Initializer, Plan, Seed, Select, VarianceScaling, WaveletFilters,
    WaveletOrthogonal,
};
use burn_init_tests::values;

/// A delta kernel keeps the norm of what it convolves, through many layers.
#[test]
fn delta_orthogonal_keeps_the_norm() {
    let device = Device::flex();
    let init = WaveletOrthogonal::haar().delta();
    let x = Tensor::<4>::random(
        [2, 8, 9, 9],
        burn::tensor::Distribution::Normal(0.0, 1.0),
        &device,
    );
    let norm = |x: &Tensor<4>| values(x.clone().square().sum())[0].sqrt();
    let before = norm(&x);
    let mut y = x;
    for layer in 0..30 {
        let conv = Conv2dConfig::new([8, 8], [3, 3])
            .with_padding(PaddingConfig2d::Same)
            .with_bias(false)
            .init(&device)
            .init_weights(&init, layer)
            .unwrap();
        y = conv.forward(y);
    }
    assert!((norm(&y) / before - 1.0).abs() < 1e-4);
}

/// The identity gives back what it convolves, in each group; depthwise convolutions of several widths
/// have the fans of one channel.
#[test]
fn identity_and_depthwise() {
    let device = Device::flex();
    let x = Tensor::<4>::random(
        [2, 8, 7, 6],
        burn::tensor::Distribution::Normal(0.0, 1.0),
        &device,
    );
    for (groups, kernel) in [(1, [3, 3]), (2, [3, 5]), (8, [4, 3])] {
        let conv = Conv2dConfig::new([8, 8], kernel)
            .with_groups(groups)
            .with_padding(PaddingConfig2d::Same)
            .init(&device);
        let rule = Rule::new(Select::weights(), Eye::new()).groups(groups);
        let plan = Plan::new(1).push(rule);
        let plan = plan.rule(Select::biases(), Constant::zeros());
        let conv = plan.apply(conv).unwrap().model;
        assert_eq!(values(conv.forward(x.clone())), values(x.clone()));
    }

    let depthwise = |channels: usize| {
        Conv2dConfig::new([channels, channels], [3, 3])
            .with_groups(channels)
            .with_bias(false)
            .init(&device)
    };
    let model = vec![depthwise(400), depthwise(700)];
    let rule = Rule::new(
        Select::weights(),
        VarianceScaling::new(2.0, FanMode::FanOut, Distribution::Uniform),
    );
    let Applied { model, report } = Plan::new(1).push(rule.depthwise()).apply(model).unwrap();
    assert!(
        report.entries.iter().all(|entry| entry.assumed.is_empty()),
        "{report}"
    );
    for conv in model {
        let largest = values(conv.weight.val()).into_iter().fold(0.0, f32::max);
        // √(3 · 2/9), of one channel's nine outputs.
        assert!(
            (0.99..=1.0).contains(&(largest / (6.0f32 / 9.0).sqrt())),
            "{largest}"
        );
    }
}

/// With stride 2 on a periodic picture, the convolution is one level of the transform, and the
/// transposed convolution with the dual's filters undoes it.
#[test]
fn filters_are_the_transform() {
    let device = Device::flex();
    for name in ["haar", "db2", "sym4", "bior2.4"] {
        let family: Family = name.parse().unwrap();
        let f = family.filter_len();
        let init = WaveletFilters::decomposition(family);
        let n = 16;
        let picture = burn_init::Normal::new(0.0, 1.0)
            .draw(&[n, n].into(), Seed::new(1).key("x"))
            .unwrap();
        // Row and column i of the padded picture are i + 1 − F/2 of the picture, around the ends.
        let padded = n + f - 2;
        let around = |i: usize| (i + 2 * n * f + 1 - f / 2) % n;
        let data: Vec<f32> = (0..padded * padded)
            .map(|p| picture[around(p / padded) * n + around(p % padded)])
            .collect();
        let x = Tensor::<4>::from_data(TensorData::new(data, [1, 1, padded, padded]), &device);
        let conv = Conv2dConfig::new([1, 4], [f, f])
            .with_stride([2, 2])
            .with_bias(false)
            .init(&device)
            .init_weights(&init, 0)
            .unwrap();
        let bands = values(conv.forward(x));

        let transform = Transform::new(family, &[n, n], 1).unwrap();
        let mut c = picture.clone();
        transform.forward(&mut c, &mut transform.scratch());
        let half = n / 2;
        for band in 0..4 {
            for i in 0..half * half {
                // The first axis is the lowest bit.
                let (row, column) = (band % 2 * half + i / half, band / 2 * half + i % half);
                let given = bands[band * half * half + i];
                assert!(
                    (given - c[row * n + column]).abs() < 1e-5,
                    "{name} band {band}"
                );
            }
        }

        let up = ConvTranspose2dConfig::new([4, 1], [f, f])
            .with_stride([2, 2])
            .with_bias(false)
            .init(&device)
            .init_weights(&WaveletFilters::decomposition(family.dual()), 0)
            .unwrap();
        let bands = Tensor::<4>::from_data(TensorData::new(bands, [1, 4, half, half]), &device);
        let long = values(up.forward(bands));
        let mut rebuilt = vec![0f32; n * n];
        for p in 0..padded * padded {
            rebuilt[around(p / padded) * n + around(p % padded)] += long[p];
        }
        assert!(
            rebuilt
                .iter()
                .zip(&picture)
                .all(|(r, p)| (r - p).abs() < 1e-5),
            "{name}"
        );
    }
}
