//! The search for a scale.

/// Finds the scale s of a weight at which a layer's output measures the target, v(s) = t, where v
/// grows with s.
///
/// v is taken for a power of s, v = c·s^e. The exponent e is 2 at first, which is exact for the variance of
/// a layer without bias, and for a layer and a relu; later, it is what the last two measurements
/// say (the secant of ln v over ln s). A scale that lies outside of those known to be too small and too
/// large becomes their geometric mean.
pub(super) struct Search {
    exponent: f64,
    /// Scale and measurement of the last step.
    last: Option<(f64, f64)>,
    /// The last scale that was too small.
    low: Option<f64>,
    /// The last scale that was too large.
    high: Option<f64>,
}

/// What an exponent may be. Where v is flat, as behind a tanh that saturates, and at its very start, as
/// before an exponential, two measurements tell nothing beyond.
const EXPONENTS: (f64, f64) = (0.05, 8.0);

/// The most that a step changes a scale by where v is flat (its exponent below 1): it mustn't send the scale
/// away for ever.
const STEP: f64 = 16.0;

/// Between scales that are closer than this in their logarithms, rounding may hide the exponent.
const CLOSE: f64 = 1e-3;

impl Search {
    pub fn new() -> Self {
        Self {
            exponent: 2.0,
            last: None,
            low: None,
            high: None,
        }
    }

    /// The scale to try after this one, which measured `value`.
    pub fn next(&mut self, scale: f64, value: f64, target: f64) -> f64 {
        if let Some((last, measured)) = self.last {
            let step = (scale / last).ln();
            if step.abs() > CLOSE {
                let slope = (value / measured).ln() / step;
                self.exponent = slope.clamp(EXPONENTS.0, EXPONENTS.1);
            }
        }
        self.last = Some((scale, value));
        let bound = if value < target {
            &mut self.low
        } else {
            &mut self.high
        };
        *bound = Some(scale);
        let mut factor = (target / value).powf(1.0 / self.exponent);
        if self.exponent < 1.0 {
            factor = factor.clamp(1.0 / STEP, STEP);
        }
        let next = scale * factor;
        match (self.low, self.high) {
            (Some(low), Some(high)) if !(low < next && next < high) => (low * high).sqrt(),
            _ => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Search;

    /// The measurements that it takes to come within 1 % of the target.
    fn measurements(start: f64, target: f64, v: impl Fn(f64) -> f64) -> usize {
        let (mut search, mut scale) = (Search::new(), start);
        (1..100)
            .find(|_| {
                let value = v(scale);
                let found = (value / target - 1.0).abs() <= 0.01;
                if !found {
                    scale = search.next(scale, value, target);
                }
                found
            })
            .expect("found within 100 steps")
    }

    #[test]
    fn powers_take_no_search() {
        assert_eq!(measurements(1e-6, 1.0, |s| 3.0 * s * s), 2);
        assert_eq!(measurements(1e9, 0.1, |s| 3.0 * s * s), 2);
        assert_eq!(measurements(0.3, 7.0, |s| s.powi(4)), 3);
        assert_eq!(measurements(0.3, 7.0, |s| s), 3);
    }

    /// A bias adds to the variance; tanh saturates, from both sides; an exponential explodes.
    #[test]
    fn other_shapes_converge() {
        type Case = (f64, f64, fn(f64) -> f64);
        let cases: [Case; 9] = [
            (0.1, 1.0, |s| s * s + 0.9),
            (50.0, 1.0, |s| s * s + 0.9),
            (1e-4, 0.95, |s| s * s / (1.0 + s * s)),
            (100.0, 0.5, |s| s * s / (1.0 + s * s)),
            // About what a tanh gives.
            (1e-3, 0.9, |s| s / (1.0 + s)),
            (1e6, 0.02, |s| s / (1.0 + s)),
            (1e-3, 0.45, |s| (1.0 - (-2.0 * s * s).exp()) / 2.0),
            (0.5, 30.0, |s| s.exp() - 1.0),
            (5.0, 0.01, |s| s.exp() - 1.0),
        ];
        for (i, (start, target, v)) in cases.into_iter().enumerate() {
            let steps = measurements(start, target, v);
            assert!(steps <= 10, "case {i}: {steps}");
        }
    }
}
