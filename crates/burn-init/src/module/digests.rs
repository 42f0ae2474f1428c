//! One number for a module's values.

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Bool, DType, Int, Tensor, TensorData, bf16, f16};
use burn_init_values::weight::Region;
use burn_init_values::{Digest, InitError};
use serde::Serialize;

use super::fill::full_path;
use super::pinned::Pinned;

/// The [`Digest`]s of a module's parameters: to compare copies of it, on other devices or in other
/// processes, by one number.
///
/// All parameters count, also running statistics, masks, and integers and booleans by the numbers that they
/// are. Values are those of records, in the saved layout: all of them are read from the device, and lazy ones
/// are made.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::module::Digests;
/// use burn_init::{InitWeights, VarianceScaling};
///
/// let layer = || LinearConfig::new(100, 64).init(&Device::flex());
/// let he = VarianceScaling::he_normal();
/// let (here, there) = (layer().init_weights(&he, 42)?, layer().init_weights(&he, 42)?);
/// assert_eq!(Digests::of(&here)?.total(), Digests::of(&there)?.total());
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Digests {
    parameters: Vec<OfParameter>,
}

/// The digest of one parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct OfParameter {
    path: String,
    digest: Digest,
    /// Whether only a part of it is there.
    is_part: bool,
}

impl Digests {
    /// The digests of all parameters of a module, in its order.
    ///
    /// # Errors
    ///
    /// If a parameter is quantized: its values depend on the scheme.
    pub fn of<M: Module>(module: &M) -> Result<Self, InitError> {
        Self::of_parts(module, "", &HashMap::new())
    }

    /// As [`of`](Self::of), where some parameters are parts of larger ones, and with a prefix before each
    /// path that is hashed.
    pub(crate) fn of_parts<M: Module>(
        module: &M,
        prefix: &str,
        parts: &HashMap<&str, &Region>,
    ) -> Result<Self, InitError> {
        let mut look = Look {
            prefix,
            parts,
            path: Vec::new(),
            parameters: Vec::new(),
            error: None,
        };
        module.visit(&mut look);
        match look.error {
            Some(error) => Err(error),
            None => Ok(Self {
                parameters: look.parameters,
            }),
        }
    }

    /// The digest of the module: the sum over its parameters.
    pub fn total(&self) -> Digest {
        self.iter().map(|(_, digest)| digest).sum()
    }

    /// The sum over the parameters of which the module has a shard: the digests of all shards, one of each,
    /// add up to that of the wholes.
    pub fn of_shards(&self) -> Digest {
        let parts = self.parameters.iter().filter(|p| p.is_part);
        parts.map(|p| p.digest).sum()
    }

    /// The sum over the parameters that the module has whole: replicas have the same.
    pub fn of_replicas(&self) -> Digest {
        let wholes = self.parameters.iter().filter(|p| !p.is_part);
        wholes.map(|p| p.digest).sum()
    }

    /// The digest of the parameter at this path.
    pub fn get(&self, path: &str) -> Option<Digest> {
        self.iter()
            .find(|(own, _)| *own == path)
            .map(|(_, digest)| digest)
    }

    /// Path and digest of each parameter.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.parameters.iter().map(|p| (p.path.as_str(), p.digest))
    }
}

struct Look<'a> {
    prefix: &'a str,
    parts: &'a HashMap<&'a str, &'a Region>,
    path: Vec<String>,
    parameters: Vec<OfParameter>,
    error: Option<InitError>,
}

impl Look<'_> {
    fn add<T: Copy + Into<f64> + Sync>(&mut self, values: Result<&[T], String>, shape: &[usize]) {
        let path = self.path.join(".");
        // A mask is a part as its parameter is.
        let owner = path.strip_suffix(Pinned::MASK).unwrap_or(&path);
        let part = self.parts.get(owner);
        let full = full_path(self.prefix, &path);
        let digest = values
            .map_err(InitError::Unsupported)
            .and_then(|values| match part {
                Some(region) => Digest::of_region(&full, region, values),
                None => Ok(Digest::of(&full, values)),
            });
        match digest {
            Ok(digest) => self.parameters.push(OfParameter {
                digest,
                is_part: part.is_some(),
                path,
            }),
            Err(error) => {
                self.error.get_or_insert(error.at(&path, shape));
            }
        }
    }

    /// Numbers that have another type in memory than those that a digest takes.
    fn add_widened(&mut self, numbers: Vec<f64>, shape: &[usize]) {
        self.add(Ok(numbers.as_slice()), shape);
    }
}

/// The values, if they have this type.
fn slice<T: burn::tensor::Element>(data: &TensorData) -> Result<&[T], String> {
    data.as_slice()
        .map_err(|error| format!("its values can't be read: {error:?}"))
}

impl ModuleVisitor for Look<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.transform_for_save().val().into_data();
        let shape = data.shape().to_vec();
        match data.dtype() {
            DType::F64 => self.add(slice::<f64>(&data), &shape),
            DType::F16 => self.add(slice::<f16>(&data), &shape),
            DType::BF16 => self.add(slice::<bf16>(&data), &shape),
            dtype if dtype.is_float() => self.add(slice::<f32>(&data), &shape),
            dtype => {
                let problem = format!("its values are {dtype:?}; a digest needs plain floats");
                self.add::<f32>(Err(problem), &shape);
            }
        }
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let data = param.transform_for_save().val().into_data();
        let numbers = data.iter::<f64>().collect();
        self.add_widened(numbers, &data.shape().to_vec());
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        let data = param.transform_for_save().val().into_data();
        let numbers = data.iter::<bool>().map(f64::from).collect();
        self.add_widened(numbers, &data.shape().to_vec());
    }
}
