//! ZerO: identities and Hadamard matrices.

use crate::common::{assert_refused, conv, conv_transpose, draw, draw_neurons, grouped};
use burn_init_values::{AnyInitializer, Eye, Normal, WeightLayout, ZerO};

/// H₀ = 1, Hₘ = [[Hₘ₋₁, Hₘ₋₁], [Hₘ₋₁, −Hₘ₋₁]].
fn hadamard(m: u32) -> Vec<Vec<f64>> {
    match m {
        0 => vec![vec![1.0]],
        m => {
            let half = hadamard(m - 1);
            let rows = |sign: f64| {
                let row = move |row: &Vec<f64>| {
                    [row.clone(), row.iter().map(|h| sign * h).collect()].concat()
                };
                half.iter().map(row).collect::<Vec<_>>()
            };
            [rows(1.0), rows(-1.0)].concat()
        }
    }
}

/// The paper's algorithm 1, by its recursion, and algorithm 2 in the middle of kernels.
#[test]
fn values() {
    for (outputs, inputs) in [
        (1, 1),
        (5, 5),
        (3, 8),
        (2, 1),
        (3, 2),
        (4, 3),
        (5, 2),
        (8, 7),
        (9, 8),
        (33, 20),
    ] {
        let m = (0..).find(|m| 1 << m >= outputs).unwrap();
        let c = 2f64.powf(-0.5 * (f64::from(m) - 1.0));
        let h = hadamard(m);
        let expected: Vec<f32> = (0..outputs * inputs)
            .map(|index| {
                let (o, i) = (index / inputs, index % inputs);
                match outputs > inputs {
                    true => (1.5 * c * h[o][i]) as f32,
                    false => {
                        if o == i {
                            1.5
                        } else {
                            0.0
                        }
                    }
                }
            })
            .collect();
        let init = ZerO::new().gain(1.5);
        let close = |given: &[f32]| {
            assert_eq!(given.len(), expected.len());
            for (given, expected) in given.iter().zip(&expected) {
                assert!((given - expected).abs() < 1e-6, "{outputs}×{inputs}");
            }
        };
        close(&draw_neurons(&init, outputs, inputs));
        let row = draw(&init, [inputs, outputs]);
        let turned: Vec<f32> = (0..row.len())
            .map(|i| row[i % inputs * outputs + i / inputs])
            .collect();
        close(&turned);
        // Each group has its own, in the middle of the kernel.
        let w = draw(&init, grouped(conv([2 * outputs, inputs, 3, 4]), 2));
        for group in w.chunks(outputs * inputs * 12) {
            let middle: Vec<f32> = group.iter().skip(4 + 1).step_by(12).copied().collect();
            close(&middle);
        }
        let others = w.iter().enumerate().filter(|(i, _)| i % 12 != 5);
        assert!(others.into_iter().all(|(_, w)| *w == 0.0));
        let up = draw(&init, conv_transpose([inputs, outputs, 3]));
        let middle: Vec<f32> = (0..row.len())
            .map(|i| up[3 * (i % inputs * outputs + i / inputs) + 1])
            .collect();
        close(&middle);
    }
}

/// The columns of a whole Hadamard matrix are orthogonal, of squared norm 2.
#[test]
fn orthogonal() {
    for (outputs, inputs) in [(2, 1), (16, 15), (64, 32)] {
        let w = draw_neurons(&ZerO::new(), outputs, inputs);
        for a in 0..inputs {
            for b in 0..inputs {
                let product: f32 = w.chunks(inputs).map(|row| row[a] * row[b]).sum();
                let expected = if a == b { 2.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-5);
            }
        }
    }
}

/// W, with a row for each output.
struct Layer {
    w: Vec<f64>,
    inputs: usize,
}

impl Layer {
    fn new(init: &AnyInitializer, outputs: usize, inputs: usize) -> Self {
        let w = draw_neurons(init, outputs, inputs);
        Self {
            w: w.into_iter().map(f64::from).collect(),
            inputs,
        }
    }

    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let rows = self.w.chunks(self.inputs);
        rows.map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum())
            .collect()
    }

    /// Wᵀδ.
    fn backward(&self, delta: &[f64]) -> Vec<f64> {
        let column = |i: usize| self.w.iter().skip(i).step_by(self.inputs);
        (0..self.inputs)
            .map(|i| column(i).zip(delta).map(|(w, d)| w * d).sum())
            .collect()
    }

    /// W − rate · δxᵀ.
    fn step(&mut self, rate: f64, delta: &[f64], x: &[f64]) {
        for (row, d) in self.w.chunks_mut(self.inputs).zip(delta) {
            row.iter_mut().zip(x).for_each(|(w, x)| *w -= rate * d * x);
        }
    }
}

fn relu(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| x.max(0.0)).collect()
}

/// The number of pivots of a square matrix, by complete pivoting, that are at least 0.1 % of the
/// first.
fn rank(mut a: Vec<f64>, n: usize) -> usize {
    let mut first = 0.0;
    for step in 0..n {
        let size = |(i, j): &(usize, usize)| a[i * n + j].abs();
        let all = (step..n).flat_map(|i| (step..n).map(move |j| (i, j)));
        let (i, j) = all.max_by(|p, q| size(p).total_cmp(&size(q))).unwrap();
        let pivot = a[i * n + j].abs();
        first = if step == 0 { pivot } else { first };
        if pivot <= 1e-3 * first {
            return step;
        }
        (0..n).for_each(|k| a.swap(step * n + k, i * n + k));
        (0..n).for_each(|k| a.swap(k * n + step, k * n + j));
        for row in step + 1..n {
            let factor = a[row * n + step] / a[step * n + step];
            (step..n).for_each(|k| a[row * n + k] -= factor * a[step * n + k]);
        }
    }
    n
}

/// Trains relu networks 4 → 16 → 16 → 4, whose first layer is of a kind and the others of ZerO;
/// gives the rank of what the hidden weight has learned, and the last loss as a share of the first.
fn train(first: AnyInitializer) -> (usize, f64) {
    const SAMPLES: usize = 48;
    let zero = AnyInitializer::from(ZerO::new());
    let mut layers = [
        Layer::new(&first, 16, 4),
        Layer::new(&zero, 16, 16),
        Layer::new(&zero, 4, 16),
    ];
    let before = layers[1].w.clone();
    let random = AnyInitializer::from(Normal::new(0.0, 1.0));
    let inputs = Layer::new(&random, SAMPLES, 4);
    // What another network computes.
    let teacher = [
        Layer::new(&random, 24, 4),
        Layer::new(&Normal::new(0.0, 0.15).into(), 4, 24),
    ];
    let (mut first_loss, mut loss) = (0.0, 0.0);
    for epoch in 0..300 {
        loss = 0.0;
        for x in inputs.w.chunks(4) {
            let target = teacher[1].forward(&relu(teacher[0].forward(x)));
            let h1 = relu(layers[0].forward(x));
            let h2 = relu(layers[1].forward(&h1));
            let y = layers[2].forward(&h2);
            let d3: Vec<f64> = y.iter().zip(target).map(|(y, t)| y - t).collect();
            loss += d3.iter().map(|d| d * d).sum::<f64>();
            let active = |delta: Vec<f64>, h: &[f64]| -> Vec<f64> {
                delta
                    .into_iter()
                    .zip(h)
                    .map(|(d, h)| if *h > 0.0 { d } else { 0.0 })
                    .collect()
            };
            let d2 = active(layers[2].backward(&d3), &h2);
            let d1 = active(layers[1].backward(&d2), &h1);
            layers[2].step(0.02, &d3, &h2);
            layers[1].step(0.02, &d2, &h1);
            layers[0].step(0.02, &d1, x);
        }
        if epoch == 0 {
            first_loss = loss;
        }
    }
    let learned = layers[1]
        .w
        .iter()
        .zip(before)
        .map(|(after, before)| after - before);
    (rank(learned.collect(), 16), loss / first_loss)
}

/// Behind a partial identity, the hidden weight learns updates of rank 4 at the most, the number of
/// inputs (theorem 1 of the paper); behind a Hadamard matrix it learns more, and the network fits
/// better.
#[test]
fn ranks_grow() {
    let (limited, worse) = train(Eye::new().into());
    let (free, better) = train(ZerO::new().into());
    assert!(limited <= 4, "{limited}");
    assert!(free > 6, "{free}");
    assert!(better < 0.5 * worse, "{better} {worse}");
}

#[test]
fn refused() {
    assert_refused([
        (
            ZerO::new().gain(f64::INFINITY).into(),
            [4, 4].into(),
            &["ZerO: gain is inf"][..],
        ),
        (
            ZerO::new().into(),
            WeightLayout::vector([4]),
            &["rank 2 or more"],
        ),
    ]);
}
