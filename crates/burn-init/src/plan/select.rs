//! Which parameters a rule is for.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not, RangeBounds};

use burn::module::ParamGroup;
use burn_init_values::InitError;
use serde::{Deserialize, Serialize};

use super::pattern::{Expression, Glob, Pattern};
use crate::module::parameter::{Parameter, Role};

/// Which parameters a rule is for.
///
/// Selections combine by `&`, `|` and `!`. Running statistics never match. Scales and shifts of
/// normalizations, slopes of activations, and the factors of adapters only match where they are meant:
/// by their [`path`](Self::path), by their [`name`](Self::name), by a [`glob`](Self::glob) that ends with
/// their name, and the former by [`norms`](Self::norms).
///
/// ```
/// use burn_init::Select;
///
/// let queries = Select::glob("blocks.*.attention.{query,key}.weight");
/// let first_blocks = Select::weights_of("Linear") & Select::depth(0..4);
/// let rest = Select::weights() & !Select::within("MultiHeadAttention");
/// assert_eq!(first_blocks.to_string(), "weights of Linear & depth 0 to 3");
/// let last_scales = Select::glob("layers.*.norm2.gamma") | Select::path("norm.gamma");
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Select {
    /// The parameter at this path.
    Path(String),
    /// The parameters in this group of Burn's: by paths, parts of paths, regular expressions or
    /// ids.
    Group(#[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))] ParamGroup),
    /// All weights: those of Burn's layers, and parameters of other structs with two axes or more that
    /// are longer than 1.
    Weights,
    /// All weights that a struct of this name holds, such as `Linear`.
    WeightsOf(String),
    /// All biases.
    Biases,
    /// Scales and shifts of normalizations, and slopes of activations.
    Norms,
    /// The parameters whose path matches this glob.
    Glob(Pattern<Glob>),
    /// The parameters whose path matches this regular expression.
    Regex(Pattern<Expression>),
    /// The parameters of this name: the last part of their path.
    Name(String),
    /// All parameters inside of a struct of this name, however deep.
    Within(String),
    /// All parameters of this rank.
    Rank(usize),
    /// All parameters of this saved shape.
    Shape(Vec<usize>),
    /// All parameters at this depth: the first number in their path.
    Depth {
        /// The first depth.
        first: usize,
        /// The last depth; without it, however deep.
        #[serde(default)]
        last: Option<usize>,
    },
    /// The parameters that each of these matches.
    All(Vec<Select>),
    /// The parameters that one of these matches, at least.
    Any(Vec<Select>),
    /// The parameters that this doesn't match.
    Not(Box<Select>),
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

    /// Scales and shifts of normalizations, and slopes of activations.
    pub fn norms() -> Self {
        Self::Norms
    }

    /// The parameters whose whole path matches this glob.
    ///
    /// | in the glob | in the path |
    /// |---|---|
    /// | `*` | any text without a dot |
    /// | `?` | one character, but no dot |
    /// | `**` | any number of parts, or none |
    /// | `{query,key}` | `query` or `key` |
    ///
    /// A glob that isn't one, such as `{query`, is an error when the plan is applied.
    pub fn glob(glob: impl Into<String>) -> Self {
        Self::Glob(Pattern::new(glob.into()))
    }

    /// The parameters whose path matches this regular expression, somewhere if it has no `^` and `$`.
    ///
    /// An expression that isn't one is an error when the plan is applied.
    pub fn regex(expression: impl Into<String>) -> Self {
        Self::Regex(Pattern::new(expression.into()))
    }

    /// The parameters of this name, the last part of their path, such as `a_log` or `gamma`.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    /// All parameters inside of a struct of this name, however deep, such as `MultiHeadAttention`.
    pub fn within(container: impl Into<String>) -> Self {
        Self::Within(container.into())
    }

    /// All parameters of this rank.
    pub fn rank(rank: usize) -> Self {
        Self::Rank(rank)
    }

    /// All parameters of this saved shape.
    pub fn shape(shape: impl Into<Vec<usize>>) -> Self {
        Self::Shape(shape.into())
    }

    /// All parameters at these depths: the first number in their path, such as 3 in
    /// `blocks.3.query.weight`.
    pub fn depth(depths: impl RangeBounds<usize>) -> Self {
        use std::ops::Bound;
        let first = match depths.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let last = match depths.end_bound() {
            Bound::Included(last) => Some(*last),
            Bound::Excluded(0) => return Self::Any(Vec::new()),
            Bound::Excluded(end) => Some(end - 1),
            Bound::Unbounded => None,
        };
        Self::Depth { first, last }
    }

    /// Whether its patterns are patterns.
    pub(super) fn check(&self) -> Result<(), InitError> {
        match self {
            Self::Glob(glob) => glob.check(),
            Self::Regex(regex) => regex.check(),
            Self::All(parts) | Self::Any(parts) => parts.iter().try_for_each(Self::check),
            Self::Not(inner) => inner.check(),
            _ => Ok(()),
        }
    }

    pub(super) fn matches(&self, parameter: &Parameter) -> bool {
        self.fits(parameter)
            && match parameter.role {
                Role::Statistic => false,
                Role::Norm | Role::Reparameterization => self.means(parameter),
                Role::Weight | Role::Bias | Role::Other => true,
            }
    }

    /// Whether what it says is true of the parameter, whatever the parameter's role is.
    fn fits(&self, parameter: &Parameter) -> bool {
        let Parameter { path, role, .. } = parameter;
        match self {
            Self::Path(own) => own == path,
            Self::Group(group) => group.matches(&parameter.id, Some(path)),
            Self::Weights => *role == Role::Weight,
            Self::WeightsOf(container) => {
                *role == Role::Weight && container == parameter.container()
            }
            Self::Biases => *role == Role::Bias,
            Self::Norms => *role == Role::Norm,
            Self::Glob(glob) => glob.matches(path),
            Self::Regex(regex) => regex.matches(path),
            Self::Name(name) => path.rsplit('.').next() == Some(name),
            Self::Within(container) => parameter.containers.contains(container),
            Self::Rank(rank) => parameter.layout.shape().len() == *rank,
            Self::Shape(shape) => parameter.layout.shape() == shape,
            Self::Depth { first, last } => {
                let depth = path.split('.').find_map(|part| part.parse().ok());
                depth.is_some_and(|depth: usize| {
                    *first <= depth && last.is_none_or(|last| depth <= last)
                })
            }
            Self::All(parts) => parts.iter().all(|part| part.fits(parameter)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(parameter)),
            Self::Not(inner) => !inner.fits(parameter),
        }
    }

    /// Whether it names the parameter so that it must be meant, though it is usually kept.
    fn means(&self, parameter: &Parameter) -> bool {
        match self {
            Self::Path(_) | Self::Name(_) => true,
            Self::Norms => parameter.role == Role::Norm,
            Self::Glob(glob) => {
                let last = glob.as_str().rsplit('.').next().unwrap_or_default();
                !last.contains(['*', '?'])
            }
            Self::All(parts) => parts.iter().any(|part| part.means(parameter)),
            Self::Any(parts) => parts
                .iter()
                .any(|part| part.fits(parameter) && part.means(parameter)),
            _ => false,
        }
    }

    /// What stands for paths in it.
    pub(super) fn patterns(&self) -> Vec<String> {
        match self {
            Self::Path(path) => vec![path.clone()],
            Self::Glob(glob) => vec![glob.as_str().to_owned()],
            Self::Regex(regex) => vec![regex.as_str().to_owned()],
            Self::Name(name) => vec![name.clone()],
            // Burn's groups only tell it by their text, in quotes.
            Self::Group(group) => {
                let text = format!("{group:?}");
                let quoted = text.split('"').skip(1).step_by(2);
                quoted.map(str::to_owned).collect()
            }
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::patterns).collect(),
            _ => Vec::new(),
        }
    }
}

/// What both match.
impl BitAnd for Select {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::All(match self {
            Self::All(mut parts) => {
                parts.push(other);
                parts
            }
            one => vec![one, other],
        })
    }
}

/// What one of them matches, at least.
impl BitOr for Select {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::Any(match self {
            Self::Any(mut parts) => {
                parts.push(other);
                parts
            }
            one => vec![one, other],
        })
    }
}

/// What it doesn't match.
impl Not for Select {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// What a group matches, as its `Debug` text says it: Burn's groups don't tell it otherwise.
fn group_text(group: &ParamGroup) -> String {
    let text = format!("{group:?}");
    let text = text.strip_prefix("ParamGroup { matcher: ").unwrap_or(&text);
    let text = text.strip_suffix(", excludes: None }").unwrap_or(text);
    text.to_owned()
}

/// Selections are equal if they read alike: Burn's groups can't be compared otherwise.
impl PartialEq for Select {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], between: &str| {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    write!(f, " {between} ")?;
                }
                match part {
                    Self::All(_) | Self::Any(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Path(path) => write!(f, "path `{path}`"),
            Self::Group(group) => write!(f, "parameter group {}", group_text(group)),
            Self::Weights => write!(f, "weights"),
            Self::WeightsOf(container) => write!(f, "weights of {container}"),
            Self::Biases => write!(f, "biases"),
            Self::Norms => write!(f, "norms"),
            Self::Glob(glob) => write!(f, "glob `{}`", glob.as_str()),
            Self::Regex(regex) => write!(f, "regex `{}`", regex.as_str()),
            Self::Name(name) => write!(f, "name `{name}`"),
            Self::Within(container) => write!(f, "within {container}"),
            Self::Rank(rank) => write!(f, "rank {rank}"),
            Self::Shape(shape) => write!(f, "shape {shape:?}"),
            Self::Depth { first, last } => match last {
                None => write!(f, "depth {first} and deeper"),
                Some(last) if first == last => write!(f, "depth {first}"),
                Some(last) => write!(f, "depth {first} to {last}"),
            },
            Self::All(parts) if parts.is_empty() => write!(f, "all"),
            Self::Any(parts) if parts.is_empty() => write!(f, "none"),
            Self::All(parts) => joined(f, parts, "&"),
            Self::Any(parts) => joined(f, parts, "|"),
            Self::Not(inner) => match inner.as_ref() {
                Self::All(_) | Self::Any(_) => write!(f, "!({inner})"),
                _ => write!(f, "!{inner}"),
            },
        }
    }
}
