//! Vectors that are a few wavelets.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shaping::energy;
use super::{Boundary, Family, Levels, Transform};
use crate::draw::normal::fill_normal;
use crate::draw::subset::{Draws, Subset};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, FillVectors, Fitted, Initializer, Worker, Workers};
use crate::key::{Key, Purpose};
use crate::memory::zeros;
use crate::weight::grid::check_grid;
use crate::weight::{Vectors, WeightLayout};

const NAME: &str = "WaveletSparse";

/// w = Σ cᵢ ψᵢ over k wavelets: each neuron is a combination of a few, and sparse in the wavelet
/// domain.
///
/// Which wavelets is drawn without replacement, each time in proportion to (2ʲ)^γ for a wavelet of
/// level j, 1 being the finest, and for scaling functions to (2ᴶ)^γ. With γ = 0, the default, all
/// wavelets are equally likely, so most are fine; with γ = 1 all levels are, since each has half as
/// many wavelets as the one below. Their coefficients are normal, and normalised so that each
/// neuron has norm |gain|.
///
/// ```
/// use burn_init_values::{Initializer, Seed, WaveletSparse, WeightLayout};
///
/// let layout = WeightLayout::linear_col([64, 100]);
/// let w = WaveletSparse::haar(5).law(1.0).draw(&layout, Seed::new(1).key("fc1.weight"))?;
/// let norm = w[..100].iter().map(|w| w * w).sum::<f32>().sqrt();
/// assert!((norm - 1.0).abs() < 1e-5);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WaveletSparse {
    /// The family of wavelets: an orthogonal one, so that coefficients have the neuron's norm.
    pub family: Family,
    /// How many wavelets each neuron is a sum of.
    pub k: usize,
    /// The exponent γ of the law by which wavelets are drawn.
    #[serde(default)]
    pub law: f64,
    /// How many levels the transform has.
    #[serde(default)]
    pub levels: Levels,
    /// What the transform does at the ends of an axis.
    #[serde(default)]
    pub boundary: Boundary,
    /// The grid that the inputs form, if not a line.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// The norm of each neuron.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl WaveletSparse {
    /// Each neuron is a combination of `k` wavelets of this orthogonal family.
    pub fn new(family: Family, k: usize) -> Self {
        Self {
            family,
            k,
            law: 0.0,
            levels: Levels::default(),
            boundary: Boundary::default(),
            grid: None,
            gain: 1.0,
        }
    }

    /// Each neuron is a combination of `k` Haar wavelets, which exist for every number of inputs.
    pub fn haar(k: usize) -> Self {
        Self::new(Family::HAAR, k)
    }

    /// The exponent γ of the law by which wavelets are drawn: 0 for all alike, 1 for all levels
    /// alike, larger for coarser ones.
    pub fn law(mut self, gamma: f64) -> Self {
        self.law = gamma;
        self
    }

    /// The number of levels, by default as many as are [useful](Levels::Useful).
    pub fn levels(mut self, levels: impl Into<Levels>) -> Self {
        self.levels = levels.into();
        self
    }

    /// What the transform does at the ends of an axis: [`Boundary::Filters`] for families other than Haar
    /// where 2 doesn't divide the length, or not often enough.
    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }

    /// The inputs form a grid of this shape, in row-major order.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// The norm of each neuron.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// The wavelets that neurons of this length are combinations of.
    fn wavelets(&self, neurons: &Vectors) -> Result<Wavelets, InitError> {
        finite(NAME, "law", self.law)?;
        finite(NAME, "gain", self.gain)?;
        self.family
            .check_orthogonal(NAME, "for neurons of a given norm")?;
        let len = neurons.len();
        let shape = match &self.grid {
            None => vec![len],
            Some(grid) => check_grid(NAME, grid, len)?,
        };
        if neurons.count() > 0 && !(1..=len).contains(&self.k) {
            let expected = format!("from 1 to {len}, the wavelets that a neuron has");
            return Err(InitError::setting(NAME, "k", self.k, expected));
        }
        let transform = Transform::with_boundary(self.family, &shape, self.levels, self.boundary)?;
        let levels = transform.levels();
        let weight = |level: usize| libm::exp2(self.law * level as f64);
        let weights: Vec<f64> = std::iter::once(levels)
            .chain(1..=levels)
            .map(weight)
            .collect();
        // Each must be a positive number, and so must their sum be over all coefficients.
        let sum: f64 = weights
            .iter()
            .zip(transform.level_sizes())
            .map(|(w, n)| w * n as f64)
            .sum();
        if weights.contains(&0.0) || !sum.is_finite() {
            let expected = format!("nearer to 0: (2ʲ)^γ must be a number for all {levels} levels");
            return Err(InitError::setting(NAME, "law", self.law, expected));
        }
        Ok(Wavelets {
            k: self.k,
            gain: self.gain,
            transform,
            weights,
        })
    }
}

/// The wavelets that neurons are combinations of.
struct Wavelets {
    /// How many of them each neuron has.
    k: usize,
    gain: f64,
    transform: Transform,
    /// What a wavelet of each level weighs in drawing.
    weights: Vec<f64>,
}

impl Wavelets {
    /// How many of neuron j's k wavelets belong to each level.
    fn counts(&self, key: Key, j: usize, k: usize) -> Vec<usize> {
        let mut draws = Draws::new(key.purpose(Purpose::Level));
        let mut left = self.transform.level_sizes();
        let mut counts = vec![0; left.len()];
        for i in 0..k {
            let of_level = |level: usize, left: &[usize]| self.weights[level] * left[level] as f64;
            let total: f64 = (0..left.len()).map(|level| of_level(level, &left)).sum();
            let mut place = draws.unit((j * k + i) as u64) * total;
            let last = left.iter().rposition(|n| *n > 0).unwrap_or(0);
            let level = (0..last)
                .find(|level| {
                    let weight = of_level(*level, &left);
                    let found = place < weight;
                    place -= weight;
                    found
                })
                .unwrap_or(last);
            counts[level] += 1;
            left[level] -= 1;
        }
        counts
    }
}

impl fmt::Display for WaveletSparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "wavelet sparse {}{}{}, {} per neuron",
            self.family, self.levels, self.boundary, self.k
        )?;
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        write!(f, ", law γ = {}, gain {}", self.law, self.gain)
    }
}

impl Initializer for WaveletSparse {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let neurons = weight.neurons()?;
        let wavelets = self.wavelets(&neurons)?;
        let largest = 1.5 * self.gain.abs();
        finite(NAME, "gain", largest)?;
        Ok(Fitted::by_vector(weight, neurons, wavelets)?
            .up_to(largest)
            .expecting(Expected::of_norm(&neurons, self.gain)))
    }
}

impl FillVectors for Wavelets {
    fn prepare(&self, key: Key, _: Range<usize>) -> Result<Workers<'_>, InitError> {
        let Self {
            k, gain, transform, ..
        } = self;
        // The coefficients of each level, if there is memory for them.
        zeros::<usize>(&[transform.len()], transform.len())?;
        let mut places = vec![Vec::new(); transform.levels() + 1];
        for (place, level) in transform.coefficient_levels().into_iter().enumerate() {
            places[level].push(place);
        }
        let places: Arc<[Vec<usize>]> = places.into();
        Ok(Box::new(move || -> Worker<'_> {
            let places = places.clone();
            let mut scratch = transform.scratch();
            let mut values = vec![0.0; *k];
            let mut room = vec![0.0; transform.len()];
            let (mut subset, mut chosen) = (Subset::default(), Vec::new());
            Box::new(move |first, tile| {
                for l in 0..tile.count() {
                    let j = first + l;
                    fill_normal(key, (j * k) as u64, &mut values, 0.0, 1.0);
                    let scale = gain / energy(&values).sqrt();
                    let counts = self.counts(key, j, *k);
                    tile.change(l, &mut room, |w| {
                        w.fill(0.0);
                        let mut done = 0;
                        for (places, count) in places.iter().zip(counts) {
                            let first_draw = (j * k + done) as u64;
                            let of_level = key.purpose(Purpose::Wavelets);
                            let places_of_level = places.len();
                            chosen.clear();
                            let places_chosen =
                                subset.choose(of_level, first_draw, count, places_of_level);
                            chosen.extend_from_slice(places_chosen);
                            chosen.sort_unstable();
                            for (place, value) in chosen.iter().zip(&values[done..]) {
                                w[places[*place as usize]] = (scale * f64::from(*value)) as f32;
                            }
                            done += count;
                        }
                        transform.inverse(w, &mut scratch);
                    });
                }
                Ok(())
            })
        }))
    }
}
