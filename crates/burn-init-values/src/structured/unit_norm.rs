//! Vectors of one norm.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::dense::Normal;
use crate::error::{InitError, finite};
use crate::initializer::{
    Expected, FillVectors, Fitted, Initializer, Values, Worker, Workers, fit_all_over,
};
use crate::key::Key;
use crate::memory::{written, zeros};
use crate::weight::{Along, Vectors, WeightLayout};

/// w' = gain · w / ‖w‖ for each vector w of another initializer's: all have the same norm.
///
/// By default a vector is all that comes into a neuron, and the base is N(0, 1/fan_in): neurons are
/// then points of a sphere, uniformly. A vector of zeros stays zero. Where the base is sparse, its
/// zeros are kept, and stay [`pinned`](crate::Sparse::pinned) where they are; the norm is that of
/// the weights between them.
///
/// # Errors
///
/// If the weight has no such vectors, or the gain isn't finite; and what the base refuses.
///
/// ```
/// use burn_init_values::{Initializer, Seed, UnitNorm, WeightLayout};
///
/// let layout = WeightLayout::linear_col([64, 100]);
/// let w = UnitNorm::new().draw(&layout, Seed::new(1).key("fc1.weight"))?;
/// let norm = w[..100].iter().map(|w| w * w).sum::<f32>().sqrt();
/// assert!((norm - 1.0).abs() < 1e-5);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(bound = "B: schemars::JsonSchema + Serialize + From<Normal>")
)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "B: Deserialize<'de> + From<Normal>")
)]
#[non_exhaustive]
pub struct UnitNorm<B = Normal> {
    /// Which weights are a vector.
    #[serde(default)]
    pub along: Along,
    /// The norm of each vector; below 0 it turns them around, too.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
    /// What is drawn first.
    #[serde(default = "default_base")]
    #[cfg_attr(feature = "schema", schemars(default = "default_base::<B>"))]
    pub base: B,
}

fn default_base<B: From<Normal>>() -> B {
    Normal::fan_in().into()
}

impl Default for UnitNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl UnitNorm {
    /// Neurons of norm 1.
    pub fn new() -> Self {
        Self {
            along: Along::default(),
            gain: 1.0,
            base: default_base(),
        }
    }
}

impl<B> UnitNorm<B> {
    /// The vectors whose norm it is: by default the incoming weights of each neuron.
    pub fn along(mut self, along: Along) -> Self {
        self.along = along;
        self
    }

    /// The norm of each vector.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// The initializer whose values are scaled.
    pub fn base<C>(self, base: C) -> UnitNorm<C> {
        self.map_base(|_| base)
    }

    /// The same, with a base that `change` makes of its own.
    pub(crate) fn map_base<C>(self, change: impl FnOnce(B) -> C) -> UnitNorm<C> {
        UnitNorm {
            along: self.along,
            gain: self.gain,
            base: change(self.base),
        }
    }

    /// Fits the scaling of a base that was fitted to the weight.
    fn fit_over(&self, weight: &WeightLayout, base: Fitted) -> Result<Fitted, InitError> {
        finite("UnitNorm", "gain", self.gain)?;
        let vectors = weight.vectors(self.along)?;
        let is_by_vector = base.makes(&vectors);
        let over = OverBase {
            vectors,
            gain: self.gain,
            base: base.clone(),
        };
        let fitted = match is_by_vector {
            true => Fitted::by_vector(weight, vectors, over),
            false => Fitted::at_once(weight, move |key, out| over.fill(key, out)),
        };
        let fitted = fitted?.with_support_of(&base).up_to(self.gain.abs());
        // Values around 0 stay around it, whatever their vectors are divided by.
        Ok(match base.expected() {
            Some(expected) if expected.mean == 0.0 => {
                fitted.expecting(Expected::of_norm(&vectors, self.gain))
            }
            _ => fitted,
        })
    }
}

/// Vectors that are drawn from a base, and scaled.
struct OverBase {
    vectors: Vectors,
    gain: f64,
    base: Fitted,
}

impl OverBase {
    /// Scales a vector, less what is left out of it. Squares of f32 neither overflow in f64 nor
    /// vanish.
    fn scale(&self, w: &mut [f32]) {
        let weights = w.iter().filter(|w| written(**w));
        let sum = weights.fold(0.0, |sum, w| sum + f64::from(*w) * f64::from(*w));
        if sum > 0.0 {
            let norm = sum.sqrt();
            for w in w.iter_mut().filter(|w| written(**w)) {
                // No zero has a sign.
                *w = (f64::from(*w) / norm * self.gain) as f32 + 0.0;
            }
        }
    }

    /// All elements, of a base whose vectors are other ones.
    fn fill(&self, key: Key, out: &mut [f32]) -> Result<(), InitError> {
        self.base.run(key, 0..out.len(), out)?;
        let memory = || vec![0.0; self.vectors.len()];
        self.vectors
            .for_each_tile(0, 1, out, memory, |room, _, tile| {
                for l in 0..tile.count() {
                    tile.change(l, room, |w| self.scale(w));
                }
            });
        Ok(())
    }
}

impl FillVectors for OverBase {
    fn at_once(&self) -> Option<usize> {
        self.base.made_at_once()
    }

    fn width(&self) -> usize {
        self.base.made_together()
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let len = self.vectors.len();
        // Is there memory for a vector?
        zeros::<f32>(&[len], len)?;
        let workers = match self.base.values() {
            Values::Vectors(_, fill) => Some(fill.prepare(key, vectors)?),
            _ => None,
        };
        Ok(Box::new(move || -> Worker<'_> {
            let mut worker = workers.as_ref().map(|workers| workers());
            let mut room = vec![0.0; len];
            Box::new(move |first, tile| {
                if let Some(worker) = &mut worker {
                    worker(first, tile)?;
                } else if let Values::Elements(map) = self.base.values() {
                    tile.for_each_run(&self.vectors, first, |start, out| {
                        map.fill(key, start, out);
                    });
                }
                for l in 0..tile.count() {
                    tile.change(l, &mut room, |w| self.scale(w));
                }
                Ok(())
            })
        }))
    }
}

impl<B: fmt::Display> fmt::Display for UnitNorm<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "norm {}", self.gain)?;
        if self.along != Along::Inputs {
            write!(f, ", along {:?}", self.along)?;
        }
        write!(f, " of ({})", self.base)
    }
}

impl<B: Initializer> Initializer for UnitNorm<B> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        self.fit_over(weight, self.base.fit(weight)?)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        fit_all_over(&self.base, weights, |weight, base| {
            self.fit_over(weight, base)
        })
    }
}
