//! The signed-rank test.

use statrs::distribution::{ContinuousCDF, Normal};

/// The two-sided p of Wilcoxon's signed-rank test that differences are symmetric around 0, by the normal
/// approximation with the correction for ties; `None` if all are 0. Differences of 0 are left out
/// (Wilcoxon 1945). Infinite differences rank highest.
pub fn wilcoxon(differences: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = sorted.len() as f64;
    // R⁺, the sum of the positive differences' ranks, and what ties take from its variance.
    let (mut positive, mut ties, mut below) = (0.0, 0.0, 0.0);
    for group in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let size = group.len() as f64;
        let rank = below + (size + 1.0) / 2.0;
        positive += rank * group.iter().filter(|d| **d > 0.0).count() as f64;
        ties += size * (size * size - 1.0);
        below += size;
    }
    let mean = n * (n + 1.0) / 4.0;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    (n > 0.0).then(|| {
        let z = (positive - mean) / variance.sqrt();
        2.0 * Normal::standard().cdf(-z.abs())
    })
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
        let p = wilcoxon(&differences).unwrap();
        assert!((p - 0.027_198_399_577_616_782).abs() < 1e-9, "{p}");
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
