//! Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
//! 2011).

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: u32 = 10;

/// Blocks computed side by side, so that the compiler can use SIMD.
pub const LANES: usize = 8;

/// The four words of one block.
pub fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [[a], [b], [c], [d]] = blocks(counter.map(|word| [word]), key);
    [a, b, c, d]
}

/// `N` blocks side by side: word `w` of block `n` is `result[w][n]`.
#[inline(always)]
pub fn blocks<const N: usize>(mut counter: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for _ in 0..ROUNDS {
        let [c0, c1, c2, c3] = counter;
        let mut next = [[0; N]; 4];
        for n in 0..N {
            let p0 = u64::from(MULTIPLIERS[0]) * u64::from(c0[n]);
            let p1 = u64::from(MULTIPLIERS[1]) * u64::from(c2[n]);
            next[0][n] = (p1 >> 32) as u32 ^ c1[n] ^ key[0];
            next[1][n] = p1 as u32;
            next[2][n] = (p0 >> 32) as u32 ^ c3[n] ^ key[1];
            next[3][n] = p0 as u32;
        }
        counter = next;
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn lanes_equal_single_blocks() {
        let key = [11, 12];
        let counter: [[u32; LANES]; 4] =
            std::array::from_fn(|word| std::array::from_fn(|lane| (word * 1000 + lane) as u32));
        let words = blocks(counter, key);
        for lane in 0..LANES {
            let single = block(counter.map(|word| word[lane]), key);
            assert_eq!(words.map(|word| word[lane]), single);
        }
    }
}
