//! Drawing numbers: counters in, values out, the same bits everywhere.
//!
//! Every function here is a pure function of a [`Key`] and an index. Distributions are computed
//! with integers up to a single conversion to f32, so that no math library, vector width or device
//! changes a bit. Any range of a parameter can be drawn alone: the value of element `i` comes from
//! word `i` of the key's stream.

pub(crate) mod choice;
pub(crate) mod normal;
pub(crate) mod parallel;
pub(crate) mod philox;
mod quantile;
mod quantile_table;
pub(crate) mod rng;
pub(crate) mod truncated;
pub(crate) mod uniform;

pub use choice::permutation;
pub use rng::PhiloxRng;

use crate::key::Key;

/// Elements that one task fills: small enough for the first-level cache, large enough to be worth a
/// task.
const CHUNK: usize = 1 << 13;

/// Fills `out` with `map(word)` of the words `start..start + out.len()`.
pub(crate) fn fill(
    key: Key<'_>,
    start: u64,
    out: &mut [f32],
    map: impl Fn(u32) -> f32 + Send + Sync,
) {
    // Chunks begin at multiples of a block, wherever the range starts.
    let head = (start.next_multiple_of(4) - start).min(out.len() as u64) as usize;
    let (first, rest) = out.split_at_mut(head);
    if head > 0 {
        let words = philox::block(key.counter(start / 4), key.philox_key());
        for (value, word) in first.iter_mut().zip(&words[(start % 4) as usize..]) {
            *value = map(*word);
        }
    }
    let first_block = start.div_ceil(4);
    parallel::for_each_chunk(rest, CHUNK, |chunk_index, chunk| {
        fill_blocks(
            key,
            first_block + (chunk_index * CHUNK / 4) as u64,
            chunk,
            &map,
        );
    });
}

/// The words of a key from `start` on.
pub(crate) fn words(key: Key<'_>, start: u64) -> impl Iterator<Item = u32> {
    (start / 4..)
        .flat_map(move |block| philox::block(key.counter(block), key.philox_key()))
        .skip((start % 4) as usize)
}

/// Fills `out` from the beginning of block `block` on.
fn fill_blocks(key: Key<'_>, mut block: u64, out: &mut [f32], map: &impl Fn(u32) -> f32) {
    use philox::LANES;

    for group in out.chunks_mut(4 * LANES) {
        let mut counter = [[0; LANES]; 4];
        for lane in 0..LANES {
            let lane_counter = key.counter(block + lane as u64);
            for (word, value) in counter.iter_mut().zip(lane_counter) {
                word[lane] = value;
            }
        }
        let words = philox::blocks(counter, key.philox_key());
        let mut values = [0.0; 4 * LANES];
        for (i, value) in values.iter_mut().enumerate() {
            *value = map(words[i % 4][i / 4]);
        }
        group.copy_from_slice(&values[..group.len()]);
        block += LANES as u64;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::key::Seed;

    #[test]
    fn any_range_has_the_same_words() {
        let key = Seed::new(1).key("w").stream(3);
        let word = |word: u32| f32::from_bits(word);
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let mut all = vec![0.0; 40_000];
        fill(key, 0, &mut all, word);
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
            fill(key, start as u64, &mut part, word);
            assert_eq!(bits(&part), bits(&all[start..start + len]), "{start}+{len}");
        }
        let direct = philox::block(key.counter(2500), key.philox_key());
        assert_eq!(bits(&all[10_000..10_004]), direct);
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
