//! The biases of an output layer that knows how often each class occurs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "ClassPrior";

/// What an output goes through to become a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// Softmax: one class of several.
    Softmax,
    /// Sigmoid: each class by itself, or a background class that is left out.
    Sigmoid,
}

/// The bias of an output layer that predicts how often each class occurs, before it has learned anything.
///
/// | output | bias | from |
/// |---|---|---|
/// | softmax | ln p | counts or shares, which are divided by their sum |
/// | sigmoid | ln(p/(1 − p)) | probabilities, or counts among [`of`](Self::of) so many |
///
/// With weights that give logits near 0 the first loss is then the entropy of the classes, and rare classes
/// don't start with a loss that drowns the others. [`focal`](Self::focal) is the prior of RetinaNet (Lin et
/// al. 2017): p = 0.01 for all outputs, −ln((1 − p)/p).
///
/// It is for vectors whose last axis has an element for each class; a single probability stands for all
/// outputs of a sigmoid.
///
/// A class that doesn't occur would get −∞: it is refused, unless counts are smoothed by
/// [`smoothing`](Self::smoothing).
///
/// ```
/// use burn_init_values::{ClassPrior, Initializer, Seed};
///
/// let key = Seed::new(1).key("head.bias");
/// let bias = ClassPrior::softmax([900, 90, 10]).draw(&[3].into(), key)?;
/// assert_eq!(bias, [0.9f64.ln() as f32, 0.09f64.ln() as f32, 0.01f64.ln() as f32]);
/// let bias = ClassPrior::focal().draw(&[80].into(), key)?;
/// assert_eq!(bias, [-4.595_12; 80]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If a frequency is negative or not finite, the probability of a class is 0, or 1 for a sigmoid, or the
/// last axis doesn't have an element for each class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ClassPrior {
    /// What the outputs go through.
    pub output: Output,
    /// How often each class occurs: counts or shares.
    pub frequencies: Vec<f64>,
    /// For sigmoids, among how many the classes were counted; 1 for probabilities.
    #[serde(default = "one")]
    pub of: f64,
    /// What is added to each count, and for sigmoids to each count of its absence.
    #[serde(default)]
    pub smoothing: f64,
}

fn one() -> f64 {
    1.0
}

impl ClassPrior {
    fn new(output: Output, frequencies: impl IntoIterator<Item = impl Into<f64>>) -> Self {
        Self {
            output,
            frequencies: frequencies.into_iter().map(Into::into).collect(),
            of: 1.0,
            smoothing: 0.0,
        }
    }

    /// ln p, p being each frequency divided by their sum.
    pub fn softmax(frequencies: impl IntoIterator<Item = impl Into<f64>>) -> Self {
        Self::new(Output::Softmax, frequencies)
    }

    /// ln(p/(1 − p)) for the probability of each class; a single one stands for all outputs.
    pub fn sigmoid(probabilities: impl IntoIterator<Item = impl Into<f64>>) -> Self {
        Self::new(Output::Sigmoid, probabilities)
    }

    /// p = 0.01 for all outputs of a sigmoid: RetinaNet's, whose focal loss is swamped by background
    /// otherwise.
    pub fn focal() -> Self {
        Self::sigmoid([0.01])
    }

    /// The classes of a sigmoid were counted among so many.
    pub fn of(mut self, examples: impl Into<f64>) -> Self {
        self.of = examples.into();
        self
    }

    /// Adds so much to each count (Laplace: 1): classes that don't occur get a finite bias.
    pub fn smoothing(mut self, smoothing: impl Into<f64>) -> Self {
        self.smoothing = smoothing.into();
        self
    }

    /// The bias of each class.
    fn biases(&self) -> Result<Vec<f32>, InitError> {
        let error = |setting, given, expected: &str| {
            Err(InitError::setting(NAME, setting, given, expected))
        };
        let counts = &self.frequencies;
        for (setting, number) in [("smoothing", &self.smoothing), ("of", &self.of)]
            .into_iter()
            .chain(counts.iter().map(|count| ("frequencies", count)))
        {
            if !(*number >= 0.0 && number.is_finite()) {
                return error(setting, *number, "a finite number, 0 or greater");
            }
        }
        if self.output == Output::Softmax && self.of != 1.0 {
            return error("of", self.of, "1: a softmax divides by the sum");
        }
        // A softmax divides by the sum, a sigmoid by presence and absence.
        let sum = match self.output {
            Output::Softmax => {
                let smooth = counts.iter().map(|count| count + self.smoothing);
                smooth.fold(0.0, |sum, count| sum + count)
            }
            Output::Sigmoid => self.of + 2.0 * self.smoothing,
        };
        let bias = |count: &f64| {
            let p = (count + self.smoothing) / sum;
            let bias = match self.output {
                Output::Softmax => libm::log(p),
                Output::Sigmoid => libm::log(p) - libm::log1p(-p),
            };
            if bias.is_finite() {
                return Ok(bias as f32);
            }
            let given = format!("{count} of {sum}");
            let given = match self.smoothing {
                0.0 => given,
                smoothing => format!("{given}, smoothed by {smoothing}"),
            };
            let expected = match self.output {
                Output::Softmax => {
                    "a share above 0 for each class; `smoothing` allows classes that don't occur"
                }
                Output::Sigmoid => {
                    "a probability above 0 and below 1 for each class, or a count `of` so many; \
                     `smoothing` allows classes that never or always occur"
                }
            };
            Err(InitError::setting(NAME, "frequencies", given, expected))
        };
        counts.iter().map(bias).collect()
    }
}

impl fmt::Display for ClassPrior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = match self.output {
            Output::Softmax => "softmax",
            Output::Sigmoid => "sigmoid",
        };
        match self.frequencies.as_slice() {
            [p] => write!(f, "class prior for {output}, {p}")?,
            all => write!(f, "class prior for {output}, {} classes", all.len())?,
        }
        if self.of != 1.0 {
            write!(f, " of {}", self.of)?;
        }
        if self.smoothing != 0.0 {
            write!(f, ", smoothed by {}", self.smoothing)?;
        }
        Ok(())
    }
}

impl Initializer for ClassPrior {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let biases = self.biases()?;
        let outputs = weight.vector_len(NAME)?;
        let one_for_all = self.output == Output::Sigmoid && biases.len() == 1;
        let classes = biases.len();
        if classes != outputs && !one_for_all {
            let problem = format!("{NAME} has {classes} classes; the last axis must be as long");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let largest = biases
            .iter()
            .fold(0f64, |largest, bias| largest.max(f64::from(bias.abs())));
        let fitted = Fitted::elements(weight, move |_, i| biases[(i % classes as u64) as usize])?;
        Ok(fitted.up_to(largest).fixed())
    }
}
