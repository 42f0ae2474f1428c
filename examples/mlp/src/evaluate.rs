//! Loss and accuracy of a model over a whole split.

use burn::tensor::Device;

use crate::batch::DigitBatch;
use crate::digits::Digit;
use crate::error::Error;
use crate::model::Mlp;

/// How well a model does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean cross entropy.
    pub loss: f64,
    /// The share of digits that are read right, 0 to 1.
    pub accuracy: f64,
}

/// Scores a model over all digits at once: a batch of 1,437 × 100 is small.
///
/// # Errors
///
/// [`Error::Diverged`] where the loss isn't a number any more, [`Error::Device`] where the device fails.
pub fn evaluate(model: &Mlp, digits: &[Digit], device: &Device) -> Result<Score, Error> {
    let output = model.classify(DigitBatch::new(digits, device));
    let read = output.output.argmax(1).reshape([digits.len()]);
    let right: f64 = read.equal(output.targets).int().sum().try_into_scalar()?;
    let loss: f64 = output.loss.try_into_scalar()?;
    if !loss.is_finite() {
        return Err(Error::Diverged);
    }
    Ok(Score {
        loss,
        accuracy: right / digits.len() as f64,
    })
}
