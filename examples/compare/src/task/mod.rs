//! The tasks: what is learned, and by which network.

mod conv_pictures;
mod conv_signal;
mod data;
mod digits;
mod frozen;
mod list;
mod mlp;
mod net;
mod probes;
mod signals;
mod svm;
mod train;

use std::fmt;

use burn_init::InitError;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::init::{Grid, Init};
use crate::run::{Outcome, Run};
use conv_pictures::ConvPictures;
use conv_signal::ConvSignal;
use list::{ENTRIES, Entry, Form, Learner};
use mlp::Mlp;

pub use list::Defaults;

/// One of the tasks: its place in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Task(usize);

/// The incoming weights of each neuron, or each kernel, of a first layer.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstLayer {
    /// A row for each neuron.
    pub weights: Vec<f32>,
    /// The grid that a row forms.
    pub grid: Grid,
}

impl Task {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTRIES.len()).map(Self)
    }

    /// The one with this name.
    ///
    /// # Errors
    ///
    /// A message that lists the names.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::all().find(|task| task.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("no such task; there are {}", names.join(", "))
        })
    }

    fn entry(self) -> &'static Entry {
        &ENTRIES[self.0]
    }

    /// The name of the probe that is the circular lag-1 autocorrelation of the first layer's neurons.
    pub const AUTOCORRELATION: &'static str = "lag-1 autocorrelation";

    /// The name of the probe that is the second moment of what a layer gives, from layer 1 on.
    pub fn second_moment(layer: usize) -> String {
        format!("second moment {layer}")
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What is learned, and by which network.
    pub fn about(self) -> &'static str {
        self.entry().about
    }

    /// What it is run with unless the command line says otherwise.
    pub fn defaults(self) -> Defaults {
        self.entry().defaults
    }

    /// Whether the hidden layer isn't trained.
    pub fn is_frozen(self) -> bool {
        self.entry().learner == Learner::Frozen
    }

    /// How many examples there are to train on.
    pub fn most_examples(self) -> usize {
        self.entry().most
    }

    /// Whether a run can be done: its settings are in range, and the initializer fits the network.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] and [`Error::Unfit`].
    pub fn check(self, run: &Run) -> Result<(), Error> {
        let error = |option, given: String, expected: String| {
            let task = self.name();
            Err(Error::Setting {
                task,
                option,
                given,
                expected,
            })
        };
        let cell = &run.cell;
        if !(1..=self.most_examples()).contains(&cell.size) {
            let expected = format!("from 1 to {} examples", self.most_examples());
            return error("train-size", cell.size.to_string(), expected);
        }
        if cell.depth == 0 || cell.depth > 1 && self.is_frozen() {
            let expected = if self.is_frozen() {
                "it has 1 hidden layer"
            } else {
                "at least 1 hidden layer"
            };
            return error("depth", cell.depth.to_string(), expected.to_owned());
        }
        if cell.width == 0 {
            return error(
                "width",
                cell.width.to_string(),
                "at least 1 neuron".to_owned(),
            );
        }
        if cell.epochs > 0 && self.is_frozen() {
            return error(
                "epochs",
                cell.epochs.to_string(),
                "its hidden layer isn't trained".to_owned(),
            );
        }
        if run.init.is_fitted() && self.is_frozen() {
            let init = run.init.name().to_owned();
            return error(
                "inits",
                init,
                "it is fitted to a network's layers".to_owned(),
            );
        }
        self.first_layer(run).map(drop)
    }

    /// The weights of the first layer, before training.
    ///
    /// # Errors
    ///
    /// [`Error::Unfit`].
    pub fn first_layer(self, run: &Run) -> Result<FirstLayer, Error> {
        let form = self.entry().form;
        let first = match self.entry().learner {
            Learner::Mlp => train::first_layer::<Mlp>(run, form),
            Learner::ConvPictures => train::first_layer::<ConvPictures>(run, form),
            Learner::ConvSignal => train::first_layer::<ConvSignal>(run, form),
            Learner::Frozen => frozen::first_layer(run, form),
        };
        first.map_err(|error| match error {
            Error::Init(source) => self.unfit(run.init, source),
            other => other,
        })
    }

    fn unfit(self, init: Init, source: InitError) -> Error {
        let (init, task) = (init.name(), self.name());
        Error::Unfit { init, task, source }
    }

    /// Does a run. What it gives, but the time, is a pure function of the run.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check); [`Error::Device`].
    pub fn run(self, run: &Run) -> Result<Outcome, Error> {
        let start = std::time::Instant::now();
        let Entry {
            form,
            learning_rate: rate,
            ..
        } = *self.entry();
        let data = (self.entry().data)(run.seed).cut(run.seed, run.cell.size);
        let (curve, probes) = match self.entry().learner {
            Learner::Mlp => train::run::<Mlp>(run, form, &data, rate)?,
            Learner::ConvPictures => train::run::<ConvPictures>(run, form, &data, rate)?,
            Learner::ConvSignal => train::run::<ConvSignal>(run, form, &data, rate)?,
            Learner::Frozen => frozen::run(run, form, &data)?,
        };
        let seconds = start.elapsed().as_secs_f32();
        Ok(Outcome {
            curve,
            probes,
            seconds,
        })
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Task {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name)
    }
}

impl From<Task> for &'static str {
    fn from(task: Task) -> Self {
        task.name()
    }
}
