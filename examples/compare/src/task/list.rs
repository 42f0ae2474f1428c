//! The list of tasks.

use super::data::Data;
use super::{digits, signals};

/// What a task learns with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learner {
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
pub struct Entry {
    /// The name that `--task` has for it.
    pub name: &'static str,
    /// What is learned, and by which network.
    pub about: &'static str,
    /// What learns.
    pub learner: Learner,
    /// The examples. The seed draws what is random in them: noise, shifts, phases.
    pub data: fn(u64) -> Data,
    /// What an example looks like.
    pub form: Form,
    /// How many examples there are to train on.
    pub most: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// What it is run with.
    pub defaults: Defaults,
}

/// What goes into a network, and what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The shape of an example: samples of a signal, or rows and columns of a picture.
    pub shape: &'static [usize],
    /// How many classes there are.
    pub classes: usize,
}

impl Form {
    /// Values of an example.
    pub fn features(self) -> usize {
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

/// All tasks.
pub static ENTRIES: &[Entry] = &[
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
