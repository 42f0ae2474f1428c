//! Neurons that are tuned to a band of frequencies.

use std::f64::consts::TAU;
use std::fmt;

use burn_init::{Fitted, InitError, Initializer, WeightLayout, draw};

/// Each neuron is noise of some frequencies alone, k periods over its n inputs for k from `from` to `to`:
///
/// wₓ = √(2 / n K) Σ_k a_k cos(2πkx/n) + b_k sin(2πkx/n), a and b from N(0, 1), K = to − from + 1
///
/// Each weight has the variance 2/n, as He normal ones. These are the tuned random features of Pandey et al.
/// 2022, "Structured random receptive fields enable informative sensory encodings", for signals. Sines are the
/// system's, so that the last bits may differ between machines.
#[derive(Debug, Clone, Copy)]
pub struct BandLimited {
    /// The lowest frequency.
    pub from: usize,
    /// The highest.
    pub to: usize,
}

impl fmt::Display for BandLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "noise of {} to {} periods", self.from, self.to)
    }
}

impl Initializer for BandLimited {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let Self { from, to } = *self;
        let neurons = weight.neurons()?;
        let n = neurons.len();
        if from == 0 || from > to || to >= n.div_ceil(2) {
            let expected = format!("above 0 and below half of the {n} inputs");
            let given = format!("{from} to {to}");
            return Err(InitError::setting(
                "BandLimited",
                "from, to",
                given,
                expected,
            ));
        }
        let count = to - from + 1;
        let scale = (2.0 / (n * count) as f64).sqrt();
        Fitted::vectors(weight, neurons, move |key, j, w| {
            let amplitude = |i: usize| f64::from(draw::normal(key, (j * 2 * count + i) as u64));
            for (x, w) in w.iter_mut().enumerate() {
                let wave = |i: usize| {
                    let (sin, cos) = (TAU * ((from + i) * x) as f64 / n as f64).sin_cos();
                    amplitude(2 * i) * cos + amplitude(2 * i + 1) * sin
                };
                *w = (scale * (0..count).map(wave).sum::<f64>()) as f32;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn_init::Seed;

    /// Among 2,000 neurons of 6 frequencies, the mean square of 24,000 independent amplitudes is within 5 of
    /// its standard deviations (a false alarm in 1.7 million seeds), and no other frequency has any power.
    #[test]
    fn the_band_has_all_the_power() {
        let (n, neurons) = (50, 2000);
        let init = BandLimited { from: 3, to: 8 };
        let layout = WeightLayout::linear_col([neurons, n]);
        let w = init.draw(&layout, Seed::new(1).key("weight")).unwrap();
        let mean_square = w.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / w.len() as f64;
        let tolerance = 5.0 * (2.0 / 24_000f64).sqrt();
        assert!(
            (mean_square * 25.0 - 1.0).abs() < tolerance,
            "{mean_square}"
        );
        for k in [0, 1, 2, 9, 20] {
            let (mut re, mut im) = (0.0, 0.0);
            for (x, w) in w[..n].iter().enumerate() {
                let (sin, cos) = (TAU * (k * x) as f64 / n as f64).sin_cos();
                re += f64::from(*w) * cos;
                im += f64::from(*w) * sin;
            }
            assert!(re.hypot(im) < 1e-5, "{k}: {re} {im}");
        }
    }

    #[test]
    fn a_band_beyond_the_inputs_is_an_error() {
        let layout = WeightLayout::linear([10, 4]);
        for (from, to) in [(0, 2), (3, 2), (1, 5)] {
            let error = BandLimited { from, to }.check(&layout).unwrap_err();
            assert!(error.to_string().contains("below half"), "{error}");
        }
    }
}
