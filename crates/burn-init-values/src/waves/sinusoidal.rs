//! Waves of all frequencies.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::turn::{cos_of_turn, sin_of_turn};
use crate::dense::FanMode;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "Sinusoidal";

/// Each neuron a sine of a frequency of its own, without chance (Sinusoidal initialization,
/// Fernández-Hernández et al. 2025).
///
/// The weight of neuron i of m for input j of n, both counted from 0, is
///
/// wᵢⱼ = a · sin((i + 1)(2πj/n + 2π/m)), a = gain / √(variance · fan),
///
/// where `variance` is that of all the sines, so that the weights have the variance gain² / fan
/// that the fan asks for. As in the paper, the fan is the average of fan_in and fan_out by
/// default, as Glorot's, and the gain is 1. (The authors' later code has a gain of √2 and fan_in:
/// `.gain(Gain::Relu).mode(FanMode::FanIn)`.)
///
/// A whole number of periods fits the inputs, so the weights of a neuron sum to 0 unless i + 1 is
/// a multiple of n, and inputs of a common mean leave neurons as often active as not. Neurons
/// whose sine is 0 at all inputs have no weights: in a square weight of even size, the middle one
/// and the last one. (In the authors' code rounding errors stand there.)
///
/// Neurons are counted through the groups of a convolution, as in the authors' code, and through
/// experts, so that no two of these are alike. The seed doesn't matter.
///
/// # Errors
///
/// If there are at most two inputs and two neurons: all sines are 0 there.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Sinusoidal};
///
/// let w = Sinusoidal::new().draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
/// let first_neuron: f32 = w.iter().step_by(64).sum();
/// assert!(first_neuron.abs() < 1e-5);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Sinusoidal {
    /// Which fan the variance is divided by.
    #[serde(default = "fan_average")]
    pub mode: FanMode,
    /// What the standard deviation is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

fn fan_average() -> FanMode {
    FanMode::FanAverage
}

impl Default for Sinusoidal {
    fn default() -> Self {
        Self::new()
    }
}

impl Sinusoidal {
    /// Weights of variance 2/(fan_in + fan_out).
    pub const fn new() -> Self {
        Self {
            mode: FanMode::FanAverage,
            gain: 1.0,
        }
    }

    /// The fan that the variance is divided by.
    pub fn mode(mut self, mode: FanMode) -> Self {
        self.mode = mode;
        self
    }

    /// Multiplies the standard deviation: by a number, or by what an activation asks for
    /// ([`Gain`](crate::dense::Gain)).
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

impl fmt::Display for Sinusoidal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sinusoidal, variance {}/{}",
            self.gain * self.gain,
            self.mode
        )
    }
}

impl Initializer for Sinusoidal {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        let fan = self.mode.fan(NAME, weight)?;
        let neurons = weight.neurons()?;
        let (m, n) = (neurons.count() as u64, neurons.len() as u64);
        let variance = match weight.elements()? {
            0 => 1.0,
            _ if n <= 2 && m <= 2 => {
                let problem = format!("{NAME} needs more than two inputs or more than two neurons");
                return Err(InitError::shape(weight.shape(), problem));
            }
            _ => variance(m, n),
        };
        let a = self.gain / (variance * fan).sqrt();
        let largest = finite(NAME, "gain / √(variance · fan)", a)?.abs();
        let fitted = Fitted::elements(weight, move |_, index| {
            let (i, j) = neurons.place(index as usize);
            let (k, j) = (i as u64 + 1, j as u64);
            (a * sin_of_turn(k * j % n * m + k * n, n * m)) as f32
        })?;
        Ok(fitted.within(-largest, largest).fixed())
    }
}

/// The variance of sin(k(2πj/n + 2π/m)) over j < n and 1 ≤ k ≤ m, as of a sample.
///
/// Over j the sines of k sum to n·sin(2πk/m) where n divides k, and else to 0. Their squares are ½
/// − ½ cos of twice the angle, and those cosines sum to n·cos(4πk/m) where n divides 2k, and else
/// to 0.
fn variance(m: u64, n: u64) -> f64 {
    let elements = (m * n) as f64;
    let sum = n as f64 * sum_of_sines(n, m, m / n);
    let p = if n.is_multiple_of(2) { n / 2 } else { n };
    let squares = 0.5 * (elements - n as f64 * sum_of_cosines(p, m, m / p));
    (squares - sum * sum / elements) / (elements - 1.0)
}

/// Σ sin(2πtn/m) over 1 ≤ t ≤ count.
fn sum_of_sines(n: u64, m: u64, count: u64) -> f64 {
    match sin_of_turn(n, 2 * m) {
        0.0 => 0.0,
        divisor => sin_of_turn(count * n, 2 * m) * sin_of_turn((count + 1) * n, 2 * m) / divisor,
    }
}

/// Σ cos(4πtp/m) over 1 ≤ t ≤ count.
fn sum_of_cosines(p: u64, m: u64, count: u64) -> f64 {
    match sin_of_turn(p, m) {
        0.0 => count as f64,
        divisor => sin_of_turn(count * p, m) * cos_of_turn((count + 1) * p, m) / divisor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed form against the sums.
    #[test]
    fn variance_of_all_sizes() {
        for m in 1..40 {
            for n in 1..40 {
                let mut waves = Vec::new();
                for k in 1..=m {
                    for j in 0..n {
                        let angle = (k * j) as f64 / n as f64 + k as f64 / m as f64;
                        waves.push((std::f64::consts::TAU * angle).sin());
                    }
                }
                let count = waves.len() as f64;
                let mean = waves.iter().sum::<f64>() / count;
                let squares: f64 = waves.iter().map(|wave| (wave - mean).powi(2)).sum();
                if m > 2 || n > 2 {
                    let expected = squares / (count - 1.0);
                    assert!((variance(m, n) / expected - 1.0).abs() < 1e-11, "{m} {n}");
                } else {
                    assert!(squares < 1e-25, "{m} {n}");
                }
            }
        }
    }
}
