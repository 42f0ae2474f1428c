//! What each way of shaping keeps, drops and does to a layer.

use burn_init::{
    Along, Family, Initializer, Keep, Normal, Normalization, Orthogonal, Seed, Sparse, Transform,
    VarianceScaling, Wavelet, WeightLayout,
};

/// One row per neuron.
fn draw(init: &impl Initializer, neurons: usize, inputs: usize) -> Vec<f32> {
    let layout = WeightLayout::linear_col([neurons, inputs]);
    init.draw(&layout, Seed::new(78).key("w")).unwrap()
}

fn energy(w: &[f32]) -> f64 {
    w.iter().map(|w| f64::from(*w).powi(2)).sum()
}

/// The wavelet coefficients of each neuron, and the level of each.
fn coefficients(family: Family, w: &[f32], inputs: usize) -> (Vec<f32>, Vec<usize>) {
    let transform = Transform::new(family, &[inputs], burn_init::Levels::Useful).unwrap();
    let mut scratch = transform.scratch();
    let mut w = w.to_vec();
    w.chunks_mut(inputs)
        .for_each(|w| transform.forward(w, &mut scratch));
    (w, transform.coefficient_levels())
}

#[test]
fn thresholds_keep_few_coefficients_and_the_norm() {
    let base = draw(&Normal::fan_in(), 500, 96);
    let count = |w: &[f32]| w.iter().filter(|c| c.abs() > 1e-6).count();
    for name in ["haar", "db2"] {
        let family: Family = name.parse().unwrap();
        let init = || Wavelet::new(family);
        let (of_base, _) = coefficients(family, &base, 96);
        // Of each threshold: how many coefficients it may leave, at least and at most.
        let cases: [(Wavelet, usize, usize); 8] = [
            (init().hard_threshold(Keep::Largest(5)), 5, 5),
            (init().soft_threshold(Keep::Largest(5)), 4, 5),
            (init().hard_threshold(Keep::Largest(1)), 1, 1),
            (init().hard_threshold(Keep::Energy(0.5)), 5, 30),
            (init().hard_threshold(Keep::Energy(1.0)), 90, 96),
            (init().hard_threshold(Keep::Above(0.2)), 1, 15),
            (init().hard_threshold(Keep::Universal), 1, 6),
            (init().soft_threshold(Keep::Universal), 1, 6),
        ];
        for (init, least, most) in cases {
            let w = draw(&init, 500, 96);
            let (shaped, _) = coefficients(family, &w, 96);
            for (j, c) in shaped.chunks(96).enumerate() {
                assert!((least..=most).contains(&count(c)), "{init}: {}", count(c));
                let (before, after) = (energy(&base[96 * j..][..96]), energy(&w[96 * j..][..96]));
                assert!((after / before - 1.0).abs() < 1e-5, "{init}");
                // What is left are the largest, in their own places, with their own signs.
                let of_base = &of_base[96 * j..][..96];
                let kept = |i: &usize| c[*i].abs() > 1e-6;
                let size = |i: usize| of_base[i].abs();
                let smallest_kept = (0..96).filter(kept).map(size).fold(f32::MAX, f32::min);
                let largest_left = (0..96).filter(|i| !kept(i)).map(size).fold(0.0, f32::max);
                assert!(largest_left <= smallest_kept + 1e-6, "{init}");
                assert!(
                    (0..96).filter(kept).all(|i| c[i] * of_base[i] > 0.0),
                    "{init}"
                );
            }
        }
    }
    // Unless told not to: hard thresholds then leave the coefficients as they were.
    let init = Wavelet::haar()
        .hard_threshold(Keep::Energy(0.5))
        .unnormalized();
    let share = energy(&draw(&init, 500, 96)) / energy(&base);
    assert!((0.5..0.6).contains(&share), "{share}");
}

/// White noise loses almost everything to the universal threshold: of the energy, hard keeps
/// 2(tφ(t) + Q(t)) and soft 2((1 + t²)Q(t) − tφ(t)), for t = √(2 ln n).
#[test]
fn the_universal_threshold_kills_white_noise() {
    let n = 1024.0f64;
    let t = (2.0 * n.ln()).sqrt();
    let phi = (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let base = draw(&Normal::fan_in(), 4000, 1024);
    // Q(3.7233) = 9.83·10⁻⁵, from a table.
    let q = 9.83e-5;
    for (init, expected) in [
        (
            Wavelet::haar().hard_threshold(Keep::Universal),
            2.0 * (t * phi + q),
        ),
        (
            Wavelet::haar().soft_threshold(Keep::Universal),
            2.0 * ((1.0 + t * t) * q - t * phi),
        ),
    ] {
        let share = energy(&draw(&init.clone().unnormalized(), 4000, 1024)) / energy(&base);
        // A neuron that would be left with nothing keeps its largest coefficient, about (t/√n)² of
        // the energy.
        let rescued = 0.9 * t * t / n;
        assert!(
            share > 0.8 * expected && share < 1.2 * expected + rescued,
            "{init}: {share}"
        );
        assert!(share < 0.05, "{init}: {share}");
    }
}

#[test]
fn bands() {
    for (init, kept) in [
        (Wavelet::haar().bands(false, 2..=3), vec![2, 3]),
        (Wavelet::haar().bands(true, 1..=1), vec![0, 1]),
        (
            Wavelet::haar().bands(true, 1..=6),
            vec![0, 1, 2, 3, 4, 5, 6],
        ),
    ] {
        let w = draw(&init, 2000, 64);
        let (c, levels) = coefficients(Family::HAAR, &w, 64);
        for (c, level) in c.iter().zip(levels.iter().cycle()) {
            assert!(kept.contains(level) || c.abs() < 1e-6, "{init}");
        }
        // The energy stays: of 2000 neurons, 5 standard errors are at most 5·√(2·64/Σg²/2000).
        let size = kept
            .iter()
            .map(|level| levels.iter().filter(|l| *l == level).count());
        let bound = 5.0 * (2.0 / size.sum::<usize>() as f64 / 2000.0).sqrt();
        assert!((energy(&w) / 2000.0 - 1.0).abs() < bound, "{init}");
    }
}

/// By spectrum: in each neuron, every level has its share of the neuron's energy, whatever the
/// base.
#[test]
fn normalised_by_spectrum() {
    let bases = [
        Normal::fan_in().into(),
        burn_init::AnyInitializer::from(Wavelet::haar().power_law(-1.0)),
        Orthogonal::new().into(),
    ];
    for base in bases {
        let unshaped = draw(&base, 64, 64);
        let init = Wavelet::haar()
            .power_law(1.0)
            .normalization(Normalization::Spectrum)
            .base(base);
        let w = draw(&init, 64, 64);
        let (c, levels) = coefficients(Family::HAAR, &w, 64);
        let gain = |level: usize| {
            if level == 0 {
                64.0
            } else {
                f64::from(1 << level)
            }
        };
        let total: f64 = levels.iter().map(|level| gain(*level)).sum();
        for (c, before) in c.chunks(64).zip(unshaped.chunks(64)) {
            for level in 0..=6 {
                let of_level: Vec<f32> = (0..64)
                    .filter(|i| levels[*i] == level)
                    .map(|i| c[i])
                    .collect();
                let expected = energy(before) * of_level.len() as f64 * gain(level) / total;
                assert!(
                    (energy(&of_level) / expected - 1.0).abs() < 1e-4,
                    "{init} {level}"
                );
            }
        }
    }
}

/// Σ |wᵢ₊₁ − wᵢ|, for the same energy, falls with γ.
#[test]
fn total_variation_falls_with_gamma() {
    for inputs in [64, 100, 256] {
        let variation = |gamma: f64| -> f64 {
            let w = draw(&Wavelet::haar().power_law(gamma), 2000, inputs);
            let steps = w
                .chunks(inputs)
                .flat_map(|w| w.windows(2).map(|p| f64::from(p[1] - p[0]).abs()));
            steps.sum()
        };
        let all: Vec<f64> = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0]
            .into_iter()
            .map(variation)
            .collect();
        assert!(
            all.windows(2).all(|pair| pair[1] < 0.99 * pair[0]),
            "{inputs}: {all:?}"
        );
    }
}

/// The share of neurons that are skewed, for inputs from U(0, 1): those that are active for less
/// than 0.2 or more than 0.8 of the inputs.
///
/// For many inputs w·x is nearly normal with mean μ Σw and variance s²‖w‖², so the share is
/// 2Φ(−Φ⁻¹(0.8)·s/(μ r)): 62.7, 33.1, 5.2 and 0 % for r = 1, ½, ¼ and 0. He and Glorot have r = 1.
/// Over 4000 neurons and 600 inputs, within 5 standard errors and 1.5 % for the counting of
/// activity.
#[test]
fn skewed_neurons() {
    const NEURONS: usize = 4000;
    const INPUTS: usize = 128;
    const SAMPLES: usize = 600;
    let samples = burn_init::Uniform::new(0.0, 1.0);
    let samples = samples
        .draw(&[SAMPLES, INPUTS].into(), Seed::new(1).key("x"))
        .unwrap();
    let share = |init: &dyn Initializer| {
        let layout = WeightLayout::linear_col([NEURONS, INPUTS]);
        let w = init.draw(&layout, Seed::new(79).key("w")).unwrap();
        let skewed = w.chunks(INPUTS).filter(|w| {
            let active = samples
                .chunks(INPUTS)
                .filter(|x| x.iter().zip(*w).map(|(x, w)| x * w).sum::<f32>() > 0.0)
                .count();
            let share = active as f64 / SAMPLES as f64;
            !(0.2..=0.8).contains(&share)
        });
        skewed.count() as f64 / NEURONS as f64
    };
    let white = |r: f64| Wavelet::haar().power_law(0.0).mean_gain(r);
    let cases: [(Box<dyn Initializer>, f64); 6] = [
        (Box::new(white(1.0)), 0.627),
        (Box::new(white(0.5)), 0.331),
        (Box::new(white(0.25)), 0.052),
        (Box::new(white(0.0)), 0.0),
        (Box::new(VarianceScaling::kaiming_normal()), 0.627),
        (Box::new(VarianceScaling::glorot_uniform()), 0.627),
    ];
    for (init, expected) in cases {
        let share = share(init.as_ref());
        let bound = 5.0 * (expected * (1.0 - expected) / NEURONS as f64).sqrt() + 0.015;
        assert!(
            (share - expected).abs() < bound,
            "{init}: {share} instead of {expected}"
        );
    }
}

/// Along outputs, channels, kernels and vocabularies: the same as along the inputs of a weight that
/// holds these vectors as rows.
#[test]
fn along_other_axes() {
    let family: Family = "db2".parse().unwrap();
    let transform = |w: &[f32], shape: &[usize]| {
        let transform = Transform::new(family, shape, 1).unwrap();
        let mut c = w.to_vec();
        transform.forward(&mut c, &mut transform.scratch());
        (c, transform.coefficient_levels())
    };
    let init = Wavelet::new(family)
        .levels(1)
        .gains(2.0, [0.5])
        .unnormalized();
    let gains = [2.0f32, 0.5];
    // Of each layout: its strides, and the axis or axes that vectors run along.
    let cases: [(WeightLayout, Along, &[usize]); 7] = [
        (WeightLayout::linear([4, 6]), Along::Outputs, &[1]),
        (WeightLayout::linear_col([6, 4]), Along::Outputs, &[0]),
        (WeightLayout::conv([6, 8, 3]), Along::Outputs, &[0]),
        (WeightLayout::conv([6, 8, 3]), Along::Channels, &[1]),
        (
            WeightLayout::conv_transpose([6, 8, 3]),
            Along::Channels,
            &[0],
        ),
        (WeightLayout::conv([3, 2, 4, 4]), Along::Kernel, &[2, 3]),
        (WeightLayout::embedding([8, 3]), Along::Vocabulary, &[0]),
    ];
    for (layout, along, axes) in cases {
        let key = Seed::new(5).key("w");
        let base = Normal::fan_in().draw(&layout, key).unwrap();
        let shaped = init.clone().along(along).draw(&layout, key).unwrap();
        let shape = layout.shape();
        let vector_shape: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
        // Elements that differ only along these axes form a vector.
        let mut vectors: std::collections::BTreeMap<Vec<usize>, Vec<usize>> = Default::default();
        for i in 0..base.len() {
            let mut rest = i;
            let mut index = vec![0; shape.len()];
            for (coordinate, n) in index.iter_mut().zip(shape).rev() {
                (*coordinate, rest) = (rest % n, rest / n);
            }
            axes.iter().for_each(|axis| index[*axis] = 0);
            vectors.entry(index).or_default().push(i);
        }
        for places in vectors.values() {
            let gather = |w: &[f32]| places.iter().map(|i| w[*i]).collect::<Vec<f32>>();
            let (before, levels) = transform(&gather(&base), &vector_shape);
            let (after, _) = transform(&gather(&shaped), &vector_shape);
            for ((b, a), level) in before.iter().zip(&after).zip(levels) {
                assert!((gains[level] * b - a).abs() < 1e-5, "{layout:?} {along:?}");
            }
        }
    }
}

/// Any other initializer can be the base; a sparse one is shaped like any.
#[test]
fn any_base() {
    let sparse = draw(
        &Wavelet::haar().power_law(2.0).base(Sparse::exact(4)),
        200,
        64,
    );
    assert!(sparse.iter().filter(|w| **w == 0.0).count() < 100 * 64);
    // An orthogonal base keeps E‖W‖², and with equal gains stays orthogonal.
    let w = draw(&Wavelet::haar().identity().base(Orthogonal::new()), 64, 64);
    for (i, a) in w.chunks(64).enumerate() {
        for (j, b) in w.chunks(64).enumerate() {
            let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            assert!((product - f32::from(u8::from(i == j))).abs() < 1e-5);
        }
    }
}

/// A threshold chooses among what the mean's gain leaves: no neuron dies, or is made of rounding errors.
#[test]
fn thresholds_without_the_mean() {
    for inputs in [64, 100] {
        let init = Wavelet::haar()
            .hard_threshold(Keep::Largest(1))
            .mean_gain(0.0);
        for w in draw(&init, 2000, inputs).chunks(inputs) {
            let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / inputs as f64;
            assert!(
                mean.abs() < 1e-5 && energy(w) > 0.1,
                "{inputs}: {mean} {}",
                energy(w)
            );
            // One Haar wavelet has two values, and zeros.
            let mut values: Vec<i32> = w.iter().map(|w| (w * 1e4).round() as i32).collect();
            values.sort_unstable();
            values.dedup();
            assert!(values.len() <= 3, "{values:?}");
        }
    }
}
