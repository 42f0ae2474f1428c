//! Settings at random: sensible ones, and ones that nobody would write.

use burn_init_values::covariance::Centres;
use burn_init_values::dense::{Distribution, FanMode, Gain};
use burn_init_values::recurrent::{Gate, Measure, Spectrum};
use burn_init_values::sparse::{Amount, Pattern, Spread};
use burn_init_values::wavelet::{Atom, Boundary, Family, Keep, Levels, Normalization, Shaping};
use burn_init_values::waves::{MelBands, MelScale};
use burn_init_values::weight::{Along, Axis};
use burn_init_values::{
    AnyInitializer, BiasUniform, Bilinear, ChronoBias, ClassPrior, Constant, ConvCovariance, Dct,
    Eye, FilterBank, FourierFeatures, GateBias, Hippo, Icnr, MambaALog, MambaDtBias, Mimetic, MuP,
    Normal, Orthogonal, Parts, Phases, Poison, ReceptiveFields, S4d, Scaled, Sinusoidal, Siren,
    Sparse, SparseBudget, SparseOrthogonal, Spectral, TruncatedNormal, Uniform, UnitNorm,
    VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse, ZerO,
};
use proptest::prelude::*;
use proptest::sample::select;

/// A number with a few digits: `serde_json` reads longer ones with an error of one unit in the last
/// place, unless its feature `float_roundtrip` is on.
fn short(range: std::ops::Range<f64>) -> impl Strategy<Value = f64> {
    range.prop_map(|number| (number * 1e6).round() / 1e6)
}

/// A number that a setting may have: usual ones, and some at the ends of what f32 and f64 hold.
fn number() -> impl Strategy<Value = f64> {
    let odd = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e-45,
        -1e-40,
        1e-300,
        f64::MIN_POSITIVE,
        1e38,
        -3.4e38,
        1e300,
        f64::MAX,
    ];
    prop_oneof![6 => short(-2.0..2.0), 2 => short(0.0..1.0), 1 => select(odd.to_vec())]
}

/// A share, mostly from 0 to 1.
fn share() -> impl Strategy<Value = f64> {
    prop_oneof![8 => short(0.0..1.0), 1 => number()]
}

/// A number of things, mostly small.
fn count() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..12usize, 2 => 0..200usize, 1 => select(vec![1 << 31, usize::MAX >> 1])]
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        count().prop_map(Amount::Exact),
        share().prop_map(Amount::Density),
        share().prop_map(Amount::Sparsity),
        count().prop_map(Amount::Total),
    ]
}

fn along() -> impl Strategy<Value = Along> {
    select(vec![
        Along::Inputs,
        Along::Outputs,
        Along::Kernel,
        Along::Channels,
        Along::Vocabulary,
    ])
}

fn family() -> impl Strategy<Value = Family> {
    let (orthogonal, others): (Vec<_>, Vec<_>) = Family::all().partition(Family::is_orthogonal);
    prop_oneof![3 => Just(Family::HAAR), 2 => select(orthogonal), 1 => select(others)]
}

fn levels() -> impl Strategy<Value = Levels> {
    prop_oneof![
        2 => Just(Levels::Useful),
        1 => Just(Levels::Full),
        1 => count().prop_map(Levels::Exactly),
    ]
}

fn boundary() -> impl Strategy<Value = Boundary> {
    prop_oneof![2 => Just(Boundary::Periodic), 1 => Just(Boundary::Filters)]
}

fn grid() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![8 => 1..7usize, 1 => count()], 0..4)
}

fn keep() -> impl Strategy<Value = Keep> {
    prop_oneof![
        number().prop_map(Keep::Above),
        Just(Keep::Universal),
        share().prop_map(Keep::Energy),
        count().prop_map(Keep::Largest),
    ]
}

fn shaping() -> impl Strategy<Value = Shaping> {
    let details = prop::collection::vec(number(), 0..4);
    prop_oneof![
        Just(Shaping::Identity),
        Just(Shaping::Octaves),
        number().prop_map(Shaping::PowerLaw),
        (number(), details).prop_map(|(approximation, details)| Shaping::Gains {
            approximation,
            details,
        }),
        (any::<bool>(), 0..4usize, 0..4usize).prop_map(|(approximation, first, last)| {
            let details = (first, last);
            Shaping::Bands {
                approximation,
                details,
            }
        }),
        (keep(), any::<bool>()).prop_map(|(keep, soft)| Shaping::Threshold { keep, soft }),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let mask = prop::collection::vec(any::<bool>(), 0..100);
    prop_oneof![
        amount().prop_map(Pattern::PerOutput),
        amount().prop_map(Pattern::PerInput),
        amount().prop_map(Pattern::Balanced),
        share().prop_map(Pattern::Bernoulli),
        (count(), count(), along()).prop_map(|(n, m, along)| Pattern::NOfM { n, m, along }),
        (count(), count(), amount()).prop_map(|(rows, columns, amount)| Pattern::Blocks {
            rows,
            columns,
            amount,
        }),
        (grid(), grid()).prop_map(|(grid, patch)| Pattern::Local { grid, patch }),
        mask.prop_map(Pattern::given),
    ]
}

fn spread() -> impl Strategy<Value = Spread> {
    select(vec![
        Spread::Uniform,
        Spread::ErdosRenyi,
        Spread::ErdosRenyiKernel,
    ])
}

fn fan_mode() -> impl Strategy<Value = FanMode> {
    select(vec![
        FanMode::FanIn,
        FanMode::FanOut,
        FanMode::FanAverage,
        FanMode::FanGeometricMean,
    ])
}

fn filter_bank() -> impl Strategy<Value = FilterBank> {
    let rate = prop_oneof![4 => select(vec![1.0, 8000.0, 22_050.0]), 1 => number()];
    let between = prop_oneof![
        2 => (short(0.0..1000.0), short(1000.0..4000.0)),
        1 => (number(), number()),
    ];
    let settings = (
        0..3u8,
        rate,
        prop::option::weighted(0.5, between),
        any::<bool>(),
        any::<bool>(),
        number(),
    );
    settings.prop_map(|(kind, rate, between, slaney, area, gain)| {
        let bands = MelBands::new(rate);
        let bands = between.map_or(bands.clone(), |(low, high)| bands.between(low, high));
        let bands = match slaney {
            true => bands.scale(MelScale::Slaney),
            false => bands,
        };
        let init = match kind {
            0 => FilterBank::fourier(),
            1 => FilterBank::mel(bands),
            _ => FilterBank::sinc(bands),
        };
        let init = if area { init.area() } else { init };
        init.gain(gain)
    })
}

fn class_prior() -> impl Strategy<Value = ClassPrior> {
    let frequencies = || prop::collection::vec(prop_oneof![4 => share(), 1 => number()], 0..4);
    let (of, smoothing) = (number(), prop_oneof![2 => Just(0.0), 1 => number()]);
    (any::<bool>(), frequencies(), 0..2u8, of, smoothing).prop_map(
        |(softmax, frequencies, counted, of, smoothing)| {
            let prior = match softmax {
                true => ClassPrior::softmax(frequencies),
                false => ClassPrior::sigmoid(frequencies),
            };
            let prior = if counted == 0 { prior.of(of) } else { prior };
            prior.smoothing(smoothing)
        },
    )
}

fn chrono_bias() -> impl Strategy<Value = ChronoBias> {
    let gates = prop::collection::vec(select(vec![Gate::Input, Gate::Forget, Gate::Other]), 0..4);
    let t_max = prop_oneof![3 => short(2.0..1000.0), 1 => number()];
    (t_max, gates, any::<bool>()).prop_map(|(t_max, gates, apart)| {
        let mut init = ChronoBias::new(t_max, gates);
        init.forget_path = apart.then(|| "forget".to_owned());
        init
    })
}

fn hippo() -> impl Strategy<Value = Hippo> {
    let measure = select(vec![Measure::LegS, Measure::LegT]);
    (measure, any::<bool>(), number()).prop_map(|(measure, b, gain)| {
        let init = Hippo::new(measure).gain(gain);
        if b { init.b() } else { init }
    })
}

fn s4d() -> impl Strategy<Value = S4d> {
    let spectrum = select(vec![Spectrum::Lin, Spectrum::Inv, Spectrum::Real]);
    (spectrum, 0..3u8, prop::option::weighted(0.3, count())).prop_map(|(spectrum, part, states)| {
        let init = S4d::new(spectrum);
        let init = match part {
            0 => init,
            1 => init.log_re(),
            _ => init.im(),
        };
        states.map_or(init.clone(), |states| init.states(states))
    })
}

/// A length above 0, mostly.
fn length() -> impl Strategy<Value = f64> {
    prop_oneof![8 => short(1e-6..2.0), 1 => number()]
}

fn variance_scaling() -> impl Strategy<Value = VarianceScaling> {
    let distributions = vec![
        Distribution::Normal,
        Distribution::TruncatedNormal,
        Distribution::Uniform,
    ];
    let gain = prop_oneof![number(), Just(Gain::Tanh.value())];
    (number(), fan_mode(), select(distributions), gain).prop_map(
        |(scale, mode, distribution, gain)| {
            VarianceScaling::new(scale, mode, distribution).gain(gain)
        },
    )
}

fn truncated_normal() -> impl Strategy<Value = TruncatedNormal> {
    // Infinity stands for no bound.
    let bound = |none: f64| prop_oneof![4 => number(), 2 => Just(none)];
    let pair = (bound(f64::NEG_INFINITY), bound(f64::INFINITY));
    // Nine digits, for JSON.
    let few_digits = |number: f64| (number * 1e9).round() / 1e9;
    // Intervals of all sizes, near the mean and far from it.
    let sizes = vec![
        0.0,
        1e-9,
        1e-6,
        1e-4,
        1e-3,
        0.1,
        1.0,
        10.0,
        1e6,
        f64::INFINITY,
    ];
    let interval = (short(-45.0..45.0), select(sizes), any::<bool>());
    let interval = interval.prop_map(move |(bound, size, above)| match above {
        true => (bound, few_digits(bound + size)),
        false => (few_digits(bound - size), bound),
    });
    let bounds = prop_oneof![pair, interval];
    let settings = (number(), number(), bounds, 0..3, any::<bool>());
    settings.prop_map(|(mean, std, (low, high), kind, after_cut)| {
        let init = TruncatedNormal::new(mean, std);
        let init = match kind {
            0 => init,
            1 => init.bounds(low, high),
            _ => init.deviations(low, high),
        };
        match after_cut {
            true => init.std_after_cut(),
            false => init,
        }
    })
}

fn wavelet(depth: u32) -> impl Strategy<Value = AnyInitializer> {
    let normalization = select(vec![
        Normalization::Trace,
        Normalization::Spectrum,
        Normalization::None,
    ]);
    let settings = (
        family(),
        (levels(), boundary()),
        prop_oneof![2 => Just(Along::Inputs), 1 => along()],
        prop::option::weighted(0.2, grid()),
        shaping(),
        prop::option::of(prop_oneof![2 => Just(1.0), 1 => number()]),
        normalization,
        any_initializer(depth),
    );
    settings.prop_map(
        |(family, (levels, boundary), along, grid, shaping, mean_gain, normalization, base)| {
            let init = Wavelet::new(family)
                .levels(levels)
                .boundary(boundary)
                .along(along)
                .shaping(shaping)
                .normalization(normalization);
            let init = match mean_gain {
                Some(gain) => init.mean_gain(gain),
                None => init,
            };
            let init = match grid {
                Some(grid) => init.grid(grid),
                None => init,
            };
            init.base(base).into()
        },
    )
}

fn sparse(depth: u32) -> impl Strategy<Value = AnyInitializer> {
    let settings = (pattern(), any_initializer(depth), 0..2u8, 0..2u8, 0..4u8);
    settings.prop_map(|(pattern, values, corrected, pinned, connected)| {
        let init = Sparse::new(pattern).values(values);
        let init = if corrected == 0 {
            init.uncorrected()
        } else {
            init
        };
        let init = if pinned == 0 { init.pinned() } else { init };
        match connected {
            0 => init.require_connected().into(),
            1 => init.reconnect().into(),
            _ => init.into(),
        }
    })
}

/// An initializer with this name: [`AnyInitializer::NAMES`] has all of them.
///
/// # Panics
///
/// If a new initializer has no strategy here: add it.
fn named(name: &'static str, depth: u32) -> BoxedStrategy<AnyInitializer> {
    // What another one builds on; at some depth only numbers.
    let child = depth.saturating_sub(1);
    match name {
        "constant" => prop_oneof![
            number().prop_map(|value| Constant::new(value).into()),
            Just(Constant::random().into()),
        ]
        .boxed(),
        "normal" => prop_oneof![
            (number(), number()).prop_map(|(mean, std)| Normal::new(mean, std).into()),
            Just(Normal::fan_in().into()),
        ]
        .boxed(),
        "uniform" => (number(), number())
            .prop_map(|(low, high)| Uniform::new(low, high).into())
            .boxed(),
        "truncated_normal" => truncated_normal().prop_map_into().boxed(),
        "variance_scaling" => variance_scaling().prop_map_into().boxed(),
        "orthogonal" => (number(), any::<bool>())
            .prop_map(|(gain, delta)| {
                let init = Orthogonal::new().gain(gain);
                if delta { init.delta() } else { init }.into()
            })
            .boxed(),
        "wavelet" => wavelet(child).boxed(),
        "wavelet_orthogonal" => (
            family(),
            levels(),
            boundary(),
            prop::option::weighted(0.2, grid()),
            number(),
            any::<bool>(),
        )
            .prop_map(|(family, levels, boundary, grid, gain, delta)| {
                let init = WaveletOrthogonal::new(family).levels(levels).gain(gain);
                let init = init.boundary(boundary);
                let init = grid.map_or(init.clone(), |grid| init.grid(grid));
                if delta { init.delta() } else { init }.into()
            })
            .boxed(),
        "wavelet_sparse" => (
            family(),
            count(),
            number(),
            levels(),
            boundary(),
            prop::option::weighted(0.2, grid()),
            number(),
        )
            .prop_map(|(family, k, law, levels, boundary, grid, gain)| {
                let init = WaveletSparse::new(family, k)
                    .law(law)
                    .levels(levels)
                    .boundary(boundary)
                    .gain(gain);
                grid.map_or(init.clone(), |grid| init.grid(grid)).into()
            })
            .boxed(),
        "wavelet_atoms" => (
            select(vec![Atom::Ricker, Atom::Morlet, Atom::Gabor, Atom::Laplace]),
            along(),
            prop::option::weighted(0.2, grid()),
            prop::option::weighted(0.3, (number(), number())),
            number(),
        )
            .prop_map(|(atom, along, grid, scales, gain)| {
                let init = WaveletAtoms::new(atom).along(along).gain(gain);
                let init = grid.map_or(init.clone(), |grid| init.grid(grid));
                scales
                    .map_or(init.clone(), |(smallest, largest)| {
                        init.scales(smallest, largest)
                    })
                    .into()
            })
            .boxed(),
        "wavelet_filters" => (family(), any::<bool>(), number())
            .prop_map(|(family, reconstruction, gain)| {
                let init = match reconstruction {
                    true => WaveletFilters::reconstruction(family),
                    false => WaveletFilters::decomposition(family),
                };
                init.gain(gain).into()
            })
            .boxed(),
        "sparse" => sparse(child).boxed(),
        "sparse_budget" => (spread(), share(), any_initializer(child), any::<bool>())
            .prop_map(|(spread, density, values, pinned)| {
                let init = SparseBudget::new(spread, density).values(values);
                if pinned { init.pinned() } else { init }.into()
            })
            .boxed(),
        "sparse_orthogonal" => (any::<bool>(), share(), 0..4u32, number(), 0..2u8, 0..2u8)
            .prop_map(|(rotations, density, stages, gain, delta, pinned)| {
                let init = match rotations {
                    true => SparseOrthogonal::rotations(density),
                    false => SparseOrthogonal::butterfly(stages),
                };
                let init = init.gain(gain);
                let init = if delta == 0 { init.delta() } else { init };
                if pinned == 0 { init.pinned() } else { init }.into()
            })
            .boxed(),
        "scaled" => (any_initializer(child), number())
            .prop_map(|(base, by)| Scaled::new(base, by).into())
            .boxed(),
        "parts" => (
            prop::collection::vec((count(), any_initializer(child)), 0..4),
            any::<bool>(),
            select(vec![Axis::Output, Axis::Input, Axis::Kernel, Axis::Index]),
        )
            .prop_map(|(parts, equal, along)| {
                let packed = match equal {
                    true => {
                        Parts::each(parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>())
                    }
                    false => Parts::sized(parts),
                };
                packed.along(along).into()
            })
            .boxed(),
        "eye" => number()
            .prop_map(|gain| Eye::new().gain(gain).into())
            .boxed(),
        "zer_o" => number()
            .prop_map(|gain| ZerO::new().gain(gain).into())
            .boxed(),
        "icnr" => {
            let scale = prop_oneof![4 => 1..4usize, 1 => count()];
            (scale, any_initializer(child))
                .prop_map(|(scale, base)| Icnr::new(scale).base(base).into())
                .boxed()
        }
        "bilinear" => number()
            .prop_map(|gain| Bilinear::new().gain(gain).into())
            .boxed(),
        "unit_norm" => (along(), number(), any_initializer(child))
            .prop_map(|(along, gain, base)| {
                UnitNorm::new().along(along).gain(gain).base(base).into()
            })
            .boxed(),
        "sinusoidal" => (fan_mode(), number())
            .prop_map(|(mode, gain)| Sinusoidal::new().mode(mode).gain(gain).into())
            .boxed(),
        "siren" => prop_oneof![
            Just(Siren::first().into()),
            Just(Siren::default().into()),
            number().prop_map(|omega| Siren::hidden(omega).into()),
        ]
        .boxed(),
        "fourier_features" => (number(), any::<bool>())
            .prop_map(|(std, cycles)| {
                let init = FourierFeatures::new(std);
                if cycles { init.cycles() } else { init }.into()
            })
            .boxed(),
        "phases" => Just(Phases::new().into()).boxed(),
        "dct" => (prop::option::weighted(0.2, grid()), number())
            .prop_map(|(grid, gain)| {
                let init = Dct::new().gain(gain);
                grid.map_or(init.clone(), |grid| init.grid(grid)).into()
            })
            .boxed(),
        "filter_bank" => filter_bank().prop_map_into().boxed(),
        "receptive_fields" => (
            prop::option::weighted(0.8, prop_oneof![3 => short(0.01..9.0), 1 => number()]),
            prop_oneof![3 => short(0.01..9.0), 1 => number()],
            prop::option::weighted(0.2, grid()),
            along(),
            prop::option::weighted(0.2, grid()),
            number(),
        )
            .prop_map(|(size, scale, centres, along, grid, gain)| {
                let mut init = ReceptiveFields::stationary(scale).along(along).gain(gain);
                init.size = size;
                init.grid = grid;
                init.centres = centres.map_or(Centres::Random, Centres::Regular);
                init.into()
            })
            .boxed(),
        "conv_covariance" => (prop_oneof![3 => short(0.01..4.0), 1 => number()], number())
            .prop_map(|(variance, gain)| ConvCovariance::new(variance).gain(gain).into())
            .boxed(),
        "mimetic" => (0..4u8, 0..5usize, number(), number())
            .prop_map(|(part, heads, alpha, beta)| {
                let init = match part {
                    0 => Mimetic::query("pair", heads),
                    1 => Mimetic::key("pair", heads),
                    2 => Mimetic::value("pair"),
                    _ => Mimetic::projection("pair"),
                };
                init.alpha(alpha).beta(beta).into()
            })
            .boxed(),
        "spectral" => (any::<bool>(), number())
            .prop_map(|(exact, gain)| {
                let init = match exact {
                    true => Spectral::orthogonal(),
                    false => Spectral::normal(),
                };
                init.gain(gain).into()
            })
            .boxed(),
        "mup" => (
            0..4u8,
            prop_oneof![3 => short(1.0..500.0), 1 => number()],
            number(),
        )
            .prop_map(|(role, base_width, gain)| {
                let init = match role {
                    0 => MuP::input(),
                    1 => MuP::hidden(),
                    2 => MuP::output(base_width),
                    _ => MuP::output(base_width).multiplied(),
                };
                init.gain(gain).into()
            })
            .boxed(),
        "bias_uniform" => fan_mode()
            .prop_map(|mode| BiasUniform::new().mode(mode).into())
            .boxed(),
        "class_prior" => class_prior().prop_map_into().boxed(),
        "poison" => Just(Poison::new().into()).boxed(),
        "gate_bias" => prop::collection::vec(number(), 0..5)
            .prop_map(|values| GateBias::new(values).into())
            .boxed(),
        "chrono_bias" => chrono_bias().prop_map_into().boxed(),
        "hippo" => hippo().prop_map_into().boxed(),
        "s4d" => s4d().prop_map_into().boxed(),
        "mamba_a_log" => prop::option::of((length(), length()))
            .prop_map(|range| {
                let init = MambaALog::new();
                range
                    .map_or(init.clone(), |(low, high)| init.range(low, high))
                    .into()
            })
            .boxed(),
        "mamba_dt_bias" => (length(), length(), length())
            .prop_map(|(low, high, floor)| MambaDtBias::new().steps(low, high).floor(floor).into())
            .boxed(),
        other => panic!("`{other}` has no strategy: add it here"),
    }
}

/// Whether all of its values are numbers: those of [`Poison`] are the one exception, at any depth.
pub fn gives_numbers(init: &AnyInitializer) -> bool {
    !format!("{init:?}").contains("Poison")
}

/// Any initializer, whose children have others down to this depth.
pub fn any_initializer(depth: u32) -> BoxedStrategy<AnyInitializer> {
    let leaves = [
        "constant",
        "normal",
        "uniform",
        "truncated_normal",
        "variance_scaling",
    ];
    let names = match depth {
        0 => leaves.to_vec(),
        _ => AnyInitializer::NAMES.to_vec(),
    };
    select(names)
        .prop_flat_map(move |name| named(name, depth))
        .boxed()
}
