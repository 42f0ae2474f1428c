//! The initializers that `--init` chooses from.

use std::fmt::{self, Display};

use burn::module::Module;
use burn_init::plan::Applied;
use burn_init::{
    Constant, InitError, InitWeights, Normal, Plan, Select, Sparse, TruncatedNormal, Uniform,
    VarianceScaling, Wavelet,
};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};

use crate::digits::FRAMED_SIDE;
use crate::model::Mlp;

/// The share of the weights that `sparse` keeps.
const DENSITY: f64 = 0.4;

/// How the weights start. Biases start at zero, except with `burn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// One random value below 1 for a whole matrix, as in the article: the hidden units stay equal
    Constant,
    /// N(0, 1/n_in), as in the article
    Normal,
    /// U(-0.05, 0.05)
    Uniform,
    /// N(0, 0.05²), cut off at two standard deviations
    TruncatedNormal,
    /// Variance 1/n_in (LeCun et al., 1998)
    LecunNormal,
    /// Variance 2/(n_in + n_out) (Glorot and Bengio, 2010)
    GlorotNormal,
    /// The same variance, uniform
    GlorotUniform,
    /// Variance 2/n_in (He et al., 2015)
    HeNormal,
    /// The same variance, uniform
    HeUniform,
    /// Haar wavelets, each octave with the same energy, over the 10×10 grid in the first layer: less fluctuation
    Wavelet,
    /// Haar wavelets that change nothing, which is the article's formula
    WaveletIdentity,
    /// Two weights in five, He normal over what is left; the others stay zero through training
    Sparse,
    /// Burn's own initializers
    Burn,
}

impl Display for Init {
    /// The name that `--init` has for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", PossibleValue::get_name))
    }
}

/// Initializes a model that wasn't read from yet.
///
/// # Errors
///
/// What burn-init reports.
pub fn initialize(model: Mlp, init: Init, seed: u64) -> Result<Mlp, InitError> {
    match init {
        Init::Constant => model.init_weights(&Constant::random(), seed),
        Init::Normal => model.init_weights(&Normal::fan_in(), seed),
        Init::Uniform => model.init_weights(&Uniform::new(-0.05, 0.05), seed),
        Init::TruncatedNormal => model.init_weights(&TruncatedNormal::new(0.0, 0.05), seed),
        Init::LecunNormal => model.init_weights(&VarianceScaling::lecun_normal(), seed),
        Init::GlorotNormal => model.init_weights(&VarianceScaling::glorot_normal(), seed),
        Init::GlorotUniform => model.init_weights(&VarianceScaling::glorot_uniform(), seed),
        Init::HeNormal => model.init_weights(&VarianceScaling::he_normal(), seed),
        Init::HeUniform => model.init_weights(&VarianceScaling::he_uniform(), seed),
        Init::Wavelet => wavelet(model, Wavelet::haar(), seed),
        Init::WaveletIdentity => wavelet(model, Wavelet::haar().identity(), seed),
        Init::Sparse => model.init_weights(&Sparse::density(DENSITY).pinned(), seed),
        Init::Burn => {
            // Nothing is drawn before the weights are first read, and Burn's generator is the device's.
            for device in model.devices() {
                device.seed(seed);
            }
            Ok(model)
        }
    }
}

/// The wavelets of the first layer run over the picture, those of the second over the hidden units.
fn wavelet(model: Mlp, wavelet: Wavelet, seed: u64) -> Result<Mlp, InitError> {
    let grid = [FRAMED_SIDE, FRAMED_SIDE];
    let Applied { model, .. } = Plan::new(seed)
        .rule(Select::path("fc1.weight"), wavelet.clone().grid(grid))
        .rule(Select::weights(), wavelet)
        .rule(Select::biases(), Constant::zeros())
        .apply(model)?;
    Ok(model)
}
