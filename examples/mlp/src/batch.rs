//! Digits as tensors.

use burn::data::dataloader::batcher::Batcher;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::digits::Digit;
use crate::model::INPUTS;

/// Digits on a device.
#[derive(Clone, Debug)]
pub struct DigitBatch {
    /// `[batch, 100]`: the framed pictures.
    pub inputs: Tensor<2>,
    /// `[batch]`: what they show.
    pub targets: Tensor<1, Int>,
}

impl DigitBatch {
    /// Copies digits to a device.
    pub fn new(digits: &[Digit], device: &Device) -> Self {
        let pixels: Vec<f32> = digits.iter().flat_map(|digit| digit.pixels).collect();
        let labels: Vec<i32> = digits.iter().map(|digit| i32::from(digit.label)).collect();
        Self {
            inputs: Tensor::from_data(TensorData::new(pixels, [digits.len(), INPUTS]), device),
            targets: Tensor::from_data(TensorData::new(labels, [digits.len()]), device),
        }
    }
}

/// Makes a [`DigitBatch`] of the digits that a data loader hands it.
#[derive(Clone, Debug)]
pub struct DigitBatcher;

impl Batcher<Digit, DigitBatch> for DigitBatcher {
    fn batch(&self, digits: Vec<Digit>, device: &Device) -> DigitBatch {
        DigitBatch::new(&digits, device)
    }
}
