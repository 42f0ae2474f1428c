//! What a plan did.

use std::fmt;

use super::apply::{Connectivities, Decision, Hints};
use super::survey::Parameter;
use crate::sparse::Connectivity;

/// A module that a plan has initialized, and the report.
#[derive(Debug, Clone)]
pub struct Applied<M> {
    /// The module.
    pub model: M,
    /// What happened to each of its parameters.
    pub report: Report,
}

/// What a plan did to each parameter, in the order of the module. It displays as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A line for each parameter.
    pub entries: Vec<Entry>,
}

/// What a plan did to one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The parameter's path.
    pub path: String,
    /// Its shape, in the saved layout.
    pub shape: Vec<usize>,
    /// What was done.
    pub action: Action,
    /// What was assumed, because no rule said it.
    pub note: Option<String>,
    /// Of a sparse parameter, how it connects inputs and outputs.
    pub connectivity: Option<Connectivity>,
}

impl Report {
    /// What these decisions did to these parameters.
    pub(super) fn of(
        parameters: &[Parameter],
        decisions: &[Decision<'_>],
        mut connectivity: Connectivities,
    ) -> Self {
        let entry = |(parameter, decision): (&Parameter, &Decision<'_>)| {
            let (action, note) = match decision {
                Decision::Keep(reason) => (Action::Kept((*reason).to_owned()), None),
                Decision::Init { init, hints } => {
                    let action = Action::Initialized(init.get().to_string());
                    (action, assumed(parameter, hints))
                }
            };
            Entry {
                path: parameter.path.clone(),
                shape: parameter.layout.shape().to_vec(),
                action,
                note,
                connectivity: connectivity.remove(&parameter.path),
            }
        };
        let entries = parameters.iter().zip(decisions).map(entry).collect();
        Self { entries }
    }

    /// How the sparse parameters connect their inputs and outputs.
    pub fn connectivity(&self) -> impl Iterator<Item = Connectivity> {
        self.entries.iter().filter_map(|entry| entry.connectivity)
    }
}

/// What was done to a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It was initialized, by this initializer.
    Initialized(String),
    /// It was kept as the module had it, for this reason.
    Kept(String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initialized(init) => write!(f, "{init}"),
            Self::Kept(reason) => write!(f, "kept: {reason}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shapes: Vec<String> = self
            .entries
            .iter()
            .map(|e| format!("{:?}", e.shape))
            .collect();
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let path_width = width(&mut self.entries.iter().map(|e| e.path.chars().count()));
        let shape_width = width(&mut shapes.iter().map(String::len));
        for (i, (entry, shape)) in self.entries.iter().zip(&shapes).enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            let (path, action) = (&entry.path, &entry.action);
            write!(f, "{path:path_width$}  {shape:>shape_width$}  {action}")?;
            if let Some(connectivity) = &entry.connectivity {
                let density = connectivity.density();
                write!(f, "; density {density:.6}, {connectivity}")?;
            }
            if let Some(note) = &entry.note {
                write!(f, " ({note})")?;
            }
        }
        let sparse: Vec<Connectivity> = self.connectivity().collect();
        if sparse.len() > 1 {
            let kept: usize = sparse.iter().map(|c| c.kept).sum();
            let weights: usize = sparse.iter().map(|c| c.weights).sum();
            let density = kept as f64 / weights.max(1) as f64;
            write!(
                f,
                "\nall sparse parameters: {kept} of {weights} weights, density {density:.6}"
            )?;
        }
        Ok(())
    }
}

/// What the fans were computed with because no rule said otherwise.
fn assumed(parameter: &Parameter, hints: &Hints) -> Option<String> {
    let layout = hints.apply(&parameter.layout);
    if !layout.has_kernel() {
        return None;
    }
    let mut assumed = Vec::new();
    if parameter.guessed && hints.axes.is_none() {
        assumed.push("a convolution's axes");
    }
    if hints.groups.is_none() {
        assumed.push("groups 1");
    }
    if hints.strides.is_none() && layout.is_transposed_conv() {
        assumed.push("stride 1");
    }
    (!assumed.is_empty()).then(|| format!("{} assumed", assumed.join(" and ")))
}
