//! What a plan did, or would do.

mod table;

use std::collections::HashSet;
use std::fmt;

use burn::tensor::DType;
use burn_init_values::Digest;
use burn_init_values::initializer::{Dependence, Expected};
use burn_init_values::sparse::Connectivity;
use burn_init_values::weight::{Axis, Region};
use serde::Serialize;

use crate::module::Digests;
use crate::text::{count, size};

/// A module that a plan has initialized, and the report.
#[derive(Debug, Clone)]
pub struct Applied<M> {
    /// The module.
    pub model: M,
    /// What happened to each of its parameters.
    pub report: Report,
}

/// What a plan did to each parameter, or would do, in the order of the module.
///
/// It displays as a table: `{report}` in 100 columns, `{report:120}` in 120, and so on for the width of a
/// terminal. Lines are wrapped, and in few columns some of what is known is left out;
/// [`to_markdown`](Self::to_markdown) has all of it. It serializes (serde), so that JSON is
/// `serde_json::to_string(&report)`.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{Constant, Plan, Select, VarianceScaling};
///
/// // Four billion weights, of which none is made.
/// let layer = LinearConfig::new(1 << 16, 1 << 16).init(&Device::flex());
/// let plan = Plan::new(42)
///     .rule(Select::weights(), VarianceScaling::he_normal())
///     .rule(Select::biases(), Constant::zeros());
/// let report = plan.dry_run(&layer)?;
/// assert_eq!(report.totals().bytes, 4 * ((1 << 32) + (1 << 16)));
/// let std = report.entries[0].expected.unwrap().std;
/// assert!((std - (2.0 / 65536f64).sqrt()).abs() < 1e-9);
/// println!("{report:80}");
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// A line for each parameter.
    pub entries: Vec<Entry>,
    /// The digest of the module, where the plan asks for it: that of all its parameters, also of masks.
    pub digest: Option<Digest>,
}

/// What a plan did to one parameter, or would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The parameter's path.
    pub path: String,
    /// Its shape, in the saved layout.
    pub shape: Vec<usize>,
    /// Which part of a larger weight it is, if it is one: fans, bounds, density and what is expected are
    /// those of the whole.
    pub region: Option<Region>,
    /// What each axis is; none for biases, normalizations and other vectors.
    pub axes: Vec<Axis>,
    /// How many inputs a neuron has; of a bias, a neuron of the weight that it stands beside.
    pub fan_in: Option<f64>,
    /// How many outputs an input has.
    pub fan_out: Option<f64>,
    /// The type of its elements.
    pub dtype: DType,
    /// Its size in memory.
    pub bytes: u64,
    /// What was done.
    pub action: Action,
    /// The mean and the standard deviation that its initializer aims at, if that is known.
    pub expected: Option<Expected>,
    /// How its elements depend on each other, if it was initialized.
    pub dependence: Option<Dependence>,
    /// Between which numbers all values lie, both included, if that is known.
    pub bounds: Option<(f32, f32)>,
    /// The share of its elements that are weights, on average over seeds: less than 1 where it is sparse.
    pub density: Option<f64>,
    /// How a sparse parameter connects inputs and outputs; known when it has its values.
    pub connectivity: Option<Connectivity>,
    /// What was assumed of it because neither Burn's layers nor the plan say it.
    pub assumed: Vec<String>,
    /// Which rules match it, but leave it to others because they don't fit, and why.
    pub unfit: Vec<String>,
    /// Whether it had values before.
    pub had_values: bool,
    /// The path of the parameter that it shares its values with, if that one comes first.
    pub tied_to: Option<String>,
    /// The digest of its values, where the plan asks for it.
    pub digest: Option<Digest>,
}

impl Entry {
    /// The number of its elements.
    pub fn elements(&self) -> u64 {
        let sizes = self.shape.iter().map(|size| *size as u64);
        sizes.fold(1, u64::saturating_mul)
    }

    /// What else is to be said of it: ties, assumptions, and whether there were values before.
    pub fn note(&self) -> Option<String> {
        let mut notes = Vec::new();
        notes.extend(self.tied_to.iter().map(|path| format!("tied to `{path}`")));
        notes.extend(self.region.iter().map(|region| format!("part {region}")));
        notes.extend(self.assumed.iter().cloned());
        notes.extend(self.unfit.iter().cloned());
        if self.had_values && matches!(self.action, Action::Initialized(_)) {
            notes.push("had values before".to_owned());
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

/// Sums over a report. A tied parameter counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// Parameters.
    pub parameters: usize,
    /// Their elements.
    pub elements: u64,
    /// Their size in memory.
    pub bytes: u64,
    /// Elements of those that were initialized.
    pub initialized: u64,
    /// Elements of those that were kept.
    pub kept: u64,
}

impl Report {
    /// How the sparse parameters connect their inputs and outputs.
    pub fn connectivity(&self) -> impl Iterator<Item = Connectivity> {
        self.entries.iter().filter_map(|entry| entry.connectivity)
    }

    /// Says what digests the parameters have.
    pub(super) fn add_digests(&mut self, digests: &Digests) {
        self.digest = Some(digests.total());
        for entry in &mut self.entries {
            entry.digest = digests.get(&entry.path);
        }
    }

    /// The entry of this path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }

    /// Sums over all parameters.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        let paths: HashSet<&str> = self
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect();
        let is_tied = |entry: &&Entry| {
            let tied_to = entry.tied_to.as_deref();
            tied_to.is_some_and(|path| paths.contains(path))
        };
        for entry in self.entries.iter().filter(|entry| !is_tied(entry)) {
            let elements = entry.elements();
            totals.parameters += 1;
            totals.elements = totals.elements.saturating_add(elements);
            totals.bytes = totals.bytes.saturating_add(entry.bytes);
            let part = match entry.action {
                Action::Initialized(_) => &mut totals.initialized,
                Action::Kept(_) | Action::Copied(_) => &mut totals.kept,
            };
            *part = part.saturating_add(elements);
        }
        totals
    }

    /// The whole report as a table in Markdown, with all columns.
    pub fn to_markdown(&self) -> String {
        table::markdown(self)
    }
}

/// What was done to a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// It was initialized, by this initializer.
    Initialized(String),
    /// It was kept as the module had it, for this reason.
    Kept(String),
    /// It got the values of the parameter at this path, which it is tied to.
    Copied(String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initialized(init) => write!(f, "{init}"),
            Self::Kept(reason) => write!(f, "kept: {reason}"),
            Self::Copied(path) => write!(f, "copied from `{path}`"),
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            parameters,
            elements,
            bytes,
            initialized,
            kept,
        } = *self;
        write!(
            f,
            "{parameters} parameters, {} elements, {}: {} initialized, {} kept",
            count(elements),
            size(bytes),
            count(initialized),
            count(kept)
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const COLUMNS: usize = 100;
        write!(f, "{}", table::text(self, f.width().unwrap_or(COLUMNS)))
    }
}
