//! One parameter on its own.

use burn::module::{Param, ParamId};
use burn::tensor::{Device, Tensor};
use burn_init_values::weight::Region;
use burn_init_values::{InitError, Initializer, Key, WeightLayout};

use super::parameter::default_dtype;
use crate::device::{self, MakeOn, Part};

/// A parameter on its own: a method of every [`Initializer`].
pub trait InitParam: Initializer {
    /// Makes a parameter with this key.
    ///
    /// A shape stands for its usual layout ([`WeightLayout`]). The values are made in f32 and
    /// rounded once to the device's default float type. Zeros that are to last, as those of
    /// [`Sparse::pinned`](crate::Sparse::pinned), can only do so in a module: apply a
    /// [`Plan`](crate::Plan) for that.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use burn_init::{InitParam, Seed, Wavelet};
    ///
    /// let (seed, device) = (Seed::new(42), Device::flex());
    /// let weight = Wavelet::haar().init::<2>([100, 64], seed.key("fc1.weight"), &device)?;
    /// assert_eq!(weight.val().dims(), [100, 64]);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Initializer::draw`]; and if `D` isn't the layout's rank, or a value is outside of the
    /// range of the device's float type.
    fn init<const D: usize>(
        &self,
        layout: impl Into<WeightLayout>,
        key: Key,
        device: &Device,
    ) -> Result<Param<Tensor<D>>, InitError> {
        let layout = layout.into();
        make(self, &layout, key, None, device)
    }

    /// Makes a parameter that is a part of a larger weight, of which only this part is there: with the
    /// values that it has in the whole, whose layout this is.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use burn_init::weight::Shard;
    /// use burn_init::{InitParam, Seed, Wavelet, WeightLayout};
    ///
    /// let (key, device) = (Seed::new(42).key("fc1.weight"), Device::flex());
    /// let layout = WeightLayout::linear([100, 64]);
    /// let half = Shard::new(1, 0, 2)?.region(layout.shape())?;
    /// let weight = Wavelet::haar().init_region::<2>(layout, key, &half, &device)?;
    /// assert_eq!(weight.val().dims(), [100, 32]);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`init`](Self::init), and if it is a region of another shape.
    fn init_region<const D: usize>(
        &self,
        layout: impl Into<WeightLayout>,
        key: Key,
        region: &Region,
        device: &Device,
    ) -> Result<Param<Tensor<D>>, InitError> {
        let layout = layout.into();
        make(self, &layout, key, Some(region), device)
    }
}

impl<I: Initializer + ?Sized> InitParam for I {}

/// A parameter that is trained: the whole weight that has this layout, or a region of it.
fn make<const D: usize>(
    init: &(impl Initializer + ?Sized),
    layout: &WeightLayout,
    key: Key,
    region: Option<&Region>,
    device: &Device,
) -> Result<Param<Tensor<D>>, InitError> {
    if layout.shape().len() != D {
        let problem = format!("its rank must be {D}, that of the tensor asked for");
        return Err(InitError::shape(layout.shape(), problem));
    }
    let made = || {
        let fitted = init.fit(layout)?;
        let part = Part {
            fitted: &fitted,
            key,
            region,
        };
        device::make(part, device, default_dtype(device), MakeOn::Fastest)
    };
    let tensor = made().map_err(|error| error.at("", layout.shape()))?;
    Ok(Param::initialized(ParamId::new(), tensor).set_require_grad(true))
}
