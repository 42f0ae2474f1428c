//! Burn's modules: what their parameters are, how they get values, and masks that last.
//!
//! | item | what it is |
//! |---|---|
//! | [`InitParam`] | one parameter on its own |
//! | [`Digests`] | one number for a module's values, and for each parameter's |
//! | [`Pinned`] | the mask of one parameter, as a reparameterization |
//! | [`Masks`] | the masks of a whole module: read, count, replace |
//! | `csr_of_layer`, `mask_of_csr` | pinned layers as compressed rows, with the feature `sprs` |
//!
//! Inside are a table of Burn's layers (`layers`), a look at a module's parameters that makes no
//! value (`parameter`), and the mapper that fills them (`fill`).

#[cfg(feature = "sprs")]
mod csr;
mod digests;
pub(crate) mod fill;
pub(crate) mod ids;
mod init_param;
pub(crate) mod layers;
mod masks;
pub(crate) mod parameter;
mod pinned;
pub(crate) mod saved;

#[cfg(feature = "sprs")]
pub use csr::{csr_of_layer, mask_of_csr};
pub use digests::Digests;
pub use init_param::InitParam;
pub use masks::Masks;
pub use pinned::Pinned;
