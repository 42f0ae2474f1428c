//! How a model's output changes with its input.

use burn::tensor::{Tensor, TensorData};
use burn_init_values::InitError;
use burn_init_values::{Initializer, Normal, Seed};
use serde::Serialize;

use super::Step;

/// The singular values of the Jacobian of a model's output by its input, at one input: near 1, signals and gradients pass
/// unchanged (dynamical isometry, Saxe 2014, Pennington 2017).
///
/// Of L square layers without activations, N(0, 1/n) gives a largest square of
/// [(L + 1)^(L + 1) / L^L](super::law::product_edge), and orthogonal layers give 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Jacobian {
    /// From the largest on: all, or some of the largest.
    pub singular_values: Vec<f64>,
}

impl Jacobian {
    /// All singular values. The input is repeated for each output, and one backward pass gives a row of the Jacobian
    /// for each; so the model has to treat the rows of a batch by themselves.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, prelude::*};
    /// use burn_init::{InitWeights, Orthogonal, probe::Jacobian};
    ///
    /// let device = Device::flex();
    /// let layer = LinearConfig::new(16, 16).init(&device).init_weights(&Orthogonal::new(), 1)?;
    /// let x = Tensor::<1>::ones([16], &device);
    /// let jacobian = Jacobian::of(x, |x| layer.forward(x))?;
    /// assert!(jacobian.singular_values.iter().all(|s| (s - 1.0).abs() < 1e-5));
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Shapes
    ///
    /// An input `[inputs]`; the function gets `[rows, inputs]` and gives `[rows, outputs]`.
    ///
    /// # Errors
    ///
    /// If the output has another number of rows, or doesn't depend on the input.
    pub fn of(
        input: Tensor<1>,
        mut run: impl FnMut(Tensor<2>) -> Tensor<2>,
    ) -> Result<Self, InitError> {
        let run = &mut run;
        let [outputs] = outputs_of(&input, run)?;
        let rows = gradient(&input, outputs, run, |y| {
            // Row k is asked for output k.
            let eye = Tensor::<2>::eye(outputs, &y.device().without_autodiff());
            (y * eye).sum()
        })?;
        let inputs = input.dims()[0];
        let rows = faer::MatRef::from_row_major_slice(&rows, outputs, inputs);
        let values = rows.singular_values().unwrap_or_default();
        Ok(Self {
            singular_values: values,
        })
    }

    /// The largest singular values of a large Jacobian, by Golub, Kahan and Lanczos's bidiagonalization of so many steps:
    /// the first few are exact to some digits with three times as many steps. Products with the Jacobian are differences
    /// of outputs on both sides of the input. `progress` is told of each step.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of); and if there are no steps.
    pub fn largest(
        input: Tensor<1>,
        steps: usize,
        mut run: impl FnMut(Tensor<2>) -> Tensor<2>,
        mut progress: impl FnMut(Step),
    ) -> Result<Self, InitError> {
        if steps == 0 {
            return Err(InitError::setting("Jacobian", "steps", 0, "at least 1"));
        }
        let run = &mut run;
        let [outputs] = outputs_of(&input, run)?;
        let inputs = input.dims()[0];
        let device = input.device().without_autodiff();
        let input = input.without_autodiff();
        let size: f64 = input.clone().square().sum().sqrt().into_scalar::<f64>();
        let row = |values: &[f64]| -> Tensor<2> {
            let data = TensorData::new(values.to_vec(), [1, values.len()]);
            Tensor::from_data(data.convert_dtype(input.dtype()), (&device, input.dtype()))
        };
        let steps = steps.min(inputs).min(outputs);
        let mut v = Normal::new(0.0, 1.0).draw(&[inputs].into(), Seed::new(0).key("jacobian"))?;
        let mut right: Vec<Vec<f64>> = vec![unit(v.drain(..).map(f64::from).collect()).0];
        let mut left: Vec<Vec<f64>> = Vec::new();
        let (mut alphas, mut betas) = (Vec::new(), Vec::new());
        for k in 0..steps {
            // u = J v, without what earlier ones have of it.
            let step = 1e-3 * size.max(1.0);
            let at =
                |sign: f64| input.clone().reshape([1, inputs]) + row(&right[k]) * (sign * step);
            let ahead = run(at(1.0)).without_autodiff();
            let difference = (ahead - run(at(-1.0)).without_autodiff()) / (2.0 * step);
            let (u, alpha) = unit(without(
                difference.into_data().iter::<f64>().collect(),
                &left,
            ));
            alphas.push(alpha);
            left.push(u);
            // v' = Jᵀ u, without the earlier ones.
            let weights = row(&left[k]);
            let product = gradient(&input, 1, run, |y| (y * weights).sum())?;
            let (next, beta) = unit(without(product, &right));
            progress(Step {
                done: k + 1,
                of: steps,
            });
            if alpha == 0.0 || beta == 0.0 || k + 1 == steps {
                break;
            }
            betas.push(beta);
            right.push(next);
        }
        let n = alphas.len();
        let bidiagonal = faer::Mat::<f64>::from_fn(n, n, |i, j| match j {
            _ if i == j => alphas[i],
            _ if i + 1 == j => betas.get(i).copied().unwrap_or(0.0),
            _ => 0.0,
        });
        let values = bidiagonal.singular_values().unwrap_or_default();
        Ok(Self {
            singular_values: values,
        })
    }
}

/// The number of outputs.
fn outputs_of(
    input: &Tensor<1>,
    run: &mut impl FnMut(Tensor<2>) -> Tensor<2>,
) -> Result<[usize; 1], InitError> {
    let inputs = input.dims()[0];
    match run(input.clone().without_autodiff().reshape([1, inputs])).dims() {
        [1, outputs] => Ok([outputs]),
        [rows, _] => Err(InitError::Unsupported(format!(
            "Jacobian: of one row, the function gives {rows}; it has to give one for each row"
        ))),
    }
}

/// The gradient of a number that is made of the outputs for so many copies of the input.
fn gradient(
    input: &Tensor<1>,
    copies: usize,
    run: &mut impl FnMut(Tensor<2>) -> Tensor<2>,
    number: impl FnOnce(Tensor<2>) -> Tensor<1>,
) -> Result<Vec<f64>, InitError> {
    let inputs = input.dims()[0];
    let rows = input
        .clone()
        .without_autodiff()
        .reshape([1, inputs])
        .repeat_dim(0, copies);
    let rows = rows.autodiff().require_grad();
    let output = run(rows.clone());
    if output.dims()[0] != copies || !output.is_tracked() {
        let problem = "Jacobian: the output doesn't depend on the input, or hasn't a row for each of its rows";
        return Err(InitError::Unsupported(problem.to_owned()));
    }
    let gradients = number(output).backward();
    let gradient = rows.grad(&gradients);
    Ok(gradient.map_or(vec![0.0; copies * inputs], |g| {
        g.into_data().iter::<f64>().collect()
    }))
}

/// A vector over its norm, and the norm.
fn unit(mut vector: Vec<f64>) -> (Vec<f64>, f64) {
    let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    (vector, norm)
}

/// A vector without its parts along unit vectors, taken away twice (Parlett 1980).
fn without(mut vector: Vec<f64>, others: &[Vec<f64>]) -> Vec<f64> {
    for _ in 0..2 {
        for other in others {
            let part: f64 = vector.iter().zip(other).map(|(x, o)| x * o).sum();
            vector
                .iter_mut()
                .zip(other)
                .for_each(|(x, o)| *x -= part * o);
        }
    }
    vector
}
