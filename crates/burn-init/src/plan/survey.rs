//! The parameters of a module: what each is, without a look at any value.

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Device, Tensor};

use crate::layout::WeightLayout;
use crate::saved::is_saved_transposed;

/// Burn's layers whose weights have a layout of their own.
const WEIGHT_LAYERS: [&str; 9] = [
    "Linear",
    "Embedding",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "DeformConv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
];

/// What Burn calls the container of a reparameterization's own parameters.
const REPARAMETERIZATION: &str = "Reparameterization";

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Multiplies inputs, or is looked up.
    Weight,
    /// Is added to outputs.
    Bias,
    /// Scale or shift of a normalization, or the slope of an activation: starts where its layer
    /// wants it.
    Norm,
    /// A running mean or variance.
    Statistic,
    /// Belongs to an adapter or a mask.
    Reparameterization,
    /// None of these, as far as its rank and its container tell.
    Other,
}

/// A parameter, as the visitor meets it.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub path: String,
    pub id: ParamId,
    /// The struct that holds it, such as `Linear`.
    pub container: String,
    pub role: Role,
    pub layout: WeightLayout,
    /// The layout is that of the rank, since the container is unknown.
    pub guessed: bool,
    /// The parameter's value is the transpose of its saved layout.
    pub transposed: bool,
    /// The adapter or mask that it carries.
    pub reparameterization: Option<String>,
    pub dtype: DType,
}

/// All float parameters, in the order of the module.
pub(super) fn survey<M: Module>(module: &M) -> Vec<Parameter> {
    let mut survey = Survey::default();
    module.visit(&mut survey);
    survey.parameters
}

#[derive(Default)]
struct Survey {
    /// Names and the containers that they are in, from the module down.
    path: Vec<(String, String)>,
    parameters: Vec<Parameter>,
}

impl Survey {
    fn path_to(&self, depth: usize) -> String {
        let names: Vec<&str> = self.path[..depth]
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.join(".")
    }
}

impl ModuleVisitor for Survey {
    fn enter_module(&mut self, name: &str, container: &str) {
        if container == REPARAMETERIZATION {
            let owner = self.path_to(self.path.len());
            if let Some(parameter) = self.parameters.iter_mut().rfind(|p| p.path == owner) {
                parameter.reparameterization = Some(name.to_owned());
            }
        }
        self.path.push((name.to_owned(), container.to_owned()));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, container) = match self.path.last() {
            Some((name, container)) => (name.as_str(), container.as_str()),
            None => ("", ""),
        };
        let container = container
            .split_once(':')
            .map_or(container, |(_, name)| name);
        let transposed = container == "Linear" && is_saved_transposed(param);
        let shape = saved_shape(param, transposed);
        let (role, layout) = if self.path.iter().any(|(_, c)| c == REPARAMETERIZATION) {
            (Role::Reparameterization, WeightLayout::vector(shape))
        } else {
            role_and_layout(container, name, shape, transposed)
        };
        self.parameters.push(Parameter {
            path: self.path_to(self.path.len()),
            id: param.id,
            container: container.to_owned(),
            role,
            layout,
            guessed: !WEIGHT_LAYERS.contains(&container),
            transposed,
            reparameterization: None,
            dtype: dtype(param),
        });
    }
}

/// Burn's own layers by their names, and anything else by rank: two axes are a `Linear`'s, more a
/// convolution's.
fn role_and_layout(
    container: &str,
    name: &str,
    shape: Vec<usize>,
    transposed: bool,
) -> (Role, WeightLayout) {
    match container {
        _ if name.starts_with("running_") => {
            return (Role::Statistic, WeightLayout::vector(shape));
        }
        "BatchNorm" | "InstanceNorm" | "GroupNorm" | "LayerNorm" | "RmsNorm" | "PRelu" => {
            return (Role::Norm, WeightLayout::vector(shape));
        }
        _ if name == "bias" || shape.len() < 2 => {
            let role = if name == "bias" {
                Role::Bias
            } else {
                Role::Other
            };
            return (role, WeightLayout::vector(shape));
        }
        _ => {}
    }
    let layout = match (container, shape.as_slice()) {
        ("Embedding", [vocabulary, d_model]) => WeightLayout::embedding([*vocabulary, *d_model]),
        (_, [rows, columns]) if transposed => WeightLayout::linear_col([*rows, *columns]),
        (_, [rows, columns]) => WeightLayout::linear([*rows, *columns]),
        ("ConvTranspose1d" | "ConvTranspose2d" | "ConvTranspose3d", _) => {
            WeightLayout::conv_transpose(shape)
        }
        _ => WeightLayout::conv(shape),
    };
    (Role::Weight, layout)
}

/// The shape in records. A lazy parameter tells it; one that has a value tells that value's.
fn saved_shape<const D: usize>(param: &Param<Tensor<D>>, transposed: bool) -> Vec<usize> {
    let mut shape = param.lazy_shape().to_vec();
    if transposed && param.is_initialized() {
        shape.reverse();
    }
    shape
}

/// The dtype of the parameter's value, or what it would have if it was made now.
fn dtype<const D: usize>(param: &Param<Tensor<D>>) -> DType {
    if param.is_initialized() {
        param.dtype()
    } else {
        default_dtype(&param.lazy_device())
    }
}

fn default_dtype(device: &Device) -> DType {
    device.settings().float_dtype.into()
}
