//! A number beside what theory says of it.

use std::fmt;

use serde::Serialize;

/// What a [`Check`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// The number is what theory says, or theory doesn't say anything.
    Pass,
    /// The number is unusual, and may be meant.
    Warn,
    /// The number contradicts what the initialization promises, or no training can start from it.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        })
    }
}

/// A number that was measured of a parameter, a layer or the whole model, with the range that theory gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The path of a parameter; a layer's is its weight's. Empty for the whole model.
    pub path: String,
    /// What was measured.
    pub quantity: Quantity,
    /// The number.
    pub measured: f64,
    /// The number that theory predicts.
    pub predicted: Option<f64>,
    /// Between which numbers theory has it, but for one model in 10¹⁰.
    pub range: Option<(f64, f64)>,
    /// PASS, WARN or FAIL.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
}

macro_rules! quantities {
    ($($name:ident: $title:literal, $what:literal;)*) => {
        /// What a [`Probe`](super::Probe) measures and has a verdict on.
        ///
        /// | quantity | what it is |
        /// |---|---|
        $(#[doc = concat!("| ", $title, " | ", $what, " |")])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Quantity {
            $(#[doc = $what] $name,)*
        }

        impl Quantity {
            /// All quantities.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in tables.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }
    };
}

quantities! {
    Known: "in the plan", "Parameters that the plan's report says nothing of, or has with another shape.";
    Finite: "not finite", "Elements that are infinite or NaN.";
    Mean: "mean", "The mean of a parameter's elements.";
    Std: "std", "The standard deviation of a parameter's elements.";
    Bounds: "beyond bounds", "How far elements lie beyond the bounds of their initializer.";
    Density: "density", "The share of elements that aren't 0.";
    EqualNeurons: "equal neurons", "The share of neurons that have the weights of another neuron.";
    EqualParameters: "equal parameters", "Parameters whose elements are all those of another parameter.";
    Tied: "tied", "Layers of one kind that share a parameter.";
    Norm: "norm", "Scales of normalizations that aren't 1, and shifts that aren't 0.";
    Autocorrelation: "lag-1 autocorrelation", "The correlation of neighbouring weights of a neuron.";
    Coarse: "coarse energy", "The share of a weight's energy in the coarser half of Haar's levels over its neurons.";
    LargestSingularValue: "largest singular value", "The largest singular value of a weight as a matrix.";
    EffectiveRank: "effective rank", "The exponential of the entropy of its singular values, over their number.";
    Inputs: "input features", "The features of a layer's input, which its weight has to have.";
    SecondMoment: "second moment", "The mean square of a layer's output.";
    OutputMean: "output mean", "The mean of a layer's output.";
    Drift: "signal", "The mean square of a layer's output over that of the first input.";
    Dead: "dead neurons", "The share of neurons whose output is at most 0 for all of the batch.";
    Skewed: "skewed neurons", "The share of neurons that are active, above 0, for less than ½ − α or more than ½ + α of the batch.";
    Correlation: "correlation", "The root mean square of the correlations between neurons.";
    Gradient: "gradient", "The mean square of the loss's gradient by a layer's output.";
    InputGradient: "gradient by input", "The mean square of the loss's gradient by a layer's input.";
    Loss: "loss", "The loss, which a model that knows nothing has at ln(classes).";
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

impl Check {
    /// A number without a range: it passes.
    pub(super) fn shown(path: &str, quantity: Quantity, measured: f64) -> Self {
        Self {
            path: path.to_owned(),
            quantity,
            measured,
            predicted: None,
            range: None,
            verdict: Verdict::Pass,
            reason: String::new(),
        }
    }

    /// A number that passes within a range.
    pub(super) fn within(
        path: &str,
        quantity: Quantity,
        measured: f64,
        predicted: f64,
        (low, high): (f64, f64),
    ) -> Self {
        let mut check = Self::shown(path, quantity, measured);
        check.predicted = Some(predicted);
        check.range = Some((low, high));
        // NaN isn't within.
        if !(low <= measured && measured <= high) {
            check.verdict = Verdict::Fail;
        }
        check
    }

    /// The same with this verdict and reason, if `holds`.
    pub(super) fn judged(mut self, holds: bool, verdict: Verdict, reason: &str) -> Self {
        if holds && verdict >= self.verdict {
            self.verdict = verdict;
            reason.clone_into(&mut self.reason);
        }
        self
    }

    /// The same with this reason, if the number isn't within its range.
    pub(super) fn because(mut self, reason: &str) -> Self {
        if self.verdict > Verdict::Pass && self.reason.is_empty() {
            reason.clone_into(&mut self.reason);
        }
        self
    }
}
