//! Values that are made where they are needed: by a kernel on a GPU, or by the machine that has a remote device.

#[cfg_attr(
    not(any(
        feature = "cuda",
        feature = "metal",
        feature = "rocm",
        feature = "vulkan",
        feature = "webgpu",
        feature = "wgpu"
    )),
    path = "../nowhere.rs"
)]
mod cube;
#[cfg(feature = "remote")]
pub mod remote;

use burn::tensor::{DType, Device, Tensor};
use burn_init_values::Fitted;
use burn_init_values::weight::Region;

use super::narrow::{Narrow, bounds};
use super::{MakeOn, Part};

/// A part's values, made where the device is; `None` where they can't be, or it isn't worth it.
pub(crate) fn draw<const D: usize>(
    part: Part<'_>,
    device: &Device,
    dtype: DType,
    make_on: MakeOn,
) -> Option<Tensor<D>> {
    // The CPU says what is wrong with a region of another weight.
    let is_of_another = |region: &Region| region.whole() != part.fitted.shape();
    if make_on == MakeOn::Cpu || part.region.is_some_and(is_of_another) {
        return None;
    }
    let plain = device.clone().without_autodiff();
    let made = cube::draw(part, &plain, dtype, make_on);
    #[cfg(feature = "remote")]
    let made = made.or_else(|| remote::draw(part, &plain, dtype, make_on));
    // As if it had been made on this device: with autodiff, and what it keeps for a backward pass.
    Some(match device.gradient_checkpointing_strategy() {
        Some(strategy) => made?
            .autodiff()
            .with_gradient_checkpointing_strategy(strategy),
        None => made?,
    })
}

/// The bounds in a narrow type; `None` if a value may lie beyond the type's range, or no number within the bounds. Only the
/// CPU, which sees all values, can say more.
fn fitting_bounds<T: Narrow>(fitted: &Fitted) -> Option<Option<(T, T)>> {
    let largest = T::nearest(fitted.largest()? as f32);
    largest.is_finite().then(|| bounds::<T>(fitted).ok())?
}
