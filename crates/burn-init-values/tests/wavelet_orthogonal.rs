//! Orthogonal matrices in the wavelet domain.

use crate::common::{assert_refused, conv, conv_transpose, distance_from_orthogonal};
use crate::common::{draw, grouped};
use burn_init_values::wavelet::{Boundary, Family, Levels};
use burn_init_values::{WaveletOrthogonal, WeightLayout};

#[test]
fn orthogonal() {
    let db4: Family = "db4".parse().unwrap();
    let ends = || WaveletOrthogonal::new(db4).boundary(Boundary::Filters);
    let cases: [(WaveletOrthogonal, usize, usize); 12] = [
        (WaveletOrthogonal::haar(), 1, 1),
        (WaveletOrthogonal::haar(), 10, 10),
        (WaveletOrthogonal::haar(), 100, 100),
        (WaveletOrthogonal::haar().grid([10, 10]), 64, 100),
        (WaveletOrthogonal::haar().gain(0.5), 37, 101),
        (WaveletOrthogonal::haar(), 1000, 300),
        (WaveletOrthogonal::haar(), 300, 1000),
        (WaveletOrthogonal::new(db4), 96, 96),
        (ends(), 100, 100),
        (ends().levels(Levels::Full), 37, 101),
        (ends().grid([5, 7]), 35, 35),
        (
            WaveletOrthogonal::new(db4).levels(Levels::Full).gain(2.0),
            128,
            50,
        ),
    ];
    for (init, rows, columns) in cases {
        let gain = if init.to_string().contains("gain 0.5") {
            0.5
        } else if init.to_string().contains("gain 2") {
            2.0
        } else {
            1.0
        };
        let col = draw(&init, WeightLayout::linear_col([rows, columns]));
        let distance = distance_from_orthogonal(&col, rows, columns, gain);
        assert!(distance <= 1e-5, "{init} {rows}×{columns}: {distance}");
        // The same matrix, whichever the layout.
        let row = draw(&init, WeightLayout::linear([columns, rows]));
        assert!((0..rows * columns).all(|i| col[i] == row[i % columns * rows + i / columns]));
    }
}

#[test]
fn orthogonal_4096() {
    let w = draw(
        &WaveletOrthogonal::haar(),
        WeightLayout::linear_col([4096, 4096]),
    );
    assert!(distance_from_orthogonal(&w, 4096, 4096, 1.0) <= 1e-5);
}

/// A delta kernel is zero outside of its middle.
#[test]
fn delta() {
    let init = WaveletOrthogonal::haar().delta();
    let up = draw(&init, conv_transpose([4, 6, 3, 2]));
    // The middle of 3×2 is place (1, 0).
    let places: Vec<usize> = (0..up.len())
        .filter(|i| up[*i] != 0.0)
        .map(|i| i % 6)
        .collect();
    assert!(places.iter().all(|place| *place == 2) && places.len() > 4);
}

#[test]
fn refused() {
    let haar = WaveletOrthogonal::haar;
    assert_refused([
        (
            haar().gain(f64::NAN).into(),
            [8, 4].into(),
            &["gain is NaN"][..],
        ),
        (haar().levels(9).into(), [8, 4].into(), &["at most 3"]),
        (
            WaveletOrthogonal::new("rbio4.4".parse().unwrap()).into(),
            [8, 4].into(),
            &["family is rbio4.4", "an orthogonal one", "coif1 to coif5"],
        ),
        (
            haar().grid([2, 4]).into(),
            [8, 16].into(),
            &["grid", "more neurons"],
        ),
        (
            haar().delta().into(),
            [8, 4].into(),
            &["a convolution's kernel"],
        ),
        (
            haar().delta().into(),
            conv([4, 8, 3]),
            &["as many output channels as input channels, 8"],
        ),
        (
            haar().delta().into(),
            grouped(conv([4, 2, 3]), 2),
            &["a single group"],
        ),
    ]);
}
