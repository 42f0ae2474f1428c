//! The standard deviation of a normal that is cut, and the normal that has a given one after the cut.

use crate::draw::tail::Cut;
use crate::initializer::Expected;

/// Mean and std after the cut, in standard deviations before it, around the mean before it: the
/// std is at most 1.
///
/// The density is integrated numerically, so that nothing cancels in tails and narrow intervals.
pub(super) fn after_cut(cut: &Cut) -> Expected {
    /// Beyond it, less than 2⁻⁶⁴ of the mass: the exponent falls by this from the density's peak.
    const DEPTH: f64 = 45.0;
    const PANELS: usize = 128;
    /// Gauss–Legendre nodes in (−1, 1), and their weights.
    const NODES: [(f64, f64); 5] = [
        (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.906_179_845_938_664, 0.236_926_885_056_189_1),
    ];

    // The peak's distance from the mean, and the integral's ends as distances from the peak.
    let reach = |peak: f64| 2.0 * DEPTH / (peak + libm::hypot(peak, (2.0 * DEPTH).sqrt()));
    let tail = cut.alpha.max(-cut.beta);
    let (peak, begin, extent) = if tail >= 0.0 {
        (tail, 0.0, cut.width.min(reach(tail)))
    } else {
        let begin = cut.alpha.max(-reach(0.0));
        (0.0, begin, cut.beta.min(reach(0.0)) - begin)
    };
    let is_lower_tail = tail >= 0.0 && -cut.beta > cut.alpha;
    let place = |d: f64| if is_lower_tail { -(peak + d) } else { peak + d };
    if extent <= 0.0 {
        return Expected {
            mean: place(begin),
            std: 0.0,
        };
    }
    // Shares of the extent, and the mass there.
    let mut masses = [(0.0, 0.0); PANELS * NODES.len()];
    for (i, point) in masses.iter_mut().enumerate() {
        let (node, weight) = NODES[i % NODES.len()];
        let panel = (i / NODES.len()) as f64;
        let share = (panel + 0.5 + 0.5 * node) / PANELS as f64;
        let d = begin + share * extent;
        *point = (share, weight * libm::exp(-d * (peak + 0.5 * d)));
    }
    let sum = |value: &dyn Fn(f64) -> f64| -> f64 {
        let terms = masses.iter().map(|(share, mass)| mass * value(*share));
        terms.sum()
    };
    let total = sum(&|_| 1.0);
    let mean = sum(&|share| share) / total;
    let variance = sum(&|share| (share - mean) * (share - mean)) / total;
    Expected {
        mean: match cut.alpha == -cut.beta {
            true => 0.0,
            false => place(begin + extent * mean),
        },
        std: extent * variance.sqrt(),
    }
}

/// The smallest standard deviation before the cut, found by halving, for which `after` gives `std`:
/// `after` never gives more than it is given. `None` if there is none.
pub(super) fn before_cut(std: f64, after: impl Fn(f64) -> f64) -> Option<f64> {
    let mut high = std;
    while after(high) < std {
        high *= 2.0;
        if high.is_infinite() {
            return None;
        }
    }
    let mut low = 0.5 * high;
    loop {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            return Some(high);
        }
        if after(middle) < std {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFINITY: f64 = f64::INFINITY;

    fn cut(mean: f64, std: f64, low: f64, high: f64) -> Cut {
        Cut {
            mean,
            std,
            low,
            high,
            alpha: (low - mean) / std,
            beta: (high - mean) / std,
            length: high - low,
            width: (high - low) / std,
        }
    }

    /// By mpmath with 120 digits: √(1 + (αφ(α) − βφ(β))/Z − ((φ(α) − φ(β))/Z)²), Z = Φ(β) − Φ(α).
    #[test]
    fn true_shares() {
        for (low, high, expected) in [
            (-2.0, 2.0, 0.879_625_661_034_239_8),
            (-1.0, 3.0, 0.784_946_963_404_426),
            (8.0, 9.0, 0.118_947_647_235_025_67),
            (30.0, INFINITY, 0.033_223_056_931_746_826),
            (-40.0, -38.0, 0.026_261_373_792_440_083),
            (-INFINITY, -6.0, 0.154_879_426_616_858_22),
            (2.9, INFINITY, 0.271_667_471_511_572_6),
            (4.0, 4.5, 0.129_493_795_268_652_35),
            (-0.001, 0.002, 0.000_866_025_273_880_583_6),
            (-0.3, INFINITY, 0.658_689_731_043_187_8),
            (300.0, INFINITY, 0.003_333_222_230_657_533_3),
            (-8.0, 0.01, 0.604_620_626_099_096_7),
            (-2.5, -2.4, 0.028_819_487_572_827_308),
            (-INFINITY, 1.0, 0.793_527_747_326_207_5),
            (-INFINITY, INFINITY, 1.0),
            (0.5, 0.5, 0.0),
        ] {
            let share = after_cut(&cut(0.0, 1.0, low, high)).std;
            assert!(
                (share - expected).abs() <= 1e-14 * expected,
                "{low} {high}: {share}"
            );
        }
    }

    /// By mpmath: (φ(α) − φ(β))/Z.
    #[test]
    fn true_means() {
        for (low, high, expected) in [
            (-2.0, 2.0, 0.0),
            (-1.0, 3.0, 0.282_786_110_727_154),
            (8.0, 9.0, 8.121_188_992_979_797),
            (-40.0, -38.0, -38.026_279_466_575_87),
            (-INFINITY, 0.0, -0.797_884_560_802_865_4),
            (0.0, INFINITY, 0.797_884_560_802_865_4),
            (-INFINITY, 1.0, -0.287_599_970_939_178_4),
            (0.5, 0.5, 0.5),
        ] {
            let Expected { mean, .. } = after_cut(&cut(0.0, 1.0, low, high));
            assert!((mean - expected).abs() <= 1e-13, "{low} {high}: {mean}");
        }
    }

    /// By mpmath, halving over the formula above.
    #[test]
    fn true_stds_before_the_cut() {
        for (mean, std, low, high, expected) in [
            (0.0, 0.02, -0.04, 0.04, 0.027_558_042_482_369_63),
            (0.0, 0.5, -1.0, 1.0, 0.688_951_062_059_240_7),
            (0.0, 0.02, -2.0, 2.0, 0.02),
            (0.0, 0.57, -1.0, 1.0, 2.285_045_638_295_897_2),
            (0.0, 1.0, 0.0, INFINITY, 1.658_896_739_970_305_8),
            (-10.0, 0.1, 0.0, 1.0, 1.015_660_926_990_605),
            (-10.0, 1.0, 0.0, INFINITY, 3.587_511_242_060_757_8),
            (0.3, 0.1, 0.25, 0.8, 0.151_640_619_112_343_97),
            (5.0, 0.05, -INFINITY, -1.0, 0.554_483_426_047_374_1),
            (0.0, 0.28867, 0.0, 1.0, 30.616_954_661_520_082),
        ] {
            let after = |s: f64| s * after_cut(&cut(mean, s, low, high)).std;
            let before = before_cut(std, after).unwrap();
            // Near the uniform distribution's std, that before the cut is ill-conditioned.
            let precision = if expected > 30.0 { 1e-9 } else { 1e-12 };
            let error = (before - expected).abs();
            assert!(
                error <= precision * expected,
                "{mean} {std} {low} {high}: {before}"
            );
            assert!((after(before) - std).abs() <= 1e-14 * std);
        }
        let after = |s: f64| s * after_cut(&cut(0.0, s, 0.0, 1.0)).std;
        assert_eq!(before_cut(0.3, after), None);
    }
}
