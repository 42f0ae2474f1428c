//! A few incoming weights for each neuron, and zeros.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::pattern::exactly_k;
use crate::dense::VarianceScaling;
use crate::error::InitError;
use crate::fibers::Fibers;
use crate::initializer::{AnyInitializer, Initializer, range, zeros};
use crate::key::Key;
use crate::layout::WeightLayout;

const NAME: &str = "Sparse";

/// Exactly k incoming weights of each neuron are drawn, at places chosen at random; the others are
/// 0 (Martens 2010).
///
/// The values come from another initializer that isn't sparse itself, by default N(0, 2/fan_in). It
/// is told each neuron's own fan_in, k, so that signals keep their variance (Evci et al. 2022);
/// [`uncorrected`](Self::uncorrected) tells it that of a dense layer. A value with fixed settings,
/// such as `Normal::new(0.0, 0.1)`, stays as it is.
///
/// Training fills the zeros in, unless they are [`pinned`](Self::pinned).
///
/// PyTorch's `sparse_` and Flux's `sparse_init` zero a share of the *outgoing* weights of each
/// input instead; MLX's `sparse` and this one work on the incoming weights of each output.
///
/// ```
/// use burn_init::{Initializer, Sparse, Seed, WeightLayout};
///
/// let layout = WeightLayout::linear_col([64, 100]);
/// let weights = Sparse::exact(15).draw(&layout, Seed::new(1).key("fc1.weight"))?;
/// for neuron in weights.chunks(100) {
///     assert_eq!(neuron.iter().filter(|w| **w != 0.0).count(), 15);
/// }
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sparse {
    amount: Amount,
    #[serde(default = "default_values")]
    values: Box<AnyInitializer>,
    #[serde(default = "default_corrected")]
    corrected: bool,
    #[serde(default)]
    pinned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Amount {
    Exact(usize),
    Density(f64),
}

fn default_values() -> Box<AnyInitializer> {
    Box::new(VarianceScaling::kaiming_normal().into())
}

fn default_corrected() -> bool {
    true
}

impl Sparse {
    fn new(amount: Amount) -> Self {
        Self {
            amount,
            values: default_values(),
            corrected: default_corrected(),
            pinned: false,
        }
    }

    /// Exactly `k` incoming weights for each neuron.
    pub fn exact(k: usize) -> Self {
        Self::new(Amount::Exact(k))
    }

    /// This share of each neuron's incoming weights, from 0 to 1, rounded to a whole number; at
    /// least one weight unless it is 0.
    pub fn density(density: f64) -> Self {
        Self::new(Amount::Density(density))
    }

    /// Where the kept weights come from.
    pub fn values(mut self, values: impl Into<AnyInitializer>) -> Self {
        self.values = Box::new(values.into());
        self
    }

    /// Draws values as for a dense layer: their variance doesn't follow the neurons' own fan_in.
    pub fn uncorrected(mut self) -> Self {
        self.corrected = false;
        self
    }

    /// Keeps the zeros through training, when a [`Plan`](crate::Plan) or
    /// [`init_weights`](crate::InitWeights::init_weights) initializes a module: the mask
    /// becomes a reparameterization of the parameter ([`Pinned`](crate::Pinned)).
    pub fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.pinned
    }

    /// The neurons, and how many weights each keeps.
    fn resolve(&self, layout: &WeightLayout) -> Result<(Fibers, usize), InitError> {
        let neurons = layout.neurons()?;
        let n = neurons.len;
        if self.values.is_sparse() {
            let expected =
                "an initializer that isn't sparse itself: both would choose the same weights";
            return Err(InitError::setting(NAME, "values", &self.values, expected));
        }
        let k = match self.amount {
            Amount::Exact(k) if k <= n || neurons.count() == 0 => k.min(n),
            Amount::Exact(k) => {
                let expected = format!("at most {n}, the incoming weights of a neuron");
                return Err(InitError::setting(NAME, "k", k, expected));
            }
            Amount::Density(density) if (0.0..=1.0).contains(&density) => {
                let k = (density * n as f64).round() as usize;
                k.max(usize::from(density > 0.0)).min(n)
            }
            Amount::Density(density) => {
                return Err(InitError::setting(NAME, "density", density, "from 0 to 1"));
            }
        };
        self.values.check(&self.layout_of_values(layout, k, n))?;
        Ok((neurons, k))
    }

    fn layout_of_values(&self, layout: &WeightLayout, k: usize, n: usize) -> WeightLayout {
        if self.corrected && n > 0 {
            layout.keeping(k, n)
        } else {
            layout.clone()
        }
    }
}

impl fmt::Display for Sparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            Amount::Exact(k) => write!(f, "sparse, {k} per neuron")?,
            Amount::Density(density) => write!(f, "sparse, density {density}")?,
        }
        if !self.corrected {
            write!(f, ", uncorrected")?;
        }
        if self.pinned {
            write!(f, ", pinned")?;
        }
        write!(f, " of ({})", self.values)
    }
}

impl Initializer for Sparse {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        self.resolve(layout).map(drop)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let (neurons, k) = self.resolve(layout)?;
        let range = range(layout, start, out.len())?;
        let layout_of_values = self.layout_of_values(layout, k, neurons.len);
        neurons.fill_range(range, out, |first, weights| {
            let mut kept = zeros(layout.shape(), weights.len())?;
            self.values.fill(&layout_of_values, key, first, weights)?;
            exactly_k(key, &neurons, k, first, &mut kept);
            for (weight, kept) in weights.iter_mut().zip(kept) {
                *weight = if kept { *weight } else { 0.0 };
            }
            Ok(())
        })
    }

    fn pinned_mask(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Vec<bool>>, InitError> {
        let (neurons, k) = self.resolve(layout)?;
        if !self.pinned {
            return Ok(None);
        }
        let mut kept = zeros(layout.shape(), layout.elements()?)?;
        exactly_k(key, &neurons, k, 0, &mut kept);
        Ok(Some(kept))
    }
}
