//! One parameter on its own.

use burn::module::{Param, ParamId};
use burn::tensor::{Device, Tensor};
use burn_init_values::{InitError, Initializer, Key, WeightLayout};

use super::parameter::default_dtype;
use super::tensor::tensor;

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
        if layout.shape().len() != D {
            let problem = format!("its rank must be {D}, that of the tensor asked for");
            return Err(InitError::shape(layout.shape(), problem));
        }
        let make = || {
            let fitted = self.fit(&layout)?;
            tensor(fitted.draw(key)?, &fitted, device, default_dtype(device))
        };
        let tensor = make().map_err(|error| error.at("", layout.shape()))?;
        let mut param = Param::initialized(ParamId::new(), tensor);
        param = param.set_require_grad(true);
        Ok(param)
    }
}

impl<I: Initializer + ?Sized> InitParam for I {}
