//! The identity, and Dirac kernels.

use crate::common::convolve::{Outside, Picture, convolve, convolve_transposed};
use crate::common::{assert_refused, conv, conv_transpose, draw, grouped, key};
use burn_init_values::weight::Axis;
use burn_init_values::{Eye, Initializer, Sparse, WeightLayout};

/// By hand: `eye_` of 2×3 and 3×2, and what `dirac_(groups=2)` of PyTorch gives.
#[test]
fn values() {
    let eye = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    assert_eq!(draw(&Eye::new(), [2, 3]), eye);
    assert_eq!(draw(&Eye::new(), WeightLayout::linear_col([2, 3])), eye);
    assert_eq!(draw(&Eye::new(), WeightLayout::embedding([2, 3])), eye);
    let tall = draw(&Eye::new().gain(-2.0), [3, 2]);
    assert_eq!(tall, [-2.0, 0.0, 0.0, -2.0, 0.0, 0.0]);
    // A group has three outputs and two inputs: its third output has none.
    let dirac = draw(&Eye::new(), grouped(conv([6, 2, 3]), 2));
    let ones: Vec<usize> = (0..dirac.len()).filter(|i| dirac[*i] != 0.0).collect();
    let place = |o: usize, i: usize| (o * 2 + i) * 3 + 1;
    assert_eq!(ones, [place(0, 0), place(1, 1), place(3, 0), place(4, 1)]);
    let experts = [Axis::Index, Axis::Input, Axis::Output];
    let experts = WeightLayout::new([2, 2, 2], experts).unwrap();
    assert_eq!(draw(&Eye::new(), experts), [1.0, 0.0, 0.0, 1.0].repeat(2));
}

/// Convolutions that keep the size give back their input: odd and even kernels, groups of every
/// size.
#[test]
fn output_is_input() {
    for kernel in [&[3][..], &[4], &[1], &[2], &[3, 5], &[4, 3], &[2, 3, 4]] {
        let sizes = &[5, 6, 4][..kernel.len()];
        for groups in [1, 2, 6] {
            let x = Picture::new(6, sizes, |c, place| {
                (1 + c * 100 + place.iter().fold(0, |sum, p| sum * 7 + p)) as f64
            });
            let shape = [&[6, 6 / groups][..], kernel].concat();
            let layout = WeightLayout::conv(shape.clone()).unwrap();
            let layout = layout.groups(groups).unwrap();
            let w = draw(&Eye::new(), layout.clone());
            assert_eq!(convolve(&layout, &w, &x, Outside::Zeros), x, "{layout:?}");
            // A padding is the same number along all axes, here.
            if kernel.iter().any(|k| (k - 1) / 2 != (kernel[0] - 1) / 2) {
                continue;
            }
            let layout = WeightLayout::conv_transpose(shape).unwrap();
            let layout = layout.groups(groups).unwrap();
            let w = draw(&Eye::new(), layout.clone());
            let y = convolve_transposed(&layout, &w, &x, 1, (kernel[0] - 1) / 2, sizes);
            assert_eq!(y, x, "{layout:?}");
        }
    }
}

/// Fewer outputs read the first inputs; further ones are zero.
#[test]
fn partial() {
    let x = Picture::new(4, &[5], |c, place| (c * 10 + place[0] + 1) as f64);
    for outputs in [2, 6] {
        let layout = conv([outputs, 4, 3]);
        let w = draw(&Eye::new(), layout.clone());
        let y = convolve(&layout, &w, &x, Outside::Zeros);
        let expected = Picture::new(outputs, &[5], |c, place| match c {
            0..4 => x.at(c, place),
            _ => 0.0,
        });
        assert_eq!(y, expected);
    }
}

/// Its zeros are weights: they are trained, and other initializers may choose among them.
#[test]
fn dense() {
    let fitted = Eye::new().fit(&conv_transpose([4, 4, 3])).unwrap();
    assert!(!fitted.is_sparse());
    let (_, mask) = fitted.draw_with_mask(key()).unwrap();
    assert_eq!(mask, None);
    assert!(
        Sparse::exact(2)
            .values(Eye::new())
            .check(&[4, 4].into())
            .is_ok()
    );
}

#[test]
fn refused() {
    assert_refused([
        (
            Eye::new().gain(f64::NAN).into(),
            [4, 4].into(),
            &["Eye: gain is NaN"][..],
        ),
        (
            Eye::new().gain(1e39).into(),
            [4, 4].into(),
            &["within the range of f32"],
        ),
        (
            Eye::new().into(),
            WeightLayout::vector([4]),
            &["rank 2 or more"],
        ),
        (
            Eye::new().into(),
            WeightLayout::vector([]),
            &["rank 2 or more"],
        ),
    ]);
}
