//! Filling the parameters of a module as decided.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::report::{Action, Applied, Entry, Report};
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
        hints: Option<&'a Hints>,
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
    fn get(&self) -> &dyn Initializer {
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
    pub fn apply(&self, layout: &WeightLayout) -> WeightLayout {
        let layout = match &self.axes {
            Some(axes) => WeightLayout::new(layout.shape(), axes.clone()),
            None => layout.clone(),
        };
        layout
            .groups(self.groups.unwrap_or(1))
            .strides(self.strides.clone().unwrap_or_default())
    }
}

/// A parameter that gets values.
struct Job<'a> {
    init: &'a dyn Initializer,
    layout: WeightLayout,
    parameter: &'a Parameter,
}

/// Checks all decisions, then carries them out.
pub(super) fn apply<M: Module>(
    module: M,
    seed: Seed,
    parameters: &[Parameter],
    decisions: &[Decision<'_>],
) -> Result<Applied<M>, InitError> {
    let mut jobs = HashMap::new();
    let mut entries = Vec::new();
    for (parameter, decision) in parameters.iter().zip(decisions) {
        let (path, shape) = (&parameter.path, parameter.layout.shape());
        let (action, note) = match decision {
            Decision::Keep(reason) => (Action::Kept((*reason).to_owned()), None),
            Decision::Init { init, hints } => {
                let none = Hints::default();
                let hints = hints.unwrap_or(&none);
                let layout = hints.apply(&parameter.layout);
                let init = init.get();
                check_state(parameter)
                    .and_then(|()| init.check(&layout))
                    .map_err(|error| error.at(path, shape))?;
                let note = assumed(parameter, &layout, hints);
                let job = Job {
                    init,
                    layout,
                    parameter,
                };
                if jobs.insert(path.clone(), job).is_some() {
                    let problem = "another parameter of the module has the same path".to_owned();
                    return Err(InitError::Unsupported(problem).at(path, shape));
                }
                (Action::Initialized(init.to_string()), note)
            }
        };
        entries.push(Entry {
            path: path.clone(),
            shape: shape.to_vec(),
            action,
            note,
            connectivity: None,
        });
    }

    let mut fill = Fill {
        seed,
        jobs,
        path: Vec::new(),
        masks: HashMap::new(),
        connectivity: HashMap::new(),
        error: None,
    };
    let mut model = module.map(&mut fill);
    if let Some(error) = fill.error {
        return Err(error);
    }
    for entry in &mut entries {
        entry.connectivity = fill.connectivity.remove(&entry.path);
    }
    if !fill.masks.is_empty() {
        model = model.apply_reparameterization(Pin(fill.masks));
    }
    Ok(Applied {
        model,
        report: Report { entries },
    })
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

/// What the fans were computed with because no rule said otherwise.
fn assumed(parameter: &Parameter, layout: &WeightLayout, hints: &Hints) -> Option<String> {
    if !layout.has_kernel() {
        return None;
    }
    let mut assumed = Vec::new();
    if parameter.guessed && hints.axes.is_none() {
        assumed.push("a convolution's axes");
    }
    if hints.groups.is_none() {
        assumed.push("groups 1");
    }
    if hints.strides.is_none() && layout.is_transposed_conv() {
        assumed.push("stride 1");
    }
    (!assumed.is_empty()).then(|| format!("{} assumed", assumed.join(" and ")))
}

/// Gives each parameter that has a job its values, without running its own initializer.
struct Fill<'a> {
    seed: Seed,
    jobs: HashMap<String, Job<'a>>,
    path: Vec<String>,
    masks: HashMap<String, SavedMask>,
    connectivity: HashMap<String, Connectivity>,
    error: Option<InitError>,
}

impl Fill<'_> {
    fn fill<const D: usize>(
        &mut self,
        path: &str,
        param: &Param<Tensor<D>>,
    ) -> Result<Option<Param<Tensor<D>>>, InitError> {
        let Some(Job {
            init,
            layout,
            parameter,
        }) = self.jobs.remove(path)
        else {
            return Ok(None);
        };
        let key = self.seed.key(path);
        let values = init.draw(&layout, key)?;
        let not_zero: Vec<bool> = match init.is_sparse() {
            true => values.iter().map(|value| *value != 0.0).collect(),
            false => Vec::new(),
        };
        let saved: Tensor<D> = tensor(
            values,
            layout.shape(),
            &param.lazy_device(),
            parameter.dtype,
        )?;
        let pinned = init.pinned_mask(&layout, key)?;
        if init.is_sparse() {
            // A weight that lives may be 0.
            let lives = match &pinned {
                Some(mask) => Connectivity::of(&layout, mask)?,
                None => Connectivity::of(&layout, &not_zero)?,
            };
            self.connectivity.insert(path.to_owned(), lives);
        }
        if let Some(kept) = pinned {
            if kept.len() != layout.elements()? {
                return Err(InitError::Unsupported(format!(
                    "{init} pins {} elements of {}",
                    kept.len(),
                    layout.elements()?
                )));
            }
            let transposed = match layout.shape() {
                [rows, columns] if parameter.transposed => Some([*rows, *columns]),
                _ => None,
            };
            self.masks
                .insert(path.to_owned(), SavedMask { kept, transposed });
        }
        Ok(Some(param.clone().transform_for_load(saved, param.id)))
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
        match self.fill(&path, &param) {
            Ok(None) => param,
            Ok(Some(filled)) => filled,
            Err(error) => {
                self.error = Some(error.at(&path, &param.lazy_shape()));
                param
            }
        }
    }
}
