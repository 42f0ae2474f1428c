//! Uniform numbers.

use super::MapWords;
use crate::simd::Words;

/// (2k + 1)·2⁻²⁴ for the word's upper 24 bits k as a signed number: uniform in (−1, 1), never −1, 0
/// or 1, exact.
#[inline(always)]
pub(super) fn symmetric<W: Words>(word: W) -> W {
    let k = word.shift_right_signed::<8>();
    let odd = k.add(k).add(W::splat(1));
    odd.to_float().float_mul(W::splat(EXP_MINUS_24.to_bits()))
}

const EXP_MINUS_24: f32 = 1.0 / (1u32 << 24) as f32;

/// U(−a, a): one rounding, never ±a, never 0 unless `a` is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SymmetricMap(pub f32);

impl MapWords for SymmetricMap {
    #[inline(always)]
    fn map<W: Words>(self, word: W) -> W {
        symmetric(word).float_mul(W::splat(self.0.to_bits()))
    }
}

/// U(low, high), both bounds included by rounding only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BetweenMap {
    pub low: f32,
    pub high: f32,
    /// The bounds of what is drawn, which aren't beyond those asked for in f64.
    pub within: (f32, f32),
}

impl BetweenMap {
    /// Half of the distance between the bounds.
    #[inline(always)]
    pub fn half(self) -> f32 {
        0.5 * self.high - 0.5 * self.low
    }

    #[inline(always)]
    pub fn middle(self) -> f32 {
        0.5 * self.high + 0.5 * self.low
    }
}

impl MapWords for BetweenMap {
    #[inline(always)]
    fn map<W: Words>(self, word: W) -> W {
        let within = self.within;
        let scaled = symmetric(word).float_mul(W::splat(self.half().to_bits()));
        let value = scaled.float_add(W::splat(self.middle().to_bits()));
        value.float_clamp(W::splat(within.0.to_bits()), W::splat(within.1.to_bits()))
    }
}

/// A number in (0, 1) from one word: (2k + 1)·2⁻²⁴ for its upper 23 bits k, exact.
pub(crate) fn unit(word: u32) -> f32 {
    (2 * (word >> 9) + 1) as f32 * EXP_MINUS_24
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound, moments};
    use super::super::{fill, fill_words};
    use super::*;
    use crate::simd::Portable;

    fn symmetric(word: u32) -> f32 {
        f32::from_bits(super::symmetric(Portable([word])).0[0])
    }
    use crate::key::Seed;

    #[test]
    fn ends_and_middle_are_left_out() {
        assert_eq!(symmetric(0), EXP_MINUS_24);
        assert_eq!(symmetric(u32::MAX), -EXP_MINUS_24);
        assert_eq!(symmetric(0x7fff_ffff), 1.0 - EXP_MINUS_24);
        assert_eq!(symmetric(0x8000_0000), -1.0 + EXP_MINUS_24);
        assert_eq!(unit(0), EXP_MINUS_24);
        assert_eq!(unit(u32::MAX), 1.0 - EXP_MINUS_24);
    }

    /// False-alarm rate below 10⁻⁵: a distance of rate 10⁻⁶, and moments within 5 standard errors.
    #[test]
    fn distribution() {
        const N: usize = 10_000_000;
        let mut values = vec![0.0; N];
        let between = BetweenMap {
            low: -1.0,
            high: 3.0,
            within: (-1.0, 3.0),
        };
        fill(Seed::new(5).key("uniform"), 0, &mut values, between);
        let [mean, second, ..] = moments(&values);
        // Variance 4/3; the fourth central moment is 2⁴/5.
        let n = N as f64;
        assert!((mean - 1.0).abs() < 5.0 * (4.0 / 3.0 / n).sqrt());
        let variance = second - mean * mean;
        assert!((variance - 4.0 / 3.0).abs() < 5.0 * ((16.0 / 5.0 - 16.0 / 9.0) / n).sqrt());
        let distance = kolmogorov_smirnov(&mut values, |x| (x + 1.0) / 4.0);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
        assert!(values[0] >= -1.0 && values[N - 1] <= 3.0);
    }

    /// Symmetric draws, as those of variance scaling, and single numbers from (0, 1); bounds as
    /// above.
    #[test]
    fn symmetric_and_unit() {
        const N: usize = 10_000_000;
        let n = N as f64;
        let mut values = vec![0.0; N];
        fill(
            Seed::new(6).key("uniform"),
            0,
            &mut values,
            SymmetricMap(0.5),
        );
        let [mean, second, ..] = moments(&values);
        assert!(mean.abs() < 5.0 * (1.0 / 12.0 / n).sqrt());
        assert!((second - 1.0 / 12.0).abs() < 5.0 * (1.0 / 180.0 / n).sqrt());
        let distance = kolmogorov_smirnov(&mut values, |x| x + 0.5);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
        assert!(values[0] > -0.5 && values[N - 1] < 0.5);

        let mut words = vec![0; N];
        fill_words(Seed::new(6).key("unit"), 0, &mut words);
        let mut values: Vec<f32> = words.into_iter().map(unit).collect();
        let distance = kolmogorov_smirnov(&mut values, |x| x);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
        assert!(values[0] > 0.0 && values[N - 1] < 1.0);
    }
}
