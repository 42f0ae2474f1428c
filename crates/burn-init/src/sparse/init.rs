//! A few weights, and zeros.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::connectivity::{Connectivity, reconnect};
use super::{Amount, Pattern};
use crate::dense::{Normal, VarianceScaling};
use crate::draw::choice::Subset;
use crate::draw::elementwise::Elementwise;
use crate::error::InitError;
use crate::fibers::Fibers;
use crate::initializer::{AnyInitializer, Initializer, range};
use crate::key::{Key, Purpose};
use crate::layout::WeightLayout;
use crate::memory::zeros;

const NAME: &str = "Sparse";

/// Some weights are drawn, at places that a [`Pattern`] chooses; the others are 0.
///
/// The values come from another initializer that isn't sparse itself, by default N(0, 2/fan_in). It is
/// told each neuron's own fan_in, the number of weights that the neuron keeps, so that signals keep
/// their variance (Evci et al. 2022); [`uncorrected`](Self::uncorrected) tells it that of a dense
/// layer. A value with fixed settings, such as `Normal::new(0.0, 0.1)`, and one without fans, such as
/// [`Orthogonal`](crate::Orthogonal), stays as it is.
///
/// Training fills the zeros in, unless they are [`pinned`](Self::pinned).
///
/// | what other libraries call sparse | here |
/// |---|---|
/// | Martens 2010: k incoming weights for each unit | [`exact`](Self::exact)`(k)` |
/// | PyTorch `sparse_(sparsity, std)` and Flux `sparse_init`: zeros in each column of `[out, in]`, rounded up | [`torch`](Self::torch)`(sparsity, std)` |
/// | MLX `sparse(sparsity, mean, std)`: zeros in each row, rounded up | [`mlx`](Self::mlx)`(sparsity, mean, std)` |
/// | Lasagne `Sparse(sparsity)`: the share that is kept | [`density`](Self::density)`(sparsity)` |
///
/// ```
/// use burn_init::{Initializer, Seed, Sparse, WeightLayout};
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
    pattern: Pattern,
    #[serde(default = "default_values")]
    values: Box<AnyInitializer>,
    #[serde(default = "default_corrected")]
    corrected: bool,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    connected: Connected,
}

/// What happens to neurons without inputs, and to inputs that no neuron reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Connected {
    /// They stay.
    #[default]
    Any,
    /// They are an error.
    Required,
    /// Weights are moved to them.
    Repaired,
}

fn default_values() -> Box<AnyInitializer> {
    Box::new(VarianceScaling::kaiming_normal().into())
}

fn default_corrected() -> bool {
    true
}

impl Sparse {
    /// Keeps what this pattern chooses.
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            values: default_values(),
            corrected: default_corrected(),
            pinned: false,
            connected: Connected::default(),
        }
    }

    /// Exactly `k` incoming weights for each neuron.
    pub fn exact(k: usize) -> Self {
        Self::new(Pattern::PerOutput(Amount::Exact(k)))
    }

    /// This share of each neuron's incoming weights, from 0 to 1, rounded to a whole number; at least
    /// one weight unless it is 0.
    pub fn density(density: f64) -> Self {
        Self::new(Pattern::PerOutput(Amount::Density(density)))
    }

    /// PyTorch's `sparse_` and Flux's `sparse_init`: N(0, std²) for the outgoing weights of each input, of
    /// which the share `sparsity`, rounded up, is 0.
    pub fn torch(sparsity: f64, std: f64) -> Self {
        Self::new(Pattern::PerInput(Amount::Sparsity(sparsity))).values(Normal::new(0.0, std))
    }

    /// MLX's `sparse`: N(mean, std²) for the incoming weights of each output, of which the share
    /// `sparsity`, rounded up, is 0.
    pub fn mlx(sparsity: f64, mean: f64, std: f64) -> Self {
        Self::new(Pattern::PerOutput(Amount::Sparsity(sparsity))).values(Normal::new(mean, std))
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
    /// [`init_weights`](crate::InitWeights::init_weights) initializes a module: the mask becomes a
    /// reparameterization of the parameter ([`Pinned`](crate::Pinned)).
    pub fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    /// A neuron without inputs, or an input that no neuron reads, is an error.
    pub fn require_connected(mut self) -> Self {
        self.connected = Connected::Required;
        self
    }

    /// Moves weights to neurons without inputs and to inputs that no neuron reads, from neurons and
    /// inputs of the same group that have several. The number of weights stays; it must be enough for
    /// all. For patterns whose weights may be moved: per output, balanced and Bernoulli.
    pub fn reconnect(mut self) -> Self {
        self.connected = Connected::Repaired;
        self
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.pinned
    }

    /// The same, with another pattern.
    pub(super) fn with_pattern(&self, pattern: Pattern) -> Self {
        Self {
            pattern,
            ..self.clone()
        }
    }

    /// The mask of the whole parameter, in its saved layout.
    pub(crate) fn mask(&self, layout: &WeightLayout, key: Key<'_>) -> Result<Vec<bool>, InitError> {
        let mut mask = self.pattern.draw(layout, key)?;
        if self.connected == Connected::Repaired {
            reconnect(layout, key, &mut mask)?;
        }
        if self.connected != Connected::Any {
            let connectivity = Connectivity::of(layout, &mask)?;
            if !connectivity.is_complete() {
                return Err(InitError::setting(
                    NAME,
                    "pattern",
                    format!("{} and leaves {connectivity}", self.pattern),
                    "dense enough to connect all neurons and inputs, or another one",
                ));
            }
        }
        Ok(mask)
    }

    /// How the same number of weights of each of some vectors is drawn by itself, if that's what the
    /// settings say.
    fn scattered(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Scattered>, InitError> {
        // An index must fit into 32 bits.
        let few = u32::try_from(layout.elements()?).is_ok();
        if self.connected != Connected::Any || !few {
            return Ok(None);
        }
        let neurons = layout.neurons()?;
        let values = |k| {
            let layout = self.layout_of_values(layout, k, &neurons);
            self.values.elementwise(&layout, key)
        };
        let (fibers, k, values) = match &self.pattern {
            Pattern::PerOutput(amount) if !matches!(amount, Amount::Total(_)) => {
                let k = amount.of(neurons.len)?;
                (neurons, k, values(k.max(1))?)
            }
            Pattern::PerInput(amount) => {
                let fibers = layout.across_neurons()?;
                let k = amount.of(fibers.len)?;
                // Neurons have different numbers of weights, which mustn't matter.
                let same = values(1)? == values(neurons.len.max(1))?;
                (fibers, k, values(1)?.filter(|_| same))
            }
            _ => return Ok(None),
        };
        Ok(values.map(|values| Scattered { fibers, k, values }))
    }

    /// Writes these elements; `out` is 0 where `zeroed` says so.
    fn write(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
        zeroed: bool,
    ) -> Result<(), InitError> {
        self.check(layout)?;
        let range = range(layout, start, out.len())?;
        if range.is_empty() {
            return Ok(());
        }
        if let Some(scattered) = self.scattered(layout, key)? {
            return scattered.fibers.fill_range(range, out, |first, weights| {
                if !zeroed {
                    weights.fill(0.0);
                }
                scattered.fill(key, first, weights);
                Ok(())
            });
        }
        let neurons = layout.neurons()?;
        if self.pattern.is_by_neuron() && self.connected == Connected::Any {
            return neurons.fill_range(range, out, |first, weights| {
                let mut kept = zeros(layout.shape(), weights.len())?;
                self.pattern.draw_neurons(&neurons, key, first, &mut kept)?;
                self.fill_kept(layout, key, first, &kept, weights)
            });
        }
        let mask = self.mask(layout, key)?;
        neurons.fill_range(range, out, |first, weights| {
            let kept = &mask[first..][..weights.len()];
            self.fill_kept(layout, key, first, kept, weights)
        })
    }

    /// Draws the values that `kept` keeps of whole neurons, from element `first` on, and zeros.
    fn fill_kept(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        first: usize,
        kept: &[bool],
        weights: &mut [f32],
    ) -> Result<(), InitError> {
        let neurons = layout.neurons()?;
        let mut counts = zeros::<usize>(layout.shape(), neurons.count())?;
        for i in (0..kept.len()).filter(|i| kept[*i]) {
            counts[neurons.vector_of(first + i)] += 1;
        }
        let mut different: BTreeSet<usize> = counts.iter().copied().filter(|k| *k > 0).collect();
        if !self.corrected {
            different = different.into_iter().take(1).collect();
        }
        if different.len() <= 1 {
            let k = different.first().copied().unwrap_or(neurons.len);
            self.values.fill(
                &self.layout_of_values(layout, k, &neurons),
                key,
                first,
                weights,
            )?;
        } else if neurons.is_contiguous() {
            // Each neuron is drawn by itself, with its own variance.
            for (row, j) in weights.chunks_mut(neurons.len).zip(first / neurons.len..) {
                let layout = self.layout_of_values(layout, counts[j].max(1), &neurons);
                self.values.fill(&layout, key, j * neurons.len, row)?;
            }
        } else {
            // Everything is drawn for each number of weights, and the neurons that have it take their part.
            let mut values = zeros(layout.shape(), weights.len())?;
            for k in different {
                let layout = self.layout_of_values(layout, k, &neurons);
                self.values.fill(&layout, key, first, &mut values)?;
                for (i, weight) in weights.iter_mut().enumerate() {
                    if counts[neurons.vector_of(first + i)] == k {
                        *weight = values[i];
                    }
                }
            }
        }
        for (weight, kept) in weights.iter_mut().zip(kept) {
            *weight = if *kept { *weight } else { 0.0 };
        }
        Ok(())
    }

    fn layout_of_values(&self, layout: &WeightLayout, k: usize, neurons: &Fibers) -> WeightLayout {
        if self.corrected && neurons.len > 0 {
            layout.keeping(k, neurons.len)
        } else {
            layout.clone()
        }
    }
}

/// `k` weights of each vector, whose values are drawn one by one.
struct Scattered {
    fibers: Fibers,
    k: usize,
    values: Elementwise,
}

impl Scattered {
    /// Writes the weights of whole vectors, from element `first` on, between zeros that are there.
    fn fill(&self, key: Key<'_>, first: usize, weights: &mut [f32]) {
        let Self { fibers, k, values } = self;
        let (n, of_mask) = (fibers.len, key.purpose(Purpose::Mask));
        let draws = *k.min(&(n - k));
        let memory = || (Subset::default(), Vec::new(), Vec::new());
        fibers.for_each_tile(first, weights, memory, |memory, first, mut tile| {
            let (subset, indices, drawn) = memory;
            for l in 0..tile.count() {
                let j = first + l;
                let places = subset.choose(of_mask, (j * draws) as u64, *k, n);
                fibers.indices(j, places, indices);
                drawn.resize(*k, 0.0);
                values.fill_scattered(key, indices, drawn);
                tile.set(l, places, drawn);
            }
        });
    }
}

impl fmt::Display for Sparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sparse, {}", self.pattern)?;
        match self.connected {
            Connected::Any => {}
            Connected::Required => write!(f, ", connected")?,
            Connected::Repaired => write!(f, ", reconnected")?,
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
        if self.values.draws_a_pattern() {
            let expected =
                "an initializer that isn't sparse itself: both would choose the same weights";
            return Err(InitError::setting(NAME, "values", &self.values, expected));
        }
        self.pattern.check(layout)?;
        if self.connected == Connected::Repaired && !self.pattern.can_be_repaired() {
            let expected = "per output, balanced or Bernoulli: moving a weight breaks the others";
            return Err(InitError::setting(
                NAME,
                "reconnect",
                &self.pattern,
                expected,
            ));
        }
        let neurons = layout.neurons()?;
        self.values
            .check(&self.layout_of_values(layout, 1.min(neurons.len), &neurons))
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        self.write(layout, key, start, out, false)
    }

    fn draw(&self, layout: &WeightLayout, key: Key<'_>) -> Result<Vec<f32>, InitError> {
        let mut values = zeros(layout.shape(), layout.elements()?)?;
        self.write(layout, key, 0, &mut values, true)?;
        Ok(values)
    }

    fn is_sparse(&self) -> bool {
        true
    }

    fn pinned_mask(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Vec<bool>>, InitError> {
        self.check(layout)?;
        if self.pinned {
            self.mask(layout, key).map(Some)
        } else {
            Ok(None)
        }
    }
}
