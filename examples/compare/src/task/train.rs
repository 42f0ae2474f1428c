//! The training of a network: Adam on the cross entropy, and scores after each epoch.

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_init::data::LayerFit;
use burn_init::{InitError, Seed, draw};

use super::data::{Data, Examples};
use super::net::{Net, rows};
use super::{FirstLayer, Form, probes};
use crate::error::Error;
use crate::run::{Run, Score};

/// Examples in a step.
const BATCH: usize = 32;

/// Examples that measure a network before training.
const MEASURED: usize = 256;

/// The scores and probes of a run.
pub type Trained = (Vec<Score>, Vec<(String, f32)>);

/// Trains a network.
///
/// # Errors
///
/// [`Error::Init`] where the initializer doesn't fit; [`Error::Device`].
pub fn run<N: Net>(run: &Run, form: Form, data: &Data, rate: f64) -> Result<Trained, Error> {
    let device = Device::flex().autodiff();
    let plain = device.clone().inner();
    let mut model: N = initialized(run, form, &device)?;
    let few: Vec<usize> = (0..data.train.count().min(MEASURED)).collect();
    let few = tensor(&data.train.pick(&few), &plain);
    if run.init.is_fitted() {
        let fit = LayerFit::lsuv().apply(model, |model: &N, outputs| {
            model.forward(few.clone(), outputs);
        })?;
        model = fit.model;
    }
    let (values, layout) = model.first_weight()?;
    let first = rows(&values, &layout, N::grid(form))?;
    let probes = probes::of(&model.valid(), few, &first)?;
    let test = tensor(&data.test, &plain);
    let mut curve = vec![score(&model, test.clone(), &data.test)?];
    let mut adam = AdamConfig::new().init();
    let loss = CrossEntropyLossConfig::new().init(&device);
    for epoch in 0..run.cell.epochs {
        let key = Seed::new(run.seed).key(&format!("epoch {epoch}"));
        for batch in draw::permutation(key, data.train.count()).chunks(BATCH) {
            let batch = data.train.pick(batch);
            let logits = model.forward(tensor(&batch, &device), &mut ());
            let labels: Vec<i32> = batch.labels.iter().copied().map(i32::from).collect();
            let labels = TensorData::new(labels, [batch.count()]);
            let loss = loss.forward(logits, Tensor::<1, Int>::from_data(labels, &device));
            let grads = GradientsParams::from_grads(loss.backward(), &model);
            model = adam.step(rate, model, grads);
        }
        curve.push(score(&model, test.clone(), &data.test)?);
    }
    Ok((curve, probes))
}

/// The first layer's weights before training.
///
/// # Errors
///
/// As [`run`].
pub fn first_layer<N: Net>(run: &Run, form: Form) -> Result<FirstLayer, Error> {
    let model: N = initialized(run, form, &Device::flex())?;
    let (values, layout) = model.first_weight()?;
    Ok(rows(&values, &layout, N::grid(form))?)
}

/// A network with its first values, before any fit to data.
fn initialized<N: Net>(run: &Run, form: Form, device: &Device) -> Result<N, InitError> {
    let model = N::new(form, run.cell.depth, run.cell.width, device);
    let plan = run.init.plan(run.seed, N::FIRST, &N::grid(form))?;
    Ok(plan.apply(model)?.model)
}

/// `[examples, features]`.
fn tensor(examples: &Examples, device: &Device) -> Tensor<2> {
    let features = examples.inputs.len() / examples.count().max(1);
    let inputs = TensorData::new(examples.inputs.clone(), [examples.count(), features]);
    Tensor::from_data(inputs, device)
}

/// Scores a network on all test examples at once.
fn score<N: Net>(model: &N, inputs: Tensor<2>, examples: &Examples) -> Result<Score, Error> {
    let logits = model.valid().forward(inputs, &mut ());
    let [_, classes] = logits.dims();
    let logits: Vec<f32> = logits.try_into_vec_as()?;
    Ok(score_logits(&logits, classes, &examples.labels))
}

/// The score of logits. An example without a largest logit isn't classified right.
fn score_logits(logits: &[f32], classes: usize, labels: &[u8]) -> Score {
    let (mut right, mut loss) = (0, 0.0);
    for (logits, label) in logits.chunks(classes).zip(labels) {
        let own = logits[usize::from(*label)];
        let others = logits
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != usize::from(*label));
        right += usize::from(others.into_iter().all(|(_, other)| *other < own));
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let exp = |x: f32| f64::from(x - largest).exp();
        loss += logits.iter().copied().map(exp).sum::<f64>().ln() - f64::from(own - largest);
    }
    let n = labels.len() as f64;
    let loss = (loss / n) as f32;
    Score {
        accuracy: (right as f64 / n) as f32,
        loss: loss.is_finite().then_some(loss),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `-log_softmax([[1, 2, 3], [1, 0, 0]])` at classes 2 and 1: 0.40760596, 1.55144471.
    #[test]
    fn scores_are_accuracy_and_cross_entropy() {
        let score = score_logits(&[1.0, 2.0, 3.0, 1.0, 0.0, 0.0], 3, &[2, 1]);
        assert_eq!(score.accuracy, 0.5);
        assert!((score.loss.unwrap() - 0.979_525_3).abs() < 1e-6);
        // Far logits don't overflow.
        let score = score_logits(&[1e4, -1e4], 2, &[0]);
        assert_eq!((score.accuracy, score.loss), (1.0, Some(0.0)));
    }

    #[test]
    fn what_is_no_number_or_tied_is_wrong() {
        let score = score_logits(&[f32::NAN, 0.0, 1.0, 1.0], 2, &[0, 0]);
        assert_eq!((score.accuracy, score.loss), (0.0, None));
        let score = score_logits(&[f32::INFINITY, 0.0], 2, &[1]);
        assert_eq!((score.accuracy, score.loss), (0.0, None));
    }
}
