//! The inner loop of products of matrices: a tile of the result in registers.

use std::marker::PhantomData;

use super::Words;

/// A matrix in memory.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    elements: &'a [f32],
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// With rows of `columns` elements one after another.
    #[inline(always)]
    pub fn new(elements: &'a [f32], columns: usize) -> Self {
        Self {
            elements,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The transpose of what has rows of `columns` elements one after another.
    #[inline(always)]
    pub fn transposed(elements: &'a [f32], columns: usize) -> Self {
        Self {
            elements,
            row_stride: 1,
            column_stride: columns,
        }
    }

    /// Without the first rows.
    #[inline(always)]
    pub fn skip_rows(self, rows: usize) -> Self {
        Self {
            elements: &self.elements[rows * self.row_stride..],
            ..self
        }
    }
}

/// A tile of a product.
pub(crate) trait ProductTile {
    /// Its rows.
    const HEIGHT: usize;

    /// Its columns.
    const WIDTH: usize;

    /// Adds A·B to a tile of C. B and C have rows of `stride` elements, and A has `terms` columns; to
    /// each element, the terms are added in ascending order, each in one fused step.
    fn add_product(a: Matrix<'_>, terms: usize, b: &[f32], c: &mut [f32], stride: usize);
}

/// A tile of this many rows, each of some vectors.
pub(crate) struct TileOf<V, const HEIGHT: usize, const VECTORS: usize>(PhantomData<V>);

impl<V: Words, const HEIGHT: usize, const VECTORS: usize> ProductTile
    for TileOf<V, HEIGHT, VECTORS>
{
    const HEIGHT: usize = HEIGHT;
    const WIDTH: usize = VECTORS * V::LANES;

    #[inline(always)]
    fn add_product(a: Matrix<'_>, terms: usize, b: &[f32], c: &mut [f32], stride: usize) {
        let mut sums = [[V::splat(0); VECTORS]; HEIGHT];
        for r in 0..HEIGHT {
            for v in 0..VECTORS {
                sums[r][v] = V::load_floats(&c[r * stride + v * V::LANES..]);
            }
        }
        for (k, b) in b.chunks(stride).take(terms).enumerate() {
            let mut vectors = [V::splat(0); VECTORS];
            for v in 0..VECTORS {
                vectors[v] = V::load_floats(&b[v * V::LANES..]);
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let a = a.elements[r * a.row_stride + k * a.column_stride];
                let a = V::splat(a.to_bits());
                for (sum, b) in sums.iter_mut().zip(vectors) {
                    *sum = a.float_mul_add(b, *sum);
                }
            }
        }
        for r in 0..HEIGHT {
            for v in 0..VECTORS {
                sums[r][v].store(&mut c[r * stride + v * V::LANES..]);
            }
        }
    }
}
