//! Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
//! 2011).

use crate::key::Key;
use crate::simd::{MOST_LANES, Words};

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: u32 = 10;

/// The four words of one block.
pub fn block(counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    for _ in 0..ROUNDS {
        let p0 = u64::from(MULTIPLIERS[0]) * u64::from(c0);
        let p1 = u64::from(MULTIPLIERS[1]) * u64::from(c2);
        c0 = (p1 >> 32) as u32 ^ c1 ^ key[0];
        c1 = p1 as u32;
        c2 = (p0 >> 32) as u32 ^ c3 ^ key[1];
        c3 = p0 as u32;
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    [c0, c1, c2, c3]
}

/// One block for each pair of words: counters and results are the even words, the odd ones mean
/// nothing.
#[inline(always)]
pub fn blocks<W: Words>(counter: [W; 4], mut key: [u32; 2]) -> [W; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let multipliers = [W::splat(MULTIPLIERS[0]), W::splat(MULTIPLIERS[1])];
    for _ in 0..ROUNDS {
        let p0 = multipliers[0].product_of_even(c0);
        let p1 = multipliers[1].product_of_even(c2);
        c0 = p1.odd_to_even().xor(c1).xor(W::splat(key[0]));
        c1 = p1;
        c2 = p0.odd_to_even().xor(c3).xor(W::splat(key[1]));
        c3 = p0;
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    [c0, c1, c2, c3]
}

/// The words of the blocks from `first` on, in order: two vectors full.
#[inline(always)]
pub fn consecutive<W: Words>(key: Key, first: u64) -> [W; 2] {
    let pairs = W::LANES / 2;
    let low = W::splat(first as u32).add(in_order::<W>(|block| block));
    let mut high = W::splat(key.counter(first)[1]);
    if (first as u32).checked_add(pairs as u32).is_none() {
        // The counter's lower half starts over on the way.
        let mut carried = [0; MOST_LANES];
        for (i, carried) in carried.iter_mut().enumerate() {
            *carried = key.counter(first + u64::from(place(i / 2, pairs)))[1];
        }
        high = W::load(&carried);
    }
    ordered(key, low, high)
}

/// What `number` is for the blocks 0, 1, …, each in the even word of its pair, for [`ordered`].
#[inline(always)]
pub fn in_order<W: Words>(number: impl Fn(u32) -> u32) -> W {
    let mut numbers = [0; MOST_LANES];
    for (i, of_pair) in numbers.iter_mut().enumerate() {
        *of_pair = number(place(i / 2, W::LANES / 2));
    }
    W::load(&numbers)
}

/// The words of the blocks whose counters have these lower halves, as [`in_order`] gives them.
#[inline(always)]
pub fn ordered<W: Words>(key: Key, low: W, high: W) -> [W; 2] {
    let [_, _, c2, c3] = key.counter(0);
    let counter = [low, high, W::splat(c2), W::splat(c3)];
    let [w0, w1, w2, w3] = blocks(counter, key.philox_key());
    w0.join_even(w1).interleave_pairs(w2.join_even(w3))
}

/// Which block a pair of words is for, so that they stand in order once pairs are interleaved.
#[inline(always)]
fn place(pair: usize, pairs: usize) -> u32 {
    (pair / 2 % (pairs / 2) + pair % 2 * (pairs / 2)) as u32
}

/// For each word of `index`, the word of the key that has this index.
#[inline(always)]
pub fn scattered<W: Words>(key: Key, index: W) -> W {
    words_of_even(key, index).join_even(words_of_even(key, index.odd_to_even()))
}

/// For each even word of `index`, the word of the key that has this index: word `index mod 4` of
/// its block.
#[inline(always)]
fn words_of_even<W: Words>(key: Key, index: W) -> W {
    let c = key.counter(0);
    let block = index.shift_right::<2>();
    let counter = [block, W::splat(c[1]), W::splat(c[2]), W::splat(c[3])];
    let [w0, w1, w2, w3] = blocks(counter, key.philox_key());
    // Bit 0 or 1 of the index, in all bits.
    let bit_0 = W::splat(0).sub(index.and(W::splat(1)));
    let bit_1 = W::splat(0).sub(index.shift_right::<1>().and(W::splat(1)));
    let low = select(w0, w1, bit_0);
    select(low, select(w2, w3, bit_0), bit_1)
}

/// `a` where `bits` are 0, `b` where they are 1.
#[inline(always)]
fn select<W: Words>(a: W, b: W, bits: W) -> W {
    a.xor(a.xor(b).and(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;
    use crate::simd::{Isa, Job, for_each_isa};

    /// The known answers that come with the authors' implementation, Random123.
    #[test]
    fn known_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(block(counter, key), expected);
        }
    }

    #[test]
    fn equals_an_independent_implementation() {
        let mut counter = [1, 2, 3, 4];
        let mut key = [5, 6];
        for _ in 0..10_000 {
            let words = block(counter, key);
            assert_eq!(words, rand_philox::philox4x32_10(counter, key));
            key = [words[0] ^ key[1], words[1]];
            counter = words;
        }
    }

    struct Consecutive(Key, u64);
    struct Scattered<'a>(Key, &'a [u32]);

    impl Job for Consecutive {
        unsafe fn run<I: Isa>(self) {
            let Self(key, first) = self;
            let mut words = vec![0.0; 2 * I::Words::LANES];
            let vectors = consecutive::<I::Words>(key, first);
            for (words, vector) in words.chunks_mut(I::Words::LANES).zip(vectors) {
                vector.store(words);
            }
            for (words, number) in words.chunks(4).zip(first..) {
                let words: Vec<u32> = words.iter().map(|word| word.to_bits()).collect();
                assert_eq!(words, block(key.counter(number), key.philox_key()));
            }
        }
    }

    impl Job for Scattered<'_> {
        unsafe fn run<I: Isa>(self) {
            let Self(key, index) = self;
            let mut words = vec![0.0; I::Words::LANES];
            scattered(key, I::Words::load(index)).store(&mut words);
            for (word, i) in words.iter().zip(index) {
                let block = block(key.counter(u64::from(*i) / 4), key.philox_key());
                assert_eq!(word.to_bits(), block[*i as usize % 4]);
            }
        }
    }

    #[test]
    fn vectors_equal_single_blocks() {
        let key = Seed::new(0x1234_5678_9abc).key("w").stream(2);
        for first in [0, 1, 77, (1 << 32) - 3, (1 << 32) + 5, (1 << 48) - 16] {
            for_each_isa(|| Consecutive(key, first));
        }
        let index: Vec<u32> = (0..64u32)
            .map(|i| i.wrapping_mul(2_654_435_769) >> (i % 5))
            .collect();
        for_each_isa(|| Scattered(key, &index));
    }
}
