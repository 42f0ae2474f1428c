//! The identity and Hadamard matrices.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;
use crate::weight::centre::middle;
use crate::weight::channels::Channels;

/// ZerO: only zeros and ones up to a factor, and nothing random (Zhao, Schäfer and Anandkumar
/// 2021).
///
/// For P outputs and Q inputs, W (a row for each output) is
///
/// - P ≤ Q: the (partial) identity I\*, as [`Eye`](super::Eye);
/// - P > Q: c I\* Hₘ I\*, with m = ⌈log₂ P⌉ and c = 2^(−(m−1)/2): the first P rows and Q columns of
///   the Hadamard matrix Hₘ of 2ᵐ rows, whose element (i, j) is −1 to the number of bits that i and
///   j have in common.
///
/// These are the paper's algorithms 1 and 2: in a convolution, the matrix stands in the middle of
/// the kernel, at place ⌊(k − 1)/2⌋ of k along each axis, with zeros around it; each group has its
/// own.
///
/// A partial identity where the width grows leaves the new units without signal, and then the
/// updates of the layers behind have a rank of Q at the most; the Hadamard matrix gives each unit a
/// signal. A network initialized so begins with the same weights for every seed, and with ranks
/// that grow in training. For P = 2ᵐ the columns have norm √2, what relu takes away; the authors'
/// published code has c = 2^(−m/2) instead: a [`gain`](Self::gain) of √½ in the layers that grow
/// gives that.
///
/// # Errors
///
/// If the weight has no inputs and outputs, or the gain isn't finite.
///
/// ```
/// use burn_init_values::{Initializer, Seed, WeightLayout, ZerO};
///
/// let w = ZerO::new().draw(&WeightLayout::linear_col([4, 2]), Seed::new(1).key("fc1.weight"))?;
/// let c = std::f32::consts::FRAC_1_SQRT_2;
/// assert_eq!(w, [c, c, c, -c, c, c, c, -c]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ZerO {
    /// What all values are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl Default for ZerO {
    fn default() -> Self {
        Self::new()
    }
}

impl ZerO {
    /// The values of the paper.
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }

    /// What all values are multiplied by.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for ZerO {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ZerO, gain {}", self.gain)
    }
}

impl Initializer for ZerO {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let gain = finite("ZerO", "gain", self.gain)?;
        let channels = Channels::new(weight)?;
        let middle = middle(weight.kernel());
        let grows = channels.outputs > channels.inputs;
        // 2ᵐ; sizes may be anything where there are no elements.
        let rows = channels.outputs.checked_next_power_of_two();
        let c = (self.gain * (2.0 / rows.unwrap_or(2).max(2) as f64).sqrt()) as f32;
        let fitted = Fitted::elements(weight, move |_, i| {
            let at = channels.connection(i as usize);
            if at.place != middle {
                0.0
            } else if grows {
                match (at.input & at.output).count_ones() % 2 {
                    0 => c,
                    _ => -c,
                }
            } else if at.input == at.output {
                gain
            } else {
                0.0
            }
        })?;
        Ok(fitted.up_to(self.gain.abs()).fixed())
    }
}
