//! The gains of activations.

use serde::{Deserialize, Serialize};

/// How much larger weights must be for a signal to survive an activation.
///
/// | activation | gain | source |
/// |---|---|---|
/// | linear, sigmoid | 1 | Glorot and Bengio 2010; PyTorch's `calculate_gain` |
/// | tanh | 5/3 | PyTorch's `calculate_gain` |
/// | relu | √2 | He et al. 2015 |
/// | leaky relu | √(2 / (1 + slope²)) | He et al. 2015 |
/// | selu | 3/4 | PyTorch's `calculate_gain` |
/// | gelu | 1.5335 | 1/√E f(z)², z from N(0, 1) |
/// | silu | 1.6765 | 1/√E f(z)², z from N(0, 1) |
///
/// ```
/// use burn_init_values::dense::Gain;
/// assert_eq!(Gain::LeakyRelu(0.0).value(), Gain::Relu.value());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gain {
    /// No activation.
    Linear,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// tanh x.
    Tanh,
    /// max(0, x).
    Relu,
    /// max(0, x) + slope · min(0, x).
    LeakyRelu(f64),
    /// Klambauer et al. 2017.
    Selu,
    /// x Φ(x).
    Gelu,
    /// x / (1 + e⁻ˣ), also known as swish.
    Silu,
}

impl Gain {
    /// The gain.
    pub fn value(self) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => 2f64.sqrt(),
            Self::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
            Self::Selu => 0.75,
            Self::Gelu => 1.533_530_441_195_6,
            Self::Silu => 1.676_532_470_331_091_3,
        }
    }
}

impl From<Gain> for f64 {
    fn from(gain: Gain) -> Self {
        gain.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1/√E f(z)² by the trapezoidal rule, exact to many digits for smooth functions that decay
    /// this fast.
    fn second_moment_gain(f: impl Fn(f64) -> f64) -> f64 {
        let step = 1e-3;
        let sum: f64 = (-12_000..=12_000)
            .map(|i| f64::from(i) * step)
            .map(|z| f(z).powi(2) * (-0.5 * z * z).exp())
            .sum();
        (sum * step / (2.0 * std::f64::consts::PI).sqrt())
            .sqrt()
            .recip()
    }

    #[test]
    fn by_integration() {
        let phi = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
        let cases: [(Gain, &dyn Fn(f64) -> f64); 5] = [
            (Gain::Linear, &|x| x),
            (Gain::Relu, &|x| x.max(0.0)),
            (Gain::LeakyRelu(0.1), &|x| x.max(0.1 * x)),
            (Gain::Gelu, &|x| x * phi(x)),
            (Gain::Silu, &|x| x / (1.0 + (-x).exp())),
        ];
        for (gain, activation) in cases {
            let expected = second_moment_gain(activation);
            assert!(
                (gain.value() - expected).abs() < 1e-6,
                "{gain:?}: {expected}"
            );
        }
    }
}
