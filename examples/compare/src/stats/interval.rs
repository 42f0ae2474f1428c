//! Means with Student's intervals, and the paired t test.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean, and how far the 95 % interval of Student's t reaches to both sides of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// How many values there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Half the width of the interval: t₀.₉₇₅ with n − 1 degrees of freedom, times the standard error. A
    /// single value has none.
    pub half: Option<f64>,
}

impl Interval {
    /// Of some values; `None` if there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let half = standard_error(values, mean).map(|error| error * student(n).inverse_cdf(0.975));
        (n > 0).then_some(Self { n, mean, half })
    }
}

/// s/√n; `None` for fewer than two values.
fn standard_error(values: &[f64], mean: f64) -> Option<f64> {
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0) / n).sqrt())
}

/// Student's distribution for the mean of n values, at least two.
fn student(n: usize) -> StudentsT {
    StudentsT::new(0.0, 1.0, (n - 1) as f64).expect("there is a degree of freedom")
}

/// The two-sided p of the t test that differences have the mean 0; `None` for fewer than two. Differences
/// that are all the same have p = 1 if they are 0, else p = 0.
pub fn t_test(differences: &[f64]) -> Option<f64> {
    let mean = Interval::of(differences)?.mean;
    let error = standard_error(differences, mean)?;
    Some(match (mean == 0.0, error == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 2.0 * student(differences.len()).cdf(-(mean / error).abs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 8] = [91.4, 89.2, 93.1, 90.0, 92.2, 88.7, 91.9, 90.8];
    const B: [f64; 8] = [92.3, 90.1, 92.8, 91.7, 93.5, 88.9, 92.6, 92.4];

    fn differences() -> Vec<f64> {
        A.iter().zip(B).map(|(a, b)| b - a).collect()
    }

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
    }

    /// scipy 1.17.1: `stats.sem(a) * stats.t.ppf(0.975, 7)`, `stats.ttest_rel(b, a).confidence_interval(0.95)`.
    #[test]
    fn intervals_are_scipys() {
        let interval = Interval::of(&A).unwrap();
        near(interval.mean, 90.9125);
        near(interval.half.unwrap(), 1.276_863_862_447_898);
        let interval = Interval::of(&differences()).unwrap();
        let half = interval.half.unwrap();
        near(interval.mean - half, 0.304_909_738_416_618_95);
        near(interval.mean + half, 1.445_090_261_583_377_6);
    }

    /// scipy 1.17.1: `stats.ttest_rel(b, a).pvalue`.
    #[test]
    fn the_t_test_is_scipys() {
        near(t_test(&differences()).unwrap(), 0.008_405_309_900_826_224);
    }

    /// scipy 1.17.1: `stats.t.ppf(.975, d)` for 1, 2, 19 and 63 degrees of freedom.
    #[test]
    fn quantiles_are_scipys() {
        let expected = [
            (2, 12.706_204_736_174_694),
            (3, 4.302_652_729_749_462),
            (20, 2.093_024_054_408_308_7),
            (64, 1.998_340_542_520_741),
        ];
        for (n, expected) in expected {
            near(student(n).inverse_cdf(0.975), expected);
        }
    }

    /// Of 2,000 samples of 5 normal numbers, 95 % of the intervals hold the true mean, within 5 standard
    /// deviations of the binomial distribution: a false alarm in 1.7 million seeds.
    #[test]
    fn intervals_hold_the_mean_as_often_as_they_say() {
        use burn_init::{Seed, draw};
        let key = Seed::new(1).key("samples");
        let holds = |sample: &u64| {
            let values: Vec<f64> = (0..5)
                .map(|i| f64::from(draw::normal(key, 5 * sample + i)))
                .collect();
            let interval = Interval::of(&values).unwrap();
            interval.mean.abs() <= interval.half.unwrap()
        };
        let share = (0..2000).filter(holds).count() as f64 / 2000.0;
        assert!(
            (share - 0.95).abs() < 5.0 * (0.95 * 0.05 / 2000f64).sqrt(),
            "{share}"
        );
    }

    #[test]
    fn few_and_equal_values() {
        assert_eq!(Interval::of(&[]), None);
        assert_eq!(Interval::of(&[3.0]).unwrap().half, None);
        assert_eq!(Interval::of(&[3.0, 3.0]).unwrap().half, Some(0.0));
        assert_eq!(t_test(&[1.0]), None);
        assert_eq!(t_test(&[0.0, 0.0]), Some(1.0));
        assert_eq!(t_test(&[1.0, 1.0]), Some(0.0));
    }
}
