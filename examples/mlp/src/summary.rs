//! What `--summary` writes.

use std::fmt::{self, Display};

use serde::Serialize;

use crate::initializer::Init;

/// A run and how it ended, as a flat JSON object.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `--init`.
    pub init: Init,
    /// `--seed`.
    pub seed: u64,
    /// `--device`.
    pub device: &'static str,
    /// The epochs that were completed: fewer than `--epochs` where the training was stopped by hand.
    pub epochs: usize,
    /// Mean cross entropy of the final model over the 1,437 training digits.
    pub train_loss: f64,
    /// Share of the training digits that the final model reads right, 0 to 1.
    pub train_accuracy: f64,
    /// Mean cross entropy of the final model over the 360 test digits.
    pub test_loss: f64,
    /// Share of the test digits that the final model reads right, 0 to 1.
    pub test_accuracy: f64,
    /// The time that the training took.
    pub seconds: f64,
}

impl Summary {
    /// The object, one key a line.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and strings are JSON") + "\n"
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |accuracy: f64| 100.0 * accuracy;
        writeln!(
            f,
            "train  loss {:.4}  accuracy {:.2} %",
            self.train_loss,
            percent(self.train_accuracy)
        )?;
        writeln!(
            f,
            "test   loss {:.4}  accuracy {:.2} %",
            self.test_loss,
            percent(self.test_accuracy)
        )?;
        writeln!(f, "epochs {}, {:.1} s", self.epochs, self.seconds)
    }
}
