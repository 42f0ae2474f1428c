//! Filling the parameters of a module, without running its own initializers.

use std::borrow::Cow;
use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use burn_init_values::sparse::Connectivity;
use burn_init_values::weight::Region;
use burn_init_values::{Fitted, InitError, Key, Seed, WeightLayout};

use super::parameter::Parameter;
use super::pinned::{Pin, Pinned};
use crate::device::{self, MakeOn, Part};

/// A parameter that gets values.
pub(crate) struct Job<'a> {
    pub parameter: &'a Parameter,
    /// The path that its values are made for: another one, if it is tied to that.
    pub key_path: &'a str,
    /// Its layout, with what a rule says of it.
    pub layout: Cow<'a, WeightLayout>,
    pub fitted: Fitted,
    /// The part of the layout that the parameter is, if it isn't all of it.
    pub region: Option<&'a Region>,
}

/// A path behind a prefix.
pub(crate) fn full_path<'a>(prefix: &'a str, path: &'a str) -> Cow<'a, str> {
    match (prefix, path) {
        ("", path) => path.into(),
        (prefix, "") => prefix.into(),
        (prefix, path) => format!("{prefix}.{path}").into(),
    }
}

/// By path, how sparse parameters connect their inputs and outputs.
pub(crate) type Connectivities = HashMap<String, Connectivity>;

/// Gives the parameters their values, and pins those whose zeros last. Says how sparse ones connect
/// inputs and outputs. `copies` are paths that get the values of another path.
pub(crate) fn fill<M: Module>(
    module: M,
    seed: Seed,
    prefix: &str,
    jobs: Vec<Job<'_>>,
    copies: &[(&str, &str)],
    make_on: MakeOn,
) -> Result<(M, Connectivities), InitError> {
    let mut by_path = HashMap::with_capacity(jobs.len());
    for job in jobs {
        let (path, shape) = (job.parameter.path.as_str(), job.parameter.layout.shape());
        if by_path.insert(path, job).is_some() {
            let problem = "another parameter of the module has the same path".to_owned();
            return Err(InitError::Unsupported(problem).at(path, shape));
        }
    }
    let mut sources = Sources {
        path: Vec::new(),
        values: copies.iter().map(|(_, from)| (*from, None)).collect(),
    };
    if !copies.is_empty() {
        module.visit(&mut sources);
    }
    let copied = |(to, from): &(_, &str)| Some((*to, sources.values[from].clone()?));
    let mut fill = Fill {
        seed,
        prefix,
        make_on,
        copied: copies.iter().filter_map(copied).collect(),
        jobs: by_path,
        path: Vec::new(),
        masks: HashMap::new(),
        connectivities: Connectivities::new(),
        error: None,
    };
    let model = module.map(&mut fill);
    if let Some(error) = fill.error {
        return Err(error);
    }
    let model = match fill.masks.is_empty() {
        true => model,
        false => model.apply_reparameterization(Pin(fill.masks)),
    };
    Ok((model, fill.connectivities))
}

/// Gives each parameter that has a job its values.
struct Fill<'a> {
    seed: Seed,
    prefix: &'a str,
    make_on: MakeOn,
    /// By path, the saved values of parameters that copy another one's.
    copied: HashMap<&'a str, TensorData>,
    jobs: HashMap<&'a str, Job<'a>>,
    path: Vec<String>,
    masks: HashMap<String, Pinned>,
    connectivities: Connectivities,
    error: Option<InitError>,
}

impl Fill<'_> {
    fn key(&self, path: &str) -> Key {
        self.seed.key(&full_path(self.prefix, path))
    }

    /// The parameter's values in its saved layout, if it has a job.
    fn values<const D: usize>(
        &mut self,
        path: &str,
        param: &Param<Tensor<D>>,
    ) -> Result<Option<Tensor<D>>, InitError> {
        let Some(job) = self.jobs.remove(path) else {
            let copy = |data: TensorData| {
                let dtype = data.dtype();
                Tensor::from_data(data, (&param.lazy_device(), dtype))
            };
            return Ok(self.copied.remove(path).map(copy));
        };
        let Job {
            parameter,
            key_path,
            layout,
            fitted,
            region,
        } = job;
        let (device, dtype) = (param.lazy_device(), parameter.dtype);
        let part = Part {
            fitted: &fitted,
            key: self.key(key_path),
            region,
        };
        if let Some(made) = device::draw(part, &device, dtype, self.make_on) {
            return Ok(Some(made));
        }
        let (values, mask) = part.draw_with_mask()?;
        let values = device::tensor(values, part, &device, dtype)?;
        if let Some(mask) = mask {
            // A part of a mask doesn't tell how the whole connects.
            if region.is_none()
                && let Ok(connectivity) = Connectivity::of(&layout, &mask)
            {
                self.connectivities.insert(path.to_owned(), connectivity);
            }
            if fitted.is_lasting() {
                let pinned = Pinned::new(mask, &part.shape(), parameter.transposed, &device);
                self.masks.insert(path.to_owned(), pinned);
            }
        }
        Ok(Some(values))
    }
}

/// The saved values of parameters that others copy.
struct Sources<'a> {
    path: Vec<String>,
    values: HashMap<&'a str, Option<TensorData>>,
}

impl ModuleVisitor for Sources<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(values) = self.values.get_mut(self.path.join(".").as_str()) {
            *values = Some(param.transform_for_save().val().into_data());
        }
    }
}

impl ModuleMapper for Fill<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        let path = self.path.join(".");
        match self.values(&path, &param) {
            Ok(None) => param,
            Ok(Some(saved)) => {
                let id = param.id;
                param.transform_for_load(saved, id)
            }
            Err(error) => {
                self.error = Some(error.at(&path, &param.lazy_shape()));
                param
            }
        }
    }
}
