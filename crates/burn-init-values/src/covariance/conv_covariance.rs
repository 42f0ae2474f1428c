//! Kernels with the covariance of trained ones.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::jacobi::left_singular_vectors;
use crate::dense::fans;
use crate::draw::normal::{LARGEST_NORMAL, fill_normal};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::key::Key;
use crate::weight::{Along, WeightLayout};

const NAME: &str = "ConvCovariance";

/// The most places of a kernel: the root of a larger covariance takes long to make.
const MOST_PLACES: usize = 1024;

/// Which variances of the bell have numbers that f64 holds.
const VARIANCES: std::ops::RangeInclusive<f64> = 0.01..=1e6;

/// Each kernel is normal with a covariance that looks like that of trained depthwise kernels, after
/// Trockman, Willmott and Kolter (2022, "Understanding the Covariance Structure of Convolutional
/// Filters").
///
/// With the bell z(x) = exp(−|x − c|²/2σ) around the kernel's middle c, of variance σ in squared
/// steps, the covariance of the places x and y is the part of
///
/// Σ(x, y) = v · z(x) z(y) (k(x, y) − (z(x) + z(y))/4), k(x, y) = exp(−|x − y|²/2σ)
///
/// that has no negative eigenvalues; those that Σ has are tiny, for 9×9 places and σ = 0.6 below
/// 10⁻⁶ v. In the paper's terms, k is the dynamic component, a bell that moves with the place; z is the static
/// one, half of which is taken away, and which masks rows and columns; the mean with the transpose
/// makes it symmetric. The variance σ grows with the depth d of the layer, from 0 for the first to
/// 1 for the last: σ(d) = σ₀ + v_σ d + a_σ d²/2 ([`at_depth`](Self::at_depth)).
///
/// Two things are set here, and not taken from the authors' code: bells don't wrap around at the
/// kernel's edges, and v is such that the mean variance of the places is gain²/fan_in. The paper
/// has square kernels of odd width; here, kernels have any number of axes, and the middle of an
/// even one lies between its points. The root of the covariance is made at the first draw, in about
/// 30 n³ operations for n places: for 9×9 places in a few milliseconds, for 31×31 in a few seconds.
///
/// ```
/// use burn_init_values::{ConvCovariance, Initializer, Seed, WeightLayout};
///
/// // The third of five depthwise layers.
/// let init = ConvCovariance::at_depth(2.0 / 4.0, 0.5, 0.5, 3.0);
/// assert_eq!(init.variance, 1.125);
/// let layout = WeightLayout::conv([64, 1, 9, 9])?.groups(64)?;
/// let w = init.draw(&layout, Seed::new(1).key("blocks.2.conv.weight"))?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the variance isn't between 0.01 and 10⁶, or if the weight has no kernel, or one of more than
/// 1024 places.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConvCovariance {
    /// σ, the variance of the bells, in squared steps of the kernel.
    pub variance: f64,
    /// What the standard deviation is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl ConvCovariance {
    /// Bells of this variance, σ, in squared steps of the kernel.
    pub const fn new(variance: f64) -> Self {
        Self {
            variance,
            gain: 1.0,
        }
    }

    /// σ(d) = σ₀ + v_σ d + a_σ d²/2, for a depth d from 0 to 1.
    pub const fn at_depth(depth: f64, start: f64, velocity: f64, acceleration: f64) -> Self {
        Self::new(start + velocity * depth + 0.5 * acceleration * depth * depth)
    }

    /// Multiplies the standard deviation: by a number, or by what an activation asks for.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

/// A, row by row, with AAᵀ = Σ, and a mean variance of std².
fn root(kernel: &[usize], variance: f64, std: f64) -> Vec<f64> {
    let n: usize = kernel.iter().product();
    let place = |mut index: usize| -> Vec<f64> {
        let mut place = vec![0.0; kernel.len()];
        for (place, n) in place.iter_mut().zip(kernel).rev() {
            *place = (index % n) as f64 - 0.5 * (n - 1) as f64;
            index /= n;
        }
        place
    };
    let places: Vec<Vec<f64>> = (0..n).map(place).collect();
    let bell = |x: &[f64], y: &[f64]| {
        let pairs = x.iter().zip(y);
        let square = pairs.fold(0.0, |sum, (x, y)| sum + (x - y) * (x - y));
        libm::exp(-0.5 * square / variance)
    };
    let middle = vec![0.0; kernel.len()];
    let z: Vec<f64> = places.iter().map(|x| bell(x, &middle)).collect();
    let mut sigma = Vec::with_capacity(n * n);
    for x in 0..n {
        for y in 0..n {
            let dynamic = bell(&places[x], &places[y]);
            sigma.push(z[x] * z[y] * (dynamic - 0.25 * (z[x] + z[y])));
        }
    }
    // With its norm added to the diagonal, Σ has no negative eigenvalues: its singular vectors are its
    // eigenvectors then.
    let norm = sigma.iter().fold(0.0, |sum, s| sum + s * s).sqrt();
    (0..n).for_each(|i| sigma[i * n + i] += norm);
    let (vectors, values) = left_singular_vectors(sigma, n);
    let eigenvalues: Vec<f64> = values.iter().map(|value| (value - norm).max(0.0)).collect();
    let trace = eigenvalues.iter().fold(0.0, |sum, value| sum + value);
    let scale = std * (n as f64 / trace).sqrt();
    let entry = |index: usize| {
        let (x, k) = (index / n, index % n);
        scale * eigenvalues[k].sqrt() * vectors[k * n + x]
    };
    (0..n * n).map(entry).collect()
}

impl fmt::Display for ConvCovariance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variance, gain } = self;
        write!(f, "covariance of kernels, variance {variance}, gain {gain}")
    }
}

impl Initializer for ConvCovariance {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        if !VARIANCES.contains(&self.variance) {
            let expected = "from 0.01 to 1000000, in squared steps of the kernel";
            return Err(InitError::setting(
                NAME,
                "variance",
                self.variance,
                expected,
            ));
        }
        finite(NAME, "gain", self.gain)?;
        let vectors = weight.vectors(Along::Kernel)?;
        let n = vectors.len();
        if vectors.count() > 0 && n > MOST_PLACES {
            let problem = format!("{NAME} needs kernels of at most {MOST_PLACES} places, not {n}");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let std = self.gain.abs() / fans(NAME, weight)?.0.sqrt();
        // All noise and all variance at one place.
        let largest = LARGEST_NORMAL * std * n as f64;
        finite(NAME, "gain", largest)?;
        let (kernel, variance) = (weight.kernel().to_vec(), self.variance);
        let made = OnceLock::new();
        let sample = move |key: Key, j: usize, w: &mut [f32]| {
            let root = made.get_or_init(|| root(&kernel, variance, std));
            let mut noise = vec![0.0; n];
            fill_normal(key, (j * n) as u64, &mut noise, 0.0, 1.0);
            for (w, row) in w.iter_mut().zip(root.chunks(n)) {
                let pairs = row.iter().zip(&noise);
                *w = pairs.fold(0.0, |sum, (a, z)| sum + a * f64::from(*z)) as f32;
            }
        };
        Ok(Fitted::vectors(weight, vectors, sample)?
            .up_to(largest)
            .expecting(Expected::centred(std)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P = AAᵀ is Σ without its negative eigenvalues, times a number c: P and P − cΣ have none, and
    /// their product is 0.
    #[test]
    fn the_nearest_covariance() {
        let mut negative = Vec::new();
        for (kernel, variance) in [
            ([3, 3], 0.3),
            ([5, 4], 1.0),
            ([9, 9], 0.3),
            ([9, 9], 0.6),
            ([7, 7], 3.0),
            ([1, 6], 30.0),
        ] {
            let n: usize = kernel.iter().product();
            let a = root(&kernel, variance, 2.0);
            let row = |x: usize| &a[x * n..][..n];
            let product =
                |x: usize, y: usize| -> f64 { row(x).iter().zip(row(y)).map(|(a, b)| a * b).sum() };
            let p: Vec<f64> = (0..n * n).map(|i| product(i / n, i % n)).collect();
            let trace: f64 = (0..n).map(|i| p[i * n + i]).sum();
            assert!((trace - 4.0 * n as f64).abs() < 1e-9, "{trace}");

            let at = |i: usize| {
                let middle = |n: usize| 0.5 * (n as f64 - 1.0);
                let (a, b) = ((i / kernel[1]) as f64, (i % kernel[1]) as f64);
                (a - middle(kernel[0]), b - middle(kernel[1]))
            };
            let bell = |a: f64, b: f64| (-(a * a + b * b) / (2.0 * variance)).exp();
            let entry = |i: usize| {
                let ((a, b), (c, d)) = (at(i / n), at(i % n));
                let (z, zz) = (bell(a, b), bell(c, d));
                z * zz * (bell(a - c, b - d) - 0.25 * z - 0.25 * zz)
            };
            let sigma: Vec<f64> = (0..n * n).map(entry).collect();
            // tr P(P − cΣ) = 0.
            let inner = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            let c = inner(&p, &p) / inner(&p, &sigma);
            let rest: Vec<f64> = p.iter().zip(&sigma).map(|(p, s)| p - c * s).collect();
            for x in 0..n {
                for y in 0..n {
                    let product: f64 = (0..n).map(|k| p[x * n + k] * rest[k * n + y]).sum();
                    assert!(product.abs() < 1e-8 * trace, "{kernel:?}: {product}");
                }
            }
            // No negative eigenvalues: the singular values are the eigenvalues, whose sum is the trace.
            let (_, values) = left_singular_vectors(rest.clone(), n);
            let (sum, trace): (f64, f64) =
                (values.iter().sum(), (0..n).map(|i| rest[i * n + i]).sum());
            assert!((sum - trace).abs() < 1e-8, "{kernel:?}: {sum} {trace}");
            negative.push(sum / c);
        }
        let expected = |i: usize, share: f64| (share > 1e-8) == (i == 2 || i == 3);
        let all = negative.iter().enumerate();
        assert!(
            all.into_iter().all(|(i, share)| expected(i, *share)),
            "{negative:?}"
        );
    }
}
