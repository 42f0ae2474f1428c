//! The initializers that are measured. Where a setting doesn't change the work, it's a usual one.

use burn_init::sparse::{Amount, Pattern};
use burn_init::wavelet::{Family, Levels};
use burn_init::{
    AnyInitializer, Normal, Orthogonal, Sparse, TruncatedNormal, Uniform, VarianceScaling, Wavelet,
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

/// A tenth of the weights by each pattern, and values by each way that they come about, for weights of
/// this many neurons and inputs.
pub fn sparse_patterns(side: usize) -> Vec<(&'static str, AnyInitializer)> {
    let new = |pattern| Sparse::new(pattern).into();
    let grid = vec![64, side / 64];
    let patch = vec![20, (side / 64 / 3).max(1)];
    let given: Vec<bool> = (0..side * side).map(|i| i * 7919 % 31_337 < 3134).collect();
    let total = side * side / 10 + side / 3;
    vec![
        ("per output", new(Pattern::PerOutput(Amount::Density(0.1)))),
        ("total", new(Pattern::PerOutput(Amount::Total(total)))),
        ("per input", new(Pattern::PerInput(Amount::Density(0.1)))),
        ("torch", Sparse::torch(0.9, STD).into()),
        ("balanced", new(Pattern::Balanced(Amount::Density(0.1)))),
        ("bernoulli", new(Pattern::Bernoulli(0.1))),
        ("2 of 4", new(Pattern::n_of_m(2, 4))),
        (
            "blocks",
            new(Pattern::Blocks {
                rows: 4,
                columns: 4,
                amount: Amount::Density(0.1),
            }),
        ),
        ("local", new(Pattern::Local { grid, patch })),
        ("given", new(Pattern::given(given))),
        (
            "reconnect",
            Sparse::new(Pattern::Bernoulli(0.1)).reconnect().into(),
        ),
        (
            "of wavelets",
            Sparse::density(0.1).values(Wavelet::haar()).into(),
        ),
    ]
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
