//! Holm's correction.

/// Corrects p values for their number, so that the chance of any false finding among them is at most the
/// level that they are held against (Holm 1979): the smallest times m, the next times m − 1, …, each at least as
/// large as the one before, and at most 1. Of the m, some may have no p, since they found no difference at all.
pub fn holm(p: &[f64], m: usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![0.0; p.len()];
    let mut least: f64 = 0.0;
    for (rank, i) in order.into_iter().enumerate() {
        least = least.max(p[i] * m.saturating_sub(rank) as f64).min(1.0);
        corrected[i] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// statsmodels 0.14: `multipletests([0.01, 0.04, 0.03, 0.005, 0.5, 0.9], method='holm')`.
    #[test]
    fn the_correction_is_statsmodels() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005, 0.5, 0.9], 6);
        for (value, expected) in corrected.iter().zip([0.05, 0.12, 0.12, 0.03, 1.0, 1.0]) {
            assert!((value - expected).abs() < 1e-12, "{corrected:?}");
        }
        assert_eq!(holm(&[0.2], 1), [0.2]);
        assert_eq!(holm(&[0.2], 3), holm(&[0.2, 1.0, 1.0], 3)[..1]);
        assert!(holm(&[], 2).is_empty());
    }
}
