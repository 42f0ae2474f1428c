//! S: what is done to wavelet coefficients.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Transform;
use crate::error::{InitError, finite, non_negative};

const NAME: &str = "Wavelet";

/// S: a gain for each level, or a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Shaping {
    /// S = 1. Then Ψ⁻¹Ψ = 1, and w' is w.
    Identity,
    /// Squared gains proportional to (2ʲ)^γ for details of level j, 1 being the finest, and to
    /// (2ᴶ)^γ for the approximation.
    PowerLaw(f64),
    /// The same energy in each octave of sizes, as natural pictures have (Field 1987): the power law with γ = the
    /// number of axes of the vector's grid, those of length 1 aside. No size stands out.
    Octaves,
    /// These gains.
    Gains {
        /// Of the approximation.
        approximation: f64,
        /// Of the details, from the finest level on.
        details: Vec<f64>,
    },
    /// Only some bands: a gain of 1 for these, 0 for the others.
    Bands {
        /// Whether the approximation is kept.
        approximation: bool,
        /// The first and the last level of details that are kept, 1 being the finest.
        details: (usize, usize),
    },
    /// Only the large coefficients of each neuron, as in denoising (Donoho and Johnstone 1994). The
    /// neuron's norm is restored afterwards.
    Threshold {
        /// Which are large.
        keep: Keep,
        /// Moves what is kept towards 0 by the threshold, too: by the size of the largest
        /// coefficient that isn't kept, where `keep` doesn't name a threshold.
        soft: bool,
    },
}

/// Which coefficients of a neuron survive a threshold. The largest always does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Keep {
    /// Those above this size.
    Above(f64),
    /// Those above σ√(2 ln n), for n coefficients with a root mean square of σ: of white noise,
    /// almost none.
    Universal,
    /// The fewest, largest first, that hold this share of the energy, from 0 to 1.
    Energy(f64),
    /// This many, largest first.
    Largest(usize),
}

/// What is kept the same when gains change the energy of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Normalization {
    /// E‖W‖² of a white base stays: tr(MᵀM) = n for M = Ψ⁻¹SΨ, so that the squared gains have a mean of
    /// 1 where the family is orthogonal.
    #[default]
    Trace,
    /// Each neuron's energy in each level is exactly what a white base would have there on average,
    /// times the squared gain, whatever the base's own spectrum; and each neuron keeps its norm. A
    /// threshold has no spectrum, and only keeps the norm. Orthogonal families only: in others a
    /// level has no energy of its own.
    Spectrum,
    /// Nothing.
    None,
}

impl Shaping {
    /// The gain of the mean of so many weights, unless one is set. A power law gives the mean most of the energy, more
    /// than any size; there it's 0. One weight alone has nothing but its mean.
    pub(super) fn mean_gain(&self, len: usize) -> f64 {
        match self {
            Self::PowerLaw(_) | Self::Octaves if len != 1 => 0.0,
            _ => 1.0,
        }
    }

    pub(super) fn check(&self) -> Result<(), InitError> {
        match self {
            Self::Identity | Self::Octaves | Self::Gains { .. } | Self::Bands { .. } => Ok(()),
            Self::PowerLaw(gamma) => finite(NAME, "power_law", *gamma).map(drop),
            Self::Threshold { keep, .. } => match keep {
                Keep::Above(size) => non_negative(NAME, "Keep::Above", *size).map(drop),
                Keep::Energy(share) if !(0.0..=1.0).contains(share) => Err(InitError::setting(
                    NAME,
                    "Keep::Energy",
                    share,
                    "from 0 to 1",
                )),
                Keep::Largest(0) => Err(InitError::setting(NAME, "Keep::Largest", 0, "at least 1")),
                _ => Ok(()),
            },
        }
    }

    /// The gain of the approximation, and of the details from the finest level on; normalised by
    /// the trace of S² where asked for.
    pub(super) fn level_gains(
        &self,
        transform: &Transform,
        mean_gain: f64,
        normalization: Normalization,
    ) -> Result<Vec<f32>, InitError> {
        self.check()?;
        let levels = transform.levels();
        let mut gains: Vec<f64> = match self {
            Self::Identity | Self::Threshold { .. } => vec![1.0; levels + 1],
            Self::PowerLaw(gamma) => power_law(*gamma, levels),
            Self::Octaves => power_law(transform.axes() as f64, levels),
            Self::Gains {
                approximation,
                details,
            } => std::iter::once(*approximation)
                .chain(details.iter().copied())
                .collect(),
            Self::Bands {
                approximation,
                details: (first, last),
            } => {
                if !(1..=levels).contains(first) || !(*first..=levels).contains(last) {
                    let given = format!("details {first} to {last}");
                    let expected = format!("within levels 1 to {levels}, the first one first");
                    return Err(InitError::setting(NAME, "bands", given, expected));
                }
                let kept = |level: usize| f64::from(u8::from((*first..=*last).contains(&level)));
                let approximation = f64::from(u8::from(*approximation));
                std::iter::once(approximation)
                    .chain((1..=levels).map(kept))
                    .collect()
            }
        };
        for gain in &gains {
            finite(NAME, "gains", *gain)?;
        }
        non_negative(NAME, "mean_gain", mean_gain)?;
        if normalization != Normalization::None && !transform.is_empty() {
            // In the trace of S² the mean counts as one coefficient of the approximation.
            let of_mean = gains[0] * gains[0] * (mean_gain * mean_gain - 1.0);
            let trace = of_mean + trace(transform, &gains);
            if trace <= 0.0 || !trace.is_finite() {
                return Err(InitError::setting(
                    NAME,
                    "gains",
                    format!("{gains:?} with mean_gain {mean_gain}"),
                    "not all 0, and with squares that don't overflow",
                ));
            }
            let scale = (transform.len() as f64 / trace).sqrt();
            gains.iter_mut().for_each(|gain| *gain *= scale);
        }
        gains
            .into_iter()
            .map(|gain| finite(NAME, "gains", gain))
            .collect()
    }
}

/// The gains of a power law.
fn power_law(gamma: f64, levels: usize) -> Vec<f64> {
    let of_level = |level: usize| libm::exp2(0.5 * gamma * level as f64);
    let in_order = std::iter::once(levels).chain(1..=levels);
    in_order.map(of_level).collect()
}

/// tr(MᵀM) of M = Ψ⁻¹SΨ: Σg² for an orthogonal family.
fn trace(transform: &Transform, gains: &[f64]) -> f64 {
    if transform.family().is_orthogonal() {
        let sizes = transform.level_sizes().into_iter();
        let squares = gains.iter().zip(sizes);
        return squares.fold(0.0, |sum, (gain, size)| sum + gain * gain * size as f64);
    }
    // With the projectors Π_l onto the approximations of each level, M = Σ (g_l+1 − g_l) Π_l, where
    // the gain of level 0 is 0 and the approximation's follows the last.
    let in_order: Vec<f64> = gains[1..].iter().chain(&gains[..1]).copied().collect();
    let before = std::iter::once(0.0).chain(in_order.iter().copied());
    let steps: Vec<f64> = in_order
        .iter()
        .zip(before)
        .map(|(g, before)| g - before)
        .collect();
    let rows = transform
        .overlaps()
        .into_iter()
        .enumerate()
        .map(|(l, overlaps)| {
            let products = steps[l..].iter().zip(overlaps);
            let row: Vec<f64> = products.map(|(step, overlap)| step * overlap).collect();
            // Each pair of levels stands for both of its orders.
            steps[l] * (row[0] + 2.0 * row[1..].iter().sum::<f64>())
        });
    rows.sum()
}

impl Keep {
    /// Zeroes what isn't kept of a neuron's coefficients. `order` is working memory.
    pub(super) fn apply(self, soft: bool, coefficients: &mut [f32], order: &mut Vec<usize>) {
        // Largest first; equal ones in their own order.
        order.clear();
        order.extend(0..coefficients.len());
        order.sort_unstable_by(|a, b| {
            let size = |i: &usize| coefficients[*i].abs();
            size(b).total_cmp(&size(a)).then(a.cmp(b))
        });
        let above = |threshold: f64| {
            order.partition_point(|i| f64::from(coefficients[*i].abs()) > threshold)
        };
        let (kept, threshold) = match self {
            Self::Above(size) => (above(size), Some(size)),
            Self::Universal => {
                let n = coefficients.len() as f64;
                let size = (energy(coefficients) / n).sqrt() * (2.0 * libm::log(n)).sqrt();
                (above(size), Some(size))
            }
            Self::Energy(share) => {
                let enough = share * energy(coefficients);
                let mut held = 0.0;
                let fewer = order.iter().take_while(|i| {
                    held += energy(&coefficients[**i..=**i]);
                    held < enough
                });
                (fewer.count() + 1, None)
            }
            Self::Largest(k) => (k, None),
        };
        if kept == 0 {
            // The largest alone, as it is.
            order.iter().skip(1).for_each(|i| coefficients[*i] = 0.0);
            return;
        }
        let largest_left = order.get(kept).map_or(0.0, |i| coefficients[*i].abs());
        let shrink = threshold.map_or(largest_left, |size| size as f32);
        for (rank, i) in order.iter().enumerate() {
            let c = &mut coefficients[*i];
            *c = match (rank < kept, soft) {
                (false, _) => 0.0,
                (true, false) => *c,
                (true, true) => c.signum() * (c.abs() - shrink).max(0.0),
            };
        }
    }
}

/// Σ x².
pub(super) fn energy(x: &[f32]) -> f64 {
    x.iter()
        .fold(0.0, |sum, x| sum + f64::from(*x) * f64::from(*x))
}

impl fmt::Display for Shaping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => write!(f, "identity"),
            Self::PowerLaw(gamma) => write!(f, "power law γ = {gamma}"),
            Self::Octaves => f.write_str("octaves of equal energy"),
            Self::Gains {
                approximation,
                details,
            } => write!(f, "gains {approximation} and {details:?}"),
            Self::Bands {
                approximation,
                details: (first, last),
            } => {
                let and = if *approximation {
                    "approximation and "
                } else {
                    "only "
                };
                write!(f, "{and}details {first} to {last}")
            }
            Self::Threshold { keep, soft } => {
                write!(f, "{} threshold, ", if *soft { "soft" } else { "hard" })?;
                match keep {
                    Keep::Above(size) => write!(f, "above {size}"),
                    Keep::Universal => write!(f, "universal"),
                    Keep::Energy(share) => write!(f, "{share} of the energy"),
                    Keep::Largest(k) => write!(f, "the {k} largest"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds() {
        let input = [0.5f32, -4.0, 3.0, -1.0, 2.0, 0.0];
        let cases: [(Keep, bool, [f32; 6]); 9] = [
            (Keep::Above(1.0), false, [0.0, -4.0, 3.0, 0.0, 2.0, 0.0]),
            (Keep::Above(1.0), true, [0.0, -3.0, 2.0, 0.0, 1.0, 0.0]),
            (Keep::Above(9.0), true, [0.0, -4.0, 0.0, 0.0, 0.0, 0.0]),
            (Keep::Largest(2), false, [0.0, -4.0, 3.0, 0.0, 0.0, 0.0]),
            (Keep::Largest(2), true, [0.0, -2.0, 1.0, 0.0, 0.0, 0.0]),
            (Keep::Largest(9), true, input),
            // 16 + 9 of 30.25.
            (
                Keep::Energy(25.0 / 30.25),
                false,
                [0.0, -4.0, 3.0, 0.0, 0.0, 0.0],
            ),
            (Keep::Energy(0.0), false, [0.0, -4.0, 0.0, 0.0, 0.0, 0.0]),
            // σ√(2 ln 6) = 4.25: none above, so the largest alone.
            (Keep::Universal, false, [0.0, -4.0, 0.0, 0.0, 0.0, 0.0]),
        ];
        for (keep, soft, expected) in cases {
            let mut given = input;
            keep.apply(soft, &mut given, &mut Vec::new());
            assert_eq!(given, expected, "{keep:?} {soft}");
        }
        Keep::Energy(1.0).apply(false, &mut [], &mut Vec::new());
        let mut zeros = [0.0; 3];
        Keep::Universal.apply(true, &mut zeros, &mut Vec::new());
        assert_eq!(zeros, [0.0; 3]);
    }
}
