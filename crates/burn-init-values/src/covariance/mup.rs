//! Variances of the maximal update parametrization.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::positive;
use crate::dense::{Normal, fans};
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "MuP";

/// What a weight is for the width of a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// From inputs of a fixed number to the width: a first layer, an embedding, a bias.
    Input,
    /// From the width to the width.
    Hidden,
    /// From the width to outputs of a fixed number: its variance is `base_width`/fan_in².
    Output {
        /// The fan_in at which the variance is that of other layers.
        base_width: f64,
    },
    /// An output that the model multiplies by `base_width`/fan_in itself: its variance is
    /// 1/`base_width`, whatever the fan_in.
    MultipliedOutput {
        /// The fan_in at which the model multiplies by 1.
        base_width: f64,
    },
}

/// Normal numbers with the variances of the maximal update parametrization, µP (Yang and Hu 2021;
/// Yang et al. 2022, "Tensor Programs V", tables 3 and 8): settings that are right for a narrow
/// network are right for a wide one.
///
/// | role | variance / gain² | source |
/// |---|---|---|
/// | [`input`](Self::input) | 1/fan_in, of a bias or an embedding 1 | tables 3 and 8 |
/// | [`hidden`](Self::hidden) | 1/fan_in | tables 3 and 8 |
/// | [`output`](Self::output) | base_width/fan_in² | table 3 |
/// | [`output`](Self::output), [`multiplied`](Self::multiplied) | 1/base_width; the model multiplies the output by base_width/fan_in | table 8 |
///
/// Where fan_in is the base width, all variances are gain²/fan_in, as in the standard
/// parametrization. That's the initialization alone: µP has learning rates of its own for each
/// role, too, which the optimizer must be told.
///
/// ```
/// use burn_init_values::{Initializer, MuP, Seed};
///
/// // Ten classes, over a width of 1024; 64 is where the settings were found.
/// let w = MuP::output(64.0).draw(&[1024, 10].into(), Seed::new(1).key("head.weight"))?;
/// let std = (w.iter().map(|w| w * w).sum::<f32>() / w.len() as f32).sqrt();
/// assert!((std - 8.0 / 1024.0).abs() < 0.001);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If a base width isn't above 0, or if a hidden or output weight has no fan_in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MuP {
    /// What the weight is for the width.
    pub role: Role,
    /// What the standard deviation is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl MuP {
    const fn new(role: Role) -> Self {
        Self { role, gain: 1.0 }
    }

    /// A first layer, an embedding or a bias.
    pub const fn input() -> Self {
        Self::new(Role::Input)
    }

    /// A layer between others.
    pub const fn hidden() -> Self {
        Self::new(Role::Hidden)
    }

    /// A last layer, whose variance is that of a hidden one where its fan_in is `base_width`.
    pub const fn output(base_width: f64) -> Self {
        Self::new(Role::Output { base_width })
    }

    /// The model multiplies the output by base_width/fan_in itself; changes nothing but outputs.
    pub const fn multiplied(mut self) -> Self {
        if let Role::Output { base_width } = self.role {
            self.role = Role::MultipliedOutput { base_width };
        }
        self
    }

    /// Multiplies the standard deviation: by a number, or by what an activation asks for.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for MuP {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            Role::Input => write!(f, "µP input")?,
            Role::Hidden => write!(f, "µP hidden")?,
            Role::Output { base_width } => write!(f, "µP output, base width {base_width}")?,
            Role::MultipliedOutput { base_width } => {
                write!(f, "µP multiplied output, base width {base_width}")?;
            }
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for MuP {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let fan_in = || fans(NAME, weight).map(|(fan_in, _)| fan_in);
        let std = match self.role {
            // A bias is the weight of a single input, which is 1.
            Role::Input if weight.fan_in().is_none() => 1.0,
            Role::Input | Role::Hidden => fan_in()?.sqrt().recip(),
            Role::Output { base_width } => {
                positive(NAME, "base_width", base_width)?.sqrt() / fan_in()?
            }
            Role::MultipliedOutput { base_width } => {
                fan_in()?;
                positive(NAME, "base_width", base_width)?.sqrt().recip()
            }
        };
        Normal::new(0.0, self.gain.abs() * std).fit(weight)
    }
}
