//! Orthogonal matrices.

use crate::common::convolve::{Outside, Picture, convolve, convolve_transposed};
use crate::common::{
    assert_refused, conv, conv_transpose, distance_from_orthogonal, draw, grouped, key,
};
use burn_init_values::{Initializer, Orthogonal, Seed, WeightLayout};

/// Rows are orthonormal, or columns where there are more rows; the same matrix, whichever the
/// layout.
#[test]
fn orthogonal() {
    for (rows, columns, gain) in [(1, 1, 1.0), (64, 64, 1.0), (37, 101, 0.5), (300, 70, 2.0)] {
        let init = Orthogonal::new().gain(gain);
        let col = draw(&init, WeightLayout::linear_col([rows, columns]));
        let distance = distance_from_orthogonal(&col, rows, columns, gain as f32);
        assert!(distance <= 1e-5, "{init} {rows}×{columns}: {distance}");
        let row = draw(&init, WeightLayout::linear([columns, rows]));
        assert!((0..rows * columns).all(|i| col[i] == row[i % columns * rows + i / columns]));
    }
}

/// A delta kernel is the matrix over the channels in its middle, and zeros around it.
#[test]
fn delta() {
    let delta = Orthogonal::new().gain(0.5).delta();
    let matrix = draw(
        &Orthogonal::new().gain(0.5),
        WeightLayout::linear_col([6, 4]),
    );
    let w = draw(&delta, conv([6, 4, 3, 4]));
    let transposed = draw(&Orthogonal::new().gain(0.5), WeightLayout::linear([4, 6]));
    let up = draw(&delta, conv_transpose([4, 6, 3, 4]));
    for (w, matrix) in [(w, matrix), (up, transposed)] {
        // The middle of 3×4 is place (1, 1).
        let middle: Vec<f32> = w.iter().skip(5).step_by(12).copied().collect();
        assert_eq!(middle, matrix);
        let others = w.iter().enumerate().filter(|(i, _)| i % 12 != 5);
        assert!(others.into_iter().all(|(_, w)| *w == 0.0));
    }
}

/// Convolutions around the ends of a picture keep its norm through many layers, whose width may
/// grow; a gain multiplies it.
#[test]
fn delta_keeps_norms() {
    let mut x = Picture::new(4, &[5, 6], |c, place| {
        (c * 7 + place[0] * 5 + place[1] * 3) as f64 % 4.0 - 1.2
    });
    let before = x.norm();
    let widths = (0..40).map(|layer| 4 + layer / 10).collect::<Vec<usize>>();
    for (layer, pair) in widths.windows(2).enumerate() {
        let layout = conv([pair[1], pair[0], 3, 2]);
        let key = Seed::new(layer as u64).key("w");
        let w = Orthogonal::new().delta().draw(&layout, key).unwrap();
        x = convolve(&layout, &w, &x, Outside::Around);
    }
    assert!(
        (x.norm() / before - 1.0).abs() < 1e-5,
        "{}",
        x.norm() / before
    );
    // A transposed one, with room for its kernel.
    let layout = conv_transpose([7, 9, 3, 3]);
    let w = Orthogonal::new()
        .gain(-3.0)
        .delta()
        .draw(&layout, key())
        .unwrap();
    let y = convolve_transposed(&layout, &w, &x, 2, 0, &[13, 15]);
    assert!((y.norm() / x.norm() - 3.0).abs() < 1e-5);
}

#[test]
fn refused() {
    let delta = Orthogonal::new().delta();
    assert_refused([
        (
            Orthogonal::new().gain(f64::NAN).into(),
            [4, 4].into(),
            &["Orthogonal: gain is NaN"][..],
        ),
        (
            delta.gain(f64::NAN).into(),
            conv([4, 4, 3]),
            &["Orthogonal: gain is NaN"],
        ),
        (
            delta.into(),
            [8, 4].into(),
            &["Orthogonal's delta needs a convolution's kernel"],
        ),
        (
            delta.into(),
            conv([4, 8, 3]),
            &["as many output channels as input channels, 8"],
        ),
        (
            delta.into(),
            grouped(conv([4, 2, 3]), 2),
            &["a single group"],
        ),
        (
            delta.into(),
            WeightLayout::vector([4]),
            &["a convolution's kernel"],
        ),
    ]);
}
