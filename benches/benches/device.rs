//! How long a weight takes on a device: made by a kernel there, or made on the CPU and brought there. A constant by
//! a kernel is what the device's memory can do.
//!
//! The device is Burn's default one: a feature chooses it.
//!
//! ```console
//! $ cargo bench --package burn-init-benches --features cuda --bench device
//! ```

use burn::nn::{Linear, LinearConfig};
use burn::tensor::Device;
use burn_init::plan::MakeOn;
use burn_init::{AnyInitializer, Constant, Plan, Select};
use burn_init_benches::initializers;
use divan::Bencher;
use divan::counter::BytesCount;

/// 2¹², 2¹⁶, 2²⁰, 2²⁴ and 2²⁸ elements.
const SIDES: [usize; 5] = [64, 256, 1024, 4096, 16384];

fn main() {
    println!("{:?}", Device::default());
    divan::main();
}

/// A weight of this side, until the device has it.
fn weight(bencher: Bencher, side: usize, init: impl Into<AnyInitializer>, make_on: MakeOn) {
    let device = Device::default();
    let plan = Plan::new(42).make_on(make_on).rule(Select::weights(), init);
    let layer = || -> Linear { LinearConfig::new(side, side).with_bias(false).init(&device) };
    bencher
        .counter(BytesCount::of_many::<f32>(side * side))
        .with_inputs(layer)
        .bench_values(|layer| {
            let applied = plan.apply(layer);
            device.sync().expect("a device that works");
            applied
        });
}

/// By a kernel.
#[divan::bench_group(sample_count = 20, max_time = 2)]
mod kernel {
    use super::*;

    #[divan::bench(args = SIDES)]
    fn constant(bencher: Bencher, side: usize) {
        weight(bencher, side, Constant::new(0.1), MakeOn::Device);
    }

    #[divan::bench(args = SIDES)]
    fn uniform(bencher: Bencher, side: usize) {
        weight(bencher, side, initializers::uniform(), MakeOn::Device);
    }

    #[divan::bench(args = SIDES)]
    fn normal(bencher: Bencher, side: usize) {
        weight(bencher, side, initializers::normal(), MakeOn::Device);
    }

    #[divan::bench(args = SIDES)]
    fn truncated_normal(bencher: Bencher, side: usize) {
        let init = initializers::truncated_normal();
        weight(bencher, side, init, MakeOn::Device);
    }
}

/// On the CPU, and brought to the device.
#[divan::bench_group(sample_count = 20, max_time = 2)]
mod cpu {
    use super::*;

    #[divan::bench(args = SIDES)]
    fn uniform(bencher: Bencher, side: usize) {
        weight(bencher, side, initializers::uniform(), MakeOn::Cpu);
    }

    #[divan::bench(args = SIDES)]
    fn normal(bencher: Bencher, side: usize) {
        weight(bencher, side, initializers::normal(), MakeOn::Cpu);
    }

    #[divan::bench(args = SIDES)]
    fn truncated_normal(bencher: Bencher, side: usize) {
        weight(bencher, side, initializers::truncated_normal(), MakeOn::Cpu);
    }
}
