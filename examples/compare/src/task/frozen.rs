//! A layer with relu that isn't trained, and a linear support vector machine on its features.

use burn_init::{Initializer, Seed, WeightLayout};

use super::data::{Data, Examples};
use super::net::rows;
use super::svm::Svm;
use super::train::Trained;
use super::{FirstLayer, Form, Task, probes};
use crate::error::Error;
use crate::init::Grid;
use crate::run::{Run, Score};

/// The weights of the frozen layer.
///
/// # Errors
///
/// [`Error::Init`] where the initializer doesn't fit.
pub fn first_layer(run: &Run, form: Form) -> Result<FirstLayer, Error> {
    let grid = Grid {
        shape: form.shape.to_vec(),
        is_kernel: false,
    };
    let layout = WeightLayout::linear_col([run.cell.width, form.features()]);
    let key = Seed::new(run.seed).key("hidden.weight");
    let weights = run.init.first_layer(&grid)?.draw(&layout, key)?;
    Ok(rows(&weights, &layout, grid)?)
}

/// Reads the features of a frozen layer. There is a single score.
///
/// # Errors
///
/// As [`first_layer`].
pub fn run(run: &Run, form: Form, data: &Data) -> Result<Trained, Error> {
    let first = first_layer(run, form)?;
    let width = run.cell.width;
    let mut train = features(&first.weights, &data.train, form.features());
    let mut test = features(&first.weights, &data.test, form.features());
    standardize(&mut train, &mut test, width);
    let svm = Svm::fit(&train, width, &data.train.labels, form.classes, run.seed);
    let right = test.chunks(width).zip(&data.test.labels);
    let right = right
        .filter(|(x, label)| svm.classify(x) == **label)
        .count();
    let score = Score {
        accuracy: (right as f64 / data.test.count() as f64) as f32,
        loss: None,
    };
    let autocorrelation = probes::autocorrelation(&first);
    let probes = vec![(Task::AUTOCORRELATION.to_owned(), autocorrelation)];
    Ok((vec![score], probes))
}

/// relu(Wx) of each example, a row for each.
fn features(weights: &[f32], examples: &Examples, inputs: usize) -> Vec<f32> {
    let neurons = weights.len() / inputs;
    let mut features = Vec::with_capacity(examples.count() * neurons);
    for x in examples.inputs.chunks(inputs) {
        for w in weights.chunks(inputs) {
            features.push(dot(w, x).max(0.0));
        }
    }
    features
}

/// Sums of eight places at a time, which the compiler turns into vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0f32; 8];
    for (a, b) in a.0.iter().zip(b.0) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a.1.iter().zip(b.1).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Shifts and scales each feature to mean 0 and variance 1 on the training examples, so that what is read
/// doesn't depend on the scale of the weights. A feature that is always the same becomes 0.
fn standardize(train: &mut [f32], test: &mut [f32], width: usize) {
    let n = (train.len() / width) as f64;
    let mut means = vec![0.0; width];
    let mut variances = vec![0.0; width];
    let add = |sums: &mut Vec<f64>, term: &dyn Fn(usize, f64) -> f64| {
        for row in train.chunks(width) {
            for (j, x) in row.iter().enumerate() {
                sums[j] += term(j, f64::from(*x)) / n;
            }
        }
    };
    add(&mut means, &|_, x| x);
    add(&mut variances, &|j, x| (x - means[j]).powi(2));
    for row in train.chunks_mut(width).chain(test.chunks_mut(width)) {
        for ((x, mean), variance) in row.iter_mut().zip(&means).zip(&variances) {
            let scale = if *variance > 0.0 {
                variance.sqrt().recip()
            } else {
                0.0
            };
            *x = ((f64::from(*x) - mean) * scale) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_relu_of_the_product() {
        let weights: Vec<f32> = (0..20).map(|i| i as f32 - 9.5).collect();
        let inputs = vec![1.0; 10];
        let examples = Examples {
            inputs,
            labels: vec![0],
        };
        assert_eq!(features(&weights, &examples, 10), [0.0, 50.0]);
    }

    #[test]
    fn features_get_mean_0_and_variance_1() {
        let mut train = vec![1.0, 7.0, 3.0, 7.0, 5.0, 7.0];
        let mut test = vec![3.0, 8.0];
        standardize(&mut train, &mut test, 2);
        let one = 1.5f32.sqrt();
        for (x, expected) in train.iter().zip([-one, 0.0, 0.0, 0.0, one, 0.0]) {
            assert!((x - expected).abs() < 1e-6);
        }
        assert_eq!(test, [0.0, 0.0]);
    }
}
