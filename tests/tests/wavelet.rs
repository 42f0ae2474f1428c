//! What shaping in the wavelet domain does to weights, by numbers.

use burn_init::{
    AnyInitializer, Family, Initializer, Normal, Orthogonal, Seed, Transform, VarianceScaling,
    Wavelet, WeightLayout,
};

/// One row per neuron.
fn draw(init: &impl Initializer, neurons: usize, inputs: usize) -> Vec<f32> {
    let layout = WeightLayout::linear_col([neurons, inputs]);
    init.draw(&layout, Seed::new(77).key("w")).unwrap()
}

fn energy(w: &[f32]) -> f64 {
    w.iter().map(|w| f64::from(*w).powi(2)).sum()
}

/// W = Ψ⁻¹ΨW.
#[test]
fn identity_returns_the_base() {
    let bases: [AnyInitializer; 3] = [
        Normal::fan_in().into(),
        Orthogonal::new().into(),
        VarianceScaling::glorot_uniform().into(),
    ];
    for base in bases {
        for (name, inputs) in [
            ("haar", 100),
            ("haar", 97),
            ("db2", 64),
            ("db4", 96),
            ("db20", 40),
        ] {
            let expected = draw(&base, 64, inputs);
            let family: Family = name.parse().unwrap();
            let identity = Wavelet::new(family).identity().base(base.clone());
            let white = Wavelet::new(family)
                .power_law(0.0)
                .mean_gain(1.0)
                .base(base.clone());
            let ones = Wavelet::new(family)
                .gains(1.0, [1.0, 1.0])
                .base(base.clone());
            for init in [identity, white, ones] {
                let given = draw(&init, 64, inputs);
                for (w, e) in given.iter().zip(&expected) {
                    assert!((w - e).abs() <= 1e-6, "{init}: {w} instead of {e}");
                }
            }
        }
    }
    let grid = Wavelet::haar().grid([10, 10]).identity();
    let (given, expected) = (draw(&grid, 64, 100), draw(&Normal::fan_in(), 64, 100));
    assert!(
        given
            .iter()
            .zip(expected)
            .all(|(w, e)| (w - e).abs() <= 1e-6)
    );
}

/// Ψw' = S Ψw, coefficient by coefficient, for neurons in every layout.
#[test]
fn gains_of_the_coefficients() {
    let layouts = [
        WeightLayout::linear([16, 5]),
        WeightLayout::linear_col([5, 16]),
        WeightLayout::conv([5, 4, 2, 2]),
        WeightLayout::conv_transpose([4, 5, 2, 2]),
    ];
    let transform = Transform::new("db2".parse().unwrap(), &[4, 4], 1).unwrap();
    let gains = [3.0f32, 0.5];
    let init = Wavelet::new("db2".parse().unwrap())
        .grid([4, 4])
        .gains(f64::from(gains[0]), [f64::from(gains[1])])
        .unnormalized();
    for layout in layouts {
        let key = Seed::new(5).key("w");
        let base = Normal::fan_in().draw(&layout, key).unwrap();
        let shaped = init.draw(&layout, key).unwrap();
        for j in 0..5 {
            // Input channel c and place k of neuron j.
            let index = |i: usize| match layout.axes() {
                [burn_init::Axis::Input, _] => i * 5 + j,
                [burn_init::Axis::Input, ..] => (i / 4 * 5 + j) * 4 + i % 4,
                _ => j * 16 + i,
            };
            let mut before: Vec<f32> = (0..16).map(|i| base[index(i)]).collect();
            let mut after: Vec<f32> = (0..16).map(|i| shaped[index(i)]).collect();
            transform.forward(&mut before, &mut transform.scratch());
            transform.forward(&mut after, &mut transform.scratch());
            for ((b, a), level) in before
                .iter()
                .zip(&after)
                .zip(transform.coefficient_levels())
            {
                assert!((gains[level] * b - a).abs() < 1e-5, "{layout:?}");
            }
        }
    }
}

/// E‖W‖² is that of the base. The variance of a neuron's energy is 2Σg⁴/n² for w from N(0, 1/n):
/// bounds of 5 standard errors.
#[test]
fn energy_is_kept() {
    const NEURONS: usize = 20_000;
    for inputs in [1usize, 5, 64, 100] {
        for init in [
            Wavelet::haar(),
            Wavelet::haar().power_law(3.0),
            Wavelet::haar()
                .power_law(-1.0)
                .mean_gain(if inputs == 1 { 1.0 } else { 0.0 }),
            Wavelet::haar().gains(2.0, []).levels(0),
        ] {
            let w = draw(&init, NEURONS, inputs);
            let energies: Vec<f64> = w.chunks(inputs).map(energy).collect();
            let mean = energies.iter().sum::<f64>() / NEURONS as f64;
            let variance =
                energies.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / NEURONS as f64;
            let error = (variance / NEURONS as f64).sqrt();
            assert!(
                (mean - 1.0).abs() < 5.0 * error,
                "{init}, {inputs} inputs: {mean} ± {error}"
            );
        }
    }
    let unnormalized = Wavelet::haar().power_law(1.0).unnormalized();
    assert!(energy(&draw(&unnormalized, 1000, 64)) > 2.0 * 1000.0);
}

/// Circular lag-1 autocorrelation of a white base shaped by Haar, at three lengths each. The exact
/// values follow from tr(T ΨᵀS²Ψ) / tr(S²) for the cyclic shift T; bounds of 5 standard errors,
/// estimated from 50 batches.
#[test]
fn neighbours_become_alike() {
    const BATCHES: usize = 50;
    for (levels, gamma, expected) in [
        (4, 1.0, 0.425),
        (4, 2.0, 0.717_39),
        (6, 2.0, 0.9),
        (3, 0.0, 0.0),
    ] {
        for inputs in [64, 128, 512] {
            let init = Wavelet::haar().levels(levels).power_law(gamma);
            let w = draw(&init, 100 * BATCHES, inputs);
            let correlations: Vec<f64> = w
                .chunks(100 * inputs)
                .map(|batch| {
                    let products = batch.chunks(inputs).map(|w| -> f64 {
                        (0..inputs)
                            .map(|i| f64::from(w[i]) * f64::from(w[(i + 1) % inputs]))
                            .sum()
                    });
                    products.sum::<f64>() / energy(batch)
                })
                .collect();
            let mean = correlations.iter().sum::<f64>() / BATCHES as f64;
            let variance: f64 = correlations.iter().map(|c| (c - mean).powi(2)).sum();
            let error = (variance / (BATCHES * (BATCHES - 1)) as f64).sqrt();
            assert!(
                (mean - expected).abs() < 5.0 * error,
                "{init}, {inputs} inputs: {mean} ± {error} instead of {expected}"
            );
        }
    }
}

/// With a gain of 0 for the mean, every neuron has mean 0; the others are scaled by it.
#[test]
fn mean_gain() {
    let means = |init: &Wavelet| -> Vec<f64> {
        let w = draw(init, 1000, 100);
        w.chunks(100)
            .map(|w| w.iter().map(|w| f64::from(*w)).sum::<f64>() / 100.0)
            .collect()
    };
    for init in [
        Wavelet::haar(),
        Wavelet::haar().grid([10, 10]).power_law(0.0),
    ] {
        let zero = means(&init.clone().mean_gain(0.0));
        assert!(zero.iter().all(|mean| mean.abs() < 1e-6));
        let (full, half) = (
            means(&init.clone().unnormalized()),
            means(&init.mean_gain(0.5).unnormalized()),
        );
        assert!(
            full.iter()
                .zip(half)
                .all(|(f, h)| (0.5 * f - h).abs() < 1e-5)
        );
    }
}

/// The covariance of many neurons is ΨᵀS²Ψ, on a line and over a grid: each entry within 6 standard
/// errors, of which 65,536 × 2 are expected to exceed that 0.0003 times.
#[test]
fn covariance() {
    const NEURONS: usize = 5000;
    const N: usize = 256;
    let gains = [4.0f32, 0.5, 1.0, 2.0];
    for (family, shape) in [("haar", vec![N]), ("db2", vec![16, 16])] {
        let family: Family = family.parse().unwrap();
        let transform = Transform::new(family, &shape, 3).unwrap();
        let init = Wavelet::new(family)
            .grid(shape)
            .gains(4.0, [0.5, 1.0, 2.0])
            .unnormalized()
            .base(Normal::new(0.0, 1.0));
        let w = draw(&init, NEURONS, N);

        let mut expected = vec![0f64; N * N];
        for (k, level) in transform.coefficient_levels().into_iter().enumerate() {
            let mut psi = vec![0.0; N];
            psi[k] = 1.0;
            transform.inverse(&mut psi, &mut transform.scratch());
            let gain = f64::from(gains[level]).powi(2);
            for (row, a) in expected.chunks_mut(N).zip(&psi) {
                row.iter_mut()
                    .zip(&psi)
                    .for_each(|(e, b)| *e += gain * f64::from(a * b));
            }
        }
        let mut given = vec![0f64; N * N];
        for w in w.chunks(N) {
            for (row, a) in given.chunks_mut(N).zip(w) {
                row.iter_mut()
                    .zip(w)
                    .for_each(|(g, b)| *g += f64::from(a * b));
            }
        }
        for i in 0..N {
            for j in 0..N {
                let at = |matrix: &[f64], i: usize, j: usize| matrix[i * N + j];
                let (e, g) = (at(&expected, i, j), at(&given, i, j) / NEURONS as f64);
                // Var(ab) = E a² E b² + (E ab)² for normals.
                let variance = at(&expected, i, i) * at(&expected, j, j) + e * e;
                let error = (variance / NEURONS as f64).sqrt();
                assert!(
                    (g - e).abs() < 6.0 * error,
                    "{init} at {i}, {j}: {g} instead of {e}"
                );
            }
        }
    }
}

#[test]
fn settings_survive_a_file() {
    let init: AnyInitializer = Wavelet::new("sym4".parse().unwrap())
        .levels(2)
        .grid([8, 8])
        .gains(1.0, [0.5, 0.25])
        .mean_gain(0.5)
        .unnormalized()
        .base(Normal::new(0.0, 0.1))
        .into();
    for text in [
        toml::to_string(&init).unwrap(),
        serde_json::to_string(&init).unwrap(),
    ] {
        let same: AnyInitializer = toml::from_str(&text)
            .or_else(|_| serde_json::from_str(&text))
            .unwrap();
        assert_eq!(format!("{init:?}"), format!("{same:?}"), "{text}");
    }
    let short: AnyInitializer = toml::from_str("wavelet.family = 'db4'").unwrap();
    assert_eq!(
        short.to_string(),
        Wavelet::new("db4".parse().unwrap()).to_string()
    );
    let wrong = toml::from_str::<AnyInitializer>("wavelet.family = 'db44'").unwrap_err();
    assert!(wrong.to_string().contains("db4"), "{wrong}");
}
