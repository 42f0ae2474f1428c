//! The initializers that are measured. Where a setting doesn't change the work, it's a usual one.

use burn_init::{
    Family, Levels, Normal, Orthogonal, Sparse, TruncatedNormal, Uniform, VarianceScaling, Wavelet,
    WaveletOrthogonal,
};

/// The bound of the uniform distribution.
pub const BOUND: f64 = 0.05;
/// The standard deviation of the normal distributions.
pub const STD: f64 = 0.02;

/// U(−0.05, 0.05).
pub fn uniform() -> Uniform {
    Uniform::new(-BOUND, BOUND)
}

/// N(0, 0.02²).
pub fn normal() -> Normal {
    Normal::new(0.0, STD)
}

/// N(0, 2 / fan_in), not cut.
pub fn he_normal() -> VarianceScaling {
    VarianceScaling::kaiming_normal()
}

/// N(0, 0.02²), cut at two standard deviations.
pub fn truncated_normal() -> TruncatedNormal {
    TruncatedNormal::new(0.0, STD)
}

/// A tenth of each neuron's incoming weights, the same number for each.
pub fn sparse() -> Sparse {
    Sparse::density(0.1)
}

/// The power law over Haar wavelets, all levels.
pub fn wavelet_haar() -> Wavelet {
    Wavelet::haar().levels(Levels::Full)
}

/// The power law over Daubechies' wavelets with four vanishing moments, all levels.
pub fn wavelet_db4() -> Wavelet {
    let db4 = Family::daubechies(4).expect("db4 is a family");
    Wavelet::new(db4).levels(Levels::Full)
}

/// Orthogonal by Haar wavelets.
pub fn wavelet_orthogonal() -> WaveletOrthogonal {
    WaveletOrthogonal::haar()
}

/// Uniform among the orthogonal matrices.
pub fn orthogonal() -> Orthogonal {
    Orthogonal::new()
}
