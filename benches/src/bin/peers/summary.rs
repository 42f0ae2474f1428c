//! The median of some times, and their spread.

use std::time::Duration;

/// Quartiles, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// A quarter of the times is below it.
    pub low: f64,
    pub median: f64,
    /// A quarter of the times is above it.
    pub high: f64,
}

impl Summary {
    /// Of at least one time.
    pub fn of(times: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
        sorted.sort_by(f64::total_cmp);
        let quantile = |p: f64| {
            let at = p * (sorted.len() - 1) as f64;
            let below = sorted[at.floor() as usize];
            let above = sorted[at.ceil() as usize];
            below + (above - below) * at.fract()
        };
        Self {
            low: quantile(0.25),
            median: quantile(0.5),
            high: quantile(0.75),
        }
    }
}

/// Seconds as milliseconds, with three digits or all before the point.
pub fn milliseconds(seconds: f64) -> String {
    let value = seconds * 1e3;
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles() {
        let of = |seconds: &[u64]| {
            let times: Vec<Duration> = seconds.iter().copied().map(Duration::from_secs).collect();
            let Summary { low, median, high } = Summary::of(&times);
            [low, median, high]
        };
        assert_eq!(of(&[7]), [7.0, 7.0, 7.0]);
        assert_eq!(of(&[2, 1]), [1.25, 1.5, 1.75]);
        assert_eq!(of(&[5, 1, 3, 2, 4]), [2.0, 3.0, 4.0]);
    }

    #[test]
    fn three_digits() {
        let cases = [
            (0.0012345, "1.23"),
            (0.012345, "12.3"),
            (0.12345, "123"),
            (12.3456, "12346"),
        ];
        for (seconds, text) in cases {
            assert_eq!(milliseconds(seconds), text);
        }
    }
}
