//! Which parameters a rule is for.

use std::fmt;

use burn::module::ParamGroup;
use serde::{Deserialize, Serialize};

use crate::module::parameter::{Parameter, Role};

/// Which parameters a rule is for.
///
/// Scales and shifts of normalizations, and slopes of activations, only match their own
/// [`path`](Self::path); running statistics never match.
///
/// ```
/// use burn::module::ParamGroup;
/// use burn_init::Select;
///
/// let queries = ParamGroup::from_regex(r"^blocks\.\d+\.query\.weight$").unwrap();
/// assert_eq!(Select::weights_of("Conv2d").to_string(), "weights of Conv2d");
/// let select = Select::group(queries);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Select {
    /// The parameter at this path.
    Path(String),
    /// The parameters in this group of Burn's: by paths, parts of paths, regular expressions or
    /// ids.
    Group(ParamGroup),
    /// All weights: those of Burn's layers, and parameters of other structs with two axes or more that
    /// are longer than 1.
    Weights,
    /// All weights that a struct of this name holds, such as `Linear`.
    WeightsOf(String),
    /// All biases.
    Biases,
}

impl Select {
    /// The parameter at this path, such as `fc1.weight`.
    pub fn path(path: impl Into<String>) -> Self {
        Self::Path(path.into())
    }

    /// The parameters in this group of Burn's: by paths, parts of paths, regular expressions or
    /// ids.
    pub fn group(group: ParamGroup) -> Self {
        Self::Group(group)
    }

    /// All weights: those of Burn's layers, and parameters of other structs with two axes or more that
    /// are longer than 1.
    pub fn weights() -> Self {
        Self::Weights
    }

    /// All weights that a struct of this name holds, such as `Linear`, `Conv2d`, `ConvTranspose2d`
    /// or `Embedding`.
    pub fn weights_of(container: impl Into<String>) -> Self {
        Self::WeightsOf(container.into())
    }

    /// All biases.
    pub fn biases() -> Self {
        Self::Biases
    }

    pub(super) fn matches(&self, parameter: &Parameter) -> bool {
        match parameter.role {
            Role::Statistic | Role::Reparameterization => return false,
            Role::Norm if !matches!(self, Self::Path(_)) => return false,
            _ => {}
        }
        match self {
            Self::Path(path) => *path == parameter.path,
            Self::Group(group) => group.matches(&parameter.id, Some(&parameter.path)),
            Self::Weights => parameter.role == Role::Weight,
            Self::WeightsOf(container) => {
                parameter.role == Role::Weight && *container == parameter.container
            }
            Self::Biases => parameter.role == Role::Bias,
        }
    }
}

/// What a group matches, as its `Debug` text says it: Burn's groups don't tell it otherwise.
fn pattern(group: &ParamGroup) -> String {
    let text = format!("{group:?}");
    let text = text.strip_prefix("ParamGroup { matcher: ").unwrap_or(&text);
    let text = text.strip_suffix(", excludes: None }").unwrap_or(text);
    text.to_owned()
}

/// Groups are equal if they read alike: Burn's can't be compared.
impl PartialEq for Select {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Path(a), Self::Path(b)) | (Self::WeightsOf(a), Self::WeightsOf(b)) => a == b,
            (Self::Group(a), Self::Group(b)) => format!("{a:?}") == format!("{b:?}"),
            (Self::Weights, Self::Weights) | (Self::Biases, Self::Biases) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "path `{path}`"),
            Self::Group(group) => write!(f, "parameter group {}", pattern(group)),
            Self::Weights => write!(f, "weights"),
            Self::WeightsOf(container) => write!(f, "weights of {container}"),
            Self::Biases => write!(f, "biases"),
        }
    }
}
