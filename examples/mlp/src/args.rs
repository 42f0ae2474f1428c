//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::backend::Backend;
use crate::initializer::Init;
use crate::split::{TEST, TRAIN};

/// Trains a 100 → 64 relu → 10 softmax network on 1,437 handwritten digits and tests it on 360 others.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do instead of training.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The training.
    #[command(flatten)]
    pub train: TrainArgs,
}

/// What there is to do besides training.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows how a trained network reads some of the test digits
    Predict(PredictArgs),
}

/// The options of a training.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// How the weights start
    #[arg(long, value_enum, default_value_t = Init::Wavelet)]
    pub init: Init,

    /// Where to compute
    #[arg(long, default_value_t, help = device_help())]
    pub device: Backend,

    /// The seed of the weights and of the order in which the digits are seen
    #[arg(long, default_value_t = 42)]
    pub seed: u64,

    /// How often each training digit is seen; 0 initializes and tests without training
    #[arg(long, default_value_t = 30)]
    pub epochs: u32,

    /// Digits in a step
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=TRAIN as i64))]
    pub batch_size: u16,

    /// Adam's step size, above 0 and up to 1
    #[arg(long, default_value_t = 0.01, value_parser = learning_rate, allow_negative_numbers = true)]
    pub learning_rate: f64,

    /// Keep the trained network, checkpoints, logs and settings in this folder
    ///
    /// It changes when the training has ended. A folder of an earlier run is replaced: config.json,
    /// model.bpk, experiment.log, checkpoint/, train/ and valid/; other files in it stay. Any other
    /// folder that isn't empty is refused. A killed run leaves a .draft-… in it, safe to delete.
    #[arg(long, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,

    /// Write the weights before training to this file, replacing it
    #[arg(long, value_name = "FILE.safetensors")]
    pub save_init: Option<PathBuf>,

    /// Write the result to this file, replacing it
    ///
    /// A flat JSON object: init, seed, device, epochs, train_loss, train_accuracy, test_loss, test_accuracy (0 to 1),
    /// seconds.
    #[arg(long, value_name = "FILE.json")]
    pub summary: Option<PathBuf>,
}

/// The options of `predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    /// The folder that a training with --artifacts made
    #[arg(long, value_name = "DIR")]
    pub artifacts: PathBuf,

    /// How many test digits to show
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=TEST as i64))]
    pub count: u16,

    /// Where to compute
    #[arg(long, default_value_t, help = device_help())]
    pub device: Backend,
}

fn device_help() -> String {
    format!("Where to compute; built in: {}", Backend::list())
}

fn learning_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("not a number above 0 and up to 1".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_learning_rate_is_above_0_and_up_to_1() {
        for good in ["1", "0.5", "1e-9"] {
            assert!(learning_rate(good).is_ok(), "{good}");
        }
        for bad in ["0", "-0.1", "1.5", "NaN", "inf", "x", ""] {
            assert!(learning_rate(bad).is_err(), "{bad}");
        }
    }
}
