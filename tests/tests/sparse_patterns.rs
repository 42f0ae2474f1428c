//! Patterns, budgets, orthogonal sparse matrices and connectivity.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};
use burn_init::{
    Amount, AnyInitializer, Applied, Connectivity, Constant, Initializer, Normal, Pattern, Plan,
    Seed, Select, Sparse, SparseBudget, SparseOrthogonal, VarianceScaling, WeightLayout,
};
use burn_init_tests::models::Mlp;
use burn_init_tests::values;

/// One row per neuron: which weights aren't 0.
fn mask(init: &impl Initializer, rows: usize, columns: usize) -> Vec<bool> {
    let layout = WeightLayout::linear_col([rows, columns]);
    let w = init.draw(&layout, Seed::new(90).key("w")).unwrap();
    w.into_iter().map(|w| w != 0.0).collect()
}

fn row_counts(mask: &[bool], columns: usize) -> Vec<usize> {
    mask.chunks(columns)
        .map(|row| row.iter().filter(|kept| **kept).count())
        .collect()
}

fn column_counts(mask: &[bool], columns: usize) -> Vec<usize> {
    (0..columns)
        .map(|i| {
            mask.iter()
                .skip(i)
                .step_by(columns)
                .filter(|kept| **kept)
                .count()
        })
        .collect()
}

fn new(pattern: Pattern) -> Sparse {
    Sparse::new(pattern)
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

#[test]
fn n_of_m_and_blocks() {
    let two_of_four = mask(&new(Pattern::NOfM { n: 2, m: 4 }), 10, 32);
    assert!(
        two_of_four
            .chunks(4)
            .all(|group| group.iter().filter(|kept| **kept).count() == 2)
    );
    let none = mask(&new(Pattern::NOfM { n: 0, m: 4 }), 10, 32);
    assert!(none.iter().all(|kept| !kept));

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
    let draw = |layout: &WeightLayout| {
        let w = balanced.draw(layout, Seed::new(1).key("w")).unwrap();
        w.into_iter().map(|w| w != 0.0).collect::<Vec<bool>>()
    };
    let row = draw(&WeightLayout::linear([12, 8]));
    let col = draw(&WeightLayout::linear_col([8, 12]));
    assert!((0..96).all(|i| col[i] == row[i % 12 * 8 + i / 12]));
    let grouped = draw(&WeightLayout::conv([8, 2, 6]).groups(2));
    for group in grouped.chunks(4 * 12) {
        assert!(row_counts(group, 12).iter().all(|k| *k == 3));
        assert!(column_counts(group, 12).iter().all(|k| *k == 1));
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
        let w = init.draw(&layout, Seed::new(5).key("w")).unwrap();
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

/// The forward variance through 20 relu layers, at density 0.1: with the correction within 5 % per layer; without it, it falls as dᴸ, within 5 %
/// per layer.
#[test]
fn signals_survive() {
    const WIDTH: usize = 512;
    const DEPTH: usize = 20;
    let device = Device::flex();
    let change_per_layer = |init: &Sparse| {
        let x = Normal::new(0.0, 1.0)
            .draw(&[256, WIDTH].into(), Seed::new(1).key("x"))
            .unwrap();
        let mut x = Tensor::<2>::from_data(TensorData::new(x, [256, WIDTH]), &device);
        let variance = |x: &Tensor<2>| f64::from(values(x.clone().square().mean())[0]);
        let before = variance(&x);
        for layer in 0..DEPTH {
            let path = format!("layers.{layer}.weight");
            let w = init
                .init::<2>([WIDTH, WIDTH], Seed::new(2).key(&path), &device)
                .unwrap();
            // After a relu, half of the mean square is left: He's 2/fan_in makes up for it.
            x = burn::tensor::activation::relu(x).matmul(w.val());
        }
        (variance(&x) / before).powf(1.0 / DEPTH as f64)
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

/// Erdős–Rényi: densities of Mocanu et al. (2018) and Evci et al. (2020), known to 6 digits.
#[test]
fn budgets() {
    let deep = |density: f64| {
        let mut layers = vec![WeightLayout::linear([784, 100])];
        layers.extend(vec![WeightLayout::linear([100, 100]); 5]);
        layers.push(WeightLayout::linear([100, 10]));
        (layers, density)
    };
    let digits = |density: f64| {
        (
            vec![
                WeightLayout::linear([100, 64]),
                WeightLayout::linear([64, 10]),
            ],
            density,
        )
    };
    type Model = (Vec<WeightLayout>, f64);
    let cases: [(Model, &[f64]); 3] = [
        (
            deep(0.1),
            &[
                0.073_172, 0.129_789, 0.129_789, 0.129_789, 0.129_789, 0.129_789, 0.713_842,
            ],
        ),
        (digits(0.1), &[0.075_798, 0.342_017]),
        (digits(0.05), &[0.037_899, 0.171_008]),
    ];
    for ((layers, density), expected) in cases {
        let sizes: Vec<usize> = layers
            .iter()
            .map(|layout| layout.elements().unwrap())
            .collect();
        let total: usize = sizes.iter().sum();
        for budget in [
            SparseBudget::erdos_renyi(density),
            SparseBudget::erk(density),
        ] {
            let counts = budget.counts(&layers).unwrap();
            assert_eq!(
                counts.iter().sum::<usize>(),
                (density * total as f64).round() as usize
            );
            for ((count, size), expected) in counts.iter().zip(&sizes).zip(expected) {
                // A whole number of weights is within one of the density's.
                assert!(
                    (*count as f64 - expected * *size as f64).abs() <= 1.0,
                    "{counts:?}"
                );
            }
        }
        let counts = SparseBudget::uniform(density).counts(&layers).unwrap();
        assert_eq!(
            counts.iter().sum::<usize>(),
            (density * total as f64).round() as usize
        );
        for (count, size) in counts.iter().zip(&sizes) {
            assert!((*count as f64 - density * *size as f64).abs() <= 1.0);
        }
    }
    // A kernel's places count for ERK: (3 + 64 + 3 + 3)/(3·64·9) against (64 + 64 + 6)/(64·64·9), but the first can't have more than all of its weights.
    let convs = [
        WeightLayout::conv([64, 3, 3, 3]),
        WeightLayout::conv([64, 64, 3, 3]),
    ];
    let (first, second): (f64, f64) = (73.0 / 1728.0, 134.0 / 36864.0);
    let counts = SparseBudget::erk(0.05).counts(&convs).unwrap();
    let scale = (0.05f64 * 38592.0).round() / (first * 1728.0 + second * 36864.0);
    assert!(
        (counts[0] as f64 - scale * 73.0).abs() <= 1.0
            && (counts[1] as f64 - scale * 134.0).abs() <= 1.0
    );
    let full = SparseBudget::erk(0.5).counts(&convs).unwrap();
    assert_eq!(full, [1728, 19296 - 1728]);
    assert_eq!(
        SparseBudget::erk(1.0).counts(&convs).unwrap(),
        [1728, 36864]
    );
    assert_eq!(SparseBudget::erk(0.0).counts(&convs).unwrap(), [0, 0]);
}

#[test]
fn a_plan_spreads_a_budget() {
    let device = Device::flex();
    let plan = |budget: SparseBudget| {
        Plan::new(3)
            .rule(Select::weights(), budget)
            .rule(Select::biases(), Constant::zeros())
    };
    let Applied { model, report } = plan(SparseBudget::erk(0.1).pinned())
        .apply(Mlp::new(&device))
        .unwrap();
    let count = |param: Tensor<2>| values(param).iter().filter(|w| **w != 0.0).count();
    assert_eq!(
        (count(model.fc1.weight.val()), count(model.fc2.weight.val())),
        (485, 219)
    );
    let text = report.to_string();
    assert!(
        text.contains("density 0.075781, 485 of 6400 weights"),
        "{text}"
    );
    assert!(
        text.ends_with("all sparse parameters: 704 of 7040 weights, density 0.100000"),
        "{text}"
    );

    // A layer that stays dense isn't counted.
    let Applied { report, .. } = Plan::new(3)
        .rule(Select::path("fc2.weight"), VarianceScaling::he_normal())
        .rule(Select::weights(), SparseBudget::uniform(0.1))
        .rule(Select::biases(), Constant::zeros())
        .apply(Mlp::new(&device))
        .unwrap();
    assert_eq!(
        report.connectivity().map(|c| c.kept).collect::<Vec<_>>(),
        [640]
    );

    // In a file, too.
    let text = toml::to_string(&plan(SparseBudget::erk(0.1).pinned())).unwrap();
    let same: Plan = toml::from_str(&text).unwrap();
    let again = same.apply(Mlp::new(&device)).unwrap().model;
    assert_eq!(
        values(again.fc1.weight.val()),
        values(model.fc1.weight.val())
    );

    // Fewer weights than neurons can't connect all.
    let error = plan(SparseBudget::erk(0.005).require_connected())
        .apply(Mlp::new(&device))
        .unwrap_err();
    assert!(
        error.to_string().contains("neurons without an input"),
        "{error}"
    );
    let error = plan(SparseBudget::erk(1.5))
        .apply(Mlp::new(&device))
        .unwrap_err();
    assert!(error.to_string().contains("density is 1.5"), "{error}");
}

/// With a convolution beside a linear layer, the total is exact.
#[test]
fn budgets_over_kinds_of_layers() {
    #[derive(Module, Debug)]
    struct Net {
        conv: Conv2d,
        head: Linear,
    }
    let device = Device::flex();
    let net = Net {
        conv: Conv2dConfig::new([3, 16], [3, 3]).init(&device),
        head: LinearConfig::new(64, 10).init(&device),
    };
    let Applied { report, .. } = Plan::new(3)
        .rule(Select::weights(), SparseBudget::erk(0.33))
        .rule(Select::biases(), Constant::zeros())
        .apply(net)
        .unwrap();
    let total: usize = report.connectivity().map(|c| c.kept).sum();
    assert_eq!(total, (0.33f64 * 1072.0).round() as usize);
}

#[test]
fn connectivity() {
    let layout = WeightLayout::linear_col([40, 60]);
    let of = |init: &Sparse| {
        let w = init.draw(&layout, Seed::new(2).key("w")).unwrap();
        let mask: Vec<bool> = w.iter().map(|w| *w != 0.0).collect();
        Connectivity::of(&layout, &mask).unwrap()
    };
    let sparse = new(Pattern::Bernoulli(0.03));
    let before = of(&sparse);
    assert!(
        before.dead_outputs > 0 && before.unread_inputs > 0,
        "{before}"
    );
    let after = of(&sparse.clone().reconnect());
    assert!(
        after.is_complete() && after.kept == before.kept,
        "{before} {after}"
    );
    let error = sparse
        .require_connected()
        .draw(&layout, Seed::new(2).key("w"))
        .unwrap_err();
    assert!(
        error.to_string().contains("inputs that nothing reads"),
        "{error}"
    );
    // One weight per neuron can't read more inputs than neurons: the rest stays unread, and is an error.
    let error = Sparse::exact(1)
        .reconnect()
        .draw(&layout, Seed::new(2).key("w"))
        .unwrap_err();
    assert!(
        error.to_string().contains("20 inputs that nothing reads"),
        "{error}"
    );
    // k per neuron stays k per neuron.
    let repaired = Sparse::exact(2).reconnect();
    assert!(of(&repaired).is_complete());
    assert!(
        row_counts(&mask(&repaired, 40, 60), 60)
            .iter()
            .all(|k| *k == 2)
    );
    let cut = Connectivity::of(&layout, &[false; 2400]).unwrap();
    assert!(cut.is_cut() && cut.dead_outputs == 40 && cut.density() == 0.0);
    assert!(Connectivity::of(&layout, &[true; 7]).is_err());
}

/// The largest element of |WWᵀ − gain²|, or of |WᵀW − gain²|.
fn distance_from_orthogonal(w: Vec<f32>, rows: usize, columns: usize, gain: f32) -> f32 {
    let w = Tensor::<2>::from_data(TensorData::new(w, [rows, columns]), &Device::flex());
    let gram = if rows <= columns {
        w.clone().matmul(w.transpose())
    } else {
        w.clone().transpose().matmul(w)
    };
    let n = rows.min(columns);
    let difference = gram - Tensor::eye(n, &Device::flex()).mul_scalar(gain * gain);
    values(difference.abs().max())[0]
}

#[test]
fn sparse_orthogonal() {
    for (init, rows, columns, gain) in [
        (SparseOrthogonal::rotations(0.14), 100, 100, 1.0),
        (SparseOrthogonal::rotations(0.5).gain(2.0), 100, 100, 2.0),
        (SparseOrthogonal::rotations(0.1), 64, 100, 1.0),
        (SparseOrthogonal::rotations(0.1), 100, 64, 1.0),
        (SparseOrthogonal::rotations(1.0), 1, 1, 1.0),
        (SparseOrthogonal::butterfly(0), 16, 16, 1.0),
        (SparseOrthogonal::butterfly(3), 96, 96, 1.0),
        (SparseOrthogonal::butterfly(5), 40, 64, 1.0),
    ] {
        let layout = WeightLayout::linear_col([rows, columns]);
        let w = init.draw(&layout, Seed::new(3).key("w")).unwrap();
        let distance = distance_from_orthogonal(w, rows, columns, gain);
        assert!(distance <= 1e-5, "{init} {rows}×{columns}: {distance}");
    }
    // The density is reached, and overshot by the last rotation only: at most n entries more.
    let dense = mask(&SparseOrthogonal::rotations(0.3), 100, 100)
        .iter()
        .filter(|k| **k)
        .count();
    assert!((3000..3100).contains(&dense), "{dense}");
    for stages in 0..=5 {
        let kept = mask(&SparseOrthogonal::butterfly(stages), 96, 96);
        let k = 1 << stages;
        assert!(row_counts(&kept, 96).iter().all(|count| *count == k));
        assert!(column_counts(&kept, 96).iter().all(|count| *count == k));
    }
    // Over the channels of a convolution, each group by itself, and as a delta kernel.
    let grouped = WeightLayout::conv([16, 2, 4]).groups(2);
    let w = SparseOrthogonal::butterfly(1)
        .draw(&grouped, Seed::new(3).key("w"))
        .unwrap();
    for group in w.chunks(8 * 8) {
        assert!(distance_from_orthogonal(group.to_vec(), 8, 8, 1.0) <= 1e-5);
    }
    let delta = SparseOrthogonal::butterfly(2).delta();
    let w = delta
        .draw(&WeightLayout::conv([8, 8, 3, 3]), Seed::new(3).key("w"))
        .unwrap();
    assert!(w.iter().enumerate().all(|(i, w)| *w == 0.0 || i % 9 == 4));
    let middle: Vec<f32> = w.iter().skip(4).step_by(9).copied().collect();
    assert!(distance_from_orthogonal(middle, 8, 8, 1.0) <= 1e-5);
}

#[test]
fn bad_input() {
    let blocks = |rows, columns, amount| Pattern::Blocks {
        rows,
        columns,
        amount,
    };
    let local = |grid: &[usize], patch: &[usize]| Pattern::Local {
        grid: grid.to_vec(),
        patch: patch.to_vec(),
    };
    let cases: Vec<(AnyInitializer, &[&str])> = vec![
        (
            new(Pattern::PerOutput(Amount::Exact(13))).into(),
            &["k is 13", "at most 12"],
        ),
        (
            new(Pattern::PerInput(Amount::Exact(9))).into(),
            &["k is 9", "at most 8"],
        ),
        (
            new(Pattern::PerOutput(Amount::Sparsity(-0.1))).into(),
            &["sparsity is -0.1", "from 0 to 1"],
        ),
        (
            new(Pattern::PerOutput(Amount::Total(97))).into(),
            &["total is 97", "at most 96"],
        ),
        (
            new(Pattern::PerInput(Amount::Total(9))).into(),
            &["total is 9", "can't be spread"],
        ),
        (
            new(Pattern::Bernoulli(f64::NAN)).into(),
            &["probability is NaN"],
        ),
        (
            new(Pattern::NOfM { n: 3, m: 2 }).into(),
            &["3 of 2", "at most m"],
        ),
        (new(Pattern::NOfM { n: 0, m: 0 }).into(), &["0 of 0"]),
        (
            new(Pattern::NOfM { n: 2, m: 5 }).into(),
            &["m is 5", "a divisor of the 12 inputs, such as 4"],
        ),
        (
            new(blocks(3, 4, Amount::Exact(4))).into(),
            &["rows is 3", "the 8 neurons, such as 2"],
        ),
        (
            new(blocks(4, 16, Amount::Exact(4))).into(),
            &["columns is 16", "such as 12"],
        ),
        (
            new(blocks(4, 4, Amount::Exact(6))).into(),
            &["k is 6", "a multiple of 4"],
        ),
        (
            new(blocks(0, 4, Amount::Exact(4))).into(),
            &["rows is 0", "such as 1"],
        ),
        (
            new(local(&[3, 5], &[1, 1])).into(),
            &["grid is [3, 5]", "12 points"],
        ),
        (
            new(local(&[3, 4], &[4, 1])).into(),
            &["patch is [4, 1]", "from 1 to [3, 4]"],
        ),
        (new(local(&[3, 4], &[2])).into(), &["patch is [2]"]),
        (new(local(&[3, 4], &[0, 1])).into(), &["patch is [0, 1]"]),
        (
            new(Pattern::Given(vec![true; 5])).into(),
            &["mask is 5", "96 booleans"],
        ),
        (
            SparseBudget::erk(-1.0).into(),
            &["density is -1", "from 0 to 1"],
        ),
        (
            SparseOrthogonal::rotations(0.01).into(),
            &["density is 0.01", "from 1/12 to 1"],
        ),
        (
            SparseOrthogonal::rotations(f64::NAN).into(),
            &["density is NaN"],
        ),
        (
            SparseOrthogonal::butterfly(3).into(),
            &["stages is 3", "at most 2"],
        ),
        (SparseOrthogonal::butterfly(99).into(), &["stages is 99"]),
        (
            SparseOrthogonal::butterfly(1).gain(f64::INFINITY).into(),
            &["gain is inf"],
        ),
        (
            SparseOrthogonal::butterfly(1).delta().into(),
            &["a convolution's kernel"],
        ),
        (
            Sparse::exact(2)
                .values(SparseOrthogonal::butterfly(1))
                .into(),
            &["isn't sparse itself"],
        ),
    ];
    for (init, parts) in cases {
        let layout = WeightLayout::linear_col([8, 12]);
        let message = init
            .draw(&layout, Seed::new(1).key("w"))
            .expect_err(&init.to_string())
            .to_string();
        for part in parts {
            assert!(
                message.contains(part),
                "{init}: `{part}` isn't in `{message}`"
            );
        }
    }
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

/// Groups of a convolution draw by themselves, however many there are.
#[test]
fn many_groups_differ() {
    let layout = WeightLayout::conv([1100, 1, 3, 3]).groups(1100);
    for init in [
        AnyInitializer::from(SparseOrthogonal::rotations(0.5)),
        SparseOrthogonal::butterfly(0).into(),
        Sparse::exact(4).into(),
        burn_init::WaveletOrthogonal::haar().into(),
        burn_init::Orthogonal::new().into(),
    ] {
        let w = init.draw(&layout, Seed::new(1).key("w")).unwrap();
        let kernels: std::collections::BTreeSet<Vec<u32>> =
            w.chunks(9).map(burn_init_tests::to_bits).collect();
        // A permutation alone may repeat by chance; the others can't.
        let least = if init.to_string().contains("0 stages") {
            9
        } else {
            1000
        };
        assert!(
            kernels.len() >= least,
            "{init}: {} different kernels",
            kernels.len()
        );
    }
}

/// The mask of kept weights and the values don't share draws: weights of a wavelet combination survive a mask as by chance.
#[test]
fn values_are_independent_of_the_mask() {
    let values = burn_init::WaveletSparse::haar(5).levels(0);
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

/// A budget counts for a whole module without a plan, too.
#[test]
fn init_weights_spreads_a_budget() {
    use burn_init::InitWeights;
    let model = Mlp::new(&Device::flex())
        .init_weights(&SparseBudget::erk(0.1), 3)
        .unwrap();
    let count = |param: Tensor<2>| values(param).iter().filter(|w| **w != 0.0).count();
    assert_eq!(
        (count(model.fc1.weight.val()), count(model.fc2.weight.val())),
        (485, 219)
    );
}

/// Weights that live count, also where their value is 0; a layer without any is cut.
#[test]
fn reports_count_what_lives() {
    let apply = |init: Sparse| {
        let plan = Plan::new(1)
            .rule(Select::weights(), init)
            .rule(Select::biases(), Constant::zeros());
        plan.apply(Mlp::new(&Device::flex())).unwrap().report
    };
    let report = apply(Sparse::exact(8).values(Constant::zeros()).pinned());
    assert_eq!(
        report.connectivity().map(|c| c.kept).collect::<Vec<_>>(),
        [512, 80]
    );
    assert!(
        apply(Sparse::exact(0))
            .to_string()
            .contains("cuts the layer through")
    );
}

#[test]
fn structured_patterns_are_not_repaired() {
    let init = new(Pattern::NOfM { n: 1, m: 4 }).reconnect();
    let error = init
        .draw(&WeightLayout::linear([8, 4]), Seed::new(1).key("w"))
        .unwrap_err();
    assert!(error.to_string().contains("reconnect is 1 of 4"), "{error}");
}
