//! Whatever the shape, for all initializers: an error that says what would be right, or a result;
//! never a panic.

use crate::common::own::{Laplace, Ranks, Relay, Walk};
use crate::common::{check, conv, conv_transpose, key};
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::wavelet::{Atom, Family, Levels, Transform};
use burn_init_values::weight::{Along, Axis};
use burn_init_values::{
    AnyInitializer, Bilinear, Constant, Dct, Eye, FilterBank, FourierFeatures, Icnr, InitError,
    Initializer, MambaALog, MambaDtBias, MuP, Normal, Orthogonal, Phases, ReceptiveFields, S4d,
    Sampled, Sinusoidal, Siren, Sparse, SparseBudget, SparseOrthogonal, TruncatedNormal, Uniform,
    UnitNorm, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal,
    WaveletSparse, WeightLayout, ZerO,
};

/// One of each kind, with settings that fit every shape.
fn every_kind() -> Vec<AnyInitializer> {
    vec![
        Constant::ones().into(),
        Normal::fan_in().into(),
        Uniform::new(-1.0, 1.0).into(),
        TruncatedNormal::new(0.0, 1.0).into(),
        VarianceScaling::glorot_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Wavelet::haar().base(Sparse::exact(0)).into(),
        Sparse::exact(0).into(),
        Sparse::density(0.5).pinned().into(),
        WaveletOrthogonal::haar().into(),
        WaveletSparse::haar(1).into(),
        Sparse::new(Pattern::PerInput(Amount::Density(0.5))).into(),
        Sparse::new(Pattern::Balanced(Amount::Exact(0))).into(),
        Sparse::new(Pattern::Bernoulli(0.5)).into(),
        Sparse::new(Pattern::n_of_m(1, 1)).into(),
        Sparse::new(Pattern::NOfM {
            n: 1,
            m: 1,
            along: Along::Inputs,
        })
        .into(),
        SparseBudget::erk(0.5).into(),
        SparseOrthogonal::rotations(1.0).into(),
        SparseOrthogonal::butterfly(0).pinned().into(),
        Siren::first().into(),
        Siren::default().into(),
        FourierFeatures::new(1.0).into(),
        Phases::new().into(),
        Dct::new().into(),
        MambaALog::new().into(),
        MambaDtBias::new().into(),
        S4d::inv().im().into(),
        AnyInitializer::custom(Sampled(rand_distr::StandardNormal)),
        AnyInitializer::custom(Laplace { scale: 0.1 }),
        AnyInitializer::custom(Walk {
            along: Along::Inputs,
        }),
        AnyInitializer::custom(Ranks),
        AnyInitializer::custom(Relay { lasting: true }),
        Eye::new().into(),
        ZerO::new().into(),
        UnitNorm::new().into(),
        UnitNorm::new().base(Sparse::density(0.5).pinned()).into(),
        ReceptiveFields::new(2.0, 1.0).into(),
        MuP::hidden().into(),
        MuP::output(64.0).into(),
    ]
}

#[test]
fn empty_shapes_give_empty_parameters() {
    for init in every_kind() {
        for shape in [[0, 4], [4, 0], [0, 0]] {
            for layout in [
                WeightLayout::linear(shape),
                WeightLayout::linear_col(shape),
                WeightLayout::embedding(shape),
                conv([shape[0], shape[1], 3]),
                conv([2, shape[0], shape[1]]),
                conv_transpose([shape[0], shape[1], 3]),
            ] {
                let values = init.draw(&layout, key());
                assert_eq!(values, Ok(vec![]), "{init} {layout:?}");
            }
        }
    }
}

#[test]
fn tiny_shapes() {
    for init in every_kind() {
        for shape in [[1, 1], [1, 5], [5, 1]] {
            let values = init.draw(&shape.into(), key()).unwrap();
            assert!(
                values.iter().all(|value| value.is_finite()),
                "{init} {shape:?}"
            );
        }
    }
}

#[test]
fn shapes_that_do_not_fit() {
    let no_memory = |error: InitError, init: &AnyInitializer| {
        let error = error.to_string();
        let refused = error.contains("no memory") || error.contains("at most");
        assert!(refused, "{init}: {error}");
    };
    for init in every_kind() {
        for shape in [[usize::MAX, 2], [1 << 40, 1 << 40]] {
            let message = check(init.clone(), shape).unwrap_err();
            assert!(
                message.contains("more elements than can be addressed"),
                "{message}"
            );
        }
        // Addressable, but not there: 128 TiB.
        let huge = WeightLayout::from([1 << 25, 1 << 20]);
        no_memory(init.draw(&huge, key()).unwrap_err(), &init);
        // A few elements are, unless they take all others.
        let huge = WeightLayout::new(
            [1 << 5, 1 << 20, 1 << 20],
            [Axis::Index, Axis::Input, Axis::Output],
        )
        .unwrap();
        no_memory(init.draw(&huge, key()).unwrap_err(), &init);
        if let Err(error) = init.fill(&huge, key(), 5, &mut [0.0; 4]) {
            no_memory(error, &init);
        }
        assert_eq!(init.fill(&[4, 4].into(), key(), 5, &mut []), Ok(()));
    }
}

#[test]
fn layouts_that_do_not_fit() {
    for (layout, part) in [
        (
            conv([6, 2, 3]).groups(4),
            "4 groups don't divide its 6 channels",
        ),
        (WeightLayout::conv([5]), "axes"),
        (conv_transpose([4, 2, 3]).strides([2, 2]), "strides"),
    ] {
        let message = layout.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_vector_has_no_fans_and_no_neurons() {
    for init in every_kind() {
        let result = check(init.clone(), WeightLayout::vector([5]));
        let of_neurons = ["own: walk", "own: relay"];
        match &init {
            AnyInitializer::Custom(own)
                if of_neurons.iter().any(|o| own.to_string().contains(o)) =>
            {
                assert!(result.unwrap_err().contains("rank 2 or more"), "{init}");
            }
            AnyInitializer::Constant(_)
            | AnyInitializer::Uniform(_)
            | AnyInitializer::TruncatedNormal(_)
            | AnyInitializer::Phases(_)
            | AnyInitializer::MambaALog(_)
            | AnyInitializer::MambaDtBias(_)
            | AnyInitializer::S4d(_)
            | AnyInitializer::Custom(_) => assert_eq!(result, Ok(())),
            _ => assert!(result.unwrap_err().contains("rank 2 or more"), "{init}"),
        }
    }
}

#[test]
fn ranges_outside_of_the_parameter() {
    for init in every_kind() {
        for (start, len) in [(16, 1), (0, 17), (usize::MAX, 2)] {
            let mut out = vec![7.0; len];
            let error = init.fill(&[4, 4].into(), key(), start, &mut out);
            assert!(
                error.unwrap_err().to_string().contains("16 elements"),
                "{init}"
            );
            assert!(out.iter().all(|value| *value == 7.0));
        }
    }
}

/// What only some sizes allow is empty where there is nothing, too; sizes beyond memory are refused.
#[test]
fn the_ends_of_sizes() {
    let none = WeightLayout::linear([0, 10]);
    for pattern in [
        Pattern::PerOutput(Amount::Exact(3)),
        Pattern::PerInput(Amount::Exact(3)),
    ] {
        let sparse = Sparse::new(pattern);
        assert_eq!(
            sparse.check(&none).is_ok(),
            sparse.draw(&none, key()).is_ok()
        );
    }
    let empty = WeightLayout::linear([5, 0]);
    let draw = |init: &dyn Initializer, layout: &WeightLayout| init.draw(layout, key());
    assert_eq!(draw(&SparseOrthogonal::butterfly(1), &empty), Ok(vec![]));
    assert_eq!(draw(&WaveletAtoms::new(Atom::Ricker), &empty), Ok(vec![]));
    assert_eq!(draw(&Sparse::new(Pattern::given([])), &empty), Ok(vec![]));
    assert!(draw(&Sparse::new(Pattern::given([true; 5])), &empty).is_err());
    let filters = WaveletFilters::decomposition(Family::HAAR);
    assert_eq!(draw(&filters, &conv([0, 1, 2])), Ok(vec![]));
    let empty = conv_transpose([usize::MAX, 0, usize::MAX, 4]);
    assert_eq!(draw(&Bilinear::new(), &empty), Ok(vec![]));
    assert_eq!(draw(&Eye::new(), &empty), Ok(vec![]));
    assert_eq!(draw(&ZerO::new(), &conv([usize::MAX, 0, 3])), Ok(vec![]));
    assert_eq!(
        draw(&Icnr::new(2), &conv([0, usize::MAX, 3, 3])),
        Ok(vec![])
    );
    assert_eq!(
        draw(&Icnr::new(2), &conv([4, 0, usize::MAX, 3])),
        Ok(vec![])
    );
    assert!(draw(&Icnr::new(usize::MAX), &conv([0, 1, 3, 3])).is_err());
    // Waves of which some sizes have none.
    assert_eq!(draw(&Sinusoidal::new(), &empty), Ok(vec![]));
    assert_eq!(draw(&Sinusoidal::new(), &none), Ok(vec![]));
    for bank in [
        FilterBank::fourier(),
        FilterBank::mel(1.0),
        FilterBank::sinc(1.0),
    ] {
        for layout in [&empty, &none, &conv([0, 1, 2]), &conv([2, 3, 0, 2])] {
            assert_eq!(draw(&bank, layout), Ok(vec![]), "{bank} {layout:?}");
        }
    }
    let endless = WeightLayout::linear([usize::MAX, 0]);
    assert!(draw(&Wavelet::haar(), &endless).is_err());
    assert_eq!(draw(&Normal::fan_in(), &endless), Ok(vec![]));
    assert!(Transform::new(Family::HAAR, &[usize::MAX], Levels::Full).is_err());
    // An axis of indices before a kernel's.
    let axes = [Axis::Index, Axis::Input, Axis::Output, Axis::Kernel];
    let stacked = WeightLayout::new([1, 4, 4, 3], axes).unwrap();
    assert!(draw(&WaveletOrthogonal::haar().delta(), &stacked).is_err());
    assert!(draw(&WaveletOrthogonal::haar(), &stacked).is_ok());
}
