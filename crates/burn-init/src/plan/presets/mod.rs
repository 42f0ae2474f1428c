//! Whole models by one line: the rules that reference libraries initialize a model by.
//!
//! | preset | model | as in |
//! |---|---|---|
//! | [`Gpt2`] | GPT-2 | transformers, Radford 2019 |
//! | [`Llama`] | Llama | transformers; torchtitan |
//! | [`Bert`] | BERT | transformers |
//! | [`T5`] | T5 | transformers |
//! | [`Mamba`] | Mamba | transformers |
//! | [`LstmLm`] | language models of LSTMs, GRUs and others | PyTorch, AWD-LSTM |
//! | [`TorchTransformer`] | encoders and decoders of Burn's transformer layers | PyTorch |
//! | [`Vit`] | vision transformers | timm: its own, JAX's, MoCo v3's |
//! | [`Dit`] | diffusion transformers | the paper's code; diffusers |
//! | [`ConvNext`] | ConvNeXt | timm |
//! | [`ResNet`] | ResNet | timm, torchvision |
//! | [`EfficientNet`] | EfficientNet, MobileNet v3 | timm |
//! | [`SirenNetwork`] | SIREN | the paper's code |
//!
//! A preset is a list of rules ([`Preset::rules`]), which [`Plan::preset`](crate::Plan::preset) appends to a
//! plan. The first rule that matches a parameter wins: what is to be otherwise is a rule before it.
//!
//! ```
//! use burn_init::plan::presets::Gpt2;
//! use burn_init::{Normal, Plan, Select};
//!
//! let plan = Plan::new(42)
//!     .rule(Select::glob("**.wpe.weight"), Normal::new(0.0, 0.01))
//!     .preset(Gpt2::new(12));
//! ```
//!
//! A rule knows parameters by Burn's structs (`Linear`, `Embedding`, `LayerNorm`) wherever that is enough. Where
//! the place decides, such as at the end of a residual branch, it goes by names: those of Burn's layers and those
//! of the reference library. A setting takes another [`Select`]. Such a rule must be used: where a model calls the
//! place otherwise, that is an error, and no silently wrong standard deviation. For what a model of the family may
//! lack, such as biases, rules are optional. Scales of normalizations become 1 and shifts 0, whatever they were;
//! running statistics stay.
//!
//! A std that is no number, or a width of 0, is an error of the rule's initializer when the plan is applied; layers
//! beyond the number that a preset was told have no rule, which is an error, too.

use burn_init_values::dense::{Distribution, FanMode};
use burn_init_values::{AnyInitializer, BiasUniform, Constant, TruncatedNormal, VarianceScaling};
use serde::{Deserialize, Serialize};

use super::{Rule, Select};
use crate::module::layers::{LAYERS, Layer};

mod bert;
mod convnext;
mod dit;
mod efficientnet;
mod gpt2;
mod llama;
mod lstm;
mod mamba;
mod resnet;
mod siren;
mod t5;
mod transformer;
mod vit;

pub use bert::{Bert, Padding};
pub use convnext::ConvNext;
pub use dit::{Dit, DitVariant};
pub use efficientnet::EfficientNet;
pub use gpt2::Gpt2;
pub use llama::{Llama, LlamaVariant};
pub use lstm::LstmLm;
pub use mamba::Mamba;
pub use resnet::{ResNet, ResNetBlock};
pub use siren::SirenNetwork;
pub use t5::T5;
pub use transformer::TorchTransformer;
pub use vit::{Vit, VitVariant};

/// The list of all presets: of each its name, in files, and its type.
macro_rules! presets {
    ($($name:literal $family:ident,)*) => {
        /// Any preset. In a file it is its name and its settings, such as `{"gpt2":{"layers":12}}` or
        /// `gpt2 = { layers = 12 }`; what has a default may be left out.
        ///
        /// ```
        /// use burn_init::plan::presets::{Gpt2, Preset};
        ///
        /// let preset: Preset = Gpt2::new(12).into();
        /// assert_eq!(preset.name(), "gpt2");
        /// println!("{} rules", preset.rules().len());
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "a plan has one preset, and settings are easier without a box")]
        pub enum Preset {
            $(
                #[doc = concat!("See [`", stringify!($family), "`].")]
                #[serde(rename = $name)]
                $family($family),
            )*
        }

        impl Preset {
            /// The names of all presets in files.
            pub const fn all_names() -> &'static [&'static str] {
                &[$($name),*]
            }

            /// The preset's name in files.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$family(_) => $name,)*
                }
            }

            /// The rules, in their order.
            pub fn rules(&self) -> Vec<Rule> {
                match self {
                    $(Self::$family(settings) => settings.rules(),)*
                }
            }
        }

        $(impl From<$family> for Preset {
            fn from(settings: $family) -> Self {
                Self::$family(settings)
            }
        })*
    };
}

presets! {
    "gpt2" Gpt2,
    "llama" Llama,
    "bert" Bert,
    "t5" T5,
    "mamba" Mamba,
    "lstm_lm" LstmLm,
    "torch_transformer" TorchTransformer,
    "vit" Vit,
    "dit" Dit,
    "convnext" ConvNext,
    "resnet" ResNet,
    "efficientnet" EfficientNet,
    "siren" SirenNetwork,
}

/// A rule for what a model may lack.
fn optional(select: Select, init: impl Into<AnyInitializer>) -> Rule {
    Rule::new(select, init).optional()
}

/// Normalizations: scales 1, shifts 0.
fn norms() -> [Rule; 2] {
    [
        optional(Select::norms() & Select::name("gamma"), Constant::ones()),
        optional(Select::norms() & Select::name("beta"), Constant::zeros()),
    ]
}

/// All that Burn's normalizations hold.
fn within_norms() -> Select {
    let norms = LAYERS.iter().filter(|(_, layer)| *layer == Layer::Norm);
    Select::Any(norms.map(|(name, _)| Select::within(*name)).collect())
}

/// Biases 0.
fn zero_biases() -> Rule {
    optional(Select::biases(), Constant::zeros())
}

/// PyTorch's `trunc_normal_` with the bounds that it has by default: −2 and 2, whatever the std is. At a std of
/// 0.02 that is a hundred of them, so nothing is cut.
fn trunc_normal(std: f64) -> TruncatedNormal {
    TruncatedNormal::new(0.0, std).bounds(-2.0, 2.0)
}

/// What PyTorch gives the weights of linear layers and convolutions by default: uniform, variance 1/(3 fan_in).
fn pytorch_weight() -> VarianceScaling {
    VarianceScaling::new(1.0 / 3.0, FanMode::FanIn, Distribution::Uniform)
}

/// What PyTorch gives their biases by default.
fn pytorch_bias() -> BiasUniform {
    BiasUniform::new()
}

/// The weights of convolutions. The references take fans from the shape, as if there was one group.
fn convolutions(init: impl Into<AnyInitializer>) -> Rule {
    let convolutions =
        Select::weights_of("Conv1d") | Select::weights_of("Conv2d") | Select::weights_of("Conv3d");
    optional(convolutions, init).groups(1)
}

/// Parameters that are called so, and weights of layers that are.
fn named(names: &str) -> Select {
    Select::glob(format!("**.{{{names}}}{{,.weight}}"))
}

/// The weights of layers that are called so, wherever they are.
fn weights_at(names: &str) -> Select {
    Select::glob(format!("**.{{{names}}}.weight"))
}

/// The projection that an attention ends with.
fn attention_output() -> Select {
    let burn = Select::within("MultiHeadAttention") | Select::within("CrossAttention");
    let burn = burn & weights_at("output");
    burn | Select::glob(
        "**.{attn,attention,self_attn,cross_attn}.{c_proj,proj,out_proj,o_proj,wo}.weight",
    )
}

/// The layer that the feed-forward part of a block ends with.
fn mlp_output() -> Select {
    let burn = Select::within("PositionWiseFeedForward") & weights_at("linear_outer");
    burn | Select::glob("**.{mlp,ffn,feed_forward}.{c_proj,fc2,w2,down_proj,linear2}.weight")
}
