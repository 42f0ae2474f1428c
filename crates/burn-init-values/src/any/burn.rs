//! From Burn's own initializers.

use burn::nn::Initializer as Burn;

use super::AnyInitializer;
use crate::dense::{Constant, Distribution, FanMode, Normal, Orthogonal, Uniform, VarianceScaling};

impl From<Burn> for AnyInitializer {
    fn from(burn: Burn) -> Self {
        let scaled = |gain: f64, mode, distribution| {
            let init = VarianceScaling::new(1.0, mode, distribution);
            init.gain(gain).into()
        };
        let kaiming = |fan_out_only| match fan_out_only {
            true => FanMode::FanOut,
            false => FanMode::FanIn,
        };
        match burn {
            Burn::Constant { value } => Constant::new(value).into(),
            Burn::Ones => Constant::ones().into(),
            Burn::Zeros => Constant::zeros().into(),
            Burn::Uniform { min, max } => Uniform::new(min, max).into(),
            Burn::Normal { mean, std } => Normal::new(mean, std).into(),
            Burn::KaimingUniform { gain, fan_out_only } => {
                scaled(gain, kaiming(fan_out_only), Distribution::Uniform)
            }
            Burn::KaimingNormal { gain, fan_out_only } => {
                scaled(gain, kaiming(fan_out_only), Distribution::Normal)
            }
            Burn::XavierUniform { gain } => {
                scaled(gain, FanMode::FanAverage, Distribution::Uniform)
            }
            Burn::XavierNormal { gain } => scaled(gain, FanMode::FanAverage, Distribution::Normal),
            Burn::Orthogonal { gain } => Orthogonal::new().gain(gain).into(),
        }
    }
}
