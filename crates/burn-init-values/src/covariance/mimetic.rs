//! Weights of attention layers whose products look like those of trained ones.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::jacobi::{dot, left_singular_vectors};
use crate::draw::normal::{LARGEST_NORMAL, fill_normal};
use crate::error::{InitError, finite};
use crate::initializer::{FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::{Key, Purpose};
use crate::memory::zeros;
use crate::parallel::for_each_task;
use crate::weight::{Axis, Vectors, WeightLayout};

const NAME: &str = "Mimetic";

/// The largest outer dimension: the singular values of a larger matrix take long to find.
const MOST_OUTER: usize = 2048;

/// Which of an attention layer's weights it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttentionWeight {
    /// W_Q, `d` inputs to `heads · k` outputs: the left half of αZ + βI.
    Query,
    /// W_K, `d` inputs to `heads · k` outputs: the right half of αZ + βI.
    Key,
    /// W_V, `d` inputs to at most `d` outputs: the left half of αZ − βI.
    Value,
    /// W_proj, at most `d` inputs to `d` outputs: the right half of αZ − βI.
    Projection,
}

/// One of two weights of an attention layer that are made together (Trockman and Kolter 2023,
/// "Mimetic initialization of self-attention layers").
///
/// | part | product, of weights `[inputs, outputs]` | defaults |
/// |---|---|---|
/// | [`query`](Self::query), [`key`](Self::key) | W_Q W_Kᵀ ≈ αZ + βI, for each head | α = β = 0.7 |
/// | [`value`](Self::value), [`projection`](Self::projection) | W_V W_proj = αZ − βI | α = β = 0.4 |
///
/// Z has a number from N(0, 1/d) at each place, and is another matrix for each head. With
/// UΣVᵀ = αZ + βI and the k largest singular values, k being the size of a head, W_Q = U√Σ and
/// W_K = V√Σ: their product is the nearest one of rank k. W_V = U√Σ and W_proj = √ΣVᵀ, with as many singular
/// values as the value has outputs: with d outputs, the product is exact.
///
/// What both parts of a pair share is drawn by the seed and the pair's *name*, whatever the paths
/// of their parameters. Each layer needs a name of its own, and so a rule for each of its weights;
/// a rule that matches several weights is an error, since all of these would have the same product.
/// `query` and `value` of a layer may share a name, too.
///
/// The singular values are found by Jacobi's rotations, anew for each of the two weights: about 30
/// d³ operations for each head, which run side by side. With d = 256 that's a tenth of a second a
/// head, with d = 1024 about five seconds.
///
/// ```
/// use burn_init_values::{Initializer, Mimetic, Seed};
///
/// let seed = Seed::new(1);
/// let query = Mimetic::query("block 1", 2).draw(&[8, 8].into(), seed.key("attention.query.weight"))?;
/// let key = Mimetic::key("block 1", 2).draw(&[8, 8].into(), seed.key("attention.key.weight"))?;
/// // The product of the first head, whose outputs are the first four: its diagonal is positive.
/// let head = |w: &[f32], i: usize| w[i * 8..i * 8 + 4].to_vec();
/// let trace: f32 = (0..8)
///     .flat_map(|i| head(&query, i).into_iter().zip(head(&key, i)))
///     .map(|(q, k)| q * k)
///     .sum();
/// assert!(trace > 1.0);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the weight isn't a matrix of inputs and outputs, heads don't divide its outputs, or the inner
/// dimension is larger than the outer one, d, or that larger than 2048.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Mimetic {
    /// Which of the weights it is.
    pub weight: AttentionWeight,
    /// The name that both weights of a pair share.
    pub pair: String,
    /// The number of heads, of a query or key.
    #[serde(default = "one_head")]
    pub heads: usize,
    /// What the random matrix Z is multiplied by.
    pub alpha: f64,
    /// What the identity is multiplied by.
    pub beta: f64,
}

fn one_head() -> usize {
    1
}

impl Mimetic {
    fn new(weight: AttentionWeight, pair: impl Into<String>, heads: usize) -> Self {
        let strength = match weight {
            AttentionWeight::Query | AttentionWeight::Key => 0.7,
            AttentionWeight::Value | AttentionWeight::Projection => 0.4,
        };
        Self {
            weight,
            pair: pair.into(),
            heads,
            alpha: strength,
            beta: strength,
        }
    }

    /// W_Q of the layer with this name, with so many heads.
    pub fn query(pair: impl Into<String>, heads: usize) -> Self {
        Self::new(AttentionWeight::Query, pair, heads)
    }

    /// W_K of the layer with this name, with so many heads.
    pub fn key(pair: impl Into<String>, heads: usize) -> Self {
        Self::new(AttentionWeight::Key, pair, heads)
    }

    /// W_V of the layer with this name.
    pub fn value(pair: impl Into<String>) -> Self {
        Self::new(AttentionWeight::Value, pair, 1)
    }

    /// W_proj of the layer with this name, the weight of its output.
    pub fn projection(pair: impl Into<String>) -> Self {
        Self::new(AttentionWeight::Projection, pair, 1)
    }

    /// What the random matrix is multiplied by: the same for both parts of a pair.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// What the identity is multiplied by: the same for both parts of a pair.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }
}

/// A half of each head's product.
struct Halves {
    shape: Vec<usize>,
    weight: AttentionWeight,
    pair: String,
    /// Heads of a matrix.
    heads: usize,
    vectors: Vectors,
    /// Neurons of a matrix.
    neurons: usize,
    /// The outer dimension.
    d: usize,
    /// The inner dimension of a head.
    k: usize,
    alpha: f64,
    /// Of the identity, with its sign.
    identity: f64,
}

impl Halves {
    /// Writes this half of a head's product: `k` vectors of `d` elements.
    fn write(&self, key: Key, head: usize, out: &mut [f32]) {
        let d = self.d;
        // Z column by column.
        let mut z = vec![0.0; d * d];
        let first = (head as u64).wrapping_mul((d * d) as u64);
        let purpose = match self.weight {
            AttentionWeight::Query | AttentionWeight::Key => Purpose::QueryKey,
            AttentionWeight::Value | AttentionWeight::Projection => Purpose::ValueProjection,
        };
        let key = key.shared(&self.pair).purpose(purpose);
        fill_normal(key, first, &mut z, 0.0, 1.0);
        let scale = self.alpha / (d as f64).sqrt();
        let mut a: Vec<f64> = z.into_iter().map(|z| scale * f64::from(z)).collect();
        (0..d).for_each(|i| a[i * d + i] += self.identity);
        let (u, sigma) = left_singular_vectors(a.clone(), d);
        let left = matches!(self.weight, AttentionWeight::Query | AttentionWeight::Value);
        for (c, out) in out.chunks_mut(d).enumerate() {
            let (u, root) = (&u[c * d..][..d], sigma[c].sqrt());
            if left {
                for (out, u) in out.iter_mut().zip(u) {
                    *out = (root * u) as f32;
                }
            } else if root > 0.0 {
                // v√σ = Aᵀu/√σ.
                for (out, a) in out.iter_mut().zip(a.chunks(d)) {
                    *out = (dot(a, u) / root) as f32;
                }
            }
        }
    }
}

impl FillVectors for Halves {
    fn at_once(&self) -> Option<usize> {
        Some(self.neurons)
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let (matrix, d) = (vectors.start / self.neurons, self.d);
        let of_head = self.k * d;
        // All heads, vector after vector of the inner dimension.
        let mut halves = zeros(&self.shape, self.heads * of_head)?;
        let tasks: Vec<&mut [f32]> = halves.chunks_mut(of_head).collect();
        let work = self.heads.saturating_mul(d * d);
        for_each_task(
            tasks,
            work,
            || (),
            |(), head, out| {
                self.write(key, matrix * self.heads + head, out);
            },
        );
        let halves = Arc::new(halves);
        Ok(Box::new(move || -> Worker<'_> {
            let halves = halves.clone();
            let mut room = vec![0.0; self.vectors.len()];
            Box::new(move |first, tile| {
                for l in 0..tile.count() {
                    let j = (first + l) % self.neurons;
                    tile.change(l, &mut room, |w| match self.weight {
                        // A neuron's inputs are those of the inner dimension.
                        AttentionWeight::Projection => {
                            for (w, half) in w.iter_mut().zip(halves.chunks(d)) {
                                *w = half[j];
                            }
                        }
                        _ => w.copy_from_slice(&halves[j * d..][..d]),
                    });
                }
                Ok(())
            })
        }))
    }
}

impl fmt::Display for Mimetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pair, alpha, beta, ..
        } = self;
        match self.weight {
            AttentionWeight::Query => write!(f, "mimetic query of {pair:?}, {} heads", self.heads)?,
            AttentionWeight::Key => write!(f, "mimetic key of {pair:?}, {} heads", self.heads)?,
            AttentionWeight::Value => write!(f, "mimetic value of {pair:?}")?,
            AttentionWeight::Projection => write!(f, "mimetic projection of {pair:?}")?,
        }
        write!(f, ", alpha {alpha}, beta {beta}")
    }
}

impl Initializer for Mimetic {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let alpha = f64::from(finite(NAME, "alpha", self.alpha)?);
        let beta = f64::from(finite(NAME, "beta", self.beta)?);
        let vectors = weight.neurons()?;
        if weight.has_kernel() || !weight.axes().contains(&Axis::Input) {
            let problem = format!("{NAME} needs a matrix of inputs and outputs");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let (inputs, outputs) = (vectors.len(), vectors.count() / weight.matrices().max(1));
        let (d, inner) = match self.weight {
            AttentionWeight::Projection => (outputs, inputs),
            _ => (inputs, outputs),
        };
        let heads = self.heads;
        let of_heads = matches!(self.weight, AttentionWeight::Query | AttentionWeight::Key);
        if heads == 0 || !inner.is_multiple_of(heads) || (!of_heads && heads != 1) {
            let expected = match of_heads {
                true => format!("a divisor of the {inner} outputs"),
                false => "1 for a value or projection".to_owned(),
            };
            return Err(InitError::setting(NAME, "heads", heads, expected));
        }
        let k = inner / heads;
        if vectors.count() > 0 && k > d {
            let problem =
                format!("the inner dimension of {NAME}, {k}, is larger than the outer one, {d}");
            return Err(InitError::shape(weight.shape(), problem));
        }
        if vectors.count() > 0 && d > MOST_OUTER {
            let problem =
                format!("{NAME} needs an outer dimension of at most {MOST_OUTER}, not {d}");
            return Err(InitError::shape(weight.shape(), problem));
        }
        // The root of the largest singular value, which isn't larger than the root of all squares.
        let side = (d as f64).sqrt();
        let largest = 1.001 * ((LARGEST_NORMAL * alpha.abs() + beta.abs()) * side).sqrt();
        let halves = Halves {
            shape: weight.shape().to_vec(),
            weight: self.weight,
            pair: self.pair.clone(),
            heads,
            vectors,
            neurons: outputs,
            d,
            k,
            alpha,
            identity: if of_heads { beta } else { -beta },
        };
        Ok(Fitted::by_vector(weight, vectors, halves)?.up_to(largest))
    }

    /// Several weights can't share the name of a pair: each would have the same product.
    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        let fit = |weight: &&WeightLayout| match weights.len() {
            1 => self.fit(weight),
            n => Err(InitError::setting(
                NAME,
                "pair",
                format!("{:?} for {n} weights", self.pair),
                "a name of each layer's own, in a rule of its own",
            )),
        };
        weights.iter().map(fit).collect()
    }
}
