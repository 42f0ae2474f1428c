//! What the benches and the comparison with other libraries share: the initializers with the settings
//! they are measured with, and a model of many small layers.

pub mod initializers;
pub mod layers;
