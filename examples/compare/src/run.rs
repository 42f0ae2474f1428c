//! One training, and what came out of it.

use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::task::Task;

/// One training: everything that its outcome depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run {
    /// What is learned, and by which network.
    #[serde(flatten)]
    pub cell: Cell,
    /// How the weights start.
    pub init: Init,
    /// The seed of the weights, of what is trained on, and of the order in which it is seen.
    pub seed: u64,
}

/// What initializers are compared in: everything but the initializer and the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// The task.
    pub task: Task,
    /// How many examples are trained on.
    pub size: usize,
    /// Hidden layers.
    pub depth: usize,
    /// Neurons, or channels, of a hidden layer.
    pub width: usize,
    /// How often each example is seen; 0 where the hidden layer is frozen.
    pub epochs: usize,
}

/// What came out of a run. Its numbers are f32, which come back from JSON as they went in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Scores on the test examples: before training, and after each epoch.
    pub curve: Vec<Score>,
    /// What was measured before training, by name.
    pub probes: Vec<(String, f32)>,
    /// How long the run took.
    pub seconds: f32,
}

/// How well a network does on the test examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The share of examples that are classified right, 0 to 1.
    pub accuracy: f32,
    /// The mean cross entropy, in nats; `None` where it isn't finite, and where a support vector machine
    /// reads the features.
    pub loss: Option<f32>,
}

impl Outcome {
    /// The score at the end.
    pub fn last(&self) -> Score {
        *self.curve.last().expect("a run has a score")
    }

    /// The first epoch after which the accuracy is at least this, if there is one. 0 is before training.
    pub fn epochs_to(&self, accuracy: f32) -> Option<usize> {
        let reached = |score: &Score| score.accuracy >= accuracy;
        self.curve.iter().position(reached)
    }
}
