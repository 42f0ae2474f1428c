//! Orthogonal matrices.

mod common;

use burn_init_values::{Orthogonal, WeightLayout};
use common::{assert_refused, distance_from_orthogonal, draw};

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

#[test]
fn refused() {
    assert_refused([(
        Orthogonal::new().gain(f64::NAN).into(),
        [4, 4].into(),
        &["Orthogonal: gain is NaN"][..],
    )]);
}
