//! A generator for other distributions: rand's traits over the same counters.

use std::convert::Infallible;

use rand::TryRng;

use super::philox;
use crate::key::Key;

/// log₂ of the blocks that one element has to itself.
const ELEMENT_BLOCK_BITS: u32 = 14;

/// Philox4x32-10 as a generator of `rand` 0.10.
///
/// ```
/// use burn_init_values::{Seed, draw::PhiloxRng};
/// use rand_distr::{Distribution, Gamma};
///
/// let mut rng = PhiloxRng::new(Seed::new(1).key("fc1.weight"));
/// let value: f32 = Gamma::new(2.0, 1.0).unwrap().sample(&mut rng);
/// assert!(value > 0.0);
/// ```
#[derive(Debug, Clone)]
pub struct PhiloxRng {
    key: Key,
    first_block: u64,
    block_mask: u64,
    next_word: u64,
    words: [u32; 4],
}

impl PhiloxRng {
    /// Elements that [`element`](Self::element) can tell apart.
    pub const ELEMENTS: u64 = 1 << (48 - ELEMENT_BLOCK_BITS);

    /// All words of the key's stream, from the first on; after 2⁵⁰ words it starts over.
    pub fn new(key: Key) -> Self {
        Self::over(key, 0, 48)
    }

    /// The generator of one element: 2¹⁶ words of its own, after which it starts over.
    ///
    /// Elements at a distance of [`ELEMENTS`](Self::ELEMENTS) share their words.
    pub fn element(key: Key, element: usize) -> Self {
        let first_block = (element as u64 % Self::ELEMENTS) << ELEMENT_BLOCK_BITS;
        Self::over(key, first_block, ELEMENT_BLOCK_BITS)
    }

    fn over(key: Key, first_block: u64, block_bits: u32) -> Self {
        Self {
            key,
            first_block,
            block_mask: (1 << block_bits) - 1,
            next_word: 0,
            words: [0; 4],
        }
    }
}

impl TryRng for PhiloxRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let within = (self.next_word % 4) as usize;
        if within == 0 {
            let block = self.first_block + ((self.next_word / 4) & self.block_mask);
            self.words = philox::block(self.key.counter(block), self.key.philox_key());
        }
        self.next_word = self.next_word.wrapping_add(1);
        Ok(self.words[within])
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand::rand_core::utils::next_u64_via_u32(self)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        rand::rand_core::utils::fill_bytes_via_next_word(dst, || self.try_next_u32())
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::key::Seed;

    #[test]
    fn words_are_those_of_the_stream() {
        let key = Seed::new(1).key("w");
        let mut rng = PhiloxRng::new(key);
        for block in 0..3 {
            for word in philox::block(key.counter(block), key.philox_key()) {
                assert_eq!(rng.next_u32(), word);
            }
        }
        let [a, b, ..] = philox::block(key.counter(3), key.philox_key());
        assert_eq!(rng.next_u64(), u64::from(a) | u64::from(b) << 32);
    }

    #[test]
    fn elements_do_not_overlap_and_start_over() {
        let key = Seed::new(1).key("w");
        let mut first = PhiloxRng::element(key, 0);
        let words: Vec<u32> = (0..1 << 16).map(|_| first.next_u32()).collect();
        assert_eq!(first.next_u32(), words[0]);
        let second = PhiloxRng::element(key, 1).next_u32();
        assert_eq!(
            second,
            philox::block(key.counter(1 << 14), key.philox_key())[0]
        );
    }
}
