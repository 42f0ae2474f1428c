//! How long a weight takes on a device: made by a kernel there, or made on the CPU and brought there. At the end stand
//! the sizes from which on the kernel is faster, and what share of the speed of Burn's own fill it has.
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
    let device = Device::default();
    println!("{device:?}");
    print_first(&device);
    divan::main();
    print_thresholds(&device);
    print_shares(&device);
}

/// What has a kernel.
fn drawn() -> [(&'static str, AnyInitializer); 4] {
    [
        ("constant", Constant::new(0.1).into()),
        ("uniform", initializers::uniform().into()),
        ("normal", initializers::normal().into()),
        ("truncated normal", initializers::truncated_normal().into()),
    ]
}

/// How long the first weight of each takes, for which its kernel is compiled, and a second one.
fn print_first(device: &Device) {
    println!("\nthe first weight, 64 × 64, and a second one:");
    for (name, init) in drawn() {
        let plan = plan(init, MakeOn::Device);
        let [first, second] = [(); 2].map(|()| made_in(&plan, 64, device));
        println!("  {name}: {first:.1?}, {second:.1?}");
    }
}

/// From which size on the kernel is faster than the CPU and the way to the device. Each size has four times the elements of the
/// one before.
fn print_thresholds(device: &Device) {
    println!("\nthe kernel is faster than the CPU, the fastest of 20, up to 4096 × 4096:");
    for (name, init) in drawn() {
        let [kernel, cpu] =
            [MakeOn::Device, MakeOn::Cpu].map(|make_on| plan(init.clone(), make_on));
        let is_faster = |side: &usize| {
            let [kernel, cpu] =
                [&kernel, &cpu].map(|plan| fastest(|| made_in(plan, *side, device)));
            kernel < cpu
        };
        // From the largest one down to the first that isn't.
        let sides = (4..=12).rev().map(|exponent| 1 << exponent);
        match sides.take_while(is_faster).last() {
            Some(side) => println!("  {name}: from {side} × {side} on"),
            None => println!("  {name}: never"),
        }
    }
}

/// The share of a fill's speed, for weights of 64 MiB.
fn print_shares(device: &Device) {
    const SIDE: usize = 4096;
    let fill = || Tensor::<2>::full([SIDE, SIDE], 0.1, device);
    let fill = fastest(|| time(device, fill));
    println!("\nof the speed of `Tensor::full`, {SIDE} × {SIDE}, the fastest of 20:");
    for (name, init) in drawn() {
        let plan = plan(init, MakeOn::Device);
        let made = fastest(|| made_in(&plan, SIDE, device));
        let share = 100.0 * fill.as_secs_f64() / made.as_secs_f64();
        println!("  {name}: {share:.0} %");
    }
}

/// How long a plan takes for a layer of this side, until the device has it.
fn made_in(plan: &Plan, side: usize, device: &Device) -> Duration {
    let layer = layer(side, device);
    time(device, || plan.apply(layer))
}

/// How long work takes, until the device is done.
fn time<O>(device: &Device, work: impl FnOnce() -> O) -> Duration {
    device.sync().expect("a device that works");
    let begin = Instant::now();
    let output = work();
    device.sync().expect("a device that works");
    let time = begin.elapsed();
    drop(output);
    time
}

/// The shortest of several times.
fn fastest(time: impl Fn() -> Duration) -> Duration {
    (0..20).map(|_| time()).min().expect("there are 20")
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
