//! What is measured on neurons, and the formulas it is held against.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use burn_init_values::wavelet::{Family, Levels, Transform};
use burn_init_values::{InitError, Initializer, Normal, Seed, Uniform, Wavelet, WeightLayout};

/// How many neurons all but the skewed are measured on.
pub const NEURONS: usize = 2000;

/// How far the share of active inputs may be from ½ before a neuron counts as skewed.
const ALPHA: f64 = 0.3;

/// Shapes N(0, 1/n), and leaves the mean the gain of the approximation.
pub fn shaped(family: Family) -> Wavelet<Normal> {
    Wavelet::new(family).mean_gain(1.0).base(Normal::fan_in())
}

/// The same in the Haar domain.
pub fn haar() -> Wavelet<Normal> {
    shaped(Family::HAAR)
}

/// The incoming weights of some neurons, one row each.
pub fn draw(init: &impl Initializer, neurons: usize, inputs: usize) -> Result<Vec<f32>, InitError> {
    let layout = WeightLayout::linear_col([neurons, inputs]);
    init.draw(&layout, Seed::new(1).key("weight"))
}

/// Σ x².
pub fn energy(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x).powi(2)).sum()
}

/// Circular lag-1 autocorrelation: Σ wᵢ wᵢ₊₁ / Σ wᵢ², both sums over all neurons.
pub fn autocorrelation(w: &[f32], inputs: usize) -> f64 {
    let products = w.chunks(inputs).flat_map(|w| {
        let next = w.iter().skip(1).chain(&w[..1]);
        w.iter()
            .zip(next)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
    });
    products.sum::<f64>() / energy(w)
}

/// What [`autocorrelation`] tends to for the power law γ on a white base: tr(T ΨᵀS²Ψ) / tr S², for
/// the cyclic shift T.
pub fn exact_autocorrelation(
    family: Family,
    inputs: usize,
    levels: usize,
    gamma: f64,
) -> Result<f64, InitError> {
    let transform = Transform::new(family, &[inputs], levels)?;
    let mut scratch = transform.scratch();
    let (mut shifted, mut trace) = (0.0, 0.0);
    for (k, level) in transform.coefficient_levels().into_iter().enumerate() {
        let mut psi = vec![0.0; inputs];
        psi[k] = 1.0;
        transform.inverse(&mut psi, &mut scratch);
        // The approximation, level 0, has the gain of the coarsest details.
        let level = if level == 0 { levels } else { level };
        let squared_gain = libm::exp2(gamma * level as f64);
        shifted += squared_gain * autocorrelation(&psi, inputs);
        trace += squared_gain;
    }
    Ok(shifted / trace)
}

/// The mean over neurons of |Σᵢ wᵢ e^(−2πi·ki/n)|², for k from 0 to n/2.
pub fn power_spectrum(w: &[f32], inputs: usize) -> Vec<f64> {
    let turns: Vec<(f64, f64)> = (0..inputs)
        .map(|i| TAU * i as f64 / inputs as f64)
        .map(|angle| (libm::cos(angle), libm::sin(angle)))
        .collect();
    let power = |w: &[f32], k: usize| {
        let (mut re, mut im) = (0.0, 0.0);
        for (i, w) in w.iter().enumerate() {
            let (cos, sin) = turns[i * k % inputs];
            re += f64::from(*w) * cos;
            im += f64::from(*w) * sin;
        }
        re * re + im * im
    };
    let neurons = w.len() / inputs;
    (0..=inputs / 2)
        .map(|k| w.chunks(inputs).map(|w| power(w, k)).sum::<f64>() / neurons as f64)
        .collect()
}

/// The mean over neurons of Σ |wᵢ₊₁ − wᵢ|.
pub fn total_variation(w: &[f32], inputs: usize) -> f64 {
    let steps = w.chunks(inputs).flat_map(|w| {
        w.windows(2)
            .map(|w| (f64::from(w[1]) - f64::from(w[0])).abs())
    });
    steps.sum::<f64>() / (w.len() / inputs) as f64
}

/// How many wavelet coefficients of a neuron aren't 0, on average, to full depth.
pub fn coefficients_kept(family: Family, w: &[f32], inputs: usize) -> Result<f64, InitError> {
    let transform = Transform::new(family, &[inputs], Levels::Full)?;
    let mut scratch = transform.scratch();
    let mut count = 0;
    for w in w.chunks(inputs) {
        let mut c = w.to_vec();
        transform.forward(&mut c, &mut scratch);
        // Rounding leaves up to 1e-7 where there was 0.
        count += c.iter().filter(|c| c.abs() > 1e-6).count();
    }
    Ok(count as f64 / (w.len() / inputs) as f64)
}

/// The share of neurons that are skewed: active for less than ½ − α or more than ½ + α of the
/// inputs, which are independent and from U(0, 1).
pub fn skewed_share(init: &impl Initializer) -> Result<f64, InitError> {
    const NEURONS: usize = 4000;
    const INPUTS: usize = 128;
    const SAMPLES: usize = 1000;
    let w = draw(init, NEURONS, INPUTS)?;
    // One row per input, so that all samples of it are side by side.
    let layout = WeightLayout::linear([INPUTS, SAMPLES]);
    let x = Uniform::new(0.0, 1.0).draw(&layout, Seed::new(2).key("x"))?;
    let mut skewed = 0;
    for w in w.chunks(INPUTS) {
        let mut sums = vec![0f32; SAMPLES];
        for (w, x) in w.iter().zip(x.chunks(SAMPLES)) {
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += w * x);
        }
        let active = sums.iter().filter(|sum| **sum > 0.0).count();
        let distance = (active as f64 / SAMPLES as f64 - 0.5).abs();
        skewed += usize::from(distance > ALPHA);
    }
    Ok(f64::from(skewed as u32) / NEURONS as f64)
}

/// What [`skewed_share`] tends to for many inputs, a white base and a gain r of the mean:
/// 2Φ(−Φ⁻¹(½ + α) s / (μ r)), for inputs with mean μ = ½ and variance s² = 1/12.
pub fn expected_skewed_share(r: f64) -> f64 {
    let (mean, deviation) = (0.5, (1.0f64 / 12.0).sqrt());
    let quantile = normal_quantile(0.5 + ALPHA);
    2.0 * normal_probability(-quantile * deviation / (mean * r))
}

/// Φ(x).
fn normal_probability(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Φ⁻¹(p), by halving.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if normal_probability(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_autocorrelations() {
        for (levels, gamma, expected) in [
            (4, 1.0, 0.425),
            (4, 2.0, 0.717_39),
            (6, 2.0, 0.9),
            (3, 0.0, 0.0),
        ] {
            for inputs in [64, 128] {
                let given = exact_autocorrelation(Family::HAAR, inputs, levels, gamma).unwrap();
                assert!((given - expected).abs() < 1e-5, "{levels} {gamma}: {given}");
            }
        }
        assert_eq!(autocorrelation(&[1.0, -1.0, 1.0, -1.0], 2), -1.0);
        assert_eq!(autocorrelation(&[1.0, 1.0, 1.0, 1.0], 4), 1.0);
    }

    #[test]
    fn known_spectra() {
        // A constant has all its power at 0, an alternating signal at n/2.
        let spectrum = power_spectrum(&[1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0], 4);
        for (given, expected) in spectrum.iter().zip([8.0, 0.0, 8.0]) {
            assert!((given - expected).abs() < 1e-12, "{spectrum:?}");
        }
    }

    #[test]
    fn known_shares_of_skewed_neurons() {
        assert!((normal_quantile(0.8) - 0.841_621).abs() < 1e-6);
        for (r, expected) in [(1.0, 0.627), (0.5, 0.331), (0.25, 0.052), (0.0, 0.0)] {
            let given = expected_skewed_share(r);
            assert!((given - expected).abs() < 5e-4, "{r}: {given}");
        }
    }
}
