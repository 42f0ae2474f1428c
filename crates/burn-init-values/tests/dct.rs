//! The cosine transform.

use crate::common::{assert_refused, conv, conv_transpose, draw, draw_neurons, grouped};
use burn_init_values::weight::Axis;
use burn_init_values::{Dct, WeightLayout};

fn assert_near(values: &[f32], expected: &[f64]) {
    assert_eq!(values.len(), expected.len());
    for (value, expected) in values.iter().zip(expected) {
        assert!(
            (f64::from(*value) - expected).abs() < 6e-8,
            "{values:?} {expected:?}"
        );
    }
}

/// `scipy.fft.dct(np.eye(5), norm='ortho', axis=0)` of SciPy 1.17.
#[test]
fn values_of_scipy() {
    let expected = [
        [
            0.44721359550,
            0.44721359550,
            0.44721359550,
            0.44721359550,
            0.44721359550,
        ],
        [
            0.60150095501,
            0.37174803446,
            0.0,
            -0.37174803446,
            -0.60150095501,
        ],
        [
            0.51166727360,
            -0.19543950758,
            -0.63245553203,
            -0.19543950758,
            0.51166727360,
        ],
        [
            0.37174803446,
            -0.60150095501,
            0.0,
            0.60150095501,
            -0.37174803446,
        ],
        [
            0.19543950758,
            -0.51166727360,
            0.63245553203,
            -0.51166727360,
            0.19543950758,
        ],
    ];
    assert_near(&draw_neurons(&Dct::new(), 5, 5), expected.as_flattened());
    assert_near(
        &draw_neurons(&Dct::new(), 2, 5),
        expected[..2].as_flattened(),
    );
    let negative = expected.map(|row| row.map(|x| -0.5 * x));
    assert_near(
        &draw_neurons(&Dct::new().gain(-0.5), 5, 5),
        negative.as_flattened(),
    );
}

/// Over a grid of 2×3, by Σ(k/n)²: 0, 1/9, 1/4, 1/4 + 1/9, 4/9, 1/4 + 4/9. Rows are those of
/// `scipy.fft.idctn` of a single coefficient at (0, 0), (0, 1), (1, 0), and last (1, 2). A
/// convolution has its channels and its kernel as grid.
#[test]
fn the_lowest_frequencies_of_a_grid_first() {
    let (a, b) = (0.4082482905, 0.2886751346);
    let expected = [
        [a; 6],
        [0.5, 0.0, -0.5, 0.5, 0.0, -0.5],
        [a, a, a, -a, -a, -a],
        [0.5, 0.0, -0.5, -0.5, 0.0, 0.5],
        [b, -2.0 * b, b, b, -2.0 * b, b],
        [b, -2.0 * b, b, -b, 2.0 * b, -b],
    ];
    let over_grid = draw_neurons(&Dct::new().grid([2, 3]), 6, 6);
    assert_near(&over_grid, expected.as_flattened());
    assert_eq!(draw(&Dct::new(), conv([6, 2, 3])), over_grid);
    assert_eq!(draw(&Dct::new(), conv([6, 1, 2, 3])), over_grid);
    assert_eq!(draw(&Dct::new(), conv([4, 1, 2, 3])), over_grid[..24]);
    // Each group has them again.
    let depthwise = draw(&Dct::new(), grouped(conv([8, 1, 2, 3]), 2));
    assert_eq!(depthwise, [&over_grid[..24], &over_grid[..24]].concat());
    assert_eq!(
        draw(&Dct::new().grid([1, 6, 1]), [6, 6]),
        draw(&Dct::new(), [6, 6])
    );

    // Of 8×8, as many frequencies as there are, each once, from low to high: by sign changes along
    // a row and a column.
    let w = draw_neurons(&Dct::new().grid([8, 8]), 64, 64);
    let mut last = (0, 0);
    for neuron in w.chunks(64) {
        let changes = |values: Vec<f32>| values.windows(2).filter(|v| v[0] * v[1] < 0.0).count();
        let along = changes(neuron[..8].to_vec());
        let down = changes(neuron.iter().step_by(8).copied().collect());
        let now = (along * along + down * down, 8 * down + along);
        assert!(now > last || now == (0, 0), "{now:?} {last:?}");
        last = now;
    }
}

/// Rows, or columns where there are more rows, are orthonormal but for the rounding of each
/// weight, of at most 2⁻²⁴ of it: products are within 2⁻²³ of 1 and 0.
#[test]
fn orthonormal() {
    for (layout, grid) in [
        (WeightLayout::linear([100, 64]), None),
        (WeightLayout::linear([100, 64]), Some(vec![10, 10])),
        (WeightLayout::linear([64, 100]), None),
        (WeightLayout::linear([64, 100]), Some(vec![4, 25])),
        (WeightLayout::linear_col([77, 77]), None),
        (WeightLayout::linear_col([1, 9]), None),
        (WeightLayout::linear_col([9, 1]), None),
        (WeightLayout::embedding([50, 16]), None),
        (conv([12, 5, 3, 3]), None),
        (conv([60, 5, 3, 3]), None),
        (conv_transpose([5, 12, 3, 3]), None),
        (conv_transpose([4, 60, 3]), None),
        (conv([8, 3, 2, 3, 4]), Some(vec![9, 8])),
    ] {
        let mut init = Dct::new();
        init.grid = grid;
        let neurons = layout.neurons().unwrap();
        let (rows, columns) = (neurons.count(), neurons.len());
        let w = draw(&init, layout.clone());
        let at = |row: usize, column: usize| f64::from(w[neurons.index(row, column)]);
        let (count, len) = (rows.min(columns), rows.max(columns));
        for a in 0..count {
            for b in 0..count {
                let product = |t| match rows <= columns {
                    true => at(a, t) * at(b, t),
                    false => at(t, a) * at(t, b),
                };
                let product: f64 = (0..len).map(product).sum();
                let expected = if a == b { 1.0 } else { 0.0 };
                let distance = (product - expected).abs();
                assert!(distance < 0.5f64.powi(23), "{init} {layout:?} {distance}");
            }
        }
    }
}

/// Each expert and each group has a matrix of its own; where there are more neurons than inputs,
/// the columns of each are cosines over the neurons.
#[test]
fn matrices_that_do_not_mix() {
    let one = draw_neurons(&Dct::new(), 9, 4);
    let mut first_column: Vec<f32> = one.iter().step_by(4).copied().collect();
    first_column.dedup();
    assert_eq!(first_column.len(), 1);
    let transposed: Vec<f32> = (0..36).map(|i| one[i % 9 * 4 + i / 9]).collect();
    assert_eq!(transposed, draw_neurons(&Dct::new(), 4, 9));
    for (axes, expected) in [
        ([Axis::Index, Axis::Output, Axis::Input], &one),
        ([Axis::Index, Axis::Input, Axis::Output], &transposed),
    ] {
        let shape = if axes[1] == Axis::Output {
            [3, 9, 4]
        } else {
            [3, 4, 9]
        };
        let layout = WeightLayout::new(shape, axes).unwrap();
        assert_eq!(draw(&Dct::new(), layout), expected.repeat(3));
    }
    assert_eq!(
        draw(&Dct::new(), grouped(conv([27, 4, 1]), 3)),
        one.repeat(3)
    );
    assert_eq!(
        draw(&Dct::new(), grouped(conv_transpose([12, 9, 1]), 3)),
        transposed.repeat(3)
    );
}

#[test]
fn refused() {
    let cases: [(Dct, WeightLayout, &[&str]); 5] = [
        (Dct::new(), WeightLayout::vector([5]), &["rank 2 or more"]),
        (
            Dct::new().grid([2, 3]),
            [5, 4].into(),
            &["grid", "5 points"],
        ),
        (Dct::new().grid([usize::MAX, 3]), [5, 4].into(), &["grid"]),
        (Dct::new().gain(f64::NAN), [5, 4].into(), &["gain"]),
        (
            Dct::new().gain(1e39),
            [5, 4].into(),
            &["gain", "range of f32"],
        ),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}

/// Frequencies of equal Σ(k/n)² are in row-major order: of 28×28 points, number 22 is (0, 5), before
/// (3, 4).
#[test]
fn equal_frequencies() {
    let w = draw_neurons(&Dct::new().grid([28, 28]), 23, 784);
    let row = &w[22 * 784..];
    // Along the first axis it is constant.
    let constant = |i: usize| (row[i] - row[i + 28]).abs() < 1e-7;
    assert!((0..756).all(constant));
}
