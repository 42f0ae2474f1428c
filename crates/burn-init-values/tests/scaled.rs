//! Values that are multiplied, and the factors of deep networks.

use crate::common::{Refused, assert_refused, conv, draw, energy, key};
use burn_init_values::{
    AnyInitializer, Constant, Initializer, Normal, Orthogonal, Scaled, Sparse, SparseBudget,
    SparseOrthogonal, VarianceScaling, Wavelet, WeightLayout,
};

/// Each value times the factor; zeros, masks and bounds follow.
#[test]
fn multiplies() {
    let bases: [AnyInitializer; 8] = [
        Constant::new(0.1).into(),
        Normal::new(1.0, 0.1).into(),
        VarianceScaling::he_uniform().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Sparse::exact(3).pinned().into(),
        Sparse::exact(2).values(Orthogonal::new()).into(),
        SparseOrthogonal::butterfly(1).delta().into(),
    ];
    for base in bases {
        let layout = conv([16, 8, 3]);
        let Ok(usual) = base.fit(&layout) else {
            panic!("{base}");
        };
        for by in [-0.75f32, 0.0, 2.0] {
            let scaled = Scaled::new(base.clone(), f64::from(by))
                .fit(&layout)
                .unwrap();
            assert_eq!(scaled.is_lasting(), usual.is_lasting());
            let (expected, expected_mask) = usual.draw_with_mask(key()).unwrap();
            let (values, mask) = scaled.draw_with_mask(key()).unwrap();
            assert_eq!(mask, expected_mask, "{base}");
            for (value, expected) in values.iter().zip(expected) {
                assert_eq!(*value, by * expected, "{base}");
                assert!(*value != 0.0 || value.is_sign_positive());
            }
            if let Some((low, high)) = scaled.bounds() {
                assert!(values.iter().all(|value| (low..=high).contains(value)));
            }
        }
    }
}

/// What others build on a scaled initializer has its values, and a budget stays shared.
#[test]
fn within_others() {
    let usual = Normal::new(0.0, 0.5);
    for layout in [
        WeightLayout::linear([64, 32]),
        WeightLayout::linear_col([32, 64]),
    ] {
        let sparse = |values: AnyInitializer| {
            draw(
                &Sparse::exact(5).values(values).uncorrected(),
                layout.clone(),
            )
        };
        let pairs = sparse(Scaled::new(usual, 0.25).into())
            .into_iter()
            .zip(sparse(usual.into()));
        assert!(
            pairs
                .into_iter()
                .all(|(scaled, value)| scaled == 0.25 * value)
        );
        let shaped = draw(
            &Wavelet::haar().base(Scaled::new(usual, 0.25)),
            layout.clone(),
        );
        let expected = draw(&Wavelet::haar().base(usual), layout.clone());
        // A power of two changes no rounding.
        assert!(shaped.iter().zip(expected).all(|(a, b)| *a == 0.25 * b));
    }
    let layouts = [
        WeightLayout::linear([784, 100]),
        WeightLayout::linear([100, 10]),
    ];
    let counts = |init: &dyn Initializer| -> Vec<usize> {
        let fitted = init.fit_all(&layouts.iter().collect::<Vec<_>>());
        let values = fitted
            .into_iter()
            .map(|fitted| fitted.unwrap().draw(key()).unwrap());
        values
            .map(|values| crate::common::count_nonzeros(&values))
            .collect()
    };
    let budget = SparseBudget::erk(0.1);
    assert_eq!(counts(&Scaled::new(budget.clone(), 2.0)), counts(&budget));
}

/// The standard deviations that the papers give, within 5 standard errors.
#[test]
fn depth() {
    let (n, d) = (200 * 200, 200.0f64);
    let glorot = VarianceScaling::xavier_normal();
    let cases: [(AnyInitializer, f64); 6] = [
        // 0.02/√(2 · 12).
        (
            Scaled::gpt2(Normal::new(0.0, 0.02), 12).into(),
            0.004_082_482_904_638_63,
        ),
        (
            Scaled::gpt2(Normal::new(0.0, 0.02), 48).into(),
            0.002_041_241_452_319_315,
        ),
        // L = 16 branches of m = 2 weights: 16^(−1/2); of m = 3: 16^(−1/4).
        (
            Scaled::fixup(VarianceScaling::kaiming_normal(), 16, 2).into(),
            (2.0 / d).sqrt() / 4.0,
        ),
        (
            Scaled::fixup(VarianceScaling::kaiming_normal(), 16, 3).into(),
            (2.0 / d).sqrt() / 2.0,
        ),
        // 0.67 · 16^(−1/4), and (9 · 9)^(−1/4) = 1/3.
        (
            Scaled::t_fixup_encoder(glorot, 16).into(),
            (1.0 / d).sqrt() * 0.335,
        ),
        (
            Scaled::t_fixup_decoder(glorot, 9).into(),
            (1.0 / d).sqrt() / 3.0,
        ),
    ];
    for (init, std) in cases {
        let w = draw(&init, [200, 200]);
        let given = (energy(&w) / f64::from(n)).sqrt();
        assert!(
            (given / std - 1.0).abs() < 5.0 / (2.0 * f64::from(n)).sqrt(),
            "{init}: {given}"
        );
    }
    let layer = |l| Scaled::depth_scaled(VarianceScaling::glorot_uniform(), 1.0, l);
    let bound = |l| {
        layer(l)
            .fit(&[200, 200].into())
            .unwrap()
            .bounds()
            .unwrap()
            .1
    };
    assert!((bound(9) * 3.0 / bound(1) - 1.0).abs() < 1e-6);
}

#[test]
fn refused() {
    let normal = Normal::new(0.0, 1e30);
    let cases: [Refused<'_>; 6] = [
        (
            Scaled::new(normal, 1e-60).into(),
            [4, 4].into(),
            &["by is", "large enough for f32"],
        ),
        (
            Scaled::new(normal, f64::NAN).into(),
            [4, 4].into(),
            &["Scaled: by is NaN"],
        ),
        (
            Scaled::new(normal, 1e30).into(),
            [4, 4].into(),
            &["Scaled: by is", "leaves f32"],
        ),
        (
            Scaled::gpt2(normal, 0).into(),
            [4, 4].into(),
            &["by is inf"],
        ),
        (
            Scaled::fixup(normal, 8, 1).into(),
            [4, 4].into(),
            &["by is NaN"],
        ),
        (
            Scaled::new(VarianceScaling::he_normal(), 1.0).into(),
            [4].into(),
            &["fan"],
        ),
    ];
    assert_refused(cases);
}
