//! The loss as a function of the parameters: gradients of classes, and curvature.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};
use burn_init_values::InitError;
use burn_init_values::{Initializer, Normal, Seed};
use serde::Serialize;

use super::Step;

/// The gradients of a loss.
///
/// # Errors
///
/// If it depends on no parameter.
pub(super) fn gradients(loss: &Tensor<1>) -> Result<Gradients, InitError> {
    if loss.is_tracked() {
        return Ok(loss.backward());
    }
    let problem = "Probe: the loss depends on no parameter that has gradients: is the model frozen, or the loss detached?";
    Err(InitError::Unsupported(problem.to_owned()))
}

/// The gradient of all parameters, by path.
type Flat = HashMap<String, Vec<f64>>;

fn dot(a: &Flat, b: &Flat) -> f64 {
    let product = |(path, a): (&String, &Vec<f64>)| {
        let b = b.get(path);
        b.map_or(0.0, |b| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>())
    };
    // In an order of its own, so that sums are the same each time.
    let mut products: Vec<(&String, f64)> = a
        .iter()
        .map(|(path, values)| (path, product((path, values))))
        .collect();
    products.sort_by_key(|(path, _)| *path);
    products.into_iter().map(|(_, product)| product).sum()
}

/// Reads the gradient of each parameter.
struct Read<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    read: Flat,
}

impl ModuleVisitor for Read<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let values = gradient.into_data().iter::<f64>().collect();
            self.read.insert(self.path.join("."), values);
        }
    }
}

fn flat<M: Module>(model: &M, loss: &Tensor<1>) -> Result<Flat, InitError> {
    let gradients = gradients(loss)?;
    let mut read = Read {
        gradients: &gradients,
        path: Vec::new(),
        read: Flat::new(),
    };
    model.visit(&mut read);
    Ok(read.read)
}

/// How much the gradients of classes contradict each other (Sankararaman 2020): the cosines between the gradients of each
/// class's loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Confusion {
    /// For each class its cosines with all classes; NaN where a class's gradient is zero.
    pub cosines: Vec<Vec<f64>>,
}

impl Confusion {
    /// Measures it: `loss` gives the loss of the examples of one class, of the model as in training.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, prelude::*};
    /// use burn_init::{InitWeights, VarianceScaling, probe::Confusion};
    ///
    /// let device = Device::flex();
    /// let layer = LinearConfig::new(4, 3).init(&device).init_weights(&VarianceScaling::he_normal(), 1)?;
    /// let x = Tensor::<2>::ones([5, 4], &device);
    /// let confusion = Confusion::of(&layer, 3, |layer, class| {
    ///     layer.forward(x.clone()).slice([0..5, class..class + 1]).square().mean()
    /// })?;
    /// // Each class has weights of its own.
    /// assert_eq!(confusion.lowest(), 0.0);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a loss depends on no parameter.
    pub fn of<M: Module>(
        model: &M,
        classes: usize,
        mut loss: impl FnMut(&M, usize) -> Tensor<1>,
    ) -> Result<Self, InitError> {
        let mut all = Vec::with_capacity(classes);
        for class in 0..classes {
            let model = model.valid().train();
            all.push(flat(&model, &loss(&model, class))?);
        }
        let norms: Vec<f64> = all.iter().map(|g| dot(g, g).sqrt()).collect();
        let cosine = |i: usize, j: usize| dot(&all[i], &all[j]) / (norms[i] * norms[j]);
        let row = |i: usize| (0..classes).map(|j| cosine(i, j)).collect();
        Ok(Self {
            cosines: (0..classes).map(row).collect(),
        })
    }

    /// The lowest cosine between two classes: a step for one is a step back for the other by so much. Training is quick
    /// where it isn't far below 0. NaN for a single class.
    pub fn lowest(&self) -> f64 {
        let pairs = self.cosines.iter().enumerate();
        let others = pairs.flat_map(|(i, row)| row.iter().skip(i + 1));
        others.copied().fold(f64::NAN, f64::min)
    }
}

/// The largest eigenvalue of the loss's Hessian: gradient descent with a step above 2/λ is unstable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sharpness {
    /// The eigenvalue of largest size; negative where the loss curves downwards most.
    pub eigenvalue: f64,
    /// How far the last two steps differ, relative to it.
    pub error: f64,
    /// The products with the Hessian that it took.
    pub steps: usize,
}

impl Sharpness {
    /// Measures it by power iteration. Products with the Hessian are differences of gradients on both sides; `loss` has
    /// to give the same each time, so it may not draw numbers (dropout). `progress` is told of each step.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, prelude::*};
    /// use burn_init::{InitWeights, VarianceScaling, probe::Sharpness};
    ///
    /// let device = Device::flex();
    /// let layer = LinearConfig::new(2, 1).with_bias(false).init(&device);
    /// let layer = layer.init_weights(&VarianceScaling::he_normal(), 1)?;
    /// // Of (3w₁)² + w₂², the Hessian is diag(18, 2).
    /// let scale = Tensor::<2>::from_floats([[3.0], [1.0]], &device);
    /// let sharpness = Sharpness::of(&layer, 50, |layer| (layer.weight.val() * scale.clone()).square().sum(), |_| {})?;
    /// assert!((sharpness.eigenvalue - 18.0).abs() < 0.01);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the loss depends on no parameter, or there are no steps.
    pub fn of<M: Module>(
        model: &M,
        most_steps: usize,
        mut loss: impl FnMut(&M) -> Tensor<1>,
        mut progress: impl FnMut(Step),
    ) -> Result<Self, InitError> {
        if most_steps == 0 {
            return Err(InitError::setting(
                "Sharpness",
                "most_steps",
                0,
                "at least 1",
            ));
        }
        let mut gradient = |model: &M| -> Result<Flat, InitError> {
            let model = model.valid().train();
            flat(&model, &loss(&model))
        };
        let weights = size(model);
        // A direction for all parameters that have gradients.
        let mut direction = gradient(model)?;
        for (path, values) in &mut direction {
            let normal =
                Normal::new(0.0, 1.0).draw(&[values.len()].into(), Seed::new(0).key(path))?;
            *values = normal.into_iter().map(f64::from).collect();
        }
        let mut sharpness = Self {
            eigenvalue: 0.0,
            error: f64::INFINITY,
            steps: 0,
        };
        while sharpness.steps < most_steps && sharpness.error > 1e-4 {
            let norm = dot(&direction, &direction).sqrt();
            if norm == 0.0 {
                sharpness.error = 0.0;
                break;
            }
            direction.values_mut().flatten().for_each(|x| *x /= norm);
            // Gradients are f32: a difference of about the cube root of their precision, of the weights' size.
            let step = 5e-3 * weights.max(1e-3);
            let ahead = gradient(&moved(model.clone(), &direction, step))?;
            let behind = gradient(&moved(model.clone(), &direction, -step))?;
            let mut product = ahead;
            for (path, values) in &mut product {
                let behind = behind.get(path).map_or(&[][..], Vec::as_slice);
                values
                    .iter_mut()
                    .zip(behind)
                    .for_each(|(a, b)| *a = (*a - b) / (2.0 * step));
            }
            let eigenvalue = dot(&direction, &product);
            sharpness.error = ((eigenvalue - sharpness.eigenvalue) / eigenvalue).abs();
            sharpness.eigenvalue = eigenvalue;
            sharpness.steps += 1;
            progress(Step {
                done: sharpness.steps,
                of: most_steps,
            });
            direction = product;
        }
        Ok(sharpness)
    }

    /// The largest stable step of gradient descent, 2/λ; infinite where nothing curves upwards.
    pub fn largest_stable_step(&self) -> f64 {
        match self.eigenvalue > 0.0 {
            true => 2.0 / self.eigenvalue,
            false => f64::INFINITY,
        }
    }
}

/// The norm of all parameters.
fn size<M: Module>(model: &M) -> f64 {
    let values = super::values::values(model);
    let mut squares: Vec<f64> = values
        .into_values()
        .map(|v| v.iter().map(|x| f64::from(*x).powi(2)).sum())
        .collect();
    squares.sort_by(f64::total_cmp);
    squares.into_iter().sum::<f64>().sqrt()
}

/// The model, moved along a direction.
fn moved<M: Module>(model: M, direction: &Flat, by: f64) -> M {
    model.map(&mut Move {
        direction,
        by,
        path: Vec::new(),
    })
}

struct Move<'a> {
    direction: &'a Flat,
    by: f64,
    path: Vec<String>,
}

impl ModuleMapper for Move<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(direction) = self.direction.get(&self.path.join(".")) else {
            return param;
        };
        let by = self.by;
        param.map(|base| {
            let grad = base.is_require_grad();
            let (device, dtype) = (base.device(), base.dtype());
            let data = TensorData::new(direction.clone(), base.shape()).convert_dtype(dtype);
            let moved = (base.detach() + Tensor::from_data(data, (&device, dtype)) * by).detach();
            if grad { moved.require_grad() } else { moved }
        })
    }
}
