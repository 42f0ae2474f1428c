//! Parts of a weight alone: the same driver, for the runs of a region.

use super::Fitted;
use super::fill::fill_vectors;
use super::fitted::{Repeat, Values};
use crate::draw::map::Map;
use crate::error::InitError;
use crate::key::Key;
use crate::memory::{UNWRITTEN, copy_written, written, zeros};
use crate::parallel::{FEW_DRAWS, for_each_chunk};
use crate::weight::centre::Centre;
use crate::weight::{Region, Runs};

/// Elements that one task draws, at least.
const CHUNK: usize = 1 << 13;

impl Fitted {
    /// Writes the elements of a part of the parameter, in row-major order of the part: the bits that
    /// they have in the whole.
    ///
    /// Where [`kind`](Self::kind) says elements or vectors, each thread takes memory for a few vectors
    /// beside `out` (for a single one, if it is long; for 32, where wavelets lie side by side), and what is
    /// made are the vectors that the part has something of. What belongs to all vectors is made for each part once more: the reflections of an
    /// orthogonal matrix, the mask of a balanced pattern. Where it says whole, all of the parameter is
    /// made, and the part taken from it.
    ///
    /// ```
    /// use burn_init_values::weight::Shard;
    /// use burn_init_values::{Initializer, Orthogonal, Seed, WeightLayout};
    ///
    /// let layout = WeightLayout::linear([100, 64]);
    /// let key = Seed::new(42).key("fc1.weight");
    /// let shard = Shard::new(0, 3, 4)?.region(layout.shape())?;
    /// let mut rows = vec![0.0; shard.elements()];
    /// Orthogonal::new().fit(&layout)?.fill_region(key, &shard, &mut rows)?;
    /// assert_eq!(rows, Orthogonal::new().draw(&layout, key)?[75 * 64..]);
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is a region of a weight of another shape, or `out` doesn't have its size; nothing has been
    /// written then. As [`fill`](Self::fill) otherwise.
    pub fn fill_region(&self, key: Key, region: &Region, out: &mut [f32]) -> Result<(), InitError> {
        self.check_region(region)?;
        if region.elements() != out.len() {
            let problem = format!(
                "the region {region} has {} elements, not {}",
                region.elements(),
                out.len()
            );
            return Err(InitError::shape(self.shape(), problem));
        }
        if self.is_sparse() {
            out.fill(0.0);
        }
        self.run_region(key, region, out)
    }

    /// The elements of a part of the parameter, as [`fill_region`](Self::fill_region) writes them.
    ///
    /// # Errors
    ///
    /// If it is a region of a weight of another shape, or as [`draw`](Self::draw).
    pub fn draw_region(&self, key: Key, region: &Region) -> Result<Vec<f32>, InitError> {
        self.check_region(region)?;
        let mut values = zeros(&region.shape(), region.elements())?;
        self.run_region(key, region, &mut values)?;
        Ok(values)
    }

    /// The elements of a part, and of a sparse parameter which of them are weights, as
    /// [`draw_with_mask`](Self::draw_with_mask) gives those of the whole.
    ///
    /// # Errors
    ///
    /// As [`draw_region`](Self::draw_region).
    pub fn draw_region_with_mask(
        &self,
        key: Key,
        region: &Region,
    ) -> Result<(Vec<f32>, Option<Vec<bool>>), InitError> {
        self.check_region(region)?;
        if !self.is_sparse() {
            return Ok((self.draw_region(key, region)?, None));
        }
        let run = |values: &mut [f32]| self.run_region(key, region, values);
        let (values, mask) = self.masked(region.elements(), run)?;
        Ok((values, Some(mask)))
    }

    fn check_region(&self, region: &Region) -> Result<(), InitError> {
        if region.whole() == self.shape() {
            return Ok(());
        }
        let problem = format!("the region {region} is of another shape");
        Err(InitError::shape(self.shape(), problem))
    }

    /// Writes these elements, less those that are left out.
    pub(super) fn run_region(
        &self,
        key: Key,
        region: &Region,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        let runs = region.runs();
        if runs.count <= 1 {
            return self.run(key, runs.start(0)..runs.end(), out);
        }
        match self.values() {
            Values::Elements(map) => draw_runs(map, key, &runs, out),
            Values::Vectors(vectors, fill) => {
                fill_vectors(vectors, fill.as_ref(), key, &runs, out)?;
            }
            Values::Whole(fill) => {
                let mut all = zeros(self.shape(), self.len())?;
                all.fill(UNWRITTEN);
                fill(key, &mut all)?;
                for (run, out) in out.chunks_mut(runs.len).enumerate() {
                    copy_written(&all[runs.start(run)..][..runs.len], out);
                }
            }
            Values::Centre(inner) => {
                let (centre, matrix) = inner.as_ref();
                self.run_centre(key, centre, matrix, region, out)?;
            }
            Values::Parts(parts) => parts.run_region(key, region, self.is_lasting(), out)?,
            Values::Repeated(inner) => {
                let (Repeat { times, .. }, base) = inner.as_ref();
                // The axis along which it is repeated.
                let mut sizes = self.shape().iter().zip(base.shape());
                let axis = sizes.position(|(own, base)| own != base).unwrap_or(0);
                let along = region.ranges()[axis].clone();
                let blocks = along.start / times..along.end.div_ceil(*times);
                let of_base = region.with_axis(axis, base.shape()[axis], blocks.clone());
                let mut values = zeros(base.shape(), of_base.elements())?;
                values.fill(UNWRITTEN);
                base.run_region(key, &of_base, &mut values)?;
                let block = region.inner(axis);
                let own = out.chunks_mut(along.len() * block);
                for (values, out) in values.chunks(blocks.len() * block).zip(own) {
                    for (place, out) in along.clone().zip(out.chunks_mut(block)) {
                        copy_written(
                            &values[(place / times - blocks.start) * block..][..block],
                            out,
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// The elements of a region of a kernel, of which only a matrix in its middle is more than zeros.
    fn run_centre(
        &self,
        key: Key,
        centre: &Centre,
        matrix: &Self,
        region: &Region,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        if !self.is_sparse() {
            out.fill(0.0);
        }
        let (channels, kernel) = region.ranges().split_at(2);
        let sizes = self.shape()[2..].iter();
        let Some(middle) = centre.middle_of(sizes.zip(kernel)) else {
            return Ok(());
        };
        let of_matrix = Region::new(matrix.shape(), channels)?;
        let mut values = zeros(matrix.shape(), of_matrix.elements())?;
        values.fill(UNWRITTEN);
        matrix.run_region(key, &of_matrix, &mut values)?;
        let places = kernel.iter().map(ExactSizeIterator::len).product();
        for (value, out) in values.into_iter().zip(out.chunks_mut(places)) {
            if written(value) {
                out[middle] = value;
            }
        }
        Ok(())
    }
}

/// Draws runs of elements, each by itself.
fn draw_runs(map: &Map, key: Key, runs: &Runs, out: &mut [f32]) {
    let at_once = CHUNK.div_ceil(runs.len);
    for_each_chunk(out, at_once * runs.len, FEW_DRAWS, |number, chunk| {
        for (run, out) in (number * at_once..).zip(chunk.chunks_mut(runs.len)) {
            map.fill(key, runs.start(run) as u64, out);
        }
    });
}
