//! Drawing numbers: counters in, numbers out, the same bits everywhere.
//!
//! Every function here is a pure function of a [`Key`] and an index. Distributions are computed
//! with integers up to a single conversion to f32, so that no math library, vector width or device
//! changes a bit. Any range of a parameter can be drawn alone: the value of element `i` comes from
//! word `i` of the key's stream.

mod elementwise;
pub(crate) mod map;
pub(crate) mod normal;
pub(crate) mod philox;
mod quantile;
mod quantile_table;
pub(crate) mod rng;
pub(crate) mod subset;
pub(crate) mod tail;
pub(crate) mod truncated;
pub(crate) mod uniform;

pub use elementwise::{Elementwise, Source, Step, quantile_coefficients};
pub use rng::PhiloxRng;
pub use subset::permutation;

use crate::key::Key;
use crate::parallel::{FEW_DRAWS, for_each_chunk};
use crate::simd::{Isa, Job, MOST_LANES, Portable, Words, dispatch};

/// Elements that one task fills: small enough for the first-level cache, large enough to be worth a
/// task.
const CHUNK: usize = 1 << 13;

/// What random words become: a distribution.
pub(crate) trait MapWords: Copy + Send + Sync {
    /// The f32 that each word becomes.
    fn map<W: Words>(self, words: W) -> W;
}

/// Fills `out` with what the words `start..start + out.len()` become.
pub(crate) fn fill(key: Key, start: u64, out: &mut [f32], map: impl MapWords) {
    // Chunks begin at multiples of a block, wherever the range starts.
    let head = (start.next_multiple_of(4) - start).min(out.len() as u64) as usize;
    let (first, rest) = out.split_at_mut(head);
    if head > 0 {
        let mut block = [0.0; 4];
        let words = philox::block(key.counter(start / 4), key.philox_key());
        map.map(Portable(words)).store(&mut block);
        first.copy_from_slice(&block[(start % 4) as usize..][..head]);
    }
    let first_block = start.div_ceil(4);
    for_each_chunk(rest, CHUNK, FEW_DRAWS, |number, out| {
        dispatch(FillBlocks {
            key,
            first: first_block + (number * CHUNK / 4) as u64,
            out,
            map,
        });
    });
}

/// The word with this index.
///
/// ```
/// use burn_init_values::{Seed, draw};
/// let key = Seed::new(1).key("fc1.weight");
/// assert_eq!(draw::word(key, 7), draw::word(key, 7));
/// ```
pub fn word(key: Key, index: u64) -> u32 {
    philox::block(key.counter(index / 4), key.philox_key())[(index % 4) as usize]
}

/// The number with this index from U(−1, 1): never −1, 0 or 1.
///
/// ```
/// use burn_init_values::{Seed, draw};
/// assert!(draw::uniform(Seed::new(1).key("fc1.weight"), 0).abs() < 1.0);
/// ```
pub fn uniform(key: Key, index: u64) -> f32 {
    value(key, index, uniform::SymmetricMap(1.0))
}

/// The number with this index from N(0, 1).
///
/// ```
/// use burn_init_values::{Seed, draw};
/// assert!(draw::normal(Seed::new(1).key("fc1.weight"), 0).abs() < 6.34);
/// ```
pub fn normal(key: Key, index: u64) -> f32 {
    let standard = normal::NormalMap {
        mean: 0.0,
        std: 1.0,
    };
    value(key, index, standard)
}

/// What the word with this index becomes.
fn value(key: Key, index: u64, map: impl MapWords) -> f32 {
    f32::from_bits(map.map(Portable([word(key, index)])).0[0])
}

/// The words as they are, as the bits of f32.
#[derive(Clone, Copy)]
struct Bits;

impl MapWords for Bits {
    #[inline(always)]
    fn map<W: Words>(self, words: W) -> W {
        words
    }
}

/// The words from `start` on.
pub(crate) fn fill_words(key: Key, start: u64, out: &mut [u32]) {
    fill(key, start, bytemuck::cast_slice_mut(out), Bits);
}

/// Writes to `values` what the words with these indices become.
pub(crate) fn fill_scattered(key: Key, indices: &[u32], values: &mut [f32], map: impl MapWords) {
    dispatch(FillScattered {
        key,
        indices,
        values,
        map,
    });
}

/// The length of the rows that [`fill_rows`] fills: a cache line.
pub(crate) const ROW: usize = 16;

/// Fills each row with what consecutive words become: from `start` on the first one, and each
/// `stride` words further the next ones.
pub(crate) fn fill_rows(
    key: Key,
    start: u64,
    stride: u64,
    rows: &mut [[f32; ROW]],
    map: impl MapWords,
) {
    // Vectors reach a few rows further than asked for; all numbers of blocks must have 32 bits.
    let end = start + (rows.len() as u64 + MOST_LANES as u64) * stride + ROW as u64;
    if start.is_multiple_of(4) && stride.is_multiple_of(4) && end < 1 << 34 {
        dispatch(FillRows {
            key,
            first: (start / 4) as u32,
            stride: (stride / 4) as u32,
            rows,
            map,
        });
    } else if end < 1 << 32 {
        let mut indices = [0; ROW * ROW];
        for (group, rows) in (0..).zip(rows.chunks_mut(ROW)) {
            for (i, index) in (0..).zip(&mut indices) {
                let row = group * ROW as u64 + i / ROW as u64;
                *index = (start + row * stride + i % ROW as u64) as u32;
            }
            let values = rows.as_flattened_mut();
            fill_scattered(key, &indices[..values.len()], values, map);
        }
    } else {
        for (i, row) in (0..).zip(rows) {
            fill(key, start + i * stride, row, map);
        }
    }
}

/// Fills `out` from the beginning of block `first` on.
struct FillBlocks<'a, M> {
    key: Key,
    first: u64,
    out: &'a mut [f32],
    map: M,
}

impl<M: MapWords> FillBlocks<'_, M> {
    /// Two vectors of values from the beginning of a block.
    #[inline(always)]
    fn write<W: Words>(key: Key, block: u64, map: M, out: &mut [f32]) {
        let [low, high] = philox::consecutive::<W>(key, block);
        map.map(low).store(out);
        map.map(high).store(&mut out[W::LANES..]);
    }
}

impl<M: MapWords> Job for FillBlocks<'_, M> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Self {
            key,
            first: mut block,
            out,
            map,
        } = self;
        let lanes = I::Words::LANES;
        let mut groups = out.chunks_exact_mut(2 * lanes);
        for out in &mut groups {
            Self::write::<I::Words>(key, block, map, out);
            block += lanes as u64 / 2;
        }
        let rest = groups.into_remainder();
        if !rest.is_empty() {
            let mut last = [0.0; 2 * MOST_LANES];
            Self::write::<I::Words>(key, block, map, &mut last);
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

/// Writes rows of whole blocks, each `stride` blocks after the one before.
struct FillRows<'a, M> {
    key: Key,
    first: u32,
    stride: u32,
    rows: &'a mut [[f32; ROW]],
    map: M,
}

impl<M: MapWords> Job for FillRows<'_, M> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Self {
            key,
            first,
            stride,
            rows,
            map,
        } = self;
        let lanes = I::Words::LANES;
        let blocks = (ROW / 4) as u32;
        let places = philox::in_order::<I::Words>(|i| first + i / blocks * stride + i % blocks);
        let high = I::Words::splat(key.counter(0)[1]);
        // As many rows as two vectors have room for.
        let at_once = 2 * lanes / ROW;
        let mut row = 0;
        for rows in rows.chunks_mut(at_once) {
            let low = places.add(I::Words::splat(row * stride));
            let [a, b] = philox::ordered(key, low, high);
            let (a, b) = (map.map(a), map.map(b));
            let values = rows.as_flattened_mut();
            if values.len() == 2 * lanes {
                a.store(values);
                b.store(&mut values[lanes..]);
            } else {
                let mut last = [0.0; 2 * MOST_LANES];
                a.store(&mut last);
                b.store(&mut last[lanes..]);
                values.copy_from_slice(&last[..values.len()]);
            }
            row += at_once as u32;
        }
    }
}

/// Writes what scattered words become.
struct FillScattered<'a, M> {
    key: Key,
    indices: &'a [u32],
    values: &'a mut [f32],
    map: M,
}

impl<M: MapWords> FillScattered<'_, M> {
    #[inline(always)]
    fn write<W: Words>(key: Key, indices: &[u32], map: M, values: &mut [f32]) {
        map.map(philox::scattered(key, W::load(indices)))
            .store(values);
    }
}

impl<M: MapWords> Job for FillScattered<'_, M> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let Self {
            key,
            indices,
            values,
            map,
        } = self;
        let lanes = I::Words::LANES;
        let mut groups = indices.chunks_exact(lanes);
        let mut values = values.chunks_exact_mut(lanes);
        for (indices, values) in (&mut groups).zip(&mut values) {
            Self::write::<I::Words>(key, indices, map, values);
        }
        let (indices, values) = (groups.remainder(), values.into_remainder());
        if !indices.is_empty() {
            let (mut last_indices, mut last) = ([0; MOST_LANES], [0.0; MOST_LANES]);
            last_indices[..indices.len()].copy_from_slice(indices);
            Self::write::<I::Words>(key, &last_indices, map, &mut last);
            values.copy_from_slice(&last[..values.len()]);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::key::Seed;
    use crate::simd::for_each_isa;

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn any_range_has_the_same_words() {
        let key = Seed::new(1).key("w").stream(3);
        let mut all = vec![0.0; 40_000];
        fill(key, 0, &mut all, Bits);
        for (start, len) in [
            (0, 1),
            (1, 2),
            (3, 5),
            (4, 40),
            (5, 8200),
            (7, 39_993),
            (9, 0),
        ] {
            let mut part = vec![0.0; len];
            fill(key, start as u64, &mut part, Bits);
            assert_eq!(bits(&part), bits(&all[start..start + len]), "{start}+{len}");
        }
        let direct = philox::block(key.counter(2500), key.philox_key());
        assert_eq!(bits(&all[10_000..10_004]), direct);
    }

    /// With each instruction set every distribution has the same bits: the portable ones.
    #[test]
    fn instruction_sets_agree() {
        fn check(map: impl MapWords) {
            let key = Seed::new(8).key("w");
            let indices: Vec<u32> = (0..1003u32).map(|i| i * 7919).collect();
            let mut blocks = [(); 3].map(|()| vec![0.0; 1003]);
            let mut rows = [(); 3].map(|()| vec![[0.0; ROW]; 21]);
            let mut scattered = [(); 3].map(|()| vec![0.0; 1003]);
            let mut next = blocks.iter_mut();
            let sets = for_each_isa(|| FillBlocks {
                key,
                first: 5,
                out: next.next().unwrap(),
                map,
            });
            let mut next = rows.iter_mut();
            for_each_isa(|| FillRows {
                key,
                first: 3,
                stride: 100,
                rows: next.next().unwrap(),
                map,
            });
            let mut next = scattered.iter_mut();
            for_each_isa(|| FillScattered {
                key,
                indices: &indices,
                values: next.next().unwrap(),
                map,
            });
            for set in 1..sets {
                assert_eq!(bits(&blocks[0]), bits(&blocks[set]));
                assert_eq!(bits(rows[0].as_flattened()), bits(rows[set].as_flattened()));
                assert_eq!(bits(&scattered[0]), bits(&scattered[set]));
            }
        }
        let (mean, std) = (0.25, 1.5);
        check(Bits);
        check(normal::NormalMap { mean, std });
        check(uniform::SymmetricMap(0.3));
        check(uniform::BetweenMap {
            low: -0.5,
            high: 2.0,
            within: (-0.4, 1.9),
        });
        check(truncated::TruncatedMap {
            mean,
            std,
            low: -0.5,
            high: 1.0,
            interval: truncated::Interval::new(-0.5, 0.5).unwrap(),
        });
        for source in [
            Source::Uniform,
            Source::Normal,
            truncated::Interval::new(-0.5, 3.0).unwrap().source(),
        ] {
            let steps = vec![
                Step::new(1.5, 0.25).clamp(f32::NEG_INFINITY, 1.0),
                Step::times(-0.3),
            ];
            check(&Elementwise { source, steps });
        }
        for (alpha, beta) in [
            (-2.0, 1.0),
            (3.0, 4.0),
            (9.0, f64::INFINITY),
            (5.0, 5.00001),
        ] {
            let cut = tail::tests::standard(alpha, beta);
            check(tail::TailMap::new(cut, alpha as f32, beta as f32).unwrap());
        }
    }

    #[test]
    fn rows_and_scattered_words() {
        let key = Seed::new(2).key("w");
        let mut all = vec![0.0; 100_000];
        fill(key, 0, &mut all, Bits);
        for (start, stride, rows) in [(0, 16, 5), (64, 400, 100), (3, 401, 9), (8, 1000, 1)] {
            let mut part = vec![[0.0; ROW]; rows];
            fill_rows(key, start, stride, &mut part, Bits);
            for (i, row) in part.iter().enumerate() {
                let expected = &all[start as usize + i * stride as usize..][..ROW];
                assert!(
                    row.iter()
                        .zip(expected)
                        .all(|(a, b)| a.to_bits() == b.to_bits())
                );
            }
        }
        let indices: Vec<u32> = (0..1001u32).map(|i| i * 31_337 % 100_000).collect();
        let mut values = vec![0.0; indices.len()];
        fill_scattered(key, &indices, &mut values, Bits);
        for (value, i) in values.iter().zip(indices) {
            assert_eq!(value.to_bits(), all[i as usize].to_bits());
        }
    }

    /// Kolmogorov–Smirnov distance between sorted samples and a cumulative distribution function.
    pub(crate) fn kolmogorov_smirnov(values: &mut [f32], cdf: impl Fn(f64) -> f64) -> f64 {
        values.sort_unstable_by(f32::total_cmp);
        let n = values.len() as f64;
        let mut distance: f64 = 0.0;
        for (i, value) in values.iter().enumerate() {
            let expected = cdf(f64::from(*value));
            distance = distance
                .max((expected - i as f64 / n).abs())
                .max(((i + 1) as f64 / n - expected).abs());
        }
        distance
    }

    /// The distance that a right sample of size `n` exceeds with probability 10⁻⁶: 2 exp(−2 n d²) =
    /// 10⁻⁶.
    pub(crate) fn kolmogorov_smirnov_bound(n: usize) -> f64 {
        ((2e6f64).ln() / (2.0 * n as f64)).sqrt()
    }

    /// Mean and raw moments 2, 3, 4 of `values`.
    pub(crate) fn moments(values: &[f32]) -> [f64; 4] {
        let mut sums = [0.0; 4];
        for value in values {
            let x = f64::from(*value);
            let mut power = 1.0;
            for sum in &mut sums {
                power *= x;
                *sum += power;
            }
        }
        sums.map(|sum| sum / values.len() as f64)
    }
}
