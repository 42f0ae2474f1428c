//! Without one of CubeCL's runtimes, there is no kernel.

use std::any::Any;

use burn::tensor::{DType, Device, Tensor};

use super::{MakeOn, Part};

/// Nothing.
pub(super) fn draw<const D: usize>(
    _: Part<'_>,
    _: &Device,
    _: DType,
    _: MakeOn,
) -> Option<Tensor<D>> {
    None
}

/// Nothing.
pub(super) fn draw_for_server<T>(_: Part<'_>, _: &dyn Any, _: DType) -> Option<T> {
    None
}
