//! What a [`Wavelet`](super::Wavelet) does to the vectors of a weight.

use std::ops::Range;
use std::sync::OnceLock;

use super::shaping::energy;
use super::transform::Scratch;
use super::{Normalization, Shaping, Transform};
use crate::draw::ROW;
use crate::draw::map::Map;
use crate::error::InitError;
use crate::initializer::{FillVectors, Fitted, Values, Worker, Workers};
use crate::key::Key;
use crate::memory::zeros;
use crate::simd::{Isa, Job, dispatch};
use crate::weight::{Tile, Vectors};

/// Ψ⁻¹SΨ for the vectors of a weight.
pub(super) struct Shaper {
    vectors: Vectors,
    transform: Transform,
    /// The gain of the approximation, and those of the details from the finest level on.
    level_gains: Vec<f32>,
    shaping: Shaping,
    normalization: Normalization,
    mean_gain: f64,
    /// Made when they are needed: a weight that is only checked may be larger than memory.
    coefficients: OnceLock<Coefficients>,
}

/// What belongs to each coefficient.
struct Coefficients {
    levels: Vec<usize>,
    gains: Vec<f32>,
}

impl Shaper {
    pub fn new(
        vectors: Vectors,
        transform: Transform,
        level_gains: Vec<f32>,
        shaping: Shaping,
        normalization: Normalization,
        mean_gain: f64,
    ) -> Self {
        Self {
            vectors,
            transform,
            level_gains,
            shaping,
            normalization,
            mean_gain,
            coefficients: OnceLock::new(),
        }
    }

    fn coefficients(&self) -> Result<&Coefficients, InitError> {
        if let Some(coefficients) = self.coefficients.get() {
            return Ok(coefficients);
        }
        // Is there memory for them?
        let len = self.transform.len();
        zeros::<usize>(&[len], len)?;
        Ok(self.coefficients.get_or_init(|| {
            let levels = self.transform.coefficient_levels();
            let gains = levels.iter().map(|level| self.level_gains[*level]);
            Coefficients {
                gains: gains.collect(),
                levels,
            }
        }))
    }

    /// Whether each vector is multiplied by the same matrix Ψ⁻¹SΨ.
    fn is_linear(&self) -> bool {
        !matches!(self.shaping, Shaping::Threshold { .. })
            && self.normalization != Normalization::Spectrum
    }

    /// Draws the base, and shapes it.
    fn worker<'a>(&'a self, coefficients: &'a Coefficients, mut base: Base<'a>) -> Worker<'a> {
        let len = self.vectors.len();
        if !self.is_linear() {
            let mut shaper = VectorShaper::new(self, &coefficients.levels);
            let mut room = vec![0.0; len];
            return Box::new(move |j, tile| {
                base.draw(&self.vectors, j, tile)?;
                for l in 0..tile.count() {
                    tile.change(l, &mut room, |w| shaper.shape(w));
                }
                Ok(())
            });
        }
        if self.vectors.is_contiguous() {
            let mut shaper = LinearShaper::<1>::new(self, &coefficients.gains);
            let mut room = vec![0.0; len];
            return Box::new(move |j, tile| {
                base.draw(&self.vectors, j, tile)?;
                for l in 0..tile.count() {
                    tile.change(l, &mut room, |w| shaper.shape(w.as_chunks_mut::<1>().0));
                }
                Ok(())
            });
        }
        let mut shaper = LinearShaper::<ROW>::new(self, &coefficients.gains);
        let mut rows = vec![[0.0; ROW]; len];
        Box::new(move |j, tile| {
            let in_rows = match base {
                Base::Elements(map, key) if self.vectors.is_side_by_side() => Some((map, key)),
                _ => None,
            };
            if in_rows.is_none() {
                base.draw(&self.vectors, j, tile)?;
            }
            for begin in (0..tile.count()).step_by(ROW) {
                let range = begin..tile.count().min(begin + ROW);
                match in_rows {
                    // Drawn where they are shaped.
                    Some((map, key)) => {
                        let start = self.vectors.index(j + begin, 0) as u64;
                        map.fill_rows(key, start, self.vectors.stride() as u64, &mut rows);
                    }
                    None => tile.read(range.clone(), &mut rows),
                }
                shaper.shape(&mut rows);
                tile.write(range, &rows);
            }
            Ok(())
        })
    }
}

/// Vectors that are drawn from a base, and shaped.
pub(super) struct OverBase {
    pub shaper: Shaper,
    pub base: Fitted,
}

impl OverBase {
    /// All elements, of a base whose vectors are other ones.
    pub fn fill(&self, key: Key, out: &mut [f32]) -> Result<(), InitError> {
        let shaper = &self.shaper;
        let coefficients = shaper.coefficients()?;
        self.base.fill(key, 0, out)?;
        let worker = || shaper.worker(coefficients, Base::There);
        shaper
            .vectors
            .for_each_tile(0, 1, out, worker, |worker, j, tile| {
                // A base that is there can't fail.
                let _ = worker(j, tile);
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
        let Self { shaper, base } = self;
        let coefficients = shaper.coefficients()?;
        Ok(match base.values() {
            Values::Vectors(_, fill) => {
                let workers = fill.prepare(key, vectors)?;
                Box::new(move || {
                    let base = Base::Vectors(workers(), base.is_sparse());
                    shaper.worker(coefficients, base)
                })
            }
            Values::Elements(map) => {
                Box::new(move || shaper.worker(coefficients, Base::Elements(map, key)))
            }
            // These are drawn whole, by `fill`.
            _ => Box::new(|| shaper.worker(coefficients, Base::There)),
        })
    }
}

/// How a tile gets the values that are shaped.
enum Base<'a> {
    /// It has them.
    There,
    /// Element by element.
    Elements(&'a Map, Key),
    /// Vector by vector; sparse ones are written between zeros.
    Vectors(Worker<'a>, bool),
}

impl Base<'_> {
    fn draw(&mut self, vectors: &Vectors, j: usize, tile: &mut Tile<'_>) -> Result<(), InitError> {
        match self {
            Self::There => {}
            Self::Elements(map, key) => {
                tile.for_each_run(vectors, j, |start, out| map.fill(*key, start, out));
            }
            Self::Vectors(worker, sparse) => {
                if *sparse {
                    tile.fill(0.0);
                }
                worker(j, tile)?;
            }
        }
        Ok(())
    }
}

/// Multiplies the mean of each column.
fn scale_mean<const L: usize>(w: &mut [[f32; L]], gain: f64) {
    if gain == 1.0 {
        return;
    }
    let mut sums = [0.0; L];
    for row in w.iter() {
        for (sum, w) in sums.iter_mut().zip(row) {
            *sum += f64::from(*w);
        }
    }
    let less = sums.map(|sum| (sum / w.len() as f64 * (1.0 - gain)) as f32);
    for row in w {
        for (w, less) in row.iter_mut().zip(less) {
            *w -= less;
        }
    }
}

/// Shapes by gains that are the same for all neurons: `L` of them at a time, side by side.
struct LinearShaper<'a, const L: usize> {
    shaper: &'a Shaper,
    gains: &'a [f32],
    scratch: Scratch,
}

impl<'a, const L: usize> LinearShaper<'a, L> {
    fn new(shaper: &'a Shaper, gains: &'a [f32]) -> Self {
        let scratch = shaper.transform.scratch_for(L);
        Self {
            shaper,
            gains,
            scratch,
        }
    }

    /// Each column w becomes Ψ⁻¹SΨw.
    fn shape(&mut self, w: &mut [[f32; L]]) {
        let Shaper {
            transform,
            mean_gain,
            ..
        } = self.shaper;
        transform.forward_rows(w, &mut self.scratch);
        dispatch(Scale {
            rows: w,
            gains: self.gains,
        });
        transform.inverse_rows(w, &mut self.scratch);
        scale_mean(w, *mean_gain);
    }
}

/// Multiplies rows, each by its gain.
struct Scale<'a, const L: usize> {
    rows: &'a mut [[f32; L]],
    gains: &'a [f32],
}

impl<const L: usize> Job for Scale<'_, L> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for (row, gain) in self.rows.iter_mut().zip(self.gains) {
            for value in row {
                *value *= gain;
            }
        }
    }
}

/// Shapes one vector after another, each by its own coefficients: thresholds, and gains that impose a
/// spectrum.
struct VectorShaper<'a> {
    shaper: &'a Shaper,
    levels: &'a [usize],
    sizes: Vec<usize>,
    scratch: Scratch,
    order: Vec<usize>,
    energies: Vec<f64>,
}

impl<'a> VectorShaper<'a> {
    fn new(shaper: &'a Shaper, levels: &'a [usize]) -> Self {
        Self {
            shaper,
            levels,
            sizes: shaper.transform.level_sizes(),
            scratch: shaper.transform.scratch(),
            order: Vec::new(),
            energies: Vec::new(),
        }
    }

    /// w becomes Ψ⁻¹SΨw.
    fn shape(&mut self, w: &mut [f32]) {
        let Shaper {
            transform,
            shaping,
            normalization,
            mean_gain,
            ..
        } = self.shaper;
        let energy_of_base = energy(w);
        if let Shaping::Threshold { keep, soft } = shaping {
            // What is chosen by size is chosen without the part of the mean that doesn't stay.
            scale_mean(w.as_chunks_mut::<1>().0, *mean_gain);
            transform.forward(w, &mut self.scratch);
            keep.apply(*soft, w, &mut self.order);
            transform.inverse(w, &mut self.scratch);
        } else {
            transform.forward(w, &mut self.scratch);
            self.impose_spectrum(w);
            transform.inverse(w, &mut self.scratch);
            scale_mean(w.as_chunks_mut::<1>().0, *mean_gain);
        }
        // Linear gains keep the norm on average; what depends on the neuron itself restores it.
        if *normalization != Normalization::None {
            let left = energy(w);
            if left > 0.0 {
                let scale = (energy_of_base / left).sqrt();
                if scale <= f64::from(f32::MAX) {
                    let scale = scale as f32;
                    w.iter_mut().for_each(|w| *w *= scale);
                } else {
                    // What is left is so small that f32 has no such scale.
                    let scaled = |w: f32| (f64::from(w) * scale) as f32;
                    w.iter_mut().for_each(|w| *w = scaled(*w));
                }
            }
        }
    }

    /// Scales the coefficients of each level so that their mean square is the squared gain.
    fn impose_spectrum(&mut self, coefficients: &mut [f32]) {
        self.energies.clear();
        self.energies.resize(self.sizes.len(), 0.0);
        for (coefficient, level) in coefficients.iter().zip(self.levels) {
            self.energies[*level] += f64::from(*coefficient) * f64::from(*coefficient);
        }
        for (coefficient, level) in coefficients.iter_mut().zip(self.levels) {
            let mean_square = self.energies[*level] / self.sizes[*level] as f64;
            if mean_square > 0.0 {
                let gain = f64::from(self.shaper.level_gains[*level]) / mean_square.sqrt();
                *coefficient = (f64::from(*coefficient) * gain) as f32;
            }
        }
    }
}
