//! What a [`Wavelet`] does to the vectors of a weight.

use super::shaping::energy;
use super::{Normalization, Scratch, Shaping, Transform, Wavelet};
use crate::draw::ROW;
use crate::draw::elementwise::Elementwise;
use crate::fibers::Fibers;
use crate::key::Key;
use crate::simd::{Isa, Kernel, dispatch};

/// The vectors of a weight, and how they are shaped.
pub(super) struct Resolved {
    pub fibers: Fibers,
    /// Of the approximation, and of the details from the finest level on.
    pub level_gains: Vec<f32>,
    pub transform: Transform,
}

impl Resolved {
    /// Shapes whole vectors, from element `first` on, by gains that are the same for all of them.
    /// They are drawn from `base`, or have the base's values already.
    pub fn shape_linear(
        &self,
        mean_gain: f64,
        first: usize,
        weights: &mut [f32],
        base: Option<(Elementwise, Key<'_>)>,
    ) {
        let levels = self.transform.coefficient_levels();
        let gains: Vec<f32> = levels.iter().map(|l| self.level_gains[*l]).collect();
        let fibers = &self.fibers;
        let len = fibers.len;
        if fibers.is_contiguous() {
            fibers.for_each(first, weights, |j, rows| {
                if let Some((base, key)) = base {
                    base.fill(key, (j * len) as u64, rows);
                }
                let mut shaper = self.shaper::<1>(&gains, mean_gain);
                for w in rows.chunks_mut(len) {
                    shaper.shape(w.as_chunks_mut::<1>().0);
                }
            });
            return;
        }
        let memory = || (self.shaper::<ROW>(&gains, mean_gain), vec![[0.0; ROW]; len]);
        fibers.for_each_tile(first, weights, memory, |(shaper, w), j, mut tile| {
            for begin in (0..tile.count()).step_by(ROW) {
                let range = begin..tile.count().min(begin + ROW);
                match base {
                    Some((base, key)) => {
                        let start = fibers.index(j + begin, 0) as u64;
                        base.fill_rows(key, start, fibers.count as u64, w);
                    }
                    None => tile.read(range.clone(), w),
                }
                shaper.shape(w);
                tile.write(range, w);
            }
        });
    }

    fn shaper<'a, const L: usize>(
        &'a self,
        gains: &'a [f32],
        mean_gain: f64,
    ) -> LinearShaper<'a, L> {
        LinearShaper {
            transform: &self.transform,
            gains,
            mean_gain,
            scratch: self.transform.scratch_for(L),
        }
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
    transform: &'a Transform,
    /// Of each coefficient.
    gains: &'a [f32],
    mean_gain: f64,
    scratch: Scratch,
}

impl<const L: usize> LinearShaper<'_, L> {
    /// Each column w becomes ΨᵀSΨw.
    fn shape(&mut self, w: &mut [[f32; L]]) {
        self.transform.forward_rows(w, &mut self.scratch);
        dispatch(Scale {
            rows: w,
            gains: self.gains,
        });
        self.transform.inverse_rows(w, &mut self.scratch);
        scale_mean(w, self.mean_gain);
    }
}

/// Multiplies rows, each by its gain.
struct Scale<'a, const L: usize> {
    rows: &'a mut [[f32; L]],
    gains: &'a [f32],
}

impl<const L: usize> Kernel for Scale<'_, L> {
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
pub(super) struct NeuronShaper<'a> {
    settings: &'a Wavelet,
    resolved: &'a Resolved,
    /// The level of each coefficient.
    levels: &'a [usize],
    sizes: Vec<usize>,
    scratch: Scratch,
    order: Vec<usize>,
    energies: Vec<f64>,
}

impl<'a> NeuronShaper<'a> {
    pub fn new(settings: &'a Wavelet, resolved: &'a Resolved, levels: &'a [usize]) -> Self {
        Self {
            settings,
            resolved,
            levels,
            sizes: resolved.transform.level_sizes(),
            scratch: resolved.transform.scratch(),
            order: Vec::new(),
            energies: Vec::new(),
        }
    }

    /// w becomes ΨᵀSΨw.
    pub fn shape(&mut self, w: &mut [f32]) {
        let Wavelet {
            shaping,
            normalization,
            mean_gain,
            ..
        } = self.settings;
        let energy_of_base = energy(w);
        let transform = &self.resolved.transform;
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
                let scale = (energy_of_base / left).sqrt() as f32;
                w.iter_mut().for_each(|w| *w *= scale);
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
                let gain = f64::from(self.resolved.level_gains[*level]) / mean_square.sqrt();
                *coefficient = (f64::from(*coefficient) * gain) as f32;
            }
        }
    }
}
