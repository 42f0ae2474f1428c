//! Ids of parameters that are made from their paths.

use std::collections::HashMap;

use burn::module::{Flag, Module, ModuleMapper, Param, ParamId, ParameterValue};
use burn::tensor::{Bool, Int, Tensor};
use burn_init_values::Seed;

use super::fill::full_path;

/// Gives all parameters ids that depend on their paths only. Parameters that had one id still have one: that
/// of the first path.
pub(crate) fn ids_from_paths<M: Module>(module: M, prefix: &str) -> M {
    module.map(&mut Ids {
        prefix,
        path: Vec::new(),
        of: HashMap::new(),
    })
}

/// The id of the parameter at this path.
fn id(path: &str) -> ParamId {
    // The seed doesn't count.
    ParamId::from(Seed::new(0).key(path).path_hash())
}

struct Ids<'a> {
    prefix: &'a str,
    path: Vec<String>,
    /// The new id for each old one.
    of: HashMap<ParamId, ParamId>,
}

impl Ids<'_> {
    fn change<T: ParameterValue>(&mut self, mut param: Param<T>) -> Param<T> {
        let path = self.path.join(".");
        let new = || id(&full_path(self.prefix, &path));
        param.id = *self.of.entry(param.id).or_insert_with(new);
        param
    }
}

impl ModuleMapper for Ids<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.change(param)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        self.change(param)
    }

    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        self.change(flag)
    }

    fn map_bool<const D: usize>(
        &mut self,
        param: Param<Tensor<D, Bool>>,
    ) -> Param<Tensor<D, Bool>> {
        self.change(param)
    }
}
