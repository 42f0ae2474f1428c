//! Multiplying weights, and moving biases.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Tensor, TensorData};

/// What happens to one parameter: scale · value + shift, computed in f32 or wider and rounded once.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// One number, or one for each element along `axis`.
    pub scale: Vec<f64>,
    /// As `scale`; empty where nothing is added.
    pub shift: Vec<f64>,
    /// The axis of the value, which isn't that of the saved layout where that is transposed.
    pub axis: usize,
}

impl Change {
    fn apply<const D: usize>(&self, value: Tensor<D>) -> Tensor<D> {
        let (device, dtype) = (value.device(), value.dtype());
        let wide = match dtype {
            DType::F64 => DType::F64,
            _ => DType::F32,
        };
        let along = |numbers: &[f64]| -> Tensor<D> {
            let mut shape = [1; D];
            shape[self.axis] = numbers.len();
            let data = TensorData::new(numbers.to_vec(), shape).convert_dtype(wide);
            Tensor::from_data(data, (&device, wide))
        };
        let mut changed = value.cast(wide) * along(&self.scale);
        if !self.shift.is_empty() {
            changed = changed + along(&self.shift);
        }
        changed.cast(dtype)
    }
}

/// Changes the parameters at these paths, and leaves all others alone. Ids, devices, types, layouts, gradient
/// settings and masks stay.
pub(super) fn change<M: Module>(module: M, changes: HashMap<String, Change>) -> M {
    let path = Vec::new();
    module.map(&mut Mapper { changes, path })
}

struct Mapper {
    changes: HashMap<String, Change>,
    path: Vec<String>,
}

impl ModuleMapper for Mapper {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.changes.get(&self.path.join(".")) {
            None => param,
            // Under a mask, it is the base that comes here.
            Some(change) => param.map(|base| {
                let grad = base.is_require_grad();
                let changed = change.apply(base.detach()).detach();
                if grad {
                    changed.require_grad()
                } else {
                    changed
                }
            }),
        }
    }
}
