//! The initializers that `--inits` chooses from.

use std::fmt;

use burn::nn::Initializer as BurnInitializer;
use burn_init::dense::Gain;
use burn_init::wavelet::{Atom, Boundary, Family};
use burn_init::weight::Along;
use burn_init::{
    AnyInitializer, BiasUniform, Constant, InitError, Normal, Orthogonal, Plan, ReceptiveFields,
    Select, Sinusoidal, SparseBudget, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters,
    WaveletOrthogonal, WaveletSparse, ZerO,
};
use serde::{Deserialize, Serialize};

use crate::band_limited::BandLimited;

/// The grid that the inputs of a neuron form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Its shape: a line, or the rows and columns of a picture.
    pub shape: Vec<usize>,
    /// Whether it is a convolution's kernel, which knows its shape by itself.
    pub is_kernel: bool,
}

/// What a first layer's weights are drawn by, whose inputs form this grid.
type First = fn(&Grid) -> Result<AnyInitializer, InitError>;

/// Where the weights' values come from.
struct Entry {
    name: &'static str,
    about: &'static str,
    /// The first layer's, where they have their own.
    first: Option<First>,
    /// Those of all other layers.
    rest: fn() -> AnyInitializer,
    /// The biases'.
    biases: fn() -> AnyInitializer,
    /// Whether each layer is scaled until its outputs on a batch have variance 1.
    is_fitted: bool,
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

/// All initializers.
static ENTRIES: &[Entry] = &[
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
    all("he-uniform", "the same variance, uniform", || {
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
    all(
        "erk-2",
        "2 % of the weights, by ERK, pinned; variance by own fan_in (Evci 2020, 2022)",
        || SparseBudget::erk(0.02).pinned().into(),
    ),
    all("erk-5", "5 %", || SparseBudget::erk(0.05).pinned().into()),
    all("erk-10", "10 %", || SparseBudget::erk(0.1).pinned().into()),
    all("erk-20", "20 %", || SparseBudget::erk(0.2).pinned().into()),
    all(
        "erk-2-uncorrected",
        "2 %, with the variance of dense weights",
        || SparseBudget::erk(0.02).uncorrected().pinned().into(),
    ),
    all("erk-5-uncorrected", "5 %", || {
        SparseBudget::erk(0.05).uncorrected().pinned().into()
    }),
    all("erk-10-uncorrected", "10 %", || {
        SparseBudget::erk(0.1).uncorrected().pinned().into()
    }),
    all("erk-20-uncorrected", "20 %", || {
        SparseBudget::erk(0.2).uncorrected().pinned().into()
    }),
    all("uniform-2", "2 % of each layer's weights, pinned", || {
        SparseBudget::uniform(0.02).pinned().into()
    }),
    all("uniform-5", "5 %", || {
        SparseBudget::uniform(0.05).pinned().into()
    }),
    all("uniform-10", "10 %", || {
        SparseBudget::uniform(0.1).pinned().into()
    }),
    all("uniform-20", "20 %", || {
        SparseBudget::uniform(0.2).pinned().into()
    }),
];

/// One of the initializers: its place in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Init(usize);

impl Init {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTRIES.len()).map(Self)
    }

    /// The one with this name.
    ///
    /// # Errors
    ///
    /// A message that lists the names.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::all().find(|init| init.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("no such initializer; there are {}", names.join(", "))
        })
    }

    fn entry(self) -> &'static Entry {
        &ENTRIES[self.0]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What it is.
    pub fn about(self) -> &'static str {
        self.entry().about
    }

    /// Whether each layer is scaled until its outputs on a batch have variance 1.
    pub fn is_fitted(self) -> bool {
        self.entry().is_fitted
    }

    /// What the first layer's weights are drawn by, whose inputs form this grid.
    ///
    /// # Errors
    ///
    /// If a setting doesn't fit the grid.
    pub fn first_layer(self, grid: &Grid) -> Result<AnyInitializer, InitError> {
        match self.entry().first {
            Some(first) => first(grid),
            None => Ok((self.entry().rest)()),
        }
    }

    /// The plan for a network with this first weight.
    ///
    /// # Errors
    ///
    /// As [`first_layer`](Self::first_layer).
    pub fn plan(self, seed: u64, first: &str, grid: &Grid) -> Result<Plan, InitError> {
        let Entry { rest, biases, .. } = self.entry();
        let plan = Plan::new(seed);
        // A budget spreads over all weights of its rule.
        let plan = match self.entry().first {
            Some(_) => plan.rule(Select::path(first), self.first_layer(grid)?),
            None => plan,
        };
        Ok(plan
            .rule(Select::weights(), rest())
            .rule(Select::biases(), biases()))
    }
}

impl fmt::Debug for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Init {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name)
    }
}

impl From<Init> for &'static str {
    fn from(init: Init) -> Self {
        init.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for init in Init::all() {
            assert_eq!(Init::named(init.name()), Ok(init));
        }
        assert!(Init::named("he").unwrap_err().contains("he-normal"));
    }
}
