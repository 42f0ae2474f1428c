//! Kernels that interpolate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;
use crate::weight::channels::Channels;

const NAME: &str = "Bilinear";

/// Transposed convolutions that begin as linear interpolation: linear, bilinear or trilinear, by
/// the number of axes of the kernel (Long, Shelhamer and Darrell 2015).
///
/// Along an axis with k places, the kernel is 1 − |x − (k − 1)/2| / ⌈k/2⌉ at place x; over several
/// axes it is the product. Output channel i is made of input channel i of its group alone: others
/// have zeros, and so have outputs without an input of that number. With as many groups as
/// channels, each channel is interpolated by itself.
///
/// To make a picture s times larger, a kernel has 2s − (s mod 2) places along each axis, the stride
/// is s and the padding ⌈(s − 1)/2⌉: s = 2 needs 4×4 places and a padding of 1. Inside of the
/// picture, the output is then interpolated exactly; at its edges it fades towards 0.
///
/// This is `get_upsampling_weight` or `bilinear_kernel` of PyTorch's FCNs; for kernels of the sizes above
/// and as many groups as channels also Caffe's `BilinearFiller`.
///
/// # Errors
///
/// If the weight isn't that of a transposed convolution, or the gain isn't finite.
///
/// ```
/// use burn_init_values::{Bilinear, Initializer, Seed, WeightLayout};
///
/// let layout = WeightLayout::conv_transpose([2, 1, 4])?.groups(2)?.strides([2])?;
/// let w = Bilinear::new().draw(&layout, Seed::new(1).key("up.weight"))?;
/// assert_eq!(w, [0.25, 0.75, 0.75, 0.25, 0.25, 0.75, 0.75, 0.25]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Bilinear {
    /// What the kernels are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl Default for Bilinear {
    fn default() -> Self {
        Self::new()
    }
}

impl Bilinear {
    /// Interpolates.
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }

    /// What the kernels are multiplied by.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Bilinear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bilinear, gain {}", self.gain)
    }
}

impl Initializer for Bilinear {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let channels = Channels::new(weight)?;
        if !weight.is_transposed_conv() {
            let problem = format!("{NAME} needs the kernel of a transposed convolution");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let (gain, kernel) = (self.gain, weight.kernel().to_vec());
        let fitted = Fitted::elements(weight, move |_, i| {
            let at = channels.connection(i as usize);
            if at.input != at.output {
                return 0.0;
            }
            let (mut product, mut rest) = (gain, at.place);
            for k in kernel.iter().rev() {
                let from_middle = (rest % k) as f64 - (k - 1) as f64 / 2.0;
                product *= 1.0 - from_middle.abs() / k.div_ceil(2) as f64;
                rest /= k;
            }
            product as f32
        })?;
        Ok(fitted.up_to(self.gain.abs()).fixed())
    }
}
