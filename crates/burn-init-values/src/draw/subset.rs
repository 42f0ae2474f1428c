//! Subsets and permutations, without replacement.

use std::collections::HashMap;

use super::{fill_words, philox};
use crate::key::Key;

/// 64-bit draws: draw `t` is made of words 2t (low) and 2t + 1 of the key's stream.
pub(crate) struct Draws {
    key: Key,
    block: u64,
    words: [u32; 4],
}

impl Draws {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            block: 0,
            words: philox::block(key.counter(0), key.philox_key()),
        }
    }

    fn draw(&mut self, t: u64) -> u64 {
        if t / 2 != self.block {
            self.block = t / 2;
            self.words = philox::block(self.key.counter(self.block), self.key.philox_key());
        }
        let half = 2 * (t % 2) as usize;
        joined(self.words[half], self.words[half + 1])
    }

    /// A number below `bound` from draw `t`; each is equally likely up to a share of bound / 2⁶⁴.
    pub(crate) fn below(&mut self, t: u64, bound: usize) -> usize {
        below(self.draw(t), bound)
    }

    /// A number in [0, 1) from draw `t`, a multiple of 2⁻⁵³.
    pub(crate) fn unit(&mut self, t: u64) -> f64 {
        (self.draw(t) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A bit for each place.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    /// None of `n` places.
    pub fn none(n: usize) -> Self {
        Self(vec![0; n.div_ceil(64)])
    }

    pub fn has(&self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    pub fn set(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn clear(&mut self, place: usize) {
        self.0[place / 64] &= !(1 << (place % 64));
    }

    fn swap(&mut self, a: usize, b: usize) {
        if self.has(a) != self.has(b) {
            self.0[a / 64] ^= 1 << (a % 64);
            self.0[b / 64] ^= 1 << (b % 64);
        }
    }

    /// The marked places from `begin` on.
    pub fn from(&self, begin: usize) -> impl Iterator<Item = usize> {
        (begin..64 * self.0.len()).filter(|place| self.has(*place))
    }
}

/// Marks `fewer` of `n` places, none of which is marked yet, by Floyd's algorithm (Bentley and Floyd,
/// 1987), and calls `each` with it.
fn floyd(
    key: Key,
    first_draw: u64,
    fewer: usize,
    n: usize,
    marks: &mut Marks,
    mut each: impl FnMut(u32),
) {
    /// Draws that are made at once.
    const AT_ONCE: usize = 64;

    let mut words = [0; 2 * AT_ONCE];
    for begin in (0..fewer).step_by(AT_ONCE) {
        let count = AT_ONCE.min(fewer - begin);
        let words = &mut words[..2 * count];
        fill_words(key, 2 * (first_draw + begin as u64), words);
        for (i, [low, high]) in words.as_chunks::<2>().0.iter().enumerate() {
            let last = n - fewer + begin + i;
            let place = below(joined(*low, *high), last + 1);
            let place = if marks.has(place) { last } else { place };
            marks.set(place);
            each(place as u32);
        }
    }
}

/// Subsets as lists, whose memory is used again.
#[derive(Debug, Default)]
pub(crate) struct Subset {
    marks: Marks,
    places: Vec<u32>,
}

impl Subset {
    /// `k` of `n` places, in ascending order; every subset is equally likely. It takes at most
    /// min(k, n − k) draws, from `first_draw` on.
    pub(crate) fn choose(&mut self, key: Key, first_draw: u64, k: usize, n: usize) -> &[u32] {
        let Self { marks, places } = self;
        let words = n.div_ceil(64);
        if marks.0.len() < words {
            marks.0.resize(words, 0);
        }
        places.clear();
        if k < words {
            // So few that each is worth a look, and all marks aren't.
            floyd(key, first_draw, k, n, marks, |place| places.push(place));
            places.iter().for_each(|place| marks.clear(*place as usize));
            places.sort_unstable();
            return places;
        }
        floyd(key, first_draw, k.min(n - k), n, marks, |_| {});
        for (number, word) in marks.0[..words].iter_mut().enumerate() {
            let mut kept = std::mem::take(word);
            if k > n - k {
                // The others are chosen, of those that there are.
                kept = !kept & (u64::MAX >> (64 - (n - 64 * number).min(64)));
            }
            while kept != 0 {
                places.push((64 * number) as u32 + kept.trailing_zeros());
                kept &= kept - 1;
            }
        }
        places
    }
}

/// One draw of two words.
fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// A number below `bound`; each is equally likely up to a share of bound / 2⁶⁴.
fn below(draw: u64, bound: usize) -> usize {
    ((u128::from(draw) * bound as u128) >> 64) as usize
}

/// A permutation of 0..n, each equally likely (Fisher and Yates).
///
/// ```
/// use burn_init_values::{Seed, draw::permutation};
/// let mut order = permutation(Seed::new(0).key("split"), 1797);
/// order.sort();
/// assert!(order.into_iter().eq(0..1797));
/// ```
pub fn permutation(key: Key, n: usize) -> Vec<usize> {
    permute(key, 0, n)
}

/// As [`permutation`], from draw `first_draw` on; it takes fewer than `n` draws.
pub(crate) fn permute(key: Key, first_draw: u64, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut draws = Draws::new(key);
    for i in (1..n).rev() {
        order.swap(i, draws.below(first_draw + i as u64, i + 1));
    }
    order
}

/// What [`permutation`] does to some of 0..n, without a list of all.
#[derive(Clone, Copy)]
pub(crate) struct Shuffle {
    pub key: Key,
    pub n: usize,
}

impl Shuffle {
    /// Moves each mark from a number to the number's place in the order.
    pub fn move_marks(self, marks: &mut Marks) {
        let swaps = self.swaps();
        (1..self.n)
            .rev()
            .map(swaps)
            .for_each(|(a, b)| marks.swap(a, b));
    }

    /// Replaces different numbers by their places in the order.
    pub fn to_places(self, numbers: &mut [usize]) {
        follow(numbers, self.n, (1..self.n).rev().map(self.swaps()));
    }

    /// Replaces different places in the order by the numbers that stand there.
    pub fn to_numbers(self, places: &mut [usize]) {
        follow(places, self.n, (1..self.n).map(self.swaps()));
    }

    /// The two places that [`permute`] exchanges in step i.
    fn swaps(self) -> impl FnMut(usize) -> (usize, usize) {
        let mut draws = Draws::new(self.key);
        move |i| (i, draws.below(i as u64, i + 1))
    }
}

/// Replaces different places below `n` by those where the swaps bring what stands there.
fn follow(places: &mut [usize], n: usize, swaps: impl Iterator<Item = (usize, usize)>) {
    if places.is_empty() {
        return;
    }
    let mut marks = Marks::none(n);
    places.iter().for_each(|place| marks.set(*place));
    // Which of the places has come to each place that is marked.
    let mut which: HashMap<usize, usize> = places.iter().copied().zip(0..).collect();
    for (a, b) in swaps {
        if a == b || !(marks.has(a) || marks.has(b)) {
            continue;
        }
        let (of_a, of_b) = (which.remove(&a), which.remove(&b));
        which.extend(of_a.map(|i| (b, i)));
        which.extend(of_b.map(|i| (a, i)));
        marks.swap(a, b);
    }
    for (place, i) in which {
        places[i] = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;

    /// Pearson's χ² over all subsets, against its quantile of false-alarm rate 10⁻⁶ (Wilson and
    /// Hilferty, 1931).
    #[test]
    fn subsets_are_equally_likely() {
        for (n, k) in [(5, 0), (5, 1), (5, 2), (5, 3), (6, 3), (6, 5), (4, 4)] {
            let mut counts: HashMap<Vec<u32>, u32> = HashMap::new();
            const DRAWS: usize = 200_000;
            let mut list = Subset::default();
            for subset in 0..DRAWS {
                let first_draw = (subset * k) as u64;
                let mut places = list
                    .choose(Seed::new(3).key("subset"), first_draw, k, n)
                    .to_vec();
                places.sort_unstable();
                places.dedup();
                assert_eq!(places.len(), k);
                assert!(places.iter().all(|place| (*place as usize) < n));
                *counts.entry(places).or_default() += 1;
            }
            let binomial = (0..k).fold(1, |product, i| product * (n - i) / (i + 1));
            assert_eq!(counts.len(), binomial, "{k} of {n}");
            assert_chi_square(counts.into_values(), DRAWS);
        }
    }

    #[test]
    fn permutations_are_equally_likely() {
        const DRAWS: usize = 100_000;
        let mut counts: HashMap<Vec<usize>, u32> = HashMap::new();
        for i in 0..DRAWS {
            let order = permutation(Seed::new(i as u64).key("permutation"), 5);
            *counts.entry(order).or_default() += 1;
        }
        assert_eq!(counts.len(), 120);
        assert_chi_square(counts.into_values(), DRAWS);
    }

    /// Marks, numbers and places move as the whole permutation moves them.
    #[test]
    fn shuffles_are_permutations() {
        for n in [0, 1, 2, 3, 64, 65, 1000] {
            let key = Seed::new(n as u64).key("shuffle");
            let (order, shuffle) = (permutation(key, n), Shuffle { key, n });
            for step in [1, 2, 7, 300] {
                let places: Vec<usize> = (0..n).step_by(step).collect();
                let numbers: Vec<usize> = places.iter().map(|place| order[*place]).collect();
                let mut found = places.clone();
                shuffle.to_numbers(&mut found);
                assert_eq!(found, numbers, "{n}, {step}");
                shuffle.to_places(&mut found);
                assert_eq!(found, places, "{n}, {step}");
                let mut marks = Marks::none(n);
                numbers.iter().for_each(|number| marks.set(*number));
                shuffle.move_marks(&mut marks);
                assert!(marks.from(0).eq(places), "{n}, {step}");
            }
        }
    }

    fn assert_chi_square(counts: impl ExactSizeIterator<Item = u32>, draws: usize) {
        let cells = counts.len();
        let expected = draws as f64 / cells as f64;
        let statistic: f64 = counts
            .map(|count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        let degrees = (cells - 1) as f64;
        let spread = (2.0 / (9.0 * degrees.max(1.0))).sqrt();
        let bound = degrees * (1.0 - spread * spread + 4.753 * spread).powi(3);
        assert!(
            statistic <= bound,
            "χ² = {statistic} with {degrees} degrees of freedom"
        );
    }
}
