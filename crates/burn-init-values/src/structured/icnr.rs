//! Sub-pixel convolutions without checkerboards.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::VarianceScaling;
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer, Repeat};
use crate::weight::channels::Channels;
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "Icnr";

/// Initialized to convolution with nearest-neighbour resize: the kernels of a sub-pixel
/// convolution, without checkerboards (Aitken et al. 2017).
///
/// A sub-pixel convolution makes rᵈ output channels for each channel of a picture with d axes, and
/// a pixel shuffle makes a block of r×r pixels of them: output channel c·rᵈ + k is pixel k of
/// channel c, in PyTorch's and in Burn's order. Here, these rᵈ channels have the same kernel, so
/// that each block is of one colour, as if the picture was convolved and then resized.
///
/// The kernels come from another initializer, by default N(0, 2/fan_in). It is fitted to the
/// smaller weight, with a channel for every rᵈ, and so its fan_out is that of the smaller weight.
/// Where it is sparse, all copies have their zeros at the same places, and stay
/// [`pinned`](crate::Sparse::pinned) where it is.
///
/// # Errors
///
/// If the weight has no kernel, the scale is 0, or rᵈ doesn't divide the output channels of each
/// group; and what the base refuses.
///
/// ```
/// use burn_init_values::{Icnr, Initializer, Seed, WeightLayout};
///
/// // 64 channels to a picture of three, twice as large.
/// let layout = WeightLayout::conv([3 * 4, 64, 3, 3])?;
/// let w = Icnr::new(2).draw(&layout, Seed::new(1).key("up.weight"))?;
/// let kernels: Vec<&[f32]> = w.chunks(64 * 9).collect();
/// assert!(kernels[1..4].iter().all(|kernel| *kernel == kernels[0]));
/// assert_ne!(kernels[4], kernels[0]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(bound = "B: schemars::JsonSchema + Serialize + From<VarianceScaling>")
)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "B: Deserialize<'de> + From<VarianceScaling>")
)]
#[non_exhaustive]
pub struct Icnr<B = VarianceScaling> {
    /// How many times larger the picture becomes along each of its axes: r.
    pub scale: usize,
    /// What the kernels come from.
    #[serde(default = "default_base")]
    #[cfg_attr(feature = "schema", schemars(default = "default_base::<B>"))]
    pub base: B,
}

fn default_base<B: From<VarianceScaling>>() -> B {
    VarianceScaling::kaiming_normal().into()
}

impl Icnr {
    /// For a pixel shuffle that makes pictures `scale` times larger along each axis.
    pub fn new(scale: usize) -> Self {
        Self {
            scale,
            base: default_base(),
        }
    }
}

impl<B> Icnr<B> {
    /// The initializer that the kernels come from.
    pub fn base<C>(self, base: C) -> Icnr<C> {
        self.map_base(|_| base)
    }

    /// The same, with a base that `change` makes of its own.
    pub(crate) fn map_base<C>(self, change: impl FnOnce(B) -> C) -> Icnr<C> {
        Icnr {
            scale: self.scale,
            base: change(self.base),
        }
    }

    /// The smaller weight, and how its kernels are repeated.
    fn smaller(&self, weight: &WeightLayout) -> Result<(WeightLayout, Repeat), InitError> {
        let channels = Channels::new(weight)?;
        let (shape, axes) = (weight.shape(), weight.axes());
        if !weight.has_kernel() {
            let problem = format!("{NAME} needs a convolution's kernel");
            return Err(InitError::shape(shape, problem));
        }
        let axes_of_kernel = weight.kernel().len();
        let times = u32::try_from(axes_of_kernel)
            .ok()
            .and_then(|d| self.scale.checked_pow(d));
        let outputs = channels.outputs;
        let times = times.filter(|times| *times > 0 && outputs.is_multiple_of(*times));
        let Some(times) = times else {
            let expected = format!(
                "a whole number r ≥ 1 whose power r^{axes_of_kernel} divides the output channels of \
                 each group, {outputs}"
            );
            return Err(InitError::setting(NAME, "scale", self.scale, expected));
        };
        let place = axes.iter().position(|axis| *axis == Axis::Output);
        let place = place.unwrap_or(axes.len() - 1);
        let repeat = Repeat {
            block: shape[place + 1..]
                .iter()
                .copied()
                .fold(1, usize::saturating_mul),
            times,
        };
        Ok((weight.with_outputs(shape[place] / times), repeat))
    }
}

impl<B: fmt::Display> fmt::Display for Icnr<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ICNR, scale {}, of ({})", self.scale, self.base)
    }
}

impl<B: Initializer> Initializer for Icnr<B> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let (smaller, repeat) = self.smaller(weight)?;
        Fitted::repeated(weight, repeat, self.base.fit(&smaller)?)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        let smaller: Vec<_> = weights.iter().map(|weight| self.smaller(weight)).collect();
        // What doesn't fit itself has no base.
        let fitting: Vec<_> = smaller.iter().flatten().map(|(weight, _)| weight).collect();
        let mut bases = self.base.fit_all(&fitting).into_iter();
        let fit = |(smaller, weight): (Result<(WeightLayout, Repeat), _>, &&WeightLayout)| {
            let (smaller, repeat) = smaller?;
            // There is one for each that fits.
            let base = bases.next().unwrap_or_else(|| self.base.fit(&smaller))?;
            Fitted::repeated(weight, repeat, base)
        };
        smaller.clone().into_iter().zip(weights).map(fit).collect()
    }
}
