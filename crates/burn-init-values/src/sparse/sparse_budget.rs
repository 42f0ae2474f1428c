//! How many weights each layer of a model keeps.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Amount, Pattern, Sparse};
use crate::dense::VarianceScaling;
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "SparseBudget";

/// How a budget of weights is spread over layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spread {
    /// The same density for each.
    Uniform,
    /// Density proportional to (n_in + n_out) / (n_in · n_out), where a kernel's places count as inputs (Erdős–Rényi: Mocanu et al. 2018).
    ErdosRenyi,
    /// Density proportional to (n_in + n_out + Σ k) / (n_in · n_out · ∏ k) for a kernel of sizes k (Evci et al. 2020).
    ErdosRenyiKernel,
}

/// A number of weights for several parameters, such as all that a rule of a plan matches, spread over
/// them.
///
/// The numbers add up to the requested share of all weights exactly: shares of a weight are rounded by largest remainder. A layer that
/// its share would fill more than completely stays dense, and the others get the rest. Layers that are to stay dense, and aren't counted,
/// are given to an earlier rule. On a single parameter, all spreads are the same: this density.
///
/// ```
/// use burn_init_values::{SparseBudget, WeightLayout};
///
/// let layers = [WeightLayout::linear([100, 64]), WeightLayout::linear([64, 10])];
/// // 485 of 6,400 weights, and 219 of 640: 704 of 7,040.
/// assert_eq!(SparseBudget::erk(0.1).counts(&layers)?, [485, 219]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(bound = "V: schemars::JsonSchema + Serialize + From<VarianceScaling>")
)]
#[serde(
    deny_unknown_fields,
    bound(deserialize = "V: Deserialize<'de> + From<VarianceScaling>")
)]
#[non_exhaustive]
pub struct SparseBudget<V = VarianceScaling> {
    /// How the budget is spread over the layers.
    pub spread: Spread,
    /// The share of all weights that is kept.
    pub density: f64,
    /// What each layer is; its share replaces the pattern.
    #[serde(default = "default_layer")]
    #[cfg_attr(feature = "schema", schemars(default = "default_layer::<V>"))]
    pub layer: Sparse<V>,
}

fn default_layer<V: From<VarianceScaling>>() -> Sparse<V> {
    Sparse::density(1.0).map_values(V::from)
}

impl SparseBudget {
    /// This share of all weights, from 0 to 1, spread like this.
    pub fn new(spread: Spread, density: f64) -> Self {
        Self {
            spread,
            density,
            layer: default_layer(),
        }
    }

    /// The same density for each layer.
    pub fn uniform(density: f64) -> Self {
        Self::new(Spread::Uniform, density)
    }

    /// Erdős–Rényi: layers with few neurons are denser.
    pub fn erdos_renyi(density: f64) -> Self {
        Self::new(Spread::ErdosRenyi, density)
    }

    /// Erdős–Rényi with kernels: layers with few neurons and small kernels are denser.
    pub fn erk(density: f64) -> Self {
        Self::new(Spread::ErdosRenyiKernel, density)
    }
}

impl<V> SparseBudget<V> {
    fn map<W>(self, change: impl FnOnce(Sparse<V>) -> Sparse<W>) -> SparseBudget<W> {
        SparseBudget {
            spread: self.spread,
            density: self.density,
            layer: change(self.layer),
        }
    }

    /// As [`Sparse::values`].
    pub fn values<W>(self, values: W) -> SparseBudget<W> {
        self.map(|layer| layer.values(values))
    }

    /// The same, with values that `change` makes of its own.
    pub(crate) fn map_values<W>(self, change: impl FnOnce(V) -> W) -> SparseBudget<W> {
        self.map(|layer| layer.map_values(change))
    }

    /// As [`Sparse::uncorrected`].
    pub fn uncorrected(self) -> Self {
        self.map(Sparse::uncorrected)
    }

    /// As [`Sparse::pinned`].
    pub fn pinned(self) -> Self {
        self.map(Sparse::pinned)
    }

    /// As [`Sparse::require_connected`].
    pub fn require_connected(self) -> Self {
        self.map(Sparse::require_connected)
    }

    /// As [`Sparse::reconnect`].
    pub fn reconnect(self) -> Self {
        self.map(Sparse::reconnect)
    }

    /// The density of each of these layers, before it is rounded to a number of weights.
    ///
    /// # Errors
    ///
    /// If the density isn't from 0 to 1, or a layer has no neurons.
    pub fn densities<L: Borrow<WeightLayout>>(&self, layers: &[L]) -> Result<Vec<f64>, InitError> {
        if !(0.0..=1.0).contains(&self.density) {
            return Err(InitError::setting(
                NAME,
                "density",
                self.density,
                "from 0 to 1",
            ));
        }
        let sizes = layers
            .iter()
            .map(Borrow::borrow)
            .map(|layout: &WeightLayout| {
                layout.neurons()?;
                layout.elements()
            })
            .collect::<Result<Vec<usize>, InitError>>()?;
        let total = (self.density * sizes.iter().sum::<usize>() as f64).round() as usize;
        let raw: Vec<f64> = layers
            .iter()
            .map(|layout| self.raw_density(layout.borrow()))
            .collect();

        // Layers whose share is more than all of their weights are filled, and the rest is spread over the others.
        let mut full = vec![false; layers.len()];
        let scale = loop {
            let filled: usize = (0..sizes.len())
                .filter(|l| full[*l])
                .map(|l| sizes[l])
                .sum();
            let weight: f64 = (0..sizes.len())
                .filter(|l| !full[*l])
                .map(|l| raw[l] * sizes[l] as f64)
                .sum();
            let scale = if weight > 0.0 {
                total.saturating_sub(filled) as f64 / weight
            } else {
                0.0
            };
            let over: Vec<usize> = (0..sizes.len())
                .filter(|l| !full[*l] && scale * raw[*l] > 1.0)
                .collect();
            if over.is_empty() {
                break scale;
            }
            over.into_iter().for_each(|l| full[l] = true);
        };
        Ok((0..sizes.len())
            .map(|l| if full[l] { 1.0 } else { scale * raw[l] })
            .collect())
    }

    /// How many weights each of these layers keeps.
    ///
    /// # Errors
    ///
    /// As [`densities`](Self::densities).
    pub fn counts<L: Borrow<WeightLayout>>(&self, layers: &[L]) -> Result<Vec<usize>, InitError> {
        let densities = self.densities(layers)?;
        let sizes = layers
            .iter()
            .map(|layout| layout.borrow().elements())
            .collect::<Result<Vec<usize>, InitError>>()?;
        let total = (self.density * sizes.iter().sum::<usize>() as f64).round() as usize;
        let exact: Vec<f64> = densities
            .iter()
            .zip(&sizes)
            .map(|(density, size)| density * *size as f64)
            .collect();
        let mut counts: Vec<usize> = exact
            .iter()
            .zip(&sizes)
            .map(|(exact, size)| (exact.floor() as usize).min(*size))
            .collect();
        let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
        by_remainder.sort_by(|a, b| {
            let remainder = |l: usize| exact[l] - exact[l].floor();
            remainder(*b).total_cmp(&remainder(*a))
        });
        let mut left = total - counts.iter().sum::<usize>().min(total);
        for l in by_remainder.iter().cycle() {
            if left == 0 || counts.iter().zip(&sizes).all(|(count, size)| count == size) {
                break;
            }
            if counts[*l] < sizes[*l] {
                counts[*l] += 1;
                left -= 1;
            }
        }
        Ok(counts)
    }

    /// What the density of a layer is proportional to.
    fn raw_density(&self, layout: &WeightLayout) -> f64 {
        let of = |kind: Axis| -> f64 {
            let sizes = layout.shape().iter().zip(layout.axes());
            sizes
                .filter(|(_, axis)| **axis == kind)
                .map(|(n, _)| *n as f64)
                .product()
        };
        let inputs = match layout.axes().contains(&Axis::Input) {
            true => of(Axis::Input),
            false => of(Axis::Index),
        };
        let (outputs, kernel) = (of(Axis::Output), of(Axis::Kernel));
        let sum: f64 = layout.kernel().iter().map(|k| *k as f64).sum();
        let density = match self.spread {
            Spread::Uniform => 1.0,
            Spread::ErdosRenyi => (inputs * kernel + outputs) / (inputs * kernel * outputs),
            Spread::ErdosRenyiKernel => (inputs + outputs + sum) / (inputs * outputs * kernel),
        };
        if density.is_finite() { density } else { 1.0 }
    }
}

impl<V: fmt::Display> fmt::Display for SparseBudget<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spread = match self.spread {
            Spread::Uniform => "uniform",
            Spread::ErdosRenyi => "Erdős–Rényi",
            Spread::ErdosRenyiKernel => "ERK",
        };
        write!(f, "sparse budget, {spread}, density {}", self.density)?;
        self.layer.fmt_settings(f)
    }
}

impl<V: Initializer + Clone + 'static> Initializer for SparseBudget<V> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let mut alone = self.fit_all(&[weight]);
        alone.remove(0)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        let counts = match self.counts(weights) {
            Ok(counts) => counts,
            // One of them has no place in a budget, or the budget is wrong for all.
            Err(error) => {
                let error_of = |weight: &WeightLayout| match self.counts(&[weight]) {
                    Err(own) => own,
                    Ok(_) => error.clone(),
                };
                return weights.iter().map(|weight| Err(error_of(weight))).collect();
            }
        };
        let share = |((values, weight), count): ((Result<_, _>, &&WeightLayout), _)| {
            let pattern = Pattern::PerOutput(Amount::Total(count));
            let fitted = self.layer.with_pattern(pattern).fit(weight);
            fitted.and_then(|fitted| values.map(|()| fitted))
        };
        let values = self.layer.values_together(weights).into_iter();
        values.zip(weights).zip(counts).map(share).collect()
    }
}
