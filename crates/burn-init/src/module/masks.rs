//! The masks of a whole module: read, count, replace.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use burn_init_values::InitError;
use serde::{Deserialize, Serialize};

use super::layers::{Layer, layer};
use super::parameter::REPARAMETERIZATION;
use super::pinned::{Pin, Pinned, transpose};
use super::saved::is_saved_transposed;

/// The masks of a module by the paths of their parameters: `true` where a weight lives.
///
/// With it, methods that change masks in training, such as SET and RigL, are a few lines: take the masks, change them, and put them back.
/// What a new mask drops becomes 0, and what it grows starts at 0. Masks are in row-major order of the parameter's value (for a `Linear` of
/// any layout, `[d_input, d_output]`).
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{InitWeights, Sparse, module::Masks};
///
/// let layer = LinearConfig::new(100, 64).init(&Device::flex());
/// let layer = layer.init_weights(&Sparse::exact(8).pinned(), 42)?;
/// let mut masks = Masks::of(&layer);
/// let mask = masks.0.get_mut("weight").unwrap();
/// // Drop the first weight that lives, and grow the first that doesn't.
/// let (dead, alive) = (mask.iter().position(|m| !m), mask.iter().position(|m| *m));
/// mask.swap(dead.unwrap(), alive.unwrap());
/// let layer = masks.apply(layer)?;
/// assert_eq!(Masks::of(&layer).kept(), 8 * 64);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masks(pub BTreeMap<String, Vec<bool>>);

impl Masks {
    /// The masks of all pinned parameters.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut read = Read::default();
        module.visit(&mut read);
        Self(read.masks)
    }

    /// Masks that keep what isn't zero now, of all weights (parameters of rank 2 or more) that have a zero: for a model that was
    /// loaded from a file without masks.
    pub fn from_zeros<M: Module>(module: &M) -> Self {
        let mut read = Read {
            zeros: true,
            ..Read::default()
        };
        module.visit(&mut read);
        // What lies hidden under a mask may not be zero.
        for (path, old) in Self::of(module).0 {
            let hidden = read.masks.entry(path).or_insert_with(|| old.clone());
            hidden
                .iter_mut()
                .zip(old)
                .for_each(|(kept, old)| *kept &= old);
        }
        Self(read.masks)
    }

    /// Weights that live, in all masks.
    pub fn kept(&self) -> usize {
        self.0.values().flatten().filter(|kept| **kept).count()
    }

    /// The share of weights that live, of each parameter.
    pub fn densities(&self) -> BTreeMap<&str, f64> {
        let density = |mask: &[bool]| {
            mask.iter().filter(|kept| **kept).count() as f64 / mask.len().max(1) as f64
        };
        self.0
            .iter()
            .map(|(path, mask)| (path.as_str(), density(mask)))
            .collect()
    }

    /// Pins the parameters at these paths with these masks, in place of those that they have.
    ///
    /// # Errors
    ///
    /// If a path isn't that of a float parameter, a mask isn't as long as the parameter, or a parameter carries another reparameterization. The
    /// module's clones are as they were.
    pub fn apply<M: Module>(&self, module: M) -> Result<M, InitError> {
        let survey = Read::all(&module);
        let mut new = HashMap::new();
        for (path, mask) in &self.0 {
            let Some(found) = survey.parameters.get(path) else {
                return Err(InitError::Unsupported(format!(
                    "the module has no parameter `{path}`"
                )));
            };
            let at = |problem: String| InitError::Unsupported(problem).at(path, &found.shape);
            let elements: usize = found.shape.iter().product();
            if mask.len() != elements {
                return Err(at(format!(
                    "a mask of {} elements isn't for it",
                    mask.len()
                )));
            }
            match found.reparameterization.as_deref() {
                None => {
                    let (saved, shape) = found.saved(mask);
                    let pinned = Pinned::new(saved, &shape, found.transposed, &found.device);
                    new.insert(path.clone(), pinned);
                }
                Some(Pinned::PATH) => {}
                Some(other) => {
                    return Err(at(format!("it carries the reparameterization `{other}`")));
                }
            }
        }
        // Under the old mask, an optimizer with momentum may have moved what doesn't show.
        let mut live = self.0.clone();
        for (path, old) in Self::of(&module).0 {
            let both = live.get_mut(&path).into_iter().flatten().zip(old);
            both.for_each(|(live, old)| *live &= old);
        }
        let mut replace = Replace {
            masks: Some(&self.0),
            live: &live,
            parameters: &survey.parameters,
            path: Vec::new(),
        };
        let module = module.map(&mut replace);
        if new.is_empty() {
            return Ok(module);
        }
        Ok(module.apply_reparameterization(Pin(new)))
    }

    /// Zeros the values that masks hide, so that a file holds what the layers compute with.
    ///
    /// Burn saves a parameter as the optimizer has it. An optimizer with momentum goes on moving a
    /// weight that a new mask has dropped; it doesn't show, but a file would hold it, and a layer
    /// without masks that loads the file would compute with it. Call it before such a file is saved.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::{InitWeights, Sparse, module::Masks};
    ///
    /// let layer = LinearConfig::new(100, 64).init(&Device::flex());
    /// let layer = layer.init_weights(&Sparse::exact(8).pinned(), 42)?;
    /// // … train, and replace masks …
    /// let layer = Masks::settle(layer);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    pub fn settle<M: Module>(module: M) -> M {
        let survey = Read::all(&module);
        let live = Self::of(&module).0;
        module.map(&mut Replace {
            masks: None,
            live: &live,
            parameters: &survey.parameters,
            path: Vec::new(),
        })
    }
}

/// What a visitor finds.
#[derive(Default)]
struct Read {
    /// Names and containers, from the module down.
    path: Vec<(String, String)>,
    /// Whether masks are read from zeros.
    zeros: bool,
    masks: BTreeMap<String, Vec<bool>>,
    parameters: BTreeMap<String, Found>,
}

/// A float parameter.
struct Found {
    /// The value's shape.
    shape: Vec<usize>,
    device: Device,
    /// Records hold the transpose of the value.
    transposed: bool,
    reparameterization: Option<String>,
}

impl Found {
    /// A mask of the value in the order of the saved layout, and that layout's shape.
    fn saved(&self, mask: &[bool]) -> (Vec<bool>, Vec<usize>) {
        match self.shape.as_slice() {
            [rows, columns] if self.transposed => {
                (transpose(mask, *rows, *columns), vec![*columns, *rows])
            }
            shape => (mask.to_vec(), shape.to_vec()),
        }
    }

    /// The reverse of [`saved`](Self::saved).
    fn of_value(&self, saved: Vec<bool>) -> Vec<bool> {
        match self.shape.as_slice() {
            [rows, columns] if self.transposed => transpose(&saved, *columns, *rows),
            _ => saved,
        }
    }
}

impl Read {
    fn all<M: Module>(module: &M) -> Self {
        let mut read = Self::default();
        module.visit(&mut read);
        read
    }

    /// The path, less the names of a reparameterization's own parameters, and whether there were any.
    fn owner(&self) -> (String, bool) {
        let inner = self
            .path
            .iter()
            .position(|(_, container)| container == REPARAMETERIZATION);
        let names = &self.path[..inner.unwrap_or(self.path.len())];
        let names: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        (names.join("."), inner.is_some())
    }
}

impl Read {
    /// Whether the parameter is that of a `Linear`, the one layer whose records may hold a transpose.
    fn in_linear(&self) -> bool {
        let container = self.path.last().map(|(_, container)| container.as_str());
        let name = container.and_then(|container| container.strip_prefix("Struct:"));
        name.and_then(layer) == Some(Layer::Linear)
    }
}

impl ModuleVisitor for Read {
    fn enter_module(&mut self, name: &str, container: &str) {
        if container == REPARAMETERIZATION {
            let (owner, _) = self.owner();
            if let Some(found) = self.parameters.get_mut(&owner) {
                found.reparameterization = Some(name.to_owned());
            }
        }
        self.path.push((name.to_owned(), container.to_owned()));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (path, inner) = self.owner();
        if inner {
            return;
        }
        if self.zeros && D >= 2 {
            let values = param.val().into_data();
            let mask: Vec<bool> = values.iter::<f32>().map(|value| value != 0.0).collect();
            if mask.contains(&false) {
                self.masks.insert(path.clone(), mask);
            }
        }
        let transposed = self.in_linear() && is_saved_transposed(param);
        let mut shape = param.lazy_shape().to_vec();
        if transposed && !param.is_initialized() {
            // A lazy parameter tells the shape in records.
            shape.reverse();
        }
        let found = Found {
            shape,
            device: param.lazy_device(),
            transposed,
            reparameterization: None,
        };
        self.parameters.insert(path, found);
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let (path, inner) = self.owner();
        let pinned = self.path.iter().any(|(name, _)| name == Pinned::PATH);
        if inner && pinned && !self.zeros {
            let bytes = param.val().into_data();
            let saved = bytes.iter::<i64>().map(|byte| byte != 0).collect();
            let mask = match self.parameters.get(&path) {
                Some(found) => found.of_value(saved),
                None => saved,
            };
            self.masks.insert(path, mask);
        }
    }
}

/// Puts new masks in place of those that parameters have.
struct Replace<'a> {
    /// Nothing where masks stay.
    masks: Option<&'a BTreeMap<String, Vec<bool>>>,
    /// What keeps its value.
    live: &'a BTreeMap<String, Vec<bool>>,
    parameters: &'a BTreeMap<String, Found>,
    path: Vec<String>,
}

impl ModuleMapper for Replace<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.live.get(&self.path.join(".")) {
            None => param,
            Some(mask) if mask.is_empty() => param,
            Some(mask) => param.map(|base| {
                let grad = base.is_require_grad();
                let data = TensorData::new(mask.clone(), base.shape());
                let mask = Tensor::<D, Bool>::from_data(data, &base.device());
                let masked = base.mask_fill(mask.bool_not(), 0.0).detach();
                if grad { masked.require_grad() } else { masked }
            }),
        }
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        let [owner @ .., pinned, _mask] = self.path.as_slice() else {
            return param;
        };
        if pinned != Pinned::PATH {
            return param;
        }
        let owner = owner.join(".");
        let mask = self.masks.and_then(|masks| masks.get(&owner));
        match (mask, self.parameters.get(&owner)) {
            (Some(mask), Some(found)) => {
                let (saved, shape) = found.saved(mask);
                let record = Pinned::new(saved, &shape, found.transposed, &found.device);
                Param::initialized(param.id, record.record::<D>().val())
            }
            _ => param,
        }
    }
}
