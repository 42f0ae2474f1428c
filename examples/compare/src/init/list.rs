//! The list of initializers.

use burn::nn::Initializer as BurnInitializer;
use burn_init::dense::Gain;
use burn_init::sparse::Pattern;
use burn_init::wavelet::{Atom, Boundary, Family};
use burn_init::weight::Along;
use burn_init::{
    AnyInitializer, BiasUniform, Constant, InitError, Normal, Orthogonal, ReceptiveFields,
    Sinusoidal, Sparse, SparseBudget, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters,
    WaveletOrthogonal, WaveletSparse, ZerO,
};

use super::Grid;
use super::band_limited::BandLimited;
use super::shuffled::Shuffled;

/// What a first layer's weights are drawn by, whose inputs form this grid.
type First = fn(&Grid) -> Result<AnyInitializer, InitError>;

/// Where the weights' values come from.
pub struct Entry {
    /// The name that `--inits` has for it.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The first layer's, where they have their own.
    pub first: Option<First>,
    /// Those of all other layers.
    pub rest: fn() -> AnyInitializer,
    /// The biases'.
    pub biases: fn() -> AnyInitializer,
    /// Whether each layer is scaled until its outputs on a batch have variance 1.
    pub is_fitted: bool,
}

/// All weights by one initializer.
const fn all(name: &'static str, about: &'static str, rest: fn() -> AnyInitializer) -> Entry {
    Entry {
        name,
        about,
        first: None,
        rest,
        biases: || Constant::zeros().into(),
        is_fitted: false,
    }
}

/// The first layer's weights by one initializer, and He normal behind it.
const fn first(name: &'static str, about: &'static str, first: First) -> Entry {
    Entry {
        first: Some(first),
        ..all(name, about, || VarianceScaling::he_normal().into())
    }
}

/// Lets the vectors of an initializer run over a grid.
macro_rules! over {
    ($grid:ident, $init:expr) => {
        match $grid.is_kernel {
            true => $init.along(Along::Kernel).into(),
            false => $init.grid($grid.shape.clone()).into(),
        }
    };
}

/// Wavelets over He normal weights, with γ and r.
fn wavelet(grid: &Grid, wavelet: Wavelet, gamma: f64, mean_gain: f64) -> AnyInitializer {
    let wavelet = wavelet.power_law(gamma).mean_gain(mean_gain);
    over!(grid, wavelet.base(VarianceScaling::he_normal()))
}

/// A power law that strengthens the mean with the rest.
fn steep() -> Wavelet<Normal> {
    let wavelet = Wavelet::haar().power_law(1.0).mean_gain(1.0);
    wavelet.base(Normal::fan_in())
}

/// Haar wavelets of some levels alone, over He normal weights.
fn bands(grid: &Grid, from: usize, to: usize) -> AnyInitializer {
    let wavelet = Wavelet::haar().bands(false, from..=to);
    over!(grid, wavelet.base(VarianceScaling::he_normal()))
}

/// Atoms of the squared norm 2, which is what He normal neurons have.
fn atoms(grid: &Grid, atom: Atom) -> AnyInitializer {
    over!(grid, WaveletAtoms::new(atom).gain(Gain::Relu))
}

/// Fields that reach over a fifth of the grid; smooth over half of that on pictures, and an eighth on lines.
fn fields(grid: &Grid) -> AnyInitializer {
    let size = grid.shape.iter().copied().max().unwrap_or(1) as f64 / 5.0;
    let scale = size / if grid.shape.len() == 1 { 8.0 } else { 2.0 };
    over!(grid, ReceptiveFields::new(size, scale).gain(Gain::Relu))
}

/// Neurons that read a patch of half the grid's sides, for good: on pictures a quarter of the weights.
fn local(grid: &Grid) -> AnyInitializer {
    let patch = grid.shape.iter().map(|side| side.div_ceil(2)).collect();
    let grid = grid.shape.clone();
    Sparse::new(Pattern::Local { grid, patch }).pinned().into()
}

/// All initializers.
pub static ENTRIES: &[Entry] = &[
    all(
        "constant",
        "one random value below 1 for each matrix",
        || Constant::random().into(),
    ),
    all("normal", "N(0, 1/fan_in)", || Normal::fan_in().into()),
    all(
        "he-normal",
        "variance 2/fan_in, cut at two standard deviations (He 2015)",
        || VarianceScaling::he_normal().into(),
    ),
    all("he-uniform", "variance 2/fan_in, uniform", || {
        VarianceScaling::he_uniform().into()
    }),
    all(
        "glorot-uniform",
        "variance 2/(fan_in + fan_out) (Glorot 2010)",
        || VarianceScaling::glorot_uniform().into(),
    ),
    all("orthogonal", "orthogonal, gain √2 (Saxe 2014)", || {
        Orthogonal::new().gain(Gain::Relu).into()
    }),
    Entry {
        biases: || BiasUniform::new().into(),
        ..all(
            "burn",
            "Burn's default, U(±1/√fan_in), biases too",
            || {
                let gain = 1.0 / 3f64.sqrt();
                BurnInitializer::KaimingUniform {
                    gain,
                    fan_out_only: false,
                }
                .into()
            },
        )
    },
    Entry {
        is_fitted: true,
        ..all(
            "lsuv",
            "orthogonal, then each layer scaled to variance 1 on a batch (Mishkin 2016)",
            || Orthogonal::new().into(),
        )
    },
    all(
        "zero",
        "identities and Hadamard matrices (Zhao 2021)",
        || ZerO::new().into(),
    ),
    all(
        "sinusoidal",
        "sines of growing frequency (Fernández-Hernández 2025)",
        || Sinusoidal::new().gain(Gain::Relu).into(),
    ),
    Entry {
        rest: || Wavelet::haar().into(),
        ..first(
            "wavelet",
            "the library's default wavelet in all layers",
            |grid| Ok(over!(grid, Wavelet::haar())),
        )
    },
    Entry {
        rest: || steep().into(),
        ..first(
            "wavelet-g1",
            "Haar over N(0, 1/fan_in), γ = 1, the mean as coarse as the rest, in all layers",
            |grid| Ok(over!(grid, steep())),
        )
    },
    first("haar-g1", "Haar over He normal, γ = 1", |grid| {
        Ok(wavelet(grid, Wavelet::haar(), 1.0, 1.0))
    }),
    first(
        "haar-g1-r0",
        "Haar over He normal, γ = 1, neurons of mean 0",
        |grid| Ok(wavelet(grid, Wavelet::haar(), 1.0, 0.0)),
    ),
    first("haar-g2", "Haar over He normal, γ = 2", |grid| {
        Ok(wavelet(grid, Wavelet::haar(), 2.0, 1.0))
    }),
    first(
        "haar-g2-r0",
        "Haar over He normal, γ = 2, neurons of mean 0",
        |grid| Ok(wavelet(grid, Wavelet::haar(), 2.0, 0.0)),
    ),
    first(
        "haar-bands-1-3",
        "Haar over He normal, the three finest levels alone",
        |grid| Ok(bands(grid, 1, 3)),
    ),
    first(
        "haar-bands-4-6",
        "Haar over He normal, levels 4 to 6 alone",
        |grid| Ok(bands(grid, 4, 6)),
    ),
    first(
        "db4-g2-r0",
        "db4 over He normal, filters of their own at the ends, γ = 2, neurons of mean 0",
        |grid| {
            let db4 = Wavelet::new(Family::daubechies(4)?).boundary(Boundary::Filters);
            Ok(wavelet(grid, db4, 2.0, 0.0))
        },
    ),
    first(
        "wavelet-orthogonal",
        "Haar wavelets mixed orthogonally, gain √2 (after Wolter 2020)",
        |grid| {
            let init = WaveletOrthogonal::haar().gain(Gain::Relu);
            Ok(if grid.is_kernel {
                init.into()
            } else {
                init.grid(grid.shape.clone()).into()
            })
        },
    ),
    first(
        "wavelet-sparse",
        "each neuron three Haar wavelets, gain √2",
        |grid| {
            let init = WaveletSparse::haar(3).gain(Gain::Relu);
            Ok(if grid.is_kernel {
                init.into()
            } else {
                init.grid(grid.shape.clone()).into()
            })
        },
    ),
    first(
        "wavelet-filters",
        "kernels that are the filters of db2 (Finder 2024)",
        |_| Ok(WaveletFilters::reconstruction(Family::daubechies(2)?).into()),
    ),
    first("ricker", "Ricker wavelets", |grid| {
        Ok(atoms(grid, Atom::Ricker))
    }),
    first("morlet", "Morlet wavelets", |grid| {
        Ok(atoms(grid, Atom::Morlet))
    }),
    first("gabor", "Gabor functions (Daugman 1985)", |grid| {
        Ok(atoms(grid, Atom::Gabor))
    }),
    first("laplace", "damped vibrations (Li 2022)", |grid| {
        Ok(atoms(grid, Atom::Laplace))
    }),
    first("fields", "receptive fields (Pandey 2022)", |grid| {
        Ok(fields(grid))
    }),
    first(
        "band-tuned",
        "on signals of 200 samples: noise of 40 to 90 Hz (Pandey 2022)",
        |_| Ok(AnyInitializer::custom(BandLimited { from: 4, to: 9 })),
    ),
    first(
        "band-mistuned",
        "on signals of 200 samples: noise of 10 to 30 Hz (Pandey 2022)",
        |_| Ok(AnyInitializer::custom(BandLimited { from: 1, to: 3 })),
    ),
    first(
        "local",
        "each neuron reads a patch of half the sides, pinned; variance by own fan_in",
        |grid| Ok(local(grid)),
    ),
    first(
        "local-shuffled",
        "the weights of local, shuffled in the layer (Frankle 2021)",
        |grid| {
            let base = local(grid);
            Ok(AnyInitializer::custom(Shuffled { base }))
        },
    ),
    all(
        "erk-2",
        "2 % of the weights, by ERK, pinned; variance by own fan_in (Evci 2020, 2022)",
        || SparseBudget::erk(0.02).pinned().into(),
    ),
    all("erk-5", "5 % of the weights, as erk-2", || {
        SparseBudget::erk(0.05).pinned().into()
    }),
    all("erk-10", "10 % of the weights, as erk-2", || {
        SparseBudget::erk(0.1).pinned().into()
    }),
    all("erk-20", "20 % of the weights, as erk-2", || {
        SparseBudget::erk(0.2).pinned().into()
    }),
    all(
        "erk-2-uncorrected",
        "2 % of the weights, by ERK, pinned; the variance of dense weights",
        || SparseBudget::erk(0.02).uncorrected().pinned().into(),
    ),
    all("erk-5-uncorrected", "5 %, as erk-2-uncorrected", || {
        SparseBudget::erk(0.05).uncorrected().pinned().into()
    }),
    all("erk-10-uncorrected", "10 %, as erk-2-uncorrected", || {
        SparseBudget::erk(0.1).uncorrected().pinned().into()
    }),
    all("erk-20-uncorrected", "20 %, as erk-2-uncorrected", || {
        SparseBudget::erk(0.2).uncorrected().pinned().into()
    }),
    all("uniform-2", "2 % of each layer's weights, pinned", || {
        SparseBudget::uniform(0.02).pinned().into()
    }),
    all("uniform-5", "5 %, as uniform-2", || {
        SparseBudget::uniform(0.05).pinned().into()
    }),
    all("uniform-10", "10 %, as uniform-2", || {
        SparseBudget::uniform(0.1).pinned().into()
    }),
    all("uniform-20", "20 %, as uniform-2", || {
        SparseBudget::uniform(0.2).pinned().into()
    }),
];
