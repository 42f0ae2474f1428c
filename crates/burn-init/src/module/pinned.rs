//! A mask that lasts: Burn's reparameterization of a parameter as `mask · base`.

use std::collections::HashMap;

use burn::module::{
    Devices, Module, ModuleMapper, ModuleVisitor, Param, ParamId, Reparameterization,
    Reparameterizer,
};
use burn::tensor::{Bool, DType, Device, Int, Shape, Tensor, TensorData};

/// The weights of a parameter that are 0 and stay 0.
///
/// Attached to a parameter by [`Sparse::pinned`](crate::Sparse::pinned), it replaces the
/// parameter's value by 0 wherever the mask is `false`, so that no optimizer moves these weights,
/// and no gradient reaches them. The mask is a part of the module: it moves with it to other
/// devices, and `valid()` and `train()` keep it. `Module::materialize` folds it in and removes it.
///
/// In records it is `fc1.weight.pinned.mask`: bytes of 0 and 1 in the shape of the saved weight, the
/// same from every device. The saved weight is as the optimizer has it: after masks were replaced in
/// training, [`Masks::settle`](super::Masks::settle) zeroes what they hide. A record of a pinned model is loaded into a model that is pinned, too,
/// with whichever mask: the record's replaces it.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{InitWeights, Sparse, module::Pinned};
///
/// let layer = LinearConfig::new(100, 64).init(&Device::flex());
/// let layer = layer.init_weights(&Sparse::exact(8).pinned(), 42)?;
/// let pinned = layer.weight.reparameterization::<Pinned>().unwrap();
/// assert_eq!(pinned.nonzeros(), 8 * 64);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pinned {
    id: ParamId,
    /// In row-major order of the parameter's value.
    mask: Tensor<1, Bool>,
    /// The parameter's shape in records.
    saved_shape: Vec<usize>,
    /// The parameter's value is the transpose of what records hold.
    transposed: bool,
}

/// The type of masks in records.
const RECORD_DTYPE: DType = DType::U8;

/// Calls the code with the rank as a constant.
macro_rules! with_rank {
    ($rank:expr, $d:ident => $body:block) => {
        match $rank {
            0 | 1 => with_rank!(@ 1, $d, $body),
            2 => with_rank!(@ 2, $d, $body),
            3 => with_rank!(@ 3, $d, $body),
            4 => with_rank!(@ 4, $d, $body),
            5 => with_rank!(@ 5, $d, $body),
            6 => with_rank!(@ 6, $d, $body),
            7 => with_rank!(@ 7, $d, $body),
            _ => with_rank!(@ 8, $d, $body),
        }
    };
    (@ $rank:literal, $d:ident, $body:block) => {{
        const $d: usize = $rank;
        $body
    }};
}

impl Pinned {
    /// Its name in paths.
    pub(crate) const PATH: &'static str = "pinned";

    /// What stands behind its parameter's path in records.
    pub(super) const MASK: &'static str = ".pinned.mask";

    /// A mask in row-major order of the saved layout.
    pub(super) fn new(
        saved: Vec<bool>,
        saved_shape: &[usize],
        transposed: bool,
        device: &Device,
    ) -> Self {
        let mask = match saved_shape {
            [rows, columns] if transposed => transpose(&saved, *rows, *columns),
            _ => saved,
        };
        Self {
            id: ParamId::new(),
            mask: mask_tensor(mask, device),
            saved_shape: saved_shape.to_vec(),
            transposed,
        }
    }

    /// How many weights aren't pinned to 0.
    pub fn nonzeros(&self) -> usize {
        self.mask().into_iter().filter(|kept| *kept).count()
    }

    /// The mask of the parameter's value, in row-major order: `false` where it's pinned to 0.
    pub fn mask(&self) -> Vec<bool> {
        host(&self.mask)
    }

    /// What records hold, made when it's asked for.
    pub(super) fn record<const D: usize>(&self) -> Param<Tensor<D, Int>> {
        let shape: [usize; D] =
            std::array::from_fn(|i| self.saved_shape.get(i).copied().unwrap_or(1));
        let (mask, transposed) = (self.mask.clone(), self.transposed);
        let values = move |device: &Device, _: bool| {
            let mut mask = host(&mask);
            if let (true, [rows, columns]) = (transposed, shape.as_slice()) {
                mask = transpose(&mask, *columns, *rows);
            }
            let bytes: Vec<u8> = mask.into_iter().map(u8::from).collect();
            Tensor::from_data(TensorData::new(bytes, shape), (device, RECORD_DTYPE))
        };
        let device = self.mask.device();
        Param::uninitialized(self.id, values, device, false, Shape::from(shape))
    }

    /// Takes the mask of a record that was mapped, if anything looked at it.
    fn update<const D: usize>(&mut self, record: Param<Tensor<D, Int>>) {
        self.id = record.id;
        if !record.is_initialized() {
            return;
        }
        let device = self.mask.device();
        let bytes = record.val().into_data();
        let saved: Vec<bool> = bytes.iter::<i64>().map(|byte| byte != 0).collect();
        if saved.len() != self.saved_shape.iter().product::<usize>() {
            return;
        }
        let new = Self::new(saved, &self.saved_shape, self.transposed, &device);
        self.mask = new.mask;
    }
}

/// By hand: Burn 0.22.1 can't move a mask from a CPU to a GPU, which keep booleans in different types,
/// and would save it as each device has it.
impl Module for Pinned {
    fn collect_devices(&self, mut devices: Devices) -> Devices {
        let device = self.mask.device();
        if !devices.contains(&device) {
            devices.push(device);
        }
        devices
    }

    fn to_device(mut self, device: &Device) -> Self {
        if self.mask.device() != *device {
            self.mask = mask_tensor(host(&self.mask), device);
        }
        self
    }

    fn fork(self, device: &Device) -> Self {
        self.to_device(device)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        visitor.enter_module("mask", "Struct:Pinned");
        with_rank!(self.saved_shape.len(), D => {
            visitor.visit_int(&self.record::<D>());
        });
        visitor.exit_module("mask", "Struct:Pinned");
    }

    fn map<M: ModuleMapper>(mut self, mapper: &mut M) -> Self {
        mapper.enter_module("mask", "Struct:Pinned");
        with_rank!(self.saved_shape.len(), D => {
            let record = mapper.map_int(self.record::<D>());
            self.update(record);
        });
        mapper.exit_module("mask", "Struct:Pinned");
        self
    }

    fn train(mut self) -> Self {
        self.mask = Tensor::from_inner(self.mask);
        self
    }

    fn valid(&self) -> Self {
        Self {
            mask: self.mask.clone().without_autodiff(),
            ..self.clone()
        }
    }

    fn materialize(self) -> Self {
        self
    }
}

fn mask_tensor(kept: Vec<bool>, device: &Device) -> Tensor<1, Bool> {
    let elements = kept.len();
    Tensor::from_data(TensorData::new(kept, [elements]), device)
}

fn host(mask: &Tensor<1, Bool>) -> Vec<bool> {
    mask.clone().into_data().iter::<bool>().collect()
}

/// From a matrix in row-major order to its transpose.
pub(super) fn transpose(mask: &[bool], rows: usize, columns: usize) -> Vec<bool> {
    let mut transposed = Vec::with_capacity(mask.len());
    for column in 0..columns {
        transposed.extend((0..rows).map(|row| mask[row * columns + column]));
    }
    transposed
}

impl Reparameterization for Pinned {
    const NAME: &'static str = Self::PATH;

    fn apply<const D: usize>(&self, base: Tensor<D>) -> Tensor<D> {
        let shape = base.shape();
        // Burn's `reshape` reads a 0 as "keep".
        if shape.num_elements() == 0 {
            return base;
        }
        let mask: Tensor<D, Bool> = self.mask.clone().reshape(shape);
        base.mask_fill(mask.bool_not(), 0.0)
    }
}

/// Attaches masks by path.
pub(super) struct Pin(pub HashMap<String, Pinned>);

impl Reparameterizer for Pin {
    type Reparam = Pinned;

    fn reparameterize<const D: usize>(
        &mut self,
        path: &str,
        param: Param<Tensor<D>>,
    ) -> (Param<Tensor<D>>, Option<Pinned>) {
        (param, self.0.remove(path))
    }
}
