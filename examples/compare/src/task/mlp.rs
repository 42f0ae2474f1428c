//! Fully connected layers with relu.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use burn_init::WeightLayout;

use super::Form;
use super::net::{Net, Watch};
use crate::error::Error;
use crate::init::Grid;

/// features → width relu → … → classes.
#[derive(Module, Debug)]
pub struct Mlp {
    hidden: Vec<Linear>,
    output: Linear,
}

impl Net for Mlp {
    const FIRST: &'static str = "hidden.0.weight";

    fn new(form: Form, depth: usize, width: usize, device: &Device) -> Self {
        let inputs = |layer| if layer == 0 { form.features() } else { width };
        let layer = |layer| LinearConfig::new(inputs(layer), width).init(device);
        Self {
            hidden: (0..depth).map(layer).collect(),
            output: LinearConfig::new(inputs(depth), form.classes).init(device),
        }
    }

    fn grid(form: Form) -> Grid {
        Grid {
            shape: form.shape.to_vec(),
            is_kernel: false,
        }
    }

    fn forward<W: Watch>(&self, mut x: Tensor<2>, watch: &mut W) -> Tensor<2> {
        for (i, layer) in self.hidden.iter().enumerate() {
            let y = layer.forward(x);
            watch.see(&format!("hidden.{i}.weight"), &y);
            x = relu(y);
        }
        let y = self.output.forward(x);
        watch.see("output.weight", &y);
        y
    }

    fn first_weight(&self) -> Result<(Vec<f32>, WeightLayout), Error> {
        let weight = self.hidden[0].weight.val();
        let layout = WeightLayout::linear(weight.dims());
        Ok((weight.try_into_vec_as()?, layout))
    }
}
