//! From fitted settings to tensors on a device.
//!
//! Values are made on the CPU and brought to the device, or by a kernel on the device itself (`cube`, with
//! a feature of one of CubeCL's runtimes): the bits are the same. What has no kernel takes the CPU's way.

#[cfg_attr(
    not(any(
        feature = "cuda",
        feature = "metal",
        feature = "rocm",
        feature = "vulkan",
        feature = "webgpu",
        feature = "wgpu"
    )),
    path = "no_cube.rs"
)]
mod cube;
mod narrow;

pub(crate) use cube::draw;

use burn::tensor::{DType, Device, Tensor, TensorData, bf16, f16};
use burn_init_values::{Fitted, InitError};
use serde::{Deserialize, Serialize};

use narrow::rounded;

/// Where values are made: on the CPU, or on the device that they are for. They are the same.
///
/// A device makes them where a feature of this crate names its runtime (`wgpu`, `vulkan`, `metal`, `webgpu`,
/// `cuda`, `rocm`), if each element is made by itself: [`Fitted::elementwise`] tells. Other weights, shards,
/// and those in f64 are made on the CPU, whatever is asked for.
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
    /// On the device if it is a GPU, from 2²⁰ elements on. A kernel is compiled once in a process for each
    /// distribution and float type; the CPU makes smaller weights in a millisecond.
    #[default]
    Fastest,
    /// On the CPU.
    Cpu,
    /// On the device, however few they are, and also if it is software.
    Device,
}

/// The values as a tensor of this shape, rounded once from f32: all that are fitted, or a part of them.
///
/// A value that rounding takes out of the bounds that its initializer documents becomes the nearest
/// number of the type that lies within.
///
/// # Errors
///
/// If a value is outside of the range of `dtype`, or no number of the type lies within the bounds.
pub(crate) fn tensor<const D: usize>(
    values: Vec<f32>,
    fitted: &Fitted,
    shape: &[usize],
    device: &Device,
    dtype: DType,
) -> Result<Tensor<D>, InitError> {
    let data = match dtype {
        DType::F16 => TensorData::new(rounded::<f16>(values, fitted)?, shape.to_vec()),
        DType::BF16 => TensorData::new(rounded::<bf16>(values, fitted)?, shape.to_vec()),
        _ => TensorData::new(values, shape.to_vec()),
    };
    Ok(device.memory_persistent_allocations(data, |data| Tensor::from_data(data, (device, dtype))))
}
