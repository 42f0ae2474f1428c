//! The initializers that `--inits` chooses from.

mod band_limited;
mod list;
mod shuffled;

use std::fmt;

use burn_init::{AnyInitializer, InitError, Plan, Select};
use serde::{Deserialize, Serialize};

use list::{ENTRIES, Entry};

/// The grid that the inputs of a neuron form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Its shape: a line, or the rows and columns of a picture.
    pub shape: Vec<usize>,
    /// Whether it is a convolution's kernel, which knows its shape by itself.
    pub is_kernel: bool,
}

/// One of the initializers: its place in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Init(usize);

impl Init {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTRIES.len()).map(Self)
    }

    /// The one with this name.
    ///
    /// # Errors
    ///
    /// A message that lists the names.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::all().find(|init| init.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(Self::name).collect();
            format!("no such initializer; there are {}", names.join(", "))
        })
    }

    fn entry(self) -> &'static Entry {
        &ENTRIES[self.0]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What it is.
    pub fn about(self) -> &'static str {
        self.entry().about
    }

    /// Whether each layer is scaled until its outputs on a batch have variance 1.
    pub fn is_fitted(self) -> bool {
        self.entry().is_fitted
    }

    /// What the first layer's weights are drawn by, whose inputs form this grid.
    ///
    /// # Errors
    ///
    /// If a setting doesn't fit the grid.
    pub fn first_layer(self, grid: &Grid) -> Result<AnyInitializer, InitError> {
        match self.entry().first {
            Some(first) => first(grid),
            None => Ok((self.entry().rest)()),
        }
    }

    /// The plan for a network with this first weight.
    ///
    /// # Errors
    ///
    /// As [`first_layer`](Self::first_layer).
    pub fn plan(self, seed: u64, first: &str, grid: &Grid) -> Result<Plan, InitError> {
        let Entry { rest, biases, .. } = self.entry();
        let plan = Plan::new(seed);
        // A budget spreads over all weights of its rule.
        let plan = match self.entry().first {
            Some(_) => plan.rule(Select::path(first), self.first_layer(grid)?),
            None => plan,
        };
        Ok(plan
            .rule(Select::weights(), rest())
            .rule(Select::biases(), biases()))
    }
}

impl fmt::Debug for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Init {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name)
    }
}

impl From<Init> for &'static str {
    fn from(init: Init) -> Self {
        init.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for init in Init::all() {
            assert_eq!(Init::named(init.name()), Ok(init));
        }
        assert!(Init::named("he").unwrap_err().contains("he-normal"));
    }
}
