//! What most programs use: `use burn_init::prelude::*;`.
//!
//! It stands beside `use burn::nn::*` and `use burn::prelude::*`: the traits come without their names.
//!
//! ```
//! use burn::nn::*;
//! use burn::prelude::*;
//! use burn_init::prelude::*;
//!
//! let device = Device::flex();
//! let layer: Linear = LinearConfig::new(100, 64).init(&device);
//! let layer = layer.init_weights(&Wavelet::haar(), 42)?;
//! let weights = Wavelet::haar().draw(&[100, 64].into(), Seed::new(42).key("weight"))?;
//! assert_eq!(layer.weight.val().into_data().try_to_vec::<f32>().unwrap(), weights);
//! # Ok::<(), burn_init::InitError>(())
//! ```

pub use burn_init_values::prelude::*;

pub use crate::module::InitParam as _;
pub use crate::plan::InitWeights as _;
pub use crate::plan::{Applied, Plan, Select};
