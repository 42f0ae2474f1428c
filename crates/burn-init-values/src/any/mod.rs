//! Any initializer: the list of all, and files.
//!
//! [`AnyInitializer`] is what rules of a plan, settings and files are made of. It is an
//! [`Initializer`] itself, and so can be what [`Wavelet`] and [`Sparse`] build on.
//!
//! In a file it is its name and its settings, such as `{"normal":{"mean":0.0,"std":0.1}}`; every
//! format of serde gives back what went in. (`serde_json` reads numbers of more than 15 digits with an
//! error of one unit in the last place, unless its feature `float_roundtrip` is on.)
//!
#![doc = include_str!("initializers.md")]

#[cfg(feature = "burn")]
mod burn;
mod custom;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use custom::{Custom, register};

use crate::bias::{BiasUniform, ClassPrior, Poison};
use crate::compose::{Parts, Scaled};
use crate::covariance::{ConvCovariance, Mimetic, MuP, ReceptiveFields, Spectral};
use crate::dense::{
    Constant, Normal, Orthogonal, Sampled, TruncatedNormal, Uniform, VarianceScaling,
};
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::recurrent::{ChronoBias, GateBias, Hippo, MambaALog, MambaDtBias, S4d};
use crate::sparse::{Sparse, SparseBudget, SparseOrthogonal};
use crate::structured::{Bilinear, Eye, Icnr, UnitNorm, ZerO};
use crate::wavelet::{Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse};
use crate::waves::{Dct, FilterBank, FourierFeatures, Phases, Sinusoidal, Siren};
use crate::weight::WeightLayout;

/// The list of all initializers: of each its name, in files, and its type.
macro_rules! initializers {
    ($($name:literal $variant:ident($type:ty),)*) => {
        /// Any initializer: what rules of a plan, settings and files are made of.
        ///
        /// Every built-in one converts into it; so does Burn's own `burn::nn::Initializer`, whose
        /// settings keep their meaning, with the feature `burn`. [`custom`](Self::custom) takes a
        /// user's own.
        ///
        /// ```
        /// use burn_init_values::{AnyInitializer, VarianceScaling, Wavelet};
        ///
        /// let init: AnyInitializer = Wavelet::haar().base(VarianceScaling::he_normal()).into();
        /// let text = serde_json::to_string(&init).unwrap();
        /// let same: AnyInitializer = serde_json::from_str(&text).unwrap();
        /// assert_eq!(init, same);
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum AnyInitializer {
            $(
                #[doc = concat!("See [`", stringify!($variant), "`].")]
                #[serde(rename = $name)]
                $variant($type),
            )*
            /// A user's own: in files by the name that it is [registered](register) with.
            #[serde(rename = "custom")]
            Custom(Custom),
        }

        impl AnyInitializer {
            /// The names of the built-in initializers in files.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The initializer's name in files; `custom` for a user's own.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Custom(_) => "custom",
                }
            }

            fn inner(&self) -> &dyn Initializer {
                match self {
                    $(Self::$variant(inner) => inner,)*
                    Self::Custom(inner) => inner,
                }
            }
        }
    };
}

initializers! {
    "constant" Constant(Constant),
    "normal" Normal(Normal),
    "uniform" Uniform(Uniform),
    "truncated_normal" TruncatedNormal(TruncatedNormal),
    "variance_scaling" VarianceScaling(VarianceScaling),
    "orthogonal" Orthogonal(Orthogonal),
    "wavelet" Wavelet(Box<Wavelet<AnyInitializer>>),
    "wavelet_orthogonal" WaveletOrthogonal(WaveletOrthogonal),
    "wavelet_sparse" WaveletSparse(WaveletSparse),
    "wavelet_atoms" WaveletAtoms(WaveletAtoms),
    "wavelet_filters" WaveletFilters(WaveletFilters),
    "sparse" Sparse(Box<Sparse<AnyInitializer>>),
    "sparse_budget" SparseBudget(Box<SparseBudget<AnyInitializer>>),
    "sparse_orthogonal" SparseOrthogonal(SparseOrthogonal),
    "scaled" Scaled(Box<Scaled<AnyInitializer>>),
    "parts" Parts(Parts<AnyInitializer>),
    "eye" Eye(Eye),
    "zer_o" ZerO(ZerO),
    "icnr" Icnr(Box<Icnr<AnyInitializer>>),
    "bilinear" Bilinear(Bilinear),
    "unit_norm" UnitNorm(Box<UnitNorm<AnyInitializer>>),
    "sinusoidal" Sinusoidal(Sinusoidal),
    "siren" Siren(Siren),
    "fourier_features" FourierFeatures(FourierFeatures),
    "phases" Phases(Phases),
    "dct" Dct(Dct),
    "filter_bank" FilterBank(FilterBank),
    "receptive_fields" ReceptiveFields(ReceptiveFields),
    "conv_covariance" ConvCovariance(ConvCovariance),
    "mimetic" Mimetic(Mimetic),
    "spectral" Spectral(Spectral),
    "mup" MuP(MuP),
    "bias_uniform" BiasUniform(BiasUniform),
    "class_prior" ClassPrior(ClassPrior),
    "poison" Poison(Poison),
    "gate_bias" GateBias(GateBias),
    "chrono_bias" ChronoBias(ChronoBias),
    "hippo" Hippo(Hippo),
    "s4d" S4d(S4d),
    "mamba_a_log" MambaALog(MambaALog),
    "mamba_dt_bias" MambaDtBias(MambaDtBias),
}

impl AnyInitializer {
    /// A user's own initializer.
    ///
    /// ```
    /// use burn_init_values::{AnyInitializer, Sampled};
    /// use rand_distr::Cauchy;
    ///
    /// let heavy_tails = AnyInitializer::custom(Sampled(Cauchy::new(0.0f32, 0.01).unwrap()));
    /// ```
    pub fn custom(initializer: impl Initializer + 'static) -> Self {
        Self::Custom(Custom::new(initializer))
    }
}

impl fmt::Display for AnyInitializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.inner(), f)
    }
}

impl Initializer for AnyInitializer {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        self.inner().fit(weight)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        self.inner().fit_all(weights)
    }
}

macro_rules! into_any {
    ($($name:ident),*) => {
        $(impl From<$name> for AnyInitializer {
            fn from(inner: $name) -> Self {
                Self::$name(inner)
            }
        })*
    };
}

into_any!(
    Constant,
    Normal,
    Uniform,
    TruncatedNormal,
    VarianceScaling,
    Orthogonal,
    WaveletOrthogonal,
    WaveletSparse,
    WaveletAtoms,
    WaveletFilters,
    SparseOrthogonal,
    Eye,
    ZerO,
    Bilinear,
    Sinusoidal,
    Siren,
    FourierFeatures,
    Phases,
    Dct,
    FilterBank,
    ReceptiveFields,
    ConvCovariance,
    Mimetic,
    Spectral,
    MuP,
    BiasUniform,
    ClassPrior,
    Poison,
    GateBias,
    ChronoBias,
    Hippo,
    S4d,
    MambaALog,
    MambaDtBias
);

impl<B: Into<AnyInitializer>> From<Wavelet<B>> for AnyInitializer {
    fn from(wavelet: Wavelet<B>) -> Self {
        Self::Wavelet(Box::new(wavelet.map_base(Into::into)))
    }
}

impl<V: Into<AnyInitializer>> From<Sparse<V>> for AnyInitializer {
    fn from(sparse: Sparse<V>) -> Self {
        Self::Sparse(Box::new(sparse.map_values(Into::into)))
    }
}

impl<V: Into<AnyInitializer>> From<SparseBudget<V>> for AnyInitializer {
    fn from(budget: SparseBudget<V>) -> Self {
        Self::SparseBudget(Box::new(budget.map_values(Into::into)))
    }
}

impl<B: Into<AnyInitializer>> From<Scaled<B>> for AnyInitializer {
    fn from(scaled: Scaled<B>) -> Self {
        Self::Scaled(Box::new(scaled.map_base(Into::into)))
    }
}

impl<I: Into<AnyInitializer>> From<Parts<I>> for AnyInitializer {
    fn from(parts: Parts<I>) -> Self {
        Self::Parts(parts.map_parts(Into::into))
    }
}

impl<B: Into<AnyInitializer>> From<Icnr<B>> for AnyInitializer {
    fn from(icnr: Icnr<B>) -> Self {
        Self::Icnr(Box::new(icnr.map_base(Into::into)))
    }
}

impl<B: Into<AnyInitializer>> From<UnitNorm<B>> for AnyInitializer {
    fn from(unit_norm: UnitNorm<B>) -> Self {
        Self::UnitNorm(Box::new(unit_norm.map_base(Into::into)))
    }
}

impl<D> From<Sampled<D>> for AnyInitializer
where
    Sampled<D>: Initializer + 'static,
{
    fn from(sampled: Sampled<D>) -> Self {
        Self::custom(sampled)
    }
}
