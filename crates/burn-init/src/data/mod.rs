//! Initialization from data: the scales of weights, layer by layer, from what a model makes of a batch.
//!
//! | item | what it is |
//! |---|---|
//! | [`LayerFit`] | the fit, and its settings: LSUV, another variance, another second moment |
//! | [`Target`] | what a layer's output should have |
//! | [`Outputs`] | what a closure records layers' outputs in |
//! | [`Fit`], [`FitReport`], [`FittedLayer`] | the model, and what was measured before and after |
//!
//! A formula such as He's knows what relu does to the variance of a signal. A fit knows no
//! activation: it runs the model, measures, and scales each weight until the layer's output has the
//! target, from the first layer to the last. It comes after an initialization, and keeps everything
//! of it but the scale: directions, orthogonality, zeros, masks.
//!
//! Other than initializers, whose values are the same on every device, a fit computes with the device's
//! sums: it gives the same bits again on the same device, and others in their last places elsewhere.
//!
//! # Getting at layers' outputs
//!
//! The closure runs the model and records. A forward pass that takes [`Outputs`] serves training, too:
//!
//! ```
//! use burn::nn::{Linear, LinearConfig};
//! use burn::prelude::*;
//! use burn::tensor::{Distribution, activation::gelu};
//! use burn_init::data::{Fit, LayerFit, Outputs};
//! use burn_init::{InitWeights, Orthogonal};
//!
//! #[derive(Module, Debug)]
//! struct Deep {
//!     blocks: Vec<Linear>,
//!     head: Linear,
//! }
//!
//! impl Deep {
//!     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
//!         self.recorded(x, &mut Outputs::off())
//!     }
//!
//!     fn recorded(&self, mut x: Tensor<2>, outputs: &mut Outputs) -> Tensor<2> {
//!         for (i, block) in self.blocks.iter().enumerate() {
//!             let y = block.forward(x);
//!             outputs.record(&format!("blocks.{i}.weight"), &y);
//!             x = gelu(y);
//!         }
//!         self.head.forward(x)
//!     }
//! }
//!
//! let device = Device::flex();
//! let model = Deep {
//!     blocks: (0..8).map(|_| LinearConfig::new(32, 32).init(&device)).collect(),
//!     head: LinearConfig::new(32, 10).init(&device),
//! };
//! let model = model.init_weights(&Orthogonal::new(), 42)?;
//! let batch = Tensor::random([64, 32], Distribution::Normal(0.0, 1.0), &device);
//!
//! let Fit { model, report } = LayerFit::lsuv().apply(model, |model, outputs| {
//!     model.recorded(batch.clone(), outputs);
//! })?;
//! println!("{report}");
//! assert!(report.layers.iter().all(|layer| (layer.after.variance - 1.0).abs() <= 0.01));
//! let logits = model.forward(batch);
//! # assert_eq!(logits.dims(), [64, 10]);
//! # Ok::<(), burn_init::InitError>(())
//! ```

mod change;
mod layer_fit;
mod outputs;
mod report;
#[cfg(feature = "probe")]
pub(crate) mod rows;
mod search;
#[cfg(feature = "probe")]
pub(crate) mod signal;

pub use layer_fit::{LayerFit, Target};
pub use outputs::Outputs;
pub use report::{Fit, FitReport, FittedLayer, Moments};
