//! Vectors of one norm.

use crate::common::own::Ranks;
use crate::common::{
    assert_refused, conv, conv_transpose, draw, draw_neurons, energy, grouped, key,
};
use burn_init_values::sparse::Pattern;
use burn_init_values::weight::Along;
use burn_init_values::{
    AnyInitializer, Constant, Eye, Icnr, Initializer, Normal, Orthogonal, Sparse, SparseBudget,
    Uniform, UnitNorm, Wavelet, WeightLayout,
};

fn layouts() -> Vec<WeightLayout> {
    vec![
        WeightLayout::linear([40, 150]),
        WeightLayout::linear_col([37, 24]),
        grouped(conv([12, 4, 4, 2]), 3),
        grouped(conv_transpose([8, 6, 3]), 2),
        WeightLayout::embedding([50, 16]),
    ]
}

/// Each vector is the base's, times one positive number, and has norm |gain|; a vector of zeros
/// stays.
#[test]
fn norms() {
    let bases: Vec<AnyInitializer> = vec![
        Normal::fan_in().into(),
        Normal::new(0.0, 1e-30).into(),
        Normal::new(0.0, 1e30).into(),
        Uniform::new(0.0, 1.0).into(),
        Orthogonal::new().gain(3.0).into(),
        Wavelet::haar().into(),
        Wavelet::haar().along(Along::Outputs).into(),
        Sparse::new(Pattern::Bernoulli(0.05)).into(),
        Eye::new().into(),
        AnyInitializer::custom(Ranks),
        Constant::zeros().into(),
    ];
    for layout in layouts() {
        for along in [
            Along::Inputs,
            Along::Outputs,
            Along::Kernel,
            Along::Vocabulary,
        ] {
            let Ok(vectors) = layout.vectors(along) else {
                continue;
            };
            for base in &bases {
                let init = UnitNorm::new().along(along).gain(-2.5).base(base.clone());
                let Ok(fitted) = init.fit(&layout) else {
                    assert!(base.check(&layout).is_err());
                    continue;
                };
                let (w, b) = (fitted.draw(key()).unwrap(), draw(base, layout.clone()));
                for j in 0..vectors.count() {
                    let of = |all: &[f32]| -> Vec<f32> {
                        (0..vectors.len())
                            .map(|i| all[vectors.index(j, i)])
                            .collect()
                    };
                    let (w, b) = (of(&w), of(&b));
                    let norm = energy(&b).sqrt();
                    let expected = if norm > 0.0 { 2.5 } else { 0.0 };
                    assert!((energy(&w).sqrt() - expected).abs() < 1e-5, "{init}");
                    for (w, b) in w.iter().zip(b) {
                        let scaled = match norm > 0.0 {
                            true => -2.5 * f64::from(b) / norm,
                            false => 0.0,
                        };
                        assert!((f64::from(*w) - scaled).abs() < 1e-6, "{init}");
                    }
                }
            }
        }
    }
}

/// Points of a sphere, uniformly: each coordinate of 10,000 of them has mean 0 and mean square 1/3
/// (the variances of these means are 1/3 and 4/45 of 1/n; five standard errors: 3 false alarms in a
/// million for all six).
#[test]
fn uniform_on_the_sphere() {
    let n = 10_000;
    let w = draw_neurons(&UnitNorm::new(), n, 3);
    for i in 0..3 {
        let x = || w.iter().skip(i).step_by(3).map(|x| f64::from(*x));
        let mean = x().sum::<f64>() / n as f64;
        let square = x().map(|x| x * x).sum::<f64>() / n as f64;
        assert!(mean.abs() < 5.0 * (1.0 / 3.0 / n as f64).sqrt(), "{mean}");
        assert!(
            (square - 1.0 / 3.0).abs() < 5.0 * (4.0 / 45.0 / n as f64).sqrt(),
            "{square}"
        );
    }
}

/// A negative gain gives no negative zeros.
#[test]
fn zeros_have_no_sign() {
    let init = UnitNorm::new().gain(-2.0).base(Sparse::exact(3).pinned());
    for layout in [
        WeightLayout::linear([10, 6]),
        WeightLayout::linear_col([6, 10]),
    ] {
        let w = draw(&init, layout);
        assert_eq!(w.iter().filter(|w| w.to_bits() == 0).count(), 6 * 7);
    }
}

/// Sparse bases stay sparse, with their own masks, and pinned where they are pinned.
#[test]
fn sparse_bases() {
    let bases: [(AnyInitializer, bool); 6] = [
        (Sparse::exact(3).into(), false),
        (Sparse::exact(3).pinned().into(), true),
        (Sparse::new(Pattern::Bernoulli(0.3)).pinned().into(), true),
        (
            Sparse::exact(3).values(Orthogonal::new()).pinned().into(),
            true,
        ),
        (SparseBudget::erk(0.3).pinned().into(), true),
        (
            Sparse::exact(3).values(Constant::zeros()).pinned().into(),
            true,
        ),
    ];
    for layout in layouts() {
        for along in [Along::Inputs, Along::Outputs] {
            for (base, lasting) in &bases {
                let init = UnitNorm::new().along(along).base(base.clone());
                let fitted = init.fit(&layout).unwrap();
                assert_eq!((fitted.is_sparse(), fitted.is_lasting()), (true, *lasting));
                let (w, mask) = fitted.draw_with_mask(key()).unwrap();
                let of_base = base.fit(&layout).unwrap().draw_with_mask(key()).unwrap();
                assert_eq!(mask, of_base.1, "{init} {layout:?}");
                assert!(w.iter().all(|w| w.is_finite()), "{init}");
                assert_eq!(w, fitted.draw(key()).unwrap());
            }
        }
    }
    // Both would choose the same weights.
    let both = Sparse::exact(2).values(UnitNorm::new().base(Sparse::exact(3)));
    assert!(both.check(&[8, 8].into()).is_err());
    // Copies of copies keep their zeros, too.
    let copies = UnitNorm::new().base(Icnr::new(2).base(Sparse::exact(3).pinned()));
    assert!(copies.fit(&conv([8, 4, 3, 3])).unwrap().is_lasting());
}

#[test]
fn refused() {
    assert_refused([
        (
            UnitNorm::new().gain(f64::NAN).into(),
            [4, 4].into(),
            &["UnitNorm: gain is NaN"][..],
        ),
        (
            UnitNorm::new().along(Along::Kernel).into(),
            [4, 4].into(),
            &["it has no kernel"],
        ),
        (
            UnitNorm::new().into(),
            WeightLayout::vector([4]),
            &["rank 2 or more"],
        ),
        (
            UnitNorm::new().base(Normal::new(0.0, -1.0)).into(),
            [4, 4].into(),
            &["std is -1"],
        ),
    ]);
}
