//! A training loop that shows nothing, and lets the caller change the network after each epoch.

use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::Device;
use burn_init::{Seed, draw};

use crate::batch::DigitBatch;
use crate::digits::Digit;
use crate::error::Error;
use crate::model::Mlp;

/// How long, and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// How often each digit is seen.
    pub epochs: usize,
    /// Digits in a step.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// The seed of the order in which the digits are seen.
    pub seed: u64,
}

impl Schedule {
    /// What the example `mlp` does by default.
    pub fn new(seed: u64) -> Self {
        Self {
            epochs: 30,
            batch_size: 32,
            learning_rate: 0.01,
            seed,
        }
    }
}

/// Minimizes the cross entropy by Adam; `after_epoch` gets the number of each epoch, from 0 on, and the network.
///
/// # Errors
///
/// What `after_epoch` reports.
pub fn train(
    mut model: Mlp,
    schedule: Schedule,
    digits: &[Digit],
    device: &Device,
    mut after_epoch: impl FnMut(usize, Mlp) -> Result<Mlp, Error>,
) -> Result<Mlp, Error> {
    let mut adam = AdamConfig::new().init();
    for epoch in 0..schedule.epochs {
        let path = format!("epoch {epoch}");
        let order = draw::permutation(Seed::new(schedule.seed).key(&path), digits.len());
        for batch in order.chunks(schedule.batch_size.max(1)) {
            let batch: Vec<Digit> = batch.iter().map(|i| digits[*i].clone()).collect();
            let loss = model.classify(DigitBatch::new(&batch, device)).loss;
            let grads = GradientsParams::from_grads(loss.backward(), &model);
            model = adam.step(schedule.learning_rate, model, grads);
        }
        model = after_epoch(epoch, model)?;
    }
    Ok(model)
}
