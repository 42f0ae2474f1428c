//! What shaping in the wavelet domain does to weights, by numbers.

use crate::common::own::{Laplace, Ranks, Walk};
use crate::common::{
    Refused, assert_refused, conv, conv_transpose, draw, draw_neurons, energy, key,
};
use burn_init_values::wavelet::{
    Boundary, Family, Keep, Levels, Normalization, Symmetry, Transform,
};
use burn_init_values::weight::{Along, Axis};
use burn_init_values::{
    AnyInitializer, Constant, Initializer, Normal, Orthogonal, Seed, Sparse, SparseBudget,
    SparseOrthogonal, Uniform, VarianceScaling, Wavelet, WeightLayout,
};

/// Over N(0, 1/fan_in), of which a vector has the energy 1 on average.
fn of(family: Family) -> Wavelet<Normal> {
    Wavelet::new(family).base(Normal::fan_in())
}

fn haar() -> Wavelet<Normal> {
    of(Family::HAAR)
}

/// The wavelet coefficients of each neuron, and the level of each.
fn coefficients(family: Family, w: &[f32], inputs: usize) -> (Vec<f32>, Vec<usize>) {
    let transform = Transform::new(family, &[inputs], Levels::Useful).unwrap();
    let mut scratch = transform.scratch();
    let mut w = w.to_vec();
    w.chunks_mut(inputs)
        .for_each(|w| transform.forward(w, &mut scratch));
    (w, transform.coefficient_levels())
}

/// W = Ψ⁻¹ΨW.
#[test]
fn identity_returns_the_base() {
    let bases: [AnyInitializer; 6] = [
        Normal::fan_in().into(),
        Orthogonal::new().into(),
        VarianceScaling::glorot_uniform().into(),
        AnyInitializer::custom(Laplace { scale: 0.1 }),
        AnyInitializer::custom(Walk {
            along: Along::Outputs,
        }),
        AnyInitializer::custom(Ranks),
    ];
    for base in bases {
        for (name, inputs) in [
            ("haar", 100),
            ("haar", 97),
            ("db2", 64),
            ("db4", 96),
            ("db20", 40),
            ("bior4.4", 96),
            ("rbio2.6", 64),
        ] {
            let expected = draw_neurons(&base, 64, inputs);
            let family: Family = name.parse().unwrap();
            let identity = of(family).identity().base(base.clone());
            let white = of(family).power_law(0.0).mean_gain(1.0).base(base.clone());
            let ones = of(family).gains(1.0, [1.0, 1.0]).base(base.clone());
            for init in [identity, white, ones] {
                let given = draw_neurons(&init, 64, inputs);
                for (w, e) in given.iter().zip(&expected) {
                    assert!((w - e).abs() <= 1e-6, "{init}: {w} instead of {e}");
                }
            }
        }
    }
    // With filters at the ends, any length will do.
    for (name, inputs) in [
        ("db4", 100),
        ("db2", 97),
        ("sym8", 3),
        ("coif5", 61),
        ("db3", 1),
    ] {
        let init = of(name.parse().unwrap())
            .boundary(Boundary::Filters)
            .levels(Levels::Full);
        let expected = draw_neurons(&Normal::fan_in(), 64, inputs);
        let white = init.clone().power_law(0.0).mean_gain(1.0);
        for init in [init.identity(), white] {
            let given = draw_neurons(&init, 64, inputs);
            for (w, e) in given.iter().zip(&expected) {
                assert!((w - e).abs() <= 2e-6, "{init}: {w} instead of {e}");
            }
        }
    }
    let grid = haar().grid([10, 10]).identity();
    let (given, expected) = (
        draw_neurons(&grid, 64, 100),
        draw_neurons(&Normal::fan_in(), 64, 100),
    );
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
        conv([5, 4, 2, 2]),
        conv_transpose([4, 5, 2, 2]),
    ];
    let transform = Transform::new("db2".parse().unwrap(), &[4, 4], 1).unwrap();
    let gains = [3.0f32, 0.5];
    let init = of("db2".parse().unwrap())
        .grid([4, 4])
        .gains(f64::from(gains[0]), [f64::from(gains[1])])
        .unnormalized();
    for layout in layouts {
        let base = draw(&Normal::fan_in(), layout.clone());
        let shaped = draw(&init, layout.clone());
        for j in 0..5 {
            // Input channel c and place k of neuron j.
            let index = |i: usize| match layout.axes() {
                [Axis::Input, _] => i * 5 + j,
                [Axis::Input, ..] => (i / 4 * 5 + j) * 4 + i % 4,
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
            haar(),
            haar().power_law(3.0).mean_gain(1.0),
            haar().power_law(-1.0),
            haar().gains(2.0, []).levels(0),
            of("db4".parse().unwrap())
                .boundary(Boundary::Filters)
                .power_law(2.0),
        ] {
            let w = draw_neurons(&init, NEURONS, inputs);
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
    let unnormalized = haar().power_law(1.0).unnormalized();
    assert!(energy(&draw_neurons(&unnormalized, 1000, 64)) > 2.0 * 1000.0);
}

/// Ψw' = SΨw for biorthogonal families, too, and E‖W‖² stays: of M = Ψ⁻¹SΨ with tr(MᵀM) = n, the
/// variance of a neuron's energy is 2tr((MᵀM)²)/n², here estimated; bounds of 5 standard errors. Σg² = n
/// would be off by more than that.
#[test]
fn biorthogonal() {
    const NEURONS: usize = 20_000;
    let mut off = 0;
    for (name, shape) in [
        ("bior1.3", vec![64]),
        ("bior2.2", vec![96]),
        ("rbio3.1", vec![64]),
        ("bior6.8", vec![40]),
        ("rbio4.4", vec![8, 12]),
        ("bior3.3", vec![4, 4, 8]),
    ] {
        let family: Family = name.parse().unwrap();
        let inputs = shape.iter().product();
        let init = of(family).grid(shape.clone()).levels(2);
        for init in [
            init.clone(),
            init.clone().power_law(3.0),
            init.clone().octaves().mean_gain(1.0),
            init.clone().power_law(-1.5).mean_gain(1.5),
            init.clone().gains(0.5, [-1.0, 3.0]).mean_gain(1.0),
            init.clone().bands(false, 2..=2).mean_gain(1.0),
        ] {
            let w = draw_neurons(&init, NEURONS, inputs);
            let energies: Vec<f64> = w.chunks(inputs).map(energy).collect();
            let mean = energies.iter().sum::<f64>() / NEURONS as f64;
            let variance =
                energies.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / NEURONS as f64;
            let error = (variance / NEURONS as f64).sqrt();
            assert!((mean - 1.0).abs() < 5.0 * error, "{init}: {mean} ± {error}");

            // Normalised as an orthogonal family would be.
            let transform = Transform::new(family, &shape, 2).unwrap();
            let base = draw_neurons(&Normal::fan_in(), 1, inputs);
            let mut before = base.clone();
            let mut after = w[..inputs].to_vec();
            transform.forward(&mut before, &mut transform.scratch());
            transform.forward(&mut after, &mut transform.scratch());
            let of_levels = transform.coefficient_levels();
            let gain = |level: usize| {
                let of_level = (0..inputs).filter(|i| of_levels[*i] == level);
                let largest = of_level.max_by(|a, b| before[*a].abs().total_cmp(&before[*b].abs()));
                after[largest.unwrap()] / before[largest.unwrap()]
            };
            if init.mean_gain == Some(1.0) {
                let gains: Vec<f32> = (0..=2).map(gain).collect();
                for ((b, a), level) in before.iter().zip(&after).zip(&of_levels) {
                    assert!((gains[*level] * b - a).abs() < 1e-4, "{init}: {b} {a}");
                }
                let sizes = transform.level_sizes().into_iter();
                let squares = gains
                    .iter()
                    .zip(sizes)
                    .map(|(g, n)| f64::from(g * g) * n as f64);
                let trace = squares.sum::<f64>() / inputs as f64;
                off += usize::from((trace - 1.0).abs() > 5.0 * error);
            }
        }
    }
    assert!(off >= 8, "{off}");
    // A threshold keeps the norm.
    let few = of("bior4.4".parse().unwrap()).hard_threshold(Keep::Largest(3));
    let base = draw_neurons(&Normal::fan_in(), 50, 64);
    for (w, base) in draw_neurons(&few, 50, 64).chunks(64).zip(base.chunks(64)) {
        assert!((energy(w) / energy(base) - 1.0).abs() < 1e-5);
    }
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
            let init = haar().levels(levels).power_law(gamma).mean_gain(1.0);
            let w = draw_neurons(&init, 100 * BATCHES, inputs);
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

/// By default each octave of a line, and of a grid, has the same energy on average, the neurons have mean 0, and the
/// energy is He's: bounds of 5 standard errors. One input, and what isn't shaped, is as the base has it.
#[test]
fn octaves() {
    const NEURONS: usize = 4000;
    // Of each: the grid, an axis of length 1 among them, and the number of its axes.
    for (grid, axes) in [
        (vec![64], 1),
        (vec![8, 8], 2),
        (vec![64, 1], 1),
        (vec![4, 4, 4], 3),
    ] {
        let init = Wavelet::haar().grid(grid.clone());
        let w = draw_neurons(&init, NEURONS, 64);
        assert_eq!(
            w,
            draw_neurons(&init.clone().power_law(f64::from(axes)), NEURONS, 64)
        );
        let transform = Transform::new(Family::HAAR, &grid, Levels::Full).unwrap();
        let of_levels = transform.coefficient_levels();
        let mut scratch = transform.scratch();
        let mut energies = vec![vec![0.0; NEURONS]; transform.levels() + 1];
        for (neuron, w) in w.chunks(64).enumerate() {
            let mut c = w.to_vec();
            transform.forward(&mut c, &mut scratch);
            for (c, level) in c.iter().zip(&of_levels) {
                energies[*level][neuron] += f64::from(c * c);
            }
        }
        assert!(energies[0].iter().all(|energy| *energy < 1e-10), "{init}");
        // A level of d axes has 1 − 2⁻ᵈ of the coefficients that are left: with (2ʲ)ᵈ each, as much as any other.
        let octave = 2.0 / transform.levels() as f64;
        for energies in &energies[1..] {
            let mean = energies.iter().sum::<f64>() / NEURONS as f64;
            let variance =
                energies.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / NEURONS as f64;
            let error = (variance / NEURONS as f64).sqrt();
            assert!(
                (mean - octave).abs() < 5.0 * error,
                "{init}: {mean} ± {error}, not {octave}"
            );
        }
    }
    let he = VarianceScaling::kaiming_normal();
    assert_eq!(
        draw_neurons(&Wavelet::haar(), 64, 1),
        draw_neurons(&he, 64, 1)
    );
    let identity = draw_neurons(&Wavelet::haar().identity(), 64, 100);
    let he = draw_neurons(&he, 64, 100);
    assert!(identity.iter().zip(&he).all(|(w, e)| (w - e).abs() < 1e-6));
}

/// With a gain of 0 for the mean, every neuron has mean 0; the others are scaled by it.
#[test]
fn mean_gain() {
    let means = |init: &Wavelet<Normal>| -> Vec<f64> {
        let w = draw_neurons(init, 1000, 100);
        w.chunks(100)
            .map(|w| w.iter().map(|w| f64::from(*w)).sum::<f64>() / 100.0)
            .collect()
    };
    let with_filters = |name: &str| {
        of(name.parse().unwrap())
            .boundary(Boundary::Filters)
            .levels(Levels::Full)
    };
    // Details have mean 0 at the ends, too.
    let details = with_filters("db4").bands(false, 1..=6);
    assert!(means(&details).iter().all(|mean| mean.abs() < 1e-6));
    for init in [
        haar(),
        haar().grid([10, 10]).power_law(0.0),
        with_filters("coif1").grid([4, 25]),
    ] {
        assert!(means(&init).iter().all(|mean| mean.abs() < 1e-6), "{init}");
        let init = init.mean_gain(1.0);
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
        let init = of(family)
            .grid(shape)
            .gains(4.0, [0.5, 1.0, 2.0])
            .unnormalized()
            .base(Normal::new(0.0, 1.0));
        let w = draw_neurons(&init, NEURONS, N);

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

/// Neurons that are shaped side by side have the bits of each one alone.
#[test]
fn neurons_side_by_side() {
    let base = Normal::new(0.0, 1.0);
    for (family, boundary) in [
        ("haar", Boundary::Periodic),
        ("db3", Boundary::Periodic),
        ("db3", Boundary::Filters),
        ("sym7", Boundary::Filters),
    ] {
        let family: Family = family.parse().unwrap();
        let wavelet = of(family)
            .boundary(boundary)
            .gains(0.5, [2.0, 3.0])
            .unnormalized()
            .base(base);
        let transform = Transform::with_boundary(family, &[48], 2, boundary).unwrap();
        for (layout, stride, step) in [
            (WeightLayout::linear([48, 150]), 1, 150),
            (WeightLayout::linear([48, 64]), 1, 64),
            (WeightLayout::linear_col([150, 48]), 48, 1),
        ] {
            let shaped = draw(&wavelet, layout.clone());
            let drawn = draw(&base, layout.clone());
            for j in 0..drawn.len() / 48 {
                let place = |i: usize| j * stride + i * step;
                let mut w: Vec<f32> = (0..48).map(|i| drawn[place(i)]).collect();
                let mut scratch = transform.scratch();
                transform.forward(&mut w, &mut scratch);
                for (i, coefficient) in w.iter_mut().enumerate() {
                    *coefficient *= match i {
                        0..12 => 0.5,
                        12..24 => 3.0,
                        _ => 2.0,
                    };
                }
                transform.inverse(&mut w, &mut scratch);
                for (i, w) in w.iter().enumerate() {
                    assert_eq!(
                        w.to_bits(),
                        shaped[place(i)].to_bits(),
                        "{family} {layout:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn thresholds_keep_few_coefficients_and_the_norm() {
    let base = draw_neurons(&Normal::fan_in(), 500, 96);
    let count = |w: &[f32]| w.iter().filter(|c| c.abs() > 1e-6).count();
    for name in ["haar", "db2"] {
        let family: Family = name.parse().unwrap();
        let init = || of(family);
        let (of_base, _) = coefficients(family, &base, 96);
        // Of each threshold: how many coefficients it may leave, at least and at most.
        let cases: [(Wavelet<Normal>, usize, usize); 8] = [
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
            let w = draw_neurons(&init, 500, 96);
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
    let init = haar().hard_threshold(Keep::Energy(0.5)).unnormalized();
    let share = energy(&draw_neurons(&init, 500, 96)) / energy(&base);
    assert!((0.5..0.6).contains(&share), "{share}");
}

/// White noise loses almost everything to the universal threshold: of the energy, hard keeps
/// 2(tφ(t) + Q(t)) and soft 2((1 + t²)Q(t) − tφ(t)), for t = √(2 ln n).
#[test]
fn the_universal_threshold_kills_white_noise() {
    let n = 1024.0f64;
    let t = (2.0 * n.ln()).sqrt();
    let phi = (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let base = draw_neurons(&Normal::fan_in(), 4000, 1024);
    // Q(3.7233) = 9.83·10⁻⁵, from a table.
    let q = 9.83e-5;
    for (init, expected) in [
        (haar().hard_threshold(Keep::Universal), 2.0 * (t * phi + q)),
        (
            haar().soft_threshold(Keep::Universal),
            2.0 * ((1.0 + t * t) * q - t * phi),
        ),
    ] {
        let share = energy(&draw_neurons(&init.clone().unnormalized(), 4000, 1024)) / energy(&base);
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

/// A threshold chooses among what the mean's gain leaves: no neuron dies, or is made of rounding errors.
#[test]
fn thresholds_without_the_mean() {
    for inputs in [64, 100] {
        let init = haar().hard_threshold(Keep::Largest(1)).mean_gain(0.0);
        for w in draw_neurons(&init, 2000, inputs).chunks(inputs) {
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

#[test]
fn bands() {
    for (init, kept) in [
        (haar().bands(false, 2..=3), vec![2, 3]),
        (haar().bands(true, 1..=1), vec![0, 1]),
        (haar().bands(true, 1..=6), vec![0, 1, 2, 3, 4, 5, 6]),
    ] {
        let w = draw_neurons(&init, 2000, 64);
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

/// A norm is restored also where so little of it is left that no f32 is the scale.
#[test]
fn the_norm_of_almost_nothing() {
    let init = haar()
        .gains(1e-45, [-0.05])
        .normalization(Normalization::Spectrum)
        .base(Constant::new(1.25));
    let w = draw_neurons(&init, 24, 111);
    for neuron in w.chunks(24) {
        assert!((energy(neuron) / (24.0 * 1.25 * 1.25) - 1.0).abs() < 1e-6);
    }
}

/// By spectrum: in each neuron, every level has its share of the neuron's energy, whatever the
/// base.
#[test]
fn normalised_by_spectrum() {
    let bases = [
        Normal::fan_in().into(),
        AnyInitializer::from(haar().power_law(-1.0).mean_gain(1.0)),
        Orthogonal::new().into(),
    ];
    for base in bases {
        let unshaped = draw_neurons(&base, 64, 64);
        let init = haar()
            .power_law(1.0)
            .mean_gain(1.0)
            .normalization(Normalization::Spectrum)
            .base(base);
        let w = draw_neurons(&init, 64, 64);
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
            let w = draw_neurons(&haar().power_law(gamma), 2000, inputs);
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
    let samples = Uniform::new(0.0, 1.0);
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
    let white = |r: f64| haar().power_law(0.0).mean_gain(r);
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
    let init = of(family).levels(1).gains(2.0, [0.5]).unnormalized();
    let gains = [2.0f32, 0.5];
    // Of each layout: its strides, and the axis or axes that vectors run along.
    let cases: [(WeightLayout, Along, &[usize]); 7] = [
        (WeightLayout::linear([4, 6]), Along::Outputs, &[1]),
        (WeightLayout::linear_col([6, 4]), Along::Outputs, &[0]),
        (conv([6, 8, 3]), Along::Outputs, &[0]),
        (conv([6, 8, 3]), Along::Channels, &[1]),
        (conv_transpose([6, 8, 3]), Along::Channels, &[0]),
        (conv([3, 2, 4, 4]), Along::Kernel, &[2, 3]),
        (WeightLayout::embedding([8, 3]), Along::Vocabulary, &[0]),
    ];
    for (layout, along, axes) in cases {
        let base = draw(&Normal::fan_in(), layout.clone());
        let shaped = draw(&init.clone().along(along), layout.clone());
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
    let rough = haar().power_law(2.0).base(Sparse::exact(4));
    let w = draw_neurons(&rough, 200, 64);
    assert!(w.iter().filter(|w| **w == 0.0).count() < 100 * 64);
    // An orthogonal base keeps E‖W‖², and with equal gains stays orthogonal.
    let w = draw_neurons(&haar().identity().base(Orthogonal::new()), 64, 64);
    for (i, a) in w.chunks(64).enumerate() {
        for (j, b) in w.chunks(64).enumerate() {
            let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            assert!((product - f32::from(u8::from(i == j))).abs() < 1e-5);
        }
    }
}

/// A budget is spread over the bases of all weights together.
#[test]
fn a_budget_as_base() {
    let layers = [
        WeightLayout::linear([100, 64]),
        WeightLayout::linear_col([64, 64]),
        conv([16, 3, 3, 3]),
        WeightLayout::linear([64, 10]),
    ];
    let budget = SparseBudget::erk(0.1);
    let counts = budget.counts(&layers).unwrap();
    let wavelet = haar().identity().base(budget);
    let any = AnyInitializer::from(wavelet.clone());
    for all in [
        wavelet.fit_all(&layers.iter().collect::<Vec<_>>()),
        any.fit_all(&layers.iter().collect::<Vec<_>>()),
    ] {
        let given = all.into_iter().map(|fitted| {
            let w = fitted.unwrap().draw(key()).unwrap();
            // Zeros come back but for rounding.
            w.into_iter().filter(|w| w.abs() > 1e-5).count()
        });
        assert_eq!(given.collect::<Vec<usize>>(), counts);
    }
    // Each alone has the whole share of its own.
    let alone = wavelet.fit_all(&[&layers[0]]).remove(0).unwrap();
    let w = alone.draw(key()).unwrap();
    assert_eq!(w.iter().filter(|w| w.abs() > 1e-5).count(), 640);
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let db4 = || of("db4".parse().unwrap());
    let db2 = || of("db2".parse().unwrap());
    let pinned = || Sparse::exact(2).pinned();
    // Of each: the number of inputs, and what the message says.
    let mut cases: Vec<(AnyInitializer, usize, &[&str])> = vec![
        (haar().levels(8).into(), 100, &["levels is 8", "at most 7"]),
        (
            db4().levels(3).into(),
            100,
            &["levels is 3", "at most 2 for db4"],
        ),
        (
            db4().into(),
            25,
            &[
                "at most 0 for db4",
                "5 with Boundary::Filters",
                "haar exists for every length",
            ],
        ),
        (haar().levels(usize::MAX).into(), 8, &["at most 3"]),
        (
            haar().grid([10, 9]).into(),
            100,
            &["grid is [10, 9]", "100 points"],
        ),
        (haar().grid([usize::MAX, 3]).into(), 100, &["100 points"]),
        (
            haar()
                .base(SparseOrthogonal::butterfly(1).gain(3e38))
                .into(),
            100,
            &["so small that the norm"],
        ),
        (haar().grid([]).into(), 100, &["grid is []", "100 points"]),
        (haar().power_law(NAN).into(), 8, &["power_law is NaN"]),
        (haar().power_law(1e6).into(), 8, &["gains"]),
        (
            haar().gains(0.0, [0.0, 0.0]).into(),
            8,
            &["gains", "not all 0"],
        ),
        (
            haar().gains(1.0, [1.0]).levels(2).into(),
            8,
            &["1 gains of details", "each of the 2 levels"],
        ),
        (haar().gains(1.0, [NAN]).into(), 8, &["gains is NaN"]),
        (
            haar().gains(1.0, [1.0; 9]).into(),
            8,
            &["levels is 9", "at most 3"],
        ),
        (haar().mean_gain(-1.0).into(), 8, &["mean_gain is -1"]),
        (
            haar().base(Normal::new(0.0, -1.0)).into(),
            8,
            &["Normal: std is -1"],
        ),
        (haar().along(Along::Kernel).into(), 8, &["no kernel"]),
        (
            haar().along(Along::Vocabulary).into(),
            8,
            &["no vocabulary"],
        ),
        (
            haar().bands(true, 2..=4).into(),
            8,
            &["details 2 to 4", "levels 1 to 3"],
        ),
        (haar().bands(true, 0..=1).into(), 8, &["details 0 to 1"]),
        (
            haar().hard_threshold(Keep::Largest(0)).into(),
            8,
            &["at least 1"],
        ),
        (
            haar().hard_threshold(Keep::Energy(1.5)).into(),
            8,
            &["from 0 to 1"],
        ),
        (
            haar().soft_threshold(Keep::Above(NAN)).into(),
            8,
            &["Keep::Above is NaN"],
        ),
        // A pinned base, by itself or behind another type.
        (
            haar().base(pinned()).into(),
            8,
            &["base is sparse, 2", "not pinned"],
        ),
        (
            haar().base(AnyInitializer::custom(pinned())).into(),
            8,
            &["base is sparse, 2", "not pinned"],
        ),
        (
            AnyInitializer::custom(haar().base(Box::new(pinned()))),
            8,
            &["base is sparse, 2", "not pinned"],
        ),
        (
            haar().base(SparseBudget::erk(0.5).pinned()).into(),
            8,
            &["base is sparse budget", "not pinned"],
        ),
    ];
    let bior = || of("bior2.2".parse().unwrap());
    cases.extend([
        (
            bior().normalization(Normalization::Spectrum).into(),
            8,
            &["family is bior2.2", "to normalise by spectrum: haar, db2"][..],
        ),
        (bior().levels(3).into(), 12, &["at most 2 for bior2.2"]),
        (
            bior().boundary(Boundary::Filters).into(),
            8,
            &["family is bior2.2", "for boundary filters: haar"],
        ),
        (
            db4().boundary(Boundary::Filters).levels(8).into(),
            100,
            &["at most 7 for db4"],
        ),
        (
            bior().base(Normal::new(0.0, 1e37)).into(),
            8,
            &["stays within f32"],
        ),
    ]);
    let refused = |(init, inputs, parts)| -> Refused { (init, [inputs, 4].into(), parts) };
    assert_refused(cases.into_iter().map(refused));
    assert_refused([(
        db2().along(Along::Kernel).into(),
        conv([2, 1, 3, 3]),
        &["or 2 with Boundary::Filters; haar exists"][..],
    )]);
}

#[test]
fn families() {
    let lengths: Vec<usize> = Family::all().map(|family| family.support_len()).collect();
    assert_eq!(
        (
            lengths[0],
            lengths[19],
            lengths[43],
            *lengths.last().unwrap()
        ),
        (1, 39, 29, 17)
    );
    let db2 = Family::daubechies(2).unwrap();
    assert_eq!(db2.symmetry(), Symmetry::Asymmetric);
    let rbio: Family = "RBIO3.5".parse().unwrap();
    assert_eq!(rbio.symmetry(), Symmetry::Symmetric);
    assert_eq!(rbio.vanishing_moments(), 5);
    assert_eq!(rbio.dual().to_string(), "bior3.5");
    assert_eq!(rbio.dual().dual(), rbio);
    assert_eq!(db2.dual(), db2);
}
