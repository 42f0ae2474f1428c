//! Products of random reflections: uniform orthogonal matrices (Stewart 1980; Mezzadri 2007).
//!
//! Q = H₀ H₁ … Hₙ₋₁ D, where Hₖ = 1 − 2 vvᵀ/vᵀv reflects a normal vector x of the coordinates from k
//! on onto the first of them, v = x ± ‖x‖e₁, and D are the signs that make the columns uniform. With
//! the reflections drawn instead of found, that's 4/3 n³ operations; a QR decomposition of a normal
//! matrix takes twice as many.
//!
//! [`BLOCK`] reflections at a time are 1 − V T Vᵀ (Schreiber and Van Loan 1989), where
//! T⁻¹ + T⁻ᵀ = VᵀV, so that almost all of the work is products of matrices. Each element of a product
//! is one sum in ascending order of fused multiplications, whatever the instruction set, the number
//! of threads or the columns that are asked for.

use crate::draw::normal::fill_normal;
use crate::error::InitError;
use crate::parallel::for_each_task;

use crate::key::{Key, Purpose};
use crate::memory::zeros;
use crate::simd::{Isa, Job, Matrix, ProductTile, dispatch};
use crate::weight::TILE;

/// Reflections that are applied at once.
const BLOCK: usize = 64;

/// What numbers of rows are multiples of, so that tiles of products divide them.
const STEP: usize = 8;

/// Columns that are made at once.
pub(super) const PANEL: usize = TILE;

/// Products over this many terms are summed by themselves: an L1 cache has room for their factors.
const TERMS: usize = 128;

/// The product of random reflections, as m rows and as many columns as reflections.
pub(super) struct Reflections {
    m: usize,
    n: usize,
    blocks: Vec<Block>,
}

/// Reflections k, k + 1, … of the coordinates from k on.
struct Block {
    /// The first one.
    k: usize,
    /// Their number, and zeros up to a multiple of [`STEP`].
    width: usize,
    /// V, a row of [`BLOCK`] numbers for each coordinate; zeros where there is no reflection, and in
    /// rows that complete a multiple of [`STEP`].
    v: Vec<f32>,
    /// −T, a triangle.
    t: Vec<f32>,
    signs: [f32; BLOCK],
}

impl Reflections {
    /// Of matrix `number` of a parameter, from draws of its own.
    ///
    /// # Errors
    ///
    /// If there is no memory for them.
    pub fn draw(key: Key, number: usize, m: usize, n: usize) -> Result<Self, InitError> {
        let of_block = |k: usize| BLOCK.saturating_mul((m - k).next_multiple_of(STEP));
        let firsts = (0..n).step_by(BLOCK);
        // Is there memory for all of them, before some are made?
        let all = firsts.clone().map(of_block).fold(0, usize::saturating_add);
        zeros::<f32>(&[m, n], all)?;
        let mut blocks = firsts
            .map(|k| {
                Ok(Block {
                    k,
                    width: BLOCK.min(n - k).next_multiple_of(STEP),
                    v: zeros(&[m, n], of_block(k))?,
                    t: vec![0.0; BLOCK * BLOCK],
                    signs: [0.0; BLOCK],
                })
            })
            .collect::<Result<Vec<_>, InitError>>()?;
        let key = key.purpose(Purpose::Reflection);
        let tasks = blocks.iter_mut().collect();
        for_each_task(
            tasks,
            m * n,
            || (),
            |(), _, block: &mut Block| {
                let mut x = vec![0.0; m - block.k];
                for i in 0..BLOCK.min(n - block.k) {
                    let k = block.k + i;
                    let x = &mut x[..m - k];
                    fill_normal(key, ((number * n + k) * m) as u64, x, 0.0, 1.0);
                    block.signs[i] = reflect(x);
                    for (v, x) in block.v[i * BLOCK + i..].iter_mut().step_by(BLOCK).zip(x) {
                        *v = *x;
                    }
                }
                let mut gram = vec![0.0; BLOCK * BLOCK];
                dispatch(Gram {
                    v: &block.v,
                    width: block.width,
                    gram: &mut gram,
                });
                triangle(&gram, block.width, &mut block.t);
            },
        );
        Ok(Self { m, n, blocks })
    }

    /// Columns `first..first + count` of the matrix, as the first ones of the panel, times `gain`.
    pub fn columns(&self, first: usize, count: usize, gain: f32, panel: &mut Panel) {
        let end = (first + count).min(self.n);
        let rows = self.m.next_multiple_of(STEP);
        panel.columns = end - first;
        panel.rows.clear();
        panel.rows.resize(rows, [0.0; PANEL]);
        for (c, column) in (first..end).enumerate() {
            panel.rows[column][c] = self.blocks[column / BLOCK].signs[column % BLOCK];
        }
        for block in self.blocks[..end.div_ceil(BLOCK)].iter().rev() {
            dispatch(Apply { block, panel });
        }
        for value in panel.rows.as_flattened_mut() {
            *value *= gain;
        }
    }
}

/// Columns of the matrix side by side, and working memory.
#[derive(Default)]
pub(super) struct Panel {
    /// The number of columns that are asked for.
    columns: usize,
    /// A row for each row of the matrix, and zeros up to a multiple of [`STEP`].
    pub rows: Vec<[f32; PANEL]>,
    products: Vec<[f32; PANEL]>,
}

/// From x to v; gives the sign that makes the column uniform.
fn reflect(x: &mut [f32]) -> f32 {
    let mut sums = [0.0f64; 16];
    for part in x.chunks(16) {
        for (sum, x) in sums.iter_mut().zip(part) {
            *sum += f64::from(*x) * f64::from(*x);
        }
    }
    let norm = sums.iter().sum::<f64>().sqrt() as f32;
    let negative = x[0] < 0.0;
    x[0] += if negative { -norm } else { norm };
    if negative { 1.0 } else { -1.0 }
}

/// VᵀV, summed in f64: what T is made of must fit V, rounded as it is, or the product wouldn't be
/// orthogonal.
struct Gram<'a> {
    v: &'a [f32],
    width: usize,
    gram: &'a mut [f64],
}

impl Job for Gram<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        const HEIGHT: usize = 4;
        const WIDTH: usize = 16;
        for i in (0..self.width).step_by(HEIGHT) {
            // What lies below the diagonal isn't needed.
            for j in (i / WIDTH * WIDTH..self.width).step_by(WIDTH) {
                let mut sums = [[0.0f64; WIDTH]; HEIGHT];
                for row in self.v.chunks_exact(BLOCK) {
                    let (a, b) = (&row[i..i + HEIGHT], &row[j..j + WIDTH]);
                    for r in 0..HEIGHT {
                        for c in 0..WIDTH {
                            // Exact but for the sum.
                            sums[r][c] += f64::from(a[r]) * f64::from(b[c]);
                        }
                    }
                }
                for (r, sums) in sums.iter().enumerate() {
                    self.gram[(i + r) * BLOCK + j..][..WIDTH].copy_from_slice(sums);
                }
            }
        }
    }
}

/// −T from VᵀV. Column j of T is −τⱼ T Vᵀvⱼ above the diagonal, and τⱼ = 2/vⱼᵀvⱼ on it; 0 where there is
/// no reflection.
fn triangle(gram: &[f64], width: usize, t: &mut [f32]) {
    let mut exact = vec![0.0; BLOCK * BLOCK];
    for j in 0..width {
        let square = gram[j * BLOCK + j];
        let tau = if square > 0.0 { 2.0 / square } else { 0.0 };
        for i in 0..j {
            let sum = (i..j).fold(0.0, |sum, l| {
                sum + exact[i * BLOCK + l] * gram[l * BLOCK + j]
            });
            exact[i * BLOCK + j] = -tau * sum;
        }
        exact[j * BLOCK + j] = tau;
    }
    for (t, exact) in t.iter_mut().zip(exact) {
        *t = -exact as f32;
    }
}

/// P becomes P − V T Vᵀ P, in the rows that the block reflects.
struct Apply<'a> {
    block: &'a Block,
    panel: &'a mut Panel,
}

impl Job for Apply<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Block { k, width, v, t, .. } = self.block;
        let columns = self.panel.columns;
        let rows = &mut self.panel.rows.as_flattened_mut()[k * PANEL..];
        let products = &mut self.panel.products;
        products.clear();
        products.resize(2 * BLOCK, [0.0; PANEL]);
        let (vp, tvp) = products.as_flattened_mut().split_at_mut(BLOCK * PANEL);
        // Vᵀ P
        for (v, rows) in v.chunks(TERMS * BLOCK).zip(rows.chunks(TERMS * PANEL)) {
            let transposed = Matrix::transposed(v, BLOCK);
            product::<I>(transposed, v.len() / BLOCK, rows, vp, *width, columns);
        }
        // −T (Vᵀ P)
        product::<I>(Matrix::new(t, BLOCK), *width, vp, tvp, *width, columns);
        // P + V (−T Vᵀ P)
        let height = v.len() / BLOCK;
        product::<I>(Matrix::new(v, BLOCK), *width, tvp, rows, height, columns);
    }
}

/// Adds A·B to `height` rows and the first columns of C; B and C have [`PANEL`] columns.
#[inline(always)]
fn product<I: Isa>(
    a: Matrix<'_>,
    terms: usize,
    b: &[f32],
    c: &mut [f32],
    height: usize,
    columns: usize,
) {
    for j in (0..columns).step_by(I::Tile::WIDTH) {
        for i in (0..height).step_by(I::Tile::HEIGHT) {
            I::Tile::add_product(
                a.skip_rows(i),
                terms,
                &b[j..],
                &mut c[i * PANEL + j..],
                PANEL,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;
    use crate::simd::for_each_isa;

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// The columns, one after another.
    fn columns(key: Key, m: usize, n: usize) -> Vec<f64> {
        let reflections = Reflections::draw(key, 0, m, n).unwrap();
        let mut panel = Panel::default();
        let mut columns = Vec::new();
        for first in (0..n).step_by(PANEL) {
            let count = PANEL.min(n - first);
            reflections.columns(first, count, 1.0, &mut panel);
            for c in 0..count {
                columns.extend(panel.rows[..m].iter().map(|row| f64::from(row[c])));
            }
        }
        columns
    }

    /// The same by the definition, one reflection after another in f64.
    fn oracle(key: Key, m: usize, n: usize) -> Vec<f64> {
        let mut columns = vec![0.0; m * n];
        (0..n).for_each(|c| columns[c * m + c] = 1.0);
        let key = key.purpose(Purpose::Reflection);
        for k in (0..n).rev() {
            let mut x = vec![0.0; m - k];
            fill_normal(key, (k * m) as u64, &mut x, 0.0, 1.0);
            let mut v: Vec<f64> = x.into_iter().map(f64::from).collect();
            let sign = if v[0] < 0.0 { -1.0 } else { 1.0 };
            v[0] += sign * dot(&v, &v).sqrt();
            columns[k * m + k] *= -sign;
            for column in columns.chunks_mut(m) {
                let scale = 2.0 * dot(&v, &column[k..]) / dot(&v, &v);
                for (q, v) in column[k..].iter_mut().zip(&v) {
                    *q -= scale * v;
                }
            }
        }
        columns
    }

    #[test]
    fn equal_to_single_reflections_and_orthonormal() {
        let sizes = [
            (1, 1),
            (2, 1),
            (5, 5),
            (40, 17),
            (64, 64),
            (65, 65),
            (200, 130),
            (300, 3),
        ];
        for (m, n) in sizes {
            let key = Seed::new(2).key("w");
            let q = columns(key, m, n);
            for (a, b) in q.iter().zip(oracle(key, m, n)) {
                assert!((a - b).abs() < 1e-6, "{m}×{n}: {a} instead of {b}");
            }
            for a in 0..n {
                for b in 0..=a {
                    let product = dot(&q[a * m..][..m], &q[b * m..][..m]);
                    let expected = f64::from(u8::from(a == b));
                    assert!((product - expected).abs() < 1e-6, "{m}×{n}: {product}");
                }
            }
        }
    }

    /// A column is the same whichever columns are made with it.
    #[test]
    fn columns_do_not_depend_on_each_other() {
        let reflections = Reflections::draw(Seed::new(3).key("w"), 0, 150, 140).unwrap();
        let (mut all, mut part) = (Panel::default(), Panel::default());
        reflections.columns(64, 64, 1.0, &mut all);
        reflections.columns(70, 5, 1.0, &mut part);
        for (all, part) in all.rows.iter().zip(&part.rows) {
            assert_eq!(all[6..11], part[..5]);
        }
    }

    /// Every instruction set gives the same bits.
    #[test]
    fn instruction_sets_agree() {
        let reflections = Reflections::draw(Seed::new(4).key("w"), 0, 200, 70).unwrap();
        let block = &reflections.blocks[0];
        let start: Vec<[f32; PANEL]> = (0..256usize)
            .map(|i| std::array::from_fn(|c| ((i * 31 + c * 17) % 101) as f32 / 101.0))
            .collect();
        let mut panels = [(); 3].map(|()| Panel {
            columns: PANEL,
            rows: start.clone(),
            products: Vec::new(),
        });
        let mut next = panels.iter_mut();
        let sets = for_each_isa(|| Apply {
            block,
            panel: next.next().unwrap(),
        });
        let [first, rest @ ..] = panels;
        let bits = |rows: &[[f32; PANEL]]| -> Vec<u32> {
            rows.as_flattened().iter().map(|x| x.to_bits()).collect()
        };
        for panel in &rest[..sets - 1] {
            assert_eq!(bits(&first.rows), bits(&panel.rows));
        }
        let mut grams = [(); 3].map(|()| vec![0.0; BLOCK * BLOCK]);
        let mut next = grams.iter_mut();
        for_each_isa(|| Gram {
            v: &block.v,
            width: block.width,
            gram: next.next().unwrap(),
        });
        for gram in &grams[1..sets] {
            assert_eq!(grams[0], *gram);
        }
    }

    /// Haar measure: the trace of a uniform orthogonal matrix has mean 0, variance 1 and fourth
    /// moment 3 for m ≥ 4 (Diaconis and Shahshahani 1994). Bounds of 5 standard errors.
    #[test]
    fn uniform_among_all() {
        const DRAWS: usize = 20_000;
        let mut sums = [0.0; 3];
        for seed in 0..DRAWS {
            let q = columns(Seed::new(seed as u64).key("w"), 6, 6);
            let trace: f64 = (0..6).map(|i| q[i * 6 + i]).sum();
            sums[0] += trace;
            sums[1] += trace.powi(2);
            sums[2] += trace.powi(4);
        }
        let [mean, second, fourth] = sums.map(|sum| sum / DRAWS as f64);
        let n = DRAWS as f64;
        assert!(mean.abs() < 5.0 / n.sqrt(), "{mean}");
        assert!((second - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{second}");
        assert!((fourth - 3.0).abs() < 5.0 * (96.0 / n).sqrt(), "{fourth}");
    }
}
