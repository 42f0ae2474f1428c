//! The digits network at several densities: the table of the chapter "Sparse from the start".
//!
//! `cargo run --release --example sparse -- --write docs/book/sparse.md`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use burn::module::Module;
use burn::tensor::Device;
use burn_init::{Constant, Plan, Select, SparseBudget};
use clap::Parser;
use mlp::backend::Backend;
use mlp::error::Error;
use mlp::evaluate::evaluate;
use mlp::model::Mlp;
use mlp::output::OutputFile;
use mlp::split::Split;
use mlp::steps::{Schedule, train};

const DENSITIES: [f64; 6] = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02];
const SEEDS: u64 = 5;
const BEGIN: &str = "<!-- begin: digits -->\n";
const END: &str = "<!-- end: digits -->";

/// Trains pinned sparse networks and prints a table of their test accuracies.
#[derive(Parser)]
struct Args {
    /// Put the table between the markers in this file, too
    #[arg(long, value_name = "FILE.md")]
    write: Option<PathBuf>,

    /// Where to compute
    #[arg(long, default_value_t)]
    device: Backend,
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
    let file = match &args.write {
        Some(path) => Some((OutputFile::check(path)?, read(path)?)),
        None => None,
    };
    let device = args.device.open()?.autodiff();
    let split = Split::load();
    let mut table = String::from(
        "| density | uniform | ERK | uniform, uncorrected | ERK, uncorrected |\n|---|---|---|---|---|\n",
    );
    for density in DENSITIES {
        let budgets = [SparseBudget::uniform(density), SparseBudget::erk(density)];
        let uncorrected = budgets.clone().map(SparseBudget::uncorrected);
        table += &format!("| {density} |");
        for budget in budgets.into_iter().chain(uncorrected) {
            let accuracies = (1..=SEEDS)
                .map(|seed| accuracy(&budget, seed, &split, &device))
                .collect::<Result<Vec<f64>, Error>>()?;
            table += &format!(" {} |", mean_and_spread(&accuracies));
        }
        table.push('\n');
    }
    print!("{table}");
    if let Some((file, (before, after))) = file {
        file.write(format!("{before}{BEGIN}{table}{END}{after}").as_bytes())?;
    }
    Ok(())
}

/// The test accuracy, in percent, of a pinned network with this budget.
fn accuracy(
    budget: &SparseBudget,
    seed: u64,
    split: &Split,
    device: &Device,
) -> Result<f64, Error> {
    let applied = Plan::new(seed)
        .rule(Select::weights(), budget.clone().pinned())
        .rule(Select::biases(), Constant::zeros())
        .apply(Mlp::new(device))?;
    let model = train(
        applied.model,
        Schedule::new(seed),
        &split.train,
        device,
        |_, model| Ok(model),
    )?;
    let plain = device.clone().inner();
    Ok(100.0 * evaluate(&model.valid(), &split.test, &plain)?.accuracy)
}

/// Mean ± sample standard deviation.
fn mean_and_spread(values: &[f64]) -> String {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    format!("{mean:.1} ± {:.1} %", variance.sqrt())
}

/// What stands before and after the markers.
fn read(path: &Path) -> Result<(String, String), Error> {
    let unreadable = |source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before.to_owned(), after.to_owned()))
    });
    parts.ok_or_else(|| {
        unreadable(std::io::Error::other(format!(
            "it has no {BEGIN:?} and {END:?}"
        )))
    })
}
