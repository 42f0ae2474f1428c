//! The list of all initializers, initializers behind pointers, and a user's own.

use std::sync::Arc;

use crate::common::own::{Laplace, Ranks, Relay, Walk};
use crate::common::{conv, draw, key, to_bits};
use burn_init_values::covariance::Centres;
use burn_init_values::dense::{FanMode, Gain};
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::wavelet::{Atom, Boundary, Family, Keep, Levels, Normalization};
use burn_init_values::waves::{MelBands, MelScale};
use burn_init_values::weight::{Along, Axis};
use burn_init_values::{
    AnyInitializer, BiasUniform, Bilinear, ChronoBias, ClassPrior, Constant, ConvCovariance, Dct,
    Eye, FilterBank, FourierFeatures, GateBias, Hippo, Icnr, Initializer, MambaALog, MambaDtBias,
    Mimetic, MuP, Normal, Orthogonal, Parts, Phases, Poison, ReceptiveFields, S4d, Sampled, Scaled,
    Sinusoidal, Siren, Sparse, SparseBudget, SparseOrthogonal, Spectral, TruncatedNormal, Uniform,
    UnitNorm, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal,
    WaveletSparse, WeightLayout, ZerO, any,
};

/// Settings of every kind are the same after they were in files of each format.
#[test]
fn settings_survive_files() {
    let db2: Family = "db2".parse().unwrap();
    let cut = TruncatedNormal::new(0.0, 0.1);
    let haar = Wavelet::haar;
    let of = |pattern| AnyInitializer::from(Sparse::new(pattern));
    let budget = || SparseBudget::erk(0.1);
    let all: Vec<AnyInitializer> = vec![
        Constant::random().into(),
        Constant::new(0.1).into(),
        Normal::new(0.5, 0.1).into(),
        Normal::fan_in().into(),
        Uniform::new(-0.5, 0.5).into(),
        cut.into(),
        cut.bounds(-1.0, f64::INFINITY).into(),
        cut.deviations(-1.0, 1.5).into(),
        VarianceScaling::he_normal().gain(0.5).into(),
        VarianceScaling::lecun_uniform().gain(Gain::Tanh).into(),
        Orthogonal::new().gain(0.5).into(),
        haar().bands(true, 2..=3).along(Along::Channels).into(),
        haar().soft_threshold(Keep::Energy(0.5)).into(),
        haar().normalization(Normalization::Spectrum).into(),
        haar().levels(Levels::Full).into(),
        Wavelet::new("sym4".parse().unwrap())
            .levels(2)
            .grid([8, 8])
            .gains(1.0, [0.5, 0.25])
            .mean_gain(0.5)
            .unnormalized()
            .base(Normal::new(0.0, 0.1))
            .into(),
        WaveletOrthogonal::new(db2)
            .levels(2)
            .grid([8, 8])
            .gain(0.5)
            .delta()
            .into(),
        WaveletOrthogonal::haar().levels(Levels::Full).into(),
        WaveletOrthogonal::new(db2)
            .boundary(Boundary::Filters)
            .into(),
        Wavelet::new("rbio2.4".parse().unwrap()).into(),
        Wavelet::new(db2).boundary(Boundary::Filters).into(),
        WaveletSparse::new(db2, 3)
            .boundary(Boundary::Filters)
            .into(),
        WaveletSparse::new(db2, 3)
            .law(1.5)
            .levels(1)
            .grid([4, 4])
            .gain(2.0)
            .into(),
        WaveletAtoms::new(Atom::Laplace)
            .along(Along::Kernel)
            .scales(3.0, 4.0)
            .gain(0.1)
            .into(),
        WaveletFilters::reconstruction(db2).gain(0.5).into(),
        Sparse::exact(8).pinned().into(),
        Sparse::torch(0.9, 0.01).uncorrected().into(),
        Sparse::mlx(0.9, 0.0, 0.01).require_connected().into(),
        Sparse::new(Pattern::Bernoulli(0.3)).reconnect().into(),
        Sparse::density(0.5).values(Wavelet::haar()).into(),
        of(Pattern::PerOutput(Amount::Total(77))),
        of(Pattern::Balanced(Amount::Exact(2))),
        of(Pattern::n_of_m(2, 4)),
        of(Pattern::NOfM {
            n: 1,
            m: 4,
            along: Along::Outputs,
        }),
        of(Pattern::Blocks {
            rows: 2,
            columns: 2,
            amount: Amount::Density(0.5),
        }),
        of(Pattern::Local {
            grid: vec![10, 10],
            patch: vec![3, 3],
        }),
        of(Pattern::given([true, false])),
        budget().pinned().into(),
        budget().values(Constant::ones()).uncorrected().into(),
        budget().reconnect().into(),
        SparseBudget::uniform(0.5).into(),
        SparseBudget::erdos_renyi(0.5).require_connected().into(),
        SparseOrthogonal::rotations(0.5).gain(2.0).pinned().into(),
        SparseOrthogonal::butterfly(3).delta().into(),
        Scaled::gpt2(Normal::new(0.0, 0.02), 8).into(),
        Parts::equal(3, Orthogonal::new()).along(Axis::Input).into(),
        Parts::sized([(2, Normal::fan_in()), (3, Normal::fan_in())]).into(),
        Orthogonal::new().delta().into(),
        Eye::new().gain(0.5).into(),
        ZerO::new().gain(Gain::Relu).into(),
        Icnr::new(2).into(),
        Icnr::new(3).base(Sparse::exact(8).pinned()).into(),
        Bilinear::new().gain(2.0).into(),
        UnitNorm::new().into(),
        UnitNorm::new()
            .along(Along::Kernel)
            .gain(-0.5)
            .base(Uniform::new(-1.0, 1.0))
            .into(),
        Sinusoidal::new().mode(FanMode::FanOut).gain(0.5).into(),
        Siren::first().into(),
        Siren::hidden(2.5).into(),
        FourierFeatures::new(0.5).cycles().into(),
        Phases::new().into(),
        Dct::new().grid([8, 8]).gain(0.5).into(),
        FilterBank::fourier().gain(0.5).into(),
        FilterBank::mel(MelBands::new(16_000.0).scale(MelScale::Slaney))
            .area()
            .into(),
        FilterBank::sinc(MelBands::new(16_000.0).between(30.0, 7900.0)).into(),
        ReceptiveFields::new(5.0, 2.0)
            .grid([4, 4])
            .centres(Centres::Regular(vec![2, 2]))
            .gain(0.5)
            .into(),
        ReceptiveFields::stationary(2.0).along(Along::Kernel).into(),
        ConvCovariance::new(0.5).gain(2.0).into(),
        Mimetic::query("blocks.0", 4).alpha(0.5).into(),
        Mimetic::projection("blocks.0").beta(0.5).into(),
        Spectral::normal().gain(0.5).into(),
        Spectral::orthogonal().into(),
        MuP::input().into(),
        MuP::output(64.0).multiplied().gain(2.0).into(),
        BiasUniform::new().mode(FanMode::FanOut).into(),
        ClassPrior::softmax([0.7, 0.3]).smoothing(1.0).into(),
        ClassPrior::sigmoid([7, 3]).of(10).into(),
        Poison::new().into(),
        GateBias::lstm().into(),
        ChronoBias::lstm(784.0).into(),
        ChronoBias::input(784.0, "lstm.forget").into(),
        Hippo::legt().b().gain(0.5).into(),
        S4d::inv().im().states(8).into(),
        MambaALog::new().into(),
        MambaALog::mamba2().into(),
        MambaDtBias::new().steps(0.01, 0.2).floor(0.02).into(),
    ];
    for name in AnyInitializer::NAMES {
        assert!(all.iter().any(|init| init.name() == *name), "{name}");
    }
    for init in all {
        let text = toml::to_string(&init).unwrap();
        let from_toml: AnyInitializer = toml::from_str(&text).expect(&text);
        let text = serde_json::to_string(&init).unwrap();
        let from_json: AnyInitializer = serde_json::from_str(&text).expect(&text);
        let bytes = rmp_serde::to_vec(&init).unwrap();
        let from_message_pack: AnyInitializer = rmp_serde::from_slice(&bytes).expect(&text);
        let bytes = postcard::to_stdvec(&init).unwrap();
        let from_postcard: AnyInitializer = postcard::from_bytes(&bytes).expect(&text);
        for same in [from_toml, from_json, from_message_pack, from_postcard] {
            assert_eq!(format!("{init:?}"), format!("{same:?}"), "{text}");
            assert_eq!(init, same, "{text}");
        }
    }
}

/// What a file needn't say.
#[test]
fn defaults_in_files() {
    let cases: Vec<(&str, AnyInitializer)> = vec![
        (
            "receptive_fields = { size = 3.0, scale = 1.0 }",
            ReceptiveFields::new(3.0, 1.0).into(),
        ),
        (
            "conv_covariance.variance = 0.5",
            ConvCovariance::new(0.5).into(),
        ),
        (
            "mimetic = { weight = 'value', pair = 'a', alpha = 0.4, beta = 0.4 }",
            Mimetic::value("a").into(),
        ),
        ("mup.role = 'hidden'", MuP::hidden().into()),
        ("bias_uniform = {}", BiasUniform::new().into()),
        ("poison = {}", Poison::new().into()),
        ("mamba_dt_bias = {}", MambaDtBias::new().into()),
        ("mamba_a_log = {}", MambaALog::new().into()),
        ("s4d.spectrum = 'inv'", S4d::inv().into()),
        ("hippo.measure = 'leg_s'", Hippo::legs().into()),
        (
            "wavelet.family = 'db4'",
            Wavelet::new("db4".parse().unwrap()).into(),
        ),
        (
            "wavelet = { family = 'db4', boundary = 'filters' }",
            Wavelet::new("db4".parse().unwrap())
                .boundary(Boundary::Filters)
                .into(),
        ),
        (
            "sparse.pattern.n_of_m = { n = 2, m = 4 }",
            Sparse::new(Pattern::n_of_m(2, 4)).into(),
        ),
        ("orthogonal = {}", Orthogonal::new().into()),
        ("eye = {}", Eye::new().into()),
        ("zer_o = {}", ZerO::new().into()),
        ("icnr.scale = 2", Icnr::new(2).into()),
        ("bilinear = {}", Bilinear::new().into()),
        ("unit_norm = {}", UnitNorm::new().into()),
        ("sinusoidal = {}", Sinusoidal::new().into()),
        ("siren.layer.hidden = {}", Siren::hidden(30.0).into()),
        (
            "fourier_features.std = 2.0",
            FourierFeatures::new(2.0).into(),
        ),
        ("phases = {}", Phases::new().into()),
        ("dct = {}", Dct::new().into()),
        (
            "filter_bank.bank.mel.sample_rate = 16000.0",
            FilterBank::mel(16_000.0).into(),
        ),
    ];
    for (text, expected) in cases {
        let init: AnyInitializer = toml::from_str(text).unwrap();
        assert_eq!(init.to_string(), expected.to_string());
        assert_eq!(init, expected);
    }
}

/// An initializer behind a pointer, or taken as a user's own, gives the bits of itself; several
/// weights still share a budget.
fn assert_same_behind_pointers(init: impl Initializer + Clone + 'static) {
    let layouts = [
        WeightLayout::linear([100, 64]),
        WeightLayout::linear_col([10, 64]),
        conv([16, 4, 4, 2]),
    ];
    let boxed: Box<dyn Initializer> = Box::new(init.clone());
    let shared: Arc<dyn Initializer> = Arc::new(init.clone());
    let custom = AnyInitializer::custom(init.clone());
    let all: [(&str, &dyn Initializer); 6] = [
        ("&T", &&init),
        ("Box", &Box::new(init.clone())),
        ("Box of dyn", &boxed),
        ("Arc of dyn", &shared),
        ("custom", &custom),
        ("custom of custom", &AnyInitializer::custom(custom.clone())),
    ];
    let together = |init: &dyn Initializer| -> Vec<_> {
        let fitted = init
            .fit_all(&layouts.iter().collect::<Vec<_>>())
            .into_iter();
        fitted
            .map(|fitted| {
                let fitted = fitted.unwrap();
                let (values, mask) = fitted.draw_with_mask(key()).unwrap();
                (to_bits(&values), mask, fitted.bounds(), fitted.is_lasting())
            })
            .collect()
    };
    let expected = together(&init);
    for (name, behind) in all {
        assert_eq!(behind.to_string(), init.to_string(), "{name}");
        assert!(together(behind) == expected, "{init} behind {name}");
        for layout in &layouts {
            let alone = to_bits(&draw(behind, layout.clone()));
            assert!(
                alone == to_bits(&draw(&init, layout.clone())),
                "{init} behind {name}"
            );
        }
    }
}

#[test]
fn behind_pointers() {
    assert_same_behind_pointers(Normal::fan_in());
    assert_same_behind_pointers(Orthogonal::new());
    assert_same_behind_pointers(Wavelet::haar());
    assert_same_behind_pointers(WaveletAtoms::new(Atom::Gabor));
    assert_same_behind_pointers(Sparse::exact(8).pinned());
    assert_same_behind_pointers(SparseBudget::erk(0.1));
    assert_same_behind_pointers(SparseBudget::erk(0.1).pinned());
    assert_same_behind_pointers(Wavelet::haar().base(SparseBudget::erk(0.1)));
    assert_same_behind_pointers(SparseOrthogonal::butterfly(1));
    assert_same_behind_pointers(Scaled::new(SparseBudget::erk(0.1), 0.5));
    assert_same_behind_pointers(Parts::equal(2, Sparse::exact(3).pinned()));
    assert_same_behind_pointers(Eye::new());
    assert_same_behind_pointers(UnitNorm::new().base(SparseBudget::erk(0.1).pinned()));
    assert_same_behind_pointers(Sinusoidal::new());
    assert_same_behind_pointers(Dct::new());
    assert_same_behind_pointers(Sampled(rand_distr::StandardNormal));
    assert_same_behind_pointers(Laplace { scale: 0.1 });
    assert_same_behind_pointers(Walk {
        along: Along::Inputs,
    });
    assert_same_behind_pointers(Ranks);
    assert_same_behind_pointers(Relay { lasting: true });
}

/// A user's own initializers of each kind, in files by their registered names, alone and within
/// others; what they draw is the same.
#[test]
fn own_initializers_in_files() {
    any::register::<Laplace>("laplace").unwrap();
    any::register::<Walk>("walk").unwrap();
    any::register::<Ranks>("ranks").unwrap();
    any::register::<Relay>("relay").unwrap();
    let own = [
        (
            AnyInitializer::custom(Laplace { scale: 0.25 }),
            r#"{"custom":{"laplace":{"scale":0.25}}}"#,
        ),
        (
            AnyInitializer::custom(Walk {
                along: Along::Outputs,
            }),
            r#"{"custom":{"walk":{"along":"outputs"}}}"#,
        ),
        (AnyInitializer::custom(Ranks), r#"{"custom":{"ranks":{}}}"#),
        (
            AnyInitializer::custom(Relay { lasting: true }),
            r#"{"custom":{"relay":{"lasting":true}}}"#,
        ),
    ];
    for (init, text) in own {
        assert_eq!(serde_json::to_string(&init).unwrap(), text);
        let mut all = vec![init.clone()];
        // What is sparse and lasts can't be within others.
        if !init.to_string().contains("relay") {
            all.push(Wavelet::haar().base(init.clone()).into());
            all.push(Sparse::exact(2).values(init.clone()).into());
            all.push(SparseBudget::erk(0.5).values(init).into());
        }
        for init in all {
            let text = serde_json::to_string(&init).unwrap();
            let same: AnyInitializer = serde_json::from_str(&text).expect(&text);
            assert_eq!(init, same);
            let text = toml::to_string(&init).unwrap();
            assert_eq!(toml::from_str::<AnyInitializer>(&text).expect(&text), init);
            let bytes = postcard::to_stdvec(&init).unwrap();
            assert_eq!(
                postcard::from_bytes::<AnyInitializer>(&bytes).unwrap(),
                init
            );
            assert_eq!(
                to_bits(&draw(&init, [16, 8])),
                to_bits(&draw(&same, [16, 8]))
            );
        }
    }
    // A name is one type's, and a type has one name.
    assert_eq!(any::register::<Laplace>("laplace"), Ok(()));
    for (taken, part) in [
        (any::register::<Laplace>("double_exponential"), "`laplace`"),
        (any::register::<Normal>("laplace"), "no other type"),
    ] {
        let message = taken.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
    let unknown = r#"{"custom":{"lapalce":{"scale":0.25}}}"#;
    let message = serde_json::from_str::<AnyInitializer>(unknown).unwrap_err();
    assert!(message.to_string().contains("laplace"), "{message}");
    // Without a name, there is no file.
    let unnamed = AnyInitializer::custom(Normal::fan_in());
    assert!(serde_json::to_string(&unnamed).is_err());
}

/// What a file says that no setting is called is an error.
#[test]
fn typos_in_files() {
    for text in [
        "sparse = { pattern.per_output.exact = 8, pined = true }",
        "wavelet = { family = 'haar', gird = [10, 10] }",
        "normal = { mean = 0.0, sdt = 0.1 }",
        "uniform = { low = 0.0, high = 1.0, scale = 2.0 }",
        "noraml = { mean = 0.0 }",
        "wavelet_atoms = { atom = 'richter' }",
        "phases = { high = 6.28 }",
        "siren.layre = 'first'",
        "filter_bank.bank.mel = { sample_rate = 1.0, hihg = 2.0 }",
    ] {
        let error = toml::from_str::<AnyInitializer>(text)
            .expect_err(text)
            .to_string();
        assert!(error.contains("unknown"), "{error}");
    }
    let wrong = toml::from_str::<AnyInitializer>("wavelet.family = 'db44'").unwrap_err();
    assert!(wrong.to_string().contains("db4"), "{wrong}");
}

/// A misspelled setting is an error at any depth, and so is a number that files don't have.
#[test]
fn files_refuse_what_they_cannot_say() {
    for text in [
        r#"{"truncated_normal":{"mean":0.0,"std":1.0,"bounds":{"absolute":{"hgh":0.1}}}}"#,
        r#"{"sparse":{"pattern":{"n_of_m":{"n":2,"m":4,"alogn":"inputs"}}}}"#,
        r#"{"siren":{"layer":{"hidden":{"omgea":1.0}}}}"#,
        r#"{"wavelet":{"family":"haar","shaping":{"threshold":{"keep":"universal","sfot":true}}}}"#,
    ] {
        let error = serde_json::from_str::<AnyInitializer>(text).unwrap_err();
        assert!(error.to_string().contains("unknown"), "{text}: {error}");
    }
    for init in [
        AnyInitializer::from(Normal::new(0.0, f64::INFINITY)),
        TruncatedNormal::new(0.0, 1.0).bounds(f64::NAN, 1.0).into(),
    ] {
        let error = serde_json::to_string(&init).unwrap_err().to_string();
        assert!(error.contains("finite"), "{init}: {error}");
    }
}

/// A user's own values are what a wavelet shapes: by the identity they stay, in each layout.
#[test]
fn wavelets_over_own_values() {
    for layout in [
        WeightLayout::linear([40, 150]),
        WeightLayout::linear_col([150, 40]),
        conv([6, 5, 4]),
    ] {
        for own in [
            AnyInitializer::custom(Laplace { scale: 0.1 }),
            AnyInitializer::custom(Walk {
                along: Along::Inputs,
            }),
        ] {
            let shaped = Wavelet::haar().identity().base(own.clone());
            let pairs = draw(&own, layout.clone())
                .into_iter()
                .zip(draw(&shaped, layout.clone()));
            for (value, shaped) in pairs {
                assert!((value - shaped).abs() < 1e-5, "{own}: {value} {shaped}");
            }
        }
    }
}
