//! A few weights and zeros: which ones, how many, and their variance.

use crate::common::own::{Laplace, Ranks, Relay, Walk};
use crate::common::{
    Refused, assert_refused, column_counts, conv, conv_transpose, count_nonzeros, draw, energy,
    grouped, key, mask, row_counts,
};
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::weight::Along;
use burn_init_values::{
    AnyInitializer, Constant, Initializer, Normal, Orthogonal, Seed, Sparse, SparseBudget,
    SparseOrthogonal, Uniform, VarianceScaling, Wavelet, WaveletSparse, WeightLayout,
};

fn new(pattern: Pattern) -> Sparse {
    Sparse::new(pattern)
}

#[test]
fn exactly_k_per_neuron() {
    for k in [0, 1, 7, 15, 31, 32] {
        let all: [AnyInitializer; 3] = [
            Sparse::exact(k).into(),
            Sparse::exact(k).values(Wavelet::haar()).into(),
            Sparse::exact(k)
                .values(Orthogonal::new())
                .uncorrected()
                .into(),
        ];
        for init in all {
            let contiguous = draw(&init, WeightLayout::linear_col([50, 32]));
            for neuron in contiguous.chunks(32) {
                assert_eq!(count_nonzeros(neuron), k, "{init}");
            }
            let strided = draw(&init, WeightLayout::linear([32, 50]));
            for j in 0..50 {
                let neuron = strided.iter().skip(j).step_by(50);
                assert_eq!(count_nonzeros(neuron), k, "{init}");
            }
            let transposed = draw(&init, conv_transpose([8, 5, 2, 2]));
            for j in 0..5 {
                let inputs = transposed.chunks(5 * 4);
                let neuron = inputs.flat_map(|input| &input[4 * j..4 * j + 4]);
                assert_eq!(count_nonzeros(neuron), k, "{init}");
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
        let w = draw(&Sparse::density(density), WeightLayout::linear_col([20, n]));
        let count = w.iter().filter(|w| **w != 0.0).count();
        assert_eq!(count, 20 * k, "{density} of {n}");
    }
}

#[test]
fn counts_are_exact() {
    for (rows, columns) in [(1, 1), (7, 5), (64, 100), (30, 12)] {
        for share in [0.0, 0.1, 0.5, 0.77, 1.0] {
            let amount = Amount::Density(share);
            let rounded =
                |n: usize| ((share * n as f64).round() as usize).max(usize::from(share > 0.0));
            let by_output = mask(&new(Pattern::PerOutput(amount)), rows, columns);
            assert!(
                row_counts(&by_output, columns)
                    .iter()
                    .all(|k| *k == rounded(columns))
            );
            let by_input = mask(&new(Pattern::PerInput(amount)), rows, columns);
            assert!(
                column_counts(&by_input, columns)
                    .iter()
                    .all(|k| *k == rounded(rows))
            );
            let balanced = mask(&new(Pattern::Balanced(amount)), rows, columns);
            assert!(
                row_counts(&balanced, columns)
                    .iter()
                    .all(|k| *k == rounded(columns))
            );
            let of_inputs = column_counts(&balanced, columns);
            let (least, most) = (
                of_inputs.iter().min().unwrap(),
                of_inputs.iter().max().unwrap(),
            );
            assert!(most - least <= 1, "{of_inputs:?}");

            // PyTorch and MLX round the zeros up.
            let zeros = |n: usize| (share * n as f64).ceil() as usize;
            let torch = mask(&Sparse::torch(share, 0.01), rows, columns);
            assert!(
                column_counts(&torch, columns)
                    .iter()
                    .all(|k| *k == rows - zeros(rows))
            );
            let mlx = mask(&Sparse::mlx(share, 0.0, 0.01), rows, columns);
            assert!(
                row_counts(&mlx, columns)
                    .iter()
                    .all(|k| *k == columns - zeros(columns))
            );

            for pattern in [Pattern::PerOutput, Pattern::Balanced] {
                let total = (share * (rows * columns) as f64) as usize;
                let spread = mask(&new(pattern(Amount::Total(total))), rows, columns);
                let counts = row_counts(&spread, columns);
                assert_eq!(counts.iter().sum::<usize>(), total);
                assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
            }
        }
    }
}

/// Of every m consecutive weights along a direction, n: by default of the input channels, at each
/// place of a kernel.
#[test]
fn n_of_m() {
    let along = |along| Pattern::NOfM { n: 2, m: 4, along };
    let of_channels = Pattern::n_of_m(2, 4);
    assert_eq!(of_channels, along(Along::Channels));
    let convolution = conv([8, 16, 3, 3]);
    let transposed = grouped(conv_transpose([16, 8, 3, 3]), 2);
    let embedding = WeightLayout::embedding([12, 8]);
    let cases: [(&Pattern, WeightLayout, Along); 15] = [
        (&of_channels, convolution.clone(), Along::Channels),
        (&of_channels, transposed.clone(), Along::Channels),
        (
            &of_channels,
            grouped(convolution.clone(), 4),
            Along::Channels,
        ),
        (&of_channels, WeightLayout::linear([32, 10]), Along::Inputs),
        (
            &of_channels,
            WeightLayout::linear_col([10, 32]),
            Along::Inputs,
        ),
        // Without input channels, along the vectors of the embedding.
        (&of_channels, embedding.clone(), Along::Inputs),
        (&along(Along::Inputs), convolution.clone(), Along::Inputs),
        (&along(Along::Inputs), transposed.clone(), Along::Inputs),
        (
            &along(Along::Inputs),
            WeightLayout::linear([32, 10]),
            Along::Inputs,
        ),
        (&along(Along::Outputs), convolution, Along::Outputs),
        (&along(Along::Outputs), transposed, Along::Outputs),
        (
            &along(Along::Outputs),
            WeightLayout::linear([10, 32]),
            Along::Outputs,
        ),
        (&along(Along::Kernel), conv([8, 16, 4, 2]), Along::Kernel),
        (
            &along(Along::Kernel),
            conv_transpose([16, 8, 8]),
            Along::Kernel,
        ),
        (&along(Along::Vocabulary), embedding, Along::Vocabulary),
    ];
    for (pattern, layout, direction) in cases {
        let w = draw(&new(pattern.clone()), layout.clone());
        let vectors = layout.vectors(direction).unwrap();
        for j in 0..vectors.count() {
            let vector: Vec<f32> = (0..vectors.len()).map(|i| w[vectors.index(j, i)]).collect();
            for group in vector.chunks(4) {
                assert_eq!(count_nonzeros(group), 2, "{pattern} of {layout:?}");
            }
        }
    }
    // The same by the index in the saved layout: output, input channel, place.
    let w = draw(&new(of_channels), conv([8, 16, 3, 3]));
    for (output, group, place) in
        (0..8).flat_map(|o| (0..4).flat_map(move |g| (0..9).map(move |p| (o, g, p))))
    {
        let at = |channel: usize| w[(output * 16 + 4 * group + channel) * 9 + place];
        assert_eq!((0..4).filter(|channel| at(*channel) != 0.0).count(), 2);
    }
    let two_of_four = mask(&new(Pattern::n_of_m(2, 4)), 10, 32);
    assert!(
        two_of_four
            .chunks(4)
            .all(|group| group.iter().filter(|kept| **kept).count() == 2)
    );
    let none = mask(&new(Pattern::n_of_m(0, 4)), 10, 32);
    assert!(none.iter().all(|kept| !kept));
}

#[test]
fn blocks() {
    let (rows, columns) = (4, 8);
    let blocks = new(Pattern::Blocks {
        rows,
        columns,
        amount: Amount::Exact(16),
    });
    let kept = mask(&blocks, 16, 32);
    assert!(row_counts(&kept, 32).iter().all(|k| *k == 16));
    for (j, row) in kept.chunks(32).enumerate() {
        assert_eq!(
            row,
            &kept[j / rows * rows * 32..][..32],
            "rows of a block are alike"
        );
        for block in row.chunks(columns) {
            assert!(
                block.iter().all(|k| *k == block[0]),
                "columns of a block are alike"
            );
        }
    }
}

#[test]
fn patches_of_a_grid() {
    let init = new(Pattern::Local {
        grid: vec![10, 10],
        patch: vec![3, 4],
    });
    let kept = mask(&init, 56, 100);
    assert!(row_counts(&kept, 100).iter().all(|k| *k == 12));
    let mut corners = Vec::new();
    for row in kept.chunks(100) {
        let first = row.iter().position(|kept| *kept).unwrap();
        let (y, x) = (first / 10, first % 10);
        let inside = |i: usize| (y..y + 3).contains(&(i / 10)) && (x..x + 4).contains(&(i % 10));
        assert!((0..100).all(|i| row[i] == inside(i)));
        corners.push(first);
    }
    // 8 · 7 places and 56 neurons: one each.
    corners.dedup();
    assert_eq!(corners.len(), 56);
    assert!(column_counts(&kept, 100).iter().all(|k| *k > 0));
    let banded = mask(
        &new(Pattern::Local {
            grid: vec![9],
            patch: vec![3],
        }),
        7,
        9,
    );
    assert_eq!(
        banded
            .chunks(9)
            .map(|row| row.iter().position(|k| *k).unwrap())
            .collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 6]
    );
}

/// However many neurons, their patches cover the grid as far as they can.
#[test]
fn patches_cover_the_grid() {
    for (grid, patch) in [
        (vec![10, 10], vec![3, 3]),
        (vec![28, 28], vec![5, 5]),
        (vec![64], vec![8]),
    ] {
        let points: usize = grid.iter().product();
        for neurons in [1, 8, 16, 17, 32, 100] {
            let init = new(Pattern::Local {
                grid: grid.clone(),
                patch: patch.clone(),
            });
            let kept = mask(&init, neurons, points);
            let read = column_counts(&kept, points)
                .iter()
                .filter(|count| **count > 0)
                .count();
            let most = (neurons * patch.iter().product::<usize>()).min(points);
            // At least two thirds of what could be read.
            assert!(
                3 * read >= 2 * most,
                "{grid:?} {patch:?}, {neurons} neurons: {read} of {most}"
            );
        }
    }
}

/// Each weight by itself: the total is binomial, within 5 standard deviations; 0 and 1 are exact.
#[test]
fn bernoulli() {
    let count = |p| {
        mask(&new(Pattern::Bernoulli(p)), 300, 500)
            .iter()
            .filter(|k| **k)
            .count()
    };
    assert_eq!((count(0.0), count(1.0)), (0, 150_000));
    for p in [0.01, 0.3, 0.9] {
        let bound = 5.0 * (150_000.0f64 * p * (1.0 - p)).sqrt();
        assert!((count(p) as f64 - 150_000.0 * p).abs() < bound);
    }
}

/// Each input is read by about k/n of the neurons: χ² with 99 degrees of freedom below 200
/// (false-alarm rate 10⁻⁸).
#[test]
fn places_are_spread_evenly() {
    let w = draw(&Sparse::exact(10), WeightLayout::linear([100, 10_000]));
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

/// Every set of columns is equally likely for the first neuron (χ² with 9 degrees of freedom exceeds 47.7 with probability 3·10⁻⁷), also
/// where columns are balanced.
#[test]
fn places_are_random() {
    let layout = WeightLayout::linear_col([3, 5]);
    for init in [
        new(Pattern::PerOutput(Amount::Exact(2))),
        new(Pattern::Balanced(Amount::Exact(2))),
        new(Pattern::PerOutput(Amount::Total(6))),
    ] {
        for neuron in 0..3 {
            let mut counts = std::collections::BTreeMap::new();
            for seed in 0..10_000 {
                let w = init.draw(&layout, Seed::new(seed).key("w")).unwrap();
                let row: Vec<bool> = w[5 * neuron..][..5].iter().map(|w| *w != 0.0).collect();
                *counts.entry(row).or_insert(0) += 1;
            }
            assert_eq!(counts.len(), 10, "{init}");
            let term = |count: &i32| (f64::from(*count) - 1000.0).powi(2) / 1000.0;
            let chi_square: f64 = counts.values().map(term).sum();
            assert!(chi_square < 47.7, "{init}, neuron {neuron}: {chi_square}");
        }
    }
}

/// Groups of a convolution and layouts with strides have the same patterns.
#[test]
fn every_layout() {
    let balanced = new(Pattern::Balanced(Amount::Exact(3)));
    let kept = |layout: &WeightLayout| {
        let w = draw(&balanced, layout.clone());
        w.into_iter().map(|w| w != 0.0).collect::<Vec<bool>>()
    };
    let row = kept(&WeightLayout::linear([12, 8]));
    let col = kept(&WeightLayout::linear_col([8, 12]));
    assert!((0..96).all(|i| col[i] == row[i % 12 * 8 + i / 12]));
    let of_groups = kept(&grouped(conv([8, 2, 6]), 2));
    for group in of_groups.chunks(4 * 12) {
        assert!(row_counts(group, 12).iter().all(|k| *k == 3));
        assert!(column_counts(group, 12).iter().all(|k| *k == 1));
    }
}

/// N(0, 2/k) on the kept weights: the variance over m values within 5 standard errors √(2/m).
#[test]
fn variance_follows_the_neurons_own_fan_in() {
    let variance_of_kept = |init: &AnyInitializer, layout: &WeightLayout| {
        let w = draw(init, layout.clone());
        let kept: Vec<f64> = w.into_iter().filter(|w| *w != 0.0).map(f64::from).collect();
        let m = kept.len() as f64;
        (
            kept.iter().map(|w| w * w).sum::<f64>() / m,
            5.0 * (2.0 / m).sqrt(),
        )
    };
    let layout = WeightLayout::linear([100, 5000]);
    let cases: [(AnyInitializer, f64); 6] = [
        (Sparse::exact(8).into(), 2.0 / 8.0),
        (Sparse::density(0.5).into(), 2.0 / 50.0),
        (Sparse::exact(8).uncorrected().into(), 2.0 / 100.0),
        (Sparse::exact(8).values(Normal::fan_in()).into(), 1.0 / 8.0),
        (Sparse::exact(8).values(Normal::new(0.0, 0.5)).into(), 0.25),
        (
            Sparse::exact(8)
                .values(VarianceScaling::glorot_normal())
                .into(),
            2.0 / (0.08 * 5100.0),
        ),
    ];
    for (init, expected) in cases {
        let (variance, bound) = variance_of_kept(&init, &layout);
        assert!(
            (variance / expected - 1.0).abs() < bound,
            "{init}: {variance}"
        );
    }
}

/// Where neurons keep different numbers of weights, each has the variance of its own: of N(0, 2/k), w²·k/2 has mean 1, within 5 standard errors.
#[test]
fn variance_follows_each_neuron() {
    for pattern in [
        Pattern::Bernoulli(0.1),
        Pattern::PerInput(Amount::Density(0.1)),
        Pattern::PerOutput(Amount::Total(12_345)),
    ] {
        let layout = WeightLayout::linear_col([2000, 100]);
        let init = new(pattern);
        let w = draw(&init, layout);
        let mut by_count = std::collections::BTreeMap::new();
        for row in w.chunks(100) {
            let k = row.iter().filter(|w| **w != 0.0).count();
            let sum: f64 = row
                .iter()
                .map(|w| f64::from(*w).powi(2) * k as f64 / 2.0)
                .sum();
            let (n, total) = by_count.entry(k).or_insert((0usize, 0.0));
            (*n, *total) = (*n + k, *total + sum);
        }
        for (k, (n, total)) in by_count.into_iter().filter(|(_, (n, _))| *n > 100) {
            let mean = total / n as f64;
            assert!(
                (mean - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(),
                "{init}, k = {k}: {mean}"
            );
        }
    }
}

/// The forward variance through 20 relu layers, at density 0.1: with the correction within 5 % per
/// layer; without it, it falls as dᴸ, within 5 % per layer.
#[test]
fn signals_survive() {
    const WIDTH: usize = 512;
    const DEPTH: usize = 20;
    let samples = Normal::new(0.0, 1.0);
    let samples = samples
        .draw(&[256, WIDTH].into(), Seed::new(1).key("x"))
        .unwrap();
    let mean_square = |x: &[f32]| energy(x) / x.len() as f64;
    let change_per_layer = |init: &Sparse| {
        let mut x = samples.clone();
        for layer in 0..DEPTH {
            let path = format!("layers.{layer}.weight");
            let w = init.draw(&[WIDTH, WIDTH].into(), Seed::new(2).key(&path));
            let w = w.unwrap();
            // After a relu, half of the mean square is left: He's 2/fan_in makes up for it.
            x = x.chunks(WIDTH).flat_map(|x| relu_times(x, &w)).collect();
        }
        (mean_square(&x) / mean_square(&samples)).powf(1.0 / DEPTH as f64)
    };
    for init in [
        Sparse::density(0.1),
        new(Pattern::Bernoulli(0.1)),
        new(Pattern::Balanced(Amount::Density(0.1))),
    ] {
        let change = change_per_layer(&init);
        assert!((change - 1.0).abs() < 0.05, "{init}: {change}");
        let change = change_per_layer(&init.uncorrected());
        // 51 of 512 are kept.
        assert!((change / (51.0 / 512.0) - 1.0).abs() < 0.05, "{change}");
    }
}

/// relu(x)ᵀ·W for a W of `[inputs, outputs]`, square.
fn relu_times(x: &[f32], w: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    for (x, row) in x.iter().zip(w.chunks(x.len())) {
        if *x > 0.0 {
            y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
        }
    }
    y
}

/// The mask of kept weights and the values don't share draws: weights of a wavelet combination survive a mask as by chance.
#[test]
fn values_are_independent_of_the_mask() {
    let values = WaveletSparse::haar(5).levels(0);
    let layout = WeightLayout::linear_col([2000, 100]);
    let w = Sparse::exact(5)
        .values(values)
        .draw(&layout, Seed::new(1).key("w"))
        .unwrap();
    let kept = w.iter().filter(|w| **w != 0.0).count() as f64 / 2000.0;
    // 5 · 5/100 = 0.25 on average, with a variance of about 0.23 a neuron.
    assert!(
        (kept - 0.25).abs() < 5.0 * (0.23f64 / 2000.0).sqrt(),
        "{kept}"
    );
}

/// What is kept are the values of the other initializer at these places: of any kind, a user's own
/// among them, and along any direction.
#[test]
fn values_of_any_kind() {
    let values: [AnyInitializer; 7] = [
        Normal::new(0.0, 0.1).into(),
        Constant::new(0.5).into(),
        Orthogonal::new().into(),
        Wavelet::haar().base(Normal::new(1.0, 0.1)).into(),
        AnyInitializer::custom(Laplace { scale: 0.1 }),
        AnyInitializer::custom(Walk {
            along: Along::Outputs,
        }),
        AnyInitializer::custom(Ranks),
    ];
    let patterns = [
        Pattern::PerOutput(Amount::Exact(4)),
        Pattern::PerInput(Amount::Exact(3)),
        Pattern::Balanced(Amount::Exact(4)),
        Pattern::Bernoulli(0.3),
        Pattern::n_of_m(2, 4),
    ];
    for layout in [
        WeightLayout::linear([16, 20]),
        WeightLayout::linear_col([20, 16]),
        conv([20, 4, 2, 2]),
        grouped(conv_transpose([8, 10, 2, 2]), 2),
    ] {
        for values in &values {
            let expected = draw(values, layout.clone());
            for pattern in &patterns {
                let init = new(pattern.clone()).values(values.clone());
                let fitted = init.fit(&layout).unwrap();
                let (w, mask) = fitted.draw_with_mask(key()).unwrap();
                let mask = mask.unwrap();
                let kept = mask.iter().filter(|kept| **kept).count();
                assert!((40..200).contains(&kept), "{init} {layout:?}: {kept}");
                for ((w, e), kept) in w.iter().zip(&expected).zip(mask) {
                    let e = if kept { *e } else { 0.0 };
                    assert_eq!(w.to_bits(), e.to_bits(), "{init} {layout:?}");
                }
            }
        }
    }
}

/// A mask says which elements are weights, also where their value is 0; and whether the zeros last.
#[test]
fn masks() {
    for (k, pinned) in [(8, true), (8, false), (0, true)] {
        let init = Sparse::exact(k).values(Constant::zeros());
        let init = if pinned { init.pinned() } else { init };
        let fitted = init.fit(&[100, 64].into()).unwrap();
        assert!(fitted.is_sparse());
        assert_eq!(fitted.is_lasting(), pinned);
        let (w, mask) = fitted.draw_with_mask(key()).unwrap();
        assert_eq!(count_nonzeros(&w), 0);
        let kept = mask.unwrap().into_iter().filter(|kept| *kept).count();
        assert_eq!(kept, 64 * k);
    }
    let given: Vec<bool> = (0..6400).map(|i| i % 7 == 0).collect();
    let fitted = new(Pattern::given(given.clone())).fit(&[100, 64].into());
    let (_, mask) = fitted.unwrap().draw_with_mask(key()).unwrap();
    assert_eq!(mask, Some(given));
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let of = |pattern| AnyInitializer::from(new(pattern));
    let by_output = |amount| of(Pattern::PerOutput(amount));
    let by_input = |amount| of(Pattern::PerInput(amount));
    let n_of_m = |n, m, along| of(Pattern::NOfM { n, m, along });
    let blocks = |rows, columns, amount| {
        of(Pattern::Blocks {
            rows,
            columns,
            amount,
        })
    };
    let local = |grid: &[usize], patch: &[usize]| {
        of(Pattern::Local {
            grid: grid.to_vec(),
            patch: patch.to_vec(),
        })
    };
    let exact = Amount::Exact;
    let (inputs, outputs) = (Along::Inputs, Along::Outputs);
    let cases: Vec<(AnyInitializer, &[&str])> = vec![
        (Sparse::exact(13).into(), &["Sparse: k is 13", "at most 12"]),
        (
            Sparse::density(1.5).into(),
            &["Sparse: density is 1.5", "from 0 to 1"],
        ),
        (Sparse::density(NAN).into(), &["Sparse: density is NaN"]),
        (by_input(exact(9)), &["k is 9", "at most 8"]),
        (
            by_output(Amount::Sparsity(-0.1)),
            &["sparsity is -0.1", "from 0 to 1"],
        ),
        (by_output(Amount::Total(97)), &["total is 97", "at most 96"]),
        (
            by_input(Amount::Total(9)),
            &["total is 9", "can't be spread"],
        ),
        (of(Pattern::Bernoulli(NAN)), &["probability is NaN"]),
        (n_of_m(3, 2, inputs), &["3 of 2", "at most m"]),
        (of(Pattern::n_of_m(3, 2)), &["3 of 2", "at most m"]),
        (n_of_m(0, 0, inputs), &["0 of 0"]),
        (
            n_of_m(2, 5, inputs),
            &["m is 5", "a divisor of the 12 inputs, such as 4"],
        ),
        (
            n_of_m(2, 5, outputs),
            &["m is 5", "a divisor of the 8 outputs, such as 4"],
        ),
        (
            of(Pattern::n_of_m(2, 5)),
            &["m is 5", "a divisor of the 12 input channels, such as 4"],
        ),
        (n_of_m(2, 4, Along::Kernel), &["no kernel"]),
        (n_of_m(2, 4, Along::Vocabulary), &["no vocabulary"]),
        (
            blocks(3, 4, exact(4)),
            &["rows is 3", "the 8 neurons, such as 2"],
        ),
        (blocks(4, 16, exact(4)), &["columns is 16", "such as 12"]),
        (blocks(4, 4, exact(6)), &["k is 6", "a multiple of 4"]),
        (blocks(0, 4, exact(4)), &["rows is 0", "such as 1"]),
        (local(&[3, 5], &[1, 1]), &["grid is [3, 5]", "12 points"]),
        (
            local(&[3, 4], &[4, 1]),
            &["patch is [4, 1]", "from 1 to [3, 4]"],
        ),
        (local(&[3, 4], &[2]), &["patch is [2]"]),
        (local(&[3, 4], &[0, 1]), &["patch is [0, 1]"]),
        (of(Pattern::given([true; 5])), &["mask is 5", "96 booleans"]),
    ];
    let refused = |(init, parts)| -> Refused { (init, WeightLayout::linear_col([8, 12]), parts) };
    assert_refused(cases.into_iter().map(refused));

    // Values that don't fit, or that are sparse themselves.
    let two = || Sparse::exact(2);
    let cases: Vec<(AnyInitializer, &[&str])> = vec![
        (Sparse::exact(9).into(), &["Sparse: k is 9", "at most 8"]),
        (two().values(Uniform::new(1.0, 0.0)).into(), &["Uniform"]),
        (
            two().values(Sparse::exact(3)).into(),
            &["Sparse: values is sparse, 3", "isn't sparse itself"],
        ),
        (
            two().values(Wavelet::haar().base(Sparse::exact(3))).into(),
            &["isn't sparse itself"],
        ),
        (
            two()
                .values(AnyInitializer::custom(Sparse::exact(3)))
                .into(),
            &["Sparse: values is sparse, 3", "isn't sparse itself"],
        ),
        (
            two().values(SparseBudget::erk(0.5)).into(),
            &["isn't sparse itself"],
        ),
        (
            two().values(SparseOrthogonal::butterfly(1)).into(),
            &["isn't sparse itself"],
        ),
        (
            two()
                .values(AnyInitializer::custom(Relay { lasting: false }))
                .into(),
            &["isn't sparse itself"],
        ),
    ];
    let refused = |(init, parts)| -> Refused { (init, [8, 4].into(), parts) };
    assert_refused(cases.into_iter().map(refused));
}
