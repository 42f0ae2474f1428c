//! A mask that lasts: Burn's reparameterization of a parameter as `mask · base`.

use std::collections::HashMap;

use burn::module::{
    Devices, Module, ModuleMapper, ModuleVisitor, Param, ParamId, Reparameterization,
    Reparameterizer,
};
use burn::tensor::{Bool, Device, Tensor, TensorData};

/// The weights of a parameter that are 0 and stay 0.
///
/// Attached to a parameter by [`Sparse::pinned`](crate::Sparse::pinned), it replaces the
/// parameter's value by 0 wherever the mask is `false`, so that no optimizer moves these weights,
/// and no gradient reaches them. The mask is a part of the module: `fc1.weight.pinned.mask`
/// in records, moved with it to other devices, kept by `valid()` and `train()`.
/// `Module::materialize` folds it in and removes it.
///
/// A record of a pinned model is loaded into a model that is pinned, too, with whichever mask: the
/// record's replaces it.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{InitWeights, Pinned, Sparse};
///
/// let layer = LinearConfig::new(100, 64).init(&Device::flex());
/// let layer = layer.init_weights(&Sparse::exact(8).pinned(), 42)?;
/// let pinned = layer.weight.reparameterization::<Pinned>().unwrap();
/// assert_eq!(pinned.nonzeros(), 8 * 64);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pinned {
    /// In row-major order of the parameter's value.
    mask: Param<Tensor<1, Bool>>,
}

impl Pinned {
    /// Its name in paths.
    pub(super) const PATH: &'static str = "pinned";

    /// How many weights aren't pinned to 0.
    pub fn nonzeros(&self) -> usize {
        self.mask().into_iter().filter(|kept| *kept).count()
    }

    /// For each element of the parameter's value, in row-major order: `false` where it's pinned to
    /// 0.
    pub fn mask(&self) -> Vec<bool> {
        self.mask.val().into_data().iter::<bool>().collect()
    }
}

/// By hand, since Burn 0.22.1 can't move a mask from a CPU to a GPU, which keep booleans in
/// different types.
impl Module for Pinned {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.mask.collect_devices(devices)
    }

    fn to_device(self, device: &Device) -> Self {
        let mask = self.mask.map(|mask| {
            if mask.device() == *device {
                return mask;
            }
            let kept = mask.into_data().iter::<bool>().collect();
            mask_tensor(kept, device)
        });
        Self { mask }
    }

    fn fork(self, device: &Device) -> Self {
        self.to_device(device)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        visitor.enter_module("mask", "Struct:Pinned");
        self.mask.visit(visitor);
        visitor.exit_module("mask", "Struct:Pinned");
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        mapper.enter_module("mask", "Struct:Pinned");
        let mask = Module::map(self.mask, mapper);
        mapper.exit_module("mask", "Struct:Pinned");
        Self { mask }
    }

    fn train(self) -> Self {
        let mask = self.mask.train();
        Self { mask }
    }

    fn valid(&self) -> Self {
        let mask = self.mask.valid();
        Self { mask }
    }

    fn materialize(self) -> Self {
        self
    }
}

fn mask_tensor(kept: Vec<bool>, device: &Device) -> Tensor<1, Bool> {
    let elements = kept.len();
    Tensor::from_data(TensorData::new(kept, [elements]), device)
}

impl Reparameterization for Pinned {
    const NAME: &'static str = Self::PATH;

    fn apply<const D: usize>(&self, base: Tensor<D>) -> Tensor<D> {
        let mask: Tensor<D, Bool> = self.mask.val().reshape(base.shape());
        base.mask_fill(mask.bool_not(), 0.0)
    }
}

/// A mask in the saved layout.
pub(crate) struct SavedMask {
    /// In row-major order of the saved layout.
    pub kept: Vec<bool>,
    /// The saved shape, if the parameter's value is the transpose of what is saved.
    pub transposed: Option<[usize; 2]>,
}

/// Attaches masks by path.
pub(crate) struct Pin(pub HashMap<String, SavedMask>);

impl Reparameterizer for Pin {
    type Reparam = Pinned;

    fn reparameterize<const D: usize>(
        &mut self,
        path: &str,
        param: Param<Tensor<D>>,
    ) -> (Param<Tensor<D>>, Option<Pinned>) {
        let Some(SavedMask { kept, transposed }) = self.0.remove(path) else {
            return (param, None);
        };
        let mask = mask_tensor(kept, &param.lazy_device());
        let mask = match transposed {
            None => Param::initialized(ParamId::new(), mask),
            // Saved in the order of the weight that it belongs to.
            Some([rows, columns]) => {
                Param::initialized(ParamId::new(), transpose(mask, rows, columns))
                    .save_mapper(move |mask| transpose(mask, columns, rows))
                    .load_mapper(move |mask| transpose(mask, rows, columns))
            }
        };
        (param, Some(Pinned { mask }))
    }
}

fn transpose(mask: Tensor<1, Bool>, rows: usize, columns: usize) -> Tensor<1, Bool> {
    mask.reshape([rows, columns])
        .transpose()
        .reshape([rows * columns])
}
