//! Sines and cosines of fractions of a full turn.

use std::f64::consts::PI;

/// sin(2π k/n), exactly 0 at each half turn.
pub(super) fn sin_of_turn(k: u64, n: u64) -> f64 {
    let k = k % n;
    if 2 * k > n {
        return -sin_of_turn(n - k, n);
    }
    // Half turns, up to the quarter of a turn that sin x = sin(π − x) leaves.
    let halves = if 4 * k > n { n - 2 * k } else { 2 * k };
    libm::sin(PI * (halves as f64 / n as f64))
}

/// cos(2π k/n), exactly 0 at each quarter of a turn that isn't a half.
pub(super) fn cos_of_turn(k: u64, n: u64) -> f64 {
    sin_of_turn(4 * (k % n) + n, 4 * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn against_the_standard_library() {
        for n in 1..=48 {
            for k in 0..3 * n {
                let angle = 2.0 * PI * k as f64 / n as f64;
                assert!((sin_of_turn(k, n) - angle.sin()).abs() < 2e-15 * (1.0 + angle));
                assert!((cos_of_turn(k, n) - angle.cos()).abs() < 2e-15 * (1.0 + angle));
            }
        }
    }

    #[test]
    fn quarters_are_exact() {
        for n in [1u64, 3, 50, 1 << 50] {
            for turns in 0..3 {
                let at = |quarter: u64| {
                    let k = (4 * turns + quarter) * n;
                    (sin_of_turn(k, 4 * n), cos_of_turn(k, 4 * n))
                };
                let expected = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)];
                assert_eq!([at(0), at(1), at(2), at(3)], expected);
            }
        }
    }
}
