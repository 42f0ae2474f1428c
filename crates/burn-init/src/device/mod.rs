//! From fitted settings to tensors on a device.
//!
//! Values are made on the CPU and brought to the device, or made where they are needed (`elsewhere`): by a
//! kernel on the device itself, with a feature of one of CubeCL's runtimes, or by the machine that has a remote device.
//! The bits are the same. What can't be made elsewhere takes the CPU's way.

#[cfg_attr(not(feature = "elsewhere"), path = "nowhere.rs")]
mod elsewhere;
mod narrow;
mod part;

pub(crate) use elsewhere::draw;
#[cfg(feature = "remote")]
pub use elsewhere::remote;
pub(crate) use part::Part;

use burn::tensor::{DType, Device, Tensor, TensorData, bf16, f16};
use burn_init_values::InitError;
use serde::{Deserialize, Serialize};

use narrow::rounded;

/// Where values are made: on the CPU, or on the device that they are for. They are the same.
///
/// A device makes them where a feature of this crate names its runtime (`wgpu`, `vulkan`, `metal`, `webgpu`,
/// `cuda`, `rocm`), if each element is made by itself: [`Fitted::elementwise`](crate::Fitted::elementwise) tells. Shards
/// are made there, too. Other weights, and those in f64, are made on the CPU, whatever is asked for.
///
/// A kernel is tried before it makes its first weight in a process. Where its values aren't the CPU's to the last
/// bit, because of an error of a driver, say, the CPU goes on making them.
///
/// The server of a remote device (feature `remote`) makes the same weights, in f64 as well, if it knows how:
/// `burn_init::remote` has the line for it. A client can't ask a server what it knows. So only
/// [`MakeOn::Device`](Self::Device) uses the server.
///
/// ```
/// use burn_init::{Plan, plan::MakeOn};
///
/// let plan = Plan::new(42).make_on(MakeOn::Cpu);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MakeOn {
    /// On the device if it is a GPU of this machine, from 2²⁰ elements on. A kernel is compiled once in a process for each
    /// distribution and float type; the CPU makes smaller weights in a millisecond.
    #[default]
    Fastest,
    /// On the CPU.
    Cpu,
    /// On the device, however few they are, and also if it is software, or remote.
    Device,
}

/// A part's values on a device.
///
/// # Errors
///
/// As [`Part::draw`] and [`tensor`].
pub(crate) fn make<const D: usize>(
    part: Part<'_>,
    device: &Device,
    dtype: DType,
    make_on: MakeOn,
) -> Result<Tensor<D>, InitError> {
    match draw(part, device, dtype, make_on) {
        Some(made) => Ok(made),
        None => tensor(part.draw()?, part, device, dtype),
    }
}

/// A part's values as a tensor, rounded once from f32.
///
/// A value that rounding takes out of the bounds that its initializer documents becomes the nearest
/// number of the type that lies within.
///
/// # Errors
///
/// If a value is outside of the range of `dtype`, or no number of the type lies within the bounds.
pub(crate) fn tensor<const D: usize>(
    values: Vec<f32>,
    part: Part<'_>,
    device: &Device,
    dtype: DType,
) -> Result<Tensor<D>, InitError> {
    let data = data(values, part, dtype)?;
    Ok(device.memory_persistent_allocations(data, |data| Tensor::from_data(data, (device, dtype))))
}

/// The same as data, before a device has them.
fn data(values: Vec<f32>, part: Part<'_>, dtype: DType) -> Result<TensorData, InitError> {
    let shape = part.shape();
    Ok(match dtype {
        DType::F16 => TensorData::new(rounded::<f16>(values, part.fitted)?, shape),
        DType::BF16 => TensorData::new(rounded::<bf16>(values, part.fitted)?, shape),
        _ => TensorData::new(values, shape),
    })
}
