//! A few weights, and zeros.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::choice::{Bits, Choice, Memory, PerNeuron};
use super::connectivity::{Connectivity, reconnect};
use super::{Amount, Pattern};
use crate::dense::{Normal, VarianceScaling};
use crate::draw::map::Map;
use crate::error::InitError;
use crate::initializer::{
    Dependence, Expected, FillVectors, Fitted, Initializer, Values, Worker, Workers,
};
use crate::key::Key;
use crate::weight::{Kept, Tile, Vectors, WeightLayout};

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
/// use burn_init_values::{Initializer, Seed, Sparse, WeightLayout};
///
/// let layout = WeightLayout::linear_col([64, 100]);
/// let weights = Sparse::exact(15).draw(&layout, Seed::new(1).key("fc1.weight"))?;
/// for neuron in weights.chunks(100) {
///     assert_eq!(neuron.iter().filter(|w| **w != 0.0).count(), 15);
/// }
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(bound = "V: schemars::JsonSchema + Serialize + From<VarianceScaling>")
)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "V: Deserialize<'de> + From<VarianceScaling>")
)]
#[non_exhaustive]
pub struct Sparse<V = VarianceScaling> {
    /// Which weights are kept.
    pub pattern: Pattern,
    /// What the kept weights come from.
    #[serde(default = "default_values")]
    #[cfg_attr(feature = "schema", schemars(default = "default_values::<V>"))]
    pub values: V,
    /// Whether the values are told each neuron's own fan_in.
    #[serde(default = "default_corrected")]
    pub corrected: bool,
    /// Whether the zeros stay through training.
    #[serde(default)]
    pub pinned: bool,
    /// What happens to neurons without inputs, and to inputs that no neuron reads.
    #[serde(default)]
    pub connected: Connected,
}

/// What a [`Sparse`] does about neurons without inputs, and inputs that no neuron reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Connected {
    /// They stay.
    #[default]
    Any,
    /// They are an error.
    Required,
    /// Weights are moved to them.
    Repaired,
}

fn default_values<V: From<VarianceScaling>>() -> V {
    VarianceScaling::kaiming_normal().into()
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
    pub fn torch(sparsity: f64, std: f64) -> Sparse<Normal> {
        Self::new(Pattern::PerInput(Amount::Sparsity(sparsity))).values(Normal::new(0.0, std))
    }

    /// MLX's `sparse`: N(mean, std²) for the incoming weights of each output, of which the share
    /// `sparsity`, rounded up, is 0.
    pub fn mlx(sparsity: f64, mean: f64, std: f64) -> Sparse<Normal> {
        Self::new(Pattern::PerOutput(Amount::Sparsity(sparsity))).values(Normal::new(mean, std))
    }
}

impl<V> Sparse<V> {
    /// The initializer that the kept weights come from. It must not be sparse itself. It is fitted to each weight alone:
    /// what it would spread over several weights of a rule isn't spread.
    pub fn values<W>(self, values: W) -> Sparse<W> {
        self.map_values(|_| values)
    }

    /// The same, with values that `change` makes of its own.
    pub(crate) fn map_values<W>(self, change: impl FnOnce(V) -> W) -> Sparse<W> {
        let Self {
            pattern,
            values,
            corrected,
            pinned,
            connected,
        } = self;
        Sparse {
            pattern,
            values: change(values),
            corrected,
            pinned,
            connected,
        }
    }

    /// Draws values as for a dense layer: their variance doesn't follow the neurons' own fan_in.
    pub fn uncorrected(mut self) -> Self {
        self.corrected = false;
        self
    }

    /// Keeps the zeros through training, when a model is initialized: the mask becomes a part of it.
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
    ///
    /// The mask of the whole parameter is drawn first, for any part of it, too. Where something is to be
    /// moved, that takes two bits for each weight beside the mask, and a few words for each kept weight
    /// that is looked at.
    pub fn reconnect(mut self) -> Self {
        self.connected = Connected::Repaired;
        self
    }
}

impl<V: Clone> Sparse<V> {
    /// The same, with another pattern.
    pub(super) fn with_pattern(&self, pattern: Pattern) -> Self {
        Self {
            pattern,
            ..self.clone()
        }
    }
}

impl<V: Initializer + Clone + 'static> Initializer for Sparse<V> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let choice = self.pattern.fit(weight)?;
        if self.connected == Connected::Repaired && !self.pattern.can_be_repaired() {
            let expected = "per output, balanced or Bernoulli: moving a weight breaks the others";
            return Err(InitError::setting(
                NAME,
                "reconnect",
                &self.pattern,
                expected,
            ));
        }
        let values = ValuesByCount {
            values: self.values.clone(),
            weight: weight.clone(),
            len: if self.corrected {
                choice.neurons.len()
            } else {
                0
            },
        };
        let fewest = values.fit(1)?;
        if fewest.has_pattern() {
            let expected =
                "an initializer that isn't sparse itself: both would choose the same weights";
            return Err(InitError::setting(NAME, "values", &self.values, expected));
        }
        let per_neuron = match self.connected {
            Connected::Any => choice.by_vector(),
            Connected::Required | Connected::Repaired => None,
        };
        // Of neurons with few weights and with many, or with the number that all have.
        let ends = match per_neuron {
            Some(PerNeuron::Same(k)) => {
                let same = values.fit(k)?;
                [same.clone(), same]
            }
            _ => [fewest, values.fit(choice.neurons.len())?],
        };
        let bounds = match (ends[0].bounds(), ends[1].bounds()) {
            // A constant is a number, not a range.
            (Some((low, high)), Some(other)) if low < high => {
                Some((low.min(other.0).min(0.0), high.max(other.1).max(0.0)))
            }
            _ => None,
        };
        let largest = ends[0].largest().zip(ends[1].largest());
        // All places of a neuron have the same chance, and signs are as often one as the other.
        let chosen_alike = !matches!(self.pattern, Pattern::Local { .. } | Pattern::Given(_));
        let are_independent = matches!(ends[1].dependence(), Dependence::Independent)
            && ends[1].expected().is_some_and(|values| values.mean == 0.0);
        let (density, len) = (choice.density(), choice.neurons.len());
        let expected = {
            let values = values.clone();
            move || values.expected(density, len)
        };
        let fitted = self.fit_values(weight, choice, per_neuron, values, &ends)?;
        let fitted = match (bounds, largest) {
            (Some((low, high)), _) => fitted.within(low, high),
            (None, Some((a, b))) => fitted.up_to(a.max(b)),
            (None, None) => fitted,
        };
        let fitted = fitted
            .expecting_later(expected)
            .with_unwritten(self.pinned)
            .with_density(Some(density));
        Ok(match chosen_alike && are_independent {
            true => fitted.uncorrelated(),
            false => fitted,
        })
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        let values = self.values_together(weights).into_iter();
        let fit = |(values, weight): (Result<_, _>, &&WeightLayout)| {
            self.fit(weight).and_then(|fitted| values.map(|()| fitted))
        };
        values.zip(weights).map(fit).collect()
    }
}

impl<V: Initializer> Sparse<V> {
    /// Whether each weight can have the values, if all of these have them together.
    pub(super) fn values_together(&self, weights: &[&WeightLayout]) -> Vec<Result<(), InitError>> {
        let fitted = self.values.fit_all(weights).into_iter();
        fitted.map(|fitted| fitted.map(drop)).collect()
    }
}

impl<V: Initializer + Clone + 'static> Sparse<V> {
    /// How the values come about. `ends` are those of neurons with the fewest weights and with the most.
    fn fit_values(
        &self,
        weight: &WeightLayout,
        choice: Choice,
        per_neuron: Option<PerNeuron>,
        values: ValuesByCount<V>,
        ends: &[Fitted; 2],
    ) -> Result<Fitted, InitError> {
        // What is the same for all neurons.
        let [fewest, most] = ends;
        let is_same = match (fewest.values(), most.values()) {
            (Values::Elements(fewest), Values::Elements(most)) => fewest == most,
            _ => !self.corrected || matches!(per_neuron, Some(PerNeuron::Same(_))),
        };
        let same = is_same.then_some(fewest);
        let source = match same.map(Fitted::values) {
            Some(Values::Elements(map)) => Source::Map(map.clone()),
            Some(Values::Vectors(vectors, fill))
                if per_neuron.is_some() && *vectors == choice.vectors =>
            {
                let fill = fill.clone();
                return Fitted::by_vector(weight, choice.vectors, Taken { choice, fill });
            }
            None if matches!(fewest.values(), Values::Elements(_))
                && per_neuron != Some(PerNeuron::Unknown) =>
            {
                Source::ByCount
            }
            None if matches!(fewest.values(), Values::Elements(_)) => {
                return self.masked(weight, choice, Source::ByCount, values);
            }
            _ => return self.whole(weight, choice, values),
        };
        if per_neuron.is_none() {
            return self.masked(weight, choice, source, values);
        }
        let vectors = choice.vectors;
        let fill = Chosen {
            choice,
            source,
            values,
        };
        Fitted::by_vector(weight, vectors, fill)
    }

    /// The mask of all elements is drawn, and then the values of each neuron.
    fn masked(
        &self,
        weight: &WeightLayout,
        choice: Choice,
        source: Source,
        values: ValuesByCount<V>,
    ) -> Result<Fitted, InitError> {
        let neurons = choice.neurons;
        let fill = Masked {
            choice,
            pattern: self.pattern.to_string(),
            connected: self.connected,
            source,
            values,
        };
        Fitted::by_vector(weight, neurons, fill)
    }

    /// The mask of all elements is drawn, and then all values: for each number of weights that a
    /// neuron has.
    fn whole(
        &self,
        weight: &WeightLayout,
        choice: Choice,
        values: ValuesByCount<V>,
    ) -> Result<Fitted, InitError> {
        let (pattern, connected) = (self.pattern.to_string(), self.connected);
        Fitted::at_once(weight, move |key, out| {
            let mask = draw_mask(&choice, &pattern, connected, &values.weight, key)?;
            let neurons = &choice.neurons;
            let mut counts = vec![0usize; neurons.count()];
            neurons.for_each_element(|index, j, _| counts[j] += usize::from(mask[index]));
            let different: BTreeSet<usize> = match values.len {
                0 => BTreeSet::from([0]),
                _ => counts.iter().copied().filter(|k| *k > 0).collect(),
            };
            for k in different {
                let all = values.fit(k)?.draw(key)?;
                neurons.for_each_element(|index, j, _| {
                    if mask[index] && (values.len == 0 || counts[j] == k) {
                        out[index] = all[index];
                    }
                });
            }
            Ok(())
        })
    }
}

/// The values' initializer, fitted to neurons of different numbers of weights.
#[derive(Clone)]
struct ValuesByCount<V> {
    values: V,
    weight: WeightLayout,
    /// How many weights a neuron of a dense weight has; 0 where that doesn't matter.
    len: usize,
}

impl<V: Initializer> ValuesByCount<V> {
    /// For neurons that keep `k` weights.
    fn fit(&self, k: usize) -> Result<Fitted, InitError> {
        match self.len {
            0 => self.values.fit(&self.weight),
            len => self.values.fit(&self.weight.keeping(k.max(1), len)),
        }
    }

    /// Mean and std of all elements, with the zeros, if neurons of `len` weights keep this share of them on
    /// average: those of the two nearest numbers of weights, and between them in proportion.
    fn expected(&self, density: f64, len: usize) -> Option<Expected> {
        let kept = density * len as f64;
        let of = |k: f64| {
            let expected = self.fit(k as usize).ok()?.expected()?;
            Some(expected.among_zeros(k / len as f64))
        };
        let (fewer, more) = (of(kept.floor())?, of(kept.ceil())?);
        let squares =
            |expected: Expected| expected.std * expected.std + expected.mean * expected.mean;
        let between = |fewer: f64, more: f64| fewer + kept.fract() * (more - fewer);
        let mean = between(fewer.mean, more.mean);
        Some(Expected::of_squares(
            mean,
            between(squares(fewer), squares(more)),
        ))
    }
}

/// Where the kept values come from.
enum Source {
    /// The same for all neurons, element by element.
    Map(Map),
    /// Element by element, by the number of the neuron's weights.
    ByCount,
}

/// Writes the kept elements of a tile's vectors: the values that the source has for them.
struct Writer<'a, V> {
    key: Key,
    vectors: &'a Vectors,
    values: &'a ValuesByCount<V>,
    source: &'a Source,
    by_count: HashMap<usize, Map>,
    indices: Vec<u32>,
    kept: Kept,
}

impl<'a, V: Initializer> Writer<'a, V> {
    fn new(
        key: Key,
        vectors: &'a Vectors,
        values: &'a ValuesByCount<V>,
        source: &'a Source,
    ) -> Self {
        Self {
            key,
            vectors,
            values,
            source,
            by_count: HashMap::new(),
            indices: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// Draws what vector `j` keeps, the next one of the tile: at these places, in ascending order.
    fn draw(&mut self, j: usize, places: &[u32]) -> Result<(), InitError> {
        let values = self.kept.push(places);
        if places.is_empty() {
            return Ok(());
        }
        let map = match self.source {
            Source::Map(map) => map,
            Source::ByCount => {
                let k = places.len();
                if !self.by_count.contains_key(&k) {
                    let fitted = self.values.fit(k)?;
                    let Values::Elements(map) = fitted.values() else {
                        let problem = "its values are elements for some numbers of weights only";
                        return Err(InitError::shape(self.values.weight.shape(), problem));
                    };
                    self.by_count.insert(k, map.clone());
                }
                &self.by_count[&k]
            }
        };
        map.fill_places(self.key, self.vectors, j, places, &mut self.indices, values);
        Ok(())
    }

    /// Writes what was drawn of the tile's vectors.
    fn write(&mut self, tile: &mut Tile<'_>) {
        tile.set(&self.kept);
        self.kept.clear();
    }
}

/// Vectors of which some elements are chosen, each by itself.
struct Chosen<V> {
    choice: Choice,
    source: Source,
    values: ValuesByCount<V>,
}

impl<V: Initializer> FillVectors for Chosen<V> {
    fn prepare(&self, key: Key, _: Range<usize>) -> Result<Workers<'_>, InitError> {
        let Self {
            choice,
            source,
            values,
        } = self;
        let chooser = Arc::new(choice.chooser(key));
        Ok(Box::new(move || -> Worker<'_> {
            let chooser = chooser.clone();
            let mut memory = Memory::default();
            let mut writer = Writer::new(key, &choice.vectors, values, source);
            Box::new(move |first, tile| {
                for j in first..first + tile.count() {
                    writer.draw(j, chooser.places(j, &mut memory))?;
                }
                writer.write(tile);
                Ok(())
            })
        }))
    }
}

/// Vectors that another initializer makes, and of which some elements are taken.
struct Taken {
    choice: Choice,
    fill: Arc<dyn FillVectors>,
}

impl FillVectors for Taken {
    fn at_once(&self) -> Option<usize> {
        self.fill.at_once()
    }

    fn width(&self) -> usize {
        self.fill.width()
    }

    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let chooser = Arc::new(self.choice.chooser(key));
        let workers = self.fill.prepare(key, vectors)?;
        Ok(Box::new(move || -> Worker<'_> {
            let (chooser, mut worker) = (chooser.clone(), workers());
            let (mut memory, mut room) = (Memory::default(), Vec::new());
            Box::new(move |first, tile| {
                let mut all = tile.like(&mut room);
                worker(first, &mut all)?;
                for l in 0..tile.count() {
                    tile.take(l, chooser.places(first + l, &mut memory), &all);
                }
                Ok(())
            })
        }))
    }
}

/// Neurons whose places are those of one mask.
struct Masked<V> {
    choice: Choice,
    /// The pattern, as it displays.
    pattern: String,
    connected: Connected,
    source: Source,
    values: ValuesByCount<V>,
}

impl<V: Initializer> FillVectors for Masked<V> {
    fn prepare(&self, key: Key, vectors: Range<usize>) -> Result<Workers<'_>, InitError> {
        let Self {
            choice,
            pattern,
            connected,
            source,
            values,
        } = self;
        let mask = draw_mask(choice, pattern, *connected, &values.weight, key)?;
        let len = choice.neurons.len();
        let elements = vectors.start * len..vectors.end * len;
        let mask = Arc::new(Bits::of(&mask, elements, values.weight.shape())?);
        Ok(Box::new(move || -> Worker<'_> {
            let mask = mask.clone();
            let mut lists = Vec::new();
            let mut writer = Writer::new(key, &choice.neurons, values, source);
            Box::new(move |first, tile| {
                mask.places_of_tile(&choice.neurons, first, tile, &mut lists);
                for (places, j) in lists.iter().zip(first..) {
                    writer.draw(j, places)?;
                }
                writer.write(tile);
                Ok(())
            })
        }))
    }
}

/// The mask of the whole parameter, in its saved layout, connected as asked for.
fn draw_mask<'c>(
    choice: &'c Choice,
    pattern: &str,
    connected: Connected,
    weight: &WeightLayout,
    key: Key,
) -> Result<Cow<'c, [bool]>, InitError> {
    let mut mask = choice.mask(weight, key)?;
    if connected == Connected::Repaired {
        reconnect(weight, key, mask.to_mut())?;
    }
    if connected != Connected::Any {
        let connectivity = Connectivity::of(weight, &mask)?;
        if !connectivity.is_complete() {
            return Err(InitError::setting(
                NAME,
                "pattern",
                format!("{pattern} and leaves {connectivity}"),
                "dense enough to connect all neurons and inputs, or another one",
            ));
        }
    }
    Ok(mask)
}

impl<V: fmt::Display> Sparse<V> {
    /// What it says of itself after its pattern.
    pub(super) fn fmt_settings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl<V: fmt::Display> fmt::Display for Sparse<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sparse, {}", self.pattern)?;
        self.fmt_settings(f)
    }
}
