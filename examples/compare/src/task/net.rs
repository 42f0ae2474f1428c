//! What all networks have in common.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use burn_init::data::Outputs;
use burn_init::weight::Along;
use burn_init::{InitError, WeightLayout};

use super::{FirstLayer, Form};
use crate::error::Error;
use crate::init::Grid;

/// A network that classifies examples.
pub trait Net: Module {
    /// The path of the first layer's weight.
    const FIRST: &'static str;

    /// The network, without values.
    fn new(form: Form, depth: usize, width: usize, device: &Device) -> Self;

    /// The grid that the first layer's neurons look at.
    fn grid(form: Form) -> Grid;

    /// `[batch, features]` to logits of `[batch, classes]`; `watch` sees what each layer gives, before its
    /// activation.
    fn forward<W: Watch>(&self, x: Tensor<2>, watch: &mut W) -> Tensor<2>;

    /// The first layer's weights and how they lie, as they are saved.
    ///
    /// # Errors
    ///
    /// As [`WeightLayout`]; [`Error::Device`].
    fn first_weight(&self) -> Result<(Vec<f32>, WeightLayout), Error>;
}

/// Sees what the layers of a network give.
pub trait Watch {
    /// What the layer with the weight at this path gives.
    fn see<const D: usize>(&mut self, path: &str, output: &Tensor<D>);
}

impl Watch for () {
    fn see<const D: usize>(&mut self, _path: &str, _output: &Tensor<D>) {}
}

impl Watch for Outputs {
    fn see<const D: usize>(&mut self, path: &str, output: &Tensor<D>) {
        self.record(path, output);
    }
}

/// The vectors of a weight that lie over the grid, one after another.
///
/// # Errors
///
/// If the weight has none.
pub fn rows(values: &[f32], layout: &WeightLayout, grid: Grid) -> Result<FirstLayer, InitError> {
    let along = if grid.is_kernel {
        Along::Kernel
    } else {
        Along::Inputs
    };
    let vectors = layout.vectors(along)?;
    let row = |j| (0..vectors.len()).map(move |i| values[vectors.index(j, i)]);
    let weights = (0..vectors.count()).flat_map(row).collect();
    Ok(FirstLayer { weights, grid })
}
