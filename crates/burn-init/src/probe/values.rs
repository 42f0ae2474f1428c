//! The values of parameters, on the host.

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor};

use crate::module::saved::is_saved_transposed;

/// The values of all float parameters, by path, in their saved layouts.
pub(super) fn values<M: Module>(model: &M) -> HashMap<String, Vec<f32>> {
    let mut read = Read::default();
    model.visit(&mut read);
    read.values
}

#[derive(Default)]
struct Read {
    path: Vec<String>,
    values: HashMap<String, Vec<f32>>,
}

impl ModuleVisitor for Read {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val().without_autodiff();
        let dtype: DType = value.dtype();
        if !dtype.is_float() {
            return;
        }
        let value = match is_saved_transposed(param) {
            true => value.transpose(),
            false => value,
        };
        let numbers = value.into_data().iter::<f32>().collect();
        self.values.insert(self.path.join("."), numbers);
    }
}
