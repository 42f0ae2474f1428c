//! The upper-tail quantile of the standard normal distribution, in integers.
//!
//! For an odd `u`, Q(u / 2³³) is the x ≥ 0 that a standard normal variable exceeds with probability
//! u / 2³³. It is computed by a polynomial of degree 3 in each of 32 equal parts of every octave
//! [2ᵏ, 2ᵏ⁺¹) of `u`: the octave is found by counting leading zeros, the part by the next five
//! bits, and the bits below are the polynomial's variable t. In a part Q falls, is convex, and so
//! on: the signs of its derivatives alternate, and with
//!
//! > Q = c₀ − t (c₁ − t (c₂ − t c₃)),  0 ≤ t < 1
//!
//! all coefficients are positive and unsigned products are enough. c₀ has 28 fractional bits, the
//! others 36. The table is made by `cargo xtask quantile-table`.

use super::quantile_table::COEFFICIENTS;
use crate::simd::Words;

/// Fractional bits of [`upper_tail`]'s result.
pub(crate) const FRACTION_BITS: u32 = 28;

/// log₂ of the number of parts of an octave.
const PART_BITS: u32 = 5;

/// Q(u / 2³³)·2²⁸ for each odd word `u`, at most 6.34·2²⁸ and so within an i32.
#[inline(always)]
pub(crate) fn upper_tail<W: Words>(u: W) -> W {
    let octave = u.leading_zeros();
    let leading_one_first = u.shift_left_by(octave);
    // The bits after the leading one, which falls off.
    let after = leading_one_first.add(leading_one_first);
    let part = after.shift_right::<{ 32 - PART_BITS }>();
    let t = after.shift_left::<PART_BITS>();
    let [c0, c1, c2, c3] = octave
        .shift_left::<PART_BITS>()
        .add(part)
        .rows(&COEFFICIENTS);
    let y = c2.sub(c3.product_high(t));
    let y = c1.sub(y.product_high(t));
    // From 36 to 28 fractional bits, rounded; never below 0, since c₀ was rounded before.
    let y = y.product_high(t).add(W::splat(128)).shift_right::<8>();
    c0.sub(y.min(c0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    fn upper_tail(u: u32) -> u32 {
        super::upper_tail(Portable([u])).0[0]
    }

    /// Q at high precision: `m` stands for the probability (m + ½) / 2³².
    fn golden() -> Vec<(u32, f64)> {
        let text = include_str!("../../tests/golden/normal_quantiles.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let number = |row: &serde_json::Value| row["x"].as_str().unwrap().parse().unwrap();
        rows.iter()
            .map(|row| (row["m"].as_u64().unwrap() as u32, number(row)))
            .collect()
    }

    /// The fixed-point value is off by at most 2⁻²⁷, which leaves room for the one rounding to f32.
    #[test]
    fn true_values() {
        let golden = golden();
        assert_eq!(golden.len(), 392);
        for (m, x) in golden {
            let fixed = f64::from(upper_tail(2 * m + 1)) / f64::from(1u32 << FRACTION_BITS);
            assert!(
                (fixed - x).abs() <= (-27f64).exp2(),
                "m = {m}: {fixed} instead of {x}"
            );
        }
    }

    /// Neighbouring arguments never go up by more than one unit of the last place.
    #[test]
    fn falls() {
        let mut last = u32::MAX;
        let mut check = |u| {
            let x = upper_tail(u);
            assert!(x <= last.saturating_add(1), "{u}");
            last = x;
        };
        (1..1 << 20).step_by(2).for_each(&mut check);
        ((1 << 20) + 1..u32::MAX).step_by(2046).for_each(&mut check);
        // Where parts and octaves meet.
        for edge in (20..32).flat_map(|k| (32..64u64).map(move |part| part << k >> 5)) {
            last = u32::MAX;
            for u in (edge - 41..edge + 41).filter(|u| u % 2 == 1) {
                let x = upper_tail(u as u32);
                assert!(x <= last.saturating_add(1), "{u}");
                last = x;
            }
        }
    }
}
