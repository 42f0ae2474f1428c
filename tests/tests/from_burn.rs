//! Burn's own initializers, converted.

use burn_init::dense::{Distribution, FanMode};
use burn_init::{
    AnyInitializer, Constant, Initializer, Normal, Orthogonal, Seed, Uniform, VarianceScaling,
    WeightLayout,
};

fn draw(init: &impl Initializer, layout: impl Into<WeightLayout>) -> Vec<f32> {
    init.draw(&layout.into(), Seed::new(12).key("w")).unwrap()
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
