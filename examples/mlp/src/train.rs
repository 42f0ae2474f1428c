//! Initializes the network, trains it and reports.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use burn::module::Module;
use burn::store::{ModuleSnapshot, SafetensorsStore};

use crate::args::TrainArgs;
use crate::artifacts::{Artifacts, TrainingConfig};
use crate::error::Error;
use crate::evaluate::evaluate;
use crate::fit::{Fitted, fit};
use crate::initializer::initialize;
use crate::model::Mlp;
use crate::output::OutputFile;
use crate::split::Split;
use crate::summary::Summary;

/// Initializes, trains, tests and writes what was asked for.
///
/// # Errors
///
/// See [`Error`]. What can't be written is found before the training.
pub fn run(args: &TrainArgs) -> Result<(), Error> {
    let device = args.device.open()?;
    let artifacts = args.artifacts.as_deref().map(Artifacts::prepare);
    let artifacts = artifacts.transpose()?;
    let check = |path: &Option<PathBuf>| path.as_deref().map(OutputFile::check).transpose();
    let summary_file = check(&args.summary)?;
    let init_file = check(&args.save_init)?;
    let config = TrainingConfig {
        init: args.init,
        seed: args.seed,
        device: args.device.to_string(),
        epochs: args.epochs as usize,
        batch_size: args.batch_size.into(),
        learning_rate: args.learning_rate,
    };
    let split = Split::load();

    let model = Mlp::new(&device.clone().autodiff());
    let model = initialize(model, config.init, config.seed)?;
    if let Some(file) = init_file {
        file.write(&safetensors(&model)?)?;
    }

    // Whoever closed the pipe doesn't want the text, but may want the files.
    let say = |text: String| drop(io::stdout().write_all(text.as_bytes()));
    let TrainingConfig { init, seed, .. } = &config;
    say(format!("{init} with seed {seed} on {}\n", args.device));
    let start = Instant::now();
    let Fitted { model, epochs } = match config.epochs {
        0 => Fitted {
            model: model.valid(),
            epochs: 0,
        },
        _ => {
            let folder = artifacts.as_ref().map(Artifacts::draft);
            fit(model, &config, &split, &device, folder)?
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    if epochs < config.epochs {
        say(format!(
            "stopped after {epochs} of {} epochs\n",
            config.epochs
        ));
    }

    let train = evaluate(&model, &split.train, &device)?;
    let test = evaluate(&model, &split.test, &device)?;
    let summary = Summary {
        init: config.init,
        seed: config.seed,
        device: args.device.name(),
        epochs,
        train_loss: train.loss,
        train_accuracy: train.accuracy,
        test_loss: test.loss,
        test_accuracy: test.accuracy,
        seconds,
    };
    if let Some(artifacts) = artifacts {
        // Stopped by hand, the network has seen fewer epochs than it was meant to.
        artifacts.publish(model, &TrainingConfig { epochs, ..config })?;
    }
    if let Some(file) = summary_file {
        file.write(summary.to_json().as_bytes())?;
    }
    say(summary.to_string());
    Ok(())
}

/// The weights as a safetensors file, under their Burn paths; without Burn's metadata, whose order
/// changes from run to run, so that equal weights make equal files.
fn safetensors(model: &Mlp) -> Result<Vec<u8>, Error> {
    let mut store = SafetensorsStore::from_bytes(None).clear_metadata();
    model.save_into(&mut store)?;
    Ok(store.get_bytes()?)
}
