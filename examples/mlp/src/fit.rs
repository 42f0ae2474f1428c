//! Burn's own training loop.

use std::any::Any;
use std::io::{self, IsTerminal};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;

use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::optim::AdamConfig;
use burn::tensor::Device;
use burn::train::logger::{FileMetricLogger, InMemoryMetricLogger};
use burn::train::metric::{AccuracyMetric, LossMetric};
use burn::train::{Learner, LearningResult, SupervisedTraining};

use crate::artifacts::TrainingConfig;
use crate::batch::{DigitBatch, DigitBatcher};
use crate::error::Error;
use crate::model::Mlp;
use crate::plain::PlainRenderer;
use crate::split::Split;
use crate::watch::Watch;

/// Batches of digits.
type Loader = Arc<dyn DataLoader<DigitBatch>>;

/// What a training gives.
#[derive(Debug)]
pub struct Fitted {
    /// The network, ready for inference.
    pub model: Mlp,
    /// The epochs that were completed.
    pub epochs: usize,
}

/// Minimizes the cross entropy by Adam. Logs and checkpoints go to the folder; without one, nothing
/// is written.
///
/// The progress is shown on Burn's screen where the standard output is a terminal, as lines where it
/// isn't.
///
/// # Errors
///
/// [`Error::Training`] where Burn fails, or is told on its screen to kill the training.
pub fn fit(
    model: Mlp,
    config: &TrainingConfig,
    split: &Split,
    device: &Device,
    folder: Option<&Path>,
) -> Result<Fitted, Error> {
    let [train, test] = loaders(split, config.batch_size, config.seed, device);
    let training = SupervisedTraining::new(folder.unwrap_or(Path::new("")), train, test)
        .metrics((LossMetric::new(), AccuracyMetric::new()))
        .num_epochs(config.epochs);
    let training = match folder {
        Some(folder) => training
            .with_metric_logger(FileMetricLogger::new(folder))
            .with_default_checkpointers(),
        None => training
            .with_metric_logger(InMemoryMetricLogger::new())
            .with_application_logger(None),
    };
    let training = match io::stdout().is_terminal() {
        true => training,
        false => training.renderer(Box::new(PlainRenderer::default())),
    };
    let watch = Watch::new(training.interrupter());
    let ending = watch.ending();
    let training = training.with_progress_logger(watch);
    let learner = Learner::new(model, AdamConfig::new().init(), config.learning_rate);

    // Burn panics where its screen is told to kill the training, and where a log can't be written.
    let (model, error) = panic::catch_unwind(AssertUnwindSafe(|| {
        let LearningResult {
            model,
            renderer,
            error,
            ..
        } = training.launch(learner);
        // Closes the screen.
        drop(renderer);
        (model, error)
    }))
    .map_err(|payload| Error::Training {
        reason: panic_message(&*payload),
    })?;
    let ending = ending
        .lock()
        .map(|ending| ending.clone())
        .unwrap_or_default();
    match error.or(ending.error) {
        Some(error) => Err(Error::Training {
            reason: error.to_string(),
        }),
        None => Ok(Fitted {
            model,
            epochs: ending.epochs,
        }),
    }
}

/// The digits to train on, in an order by the seed, and those to test on.
fn loaders(split: &Split, batch_size: usize, seed: u64, device: &Device) -> [Loader; 2] {
    let loader = || {
        DataLoaderBuilder::new(DigitBatcher)
            .batch_size(batch_size)
            .set_device(device.clone())
    };
    let train = loader().shuffle(seed);
    [
        train.build(InMemDataset::new(split.train.clone())),
        loader().build(InMemDataset::new(split.test.clone())),
    ]
}

/// What a panic said.
fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".into())
}

#[cfg(test)]
mod tests {
    use burn::module::Module;
    use burn::train::{ExecutionStrategy, MultiDeviceOptim};
    use burn_init::module::Masks;

    use super::*;
    use crate::evaluate::evaluate;
    use crate::initializer::{Init, initialize};

    /// Burn's own training on several devices: two workers, each with a replica.
    fn fit_on_two(model: Mlp, split: &Split, learning_rate: f64) -> Mlp {
        let device = Device::flex();
        let [train, test] = loaders(split, 32, 1, &device);
        let devices = vec![device.clone(), device.clone()];
        let strategy = ExecutionStrategy::MultiDevice(devices, MultiDeviceOptim::OptimMainDevice);
        let training = SupervisedTraining::new("", train, test)
            .metrics((LossMetric::new(),))
            .num_epochs(4)
            .with_metric_logger(InMemoryMetricLogger::new())
            .with_application_logger(None)
            .renderer(Box::new(PlainRenderer::default()))
            .with_training_strategy(strategy.into());
        let optimizer = AdamConfig::new().init();
        let LearningResult { model, error, .. } =
            training.launch(Learner::new(model, optimizer, learning_rate));
        assert!(error.is_none(), "{error:?}");
        model
    }

    /// Replicas start from the values that the model was given, and pinned zeros last.
    #[test]
    fn two_workers() {
        let (split, device) = (Split::load(), Device::flex());
        let start = initialize(Mlp::new(&device), Init::Sparse, 7).unwrap();
        // Without it, Burn 0.22.1's workers find no gradients, whoever made the values.
        let start = start.train();
        let values = |model: &Mlp| model.fc1.weight.val().into_data();
        // Without steps, it stays as it was.
        let stayed = fit_on_two(start.clone(), &split, 0.0);
        assert_eq!(values(&stayed), values(&start));
        let trained = fit_on_two(start.clone(), &split, 1e-2);
        assert_ne!(values(&trained), values(&start));
        assert_eq!(Masks::of(&trained), Masks::of(&start));
        let score = evaluate(&trained, &split.test, &device).unwrap();
        assert!(score.accuracy > 0.85, "{score:?}");
    }
}
