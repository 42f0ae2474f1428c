//! Orthogonal matrices with few entries.

use crate::common::{
    assert_refused, column_counts, conv, count_nonzeros, distance_from_orthogonal, draw, grouped,
    key, mask, row_counts,
};
use burn_init_values::{Initializer, SparseOrthogonal, WeightLayout};

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
        let w = draw(&init, layout);
        let distance = distance_from_orthogonal(&w, rows, columns, gain);
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
    let layout = grouped(conv([16, 2, 4]), 2);
    let w = draw(&SparseOrthogonal::butterfly(1), layout);
    for group in w.chunks(8 * 8) {
        assert!(distance_from_orthogonal(group, 8, 8, 1.0) <= 1e-5);
    }
    let delta = SparseOrthogonal::butterfly(2).delta();
    let w = draw(&delta, conv([8, 8, 3, 3]));
    assert!(w.iter().enumerate().all(|(i, w)| *w == 0.0 || i % 9 == 4));
    let middle: Vec<f32> = w.iter().skip(4).step_by(9).copied().collect();
    assert!(distance_from_orthogonal(&middle, 8, 8, 1.0) <= 1e-5);
}

/// A mask has the entries that rotations reach, in the middle of a kernel, too.
#[test]
fn masks() {
    let butterfly = SparseOrthogonal::butterfly(2);
    for (init, layout, lasting) in [
        (butterfly.clone(), WeightLayout::linear([8, 8]), false),
        (
            butterfly.clone().pinned(),
            WeightLayout::linear([8, 8]),
            true,
        ),
        (butterfly.clone().delta(), conv([8, 8, 3, 3]), false),
        (butterfly.delta().pinned(), conv([8, 8, 3, 3]), true),
    ] {
        let fitted = init.fit(&layout).unwrap();
        assert!(fitted.is_sparse());
        assert_eq!(fitted.is_lasting(), lasting);
        let (w, mask) = fitted.draw_with_mask(key()).unwrap();
        let mask = mask.unwrap();
        assert_eq!(count_nonzeros(&w), 4 * 8);
        assert!(w.iter().zip(mask).all(|(w, kept)| kept == (*w != 0.0)));
    }
}

#[test]
fn refused() {
    let rotations = SparseOrthogonal::rotations;
    let butterfly = SparseOrthogonal::butterfly;
    let cases: [(SparseOrthogonal, &[&str]); 6] = [
        (rotations(0.01), &["density is 0.01", "from 1/12 to 1"]),
        (rotations(f64::NAN), &["density is NaN"]),
        (butterfly(3), &["stages is 3", "at most 2"]),
        (butterfly(99), &["stages is 99"]),
        (butterfly(1).gain(f64::INFINITY), &["gain is inf"]),
        (butterfly(1).delta(), &["a convolution's kernel"]),
    ];
    let layout = WeightLayout::linear_col([8, 12]);
    assert_refused(cases.map(|(init, parts)| (init.into(), layout.clone(), parts)));
}
