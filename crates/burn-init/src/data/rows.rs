//! Tensors as rows of numbers, on the host.

use burn::tensor::Tensor;

/// What stands at a layer's input or output: a row for each sample, or each place of one.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// Numbers in a row: features, or channels.
    pub features: usize,
    /// Row after row.
    pub values: Vec<f32>,
}

impl Rows {
    /// Of a tensor, whose features are this axis.
    pub fn of<const D: usize>(tensor: Tensor<D>, axis: usize) -> Self {
        let tensor = tensor.without_autodiff();
        let features = tensor.dims()[axis];
        let rows = tensor.swap_dims(axis, D - 1);
        let values = rows.into_data().iter::<f32>().collect();
        Self { features, values }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// Row by row.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.features.max(1))
    }

    /// At most so many rows, evenly spread.
    pub fn thinned(&self, most: usize) -> Self {
        let step = self.len().div_ceil(most).max(1);
        let values = self.iter().step_by(step).flatten().copied().collect();
        Self {
            features: self.features,
            values,
        }
    }

    /// The mean of f(x) over all numbers; NaN where there are none.
    pub fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        let sum: f64 = self.values.iter().map(|x| f(f64::from(*x))).sum();
        sum / self.values.len() as f64
    }

    /// The same divided by its root mean square, and that: so squares in f32 neither overflow nor vanish.
    pub fn scaled(&self) -> (Self, f64) {
        let scale = self.mean_of(|x| x * x).sqrt();
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let by = |x: &f32| (f64::from(*x) / scale) as f32;
        let scaled = Self {
            features: self.features,
            values: self.values.iter().map(by).collect(),
        };
        (scaled, scale)
    }

    /// The mean of each feature.
    pub fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.features];
        for row in self.iter() {
            for (mean, x) in means.iter_mut().zip(row) {
                *mean += f64::from(*x);
            }
        }
        let n = self.len() as f64;
        means.iter_mut().for_each(|mean| *mean /= n);
        means
    }

    /// The same without the mean of each feature.
    pub fn centred(&self) -> Self {
        let means = self.means();
        let values = self
            .iter()
            .flat_map(|row| {
                row.iter()
                    .zip(&means)
                    .map(|(x, mean)| (f64::from(*x) - mean) as f32)
            })
            .collect();
        Self {
            features: self.features,
            values,
        }
    }
}
