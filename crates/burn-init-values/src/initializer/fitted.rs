//! Settings that were fitted to a weight.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::expected::{Expected, Knowledge};
use super::fill::{EachVector, FillVectors, ScaledVectors, fill_vectors};
use super::parts::Parts;
use crate::draw::map::{Map, scale};
use crate::draw::{Elementwise, Source};
use crate::error::InitError;
use crate::key::Key;
use crate::memory::{UNWRITTEN, copy_written, written, zeros};
use crate::parallel::{FEW_DRAWS, for_each_chunk, for_each_chunk_of_both};
use crate::weight::centre::Centre;
use crate::weight::{Runs, Vectors, WeightLayout};

/// Settings that were fitted to a weight: how its values come about, and which of its elements are
/// weights at all.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Sparse};
///
/// let fitted = Sparse::exact(8).pinned().fit(&[100, 64].into())?;
/// assert!(fitted.is_sparse() && fitted.is_lasting());
/// let (values, mask) = fitted.draw_with_mask(Seed::new(1).key("fc1.weight"))?;
/// assert_eq!(mask.unwrap().into_iter().filter(|kept| *kept).count(), 8 * 64);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Clone)]
pub struct Fitted {
    shape: Vec<usize>,
    elements: usize,
    values: Values,
    support: Support,
    /// Whether it builds on weights at chosen places, though all of its own elements may be weights.
    has_pattern: bool,
    bounds: Option<(f32, f32)>,
    /// No value is larger than this, as far as that is known.
    largest: Option<f64>,
    knowledge: Knowledge,
    /// The share of elements that are weights, if it's known and isn't what the values say.
    density: Option<f64>,
    /// Whether the elements of a neuron have one mean and variance and no correlations, though they aren't
    /// drawn one by one.
    uncorrelated: bool,
}

/// What is made at once, and so what it takes to make a part of a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Each element is made by itself.
    Elements,
    /// Each vector along some axes is made by itself, or, where vectors belong together as the rows of an
    /// orthogonal matrix do, by means of something that is made for all of them.
    Vectors,
    /// All elements are made at once.
    Whole,
}

/// Elements that one task marks.
const CHUNK: usize = 1 << 14;

/// How values come about.
#[derive(Clone)]
pub(crate) enum Values {
    Elements(Map),
    Vectors(Vectors, Arc<dyn FillVectors>),
    Whole(Arc<Whole>),
    /// Those of a matrix, in the middle of a kernel.
    Centre(Box<(Centre, Fitted)>),
    /// Those of its parts along an axis.
    Parts(Arc<Parts>),
    /// Those of a smaller weight, repeated.
    Repeated(Box<(Repeat, Fitted)>),
}

/// How the values of a smaller weight are repeated: each block stands several times, one after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeat {
    /// The elements of a block.
    pub block: usize,
    /// How often each stands.
    pub times: usize,
}

type Whole = dyn Fn(Key, &mut [f32]) -> Result<(), InitError> + Send + Sync;

/// Which elements are weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Support {
    /// All.
    All,
    /// Those that the initializer writes.
    Written { lasting: bool },
    /// Those that aren't 0.
    NotZero { lasting: bool },
}

impl Fitted {
    pub(crate) fn new(weight: &WeightLayout, values: Values) -> Result<Self, InitError> {
        let elements = weight.elements()?;
        Ok(Self {
            shape: weight.shape().to_vec(),
            elements,
            values,
            support: Support::All,
            has_pattern: false,
            bounds: None,
            largest: None,
            knowledge: Knowledge::default(),
            density: None,
            uncorrelated: false,
        })
    }

    /// Each element by itself: `value` gives it from the key and the element's index.
    ///
    /// # Errors
    ///
    /// If the weight has more elements than can be addressed.
    pub fn elements(
        weight: &WeightLayout,
        value: impl Fn(Key, u64) -> f32 + Send + Sync + 'static,
    ) -> Result<Self, InitError> {
        Self::mapped(weight, Map::Each(Arc::new(value)))
    }

    /// Each element by itself, from a word of its own: what [`elementwise`](Self::elementwise) gives, or an
    /// initializer's own distribution, which is then made by SIMD, and on a GPU where there is one.
    ///
    /// ```
    /// use burn_init_values::draw::{Elementwise, Source, Step};
    /// use burn_init_values::{Fitted, Seed};
    ///
    /// // N(0, 0.02²), of which what lies beyond ±0.04 becomes ±0.04.
    /// let step = Step::new(0.02, 0.0).clamp(-0.04, 0.04);
    /// let clipped = Elementwise { source: Source::Normal, steps: vec![step] };
    /// let weights = Fitted::words(&[100, 64].into(), clipped)?.draw(Seed::new(1).key("w"))?;
    /// assert!(weights.iter().all(|w| w.abs() <= 0.04));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a value may be infinite or no number on the way, or a setting is impossible; a constant may be anything. If
    /// the weight has more elements than can be addressed.
    pub fn words(weight: &WeightLayout, each: Elementwise) -> Result<Self, InitError> {
        if let Source::Constant(_) = each.source {
            let value = each.value(0);
            let fitted = Self::mapped(weight, Map::Constant(value))?;
            return Ok(match value.is_finite() {
                true => fitted.up_to(f64::from(value.abs())),
                false => fitted,
            });
        }
        let largest = each.largest()?;
        Ok(Self::mapped(weight, Map::Words(each))?.up_to(largest))
    }

    /// Each element by itself, by a built-in map.
    pub(crate) fn mapped(weight: &WeightLayout, map: Map) -> Result<Self, InitError> {
        Self::new(weight, Values::Elements(map))
    }

    /// Each vector by itself: `fill` gets the key, the number of the vector, and the vector, which
    /// holds zeros.
    ///
    /// # Errors
    ///
    /// If the vectors have another number of elements, all together, than the weight.
    pub fn vectors(
        weight: &WeightLayout,
        vectors: Vectors,
        fill: impl Fn(Key, usize, &mut [f32]) + Send + Sync + 'static,
    ) -> Result<Self, InitError> {
        let each = EachVector {
            len: vectors.len(),
            vector: fill,
        };
        Self::by_vector(weight, vectors, each)
    }

    pub(crate) fn by_vector(
        weight: &WeightLayout,
        vectors: Vectors,
        fill: impl FillVectors + 'static,
    ) -> Result<Self, InitError> {
        let elements = weight.elements()?;
        if vectors.count().checked_mul(vectors.len()) != Some(elements) {
            let (count, len) = (vectors.count(), vectors.len());
            let problem = format!("{count} vectors of {len} elements aren't its own");
            return Err(InitError::shape(weight.shape(), problem));
        }
        Self::new(weight, Values::Vectors(vectors, Arc::new(fill)))
    }

    /// All elements at once: `fill` gets the key and all elements, which are zeros. To give a part of
    /// the parameter, all of it is made.
    ///
    /// # Errors
    ///
    /// If the weight has more elements than can be addressed.
    pub fn whole(
        weight: &WeightLayout,
        fill: impl Fn(Key, &mut [f32]) -> Result<(), InitError> + Send + Sync + 'static,
    ) -> Result<Self, InitError> {
        Self::at_once(weight, move |key, out| {
            out.fill(0.0);
            fill(key, out)
        })
    }

    /// As [`whole`](Self::whole); elements that aren't written are left out.
    pub(crate) fn at_once(
        weight: &WeightLayout,
        fill: impl Fn(Key, &mut [f32]) -> Result<(), InitError> + Send + Sync + 'static,
    ) -> Result<Self, InitError> {
        Self::new(weight, Values::Whole(Arc::new(fill)))
    }

    /// A matrix over the channels in the middle of a convolution's kernel, as `fit` fits it, and zeros
    /// around it.
    pub(crate) fn in_centre(
        initializer: &str,
        weight: &WeightLayout,
        fit: impl FnOnce(&WeightLayout) -> Result<Self, InitError>,
    ) -> Result<Self, InitError> {
        let centre = Centre::new(initializer, weight)?;
        let matrix = fit(&centre.matrix)?;
        let (support, largest) = (matrix.support, matrix.largest);
        let mut fitted = Self::new(weight, Values::Centre(Box::new((centre, matrix))))?;
        (fitted.support, fitted.largest) = (support, largest);
        Ok(fitted)
    }

    /// Parts along an axis, each fitted by itself.
    pub(crate) fn in_parts(weight: &WeightLayout, parts: Parts) -> Result<Self, InitError> {
        let all = || parts.all();
        let lasting = all().any(Self::is_lasting);
        let largest = all()
            .map(|part| part.largest)
            .try_fold(0.0, |a: f64, b| Some(a.max(b?)));
        let bounds = all().map(|part| {
            let (low, high) = part.bounds?;
            Some(if part.is_sparse() {
                (low.min(0.0), high.max(0.0))
            } else {
                (low, high)
            })
        });
        let bounds = bounds
            .reduce(|a, b| Some((a?.0.min(b?.0), a?.1.max(b?.1))))
            .flatten();
        let has_pattern = all().any(Self::has_pattern);
        let is_sparse = all().any(Self::is_sparse);
        let mut fitted = Self::new(weight, Values::Parts(Arc::new(parts)))?;
        if is_sparse {
            fitted.support = Support::Written { lasting };
        }
        (fitted.bounds, fitted.largest, fitted.has_pattern) = (bounds, largest, has_pattern);
        Ok(fitted)
    }

    /// All values multiplied by this number; zeros stay as they are.
    pub(crate) fn scaled(self, by: f32) -> Self {
        let values = match self.values {
            Values::Elements(map) => Values::Elements(Map::Scaled(Box::new(map), by)),
            Values::Vectors(vectors, fill) => {
                Values::Vectors(vectors, Arc::new(ScaledVectors { fill, by }))
            }
            Values::Whole(fill) => Values::Whole(Arc::new(move |key, out: &mut [f32]| {
                fill(key, out)?;
                scale(out.iter_mut().filter(|value| written(**value)), by);
                Ok(())
            })),
            Values::Centre(inner) => {
                let (centre, matrix) = *inner;
                Values::Centre(Box::new((centre, matrix.scaled(by))))
            }
            Values::Parts(parts) => Values::Parts(Arc::new(parts.scaled(by))),
            Values::Repeated(inner) => {
                let (repeat, base) = *inner;
                Values::Repeated(Box::new((repeat, base.scaled(by))))
            }
        };
        let bounds = self.bounds.map(|(low, high)| {
            let (a, b) = (low * by, high * by);
            (a.min(b), a.max(b))
        });
        let largest = self.largest.map(|largest| largest * f64::from(by.abs()));
        Self {
            values,
            bounds,
            largest,
            knowledge: self.knowledge.scaled(f64::from(by)),
            ..self
        }
    }

    /// The values of `base`, a smaller weight's, of which each block is repeated; what is left out there
    /// is left out here, and for as long.
    pub(crate) fn repeated(
        weight: &WeightLayout,
        repeat: Repeat,
        base: Self,
    ) -> Result<Self, InitError> {
        let elements = base.elements.checked_mul(repeat.times);
        let mut fitted = base.clone();
        fitted.knowledge = Knowledge::ByValues;
        fitted.elements = weight.elements()?;
        if elements != Some(fitted.elements) {
            let problem = format!("it isn't {} times {:?}", repeat.times, base.shape);
            return Err(InitError::shape(weight.shape(), problem));
        }
        fitted.shape = weight.shape().to_vec();
        fitted.values = Values::Repeated(Box::new((repeat, base)));
        Ok(fitted)
    }

    /// The elements that are 0 are no weights: reports count the others, and with `lasting` the
    /// zeros stay zeros through training.
    pub fn with_zeros(mut self, lasting: bool) -> Self {
        self.support = Support::NotZero { lasting };
        self
    }

    /// The elements that aren't written are no weights.
    pub(crate) fn with_unwritten(mut self, lasting: bool) -> Self {
        self.support = Support::Written { lasting };
        self
    }

    /// The same elements are weights as of what it builds on, and for as long.
    pub(crate) fn with_support_of(mut self, base: &Self) -> Self {
        self.support = base.support;
        self.density = base.density();
        self.over_pattern(base.has_pattern)
    }

    /// Says whether what it builds on chooses places.
    pub(crate) fn over_pattern(mut self, has_pattern: bool) -> Self {
        self.has_pattern = has_pattern;
        self
    }

    /// All values lie between these, both included: also after they are rounded to a model's own
    /// type.
    pub fn within(mut self, low: f32, high: f32) -> Self {
        self.bounds = Some((low, high));
        self.up_to(f64::from(low.abs().max(high.abs())))
    }

    /// No value is larger than this, whatever its sign: what sums over them need to know.
    pub(crate) fn up_to(mut self, largest: f64) -> Self {
        self.largest = Some(largest);
        self
    }

    /// What its elements are expected to be on average: what [`expected`](Self::expected) gives.
    pub fn expecting(mut self, expected: Expected) -> Self {
        self.knowledge = Knowledge::Known(expected);
        self
    }

    /// As [`expecting`](Self::expecting), worked out when it is asked for.
    pub(crate) fn expecting_later(
        mut self,
        expected: impl Fn() -> Option<Expected> + Send + Sync + 'static,
    ) -> Self {
        self.knowledge = Knowledge::Later(Arc::new(expected));
        self
    }

    /// The values are the same for all keys: nothing is drawn.
    pub fn fixed(mut self) -> Self {
        self.knowledge = Knowledge::Fixed;
        self
    }

    /// The elements of each neuron have one mean and variance and no correlations, over all keys: what
    /// [`dependence`](Self::dependence) says of values that aren't drawn one by one.
    pub fn uncorrelated(mut self) -> Self {
        self.uncorrelated = true;
        self
    }

    pub(super) fn is_uncorrelated(&self) -> bool {
        self.uncorrelated
    }

    /// This share of the elements are weights, on average over keys.
    pub(crate) fn with_density(mut self, density: Option<f64>) -> Self {
        self.density = density;
        self
    }

    /// The weight's shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// What is made at once.
    pub fn kind(&self) -> Kind {
        match &self.values {
            Values::Elements(_) => Kind::Elements,
            Values::Vectors(..) => Kind::Vectors,
            Values::Whole(_) => Kind::Whole,
            Values::Centre(inner) => inner.1.kind(),
            Values::Repeated(inner) => inner.1.kind(),
            Values::Parts(parts) => parts.all().map(Self::kind).max().unwrap_or(Kind::Elements),
        }
    }

    /// How each element comes about from a word of its own, for those who make the values on another
    /// device: `None` where elements are left out, depend on each other, or come from a function of a user's
    /// own or of the math library.
    pub fn elementwise(&self, key: Key) -> Option<Elementwise> {
        match &self.values {
            Values::Elements(map) if !self.is_sparse() => map.elementwise(key),
            _ => None,
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.elements
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.elements == 0
    }

    /// Whether some elements are left out, and zero.
    pub fn is_sparse(&self) -> bool {
        self.support != Support::All
    }

    /// Whether places are chosen, for itself or for what it builds on.
    pub(crate) fn has_pattern(&self) -> bool {
        self.has_pattern || self.is_sparse()
    }

    /// Whether the elements that are left out are to stay zero for as long as the model lives.
    pub fn is_lasting(&self) -> bool {
        matches!(
            self.support,
            Support::Written { lasting: true } | Support::NotZero { lasting: true }
        )
    }

    /// Between which numbers all values lie, both included, if that is known.
    pub fn bounds(&self) -> Option<(f32, f32)> {
        self.bounds
    }

    /// How large a value can be, whatever its sign, as far as that is known.
    pub fn largest(&self) -> Option<f64> {
        self.largest
    }

    /// Whether its zeros are no weights, though it writes them.
    pub(super) fn writes_zeros_for_none(&self) -> bool {
        matches!(self.support, Support::NotZero { .. })
    }

    /// Whether these vectors can be made one by one.
    pub(crate) fn makes(&self, vectors: &Vectors) -> bool {
        match &self.values {
            Values::Elements(_) => true,
            Values::Vectors(own, _) => own == vectors,
            _ => false,
        }
    }

    /// [`FillVectors::at_once`] of what builds on it.
    pub(crate) fn made_at_once(&self) -> Option<usize> {
        match &self.values {
            Values::Vectors(_, fill) => fill.at_once(),
            _ => None,
        }
    }

    /// [`FillVectors::width`] of what builds on it.
    pub(crate) fn made_together(&self) -> usize {
        match &self.values {
            Values::Vectors(_, fill) => fill.width(),
            _ => 1,
        }
    }

    pub(super) fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// The density that its initializer knows.
    pub(super) fn known_density(&self) -> Option<f64> {
        self.density
    }

    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    /// Writes the elements `start..start + out.len()`, in row-major order of the saved layout.
    ///
    /// # Errors
    ///
    /// If they aren't within the parameter; nothing has been written then. If there isn't enough
    /// memory, or a drawn pattern doesn't connect what it must; `out` holds no values then.
    pub fn fill(&self, key: Key, start: usize, out: &mut [f32]) -> Result<(), InitError> {
        match start.checked_add(out.len()) {
            Some(end) if end <= self.elements => {
                if self.is_sparse() {
                    out.fill(0.0);
                }
                self.run(key, start..end, out)
            }
            _ => Err(InitError::shape(
                &self.shape,
                format!(
                    "elements {start}..{start}+{} aren't within its {} elements",
                    out.len(),
                    self.elements
                ),
            )),
        }
    }

    /// All elements, in row-major order of the saved layout.
    ///
    /// # Errors
    ///
    /// If there isn't enough memory.
    pub fn draw(&self, key: Key) -> Result<Vec<f32>, InitError> {
        let mut values = zeros(&self.shape, self.elements)?;
        self.run(key, 0..self.elements, &mut values)?;
        Ok(values)
    }

    /// All elements, and of a sparse parameter which of them are weights: both from one draw.
    ///
    /// # Errors
    ///
    /// As [`draw`](Self::draw).
    pub fn draw_with_mask(&self, key: Key) -> Result<(Vec<f32>, Option<Vec<bool>>), InitError> {
        if !self.is_sparse() {
            return Ok((self.draw(key)?, None));
        }
        let run = |values: &mut [f32]| self.run(key, 0..self.elements, values);
        let (values, mask) = self.masked(self.elements, run)?;
        Ok((values, Some(mask)))
    }

    /// What `run` writes of a number of elements, and which of them are weights.
    pub(super) fn masked(
        &self,
        elements: usize,
        run: impl FnOnce(&mut [f32]) -> Result<(), InitError>,
    ) -> Result<(Vec<f32>, Vec<bool>), InitError> {
        let mut values = zeros(&self.shape, elements)?;
        let mut mask = zeros(&self.shape, elements)?;
        for_each_chunk(&mut values, CHUNK, FEW_DRAWS, |_, values| {
            values.fill(UNWRITTEN)
        });
        run(&mut values)?;
        let zeros_count = matches!(self.support, Support::Written { .. });
        for_each_chunk_of_both(&mut values, &mut mask, CHUNK, |values, mask| {
            for (value, lives) in values.iter_mut().zip(mask) {
                *lives = written(*value) && (zeros_count || *value != 0.0);
                *value = if written(*value) { *value } else { 0.0 };
            }
        });
        Ok((values, mask))
    }

    /// Writes these elements, less those that are left out.
    pub(crate) fn run(
        &self,
        key: Key,
        range: Range<usize>,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        if range.is_empty() {
            return Ok(());
        }
        match &self.values {
            Values::Elements(map) => map.fill(key, range.start as u64, out),
            Values::Vectors(vectors, fill) => {
                fill_vectors(vectors, fill.as_ref(), key, &Runs::of(range), out)?;
            }
            Values::Whole(fill) if range.len() == self.elements => fill(key, out)?,
            Values::Whole(fill) => {
                let mut all = zeros(&self.shape, self.elements)?;
                all.fill(UNWRITTEN);
                fill(key, &mut all)?;
                copy_written(&all[range], out);
            }
            Values::Centre(inner) => {
                let (centre, matrix) = inner.as_ref();
                let Centre { places, middle, .. } = *centre;
                if !self.is_sparse() {
                    out.fill(0.0);
                }
                // The matrix's elements that lie in the range.
                let first = range.start.saturating_sub(middle).div_ceil(places);
                let end = (range.end + places - 1 - middle) / places;
                let mut values = zeros(&self.shape, end.saturating_sub(first))?;
                values.fill(UNWRITTEN);
                matrix.run(key, first..first + values.len(), &mut values)?;
                for (value, i) in values.into_iter().zip(first..) {
                    if written(value) {
                        out[i * places + middle - range.start] = value;
                    }
                }
            }
            Values::Parts(parts) => parts.run(key, range, self.is_lasting(), out)?,
            Values::Repeated(inner) => {
                let (Repeat { block, times }, base) = inner.as_ref();
                // The blocks of the smaller weight that the range has something of.
                let first = range.start / block / times;
                let end = range.end.div_ceil(block * times);
                let mut values = zeros(&self.shape, (end - first) * block)?;
                values.fill(UNWRITTEN);
                base.run(key, first * block..end * block, &mut values)?;
                for (out, i) in out.iter_mut().zip(range) {
                    let value = values[(i / block / times - first) * block + i % block];
                    if written(value) {
                        *out = value;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Fitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = match &self.values {
            Values::Elements(map) => format!("elements by {map:?}"),
            Values::Vectors(vectors, _) => format!("{vectors:?}"),
            Values::Whole(_) => "whole".to_owned(),
            Values::Centre(inner) => format!("centre of {:?}", inner.1),
            Values::Parts(parts) => format!("parts {:?}", parts.all().collect::<Vec<_>>()),
            Values::Repeated(inner) => format!("{:?} of {:?}", inner.0, inner.1),
        };
        f.debug_struct("Fitted")
            .field("shape", &self.shape)
            .field("values", &values)
            .field("support", &self.support)
            .field("bounds", &self.bounds)
            .finish()
    }
}
