//! Sparse evolutionary training (SET: Mocanu et al. 2018) on the digits: after each epoch, the smallest weights are dropped and as many grow
//! elsewhere.
//!
//! `cargo run --release --example set`

use std::process::ExitCode;

use burn::module::Module;
use burn_init::module::Masks;
use burn_init::{Constant, Plan, Seed, Select, SparseBudget, draw};
use clap::Parser;
use mlp::backend::Backend;
use mlp::error::Error;
use mlp::evaluate::evaluate;
use mlp::model::Mlp;
use mlp::split::Split;
use mlp::steps::{Schedule, train};

/// Trains a sparse network with masks that change, and one whose masks stay.
#[derive(Parser)]
struct Args {
    /// The share of weights that live, from 0 to 1
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    density: f64,

    /// The share of these that is dropped and grown after each epoch, from 0 to 1
    #[arg(long, default_value_t = 0.3, value_parser = share)]
    change: f64,

    /// Seeds 1 to this one are trained
    #[arg(long, default_value_t = 5)]
    seeds: u64,

    /// Where to compute
    #[arg(long, default_value_t)]
    device: Backend,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a number from 0 to 1".into()),
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Error> {
    let device = args.device.open()?.autodiff();
    let split = Split::load();
    println!(
        "density {}, changing {} of it after each epoch",
        args.density, args.change
    );
    let (mut of_static, mut of_set) = (0.0, 0.0);
    for seed in 1..=args.seeds {
        let accuracy = |change: f64| -> Result<f64, Error> {
            let schedule = Schedule::new(seed);
            let applied = Plan::new(seed)
                .rule(Select::weights(), SparseBudget::erk(args.density).pinned())
                .rule(Select::biases(), Constant::zeros())
                .apply(Mlp::new(&device))?;
            let evolve = |epoch, model| match epoch + 1 < schedule.epochs {
                true => set(model, change, seed, epoch),
                // The weights that grow last would have no time to learn.
                false => Ok(model),
            };
            let model = train(applied.model, schedule, &split.train, &device, evolve)?;
            let plain = device.clone().inner();
            Ok(evaluate(&model.valid(), &split.test, &plain)?.accuracy)
        };
        let (fixed, evolving) = (accuracy(0.0)?, accuracy(args.change)?);
        println!(
            "seed {seed}: {:.2} % with fixed masks, {:.2} % with SET",
            100.0 * fixed,
            100.0 * evolving
        );
        (of_static, of_set) = (of_static + fixed, of_set + evolving);
    }
    let mean = |sum: f64| 100.0 * sum / args.seeds.max(1) as f64;
    println!(
        "mean: {:.2} % with fixed masks, {:.2} % with SET",
        mean(of_static),
        mean(of_set)
    );
    Ok(())
}

/// Drops the share `change` of the weights that live, the smallest ones, and grows as many at random.
fn set(model: Mlp, change: f64, seed: u64, epoch: usize) -> Result<Mlp, Error> {
    let mut masks = Masks::of(&model);
    for (path, weight) in [
        ("fc1.weight", &model.fc1.weight),
        ("fc2.weight", &model.fc2.weight),
    ] {
        let Some(mask) = masks.0.get_mut(path) else {
            continue;
        };
        let values: Vec<f32> = weight.val().into_data().try_to_vec().unwrap_or_default();
        let mut alive: Vec<usize> = (0..mask.len()).filter(|i| mask[*i]).collect();
        alive.sort_by(|a, b| values[*a].abs().total_cmp(&values[*b].abs()));
        let dead: Vec<usize> = (0..mask.len()).filter(|i| !mask[*i]).collect();
        let count = ((change * alive.len() as f64) as usize).min(dead.len());
        let stream = format!("{path} after epoch {epoch}");
        let order = draw::permutation(Seed::new(seed).key(&stream), dead.len());
        alive[..count].iter().for_each(|i| mask[*i] = false);
        order[..count].iter().for_each(|i| mask[dead[*i]] = true);
    }
    Ok(masks.apply(model)?)
}
