//! Normal numbers.

use super::quantile::{FRACTION_BITS, upper_tail};
use super::{MapWords, fill};
use crate::key::Key;
use crate::simd::Words;

/// What one unit of a fixed-point value is worth.
pub(super) const UNIT: f32 = 1.0 / (1u32 << FRACTION_BITS) as f32;

/// No normal number is further from the mean than this many standard deviations.
pub(crate) const LARGEST_NORMAL: f64 = 6.34;

/// A standard normal number with 28 fractional bits: the word's lowest bit is the sign, the others
/// are m, and |x| = Q((m + ½)/2³²).
#[inline(always)]
pub(super) fn fixed<W: Words>(word: W) -> W {
    let lowest = word.and(W::splat(1));
    let magnitude = upper_tail(word.add(W::splat(1).sub(lowest)));
    let sign = W::splat(0).sub(lowest);
    magnitude.xor(sign).sub(sign)
}

/// N(mean, std²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NormalMap {
    pub mean: f32,
    pub std: f32,
}

impl MapWords for NormalMap {
    #[inline(always)]
    fn map<W: Words>(self, word: W) -> W {
        // Times a power of two, which is exact; the product is then rounded once, however small
        // std is.
        let standard = fixed(word).to_float().float_mul(W::splat(UNIT.to_bits()));
        let scaled = standard.float_mul(W::splat(self.std.to_bits()));
        scaled.float_add(W::splat(self.mean.to_bits()))
    }
}

/// Fills `out` with draws from N(mean, std²).
pub(crate) fn fill_normal(key: Key, start: u64, out: &mut [f32], mean: f32, std: f32) {
    fill(key, start, out, NormalMap { mean, std });
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound, moments};
    use super::*;
    use crate::simd::Portable;

    pub(in crate::draw) fn fixed(word: u32) -> i32 {
        super::fixed(Portable([word])).0[0] as i32
    }

    use crate::key::Seed;

    /// |error| ≤ 2⁻²⁴ for |x| ≤ 1, and one unit of the last place of an f32 beyond.
    #[test]
    fn true_values() {
        let text = include_str!("../../tests/golden/normal_quantiles.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        for row in rows {
            let m = row["m"].as_u64().unwrap() as u32;
            let x: f64 = row["x"].as_str().unwrap().parse().unwrap();
            let bound = (-24f64).exp2()
                * if x <= 1.0 {
                    1.0
                } else {
                    2.0 * x.log2().floor().exp2()
                };
            let value = fixed(m << 1) as f32 * UNIT;
            assert!(
                (f64::from(value) - x).abs() <= bound,
                "m = {m}: {value} instead of {x}"
            );
            assert_eq!(fixed(m << 1 | 1) as f32 * UNIT, -value);
        }
    }

    /// False-alarm rate below 10⁻⁵: a distance of rate 10⁻⁶, and four moments within 5 standard
    /// errors.
    #[test]
    fn distribution() {
        const N: usize = 1 << 24;
        let mut values = vec![0.0; N];
        fill_normal(Seed::new(7).key("normal"), 0, &mut values, 0.0, 1.0);
        let expected = [0.0, 1.0, 0.0, 3.0];
        let variances = [1.0, 2.0, 15.0, 96.0];
        for (k, moment) in moments(&values).into_iter().enumerate() {
            let error = (variances[k] / N as f64).sqrt();
            assert!(
                (moment - expected[k]).abs() < 5.0 * error,
                "moment {}: {moment}",
                k + 1
            );
        }
        let distance = kolmogorov_smirnov(&mut values, normal_cdf);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
    }

    pub(crate) fn normal_cdf(x: f64) -> f64 {
        0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
    }

    #[test]
    fn mean_and_std() {
        let key = Seed::new(7).key("normal");
        let (mut standard, mut scaled) = ([0.0; 64], [0.0; 64]);
        fill_normal(key, 0, &mut standard, 0.0, 1.0);
        fill_normal(key, 0, &mut scaled, 10.0, 0.5);
        for (x, y) in standard.iter().zip(scaled) {
            assert_eq!(y, 0.5 * x + 10.0);
        }
    }
}
