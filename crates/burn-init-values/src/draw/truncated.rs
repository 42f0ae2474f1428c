//! Normal numbers between two bounds that hold much of the mass, by inversion: no rejection. Others are
//! drawn by [`tail`](super::tail).

use super::MapWords;
use super::elementwise::Source;
use super::normal::UNIT;
use super::quantile::{FRACTION_BITS, upper_tail};
use crate::simd::{Portable, Words};

/// The positions of the normal's 2³² equally likely values, in ascending order, that lie between
/// two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(super) first: u32,
    pub(super) count: u64,
}

impl Interval {
    /// The positions between `low` and `high`, in standard deviations from the mean; `None` where
    /// there are fewer than f32 has numbers from 1 to 4: less than 2⁻⁸ of the normal's mass.
    pub(crate) fn new(low: f64, high: f64) -> Option<Self> {
        let units = f64::from(1u32 << FRACTION_BITS);
        // ±8 lies outside of all values.
        let first = first_position(|x| f64::from(x) >= low.clamp(-8.0, 8.0) * units);
        let end = first_position(|x| f64::from(x) > high.clamp(-8.0, 8.0) * units);
        let count = end.saturating_sub(first);
        (count >= 1 << 24).then_some(Self {
            first: first as u32,
            count,
        })
    }

    /// What chooses from these positions.
    pub(super) fn source(self) -> Source {
        let Self { first, count } = self;
        Source::NormalBetween { first, count }
    }

    /// The position for each word: first + ⌊word · count / 2³²⌋.
    #[inline(always)]
    pub(super) fn position<W: Words>(self, word: W) -> W {
        let product = if self.count == 1 << 32 {
            word
        } else {
            word.product_high(W::splat(self.count as u32))
        };
        W::splat(self.first).add(product)
    }
}

/// The first of the 2³² positions whose value fulfils `condition`, which holds from some position
/// on.
fn first_position(condition: impl Fn(i32) -> bool) -> u64 {
    let (mut begin, mut end) = (0, 1u64 << 32);
    while begin < end {
        let middle = (begin + end) / 2;
        if condition(value(Portable([middle as u32])).0[0] as i32) {
            end = middle;
        } else {
            begin = middle + 1;
        }
    }
    begin
}

/// The value at each position, with 28 fractional bits: the lower half of the positions is
/// negative.
#[inline(always)]
pub(super) fn value<W: Words>(position: W) -> W {
    let upper_half = position.shift_right_signed::<31>();
    let from_end = position.xor(upper_half);
    let magnitude = upper_tail(from_end.add(from_end).add(W::splat(1)));
    let sign = upper_half.xor(W::splat(u32::MAX));
    magnitude.xor(sign).sub(sign)
}

/// N(mean, std²) between two bounds, of which `interval` is the inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TruncatedMap {
    pub mean: f32,
    pub std: f32,
    pub low: f32,
    pub high: f32,
    pub interval: Interval,
}

impl MapWords for TruncatedMap {
    #[inline(always)]
    fn map<W: Words>(self, word: W) -> W {
        let fixed = value(self.interval.position(word));
        let standard = fixed.to_float().float_mul(W::splat(UNIT.to_bits()));
        let scaled = standard.float_mul(W::splat(self.std.to_bits()));
        let moved = scaled.float_add(W::splat(self.mean.to_bits()));
        moved.float_clamp(W::splat(self.low.to_bits()), W::splat(self.high.to_bits()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound, moments};
    use super::super::{fill, normal};
    use super::*;
    use crate::key::Seed;

    fn value(position: u32) -> i32 {
        super::value(Portable([position])).0[0] as i32
    }

    fn normal_cdf(x: f64) -> f64 {
        0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
    }

    /// False-alarm rate below 10⁻⁵ for each pair of bounds.
    #[test]
    fn distribution() {
        const N: usize = 10_000_000;
        let bounds = [(-2.0, 2.0), (-1.0, 3.0), (0.5, f64::INFINITY), (-3.5, -2.0)];
        for (low, high) in bounds {
            let mut values = vec![0.0; N];
            let interval = Interval::new(low, high).unwrap();
            let key = Seed::new(9).key("truncated");
            let narrow = (low as f32, high as f32);
            let map = TruncatedMap {
                mean: 0.0,
                std: 1.0,
                low: narrow.0,
                high: narrow.1,
                interval,
            };
            fill(key, 0, &mut values, map);
            let (below, mass) = (normal_cdf(low), normal_cdf(high) - normal_cdf(low));
            let distance = kolmogorov_smirnov(&mut values, |x| (normal_cdf(x) - below) / mass);
            assert!(
                distance < kolmogorov_smirnov_bound(N),
                "{low} {high}: {distance}"
            );
            assert!(values[0] >= narrow.0 && values[N - 1] <= narrow.1);
            // Mean and second moment of the cut normal, by the density at its bounds.
            let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let slope = |x: f64| if x.is_finite() { x * density(x) } else { 0.0 };
            let expected_mean = (density(low) - density(high)) / mass;
            let expected_second = 1.0 + (slope(low) - slope(high)) / mass;
            let [mean, second, _, fourth] = moments(&values);
            let error = ((expected_second - expected_mean.powi(2)) / N as f64).sqrt();
            assert!(
                (mean - expected_mean).abs() < 5.0 * error,
                "{low} {high}: {mean}"
            );
            let error = ((fourth - second.powi(2)) / N as f64).sqrt();
            assert!(
                (second - expected_second).abs() < 5.0 * error,
                "{low} {high}: {second}"
            );
        }
        // What variance scaling divides by.
        let below = normal_cdf(-2.0);
        let density = (-2f64).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let variance = 1.0 - 4.0 * density / (1.0 - 2.0 * below);
        assert!((variance.sqrt() - 0.879_625_661_034_239_8).abs() < 1e-14);
    }

    #[test]
    fn all_positions_are_the_normal() {
        let all = Interval::new(f64::NEG_INFINITY, f64::INFINITY).unwrap();
        assert_eq!((all.first, all.count), (0, 1 << 32));
        // Position 0 is the most negative value, which the normal draws at m = 0 with the sign bit.
        assert_eq!(value(0), normal::tests::fixed(1));
        assert_eq!(value(u32::MAX), normal::tests::fixed(0));
        assert_eq!(value(1 << 31), -value((1 << 31) - 1));
    }

    #[test]
    fn too_little_mass() {
        // S(2.65) = 0.00402 and S(2.67) = 0.00379, about 2⁻⁸ = 0.00391.
        assert!(Interval::new(2.65, 9.0).is_some());
        assert!(Interval::new(2.67, 9.0).is_none());
        assert!(Interval::new(1.0, 1.0).is_none());
        assert!(Interval::new(2.0, -2.0).is_none());
    }
}
