//! Filling the parameters of a module as decided.

use std::borrow::Cow;
use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::survey::Parameter;
use crate::error::InitError;
use crate::initializer::{AnyInitializer, Initializer, tensor};
use crate::key::Seed;
use crate::layout::{Axis, WeightLayout};
use crate::sparse::Connectivity;
use crate::sparse::mask::{Pin, SavedMask};

/// What happens to a parameter.
pub(super) enum Decision<'a> {
    Init {
        init: Chosen<'a>,
        hints: &'a Hints,
    },
    /// It stays as it is, for this reason.
    Keep(&'static str),
}

/// The initializer of a parameter: that of its rule, or its share of a budget.
pub(super) enum Chosen<'a> {
    Rule(&'a dyn Initializer),
    Share(AnyInitializer),
}

impl Chosen<'_> {
    pub fn get(&self) -> &dyn Initializer {
        match self {
            Self::Rule(init) => *init,
            Self::Share(init) => init,
        }
    }
}

/// What a rule says of the layout of its parameters, because their shapes don't tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hints {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strides: Option<Vec<usize>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axes: Option<Vec<Axis>>,
}

impl Hints {
    /// The layout, with what they say of it.
    pub fn apply<'l>(&self, layout: &'l WeightLayout) -> Cow<'l, WeightLayout> {
        if *self == Self::default() {
            return Cow::Borrowed(layout);
        }
        let layout = match &self.axes {
            Some(axes) => WeightLayout::new(layout.shape(), axes.clone()),
            None => layout.clone(),
        };
        let layout = layout
            .groups(self.groups.unwrap_or(1))
            .strides(self.strides.clone().unwrap_or_default());
        Cow::Owned(layout)
    }
}

/// A parameter that gets values.
struct Job<'a> {
    init: &'a dyn Initializer,
    hints: &'a Hints,
    parameter: &'a Parameter,
}

/// By path, how sparse parameters connect their inputs and outputs.
pub(super) type Connectivities = HashMap<String, Connectivity>;

/// Checks all decisions, then carries them out. Counts the connections where that's asked for.
pub(super) fn apply<M: Module>(
    module: M,
    seed: Seed,
    parameters: &[Parameter],
    decisions: &[Decision<'_>],
    connectivity: Option<&mut Connectivities>,
) -> Result<M, InitError> {
    let mut jobs = HashMap::with_capacity(parameters.len());
    for (parameter, decision) in parameters.iter().zip(decisions) {
        let Decision::Init { init, hints } = decision else {
            continue;
        };
        let (path, shape) = (parameter.path.as_str(), parameter.layout.shape());
        let init = init.get();
        check_state(parameter)
            .and_then(|()| init.check(&hints.apply(&parameter.layout)))
            .map_err(|error| error.at(path, shape))?;
        let job = Job {
            init,
            hints,
            parameter,
        };
        if jobs.insert(path, job).is_some() {
            let problem = "another parameter of the module has the same path".to_owned();
            return Err(InitError::Unsupported(problem).at(path, shape));
        }
    }

    let mut fill = Fill {
        seed,
        jobs,
        path: Vec::new(),
        masks: HashMap::new(),
        connectivity,
        error: None,
    };
    let model = module.map(&mut fill);
    match fill.error {
        Some(error) => Err(error),
        None if fill.masks.is_empty() => Ok(model),
        None => Ok(model.apply_reparameterization(Pin(fill.masks))),
    }
}

/// Whether the parameter holds plain floats of its own.
fn check_state(parameter: &Parameter) -> Result<(), InitError> {
    if let Some(name) = &parameter.reparameterization {
        return Err(InitError::Unsupported(format!(
            "it carries the reparameterization `{name}`; initialize before that is attached, or `materialize()` the module first"
        )));
    }
    if !parameter.dtype.is_float() {
        return Err(InitError::Unsupported(format!(
            "its values are {:?}; initialize before quantization",
            parameter.dtype
        )));
    }
    Ok(())
}

/// Gives each parameter that has a job its values, without running its own initializer.
struct Fill<'a> {
    seed: Seed,
    jobs: HashMap<&'a str, Job<'a>>,
    path: Vec<String>,
    masks: HashMap<String, SavedMask>,
    connectivity: Option<&'a mut Connectivities>,
    error: Option<InitError>,
}

impl Fill<'_> {
    /// The parameter's values in its saved layout, if it has a job.
    fn values<const D: usize>(
        &mut self,
        path: &str,
        param: &Param<Tensor<D>>,
    ) -> Result<Option<Tensor<D>>, InitError> {
        let Some(Job {
            init,
            hints,
            parameter,
        }) = self.jobs.remove(path)
        else {
            return Ok(None);
        };
        let layout = hints.apply(&parameter.layout);
        let key = self.seed.key(path);
        let values = init.draw(&layout, key)?;
        let pinned = init.pinned_mask(&layout, key)?;
        if let Some(kept) = &pinned
            && kept.len() != layout.elements()?
        {
            return Err(InitError::Unsupported(format!(
                "{init} pins {} elements of {}",
                kept.len(),
                layout.elements()?
            )));
        }
        if let Some(connectivity) = &mut self.connectivity
            && init.is_sparse()
        {
            // A weight that lives may be 0.
            let lives = match &pinned {
                Some(mask) => Connectivity::of(&layout, mask)?,
                None => {
                    let not_zero: Vec<bool> = values.iter().map(|value| *value != 0.0).collect();
                    Connectivity::of(&layout, &not_zero)?
                }
            };
            connectivity.insert(path.to_owned(), lives);
        }
        if let Some(kept) = pinned {
            let transposed = match layout.shape() {
                [rows, columns] if parameter.transposed => Some([*rows, *columns]),
                _ => None,
            };
            self.masks
                .insert(path.to_owned(), SavedMask { kept, transposed });
        }
        tensor(
            values,
            layout.shape(),
            &param.lazy_device(),
            parameter.dtype,
        )
        .map(Some)
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
