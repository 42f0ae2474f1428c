//! The identity.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;
use crate::weight::centre::middle;
use crate::weight::channels::Channels;

/// The identity: output i is input i times a gain.
///
/// | weight | values |
/// |---|---|
/// | linear, in any layout | the gain on the diagonal, zeros elsewhere |
/// | convolution, transposed or not | the same over the channels in the middle of the kernel, zeros around it (Dirac) |
/// | several groups, or experts | each an identity of its own |
/// | embedding | a one-hot vector for each index |
///
/// Where there are more outputs than inputs, the others are zero; where there are fewer, they read
/// the first inputs (a *partial* identity). With groups this is PyTorch's `dirac_(groups)`, without
/// a kernel its `eye_`.
///
/// The middle of a kernel of k places is number ⌊(k − 1)/2⌋, counted from 0. With stride 1 and
/// `Same` padding, Burn's convolutions give back their input, for odd and even k; a transposed one
/// does with a padding of ⌊(k − 1)/2⌋, for even k with one more place at the end. PyTorch's `dirac_` takes place ⌊k/2⌋, which is the same for
/// odd k and the next one for even k.
///
/// # Errors
///
/// If the weight has no inputs and outputs, or the gain isn't finite.
///
/// ```
/// use burn_init_values::{Eye, Initializer, Seed, WeightLayout};
///
/// let key = Seed::new(1).key("conv1.weight");
/// let w = Eye::new().draw(&[2, 3].into(), key)?;
/// assert_eq!(w, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
/// // A depthwise convolution.
/// let w = Eye::new().draw(&WeightLayout::conv([2, 1, 3])?.groups(2)?, key)?;
/// assert_eq!(w, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[doc(alias = "dirac")]
#[doc(alias = "identity")]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Eye {
    /// What the identity is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl Default for Eye {
    fn default() -> Self {
        Self::new()
    }
}

impl Eye {
    /// Ones.
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }

    /// What the identity is multiplied by.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Eye {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "identity, gain {}", self.gain)
    }
}

impl Initializer for Eye {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let gain = finite("Eye", "gain", self.gain)?;
        let channels = Channels::new(weight)?;
        let middle = middle(weight.kernel());
        let fitted = Fitted::elements(weight, move |_, i| {
            let at = channels.connection(i as usize);
            match at.place == middle && at.input == at.output {
                true => gain,
                false => 0.0,
            }
        })?;
        Ok(fitted.up_to(self.gain.abs()).fixed())
    }
}
