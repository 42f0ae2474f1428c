//! What an initializer is, what it is fitted into, and the one driver that makes values.
//!
//! An initializer is settings. [`Initializer::fit`] checks them against a weight, once, and gives a
//! [`Fitted`], which says how values come about:
//!
//! | kind | made by | values |
//! |---|---|---|
//! | elements | [`Fitted::elements`], [`Fitted::words`] | each element by itself |
//! | vectors | [`Fitted::vectors`] | each vector along some axes by itself |
//! | whole | [`Fitted::whole`] | all elements at once |
//!
//! Everything else follows from that for all initializers alike: ranges, shards, memory, threads, masks.
//! What only its author knows, it can say: [`Fitted::within`] the bounds, [`Fitted::expecting`] mean and standard
//! deviation, [`Fitted::with_zeros`] that zeros are no weights, [`Fitted::uncorrelated`] that theory's second moments hold.
//! Reports show these before any value is made.
//!
//! # An initializer of your own
//!
//! Settings, a text for reports, and [`fit`](Initializer::fit). An initializer whose elements are
//! each by themselves:
//!
//! ```
//! use burn_init_values::{Fitted, InitError, Initializer, Seed, WeightLayout, draw};
//!
//! /// The triangular distribution, of variance 1/fan_in.
//! #[derive(Debug)]
//! struct Triangular;
//!
//! impl std::fmt::Display for Triangular {
//!     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//!         write!(f, "triangular")
//!     }
//! }
//!
//! impl Initializer for Triangular {
//!     fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
//!         let scale = (1.5 / weight.fan_in().unwrap_or(1.0)).sqrt() as f32;
//!         Fitted::elements(weight, move |key, i| {
//!             // Two draws for each element, of streams of their own.
//!             scale * (draw::uniform(key, i) + draw::uniform(key.stream(1), i))
//!         })
//!     }
//! }
//!
//! let weights = Triangular.draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
//! let mut alone = [0.0];
//! Triangular.fill(&[100, 64].into(), Seed::new(1).key("fc1.weight"), 1234, &mut alone)?;
//! assert_eq!(alone[0], weights[1234]);
//! # Ok::<(), InitError>(())
//! ```
//!
//! One that makes a vector at a time, here the incoming weights of each neuron, wherever they lie:
//!
//! ```
//! use burn_init_values::{Fitted, InitError, Initializer, Seed, Wavelet, WeightLayout, draw};
//!
//! /// A random walk over the inputs of each neuron.
//! #[derive(Debug, Clone)]
//! struct Walk;
//! # impl std::fmt::Display for Walk {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//! #         write!(f, "random walk")
//! #     }
//! # }
//!
//! impl Initializer for Walk {
//!     fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
//!         let neurons = weight.neurons()?;
//!         Fitted::vectors(weight, neurons, move |key, j, w| {
//!             let mut sum = 0.0;
//!             for (i, w) in w.iter_mut().enumerate() {
//!                 sum += draw::normal(key, neurons.index(j, i) as u64);
//!                 *w = 0.01 * sum;
//!             }
//!         })
//!     }
//! }
//!
//! // It can be what another initializer builds on.
//! let rough = Wavelet::haar().power_law(-1.0).base(Walk);
//! let weights = rough.draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
//! # Ok::<(), InitError>(())
//! ```
//!
//! And one that makes all elements at once. [`with_zeros`](Fitted::with_zeros) says that its zeros
//! are no weights:
//!
//! ```
//! use burn_init_values::{Fitted, InitError, Initializer, Seed, WeightLayout, draw};
//!
//! /// A permutation of the inputs.
//! #[derive(Debug)]
//! struct Shuffle;
//! # impl std::fmt::Display for Shuffle {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//! #         write!(f, "shuffle")
//! #     }
//! # }
//!
//! impl Initializer for Shuffle {
//!     fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
//!         let neurons = weight.neurons()?;
//!         let fitted = Fitted::whole(weight, move |key, w| {
//!             let order = draw::permutation(key, neurons.len());
//!             for (j, i) in order.into_iter().take(neurons.count()).enumerate() {
//!                 w[neurons.index(j, i)] = 1.0;
//!             }
//!             Ok(())
//!         })?;
//!         Ok(fitted.with_zeros(true))
//!     }
//! }
//!
//! let weights = Shuffle.draw(&[4, 4].into(), Seed::new(1).key("fc1.weight"))?;
//! assert_eq!(weights.iter().sum::<f32>(), 4.0);
//! # Ok::<(), InitError>(())
//! ```
//!
//! [`AnyInitializer::custom`](crate::AnyInitializer::custom) takes it into a plan, and
//! [`any::register`](crate::any::register) into files.

mod dependence;
mod expected;
mod fill;
mod fitted;
mod parts;
mod region;

use std::fmt::{Debug, Display};
use std::sync::Arc;

pub use dependence::Dependence;
pub use expected::Expected;
pub(crate) use fill::{FillVectors, Worker, Workers};
pub use fitted::{Fitted, Kind};
pub(crate) use fitted::{Repeat, Values};
pub(crate) use parts::Parts;

use crate::error::InitError;
use crate::key::Key;
use crate::weight::{Region, WeightLayout};

/// A way to give a parameter its first values: settings, which are fitted to a weight.
///
/// What it draws must be a pure function of its settings, of the weight's layout, of the key and of
/// the index of an element. See the [module's page](self) for how to write one.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Wavelet};
///
/// let key = Seed::new(42).key("fc1.weight");
/// let weights = Wavelet::haar().draw(&[100, 64].into(), key)?;
///
/// // Rows 50 and 51 of the same parameter, alone.
/// let mut rows = [0.0; 2 * 64];
/// Wavelet::haar().fill(&[100, 64].into(), key, 50 * 64, &mut rows)?;
/// assert_eq!(weights[50 * 64..52 * 64], rows);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
pub trait Initializer: Debug + Display + Send + Sync {
    /// Checks the settings against a weight, and says how its values come about.
    ///
    /// # Errors
    ///
    /// If a setting is wrong or doesn't fit the weight: which one, what was given, and what would be
    /// right.
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError>;

    /// Fits several weights that are initialized together, such as all that a rule of a plan matches:
    /// they may share something, such as a budget. By default each is fitted by itself.
    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        weights.iter().map(|weight| self.fit(weight)).collect()
    }

    /// Whether the settings are right for a weight of this layout.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    fn check(&self, weight: &WeightLayout) -> Result<(), InitError> {
        self.fit(weight).map(drop)
    }

    /// Writes the elements `start..start + out.len()` of the parameter, in row-major order of its
    /// saved layout.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit), and if the elements aren't within the parameter.
    fn fill(
        &self,
        weight: &WeightLayout,
        key: Key,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        self.fit(weight)?.fill(key, start, out)
    }

    /// All elements of the parameter, in row-major order of its saved layout.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit), and if there isn't enough memory.
    fn draw(&self, weight: &WeightLayout, key: Key) -> Result<Vec<f32>, InitError> {
        self.fit(weight)?.draw(key)
    }

    /// The elements of a part of the parameter, in row-major order of the part: the bits that they have
    /// in the whole. [`Fitted::fill_region`] says what it takes.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit), if it is a region of another shape, and if there isn't enough memory.
    fn draw_region(
        &self,
        weight: &WeightLayout,
        key: Key,
        region: &Region,
    ) -> Result<Vec<f32>, InitError> {
        self.fit(weight)?.draw_region(key, region)
    }
}

/// Fits several weights by a base, and then by what `fit_over` makes of each.
pub(crate) fn fit_all_over(
    base: &impl Initializer,
    weights: &[&WeightLayout],
    fit_over: impl Fn(&WeightLayout, Fitted) -> Result<Fitted, InitError>,
) -> Vec<Result<Fitted, InitError>> {
    let bases = base.fit_all(weights).into_iter();
    let fit = |(base, weight): (Result<Fitted, InitError>, &&WeightLayout)| fit_over(weight, base?);
    bases.zip(weights).map(fit).collect()
}

macro_rules! behind_a_pointer {
    ($($pointer:ty),*) => {
        $(impl<T: Initializer + ?Sized> Initializer for $pointer {
            fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
                (**self).fit(weight)
            }

            fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
                (**self).fit_all(weights)
            }
        })*
    };
}

behind_a_pointer!(&T, Box<T>, Arc<T>);

/// What a gain is where a file doesn't say it.
pub(crate) fn no_gain() -> f64 {
    1.0
}
