//! What most programs use: `use burn_init_values::prelude::*;`. The list of all initializers' types.

pub use crate::any::AnyInitializer;
pub use crate::bias::{BiasUniform, ClassPrior, Poison};
pub use crate::compose::{Parts, Scaled};
pub use crate::covariance::{ConvCovariance, Mimetic, MuP, ReceptiveFields, Spectral};
pub use crate::dense::{
    Constant, Normal, Orthogonal, Sampled, TruncatedNormal, Uniform, VarianceScaling,
};
pub use crate::error::InitError;
pub use crate::initializer::Initializer as _;
pub use crate::key::Seed;
pub use crate::recurrent::{ChronoBias, GateBias, Hippo, MambaALog, MambaDtBias, S4d};
pub use crate::sparse::{Sparse, SparseBudget, SparseOrthogonal};
pub use crate::structured::{Bilinear, Eye, Icnr, UnitNorm, ZerO};
pub use crate::wavelet::{Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse};
pub use crate::waves::{Dct, FilterBank, FourierFeatures, Phases, Sinusoidal, Siren};
pub use crate::weight::WeightLayout;
