//! The parameters of a module: what each is, without a look at any value.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Bool, DType, Device, Int, Tensor};
use burn_init_values::weight::{Axis, Region};
use burn_init_values::{InitError, WeightLayout};

use super::layers::{Layer, layer};
use super::saved::is_saved_transposed;

/// What Burn calls the container of a reparameterization's own parameters.
pub(crate) const REPARAMETERIZATION: &str = "Reparameterization";

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
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
    /// None of these, as far as its name, its shape and its container tell.
    Other,
}

/// A float parameter of a module.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub path: String,
    pub id: ParamId,
    /// The structs that it is in, from the module down to the one that holds it, such as `Linear`.
    pub containers: Vec<String>,
    pub role: Role,
    /// The layout that its values are made for: its own, or that of a larger weight that it is a part of.
    pub layout: WeightLayout,
    /// The part of the layout that it is, if it isn't all of it.
    pub region: Option<Region>,
    /// Of a bias, the number of the weight that it stands beside.
    pub weight: Option<usize>,
    /// The number of the first parameter that has its id and its shape, if that is another one: they are
    /// one parameter at two paths.
    pub tied: Option<usize>,
    /// What the role and the axes were taken for, because none of Burn's layers says it.
    pub assumed: Option<String>,
    /// The parameter's value is the transpose of its saved layout.
    pub transposed: bool,
    /// It has values: it isn't lazy any more.
    pub has_values: bool,
    /// The adapter or mask that it carries.
    pub reparameterization: Option<String>,
    pub dtype: DType,
}

impl Parameter {
    /// The struct that holds it; empty where there is none.
    pub fn container(&self) -> &str {
        self.containers.last().map_or("", String::as_str)
    }

    /// The layout of this bias beside a weight: it knows the weight if that has an output for each of its
    /// elements.
    pub fn beside(&self, weight: &WeightLayout) -> WeightLayout {
        let shape = self.layout.shape();
        bias_beside(shape, weight).unwrap_or_else(|| WeightLayout::vector(shape))
    }

    /// Whether it holds plain floats of its own.
    pub fn check_state(&self) -> Result<(), InitError> {
        let problem = if let Some(name) = &self.reparameterization {
            format!(
                "it carries the reparameterization `{name}`; initialize before that is attached, or \
                 `materialize()` the module first"
            )
        } else if !self.dtype.is_float() {
            format!(
                "its values are {:?}; initialize before quantization",
                self.dtype
            )
        } else {
            return Ok(());
        };
        Err(InitError::Unsupported(problem))
    }
}

/// All float parameters, in the order of the module.
pub(crate) fn parameters<M: Module>(module: &M) -> Vec<Parameter> {
    survey(module).0
}

/// All float parameters, in the order of the module, and the paths of all others.
pub(crate) fn survey<M: Module>(module: &M) -> (Vec<Parameter>, Vec<String>) {
    let mut survey = Survey::default();
    module.visit(&mut survey);
    survey.check_axes();
    survey.find_ties();
    (survey.parameters, survey.others)
}

#[derive(Default)]
struct Survey {
    /// Names and the containers that they are in, from the module down.
    path: Vec<(String, String)>,
    parameters: Vec<Parameter>,
    /// Paths of parameters that aren't floats.
    others: Vec<String>,
}

impl Survey {
    fn path_to(&self, depth: usize) -> String {
        let names: Vec<&str> = self.path[..depth]
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.join(".")
    }

    /// The number of the weight beside the bias at this path, in the same layer.
    fn weight_beside(&self, bias: &str) -> Option<usize> {
        let prefix = bias.strip_suffix("bias")?;
        let of_layer = self.parameters.iter().rev();
        let before = of_layer
            .take_while(|p| p.path.starts_with(prefix))
            .position(|p| {
                p.role == Role::Weight && p.path.strip_prefix(prefix) == Some("weight")
            })?;
        Some(self.parameters.len() - 1 - before)
    }

    /// Finds parameters that stand at two paths.
    fn find_ties(&mut self) {
        let mut first = HashMap::with_capacity(self.parameters.len());
        for i in 0..self.parameters.len() {
            let parameter = &self.parameters[i];
            match first.entry((parameter.id, parameter.layout.shape().to_vec())) {
                Entry::Occupied(entry) => self.parameters[i].tied = Some(*entry.get()),
                Entry::Vacant(entry) => {
                    entry.insert(i);
                }
            }
        }
    }

    /// Says of weights `[input, output]` what doesn't fit their bias: a user's struct may be called
    /// `Linear`, too, and have other axes.
    fn check_axes(&mut self) {
        // A layer's bias stands behind its weight.
        for i in 1..self.parameters.len() {
            let (weights, biases) = self.parameters.split_at_mut(i);
            let (Some(weight), bias) = (weights.last_mut(), &biases[0]) else {
                continue;
            };
            let outputs = match (weight.layout.axes(), weight.layout.shape()) {
                ([Axis::Input, Axis::Output], [_, outputs]) => *outputs,
                _ => continue,
            };
            let prefixes = (
                weight.path.strip_suffix("weight"),
                bias.path.strip_suffix("bias"),
            );
            let of_one_layer = matches!(prefixes, (Some(a), Some(b)) if a == b);
            if let (true, None, [n]) = (of_one_layer, &weight.assumed, bias.layout.shape())
                && *n != outputs
            {
                weight.assumed = Some(format!(
                    "axes [input, output] assumed, though its bias has {n} elements"
                ));
            }
        }
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
        // "Struct:Linear".
        let plain = |container: &str| {
            let name = container.split_once(':').map(|(_, name)| name.to_owned());
            name.unwrap_or_else(|| container.to_owned())
        };
        let containers: Vec<String> = self.path.iter().map(|(_, c)| plain(c)).collect();
        let name = self.path.last().map_or("", |(name, _)| name.as_str());
        let container = containers.last().map_or("", String::as_str);
        let transposed = layer(container) == Some(Layer::Linear) && is_saved_transposed(param);
        let shape = saved_shape(param, transposed);
        let part = self.path.iter().any(|(_, c)| c == REPARAMETERIZATION);
        let (mut role, layout, assumed) = describe(container, name, shape, transposed);
        if part {
            role = Role::Reparameterization;
        }
        let path = self.path_to(self.path.len());
        let weight = match role {
            Role::Bias => self.weight_beside(&path),
            _ => None,
        };
        let layout = weight
            .and_then(|weight| bias_beside(layout.shape(), &self.parameters[weight].layout))
            .unwrap_or(layout);
        self.parameters.push(Parameter {
            path,
            id: param.id,
            containers,
            role,
            layout,
            region: None,
            weight,
            tied: None,
            assumed,
            transposed,
            has_values: param.is_initialized(),
            reparameterization: None,
            dtype: dtype(param),
        });
    }

    fn visit_int<const D: usize>(&mut self, _: &Param<Tensor<D, Int>>) {
        self.others.push(self.path_to(self.path.len()));
    }

    fn visit_bool<const D: usize>(&mut self, _: &Param<Tensor<D, Bool>>) {
        self.others.push(self.path_to(self.path.len()));
    }
}

/// Role and layout of a parameter, and what of it had to be assumed.
///
/// Burn's own layers are known by their names. Of anything else, the name of the parameter and its
/// shape tell: two axes are a `Linear`'s, more a convolution's; with a single axis that is longer than
/// 1, such as `[1, 1, 1, 32]`, it isn't taken for a weight unless it is called so.
fn describe(
    container: &str,
    name: &str,
    shape: Vec<usize>,
    transposed: bool,
) -> (Role, WeightLayout, Option<String>) {
    let known = layer(container);
    let plain = |role| (role, WeightLayout::vector(shape.clone()), None);
    if name.starts_with("running_") {
        return plain(Role::Statistic);
    }
    if known == Some(Layer::Norm) {
        return plain(Role::Norm);
    }
    if name == "bias" {
        return plain(Role::Bias);
    }
    if shape.len() < 2 {
        return plain(Role::Other);
    }
    let layout = |layout: WeightLayout| (Role::Weight, layout, None);
    match (known, shape.as_slice()) {
        (Some(Layer::Embedding), [vocabulary, d_model]) => {
            layout(WeightLayout::embedding([*vocabulary, *d_model]))
        }
        (Some(Layer::Linear), [rows, columns]) if transposed => {
            layout(WeightLayout::linear_col([*rows, *columns]))
        }
        (Some(Layer::Linear), [rows, columns]) => layout(WeightLayout::linear([*rows, *columns])),
        (Some(Layer::ConvTranspose), _) => match WeightLayout::conv_transpose(shape.clone()) {
            Ok(conv) => layout(conv),
            Err(_) => plain(Role::Other),
        },
        (Some(Layer::Conv), _) => match WeightLayout::conv(shape.clone()) {
            Ok(conv) => layout(conv),
            Err(_) => plain(Role::Other),
        },
        (_, shape) if matches!(name, "gamma" | "beta") && is_line(shape) => {
            let (role, layout, _) = plain(Role::Norm);
            let assumed = format!("taken for a normalization's by the name `{name}`");
            (role, layout, Some(assumed))
        }
        (_, shape) if name != "weight" && is_line(shape) => plain(Role::Other),
        (_, [rows, columns]) => {
            let assumed = "axes [input, output] assumed".to_owned();
            (
                Role::Weight,
                WeightLayout::linear([*rows, *columns]),
                Some(assumed),
            )
        }
        _ => match WeightLayout::conv(shape.clone()) {
            Ok(conv) => {
                let assumed = "a convolution's axes assumed".to_owned();
                (Role::Weight, conv, Some(assumed))
            }
            Err(_) => plain(Role::Other),
        },
    }
}

/// The layout of a bias of this shape beside a weight, if the weight has an output for each of its elements.
///
/// A transposed convolution's weight doesn't tell its groups, but its bias does: it has an element for each
/// output channel, and the weight only those of a group.
fn bias_beside(shape: &[usize], weight: &WeightLayout) -> Option<WeightLayout> {
    let bias = WeightLayout::bias_of(weight).ok()?;
    if bias.shape() == shape {
        return Some(bias);
    }
    match (shape, bias.shape()) {
        ([all], [of_group]) if weight.is_transposed_conv() && weight.group_count() == 1 => {
            let groups = all.checked_div(*of_group)?;
            let bias = WeightLayout::bias_of(&weight.clone().groups(groups).ok()?).ok()?;
            (bias.shape() == shape).then_some(bias)
        }
        _ => None,
    }
}

/// Whether a single axis is longer than 1 at the most.
fn is_line(shape: &[usize]) -> bool {
    shape.iter().filter(|n| **n > 1).count() < 2
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

pub(crate) fn default_dtype(device: &Device) -> DType {
    device.settings().float_dtype.into()
}

/// What a message about an unknown path ends with: "; did you mean `fc1.weight`?", or nothing.
pub(crate) fn did_you_mean(path: &str, parameters: &[Parameter]) -> String {
    match nearest(path, parameters).as_slice() {
        [] => String::new(),
        names => format!("; did you mean `{}`?", names.join("` or `")),
    }
}

/// The paths of weights and biases that are most like `path`, nearest first: those that have its parts
/// in order, whatever stands between or behind them, and then those that are spelled alike, or whose last
/// parts are.
pub(crate) fn nearest(path: &str, parameters: &[Parameter]) -> Vec<String> {
    /// So many are named.
    const MOST: usize = 3;
    // Of a regular expression, what may be a path.
    let plain: String = path
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
        .collect();
    let plain = plain.trim_matches('.');
    let dots = plain.matches('.').count();
    let has_parts_of = |other: &str| {
        let mut others = other.split('.');
        path.split('.')
            .all(|part| others.any(|other| other == part))
    };
    let mut paths: Vec<((bool, usize), &str)> = parameters
        .iter()
        .filter(|p| !matches!(p.role, Role::Statistic | Role::Reparameterization))
        .map(|p| {
            // As many parts at its end as there are in `plain`.
            let end = p.path.rmatch_indices('.').nth(dots);
            let end = end.map_or(p.path.as_str(), |(dot, _)| &p.path[dot + 1..]);
            let distance = strsim::damerau_levenshtein(plain, &p.path)
                .min(strsim::damerau_levenshtein(plain, end));
            ((!has_parts_of(&p.path), distance), p.path.as_str())
        })
        .filter(|((differs, distance), _)| !differs || *distance <= plain.len() / 2)
        .collect();
    paths.sort_unstable();
    let names = paths.into_iter().take(MOST);
    names.map(|(_, path)| path.to_owned()).collect()
}
