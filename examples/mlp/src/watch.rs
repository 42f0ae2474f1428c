//! What Burn's training loop doesn't tell in its result.

use std::sync::{Arc, Mutex};

use burn::train::logger::TrainingProgressLogger;
use burn::train::{Interrupter, TrainingError};

/// How a training ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// The epochs that were completed.
    pub epochs: usize,
    /// What stopped it, unless the user did.
    pub error: Option<Arc<TrainingError>>,
}

/// Follows a training. Burn's terminal screen forgets why the training stopped before the result is made, so this
/// takes note of it just before.
pub struct Watch {
    interrupter: Interrupter,
    ending: Arc<Mutex<Ending>>,
}

impl Watch {
    /// Follows the training that has this interrupter.
    pub fn new(interrupter: Interrupter) -> Self {
        Self {
            interrupter,
            ending: Arc::default(),
        }
    }

    /// Filled in while the training runs.
    pub fn ending(&self) -> Arc<Mutex<Ending>> {
        self.ending.clone()
    }
}

impl TrainingProgressLogger for Watch {
    fn start(
        &mut self,
        _epochs: usize,
        _first: usize,
        _items: Option<usize>,
        _label: Option<&str>,
    ) {
    }

    fn update_epoch(&mut self, epoch: usize) {
        if let Ok(mut ending) = self.ending.lock() {
            ending.epochs = epoch;
        }
    }

    fn start_split(&mut self, _split: &str, _items: usize) {}

    fn update_split(&mut self, _items: usize) {}

    fn end_split(&mut self) {}

    fn end(&mut self) {
        if let Ok(mut ending) = self.ending.lock() {
            ending.error = self.interrupter.error();
        }
    }

    fn log_event_training(&mut self, _event: String) {}
}
