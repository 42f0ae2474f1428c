//! Convolutions over signals.

use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig1d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use burn_init::WeightLayout;

use super::Form;
use super::net::{Net, Watch};
use crate::error::Error;
use crate::init::Grid;

/// The length of a kernel of the first layer.
const KERNEL: usize = 32;
/// Samples from one place of the first layer to the next.
const STRIDE: usize = 4;
/// The length of the other layers' kernels.
const LATER_KERNEL: usize = 5;

/// Convolutions with relu; the mean over all places; a linear layer.
#[derive(Module, Debug)]
pub struct ConvSignal {
    convolutions: Vec<Conv1d>,
    output: Linear,
}

impl Net for ConvSignal {
    const FIRST: &'static str = "convolutions.0.weight";

    fn new(form: Form, depth: usize, width: usize, device: &Device) -> Self {
        let convolution = |layer| match layer {
            0 => Conv1dConfig::new(1, width, KERNEL)
                .with_stride(STRIDE)
                .init(device),
            _ => Conv1dConfig::new(width, width, LATER_KERNEL)
                .with_padding(PaddingConfig1d::Same)
                .init(device),
        };
        Self {
            convolutions: (0..depth).map(convolution).collect(),
            output: LinearConfig::new(width, form.classes).init(device),
        }
    }

    fn grid(_form: Form) -> Grid {
        Grid {
            shape: vec![KERNEL],
            is_kernel: true,
        }
    }

    fn forward<W: Watch>(&self, x: Tensor<2>, watch: &mut W) -> Tensor<2> {
        let [batch, samples] = x.dims();
        let mut x = x.reshape([batch, 1, samples]);
        for (i, layer) in self.convolutions.iter().enumerate() {
            let y = layer.forward(x);
            watch.see(&format!("convolutions.{i}.weight"), &y);
            x = relu(y);
        }
        let y = self.output.forward(x.mean_dim(2).flatten(1, 2));
        watch.see("output.weight", &y);
        y
    }

    fn first_weight(&self) -> Result<(Vec<f32>, WeightLayout), Error> {
        let weight = self.convolutions[0].weight.val();
        let layout = WeightLayout::conv(weight.dims())?;
        Ok((weight.try_into_vec_as()?, layout))
    }
}
