//! The network, whole or half, and its plan.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Device;
use burn_init::weight::Shard;
use burn_init::{BiasUniform, Constant, InitError, Plan, Select, VarianceScaling, Wavelet};

use crate::Part;
use crate::task::{CLASSES, INPUTS};

/// Hidden neurons of the whole network.
const HIDDEN: usize = 64;

/// 100 → 64 relu → 10, or a process's part of it.
#[derive(Module, Debug)]
pub struct Network {
    /// The hidden neurons, or half of them.
    pub fc1: Linear,
    /// From all hidden neurons to the outputs.
    pub fc2: Linear,
}

/// The plan for a part of the network: the rules are the same for all.
pub fn plan(part: Part) -> Result<Plan, InitError> {
    let plan = Plan::new(42)
        .rule(Select::path("fc1.weight"), Wavelet::haar())
        .rule(Select::path("fc2.weight"), VarianceScaling::glorot_normal())
        .rule(Select::path("fc1.bias"), BiasUniform::new())
        .rule(Select::path("fc2.bias"), Constant::zeros())
        .ids_from_paths();
    Ok(match part {
        Part::Whole => plan,
        Part::Half(index) => plan
            .shard(Select::path("fc1.weight"), Shard::new(1, index, 2)?)
            .shard(Select::path("fc1.bias"), Shard::new(0, index, 2)?),
    })
}

/// The part, with its first values.
pub fn build(part: Part, device: &Device) -> Result<Network, InitError> {
    let own = match part {
        Part::Whole => HIDDEN,
        Part::Half(_) => HIDDEN / 2,
    };
    let network = Network {
        fc1: LinearConfig::new(INPUTS, own).init(device),
        fc2: LinearConfig::new(HIDDEN, CLASSES).init(device),
    };
    Ok(plan(part)?.apply(network)?.model)
}
