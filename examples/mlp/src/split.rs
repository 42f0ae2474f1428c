//! Which digits train and which test: always the same ones, whatever `--seed` says.

use burn_init::{Seed, draw};

use crate::digits::{self, Digit};
use crate::model::CLASSES;

/// Digits to train on.
pub const TRAIN: usize = 1437;
/// Digits to test on.
pub const TEST: usize = 360;

/// The digits, shuffled and stratified: both parts have the same share of each digit.
#[derive(Clone, Debug)]
pub struct Split {
    /// [`TRAIN`] digits.
    pub train: Vec<Digit>,
    /// [`TEST`] digits.
    pub test: Vec<Digit>,
}

impl Split {
    /// Loads the digits and splits them.
    pub fn load() -> Self {
        let digits = digits::load();
        let mut quota = test_quota(&digits);
        let (test, train) = shuffle(digits).into_iter().partition(|digit| {
            let left = &mut quota[usize::from(digit.label)];
            let tests = *left > 0;
            *left -= usize::from(tests);
            tests
        });
        Self { train, test }
    }
}

/// How many of each digit test: its share of [`TEST`], rounded by largest remainder so that the sum is exact.
fn test_quota(digits: &[Digit]) -> [usize; CLASSES] {
    let mut counts = [0; CLASSES];
    for digit in digits {
        counts[usize::from(digit.label)] += 1;
    }
    let mut quota = counts.map(|count| count * TEST / digits.len());
    let missing = TEST - quota.iter().sum::<usize>();
    let mut by_remainder: [usize; CLASSES] = std::array::from_fn(|digit| digit);
    by_remainder.sort_by_key(|&digit| std::cmp::Reverse(counts[digit] * TEST % digits.len()));
    for &digit in &by_remainder[..missing] {
        quota[digit] += 1;
    }
    quota
}

/// Brings the digits into an order that is the same on every machine and with every version of every crate.
fn shuffle(digits: Vec<Digit>) -> Vec<Digit> {
    let order = draw::permutation(Seed::new(0).key("digits"), digits.len());
    order.into_iter().map(|i| digits[i].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(digits: &[Digit]) -> [usize; CLASSES] {
        let mut counts = [0; CLASSES];
        for digit in digits {
            counts[usize::from(digit.label)] += 1;
        }
        counts
    }

    #[test]
    fn both_parts_have_their_size_and_their_share_of_each_digit() {
        let split = Split::load();
        assert_eq!(split.train.len(), TRAIN);
        assert_eq!(split.test.len(), TEST);
        assert_eq!(
            counts(&split.test),
            [36, 37, 35, 37, 36, 36, 36, 36, 35, 36]
        );
        assert_eq!(
            counts(&split.train),
            [142, 145, 142, 146, 145, 146, 145, 143, 139, 144]
        );
    }

    #[test]
    fn every_digit_is_in_one_part() {
        let key = |digit: &Digit| (digit.label, digit.pixels.map(f32::to_bits));
        let Split { train, test } = Split::load();
        let mut parts: Vec<_> = train.iter().chain(&test).map(key).collect();
        let mut table: Vec<_> = digits::load().iter().map(key).collect();
        parts.sort_unstable();
        table.sort_unstable();
        assert_eq!(parts, table);
        // No picture is in the table twice, so nothing trains that tests.
        table.dedup();
        assert_eq!(table.len(), TRAIN + TEST);
    }

    #[test]
    fn the_split_never_changes() {
        let Split { train, test } = Split::load();
        assert_eq!(
            (checksum(&train), checksum(&test)),
            (0x432c_6988_689b_84e7, 0x7394_afa0_d420_eea3)
        );
    }

    /// FNV-1a (Fowler, Noll, Vo) over the labels and the bits of the pixels.
    fn checksum(digits: &[Digit]) -> u64 {
        let bytes = digits.iter().flat_map(|digit| {
            let pixels = digit.pixels.into_iter().flat_map(f32::to_le_bytes);
            std::iter::once(digit.label).chain(pixels)
        });
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}
