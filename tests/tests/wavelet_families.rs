//! Orthogonal, sparse and sampled wavelets, and filters as kernels.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2dConfig, ConvTranspose2dConfig};
use burn::tensor::{Device, Tensor, TensorData};
use burn_init::{
    Along, AnyInitializer, Atom, Family, InitWeights, Initializer, Levels, Seed, Transform,
    WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse, WeightLayout,
};
use burn_init_tests::values;

fn draw(init: &impl Initializer, layout: impl Into<WeightLayout>) -> Vec<f32> {
    init.draw(&layout.into(), Seed::new(80).key("w")).unwrap()
}

/// The largest element of |WWᵀ/gain² − 1|, or of |WᵀW/gain² − 1| where there are more rows than
/// columns.
fn distance_from_orthogonal(w: Vec<f32>, rows: usize, columns: usize, gain: f32) -> f32 {
    let device = Device::flex();
    let w = Tensor::<2>::from_data(TensorData::new(w, [rows, columns]), &device);
    let gram = if rows <= columns {
        w.clone().matmul(w.transpose())
    } else {
        w.clone().transpose().matmul(w)
    };
    let n = rows.min(columns);
    let difference = gram.div_scalar(gain * gain) - Tensor::eye(n, &device);
    values(difference.abs().max())[0]
}

#[test]
fn orthogonal() {
    let db4: Family = "db4".parse().unwrap();
    let cases: [(WaveletOrthogonal, usize, usize); 9] = [
        (WaveletOrthogonal::haar(), 1, 1),
        (WaveletOrthogonal::haar(), 10, 10),
        (WaveletOrthogonal::haar(), 100, 100),
        (WaveletOrthogonal::haar().grid([10, 10]), 64, 100),
        (WaveletOrthogonal::haar().gain(0.5), 37, 101),
        (WaveletOrthogonal::haar(), 1000, 300),
        (WaveletOrthogonal::haar(), 300, 1000),
        (WaveletOrthogonal::new(db4), 96, 96),
        (
            WaveletOrthogonal::new(db4).levels(Levels::Full).gain(2.0),
            128,
            50,
        ),
    ];
    for (init, rows, columns) in cases {
        let gain = if init.to_string().contains("gain 0.5") {
            0.5
        } else if init.to_string().contains("gain 2") {
            2.0
        } else {
            1.0
        };
        let col = draw(&init, WeightLayout::linear_col([rows, columns]));
        let distance = distance_from_orthogonal(col.clone(), rows, columns, gain);
        assert!(distance <= 1e-5, "{init} {rows}×{columns}: {distance}");
        // The same matrix, whichever the layout.
        let row = draw(&init, WeightLayout::linear([columns, rows]));
        assert!((0..rows * columns).all(|i| col[i] == row[i % columns * rows + i / columns]));
    }
}

#[test]
fn orthogonal_4096() {
    let w = draw(
        &WaveletOrthogonal::haar(),
        WeightLayout::linear_col([4096, 4096]),
    );
    assert!(distance_from_orthogonal(w, 4096, 4096, 1.0) <= 1e-5);
}

/// Each group of a convolution has an orthogonal matrix of its own.
#[test]
fn orthogonal_groups() {
    for init in [
        AnyInitializer::from(WaveletOrthogonal::haar()),
        AnyInitializer::from(burn_init::Orthogonal::new()),
    ] {
        let w = draw(&init, WeightLayout::conv([12, 2, 3]).groups(3));
        for group in w.chunks(4 * 6) {
            assert!(
                distance_from_orthogonal(group.to_vec(), 4, 6, 1.0) <= 1e-5,
                "{init}"
            );
        }
        let depthwise = draw(&init, WeightLayout::conv([32, 1, 3, 3]).groups(32));
        for kernel in depthwise.chunks(9) {
            let norm: f32 = kernel.iter().map(|w| w * w).sum();
            assert!((norm - 1.0).abs() < 1e-5, "{init}");
        }
        assert_ne!(depthwise[..9], depthwise[9..18], "{init}");
    }
}

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
    let up = draw(&init, WeightLayout::conv_transpose([4, 6, 3, 2]));
    // The middle of 3×2 is place (1, 0).
    let places: Vec<usize> = (0..up.len())
        .filter(|i| up[*i] != 0.0)
        .map(|i| i % 6)
        .collect();
    assert!(places.iter().all(|place| *place == 2) && places.len() > 4);
}

/// Exactly k wavelet coefficients, and unit norm; the levels follow the law.
#[test]
fn sparse_in_the_wavelet_domain() {
    const NEURONS: usize = 4000;
    for (name, k, gamma, gain) in [
        ("haar", 1, 0.0, 1.0),
        ("haar", 5, 1.0, 2.0),
        ("db2", 3, 2.0, 1.0),
    ] {
        let family: Family = name.parse().unwrap();
        let init = WaveletSparse::new(family, k)
            .law(gamma)
            .levels(4)
            .gain(gain);
        let w = draw(&init, WeightLayout::linear_col([NEURONS, 64]));
        let transform = Transform::new(family, &[64], 4).unwrap();
        let levels = transform.coefficient_levels();
        let mut counts = vec![0usize; 5];
        for neuron in w.chunks(64) {
            let norm: f64 = neuron.iter().map(|w| f64::from(*w).powi(2)).sum();
            assert!((norm.sqrt() - gain).abs() < 1e-5, "{init}");
            let mut c = neuron.to_vec();
            transform.forward(&mut c, &mut transform.scratch());
            let places: Vec<usize> = (0..64).filter(|i| c[*i].abs() > 1e-5).collect();
            assert!(
                places.len() <= k && places.len() + 1 >= k,
                "{init}: {places:?}"
            );
            places
                .into_iter()
                .for_each(|place| counts[levels[place]] += 1);
        }
        if k == 1 {
            // χ² with 4 degrees of freedom exceeds 33.4 with probability 10⁻⁶.
            let chi_square: f64 = (0..5)
                .map(|level| (counts[level], transform.level_sizes()[level]))
                .map(|(count, size)| (count as f64, (NEURONS * size) as f64 / 64.0))
                .map(|(count, expected)| (count - expected).powi(2) / expected)
                .sum();
            assert!(chi_square < 33.4, "{counts:?}");
        }
    }
    // By level alike: level sizes 4, 4, 8, 16, 32 times 2ʲ, so scaling functions 64, details 64,
    // 64, 64, 64.
    let init = WaveletSparse::haar(1).law(1.0).levels(4);
    let w = draw(&init, WeightLayout::linear_col([NEURONS, 64]));
    let transform = Transform::new(Family::HAAR, &[64], 4).unwrap();
    let levels = transform.coefficient_levels();
    let mut counts = [0f64; 5];
    for neuron in w.chunks(64) {
        let mut c = neuron.to_vec();
        transform.forward(&mut c, &mut transform.scratch());
        let place = (0..64)
            .max_by(|a, b| c[*a].abs().total_cmp(&c[*b].abs()))
            .unwrap();
        counts[levels[place]] += 1.0;
    }
    let expected = NEURONS as f64 / 5.0;
    let chi_square: f64 = counts
        .iter()
        .map(|c| (c - expected).powi(2) / expected)
        .sum();
    assert!(chi_square < 33.4, "{counts:?}");
    // All of them, once each.
    let all = draw(&WaveletSparse::haar(64), WeightLayout::linear_col([10, 64]));
    assert!(all.iter().filter(|w| w.abs() < 1e-6).count() < 10);
}

#[test]
fn atoms_have_unit_norm_and_their_mean() {
    for atom in [Atom::Ricker, Atom::Morlet, Atom::Gabor, Atom::Laplace] {
        for (init, layout, points) in [
            (
                WaveletAtoms::new(atom),
                WeightLayout::linear_col([200, 64]),
                64,
            ),
            (
                WaveletAtoms::new(atom).grid([12, 10]),
                WeightLayout::linear_col([200, 120]),
                120,
            ),
            (
                WaveletAtoms::new(atom)
                    .along(Along::Kernel)
                    .scales(2.5, 3.0),
                WeightLayout::conv([20, 10, 7, 7]),
                49,
            ),
            (
                WaveletAtoms::new(atom).along(Along::Kernel),
                WeightLayout::conv([200, 1, 251]),
                251,
            ),
            (
                WaveletAtoms::new(atom),
                WeightLayout::linear_col([200, 3]),
                3,
            ),
        ] {
            let w = draw(&init, layout);
            for vector in w.chunks(points) {
                let norm: f64 = vector.iter().map(|w| f64::from(*w).powi(2)).sum();
                assert!((norm - 1.0).abs() < 1e-6, "{init}: {norm}");
                let mean = vector.iter().map(|w| f64::from(*w)).sum::<f64>() / points as f64;
                if matches!(atom, Atom::Ricker | Atom::Morlet) {
                    assert!(mean.abs() < 1e-6, "{init}: {mean}");
                }
            }
            // None is the first again, but on three points that may happen.
            let first = if points > 3 { &w[..points] } else { &[] };
            assert!(
                w.chunks(points).skip(1).all(|vector| vector != first),
                "{init}"
            );
        }
    }
}

/// The values of a long, well-sampled Ricker wavelet are those of the formula, whose second moment
/// about its middle is zero... at places found from the values themselves: its largest value is at
/// b, and it changes sign at b ± s.
#[test]
fn a_ricker_wavelet_is_the_second_derivative_of_a_gaussian() {
    let init = WaveletAtoms::new(Atom::Ricker).scales(40.0, 40.0);
    let w = draw(&init, WeightLayout::linear_col([50, 1001]));
    let mut checked = 0;
    for vector in w.chunks(1001) {
        let middle = (0..1001)
            .max_by(|a, b| vector[*a].total_cmp(&vector[*b]))
            .unwrap();
        if !(300..700).contains(&middle) {
            continue;
        }
        checked += 1;
        let crossing = (middle..1000)
            .find(|i| vector[*i] > 0.0 && vector[i + 1] <= 0.0)
            .unwrap();
        assert!((crossing - middle).abs_diff(40) <= 1, "{crossing} {middle}");
        let lowest = (middle..1001)
            .min_by(|a, b| vector[*a].total_cmp(&vector[*b]))
            .unwrap();
        // ψ is lowest at √3 s, where it is −2 e^(−3/2) of its height.
        assert!((lowest - middle).abs_diff(69) <= 1);
        let ratio = vector[lowest] / vector[middle];
        assert!((ratio + 2.0 * (-1.5f32).exp()).abs() < 0.01, "{ratio}");
    }
    assert!(checked > 10);
}

/// On a grid, Gabor atoms have all directions: of 2000, the share in each of 8 sectors is 1/8
/// within 5 standard errors.
#[test]
fn gabor_atoms_have_all_directions() {
    let init = WaveletAtoms::new(Atom::Gabor)
        .grid([31, 31])
        .scales(5.0, 5.0);
    let w = draw(&init, WeightLayout::linear_col([2000, 961]));
    let mut sectors = [0usize; 8];
    for vector in w.chunks(961) {
        // The structure tensor's direction: where the values change most.
        let (mut xx, mut yy, mut xy) = (0f32, 0f32, 0f32);
        for i in 1..30 {
            for j in 1..30 {
                let dx = vector[i * 31 + j + 1] - vector[i * 31 + j - 1];
                let dy = vector[(i + 1) * 31 + j] - vector[(i - 1) * 31 + j];
                xx += dx * dx;
                yy += dy * dy;
                xy += dx * dy;
            }
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy) + std::f32::consts::FRAC_PI_2;
        sectors[((angle / std::f32::consts::PI * 8.0) as usize).min(7)] += 1;
    }
    let bound = 5.0 * (2000.0f64 / 8.0 * 7.0 / 8.0).sqrt() + 25.0;
    assert!(
        sectors
            .iter()
            .all(|count| (*count as f64 - 250.0).abs() < bound),
        "{sectors:?}"
    );
}

/// With stride 2 on a periodic picture, the convolution is one level of the transform, and the
/// transposed convolution undoes it.
#[test]
fn filters_are_the_transform() {
    let device = Device::flex();
    for name in ["haar", "db2", "sym4"] {
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
            .init_weights(&init, 0)
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

#[test]
fn filters_of_channels() {
    let init = WaveletFilters::decomposition(Family::HAAR);
    // Full: output o has band o mod 2 of input o / 2; depthwise: all bands of each channel.
    let full = draw(&init, WeightLayout::conv([4, 2, 2]));
    let h = std::f32::consts::FRAC_1_SQRT_2;
    let (low, high, none) = ([h, h], [h, -h], [0.0, 0.0]);
    assert_eq!(
        full,
        [low, none, high, none, none, low, none, high].concat()
    );
    // In each group, bands are counted from the first.
    let three = draw(&init, WeightLayout::conv([3, 1, 2]).groups(3));
    assert_eq!(three, [low, low, low].concat());
    let grouped = draw(&init, WeightLayout::conv([4, 2, 2]).groups(2));
    assert_eq!(
        grouped,
        [low, none, high, none, low, none, high, none].concat()
    );
    let depthwise = draw(&init, WeightLayout::conv([4, 1, 2]).groups(2));
    assert_eq!(depthwise, [low, high, low, high].concat());
    let longer = draw(&init.gain(2.0), WeightLayout::conv([2, 1, 3]));
    assert_eq!(longer, [2.0 * h, 2.0 * h, 0.0, 2.0 * h, -2.0 * h, 0.0]);
    let turned = draw(
        &WaveletFilters::reconstruction("db2".parse().unwrap()),
        WeightLayout::conv([1, 1, 4]),
    );
    let expected = Family::daubechies(2).unwrap().decomposition_low_pass();
    assert!(turned.iter().zip(expected).all(|(t, e)| *t == *e as f32));
}

/// A Laplace wavelet vibrates: its values change sign at least twice where it has the room.
#[test]
fn laplace_atoms_vibrate() {
    let w = draw(
        &WaveletAtoms::new(Atom::Laplace),
        WeightLayout::linear_col([200, 64]),
    );
    let signs = |w: &[f32]| w.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
    let vibrating = w.chunks(64).filter(|w| signs(w) >= 2).count();
    assert!(vibrating > 120, "{vibrating}");
}

/// Settings of all families survive a file.
#[test]
fn settings_survive_a_file() {
    let db2: Family = "db2".parse().unwrap();
    let all: Vec<AnyInitializer> = vec![
        WaveletOrthogonal::new(db2)
            .levels(2)
            .grid([8, 8])
            .gain(0.5)
            .delta()
            .into(),
        WaveletOrthogonal::haar().levels(Levels::Full).into(),
        WaveletSparse::new(db2, 3)
            .law(1.5)
            .levels(1)
            .grid([4, 4])
            .gain(2.0)
            .into(),
        WaveletAtoms::new(Atom::Laplace)
            .along(Along::Kernel)
            .scales(3.0, 4.0)
            .gain(0.1)
            .into(),
        WaveletFilters::reconstruction(db2).gain(0.5).into(),
        burn_init::Wavelet::haar()
            .bands(true, 2..=3)
            .along(Along::Channels)
            .into(),
        burn_init::Wavelet::haar()
            .soft_threshold(burn_init::Keep::Energy(0.5))
            .into(),
        burn_init::Wavelet::haar()
            .normalization(burn_init::Normalization::Spectrum)
            .into(),
    ];
    for init in all {
        for text in [
            toml::to_string(&init).unwrap(),
            serde_json::to_string(&init).unwrap(),
        ] {
            let same: AnyInitializer = toml::from_str(&text)
                .or_else(|_| serde_json::from_str(&text))
                .expect(&text);
            assert_eq!(format!("{init:?}"), format!("{same:?}"), "{text}");
        }
    }
    let families: Vec<usize> = Family::all().map(|family| family.support_len()).collect();
    assert_eq!(
        (families[0], families[19], *families.last().unwrap()),
        (1, 39, 29)
    );
    assert_eq!(db2.symmetry(), burn_init::Symmetry::Asymmetric);
}
