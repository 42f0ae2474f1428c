//! How records hold a parameter.

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};

/// Whether loading transposes: then the saved layout of a `Linear` is `LinearLayout::Col`. Asked by
/// loading two numbers.
pub(crate) fn is_saved_transposed<const D: usize>(param: &Param<Tensor<D>>) -> bool {
    if D != 2 {
        return false;
    }
    let probe = TensorData::new(vec![0f32, 0.0], [1, 2]);
    let probe = Tensor::from_data(probe, &param.lazy_device());
    let loaded = param.clone().transform_for_load(probe, param.id);
    loaded.shape().as_slice() == [2, 1]
}
