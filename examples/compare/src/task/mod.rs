//! The tasks: what is learned, and by which network.

mod conv_pictures;
mod conv_signal;
mod data;
mod digits;
mod frozen;
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
use data::Data;
use mlp::Mlp;

/// What a task learns with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learner {
    /// Fully connected layers with relu.
    Mlp,
    /// Convolutions over a picture with relu.
    ConvPictures,
    /// Convolutions over a signal with relu.
    ConvSignal,
    /// One layer with relu that isn't trained, and a support vector machine on its features.
    Frozen,
}

/// What a task is, and what it is run with unless the command line says otherwise.
struct Entry {
    name: &'static str,
    about: &'static str,
    learner: Learner,
    /// The examples. The seed draws what is random in them: noise, shifts, phases.
    data: fn(u64) -> Data,
    form: Form,
    /// How many examples there are to train on.
    most: usize,
    learning_rate: f64,
    defaults: Defaults,
}

/// What goes into a network, and what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    /// The shape of an example: samples of a signal, or rows and columns of a picture.
    shape: &'static [usize],
    /// How many classes there are.
    classes: usize,
}

impl Form {
    /// Values of an example.
    fn features(self) -> usize {
        self.shape.iter().product()
    }
}

/// What a task is run with unless the command line says otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// The initializers; the first is what others are compared with.
    pub inits: &'static [&'static str],
    /// How many examples are trained on.
    pub sizes: &'static [usize],
    /// Hidden layers.
    pub depths: &'static [usize],
    /// Neurons, or channels, of a hidden layer.
    pub widths: &'static [usize],
    /// How often each example is seen.
    pub epochs: usize,
}

const DENSE: &[&str] = &[
    "he-normal",
    "glorot-uniform",
    "orthogonal",
    "haar-g1",
    "haar-g1-r0",
    "haar-g2-r0",
];
const SIGNALS: &[&str] = &[
    "normal",
    "haar-g1",
    "haar-g1-r0",
    "haar-g2-r0",
    "haar-bands-1-3",
    "haar-bands-4-6",
    "db4-g2-r0",
    "morlet",
];

/// What most tasks on the digits share.
const DIGITS: Entry = Entry {
    name: "digits",
    about: "handwritten digits of 10×10 pixels; fully connected, relu",
    learner: Learner::Mlp,
    data: |_| digits::plain(),
    form: Form {
        shape: &[digits::FRAMED_SIDE; 2],
        classes: 10,
    },
    most: digits::TRAIN,
    learning_rate: 0.01,
    defaults: Defaults {
        inits: DENSE,
        sizes: &[400],
        depths: &[1],
        widths: &[64],
        epochs: 30,
    },
};

/// Signals of which features by a frozen layer are read.
const DETECTION: Entry = Entry {
    name: "frozen-detection",
    about: "a tone of 50 Hz in noise, or noise alone (Pandey 2022); a frozen relu layer, a linear support vector machine",
    learner: Learner::Frozen,
    data: signals::detection,
    form: Form {
        shape: &[signals::TONE],
        classes: 2,
    },
    most: signals::TONES_TRAIN,
    learning_rate: 0.0,
    defaults: Defaults {
        inits: SIGNALS,
        sizes: &[signals::TONES_TRAIN],
        depths: &[1],
        widths: &[30],
        epochs: 0,
    },
};

static ENTRIES: &[Entry] = &[
    DIGITS,
    Entry {
        name: "digits-shifted",
        about: "the digits, each somewhere on 12×12 pixels; fully connected, relu",
        data: digits::shifted,
        form: Form {
            shape: &[digits::SHIFTED_SIDE; 2],
            classes: 10,
        },
        defaults: Defaults {
            sizes: &[1437],
            ..DIGITS.defaults
        },
        ..DIGITS
    },
    Entry {
        name: "digits-noisy",
        about: "the digits with noise of a standard deviation of 0.4 on each pixel; fully connected, relu",
        data: digits::noisy,
        defaults: Defaults {
            sizes: &[1437],
            ..DIGITS.defaults
        },
        ..DIGITS
    },
    Entry {
        name: "digits-deep",
        about: "the digits; fully connected, relu, 20 and 50 layers",
        learning_rate: 0.001,
        defaults: Defaults {
            inits: &["he-normal", "glorot-uniform", "orthogonal", "lsuv", "zero"],
            depths: &[20, 50],
            epochs: 15,
            ..DIGITS.defaults
        },
        ..DIGITS
    },
    Entry {
        name: "digits-sparse",
        about: "the digits; fully connected, relu, 2 to 20 % of the weights, which stay the only ones",
        defaults: Defaults {
            inits: &[
                "he-normal",
                "erk-2",
                "erk-2-uncorrected",
                "uniform-2",
                "erk-5",
                "erk-5-uncorrected",
                "uniform-5",
                "erk-10",
                "erk-10-uncorrected",
                "uniform-10",
                "erk-20",
                "erk-20-uncorrected",
                "uniform-20",
            ],
            sizes: &[1437],
            depths: &[1],
            ..DIGITS.defaults
        },
        ..DIGITS
    },
    Entry {
        name: "digits-conv",
        about: "the digits; convolutions of 5×5, relu, and pooling behind the first",
        learner: Learner::ConvPictures,
        learning_rate: 0.003,
        defaults: Defaults {
            inits: &[
                "he-normal",
                "haar-g1",
                "haar-g1-r0",
                "haar-g2-r0",
                "wavelet-filters",
                "gabor",
                "fields",
            ],
            sizes: &[150],
            depths: &[1],
            widths: &[8],
            epochs: 20,
        },
        ..DIGITS
    },
    Entry {
        name: "vibrations",
        about: "vibrations of 256 samples, of a sound bearing or one of three faults; convolutions of 32, relu",
        learner: Learner::ConvSignal,
        data: signals::vibrations,
        form: Form {
            shape: &[signals::VIBRATION],
            classes: 4,
        },
        most: signals::VIBRATIONS_TRAIN,
        learning_rate: 0.003,
        defaults: Defaults {
            inits: &[
                "he-normal",
                "haar-g1",
                "haar-g1-r0",
                "haar-g2-r0",
                "ricker",
                "morlet",
                "laplace",
            ],
            sizes: &[400],
            depths: &[1],
            widths: &[16],
            epochs: 20,
        },
    },
    DETECTION,
    Entry {
        name: "frozen-xor",
        about: "a tone of 50 or of 80 Hz in noise, or both or none (Pandey 2022); read as frozen-detection",
        data: signals::xor,
        defaults: Defaults {
            widths: &[100],
            ..DETECTION.defaults
        },
        ..DETECTION
    },
    Entry {
        name: "frozen-digits",
        about: "the digits of 8×8 pixels; read as frozen-detection",
        data: |_| digits::unframed(),
        form: Form {
            shape: &[digits::SIDE; 2],
            classes: 10,
        },
        most: digits::TRAIN,
        defaults: Defaults {
            inits: &[
                "he-normal",
                "haar-g1",
                "haar-g1-r0",
                "haar-g2",
                "haar-g2-r0",
                "gabor",
                "fields",
            ],
            sizes: &[digits::TRAIN],
            widths: &[20],
            ..DETECTION.defaults
        },
        ..DETECTION
    },
];

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
