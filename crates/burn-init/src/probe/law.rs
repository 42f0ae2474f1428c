//! What theory says of a network at step 0.
//!
//! Each function is one law, with its source. [`Probe`](super::Probe) holds a model against them.

use burn_init_values::InitError;

/// The share of neurons that are skewed (Fernández-Hernández 2025): active for less than ½ − α or more
/// than ½ + α of all inputs.
///
/// The weights of a neuron are independent with mean 0, and the inputs have mean vector m and covariance C. Then the
/// mean of the neuron's output is normal over neurons with variance σ²‖m‖², and its variance over inputs is σ² tr C;
/// `ratio` is √(tr C) / ‖m‖. The share is 2Φ(−Φ⁻¹(½ + α) · ratio).
///
/// ```
/// use burn_init::probe::law::skewed_share;
///
/// // Inputs from U(0, 1): standard deviation 12^−½, mean ½.
/// let ratio = (1.0 / 12f64).sqrt() / 0.5;
/// assert!((skewed_share(ratio, 0.3)? - 0.627).abs() < 5e-4);
/// # Ok::<(), burn_init::InitError>(())
/// ```
///
/// # Errors
///
/// If the ratio is negative or NaN, or α isn't between 0 and ½.
pub fn skewed_share(ratio: f64, alpha: f64) -> Result<f64, InitError> {
    if ratio.is_nan() || ratio < 0.0 {
        let expected = "0 or greater: a standard deviation over a mean";
        return Err(InitError::setting("skewed_share", "ratio", ratio, expected));
    }
    check_alpha("skewed_share", alpha)?;
    Ok(2.0 * normal_cdf(-normal_quantile(0.5 + alpha) * ratio))
}

/// Whether a neuron can be more skewed than α.
pub(super) fn check_alpha(whose: &'static str, alpha: f64) -> Result<(), InitError> {
    if alpha > 0.0 && alpha < 0.5 {
        return Ok(());
    }
    let expected = "above 0 and below ½: the distance of a share from ½";
    Err(InitError::setting(whose, "alpha", alpha, expected))
}

/// The edges between which the singular values of an n × m matrix lie whose elements are independent with mean 0 and
/// this standard deviation: σ|√n − √m| and σ(√n + √m), as n and m grow (Marchenko and Pastur 1967).
///
/// ```
/// use burn_init::probe::law::singular_value_edges;
///
/// assert_eq!(singular_value_edges(400, 100, 0.5), (5.0, 15.0));
/// ```
pub fn singular_value_edges(n: usize, m: usize, std: f64) -> (f64, f64) {
    let (n, m) = ((n as f64).sqrt(), (m as f64).sqrt());
    (std * (n - m).abs(), std * (n + m))
}

/// The density of these singular values at `s`: of all min(n, m) of them, the integral is 1.
///
/// ```
/// use burn_init::probe::law::singular_value_density;
///
/// assert_eq!(singular_value_density(16.0, 400, 100, 0.5), 0.0);
/// let sum: f64 = (0..4000).map(|i| singular_value_density(f64::from(i) * 0.005, 400, 100, 0.5)).sum();
/// assert!((sum * 0.005 - 1.0).abs() < 1e-3);
/// ```
pub fn singular_value_density(s: f64, n: usize, m: usize, std: f64) -> f64 {
    let (low, high) = singular_value_edges(n, m, std);
    let inside = (high * high - s * s) * (s * s - low * low);
    if inside <= 0.0 || s <= 0.0 || std <= 0.0 {
        return 0.0;
    }
    let fewer = n.min(m) as f64;
    inside.sqrt() / (std::f64::consts::PI * std * std * fewer * s)
}

/// The largest squared singular value of a product of L square matrices of independent elements of variance 1/n, as n
/// grows: (L + 1)^(L + 1) / L^L, the edge of the Fuss–Catalan law. Orthogonal factors have 1.
///
/// ```
/// use burn_init::probe::law::product_edge;
///
/// assert_eq!(product_edge(1), 4.0);
/// assert!((product_edge(10) - 28.531).abs() < 1e-3);
/// ```
pub fn product_edge(layers: u32) -> f64 {
    let l = f64::from(layers);
    // (1 + 1/L)^L · (L + 1), whose factors are of moderate size.
    match layers {
        0 => 1.0,
        _ => (l * (1.0 / l).ln_1p()).exp() * (l + 1.0),
    }
}

/// The cross-entropy of a model that knows nothing of C classes: ln C, and, where its logits vary by `variance` about
/// their mean, half of that above it (to the first order).
///
/// ```
/// use burn_init::probe::law::loss_of_guessing;
///
/// assert_eq!(loss_of_guessing(10, 0.0), 10f64.ln());
/// ```
pub fn loss_of_guessing(classes: usize, variance: f64) -> f64 {
    (classes as f64).ln() + 0.5 * variance
}

/// So many standard errors lie on either side of what is expected: a normal number is farther out once in 10¹⁰.
pub(super) const ERRORS: f64 = 6.5;

/// The same where the standard error is that of a sample of `n`: by Student's law of n − 1 degrees of freedom (Gaver and
/// Kafadar 1984).
pub(super) fn student_errors(n: usize) -> f64 {
    let degrees = n.max(3) as f64 - 1.0;
    let stretch = (degrees - 1.5) / ((degrees - 1.0) * (degrees - 1.0));
    (degrees * (ERRORS * ERRORS * stretch).exp_m1()).sqrt()
}

/// The range of a mean of squares with this expectation and variance, as a multiple of χ² with the degrees of freedom
/// 2E²/V (Satterthwaite 1946), by the cubes of Wilson and Hilferty (1931).
pub(super) fn squares_range(expected: f64, variance: f64) -> (f64, f64) {
    if variance <= 0.0 || expected <= 0.0 {
        return (expected, expected);
    }
    let spread = variance / (expected * expected) / 9.0;
    let at = |errors: f64| expected * (1.0 - spread + errors * spread.sqrt()).max(0.0).powi(3);
    (at(-ERRORS), at(ERRORS))
}

/// Φ(x) of the standard normal distribution.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Φ⁻¹(p), by halving: p between 0 and 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        match normal_cdf(middle) < p {
            true => low = middle,
            false => high = middle,
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the project's design: U(0, 1) inputs, α = 0.3, the mean scaled by r.
    #[test]
    fn skew_of_pixels() {
        let ratio = (1.0 / 12f64).sqrt() / 0.5;
        for (r, share) in [(1.0, 0.627), (0.5, 0.331), (0.25, 0.052)] {
            let law = skewed_share(ratio / r, 0.3).unwrap();
            assert!((law - share).abs() < 6e-4, "{r}: {law}");
        }
        assert_eq!(skewed_share(f64::INFINITY, 0.3).unwrap(), 0.0);
        for (ratio, alpha) in [(-1.0, 0.3), (f64::NAN, 0.3), (1.0, 0.5), (1.0, 0.0)] {
            assert!(skewed_share(ratio, alpha).is_err());
        }
    }

    /// Quantiles from tables.
    #[test]
    fn normal() {
        for (p, x) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.8, 0.841_621_234)] {
            assert!((normal_quantile(p) - x).abs() < 1e-8);
        }
        assert!((normal_cdf(-6.5) / 4.016e-11 - 1.0).abs() < 1e-3);
    }

    /// By mpmath, for the tail of a normal number beyond 6.5.
    #[test]
    fn student() {
        for (n, quantile) in [(16, 15.964), (32, 9.6193), (100, 7.2811)] {
            assert!((student_errors(n) / quantile - 1.0).abs() < 0.012, "{n}");
        }
    }

    /// χ² of 100 degrees of freedom: its tails of 4.0e−11 (scipy.stats.chi2.ppf and isf) are 33.476 and 220.97.
    #[test]
    fn squares() {
        let (low, high) = squares_range(100.0, 200.0);
        assert!((low - 33.476).abs() < 0.6, "{low}");
        assert!((high - 220.97).abs() < 1.0, "{high}");
        assert_eq!(squares_range(2.0, 0.0), (2.0, 2.0));
    }
}
