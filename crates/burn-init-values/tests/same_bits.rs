//! A weight is a pure function of seed, path, index and settings: the same bits, whichever range is
//! asked for, with however many threads.

mod common;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use burn_init_values::draw::{Elementwise, Source, Step};
use burn_init_values::initializer::Dependence;
use burn_init_values::sparse::{Amount, Pattern};
use burn_init_values::wavelet::{Atom, Boundary, Family, Keep, Normalization};
use burn_init_values::weight::{Along, Axis, Region, Shard};
use burn_init_values::{
    AnyInitializer, BiasUniform, Bilinear, ChronoBias, ClassPrior, Constant, ConvCovariance, Dct,
    Eye, FilterBank, Fitted, FourierFeatures, GateBias, Hippo, Icnr, InitError, Initializer,
    MambaALog, MambaDtBias, Mimetic, MuP, Normal, Orthogonal, Parts, Phases, Poison,
    ReceptiveFields, S4d, Sampled, Scaled, Seed, Sinusoidal, Siren, Sparse, SparseBudget,
    SparseOrthogonal, Spectral, TruncatedNormal, Uniform, UnitNorm, VarianceScaling, Wavelet,
    WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse, WeightLayout, ZerO, draw,
};
use common::own::{Laplace, Ranks, Relay, Walk};
use common::{conv, conv_transpose, grouped, key, to_bits};

/// Of every setting that changes how values are made, one.
fn all() -> Vec<AnyInitializer> {
    let n_of_m = |along| Sparse::new(Pattern::NOfM { n: 1, m: 2, along }).into();
    vec![
        Constant::random().into(),
        Constant::new(0.3).into(),
        Normal::fan_in().into(),
        Normal::new(1.0, 0.1).into(),
        Uniform::new(-0.05, 0.05).into(),
        Uniform::new(0.0, 1.0).into(),
        TruncatedNormal::new(0.0, 0.05).into(),
        TruncatedNormal::new(0.0, 1.0).bounds(-0.5, 3.0).into(),
        TruncatedNormal::new(0.0, 1.0).deviations(8.0, 9.0).into(),
        TruncatedNormal::new(0.0, 1.0).bounds(1.0, 1.00005).into(),
        TruncatedNormal::new(0.0, 1e38).deviations(-1.0, 2.0).into(),
        VarianceScaling::lecun_normal().into(),
        VarianceScaling::he_uniform().into(),
        VarianceScaling::xavier_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        Wavelet::new("db2".parse().unwrap()).mean_gain(0.5).into(),
        Wavelet::new("bior2.2".parse().unwrap()).levels(1).into(),
        Wavelet::new("db3".parse().unwrap())
            .boundary(Boundary::Filters)
            .into(),
        Wavelet::haar().power_law(2.0).base(Sparse::exact(3)).into(),
        Sparse::exact(2).into(),
        Sparse::density(0.3).values(Wavelet::haar()).into(),
        Wavelet::haar()
            .along(Along::Outputs)
            .hard_threshold(Keep::Universal)
            .into(),
        Wavelet::haar()
            .along(Along::Channels)
            .normalization(Normalization::Spectrum)
            .into(),
        Wavelet::haar()
            .along(Along::Kernel)
            .soft_threshold(Keep::Largest(2))
            .into(),
        Wavelet::haar().along(Along::Vocabulary).into(),
        WaveletOrthogonal::haar().into(),
        WaveletOrthogonal::haar().delta().into(),
        WaveletSparse::haar(3).law(1.0).into(),
        WaveletAtoms::new(Atom::Ricker).into(),
        WaveletAtoms::new(Atom::Gabor).along(Along::Kernel).into(),
        WaveletFilters::decomposition(Family::HAAR).into(),
        Sparse::new(Pattern::PerInput(Amount::Density(0.3))).into(),
        Sparse::new(Pattern::Balanced(Amount::Exact(2))).into(),
        Sparse::new(Pattern::Bernoulli(0.5)).reconnect().into(),
        Sparse::new(Pattern::Bernoulli(0.2)).into(),
        Sparse::new(Pattern::n_of_m(2, 4)).into(),
        n_of_m(Along::Inputs),
        n_of_m(Along::Outputs),
        n_of_m(Along::Kernel),
        n_of_m(Along::Vocabulary),
        SparseBudget::erk(0.3).into(),
        Sparse::new(Pattern::PerOutput(Amount::Total(77))).into(),
        Sparse::new(Pattern::Blocks {
            rows: 2,
            columns: 2,
            amount: Amount::Density(0.5),
        })
        .into(),
        Sparse::new(Pattern::Local {
            grid: vec![10, 10],
            patch: vec![3, 3],
        })
        .into(),
        Wavelet::haar().grid([10, 10]).gains(1.0, [0.5, 2.0]).into(),
        Wavelet::haar().bands(true, 1..=2).into(),
        Wavelet::haar().hard_threshold(Keep::Energy(0.5)).into(),
        WaveletAtoms::new(Atom::Laplace).into(),
        WaveletAtoms::new(Atom::Morlet).grid([10, 10]).into(),
        WaveletFilters::reconstruction(Family::HAAR).into(),
        SparseOrthogonal::butterfly(0).delta().into(),
        SparseOrthogonal::rotations(0.1).into(),
        SparseOrthogonal::butterfly(1).into(),
        Scaled::new(Sparse::exact(2), 0.5).into(),
        Scaled::new(Orthogonal::new(), -0.5).into(),
        Parts::equal(2, Orthogonal::new()).into(),
        Parts::equal(2, Sparse::exact(1).pinned())
            .along(Axis::Input)
            .into(),
        Wavelet::haar()
            .base(Parts::equal(2, Normal::fan_in()))
            .into(),
        Hippo::legs().into(),
        Hippo::legt().b().into(),
        S4d::inv().im().into(),
        MambaALog::new().into(),
        MambaALog::mamba2().into(),
        MambaDtBias::new().into(),
        BiasUniform::new().into(),
        ClassPrior::focal().into(),
        GateBias::lstm().into(),
        ChronoBias::lstm(100.0).into(),
        AnyInitializer::custom(Sampled(rand_distr::Gamma::new(0.3f32, 1.0).unwrap())),
        Wavelet::haar()
            .power_law(2.0)
            .base(SparseBudget::erk(0.3))
            .into(),
        Wavelet::haar()
            .base(SparseOrthogonal::butterfly(0).delta())
            .into(),
        Orthogonal::new().delta().into(),
        Eye::new().into(),
        ZerO::new().into(),
        Icnr::new(2).into(),
        Icnr::new(2).base(Orthogonal::new()).into(),
        Icnr::new(2).base(Sparse::exact(5).pinned()).into(),
        Icnr::new(2)
            .base(SparseOrthogonal::butterfly(0).delta())
            .into(),
        Wavelet::haar().base(Icnr::new(2)).into(),
        Sparse::exact(2).values(Icnr::new(2)).into(),
        Bilinear::new().into(),
        UnitNorm::new().into(),
        UnitNorm::new().along(Along::Outputs).into(),
        UnitNorm::new().base(Orthogonal::new().gain(3.0)).into(),
        UnitNorm::new().base(Sparse::exact(2).pinned()).into(),
        UnitNorm::new()
            .along(Along::Outputs)
            .base(Sparse::new(Pattern::Bernoulli(0.2)))
            .into(),
        UnitNorm::new()
            .along(Along::Kernel)
            .base(Icnr::new(2))
            .into(),
        Sparse::exact(2).values(UnitNorm::new()).into(),
        Sinusoidal::new().into(),
        Siren::first().into(),
        Siren::default().into(),
        FourierFeatures::new(1.0).cycles().into(),
        Phases::new().into(),
        Dct::new().into(),
        Dct::new().grid([10, 10]).into(),
        FilterBank::fourier().into(),
        FilterBank::mel(8000.0).into(),
        FilterBank::sinc(8000.0).into(),
        Wavelet::haar().base(Sinusoidal::new()).into(),
        Sparse::exact(3).values(Dct::new()).into(),
        ReceptiveFields::new(3.0, 1.5).into(),
        ReceptiveFields::new(1.0, 1.0).along(Along::Kernel).into(),
        ConvCovariance::new(0.8).into(),
        Mimetic::query("pair", 2).into(),
        Mimetic::projection("pair").into(),
        Spectral::orthogonal().into(),
        Spectral::normal().into(),
        MuP::output(64.0).into(),
    ]
}

/// A user's own, alone and within others.
fn own() -> Vec<AnyInitializer> {
    let own = [
        AnyInitializer::custom(Laplace { scale: 0.1 }),
        AnyInitializer::custom(Walk {
            along: Along::Inputs,
        }),
        AnyInitializer::custom(Walk {
            along: Along::Outputs,
        }),
        AnyInitializer::custom(Walk {
            along: Along::Kernel,
        }),
        AnyInitializer::custom(Ranks),
    ];
    let relay = AnyInitializer::custom(Relay { lasting: true });
    let mut all = vec![
        relay.clone(),
        UnitNorm::new().base(relay.clone()).into(),
        Icnr::new(2).base(relay).into(),
    ];
    for own in own {
        all.extend([
            own.clone(),
            Wavelet::haar().base(own.clone()).into(),
            Wavelet::haar()
                .hard_threshold(Keep::Largest(2))
                .base(own.clone())
                .into(),
            Wavelet::haar()
                .along(Along::Channels)
                .base(own.clone())
                .into(),
            Sparse::exact(2).values(own.clone()).into(),
            Sparse::new(Pattern::PerInput(Amount::Density(0.3)))
                .values(own.clone())
                .into(),
            Sparse::new(Pattern::Bernoulli(0.3))
                .values(own.clone())
                .into(),
            Sparse::new(Pattern::Balanced(Amount::Exact(2)))
                .values(own.clone())
                .into(),
            UnitNorm::new().base(own.clone()).into(),
            Icnr::new(2).base(own.clone()).into(),
            Sparse::exact(2).values(Wavelet::haar().base(own)).into(),
        ]);
    }
    all.push(
        Wavelet::haar()
            .base(AnyInitializer::custom(Relay { lasting: false }))
            .into(),
    );
    all
}

fn layouts() -> Vec<WeightLayout> {
    vec![
        WeightLayout::linear([100, 64]),
        WeightLayout::linear_col([64, 100]),
        conv([8, 4, 4, 2]),
        // With as many outputs as inputs where a picture becomes twice as large.
        conv([16, 4, 3, 2]),
        conv_transpose([8, 6, 3, 4]),
        grouped(conv_transpose([8, 3, 4]), 2),
        WeightLayout::embedding([50, 16]),
        grouped(conv([8, 4, 3, 3]), 2),
        // More vectors than stand in a tile, and numbers that no tile divides.
        WeightLayout::linear([40, 150]),
        WeightLayout::linear_col([150, 40]),
        grouped(conv([150, 2, 3]), 2),
        grouped(conv_transpose([4, 75, 3]), 2),
        WeightLayout::linear([50, 50]),
        WeightLayout::bias_of(&WeightLayout::linear([10, 800])).unwrap(),
        // Several matrices, with more outputs than inputs.
        WeightLayout::new([3, 4, 150], [Axis::Index, Axis::Input, Axis::Output]).unwrap(),
        WeightLayout::new([3, 150, 4], [Axis::Index, Axis::Output, Axis::Input]).unwrap(),
        WeightLayout::new(
            [2, 4, 70, 2],
            [Axis::Index, Axis::Input, Axis::Output, Axis::Kernel],
        )
        .unwrap(),
    ]
}

/// Any part of a parameter has the bits that it has in the whole; so have values that come with a
/// mask, which says where the zeros are.
#[test]
fn any_range_alone() {
    for init in all().into_iter().chain(own()) {
        let fitting = layouts()
            .into_iter()
            .filter(|layout| init.check(layout).is_ok());
        let fitting: Vec<WeightLayout> = fitting.collect();
        assert!(!fitting.is_empty(), "{init}");
        for layout in fitting {
            let fitted = init.fit(&layout).unwrap();
            let whole = fitted.draw(key()).unwrap();
            assert_eq!(
                to_bits(&whole),
                to_bits(&init.draw(&layout, key()).unwrap())
            );
            let n = whole.len();
            let mut cuts = vec![0, 1, 6, 6, 7, 64, n / 3, n / 2, n - 1, n];
            cuts.sort();
            for pair in cuts.windows(2) {
                let mut part = vec![f32::NAN; pair[1] - pair[0]];
                init.fill(&layout, key(), pair[0], &mut part).unwrap();
                let expected = &whole[pair[0]..pair[1]];
                assert_eq!(
                    to_bits(&part),
                    to_bits(expected),
                    "{init} {layout:?} {pair:?}"
                );
            }
            let (values, mask) = fitted.draw_with_mask(key()).unwrap();
            assert_eq!(to_bits(&values), to_bits(&whole), "{init} {layout:?}");
            assert_eq!(mask.is_some(), fitted.is_sparse(), "{init} {layout:?}");
            let mask = mask.unwrap_or(vec![true; n]);
            let mut left_out = values.iter().zip(mask).filter(|(_, kept)| !kept);
            assert!(
                left_out.all(|(value, _)| *value == 0.0),
                "{init} {layout:?}"
            );
            if let Some((low, high)) = fitted.bounds() {
                assert!(
                    whole.iter().all(|w| (low..=high).contains(w)),
                    "{init} {layout:?}"
                );
            }
        }
    }
}

/// Where each element comes from a word of its own, that word gives its bits: of the initializers that say
/// so, and no others.
#[test]
fn each_element_from_its_word() {
    let mut named = BTreeSet::new();
    let scaled = Scaled::new(Scaled::new(Normal::new(1.0, 0.1), 0.3), -1.7);
    let more: [AnyInitializer; 2] = [Poison::new().into(), scaled.into()];
    for init in all().into_iter().chain(own()).chain(more) {
        for layout in layouts() {
            let Ok(fitted) = init.fit(&layout) else {
                continue;
            };
            let Some(each) = fitted.elementwise(key()) else {
                continue;
            };
            named.insert(init.name());
            let values = fitted.draw(key()).unwrap();
            let words = (0..values.len() as u64).map(|i| draw::word(key(), i));
            let one_by_one: Vec<f32> = words.map(|word| each.value(word)).collect();
            assert_eq!(to_bits(&one_by_one), to_bits(&values), "{init} {layout:?}");
            // Another machine, which is told these, makes the same.
            let bytes = rmp_serde::to_vec(&(each, key())).unwrap();
            let (each, key) = rmp_serde::from_slice(&bytes).unwrap();
            let told = Fitted::words(&layout, each).unwrap();
            let made = told.draw(key).unwrap();
            assert_eq!(to_bits(&made), to_bits(&values), "{init} {layout:?}");
            let largest = told.largest().unwrap_or(0.0);
            assert!(largest >= max_size(&values), "{init} {layout:?}");
            // A constant may be one of a random key.
            let is_constant = told.expected().is_some_and(|told| told.std == 0.0);
            let expected = fitted.expected().filter(|_| !is_constant);
            if let (Some(told), Some(expected)) = (told.expected(), expected) {
                // The settings are rounded to f32.
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (a.abs() + b.abs());
                assert!(near(told.std, expected.std) && near(told.mean, expected.mean));
            }
        }
    }
    let expected = [
        "bias_uniform",
        "constant",
        "fourier_features",
        "mup",
        "normal",
        "phases",
        "poison",
        "scaled",
        "siren",
        "spectral",
        "truncated_normal",
        "uniform",
        "variance_scaling",
    ];
    assert_eq!(named, BTreeSet::from(expected));
    // The math library has a part in a tail.
    let tail = TruncatedNormal::new(0.0, 1.0).deviations(8.0, 9.0);
    assert!(
        tail.fit(&[8, 4].into())
            .unwrap()
            .elementwise(key())
            .is_none()
    );
}

fn max_size(values: &[f32]) -> f64 {
    values
        .iter()
        .fold(0.0, |largest, value| value.abs().max(largest))
        .into()
}

/// Words can't become what is infinite or no number, but for a constant.
#[test]
fn words_that_become_no_numbers() {
    let layout = WeightLayout::linear([4, 4]);
    let fit = |source, steps: &[Step]| {
        let steps = steps.to_vec();
        Fitted::words(&layout, Elementwise { source, steps })
    };
    let all = Source::NormalBetween {
        first: 0,
        count: 1 << 32,
    };
    for (source, step, reason) in [
        (Source::Uniform, Step::times(f32::INFINITY), "finite"),
        (Source::Uniform, Step::new(1.0, f32::NAN), "finite"),
        (Source::Normal, Step::times(1e38), "finite"),
        (
            Source::Normal,
            Step::new(3e38, 0.0).clamp(-1.0, 1.0),
            "finite",
        ),
        (
            Source::Normal,
            Step::times(1.0).clamp(f32::INFINITY, f32::INFINITY),
            "finite",
        ),
        (
            Source::Normal,
            Step::times(1.0).clamp(f32::NEG_INFINITY, f32::NEG_INFINITY),
            "finite",
        ),
        (all, Step::times(1.0).clamp(1.0, -1.0), "at most high"),
        (all, Step::times(1.0).clamp(f32::NAN, 1.0), "at most high"),
    ] {
        let message = fit(source, &[step]).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
    for (first, count) in [(0, 0), (1, 1 << 32), (u32::MAX, 2), (0, u64::MAX)] {
        let message = fit(Source::NormalBetween { first, count }, &[]).unwrap_err();
        assert!(message.to_string().contains("count"), "{message}");
    }
    assert!(fit(all, &[]).is_ok());
    let constant = fit(Source::Constant(f32::NAN), &[]).unwrap();
    assert_eq!(constant.dependence(), Dependence::Fixed);
    // The sum is rounded up.
    let above = Step::new(1.0 + 6.0 * f32::EPSILON, 8.0);
    let fitted = fit(Source::Uniform, &[above]).unwrap();
    assert_eq!(fitted.dependence(), Dependence::Independent);
    assert!(fitted.largest().unwrap() >= 9.000_000_9);
    // Bounds above all values, and below.
    for (low, high) in [(2.0, 3.0), (-3.0, -2.0)] {
        let step = Step::new(1.0, 0.0).clamp(low, high);
        let fitted = fit(Source::Uniform, &[step]).unwrap();
        assert_eq!(fitted.largest(), Some(2.0));
        assert_eq!(fitted.draw(key()).unwrap(), [low.max(high.min(0.0)); 16]);
    }
}

/// A normal distribution by words.
#[derive(Debug, Clone)]
struct ByWords;

impl fmt::Display for ByWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "words")
    }
}

impl Initializer for ByWords {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let each = Elementwise {
            source: Source::Normal,
            steps: vec![Step::new(0.02, 0.0)],
        };
        Fitted::words(weight, each)
    }
}

/// Words are what other initializers build on, at scattered places and in rows; JSON gives back what went in.
#[test]
fn words_below_other_initializers() {
    let normal = Normal::new(0.0, 0.02);
    for layout in [
        WeightLayout::linear([100, 70]),
        WeightLayout::linear_col([70, 100]),
    ] {
        let bits = |init: &dyn Initializer| to_bits(&init.draw(&layout, key()).unwrap());
        assert_eq!(
            bits(&Sparse::exact(7).values(ByWords)),
            bits(&Sparse::exact(7).values(normal))
        );
        let wavelet = Wavelet::haar();
        assert_eq!(
            bits(&wavelet.clone().base(ByWords)),
            bits(&wavelet.base(normal))
        );
    }
    let each = ByWords
        .fit(&[4, 4].into())
        .unwrap()
        .elementwise(key())
        .unwrap();
    let json = serde_json::to_string(&each).unwrap();
    assert_eq!(serde_json::from_str::<Elementwise>(&json).unwrap(), each);
    let bounded = Step::times(2.0).clamp(f32::NEG_INFINITY, 1.0);
    let json = serde_json::to_string(&bounded).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&json).unwrap(), bounded);
    assert!(serde_json::from_str::<Step>(&json.replace("low", "least")).is_err());
}

/// The elements of a region, and the same of a whole weight.
fn region_of<T: Copy>(whole: &[T], region: &Region) -> Vec<T> {
    let mut indices = vec![0];
    for (size, range) in region.whole().iter().zip(region.ranges()) {
        let further = |index: usize| range.clone().map(move |place| place + size * index);
        // The index of the place so far, in an axis that grows.
        indices = indices.into_iter().flat_map(further).collect();
    }
    indices.into_iter().map(|index| whole[index]).collect()
}

/// Every shard of every initializer has the bits of the whole, whichever axis is cut, in 1, 2, 4 or 8
/// shards, also where these don't divide it; so has a box that is cut along all axes; so have masks.
#[test]
fn any_shard_alone() {
    let mut named = BTreeSet::new();
    for init in all().into_iter().chain(own()).chain([Poison::new().into()]) {
        let fitting = layouts()
            .into_iter()
            .filter(|layout| init.check(layout).is_ok());
        for layout in fitting {
            let shape = layout.shape();
            let fitted = init.fit(&layout).unwrap();
            let (whole, mask) = fitted.draw_with_mask(key()).unwrap();
            let inside = |size: &usize| size / 3..size.div_ceil(2).max(size / 3 + 1);
            let some: Vec<Range<usize>> = shape.iter().map(inside).collect();
            let mut regions = vec![Region::new(shape, some).unwrap()];
            for of in [1, 2, 4, 8] {
                for axis in 0..shape.len() {
                    let shard = |index| Shard::new(axis, index, of)?.region(shape);
                    regions.extend((0..of).map(|index| shard(index).unwrap()));
                }
            }
            for region in regions {
                let (part, part_mask) = fitted.draw_region_with_mask(key(), &region).unwrap();
                let expected = to_bits(&region_of(&whole, &region));
                assert_eq!(to_bits(&part), expected, "{init} {region}");
                let mask = mask.as_ref().map(|mask| region_of(mask, &region));
                assert_eq!(part_mask, mask, "{init} {region}");
                if region.whole()[0] == region.shape()[0] {
                    continue;
                }
                let mut part = vec![f32::NAN; region.elements()];
                fitted.fill_region(key(), &region, &mut part).unwrap();
                assert_eq!(to_bits(&part), expected, "{init} {region}");
            }
            named.insert(init.name());
        }
    }
    let missing = AnyInitializer::NAMES.iter();
    let missing: Vec<_> = missing.filter(|name| !named.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What doesn't fit is an error, and nothing is written.
#[test]
fn regions_of_another_shape() {
    let layout = WeightLayout::linear([10, 6]);
    let fitted = Normal::fan_in().fit(&layout).unwrap();
    let other = Region::new([6, 10], [0..2, 0..2]).unwrap();
    let error = fitted.draw_region(key(), &other).unwrap_err().to_string();
    assert!(error.contains("another shape"), "{error}");
    assert!(fitted.draw_region_with_mask(key(), &other).is_err());
    let region = Region::new([10, 6], [0..2, 0..2]).unwrap();
    let mut out = [7.0; 3];
    let error = fitted.fill_region(key(), &region, &mut out).unwrap_err();
    assert!(error.to_string().contains("4 elements, not 3"), "{error}");
    assert_eq!(out, [7.0; 3]);
}

#[cfg(feature = "rayon")]
#[test]
fn one_thread_and_seven() {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let (one, seven) = (pool(1), pool(7));
    let mut fit = 0;
    for init in all().into_iter().chain(own()) {
        for layout in [WeightLayout::linear([320, 300]), conv([64, 64, 4, 4])] {
            let Ok(fitted) = init.fit(&layout) else {
                continue;
            };
            fit += 1;
            let draw = || to_bits(&fitted.draw(key()).unwrap());
            assert_eq!(one.install(draw), seven.install(draw), "{init}");
        }
    }
    assert!(fit > 100, "{fit}");
}

/// Independent draws share no value but by chance: of 6,400 pairs of normals, 0.0003 are expected
/// to be equal.
#[test]
fn seed_path_and_stream_count() {
    let draw = |seed: u64, path: &str, stream: u8| {
        let key = Seed::new(seed).key(path).stream(stream);
        // Whatever else is drawn for a parameter differs, too.
        for init in [
            Sparse::exact(8).into(),
            AnyInitializer::from(Orthogonal::new()),
        ] {
            let first = Seed::new(1).key("fc1.weight");
            let equal = init.draw(&[20, 20].into(), key) == init.draw(&[20, 20].into(), first);
            assert_eq!(equal, key == first, "{init}");
        }
        Normal::fan_in().draw(&[100, 64].into(), key).unwrap()
    };
    let base = draw(1, "fc1.weight", 0);
    for other in [
        draw(2, "fc1.weight", 0),
        draw(1 + (1 << 32), "fc1.weight", 0),
        draw(1, "fc2.weight", 0),
        draw(1, "fc1.weigh", 0),
        draw(1, "fc1.weight", 1),
    ] {
        let equal = base.iter().zip(&other).filter(|(a, b)| a == b).count();
        assert!(equal <= 1);
        // The correlation of 6,400 independent pairs has standard error 1/80.
        let product: f32 = base.iter().zip(&other).map(|(a, b)| a * b).sum();
        let correlation = product / 6400.0 * 100.0;
        assert!(correlation.abs() < 5.0 / 80.0, "{correlation}");
    }
}
