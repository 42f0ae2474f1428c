//! How long a weight takes on a device: made by a kernel there, or made on the CPU and brought there. At the end stands
//! what share of the speed of Burn's own fill the kernel has.
//!
//! The device is Burn's default one: a feature chooses it.
//!
//! ```console
//! $ cargo bench --package burn-init-benches --features cuda --bench device
//! ```

use std::time::{Duration, Instant};

use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
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
    print_shares();
}

/// The share of a fill's speed, for weights of 64 MiB.
fn print_shares() {
    const SIDE: usize = 4096;
    let device = Device::default();
    let fill = fastest(
        &device,
        || (),
        |()| Tensor::<2>::full([SIDE, SIDE], 0.1, &device),
    );
    println!("\nof the speed of `Tensor::full`, {SIDE} × {SIDE}, the fastest of 20:");
    let inits: [(&str, AnyInitializer); 4] = [
        ("constant", Constant::new(0.1).into()),
        ("uniform", initializers::uniform().into()),
        ("normal", initializers::normal().into()),
        ("truncated normal", initializers::truncated_normal().into()),
    ];
    for (name, init) in inits {
        let plan = plan(init, MakeOn::Device);
        let drawn = fastest(&device, || layer(SIDE, &device), |layer| plan.apply(layer));
        let share = 100.0 * fill.as_secs_f64() / drawn.as_secs_f64();
        println!("  {name}: {share:.0} %");
    }
}

/// The shortest time of several, until the device is done.
fn fastest<I, O>(device: &Device, input: impl Fn() -> I, work: impl Fn(I) -> O) -> Duration {
    let time = |_| {
        let input = input();
        device.sync().expect("a device that works");
        let begin = Instant::now();
        let output = work(input);
        device.sync().expect("a device that works");
        let time = begin.elapsed();
        drop(output);
        time
    };
    (0..20).map(time).min().expect("there are 20")
}

fn plan(init: impl Into<AnyInitializer>, make_on: MakeOn) -> Plan {
    Plan::new(42).make_on(make_on).rule(Select::weights(), init)
}

fn layer(side: usize, device: &Device) -> Linear {
    LinearConfig::new(side, side).with_bias(false).init(device)
}

/// A weight of this side, until the device has it.
fn weight(bencher: Bencher, side: usize, init: impl Into<AnyInitializer>, make_on: MakeOn) {
    let device = Device::default();
    let plan = plan(init, make_on);
    let layer = || layer(side, &device);
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
