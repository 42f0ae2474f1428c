//! Normal numbers between any two bounds, by inversion in f64: far tails and narrow intervals.
//!
//! What lies between α and β standard deviations from the mean, w = β − α apart, has at a distance d
//! from α a density in proportion to exp(−d(α + d/2)). With S the survival function and
//! λ = density / S the hazard,
//!
//! > S(α + d) / S(α) = exp(−d(α + d/2)) λ(α) / λ(α + d),
//!
//! which neither vanishes nor cancels in a tail. A word k is the probability u = (k + ½)/2³². One of
//! three ways leads from u to the value; the lower tail is the upper one's mirror image.
//!
//! | interval | inversion | error of d |
//! |---|---|---|
//! | w ≤ 2⁻¹³, or α ≥ 2²⁰ | the density as e^(−cd), c its slope in the middle: d = −ln(1 − u(1 − e^(−cw)))/c | d · 2⁻²⁹ |
//! | another one in the upper tail, α ≥ 0 | ln S(α + d) = ln S(α) + ln(1 − u(1 − S(β)/S(α))) by Halley's method | 2⁻⁴⁶ of d or 1/λ(α) |
//! | one with the mean inside | the tail that u lies in, from the mean on, by the same | 2⁻⁴⁶ of d or 1 |
//!
//! The value is the nearer bound (or the mean) plus d standard deviations, in f64, rounded once to
//! f32. All functions are the `libm` crate's: the same bits everywhere.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::MapWords;
use crate::simd::{MOST_LANES, Words};

/// A normal and where it is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cut {
    pub mean: f64,
    /// Before the cut, and above 0.
    pub std: f64,
    /// The bounds; infinite ones are none.
    pub low: f64,
    pub high: f64,
    /// The bounds in standard deviations from the mean.
    pub alpha: f64,
    pub beta: f64,
    /// How far they are apart: by itself, and in standard deviations.
    pub length: f64,
    pub width: f64,
}

/// Up to this width the density's logarithm is a straight line.
const NARROW: f64 = 1.0 / (1 << 13) as f64;

/// From here on so it is, wherever there is any mass.
const FAR: f64 = (1 << 20) as f64;

/// A normal between two bounds, by its tails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TailMap {
    /// The value at d = 0.
    start: f64,
    /// What a unit of d is worth: negative in the lower tail.
    step: f64,
    inverse: Inverse,
    pub low: f32,
    pub high: f32,
}

/// From probabilities to distances.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inverse {
    Uniform,
    /// A density e^(−rate · d).
    Exponential {
        rate: f64,
        survival: Survival,
    },
    Tail {
        tail: Tail,
        survival: Survival,
    },
    /// The mean is inside: the tail from there on, and the mass below, between, above the bounds.
    Mean {
        tail: Tail,
        below: f64,
        between: f64,
        above: f64,
    },
}

/// Which share of what survives at one bound survives at the other, and which one doesn't.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Survival {
    left: f64,
    lost: f64,
}

impl Survival {
    fn new(log: f64) -> Self {
        Self {
            left: libm::exp(log),
            lost: -libm::expm1(log),
        }
    }

    /// −ln(1 − u(1 − S(β)/S(α))); `rest` is 1 − u.
    fn exponent(self, u: f64, rest: f64) -> f64 {
        let lost = u * self.lost;
        if lost < 0.5 {
            -libm::log1p(-lost)
        } else {
            -libm::log(rest + u * self.left)
        }
    }
}

impl TailMap {
    /// Values between `low` and `high`, which are the bounds rounded inwards; `None` where some
    /// would be beyond what f32 holds.
    pub(crate) fn new(cut: Cut, low: f32, high: f32) -> Option<Self> {
        let Cut { std, width, .. } = cut;
        // The bound that is nearer to the mean, and how far it is from it.
        let (start, sign, alpha) = if cut.beta <= 0.0 {
            (cut.high, -1.0, -cut.beta)
        } else {
            (cut.low, 1.0, cut.alpha)
        };
        let (start, step, inverse) = if width <= NARROW {
            // d in units of the width.
            let slope = width * (alpha + 0.5 * width);
            let inverse = if width == 0.0 || slope.abs() < f64::EPSILON {
                Inverse::Uniform
            } else {
                Inverse::exponential(slope, slope)
            };
            (start, sign * cut.length, inverse)
        } else if alpha >= FAR {
            (
                start,
                sign * std,
                Inverse::exponential(alpha, alpha * width),
            )
        } else if alpha >= 0.0 {
            let tail = Tail::new(alpha);
            let survival = Survival::new(tail.log_survival(width, hazard(alpha + width).0));
            (start, sign * std, Inverse::Tail { tail, survival })
        } else {
            let survival = |x: f64| 0.5 * libm::erfc(x * FRAC_1_SQRT_2);
            let (below, above) = (survival(-cut.alpha), survival(cut.beta));
            let between = 1.0 - below - above;
            let inverse = Inverse::Mean {
                tail: Tail::new(0.0),
                below,
                between,
                above,
            };
            (cut.mean, std, inverse)
        };
        let map = Self {
            start,
            step,
            inverse,
            low,
            high,
        };
        let ends = [map.unbounded(0), map.unbounded(u32::MAX)];
        ends.iter().all(|end| end.is_finite()).then(|| {
            let [a, b] = ends.map(|end| end.clamp(low, high));
            Self {
                low: a.min(b),
                high: a.max(b),
                ..map
            }
        })
    }

    /// The way from the start to the value for a word; rises with the word.
    fn offset(&self, word: u32) -> f64 {
        let word = if self.step < 0.0 { !word } else { word };
        let probability = |word: u32| (f64::from(word) + 0.5) / (1u64 << 32) as f64;
        self.step * self.inverse.distance(probability(word), probability(!word))
    }

    /// The value for a word, before it is held against the bounds.
    fn unbounded(&self, word: u32) -> f32 {
        // Plus 0: a zero is +0.
        (self.start + self.offset(word)) as f32 + 0.0
    }

    /// The value for a word.
    #[inline(never)]
    fn value(&self, word: u32) -> f32 {
        self.unbounded(word).clamp(self.low, self.high)
    }
}

impl Inverse {
    /// `total`: how far the density's logarithm falls in all.
    fn exponential(rate: f64, total: f64) -> Self {
        let survival = Survival::new(-total);
        Self::Exponential { rate, survival }
    }

    /// The distance within which a share `u` of the interval's mass lies; `rest` is 1 − u.
    fn distance(self, u: f64, rest: f64) -> f64 {
        match self {
            Self::Uniform => u,
            Self::Exponential { rate, survival } => survival.exponent(u, rest) / rate,
            Self::Tail { tail, survival } => tail.distance(survival.exponent(u, rest)),
            Self::Mean {
                tail,
                below,
                between,
                above,
            } => {
                let (p, q) = (below + u * between, above + rest * between);
                let distance = tail.distance(-libm::log(2.0 * p.min(q)));
                if p < q { -distance } else { distance }
            }
        }
    }
}

/// The upper tail from α ≥ 0 on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tail {
    alpha: f64,
    /// λ(α), and λ(α) − α.
    hazard: (f64, f64),
}

impl Tail {
    fn new(alpha: f64) -> Self {
        let hazard = hazard(alpha);
        Self { alpha, hazard }
    }

    /// ln S(α + d) − ln S(α), given λ(α + d).
    fn log_survival(&self, d: f64, hazard: f64) -> f64 {
        libm::log(self.hazard.0 / hazard) - d * (self.alpha + 0.5 * d)
    }

    /// d such that ln S(α + d) = ln S(α) − e.
    fn distance(&self, e: f64) -> f64 {
        let (hazard_at_bound, rise) = self.hazard;
        // As if the hazard rose evenly.
        let curvature = hazard_at_bound * rise;
        let square = hazard_at_bound * hazard_at_bound + 2.0 * curvature * e;
        let mut d = 2.0 * e / (hazard_at_bound + square.max(0.0).sqrt());
        // Halley's method: (ln S)' = −λ, (ln S)'' = −λ(λ − x). A step has three times as many right
        // digits as the one before.
        for _ in 0..3 {
            let (hazard, rise) = hazard(self.alpha + d);
            let residual = e + self.log_survival(d, hazard);
            let newton = residual / hazard;
            d = (d + newton / (1.0 + 0.5 * newton * rise)).max(0.0);
            if residual.abs() < 1e-5 {
                break;
            }
        }
        d
    }
}

/// The hazard λ(x) of the standard normal, its density over its survival function, and λ(x) − x; for
/// x ≥ 0.
fn hazard(x: f64) -> (f64, f64) {
    if x < 6.0 {
        let mills = libm::exp(0.5 * x * x) * libm::erfc(x * FRAC_1_SQRT_2);
        let hazard = (2.0 / PI).sqrt() / mills;
        (hazard, hazard - x)
    } else {
        // Laplace's continued fraction: λ = x + 1/(x + 2/(x + 3/(x + …))).
        let rest = (2..=20).rev().fold(x, |rest, i| x + f64::from(i) / rest);
        (x + rest.recip(), rest.recip())
    }
}

impl MapWords for TailMap {
    #[inline(always)]
    fn map<W: Words>(self, words: W) -> W {
        let mut lanes = [0.0; MOST_LANES];
        words.store(&mut lanes);
        for lane in &mut lanes[..W::LANES] {
            *lane = self.value(lane.to_bits());
        }
        W::load_floats(&lanes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::fill;
    use super::super::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound};
    use super::*;
    use crate::error::round_up;
    use crate::key::Seed;

    const INFINITY: f64 = f64::INFINITY;

    /// The standard normal between two bounds.
    pub(in crate::draw) fn standard(alpha: f64, beta: f64) -> Cut {
        Cut {
            mean: 0.0,
            std: 1.0,
            low: alpha,
            high: beta,
            alpha,
            beta,
            length: beta - alpha,
            width: beta - alpha,
        }
    }

    fn map(cut: Cut) -> TailMap {
        TailMap::new(cut, round_up(cut.low), -round_up(-cut.high)).unwrap()
    }

    /// Intervals that each of the ways has a part in.
    const INTERVALS: [(f64, f64); 17] = [
        (8.0, 9.0),
        (30.0, INFINITY),
        (-40.0, -38.0),
        (-INFINITY, -6.0),
        (2.9, INFINITY),
        (4.0, 4.5),
        (5.9, 6.3),
        (0.0, 1e-4),
        (0.0, 0.005),
        (1.0, 1.000001),
        (5.0, 5.0002),
        (-1e-4, 3e-5),
        (-0.003, 0.002),
        (-3.0, 4.0),
        (1000.0, 1001.0),
        (1e7, INFINITY),
        (0.0, INFINITY),
    ];

    /// Against numbers that mpmath gives with 100 digits: x such that S(x) = (1 − u) S(α) + u S(β),
    /// S(x) = ½ erfc(x/√2), u = (word + ½)/2³²; d is x less the bound that is nearer to the mean. With
    /// the mean inside, it is x, or x − α in narrow intervals.
    #[test]
    fn true_values() {
        let text = include_str!("../../tests/golden/truncated_quantiles.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        assert_eq!(rows.len(), 420);
        for row in rows {
            let number = |name: &str| -> f64 { row[name].as_str().unwrap().parse().unwrap() };
            let (alpha, beta, d) = (number("low"), number("high"), number("d"));
            let word = row["word"].as_u64().unwrap() as u32;
            let map = map(standard(alpha, beta));
            let size = d.abs();
            let bound = match map.inverse {
                Inverse::Uniform | Inverse::Exponential { .. } => (-29f64).exp2() * size,
                Inverse::Tail { tail, .. } => (-46f64).exp2() * size.max(1.0 / tail.hazard.0),
                Inverse::Mean { .. } => (-46f64).exp2() * size.max(1.0),
            };
            let offset = map.offset(word);
            let error = (offset - d).abs();
            assert!(error <= bound, "{alpha} {beta} {word}: {offset}, not {d}");
            let (value, x) = (f64::from(map.value(word)), map.start + d);
            // At a bound that is no f32, the nearest one inside.
            let bound = bound + (-23f64).exp2() * x.abs();
            assert!(
                (value - x).abs() <= bound,
                "{alpha} {beta} {word}: {value}, not {x}"
            );
        }
    }

    /// Values never fall as words rise, and stay between the bounds.
    #[test]
    fn rises() {
        for (low, high) in INTERVALS {
            let map = map(standard(low, high));
            let (least, most) = (f64::from(map.low), f64::from(map.high));
            assert!(least >= low && most <= high, "{low} {high}");
            let near = |place: u32| place.saturating_sub(1000)..=place.saturating_add(1000);
            let dense = (0..=32).flat_map(|i| near((i * (1u64 << 27)).min(u32::MAX.into()) as u32));
            let sparse = (0..1 << 16).map(|i| i << 16 | 77);
            for words in [dense.collect::<Vec<_>>(), sparse.collect()] {
                let values: Vec<f32> = words.iter().map(|word| map.value(*word)).collect();
                assert!(values.is_sorted(), "{low} {high}");
                let distances: Vec<f64> = words.iter().map(|word| map.offset(*word)).collect();
                assert!(distances.is_sorted(), "{low} {high}");
            }
            assert_eq!([map.value(0), map.value(u32::MAX)], [map.low, map.high]);
        }
    }

    /// The share of the mass within a distance from α, by Simpson's rule.
    fn cdf(alpha: f64, width: f64) -> impl Fn(f64) -> f64 {
        const PANELS: usize = 4096;
        // Where the density has fallen by e⁻⁴⁵.
        let reach = -alpha + (alpha * alpha + 90.0).sqrt();
        let reach = if alpha > 100.0 { 45.0 / alpha } else { reach };
        let step = width.min(reach) / PANELS as f64;
        let density = move |d: f64| (-d * (alpha + 0.5 * d)).exp();
        let simpson = move |a: f64, b: f64| {
            (density(a) + 4.0 * density(0.5 * (a + b)) + density(b)) * (b - a) / 6.0
        };
        let mut sums = vec![0.0];
        for i in 0..PANELS {
            sums.push(sums[i] + simpson(i as f64 * step, (i + 1) as f64 * step));
        }
        move |d| {
            let i = ((d / step) as usize).min(PANELS - 1);
            let part = simpson(i as f64 * step, d.min(PANELS as f64 * step));
            (sums[i] + part) / sums[PANELS]
        }
    }

    /// False-alarm rate below 10⁻⁶ for each interval. The mean is so that the nearer bound, from which
    /// the values are measured, is 0: f32 resolves them there.
    #[test]
    fn distribution() {
        const N: usize = 300_000;
        for (i, (low, high)) in INTERVALS.into_iter().enumerate() {
            let mut values = vec![0.0; N];
            // Mirrored: the distribution of −x.
            let mirror = high <= 0.0;
            let (alpha, beta) = if mirror { (-high, -low) } else { (low, high) };
            let mut cut = standard(low, high);
            cut.mean = if mirror { alpha } else { -alpha };
            (cut.low, cut.high) = (cut.mean + low, cut.mean + high);
            fill(Seed::new(i as u64).key("tail"), 0, &mut values, map(cut));
            if mirror {
                values.iter_mut().for_each(|value| *value = -*value);
            }
            let distance = kolmogorov_smirnov(&mut values, cdf(alpha, beta - alpha));
            assert!(
                distance < kolmogorov_smirnov_bound(N),
                "{low} {high}: {distance}"
            );
        }
    }

    /// What f32 can't hold, and what it just can.
    #[test]
    fn range() {
        let scaled = |mean: f64, std: f64, alpha: f64, beta: f64| {
            let [low, high] = [alpha, beta].map(|x| mean + x * std);
            let length = high - low;
            let cut = Cut {
                mean,
                std,
                low,
                high,
                length,
                ..standard(alpha, beta)
            };
            TailMap::new(cut, low as f32, high as f32)
        };
        assert!(scaled(0.0, 1e38, -2.0, 2.0).is_some());
        assert!(scaled(0.0, 1e38, -4.0, 4.0).is_none());
        assert!(scaled(0.0, 1e38, -INFINITY, 2.0).is_none());
        assert!(scaled(0.0, 1e300, 1e-300, 2e-300).is_some());
        assert!(scaled(0.0, 1.0, 1e39, INFINITY).is_none());
        assert!(scaled(0.0, 1.0, 1e38, INFINITY).is_some());
        assert!(scaled(1e300, 1e299, -10.0, -9.0).is_none());
        // Of no width, and of no mass that could be told from 0.
        let point = scaled(0.0, 1e-300, 1e300, 1e300).unwrap();
        assert_eq!((point.low, point.high), (1.0, 1.0));
        let point = scaled(0.0, 1e-300, 1e300, INFINITY).unwrap();
        assert_eq!((point.low, point.high), (1.0, 1.0));
    }
}
