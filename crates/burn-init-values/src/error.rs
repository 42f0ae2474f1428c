//! The one error, and checks of numbers.

use std::fmt::Display;

/// Why a parameter or a model could not be initialized.
///
/// Checks run before any value is written, so that a failed call has left a model as it was. A message
/// says what was given, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A setting of an initializer is outside of its range.
    #[error("{initializer}: {setting} is {given}; it must be {expected}")]
    Setting {
        /// The initializer, as its type is called.
        initializer: &'static str,
        /// The setting, as its method or field is called.
        setting: &'static str,
        /// What was given.
        given: String,
        /// What would be right.
        expected: String,
    },

    /// A shape doesn't fit an initializer, or doesn't fit into memory.
    #[error("shape {shape:?}: {problem}")]
    Shape {
        /// The parameter's shape, in its saved layout.
        shape: Vec<usize>,
        /// What is wrong with it and what would be right.
        problem: String,
    },

    /// A parameter is in a state that it can't be initialized in.
    #[error("{0}")]
    Unsupported(String),

    /// Another error, at a named parameter.
    #[error("parameter {}{shape:?}: {source}", quoted(.path))]
    Parameter {
        /// The parameter's path in its module, such as `fc1.weight`; empty for a parameter on its own.
        path: String,
        /// Its shape, in its saved layout.
        shape: Vec<usize>,
        /// What went wrong.
        source: Box<InitError>,
    },

    /// A rule of a plan names a path that the module doesn't have.
    #[error("rule {rule} names `{path}`, which the module doesn't have{}", did_you_mean(.nearest))]
    UnknownPath {
        /// The rule's number, counted from 1.
        rule: usize,
        /// The path that it names.
        path: String,
        /// The paths of the module that are spelled most like it, nearest first.
        nearest: Vec<String>,
    },

    /// A rule of a plan is never used.
    #[error("rule {rule} ({select}) is never used: {reason}")]
    UnusedRule {
        /// The rule's number, counted from 1.
        rule: usize,
        /// What it selects.
        select: String,
        /// Whether it matches nothing, or only what earlier rules take.
        reason: String,
    },

    /// Parameters that no rule of a plan matches.
    #[error(
        "no rule matches {}; add a rule for each, or `.keep(..)` to leave it as the module has it",
        .paths.join(", ")
    )]
    NoRule {
        /// Path and shape of every such parameter.
        paths: Vec<String>,
    },

    /// A strict plan would have to assume something of a layout.
    #[error(
        "a strict plan assumes nothing, but {}; say it by the rule: `axes`, `groups`, `strides`",
        .assumptions.join(", ")
    )]
    Assumed {
        /// Each path, and what would be assumed of the parameter.
        assumptions: Vec<String>,
    },

    /// A list of paths names one that the module doesn't have.
    #[error("the list of missing parameters names `{path}`, which the module doesn't have{}", did_you_mean(.nearest))]
    UnknownMissing {
        /// The path that it names.
        path: String,
        /// The paths of the module that are spelled most like it, nearest first.
        nearest: Vec<String>,
    },

    /// A file can't be read or written, or doesn't hold what it should.
    #[error("{file}{}: {problem}", place(*.line_and_column))]
    File {
        /// The file, or the format of a text.
        file: String,
        /// Where the mistake is, counted from 1.
        line_and_column: Option<(usize, usize)>,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// A place in a file, as it stands in a message.
fn place(line_and_column: Option<(usize, usize)>) -> String {
    line_and_column.map_or(String::new(), |(line, column)| {
        format!(", line {line}, column {column}")
    })
}

/// The path as it stands in a message.
fn quoted(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!("`{path}` "),
    }
}

fn did_you_mean(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; did you mean `{}`?", names.join("` or `")),
    }
}

impl InitError {
    /// A setting that is outside of its range: whose and which it is, what was given, and what would be
    /// right ("it must be …").
    pub fn setting(
        initializer: &'static str,
        setting: &'static str,
        given: impl Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::Setting {
            initializer,
            setting,
            given: given.to_string(),
            expected: expected.into(),
        }
    }

    /// A shape that something is wrong with, in a short sentence.
    pub fn shape(shape: &[usize], problem: impl Into<String>) -> Self {
        Self::Shape {
            shape: shape.to_vec(),
            problem: problem.into(),
        }
    }

    /// Names the parameter that the error is about.
    pub fn at(self, path: &str, shape: &[usize]) -> Self {
        Self::Parameter {
            path: path.to_owned(),
            shape: shape.to_vec(),
            source: Box::new(self),
        }
    }
}

/// `value` as the f32 that weights are made of, if it is finite in f32, too.
pub(crate) fn finite(
    initializer: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f32, InitError> {
    let narrow = value as f32;
    if narrow.is_finite() {
        Ok(narrow)
    } else {
        Err(InitError::setting(
            initializer,
            setting,
            value,
            "a finite number within the range of f32",
        ))
    }
}

/// As [`finite`], and not below zero.
pub(crate) fn non_negative(
    initializer: &'static str,
    setting: &'static str,
    value: f64,
) -> Result<f32, InitError> {
    if value < 0.0 || value.is_nan() {
        return Err(InitError::setting(
            initializer,
            setting,
            value,
            "a finite number, 0 or greater",
        ));
    }
    finite(initializer, setting, value)
}

/// The smallest f32 that isn't below `value`.
pub(crate) fn round_up(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) < value {
        nearest.next_up()
    } else {
        nearest
    }
}

/// Writes a number that may be left out. What isn't finite is an error: formats that have no infinity
/// would leave it out.
pub(crate) fn serialize_number<S: serde::Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) if !number.is_finite() => {
            let problem = format!("{number} can't be written to a file; it must be finite");
            Err(serde::ser::Error::custom(problem))
        }
        number => serde::Serialize::serialize(number, serializer),
    }
}
