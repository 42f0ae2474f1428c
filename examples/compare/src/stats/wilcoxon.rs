//! The signed-rank test.

use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many differences, all signs are counted.
const MOST_EXACT: usize = 100;

/// The two-sided p of Wilcoxon's signed-rank test that differences are symmetric around 0, given their sizes; `None`
/// if all are 0. Differences of 0 are left out (Wilcoxon 1945). Infinite differences rank highest.
///
/// It is exact, also with ties, up to 100 differences, and the normal approximation beyond.
pub fn wilcoxon(differences: &[f64]) -> Option<f64> {
    let ranked = Ranked::of(differences);
    match ranked.doubled.len() {
        0 => None,
        1..=MOST_EXACT => Some(ranked.exact()),
        _ => Some(ranked.approximate()),
    }
}

/// Differences by their sizes.
struct Ranked {
    /// Twice the rank of each: a whole number, also where ties share the mean of their ranks.
    doubled: Vec<usize>,
    /// The sum of those of positive differences.
    positive: usize,
}

impl Ranked {
    fn of(differences: &[f64]) -> Self {
        let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
        sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let (mut doubled, mut positive) = (Vec::new(), 0);
        for group in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
            let rank = 2 * doubled.len() + group.len() + 1;
            positive += rank * group.iter().filter(|d| **d > 0.0).count();
            doubled.extend(group.iter().map(|_| rank));
        }
        Self { doubled, positive }
    }

    /// Among all signs, which are equally likely.
    fn exact(&self) -> f64 {
        let sum: usize = self.doubled.iter().sum();
        // How likely each sum of positive ranks is.
        let mut shares = vec![0.0; sum + 1];
        shares[0] = 1.0;
        for rank in &self.doubled {
            for s in (0..=sum).rev() {
                let with = s.checked_sub(*rank).map_or(0.0, |rest| shares[rest]);
                shares[s] = 0.5 * (shares[s] + with);
            }
        }
        // The law is symmetric.
        let low = self.positive.min(sum - self.positive);
        let tail: f64 = shares[..=low].iter().sum();
        (2.0 * tail).min(1.0)
    }

    /// By the normal law, whose variance is Σ rank² / 4.
    fn approximate(&self) -> f64 {
        let sum: usize = self.doubled.iter().sum();
        let squares: f64 = self.doubled.iter().map(|r| (*r as f64).powi(2)).sum();
        let z = (self.positive as f64 - 0.5 * sum as f64) / (0.25 * squares).sqrt();
        2.0 * Normal::standard().cdf(-z.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `stats.wilcoxon(y, x, zero_method='wilcox', correction=False, method='approx').pvalue`.
    #[test]
    fn the_test_is_scipys() {
        let x = [5, 6, 4, 7, 5, 6, 8, 5, 9, 4];
        let y = [6, 6, 5, 9, 4, 8, 8, 7, 12, 5];
        let differences: Vec<f64> = y.iter().zip(x).map(|(y, x)| f64::from(y - x)).collect();
        let p = Ranked::of(&differences).approximate();
        assert!((p - 0.027_198_399_577_616_782).abs() < 1e-9, "{p}");
    }

    /// Tables of the exact law: of 10 differences, R = 8 has p = 0.0488. With ties, all signs one by one.
    #[test]
    fn exact() {
        let signed = |negative: &[usize]| -> Vec<f64> {
            let sign = |i: usize| if negative.contains(&i) { -1.0 } else { 1.0 };
            (1..=10).map(|i| sign(i) * i as f64).collect()
        };
        assert!((wilcoxon(&signed(&[1, 7])).unwrap() - 0.048_828_125).abs() < 1e-12);
        assert!((wilcoxon(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap() - 0.0625).abs() < 1e-12);
        assert!((wilcoxon(&[1.0; 4]).unwrap() - 0.125).abs() < 1e-12);
        let differences = [1.0, -1.0, 1.0, 2.0, 3.0, -3.0, 3.0, 5.0];
        let ranked = Ranked::of(&differences);
        let sum: usize = ranked.doubled.iter().sum();
        let low = ranked.positive.min(sum - ranked.positive);
        let of_signs = |signs: u32| -> usize {
            let taken = |(i, rank): (usize, &usize)| (signs >> i & 1 == 1).then_some(*rank);
            ranked.doubled.iter().enumerate().filter_map(taken).sum()
        };
        let extreme = |signs: &u32| of_signs(*signs).min(sum - of_signs(*signs)) <= low;
        let count = (0..256).filter(extreme).count();
        assert!((wilcoxon(&differences).unwrap() - count as f64 / 256.0).abs() < 1e-12);
        // Both agree where there are many.
        let many: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 101 - 47)).collect();
        let ranked = Ranked::of(&many);
        assert!((ranked.exact() / ranked.approximate() - 1.0).abs() < 0.05);
    }

    #[test]
    fn infinite_differences_count_as_the_largest() {
        let infinite = wilcoxon(&[1.0, -2.0, 3.0, f64::INFINITY]);
        assert_eq!(infinite, wilcoxon(&[1.0, -2.0, 3.0, 100.0]));
        assert_eq!(wilcoxon(&[0.0, 0.0]), None);
        // As many up as down.
        assert!((wilcoxon(&[1.0, -1.0]).unwrap() - 1.0).abs() < 1e-12);
    }
}
