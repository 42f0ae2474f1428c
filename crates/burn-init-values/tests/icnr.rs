//! Sub-pixel convolutions.

use crate::common::convolve::{Outside, Picture, convolve, places};
use crate::common::{assert_refused, check, conv, conv_transpose, draw, grouped, key};
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::{
    AnyInitializer, Icnr, Initializer, Normal, Orthogonal, Sparse, SparseBudget, VarianceScaling,
    WeightLayout,
};

/// Output channel c·rᵈ + k becomes pixel k of the blocks of channel c, in row-major order.
fn pixel_shuffle(x: &Picture, scale: usize) -> Picture {
    let axes = x.sizes.len();
    let pixels = scale.pow(axes as u32);
    let sizes: Vec<usize> = x.sizes.iter().map(|n| n * scale).collect();
    let channels = x.values.len() / x.sizes.iter().product::<usize>() / pixels;
    Picture::new(channels, &sizes, |c, place| {
        let k = place.iter().fold(0, |k, p| k * scale + p % scale);
        let low: Vec<usize> = place.iter().map(|p| p / scale).collect();
        x.at(c * pixels + k, &low)
    })
}

/// Whatever the picture, each block is of one colour: it is the smaller convolution's, resized.
#[test]
fn no_checkerboard() {
    for (shape, groups, scale) in [
        (vec![4 * 3, 5, 3, 3], 1, 2usize),
        (vec![9 * 2, 3, 2, 3], 2, 3),
        (vec![3 * 4, 2, 3], 4, 3),
        (vec![8, 2, 2, 1, 3], 1, 2),
        (vec![5, 2, 3, 3], 1, 1),
    ] {
        let axes = shape.len() - 2;
        let pixels = scale.pow(axes as u32);
        let layout = grouped(WeightLayout::conv(shape.clone()).unwrap(), groups);
        let w = draw(&Icnr::new(scale), layout.clone());
        let x = Picture::new(shape[1] * groups, &[4, 5, 3][..axes], |c, place| {
            (c * 17 + place.iter().fold(3, |sum, p| sum * 11 + p * p)) as f64 % 13.0
        });
        let y = pixel_shuffle(&convolve(&layout, &w, &x, Outside::Zeros), scale);

        // The base, drawn for the smaller weight, by itself.
        let mut smaller = shape;
        smaller[0] /= pixels;
        let smaller = grouped(WeightLayout::conv(smaller).unwrap(), groups);
        let base = draw(&VarianceScaling::kaiming_normal(), smaller.clone());
        let low = convolve(&smaller, &base, &x, Outside::Zeros);
        for c in 0..smaller.shape()[0] {
            for place in places(&y.sizes) {
                let of_low: Vec<usize> = place.iter().map(|p| p / scale).collect();
                assert_eq!(y.at(c, &place), low.at(c, &of_low), "{layout:?}");
            }
        }
    }
}

/// The base has the fans of the smaller weight: Glorot's variance is that of 3 outputs, not of 12.
#[test]
fn fans() {
    let init = Icnr::new(2).base(VarianceScaling::glorot_uniform());
    let w = draw(&init, conv([12, 64, 3, 3]));
    let smaller = draw(&VarianceScaling::glorot_uniform(), conv([3, 64, 3, 3]));
    for (o, kernel) in w.chunks(64 * 9).enumerate() {
        assert_eq!(kernel, &smaller[o / 4 * 64 * 9..][..64 * 9]);
    }
}

/// A transposed convolution's outputs are its second axis; groups have their own.
#[test]
fn transposed() {
    let layout = grouped(conv_transpose([4, 8, 3, 2]), 2);
    let smaller = grouped(conv_transpose([4, 2, 3, 2]), 2);
    let w = draw(&Icnr::new(2).base(Normal::fan_in()), layout);
    let base = draw(&Normal::fan_in(), smaller);
    for (i, kernel) in w.chunks(6).enumerate() {
        let (input, output) = (i / 8, i % 8);
        assert_eq!(kernel, &base[(input * 2 + output / 4) * 6..][..6]);
    }
}

/// A sparse base stays sparse, at the same places of all copies, and pinned where it is pinned.
#[test]
fn sparse_bases() {
    let per_input = Pattern::PerInput(Amount::Exact(1));
    let bases: [(AnyInitializer, bool); 5] = [
        (Sparse::exact(7).into(), false),
        (Sparse::exact(7).pinned().into(), true),
        (Sparse::new(per_input).pinned().into(), true),
        (
            Sparse::density(0.3)
                .values(Orthogonal::new())
                .pinned()
                .into(),
            true,
        ),
        (SparseBudget::erk(0.3).pinned().into(), true),
    ];
    for (base, lasting) in bases {
        let layout = grouped(conv([16, 4, 3, 3]), 2);
        let smaller = grouped(conv([4, 4, 3, 3]), 2);
        let fitted = Icnr::new(2).base(base.clone()).fit(&layout).unwrap();
        assert!(fitted.is_sparse());
        assert_eq!(fitted.is_lasting(), lasting, "{base}");
        let (w, mask) = fitted.draw_with_mask(key()).unwrap();
        let fitted = base.fit(&smaller).unwrap();
        let (of_base, base_mask) = fitted.draw_with_mask(key()).unwrap();
        let (mask, base_mask) = (mask.unwrap(), base_mask.unwrap());
        for i in 0..w.len() {
            let source = i / 36 / 4 * 36 + i % 36;
            assert_eq!(
                (w[i], mask[i]),
                (of_base[source], base_mask[source]),
                "{base}"
            );
        }
        // Both would choose the same weights.
        let both = Sparse::exact(2).values(Icnr::new(2).base(base));
        assert!(
            check(both, layout)
                .unwrap_err()
                .contains("isn't sparse itself")
        );
    }
}

/// A budget for several layers is one for their smaller weights; what doesn't fit says so by
/// itself.
#[test]
fn budgets() {
    let layouts = [
        conv([16, 4, 3, 3]),
        conv([6, 4, 3, 3]),
        conv([64, 16, 3, 3]),
    ];
    let all: Vec<&WeightLayout> = layouts.iter().collect();
    let fitted = Icnr::new(2).base(SparseBudget::erk(0.2)).fit_all(&all);
    assert_eq!(fitted.len(), 3);
    assert!(fitted[1].is_err());
    let smaller = [conv([4, 4, 3, 3]), conv([16, 16, 3, 3])];
    let counts = SparseBudget::erk(0.2).counts(&smaller).unwrap();
    for (i, count) in [(0, counts[0]), (2, counts[1])] {
        let fitted = fitted[i].as_ref().unwrap();
        let mask = fitted.draw_with_mask(key()).unwrap().1.unwrap();
        assert_eq!(mask.iter().filter(|kept| **kept).count(), 4 * count);
    }
}

#[test]
fn refused() {
    let expected = "r^2 divides the output channels of each group";
    assert_refused([
        (
            Icnr::new(0).into(),
            conv([8, 4, 3, 3]),
            &["Icnr: scale is 0", expected][..],
        ),
        (
            Icnr::new(2).into(),
            conv([6, 4, 3, 3]),
            &["scale is 2", expected, "6"],
        ),
        // 4 divides the 8 channels, but not the 2 of each group.
        (
            Icnr::new(2).into(),
            grouped(conv([8, 1, 3, 3]), 4),
            &[expected, "group, 2"],
        ),
        (
            Icnr::new(usize::MAX).into(),
            conv([8, 4, 3, 3]),
            &[expected],
        ),
        (
            Icnr::new(2).into(),
            [8, 4].into(),
            &["Icnr needs a convolution's kernel"],
        ),
        (
            Icnr::new(2).into(),
            WeightLayout::vector([8]),
            &["rank 2 or more"],
        ),
        (
            Icnr::new(2).base(Normal::new(0.0, f64::NAN)).into(),
            conv([8, 4, 3, 3]),
            &["std is NaN"],
        ),
    ]);
}
