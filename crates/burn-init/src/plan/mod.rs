//! Whole modules: rules, and what they did.
//!
//! | item | what it is |
//! |---|---|
//! | [`Plan`] | a seed and an ordered list of rules |
//! | [`Rule`] | what a rule does, and what it says of layouts |
//! | [`Select`], [`pattern`] | which parameters a rule is for |
//! | [`Meaning`] | what a parameter of a user's own struct is |
//! | [`InitWeights`] | one initializer for all weights: a plan of two rules |
//! | [`presets`] | whole models as reference libraries initialize them: GPT-2, Llama, ViT, ResNet and nine more |
//! | [`Report`] | what happened to each parameter, or would happen: text, Markdown, serde |
//!
//! # What people wish
//!
//! | wish | how |
//! |---|---|
//! | a whole GPT-2, as the reference has it | `Plan::new(42).preset(Gpt2::new(12))`: [`presets`] |
//! | the queries of all blocks | `Select::glob("blocks.*.attention.query.weight")` |
//! | linear layers outside of attention | `Select::weights_of("Linear") & !Select::within("MultiHeadAttention")` |
//! | the first four blocks | `Select::depth(0..4)`, `&` with what is meant in them |
//! | the last scale of each residual block at 0 | [`Constant::zeros`](crate::Constant::zeros) for `Select::glob("layers.*.norm2.gamma")` |
//! | LoRA's factors | `Select::glob("**.lora.a")`, `Select::glob("**.lora.b")` |
//! | a rule for biases, of a model that may have none | [`Rule::optional`] |
//! | n of m where m divides the width, and something else elsewhere | [`Rule::where_it_fits`] |
//! | what a constructor set stays | [`Rule::keep_values`] |
//! | a struct of one's own is known | [`Plan::meaning`] |
//! | nothing is assumed of axes and groups | [`Plan::strict`] |
//! | layers initialized one by one differ | [`Plan::prefix`] |
//! | only a shard of a weight is in this process | [`Plan::shard`] |
//! | processes agree on ids, and equal models give equal files | [`Plan::ids_from_paths`] |
//! | to see by one number that replicas are equal | [`Plan::digests`], [`Plan::report_digests`] |
//! | to see what a plan does, before it does it | [`Plan::dry_run`] |
//! | only what a file lacked | [`Plan::apply_to_missing`] |
//!
//! A parameter that stands at two paths, such as an embedding that is the output layer, too, has one id
//! ([`ParamId`](burn::module::ParamId)) and gets one value: that of its first path. Clones of a layer have
//! its ids, and so count as tied to it; the report says of each what it is tied to.

mod decide;
mod fields;
mod init_weights;
mod meaning;
pub mod pattern;
#[allow(
    clippy::module_inception,
    reason = "each file is called as what it holds"
)]
mod plan;
pub mod presets;
mod report;
mod rule;
mod select;
mod sharded;

pub use crate::device::MakeOn;
pub use init_weights::InitWeights;
pub use meaning::Meaning;
pub use plan::Plan;
pub use report::{Action, Applied, Entry, Report, Totals};
pub use rule::Rule;
pub use select::Select;
