//! Convolutions over pictures.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use burn_init::WeightLayout;

use super::Form;
use super::net::{Net, Watch};
use crate::error::Error;
use crate::init::Grid;

/// The side of a kernel.
const KERNEL: usize = 5;

/// 5×5 convolutions with relu; each 2×2 places behind the first give their largest value; then a linear layer.
#[derive(Module, Debug)]
pub struct ConvPictures {
    convolutions: Vec<Conv2d>,
    pool: MaxPool2d,
    output: Linear,
    rows: usize,
    columns: usize,
}

impl Net for ConvPictures {
    const FIRST: &'static str = "convolutions.0.weight";

    fn new(form: Form, depth: usize, width: usize, device: &Device) -> Self {
        let [rows, columns] = *form.shape else {
            unreachable!("a picture has two axes")
        };
        let convolution = |layer| {
            let channels = if layer == 0 { 1 } else { width };
            Conv2dConfig::new([channels, width], [KERNEL; 2])
                .with_padding(PaddingConfig2d::Same)
                .init(device)
        };
        let places = (rows / 2) * (columns / 2);
        Self {
            convolutions: (0..depth).map(convolution).collect(),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            output: LinearConfig::new(width * places, form.classes).init(device),
            rows,
            columns,
        }
    }

    fn grid(_form: Form) -> Grid {
        Grid {
            shape: vec![KERNEL; 2],
            is_kernel: true,
        }
    }

    fn forward<W: Watch>(&self, x: Tensor<2>, watch: &mut W) -> Tensor<2> {
        let [batch, _] = x.dims();
        let mut x = x.reshape([batch, 1, self.rows, self.columns]);
        for (i, layer) in self.convolutions.iter().enumerate() {
            let y = layer.forward(x);
            watch.see(&format!("convolutions.{i}.weight"), &y);
            x = relu(y);
            if i == 0 {
                x = self.pool.forward(x);
            }
        }
        let y = self.output.forward(x.flatten(1, 3));
        watch.see("output.weight", &y);
        y
    }

    fn first_weight(&self) -> Result<(Vec<f32>, WeightLayout), Error> {
        let weight = self.convolutions[0].weight.val();
        let layout = WeightLayout::conv(weight.dims())?;
        Ok((weight.try_into_vec_as()?, layout))
    }
}
