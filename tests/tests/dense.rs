//! Variances, gains and conventions of the dense initializers.

use burn_init::{
    AnyInitializer, Constant, Distribution, FanMode, Gain, Initializer, Normal, Orthogonal,
    Sampled, Seed, TruncatedNormal, Uniform, VarianceScaling, WeightLayout,
};

fn draw(init: &impl Initializer, layout: impl Into<WeightLayout>) -> Vec<f32> {
    init.draw(&layout.into(), Seed::new(12).key("w")).unwrap()
}

fn variance(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / values.len() as f64
}

/// The variance of every preset on layouts with known fans. For these distributions the kurtosis is
/// at most 3, so that the standard error of a variance v over n values is at most v·√(2/n): bounds
/// of 5 of them.
#[test]
fn variances() {
    let linear = WeightLayout::linear([300, 200]);
    let conv = WeightLayout::conv([60, 50, 3, 3]);
    let grouped = WeightLayout::conv([256, 16, 5, 5]).groups(4);
    let up = WeightLayout::conv_transpose([64, 32, 4, 4]).strides([2, 2]);
    let embedding = WeightLayout::embedding([1000, 64]);
    type Init = VarianceScaling;
    let geometric = Init::new(1.0, FanMode::FanGeometricMean, Distribution::Normal);
    let fan_out = Init::new(2.0, FanMode::FanOut, Distribution::TruncatedNormal);
    let cases = [
        (Init::lecun_normal(), &linear, 1.0 / 300.0),
        (Init::lecun_uniform(), &linear, 1.0 / 300.0),
        (Init::glorot_normal(), &linear, 2.0 / 500.0),
        (Init::glorot_uniform(), &linear, 2.0 / 500.0),
        (Init::xavier_normal(), &linear, 2.0 / 500.0),
        (Init::xavier_uniform(), &linear, 2.0 / 500.0),
        (Init::he_normal(), &linear, 2.0 / 300.0),
        (Init::he_uniform(), &linear, 2.0 / 300.0),
        (Init::kaiming_normal(), &linear, 2.0 / 300.0),
        (Init::kaiming_uniform(), &linear, 2.0 / 300.0),
        (Init::he_normal(), &conv, 2.0 / 450.0),
        (Init::glorot_uniform(), &conv, 2.0 / (450.0 + 540.0)),
        (Init::he_normal(), &grouped, 2.0 / 400.0),
        (fan_out, &grouped, 2.0 / 1600.0),
        (Init::he_normal(), &up, 2.0 / 256.0),
        (fan_out, &up, 2.0 / 512.0),
        (geometric, &linear, 1.0 / 60_000f64.sqrt()),
        (Init::lecun_normal(), &embedding, 1.0),
        (Init::glorot_normal(), &embedding, 2.0 / 65.0),
        (
            Init::lecun_normal().gain(Gain::Tanh),
            &linear,
            25.0 / 9.0 / 300.0,
        ),
        (Init::lecun_normal().gain(-2.0), &linear, 4.0 / 300.0),
    ];
    for (init, layout, expected) in cases {
        let w = draw(&init, layout.clone());
        let ratio = variance(&w) / expected;
        let bound = 5.0 * (2.0 / w.len() as f64).sqrt();
        assert!((ratio - 1.0).abs() < bound, "{init} on {layout:?}: {ratio}");
    }
    let w = draw(&Normal::fan_in(), linear);
    assert!((variance(&w) * 300.0 - 1.0).abs() < 5.0 * (2.0 / w.len() as f64).sqrt());
}

/// Keras and JAX cut their normals at two standard deviations of the uncut normal, torch doesn't
/// cut.
#[test]
fn bounds() {
    let largest = |init: &VarianceScaling| {
        draw(init, [1000, 1000])
            .into_iter()
            .fold(0f32, |max, w| max.max(w.abs()))
    };
    let cut = 2.0 * (1.0f32 / 1000.0).sqrt() / 0.879_625_7;
    let given = largest(&VarianceScaling::lecun_normal());
    assert!(given <= cut && given > 0.999 * cut);
    assert!(largest(&VarianceScaling::kaiming_normal()) > 4.5 * (2.0f32 / 1000.0).sqrt());
    let cut = (3.0f32 / 1000.0).sqrt();
    let given = largest(&VarianceScaling::lecun_uniform());
    assert!(given < cut && given > 0.999 * cut);

    for (init, low, high) in [
        (TruncatedNormal::new(1.0, 0.5), 0.0, 2.0),
        (TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0), -2.0, 2.0),
        (TruncatedNormal::new(0.1, 1.0).bounds(0.1, 0.3), 0.1, 0.3),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(1.0, f64::INFINITY),
            1.0,
            f64::INFINITY,
        ),
        (
            TruncatedNormal::new(0.0, 3.0).deviations(-1.0, 0.5),
            -3.0,
            1.5,
        ),
        (TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0), 0.7, 0.7),
    ] {
        let w = draw(&init, [1000, 1000]);
        // A value of its own, such as 0.7, may not be an f32.
        let slack = if init == TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0) {
            1e-7
        } else {
            0.0
        };
        let bounds = low - slack..=high + slack;
        assert!(w.iter().all(|w| bounds.contains(&f64::from(*w))), "{init}");
    }
}

#[test]
fn constants() {
    assert_eq!(draw(&Constant::new(0.25), [3]), [0.25; 3]);
    let random = draw(&Constant::random(), [40, 40]);
    assert!(random[0] > 0.0 && random[0] < 1.0);
    assert!(random.iter().all(|w| *w == random[0]));
    let other = Constant::random()
        .draw(&[1].into(), Seed::new(13).key("w"))
        .unwrap();
    assert_ne!(other[0], random[0]);
    // Over many seeds it is uniform: the mean of 10,000 within 5 standard errors of ½.
    let mean: f32 = (0..10_000)
        .map(|seed| {
            Constant::random()
                .draw(&[1].into(), Seed::new(seed).key("w"))
                .unwrap()[0]
        })
        .sum::<f32>()
        / 10_000.0;
    assert!((mean - 0.5).abs() < 5.0 / (12.0f32 * 10_000.0).sqrt());
}

/// Mean and variance of another library's distribution, within 5 standard errors.
#[test]
fn sampled() {
    let w = draw(
        &Sampled(rand_distr::Gamma::new(2.0f32, 0.5).unwrap()),
        [1000, 1000],
    );
    let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / 1e6;
    assert!((mean - 1.0).abs() < 5.0 * 0.5f64.sqrt() / 1e3, "{mean}");
    // Fourth central moment of Gamma(2, ½): (3·2² + 6·2)·½⁴ = 3/2.
    let variance = w
        .iter()
        .map(|w| (f64::from(*w) - mean).powi(2))
        .sum::<f64>()
        / 1e6;
    assert!(
        (variance - 0.5).abs() < 5.0 * (1.5f64 - 0.25).sqrt() / 1e3,
        "{variance}"
    );
    let name = AnyInitializer::custom(Sampled(rand_distr::StandardNormal)).to_string();
    assert_eq!(name, "sampled from StandardNormal");
}

/// What Burn calls the same has the same distribution and variance.
#[test]
fn from_burn() {
    use burn::nn::Initializer as Burn;

    let third = 1.0 / 3f64.sqrt();
    type Init = VarianceScaling;
    let fan_out = |distribution| Init::new(1.0, FanMode::FanOut, distribution);
    let fan_in = |distribution| Init::new(1.0, FanMode::FanIn, distribution);
    let cases: [(Burn, AnyInitializer); 10] = [
        (
            Burn::KaimingUniform {
                gain: third,
                fan_out_only: false,
            },
            fan_in(Distribution::Uniform).gain(third).into(),
        ),
        (
            Burn::KaimingNormal {
                gain: 1.0,
                fan_out_only: true,
            },
            fan_out(Distribution::Normal).into(),
        ),
        (
            Burn::XavierNormal { gain: 2.0 },
            Init::xavier_normal().gain(2.0).into(),
        ),
        (
            Burn::XavierUniform { gain: 1.0 },
            Init::glorot_uniform().into(),
        ),
        (
            Burn::Normal {
                mean: 0.5,
                std: 0.1,
            },
            Normal::new(0.5, 0.1).into(),
        ),
        (
            Burn::Uniform {
                min: -0.3,
                max: 0.2,
            },
            Uniform::new(-0.3, 0.2).into(),
        ),
        (Burn::Constant { value: 0.5 }, Constant::new(0.5).into()),
        (Burn::Ones, Constant::ones().into()),
        (Burn::Zeros, Constant::zeros().into()),
        (
            Burn::Orthogonal { gain: 3.0 },
            Orthogonal::new().gain(3.0).into(),
        ),
    ];
    for (burn, expected) in cases {
        let init = AnyInitializer::from(burn.clone());
        assert_eq!(draw(&init, [30, 20]), draw(&expected, [30, 20]), "{burn:?}");
    }
    // Burn's own: U(−√(1/300), √(1/300)) for 300 inputs.
    let burn = Burn::KaimingUniform {
        gain: third,
        fan_out_only: false,
    };
    let largest = draw(&AnyInitializer::from(burn), [300, 200])
        .into_iter()
        .fold(0f32, f32::max);
    let bound = (1.0f32 / 300.0).sqrt();
    assert!(largest < bound && largest > 0.999 * bound);
}

#[test]
fn settings_survive_a_file() {
    let all: Vec<AnyInitializer> = vec![
        Constant::random().into(),
        Constant::new(0.1).into(),
        Normal::new(0.5, 0.1).into(),
        Uniform::new(-0.5, 0.5).into(),
        TruncatedNormal::new(0.0, 0.1)
            .bounds(-1.0, f64::INFINITY)
            .into(),
        TruncatedNormal::new(0.0, 0.1).deviations(-1.0, 1.5).into(),
        Orthogonal::new().gain(0.5).into(),
        VarianceScaling::he_normal().gain(0.5).into(),
    ];
    for init in all {
        for text in [
            toml::to_string(&init).unwrap(),
            serde_json::to_string(&init).unwrap(),
        ] {
            let same: AnyInitializer = toml::from_str(&text)
                .or_else(|_| serde_json::from_str(&text))
                .unwrap();
            assert_eq!(format!("{init:?}"), format!("{same:?}"), "{text}");
        }
    }
    let custom = AnyInitializer::custom(Normal::fan_in());
    assert!(serde_json::to_string(&custom).is_err());
}
