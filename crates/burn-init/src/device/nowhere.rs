//! Nothing is made elsewhere: in a build without the features for it, and by a kernel in one without CubeCL's runtimes.

#[cfg(feature = "remote")]
use std::any::Any;

use burn::tensor::{DType, Device, Tensor};

use super::{MakeOn, Part};

/// Nothing.
pub(crate) fn draw<const D: usize>(
    _: Part<'_>,
    _: &Device,
    _: DType,
    _: MakeOn,
) -> Option<Tensor<D>> {
    None
}

/// Nothing.
#[cfg(feature = "remote")]
pub(crate) fn draw_for_server<T>(_: Part<'_>, _: &dyn Any, _: DType) -> Option<T> {
    None
}
