//! A model of many small layers: what counts here is the work for each layer, not for each weight.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

/// How many layers the model has.
pub const LAYERS: usize = 1000;
/// The inputs and the outputs of each.
pub const SIDE: usize = 64;

/// 1,000 layers of 64 × 64 weights and 64 biases.
#[derive(Module, Debug)]
pub struct Layers {
    layers: Vec<Linear>,
}

impl Layers {
    /// The model before its first use: Burn makes a parameter when it's read.
    pub fn lazy(initializer: &burn::nn::Initializer) -> Self {
        let config = LinearConfig::new(SIDE, SIDE).with_initializer(initializer.clone());
        let device = Device::flex();
        Self {
            layers: (0..LAYERS).map(|_| config.init(&device)).collect(),
        }
    }

    /// 10,000 parameters of one element: what counts is the work for each parameter.
    pub fn tiny() -> Self {
        let device = Device::flex();
        let config = LinearConfig::new(1, 1);
        Self {
            layers: (0..5 * LAYERS).map(|_| config.init(&device)).collect(),
        }
    }

    /// Reads every parameter once.
    pub fn read(&self) {
        struct Read;
        impl ModuleVisitor for Read {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                param.val();
            }
        }
        self.visit(&mut Read);
    }
}

/// What `LinearConfig` takes by default: U(−1/√fan_in, 1/√fan_in).
pub fn default_initializer() -> burn::nn::Initializer {
    LinearConfig::new(SIDE, SIDE).initializer
}

/// Burn's own Kaiming uniform, with the gain of a relu.
pub fn kaiming_uniform() -> burn::nn::Initializer {
    burn::nn::Initializer::KaimingUniform {
        gain: std::f64::consts::SQRT_2,
        fan_out_only: false,
    }
}
