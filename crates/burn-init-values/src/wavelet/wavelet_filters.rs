//! Convolution kernels that are a family's filters.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Family;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "WaveletFilters";

/// Convolution kernels that are the separable filters of a family (as in WTConv, Finder et al.
/// 2024).
///
/// A kernel with d axes has 2^d bands: each axis is filtered by the low-pass filter h or the
/// high-pass filter g. In a convolution, output channel o has band o mod 2^d of input channel ⌊o /
/// 2^d⌋ (counted again from 0 after the last), and zeros for the other inputs; the first
/// axis of the kernel is the lowest bit of the band, 0 being low-pass. A depthwise convolution has
/// one input channel per group, so 2^d outputs per group are all bands of a channel. In a
/// transposed convolution, inputs and outputs change places.
///
/// Burn's convolutions don't turn kernels around, so the kernel along an axis is h backwards,
/// h₍F₋₁₋ᵢ₎: with stride 2, a convolution computes one level of the wavelet transform, and the
/// transposed convolution with the same kernel undoes it; for a biorthogonal family, with the kernel
/// of its [dual](Family::dual), which is the reconstruction filter. With
/// [`reconstruction`](Self::reconstruction), kernels are the filters of the dual turned around: h̃ᵢ, and
/// for an orthogonal family hᵢ.
///
/// A kernel may be longer than the filter F: zeros follow. Shorter ones are an error.
///
/// ```
/// use burn_init_values::{Initializer, Seed, WaveletFilters, WeightLayout};
///
/// let layout = WeightLayout::conv([4, 1, 2, 2])?;
/// let w = WaveletFilters::decomposition("haar".parse()?).draw(&layout, Seed::new(1).key("wt.weight"))?;
/// assert!(w[..4].iter().all(|w| (w - 0.5).abs() < 1e-6));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WaveletFilters {
    /// The family of wavelets.
    pub family: Family,
    /// Whether the filters are those of reconstruction instead of decomposition.
    #[serde(default)]
    pub reconstruction: bool,
    /// What the filters are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl WaveletFilters {
    /// Kernels with which a convolution decomposes its input into bands.
    pub const fn decomposition(family: Family) -> Self {
        Self {
            family,
            reconstruction: false,
            gain: 1.0,
        }
    }

    /// The kernels of the family's [dual](Family::dual), an orthogonal family's own, turned around along
    /// each axis: after zeros between the points, a convolution with them reconstructs.
    pub const fn reconstruction(family: Family) -> Self {
        Self {
            family,
            reconstruction: true,
            gain: 1.0,
        }
    }

    /// What the filters are multiplied by.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// The low-pass and the high-pass filter, as they stand in a kernel.
    fn kernels(&self) -> [Vec<f64>; 2] {
        let family = match self.reconstruction {
            true => self.family.dual(),
            false => self.family,
        };
        let mut kernels = [
            family.decomposition_low_pass().to_vec(),
            family.decomposition_high_pass(),
        ];
        if !self.reconstruction {
            kernels.iter_mut().for_each(|kernel| kernel.reverse());
        }
        kernels
    }
}

impl fmt::Display for WaveletFilters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.reconstruction {
            "reconstruction"
        } else {
            "decomposition"
        };
        write!(f, "{kind} filters of {}, gain {}", self.family, self.gain)
    }
}

impl Initializer for WaveletFilters {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let elements = weight.elements()?;
        let (shape, kernel) = (weight.shape(), weight.kernel().to_vec());
        let channel_axes = shape.len() - kernel.len();
        if !weight.axes().contains(&Axis::Kernel) || channel_axes < 2 {
            let problem = format!("{NAME} needs a convolution's kernel");
            return Err(InitError::shape(shape, problem));
        }
        weight.neurons()?;
        let needed = self.family.filter_len();
        if let Some(n) = kernel.iter().find(|n| **n < needed)
            && elements > 0
        {
            let family = self.family;
            let problem = format!(
                "the kernel has {n} places along an axis; the filters of {family} need {needed}"
            );
            return Err(InitError::shape(shape, problem));
        }
        let Some(bands) = 1usize.checked_shl(kernel.len() as u32) else {
            let problem = format!("{NAME} knows kernels of fewer than {} axes", usize::BITS);
            return Err(InitError::shape(shape, problem));
        };
        let filters = self.kernels();
        let gain = self.gain;
        // A product of one entry for each axis.
        let entries = filters.iter().flatten();
        let entry = entries.fold(1.0, |most: f64, entry| most.max(entry.abs()));
        let largest = kernel.iter().fold(gain.abs(), |product, _| product * entry);
        finite(NAME, "gain · the largest entry", largest)?;
        let places = kernel.iter().copied().fold(1, usize::saturating_mul);
        let channels = shape[channel_axes - 1];
        // Bands are counted again in each group.
        let banded = shape[channel_axes - 2] / weight.group_count();
        let fitted = Fitted::elements(weight, move |_, i| {
            let i = i as usize;
            // The first axis counts bands, the second the channels that they are of.
            let (number, channel) = (i / places / channels, i / places % channels);
            let band = number % banded;
            if band / bands % channels != channel {
                return 0.0;
            }
            let mut rest = i % places;
            let mut product = gain;
            for (axis, n) in kernel.iter().enumerate().rev() {
                let high = (band % bands) >> axis & 1;
                product *= filters[high].get(rest % n).copied().unwrap_or(0.0);
                rest /= n;
            }
            product as f32
        })?;
        Ok(fitted.up_to(largest).fixed())
    }
}
