//! What fitted weights say of their values before any is made, against values that were made.

use burn_init_values::covariance::Centres;
use burn_init_values::dense::{Distribution, FanMode};
use burn_init_values::initializer::{Dependence, Expected};
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::wavelet::{Atom, Keep, Normalization};
use burn_init_values::waves::{MelBands, MelScale};
use burn_init_values::{
    AnyInitializer, BiasUniform, Bilinear, ChronoBias, ClassPrior, Constant, ConvCovariance, Dct,
    Eye, FilterBank, Fitted, FourierFeatures, GateBias, Hippo, Icnr, Initializer, MambaALog,
    MambaDtBias, Mimetic, MuP, Normal, Orthogonal, Parts, Phases, Poison, ReceptiveFields, S4d,
    Scaled, Seed, Sinusoidal, Siren, Sparse, SparseBudget, SparseOrthogonal, Spectral,
    TruncatedNormal, Uniform, UnitNorm, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters,
    WaveletOrthogonal, WaveletSparse, WeightLayout, ZerO, draw,
};

/// Means over keys, with their standard errors.
struct Measured {
    mean: f64,
    mean_error: f64,
    squares: f64,
    squares_error: f64,
    density: f64,
    density_error: f64,
}

const KEYS: u64 = 64;

fn measured(init: &AnyInitializer, weight: &WeightLayout) -> Measured {
    let fitted = init.fit(weight).unwrap();
    let mut all = [const { Vec::new() }; 3];
    for seed in 0..KEYS {
        let (values, mask) = fitted.draw_with_mask(Seed::new(seed).key("w")).unwrap();
        let n = values.len() as f64;
        let values = || values.iter().map(|value| f64::from(*value));
        let kept = mask.map_or(n, |mask| mask.iter().filter(|kept| **kept).count() as f64);
        all[0].push(values().sum::<f64>() / n);
        all[1].push(values().map(|value| value * value).sum::<f64>() / n);
        all[2].push(kept / n);
    }
    let [
        (mean, mean_error),
        (squares, squares_error),
        (density, density_error),
    ] = all.map(|all| {
        let n = all.len() as f64;
        let mean = all.iter().sum::<f64>() / n;
        let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    });
    Measured {
        mean,
        mean_error,
        squares,
        squares_error,
        density,
        density_error,
    }
}

/// Within seven standard errors, for means over 64 keys: a false alarm in 10⁹ comparisons.
fn check(init: &AnyInitializer, weight: &WeightLayout) {
    let fitted = init.fit(weight).unwrap();
    let Expected { mean, std } = fitted
        .expected()
        .unwrap_or_else(|| panic!("{init}: unknown"));
    let measured = measured(init, weight);
    let squares = mean * mean + std * std;
    let size = squares.sqrt().max(1e-3);
    let context = format!("{init} on {:?}: {mean} ± {std}", weight.shape());
    assert!(
        (measured.mean - mean).abs() <= 7.0 * measured.mean_error + 1e-5 * size,
        "{context}, but the mean is {} ± {}",
        measured.mean,
        measured.mean_error
    );
    // Of neurons that keep none or few, the expectation is a good guess.
    assert!(
        (measured.squares - squares).abs() <= 7.0 * measured.squares_error + 2e-5 * squares,
        "{context}, squares {squares}, but they are {} ± {}",
        measured.squares,
        measured.squares_error
    );
    if let Some(density) = fitted.density() {
        assert!(
            (measured.density - density).abs() <= 7.0 * measured.density_error + 1e-9,
            "{context}: density {density}, but it is {} ± {}",
            measured.density,
            measured.density_error
        );
    }
}

fn of(pattern: Pattern) -> AnyInitializer {
    Sparse::new(pattern).into()
}

/// Every initializer says what its values will be, but for those that are listed.
#[test]
fn all_initializers() {
    let cut = TruncatedNormal::new(0.1, 0.1);
    let linear = WeightLayout::linear([64, 32]);
    let col = WeightLayout::linear_col([24, 64]);
    let conv = WeightLayout::conv([8, 4, 3, 3]).unwrap();
    let filters = WeightLayout::conv([16, 4, 8, 8]).unwrap();
    let up = WeightLayout::conv_transpose([4, 4, 4, 4]).unwrap();
    let (square, classes) = (WeightLayout::linear([16, 16]), WeightLayout::vector([2]));
    let one = WeightLayout::conv([8, 1, 32]).unwrap();
    let bias = WeightLayout::bias_of(&linear).unwrap();
    let gates = WeightLayout::vector([64]);
    let cases: Vec<(AnyInitializer, &WeightLayout)> = vec![
        (Constant::random().into(), &gates),
        (Constant::new(0.1).into(), &linear),
        (Normal::new(0.5, 0.1).into(), &linear),
        (Uniform::new(-0.5, 0.7).into(), &linear),
        (cut.into(), &linear),
        (cut.bounds(-0.1, f64::INFINITY).into(), &linear),
        (cut.bounds(0.3, 0.31).into(), &linear),
        (cut.bounds(-9.0, -0.7).into(), &linear),
        (cut.deviations(-1.0, 1.5).into(), &linear),
        (cut.deviations(-1.0, 1.5).std_after_cut().into(), &linear),
        (TruncatedNormal::new(0.5, 0.0).into(), &linear),
        (VarianceScaling::he_normal().gain(0.5).into(), &linear),
        (VarianceScaling::lecun_uniform().into(), &conv),
        (
            VarianceScaling::new(1.0, FanMode::FanIn, Distribution::TruncatedNormal).into(),
            &conv,
        ),
        (Orthogonal::new().gain(-0.5).into(), &linear),
        (Orthogonal::new().into(), &conv),
        (Orthogonal::new().delta().into(), &conv),
        (Wavelet::haar().into(), &linear),
        (
            Wavelet::haar()
                .grid([8, 8])
                .power_law(2.0)
                .mean_gain(0.0)
                .into(),
            &linear,
        ),
        (Wavelet::haar().bands(true, 2..=3).into(), &col),
        (
            Wavelet::haar().soft_threshold(Keep::Energy(0.5)).into(),
            &linear,
        ),
        (
            Wavelet::haar()
                .normalization(Normalization::Spectrum)
                .into(),
            &linear,
        ),
        (Wavelet::new("rbio2.4".parse().unwrap()).into(), &linear),
        (WaveletOrthogonal::haar().gain(0.5).into(), &linear),
        (
            WaveletSparse::new("db2".parse().unwrap(), 3)
                .gain(2.0)
                .into(),
            &linear,
        ),
        (WaveletAtoms::new(Atom::Morlet).gain(0.5).into(), &linear),
        (
            WaveletFilters::reconstruction("db2".parse().unwrap()).into(),
            &filters,
        ),
        (Sparse::exact(8).pinned().into(), &linear),
        (Sparse::exact(8).uncorrected().into(), &linear),
        (Sparse::torch(0.9, 0.01).into(), &col),
        (of(Pattern::Bernoulli(0.3)), &linear),
        (of(Pattern::PerOutput(Amount::Total(177))), &linear),
        (of(Pattern::Balanced(Amount::Exact(3))), &linear),
        (of(Pattern::n_of_m(2, 4)), &conv),
        (
            of(Pattern::Blocks {
                rows: 2,
                columns: 2,
                amount: Amount::Density(0.5),
            }),
            &linear,
        ),
        (
            of(Pattern::Local {
                grid: vec![8, 8],
                patch: vec![3, 3],
            }),
            &linear,
        ),
        (
            of(Pattern::given(
                (0..64 * 32).map(|i| i % 3 != 0).collect::<Vec<_>>(),
            )),
            &linear,
        ),
        (
            Sparse::density(0.5).values(Orthogonal::new()).into(),
            &linear,
        ),
        (
            Sparse::density(0.3)
                .values(Constant::ones())
                .uncorrected()
                .into(),
            &linear,
        ),
        (
            Sparse::density(0.3)
                .values(VarianceScaling::glorot_normal())
                .into(),
            &linear,
        ),
        (SparseBudget::erk(0.3).into(), &linear),
        (SparseOrthogonal::rotations(0.5).gain(2.0).into(), &linear),
        (SparseOrthogonal::butterfly(3).delta().into(), &conv),
        (Scaled::gpt2(Normal::new(0.5, 0.02), 8).into(), &linear),
        (Scaled::new(cut, -2.0).into(), &linear),
        (Scaled::new(Sparse::exact(3), 2.0).into(), &linear),
        (Parts::equal(2, Orthogonal::new()).into(), &linear),
        (
            Parts::<AnyInitializer>::sized([
                (2, Constant::new(1.0).into()),
                (30, Normal::fan_in().into()),
            ])
            .into(),
            &linear,
        ),
        (Eye::new().gain(0.5).into(), &linear),
        (ZerO::new().into(), &linear),
        (Icnr::new(2).base(cut).into(), &conv),
        (Icnr::new(2).base(Sparse::exact(8)).into(), &conv),
        (Bilinear::new().gain(2.0).into(), &up),
        (UnitNorm::new().into(), &linear),
        (
            UnitNorm::new().gain(-0.5).base(Sparse::exact(8)).into(),
            &linear,
        ),
        (Sinusoidal::new().into(), &linear),
        (Siren::first().into(), &linear),
        (Siren::hidden(2.5).into(), &linear),
        (FourierFeatures::new(0.5).cycles().into(), &linear),
        (Phases::new().into(), &gates),
        (Dct::new().grid([8, 8]).into(), &linear),
        (FilterBank::fourier().into(), &linear),
        (
            FilterBank::mel(MelBands::new(16_000.0).scale(MelScale::Slaney)).into(),
            &one,
        ),
        (
            ReceptiveFields::new(5.0, 2.0)
                .grid([8, 8])
                .centres(Centres::Regular(vec![2, 2]))
                .into(),
            &linear,
        ),
        (ReceptiveFields::stationary(2.0).gain(0.5).into(), &linear),
        (ConvCovariance::new(0.5).gain(2.0).into(), &conv),
        (Spectral::normal().gain(0.5).into(), &linear),
        (Spectral::orthogonal().into(), &linear),
        (MuP::input().into(), &linear),
        (BiasUniform::new().into(), &bias),
        (ClassPrior::softmax([0.7, 0.3]).into(), &classes),
        (GateBias::lstm().into(), &gates),
        (ChronoBias::lstm(784.0).into(), &gates),
        (ChronoBias::lstm(2.0).into(), &gates),
        (Hippo::legt().into(), &square),
        (S4d::inv().im().states(32).into(), &linear),
        (MambaALog::new().into(), &linear),
        (MambaALog::mamba2().into(), &gates),
        (
            MambaDtBias::new().steps(0.01, 0.2).floor(0.02).into(),
            &gates,
        ),
    ];
    for (init, weight) in &cases {
        check(init, weight);
    }
    let unknown: Vec<(AnyInitializer, &WeightLayout)> = vec![
        // NaN is no mean.
        (Poison::new().into(), &linear),
        // Factors of a matrix, whose sizes no formula says.
        (Mimetic::query("blocks.0", 4).into(), &col),
    ];
    for (init, weight) in &unknown {
        assert_eq!(init.fit(weight).unwrap().expected(), None, "{init}");
    }
    let names = || cases.iter().chain(&unknown).map(|(init, _)| init.name());
    for name in AnyInitializer::NAMES {
        assert!(names().any(|tested| tested == *name), "{name}");
    }
}

/// A user's own initializer says it, or doesn't.
#[test]
fn of_users_own() {
    let weight = WeightLayout::linear([4, 2]);
    let noise = || Fitted::elements(&weight, draw::uniform).unwrap();
    assert_eq!(noise().expected(), None);
    let known = Expected {
        mean: 0.5,
        std: 12f64.sqrt().recip(),
    };
    assert_eq!(noise().expecting(known).expected(), Some(known));
    let ranks = Fitted::elements(&weight, |_, i| i as f32).unwrap().fixed();
    assert_eq!(
        ranks.expected(),
        Some(Expected {
            mean: 3.5,
            std: 5.25f64.sqrt()
        })
    );
}

/// Nothing is made of large weights, but of those that are the same for all keys and not too large.
#[test]
fn of_large_weights() {
    let weight = WeightLayout::linear([1 << 20, 1 << 20]);
    let he = VarianceScaling::he_normal().fit(&weight).unwrap();
    let std = he.expected().unwrap().std;
    assert!((std - (2.0 / (1 << 20) as f64).sqrt()).abs() < 1e-9);
    assert_eq!(Eye::new().fit(&weight).unwrap().expected(), None);
    let sparse = Sparse::exact(8).fit(&weight).unwrap();
    assert_eq!(sparse.density(), Some(8.0 / (1 << 20) as f64));
    assert_eq!(
        Normal::new(0.0, 1.0)
            .fit(&WeightLayout::linear([0, 3]))
            .unwrap()
            .expected(),
        None
    );
}

/// What is called uncorrelated is: the covariance of each neuron's elements, over keys, is that of independent
/// elements of the expected standard deviation. And the same check sees what is correlated.
///
/// A covariance of two elements, over n neurons, has the standard error σ²/√n for independent ones, and at most
/// σ²·√(κ/n) for sparse ones of kurtosis κ; seven of them, for 120 pairs: a false alarm in 10⁹.
#[test]
fn uncorrelated_elements() {
    let farthest = |init: &AnyInitializer| {
        let weight = WeightLayout::linear([16, 16]);
        let fitted = init.fit(&weight).unwrap();
        let Expected { mean, std } = fitted.expected().unwrap();
        assert_eq!(mean, 0.0, "{init}");
        let (mut sums, mut squares) = (vec![0.0; 256], vec![0.0; 256]);
        let keys = 2000;
        for seed in 0..keys {
            let values = fitted.draw(Seed::new(seed).key("w")).unwrap();
            // One neuron of each: those of one matrix depend on each other.
            let w = |i: usize| f64::from(values[i * 16 + (seed % 16) as usize]);
            for pair in 0..256 {
                let product = w(pair / 16) * w(pair % 16) / (std * std);
                sums[pair] += product;
                squares[pair] += product * product;
            }
        }
        let n = keys as f64;
        let distance = |pair: usize| {
            let mean = sums[pair] / n;
            let error = ((squares[pair] / n - mean * mean) / n).sqrt();
            let expected = f64::from(u8::from(pair / 16 == pair % 16));
            (mean - expected).abs() / error.max(1e-9)
        };
        (0..256).map(distance).fold(0.0, f64::max)
    };
    let mut cases: Vec<AnyInitializer> = vec![
        VarianceScaling::he_normal().into(),
        Orthogonal::new().into(),
        WaveletOrthogonal::haar().into(),
    ];
    cases.extend([
        of(Pattern::PerOutput(Amount::Exact(4))),
        of(Pattern::PerInput(Amount::Exact(4))),
        of(Pattern::Balanced(Amount::Exact(4))),
        of(Pattern::Bernoulli(0.3)),
    ]);
    for init in &cases {
        let dependence = init.fit(&[16, 16].into()).unwrap().dependence();
        assert_ne!(dependence, Dependence::Unknown, "{init}");
        assert!(farthest(init) < 7.0, "{init}: {}", farthest(init));
    }
    let smooth: AnyInitializer = Wavelet::haar().into();
    let dependence = smooth.fit(&[16, 16].into()).unwrap().dependence();
    assert_eq!(dependence, Dependence::Unknown);
    assert!(farthest(&smooth) > 20.0);
}
