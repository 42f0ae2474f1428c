//! Plans and initializers as files: TOML (with the feature `toml`) and JSON.
//!
//! ```toml
//! seed = 42
//!
//! [[rules]]
//! select.path = "fc1.weight"
//! init.wavelet = { family = "haar", grid = [10, 10] }
//!
//! [[rules]]
//! select = { all = ["weights", { not = { within = "MultiHeadAttention" } }] }
//! init.sparse = { pattern.per_output.exact = 8, pinned = true }
//!
//! [[rules]]
//! select = "biases"
//! init.constant.value = 0.0
//! optional = true
//!
//! [[rules]]
//! select.glob = "**.position_embedding"
//! keep = true
//! ```
//!
//! A whole model as a reference library has it is one line, and rules before it say what is to be otherwise:
//!
//! ```toml
//! seed = 42
//! preset.gpt2.layers = 12
//!
//! [[rules]]
//! select.glob = "**.position_embedding.weight"
//! init.normal = { mean = 0.0, std = 0.01 }
//! ```
//!
//! A plan has the keys `seed`, `rules`, a [`preset`](crate::plan::presets) or both, and if they are needed `prefix`, `strict`, `meanings`, `shards`,
//! `ids_from_paths`, `report_digests` and `make_on`: what [`Plan`](crate::Plan)'s methods set. A rule has `select`, which says what [`Select`](crate::Select)'s methods say;
//! `init`, an initializer by its [name](crate::AnyInitializer::NAMES), or `keep = true`; and if they are needed
//! `optional`, `where_it_fits`, `keep_values`, `groups`, `depthwise`, `strides` and `axes`, as [`Rule`](crate::plan::Rule)'s methods. A key that
//! doesn't exist is an error. An initializer's keys are its public fields.
//!
//! ```
//! use burn_init::{Plan, files};
//!
//! let text = r#"{ "seed": 1, "rules": [{ "select": "weights", "init": { "wavlet": {} } }] }"#;
//! let error = files::from_json::<Plan>(text).unwrap_err().to_string();
//! assert!(error.starts_with("JSON, line 1, column "));
//! assert!(error.contains("unknown name `wavlet`; did you mean `wavelet`?"));
//! # Ok::<(), burn_init::InitError>(())
//! ```
//!
//! Plans are serde, and so they stand in other configurations, too: as a field of a struct with Burn's
//! `#[derive(Config)]`, for instance.

use std::path::Path;

use burn_init_values::InitError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a plan, an initializer or other settings from a file: `.toml` with the feature `toml`, or `.json`.
///
/// ```no_run
/// use burn_init::{AnyInitializer, Plan, files};
///
/// let plan: Plan = files::load("plan.json")?;
/// let init: AnyInitializer = files::load("wavelet.json")?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
///
/// # Errors
///
/// If the file can't be read, its name has another ending, or it doesn't hold what it should: where the mistake
/// is, and what would be right.
pub fn load<T: DeserializeOwned>(file: impl AsRef<Path>) -> Result<T, InitError> {
    let file = file.as_ref();
    let format = Format::of(file)?;
    let text = std::fs::read_to_string(file).map_err(|error| problem(file, &error))?;
    format.read(&text, &file.display().to_string())
}

/// Writes a plan, an initializer or other settings to a file: `.toml` with the feature `toml`, or `.json`.
///
/// # Errors
///
/// If the file can't be written, its name has another ending, or a user's own initializer has no name in files.
pub fn save(value: &impl Serialize, file: impl AsRef<Path>) -> Result<(), InitError> {
    let file = file.as_ref();
    let text = Format::of(file)?.write(value, &file.display().to_string())?;
    std::fs::write(file, text).map_err(|error| problem(file, &error))
}

/// Reads a plan, an initializer or other settings from JSON.
///
/// # Errors
///
/// If the text doesn't hold what it should: where the mistake is, and what would be right.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, InitError> {
    Format::Json.read(text, "JSON")
}

/// Reads a plan, an initializer or other settings from TOML.
///
/// # Errors
///
/// As [`from_json`].
#[cfg(feature = "toml")]
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, InitError> {
    Format::Toml.read(text, "TOML")
}

/// The JSON schema of a plan's file: editors complete and check by it. The repository has it as
/// `docs/plan.schema.json`.
///
/// A JSON file can name it as its `$schema`; a TOML file in a line `#:schema plan.schema.json`.
#[cfg(feature = "schema")]
pub fn plan_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(crate::Plan).to_value();
    shorten(&mut schema);
    schema
}

/// Leaves the first paragraph of each description.
#[cfg(feature = "schema")]
fn shorten(value: &mut serde_json::Value) {
    use serde_json::Value;

    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
            Value::String(text) if key == "description" => {
                let first = text.split("\n\n").next().unwrap_or_default();
                *text = first.replace('\n', " ");
            }
            value => shorten(value),
        }),
        Value::Array(values) => values.iter_mut().for_each(shorten),
        _ => {}
    }
}

/// A format of files.
enum Format {
    Json,
    #[cfg(feature = "toml")]
    Toml,
}

impl Format {
    /// By the end of a file's name.
    fn of(file: &Path) -> Result<Self, InitError> {
        let ending = file.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Ok(Self::Json),
            #[cfg(feature = "toml")]
            Some("toml") => Ok(Self::Toml),
            #[cfg(not(feature = "toml"))]
            Some("toml") => Err(problem(file, &"TOML needs burn-init's feature `toml`")),
            _ => Err(problem(file, &"a file's name must end with .toml or .json")),
        }
    }

    fn read<T: DeserializeOwned>(&self, text: &str, name: &str) -> Result<T, InitError> {
        let (message, line_and_column) = match self {
            Self::Json => match serde_json::from_str(text) {
                Ok(value) => return Ok(value),
                Err(error) => {
                    let place = (error.line(), error.column());
                    let message = error.to_string();
                    let end = format!(" at line {} column {}", place.0, place.1);
                    let message = message.strip_suffix(&end).unwrap_or(&message).to_owned();
                    (message, Some(place))
                }
            },
            #[cfg(feature = "toml")]
            Self::Toml => match toml::from_str(text) {
                Ok(value) => return Ok(value),
                Err(error) => {
                    let place = error.span().map(|span| line_and_column(text, span.start));
                    (error.message().to_owned(), place)
                }
            },
        };
        Err(InitError::File {
            file: name.to_owned(),
            line_and_column,
            problem: with_a_way_out(&message),
        })
    }

    fn write(&self, value: &impl Serialize, name: &str) -> Result<String, InitError> {
        let text = match self {
            Self::Json => serde_json::to_string_pretty(value)
                .map(|text| text + "\n")
                .map_err(|error| error.to_string()),
            #[cfg(feature = "toml")]
            Self::Toml => toml::to_string(value).map_err(|error| error.to_string()),
        };
        text.map_err(|problem| InitError::File {
            file: name.to_owned(),
            line_and_column: None,
            problem,
        })
    }
}

fn problem(file: &Path, problem: &dyn std::fmt::Display) -> InitError {
    InitError::File {
        file: file.display().to_string(),
        line_and_column: None,
        problem: problem.to_string(),
    }
}

/// The line and the column of a byte, counted from 1.
#[cfg(feature = "toml")]
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// serde's message in words of files, and of a name that isn't one of some, with the nearest of these
/// first.
///
/// It reads "unknown field `x`, expected one of `a`, `b`" or "… expected `a` or `b`".
fn with_a_way_out(message: &str) -> String {
    let plain = [
        ("unknown field `", "unknown key `"),
        ("unknown variant `", "unknown name `"),
        (
            "invalid type: unit variant, expected newtype variant",
            "a value is missing: this name needs one",
        ),
        (
            "wanted exactly 1 element, more than 1 element",
            "only one name can stand here",
        ),
    ];
    let message = plain.iter().fold(message.to_owned(), |text, (from, to)| {
        text.replace(from, to)
    });
    let Some((wrong, expected)) = message.split_once(", expected ") else {
        return message;
    };
    let is_name = wrong.starts_with("unknown ");
    let given = wrong.split('`').nth(1).unwrap_or_default();
    let allowed: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    if !is_name || allowed.is_empty() {
        return message;
    }
    let distance = |name: &&&str| strsim::damerau_levenshtein(given, name);
    let nearest = allowed.iter().min_by_key(distance);
    let nearest = nearest.filter(|name| distance(name) <= name.len().max(given.len()) / 2);
    let names = allowed.join("`, `");
    match nearest {
        Some(nearest) => format!("{wrong}; did you mean `{nearest}`? Allowed: `{names}`"),
        None => format!("{wrong}; allowed: `{names}`"),
    }
}
