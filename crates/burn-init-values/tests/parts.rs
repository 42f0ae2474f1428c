//! Packed weights, whose parts are made each by itself.

use crate::common::{
    Refused, assert_refused, conv, count_nonzeros, distance_from_orthogonal, draw, energy, grouped,
    key,
};
use burn_init_values::sparse::Pattern;
use burn_init_values::weight::Axis;
use burn_init_values::{
    AnyInitializer, Constant, Initializer, Mimetic, Normal, Orthogonal, Parts, Scaled, Sparse,
    SparseBudget, SparseOrthogonal, UnitNorm, VarianceScaling, Wavelet, WeightLayout,
};

/// Each part is what its initializer draws for a weight of the part's shape, by the part's key.
#[test]
fn parts_are_weights_of_their_own() {
    let inits: [AnyInitializer; 5] = [
        VarianceScaling::glorot_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Sparse::exact(2).into(),
        Constant::ones().into(),
    ];
    let sizes = [3, 5, 0, 8, 2];
    let packed = Parts::sized(sizes.into_iter().zip(inits.clone()));
    let layouts = [
        WeightLayout::linear([18, 18]),
        WeightLayout::linear_col([18, 18]),
        conv([18, 18, 2]),
        WeightLayout::conv_transpose([18, 18, 2]).unwrap(),
        WeightLayout::new([2, 18, 18], [Axis::Index, Axis::Input, Axis::Output]).unwrap(),
    ];
    for layout in layouts {
        for along in [Axis::Output, Axis::Input] {
            let axis = layout
                .axes()
                .iter()
                .position(|axis| *axis == along)
                .unwrap();
            let whole = draw(&packed.clone().along(along), layout.clone());
            let inner: usize = layout.shape()[axis + 1..].iter().product();
            let mut first = 0;
            for (number, (size, init)) in sizes.into_iter().zip(&inits).enumerate() {
                let mut shape = layout.shape().to_vec();
                shape[axis] = size;
                let part = WeightLayout::new(shape, layout.axes()).unwrap();
                let alone = init.draw(&part, key().part(number)).unwrap();
                for (i, value) in alone.into_iter().enumerate() {
                    let (outer, place, rest) = (i / (size * inner), i / inner % size, i % inner);
                    let index = (outer * 18 + first + place) * inner + rest;
                    assert_eq!(whole[index].to_bits(), value.to_bits(), "{layout:?} {init}");
                }
                first += size;
            }
        }
    }
}

/// Query, key and value packed: each has the variance of its own fans, is orthogonal, and has as many
/// weights as it should; equal initializers give different parts.
#[test]
fn packed_attention() {
    let packed = WeightLayout::linear([64, 192]);
    let w = draw(
        &Parts::equal(3, VarianceScaling::xavier_normal()),
        packed.clone(),
    );
    // Of the packed weight it would be 2/(64 + 192).
    let n = w.len() as f64;
    let variance = energy(&w) / n;
    assert!(
        (variance * 64.0 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
        "{variance}"
    );

    let w = draw(&Parts::equal(3, Orthogonal::new()), packed.clone());
    let part = |number: usize| -> Vec<f32> {
        w.chunks(192)
            .flat_map(|row| row[64 * number..][..64].to_vec())
            .collect()
    };
    for number in 0..3 {
        assert!(distance_from_orthogonal(&part(number), 64, 64, 1.0) < 1e-5);
    }
    assert!(part(0) != part(1) && part(1) != part(2));
}

/// Dense and sparse parts, of which some last: a mask has the zeros that last, and no others.
#[test]
fn sparse_parts() {
    let parts: [AnyInitializer; 4] = [
        Sparse::exact(3).pinned().into(),
        Normal::new(0.0, 1.0).into(),
        Sparse::exact(2).into(),
        Constant::zeros().into(),
    ];
    let fitted = Parts::each(parts)
        .fit(&WeightLayout::linear_col([16, 10]))
        .unwrap();
    assert!(fitted.is_sparse() && fitted.is_lasting());
    let (values, mask) = fitted.draw_with_mask(key()).unwrap();
    let counts = |rows: std::ops::Range<usize>| {
        let of = |i: usize| (10 * rows.start..10 * rows.end).contains(&i);
        let kept = mask
            .as_ref()
            .unwrap()
            .iter()
            .enumerate()
            .filter(|(i, kept)| of(*i) && **kept);
        let nonzero = values
            .iter()
            .enumerate()
            .filter(|(i, value)| of(*i) && **value != 0.0);
        (kept.count(), nonzero.count())
    };
    assert_eq!(counts(0..4), (12, 12));
    assert_eq!(counts(4..8), (40, 40));
    // Their zeros aren't pinned: they are weights.
    assert_eq!(counts(8..12), (40, 8));
    assert_eq!(counts(12..16), (40, 0));

    let parts = [
        AnyInitializer::from(Sparse::exact(3)),
        Normal::new(0.0, 1.0).into(),
    ];
    let fitted = Parts::each(parts)
        .fit(&WeightLayout::linear_col([16, 10]))
        .unwrap();
    assert!(fitted.is_sparse() && !fitted.is_lasting());
    let (_, mask) = fitted.draw_with_mask(key()).unwrap();
    assert_eq!(
        mask.unwrap().into_iter().filter(|kept| *kept).count(),
        8 * 3 + 8 * 10
    );
}

/// Experts that are stacked, and depthwise convolutions of several widths, have the fans of one.
#[test]
fn experts_and_depthwise() {
    let experts = [Axis::Index, Axis::Input, Axis::Output];
    let experts = WeightLayout::new([128, 16, 16], experts).unwrap();
    let w = draw(&VarianceScaling::kaiming_normal(), experts.clone());
    let n = w.len() as f64;
    assert!((energy(&w) / n * 8.0 - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    let w = draw(&Orthogonal::new(), experts.clone());
    for expert in w.chunks(256).take(5) {
        assert!(distance_from_orthogonal(expert, 16, 16, 1.0) < 1e-5);
    }
    for channels in [32, 64, 96] {
        let layout = conv([channels, 1, 3, 3]).depthwise().unwrap();
        assert_eq!((layout.fan_in(), layout.fan_out()), (Some(9.0), Some(9.0)));
    }
    assert!(conv([32, 2, 3, 3]).depthwise().is_err());
    assert!(WeightLayout::linear([4, 1]).depthwise().is_err());
}

/// What is for several weights together stays so in parts, and in sparse weights: budgets are spread,
/// and a pair of attention weights can't be given twice.
#[test]
fn weights_together() {
    let layouts = [WeightLayout::linear([8, 8]), WeightLayout::linear([64, 64])];
    let layouts: Vec<&WeightLayout> = layouts.iter().collect();
    let counts = |init: &dyn Initializer| -> Vec<usize> {
        let fitted = init.fit_all(&layouts).into_iter();
        fitted
            .map(|f| count_nonzeros(&f.unwrap().draw(key()).unwrap()))
            .collect()
    };
    let budget = SparseBudget::erk(0.1);
    assert_eq!(counts(&Parts::each([budget.clone()])), counts(&budget));
    let query = || Mimetic::query("attn", 2);
    let wrapped: [AnyInitializer; 6] = [
        query().into(),
        Parts::each([query()]).into(),
        Scaled::new(query(), 0.5).into(),
        Sparse::exact(4).values(query()).into(),
        SparseBudget::erk(0.5).values(query()).into(),
        UnitNorm::new().base(query()).into(),
    ];
    for init in wrapped {
        assert!(init.fit_all(&layouts).iter().all(Result::is_err), "{init}");
        assert!(init.fit_all(&layouts[..1])[0].is_ok(), "{init}");
    }
    // What is empty has no elements, however large its axes are.
    let empty = conv([0, usize::MAX, 3]);
    assert!(draw(&Parts::equal(2, Constant::ones()), empty).is_empty());
    // One weight that can't be cut is no other's error.
    let odd = WeightLayout::linear([8, 7]);
    let all = Parts::equal(2, Normal::new(0.0, 1.0)).fit_all(&[layouts[0], &odd, layouts[1]]);
    assert_eq!(
        all.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
}

#[test]
fn refused() {
    let he = VarianceScaling::he_normal();
    let col = || WeightLayout::linear_col([6, 4]);
    let pinned = SparseOrthogonal::rotations(2.0);
    let cases: Vec<Refused<'_>> = vec![
        (
            Parts::equal(4, he).into(),
            col(),
            &["parts is 4", "divides 6"],
        ),
        (Parts::equal(0, he).into(), col(), &["parts is 0"]),
        (
            Parts::sized([(4, he), (1, he)]).into(),
            col(),
            &["sizes is [4, 1]", "6 in all"],
        ),
        (
            Parts::sized([(usize::MAX, he), (7, he)]).into(),
            col(),
            &["sizes", "6 in all"],
        ),
        (
            Parts::equal(2, he).along(Axis::Kernel).into(),
            col(),
            &["along is Kernel"],
        ),
        (Parts::equal(2, he).into(), [4].into(), &["along is Output"]),
        (
            Parts::equal(2, he).along(Axis::Kernel).into(),
            conv([2, 2, 4, 4]),
            &["exactly one of the axes"],
        ),
        (
            Parts::equal(2, he).into(),
            grouped(conv([4, 2, 3]), 2),
            &["groups are packed"],
        ),
        (Parts::equal(2, pinned).into(), col(), &["density is 2"]),
        (
            Parts::equal(2, Sparse::new(Pattern::given([true; 24]))).into(),
            col(),
            &["12 booleans"],
        ),
    ];
    assert_refused(cases);
}
