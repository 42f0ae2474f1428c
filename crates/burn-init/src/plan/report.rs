//! What a plan did.

use std::fmt;

use burn_init_values::sparse::Connectivity;
use serde::Serialize;

/// A module that a plan has initialized, and the report.
#[derive(Debug, Clone)]
pub struct Applied<M> {
    /// The module.
    pub model: M,
    /// What happened to each of its parameters.
    pub report: Report,
}

/// What a plan did to each parameter, in the order of the module. It displays as a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// A line for each parameter.
    pub entries: Vec<Entry>,
}

/// What a plan did to one parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The parameter's path.
    pub path: String,
    /// Its shape, in the saved layout.
    pub shape: Vec<usize>,
    /// What was done.
    pub action: Action,
    /// What was assumed because no rule said it, and whether there were values before.
    pub note: Option<String>,
    /// How a sparse parameter connects inputs and outputs.
    pub connectivity: Option<Connectivity>,
}

impl Report {
    /// How the sparse parameters connect their inputs and outputs.
    pub fn connectivity(&self) -> impl Iterator<Item = Connectivity> {
        self.entries.iter().filter_map(|entry| entry.connectivity)
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
