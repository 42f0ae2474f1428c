//! How many levels a transform has.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Boundary;
use super::family::Family;
use crate::error::InitError;

/// How many levels a transform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Levels {
    /// As many as are useful: for Haar all, for other families as long as the length is at least the
    /// filter's, and even or with [filters at its ends](super::Boundary::Filters), but at least
    /// one.
    #[default]
    Useful,
    /// As many as the length allows: ⌈log₂ n⌉ for Haar and with [filters at the
    /// ends](super::Boundary::Filters), else as often as 2 divides it. Filters that are longer than
    /// what is left of a periodic signal wrap around it.
    Full,
    /// This many.
    Exactly(usize),
}

/// What a binary file holds.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Tagged {
    Useful,
    Full,
    Exactly(usize),
}

/// In text, `"useful"`, `"full"` or a number.
impl Serialize for Levels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_text = serializer.is_human_readable();
        match self {
            Self::Useful if is_text => serializer.serialize_str(USEFUL),
            Self::Full if is_text => serializer.serialize_str(FULL),
            Self::Exactly(levels) if is_text => levels.serialize(serializer),
            Self::Useful => Tagged::Useful.serialize(serializer),
            Self::Full => Tagged::Full.serialize(serializer),
            Self::Exactly(levels) => Tagged::Exactly(*levels).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Text);
        }
        Ok(match Tagged::deserialize(deserializer)? {
            Tagged::Useful => Self::Useful,
            Tagged::Full => Self::Full,
            Tagged::Exactly(levels) => Self::Exactly(levels),
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Levels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Levels".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "How many levels a transform has.",
            "anyOf": [
                { "enum": [USEFUL, FULL] },
                { "type": "integer", "minimum": 0 },
            ],
        })
    }
}

const USEFUL: &str = "useful";
const FULL: &str = "full";

/// Reads levels from text.
struct Text;

impl Visitor<'_> for Text {
    type Value = Levels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{USEFUL}\", \"{FULL}\" or a number of levels")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Levels, E> {
        match text {
            USEFUL => Ok(Levels::Useful),
            FULL => Ok(Levels::Full),
            other => Err(E::unknown_variant(other, &[USEFUL, FULL])),
        }
    }

    fn visit_u64<E: de::Error>(self, levels: u64) -> Result<Levels, E> {
        let levels = usize::try_from(levels);
        levels
            .map(Levels::Exactly)
            .map_err(|_| E::custom("too many levels"))
    }

    fn visit_i64<E: de::Error>(self, levels: i64) -> Result<Levels, E> {
        let levels = usize::try_from(levels);
        levels
            .map(Levels::Exactly)
            .map_err(|_| E::custom("levels are 0 or more"))
    }
}

impl fmt::Display for Levels {
    /// What an initializer says of it after its family; nothing where it's the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Useful => Ok(()),
            Self::Full => write!(f, ", all levels"),
            Self::Exactly(levels) => write!(f, ", {levels} levels"),
        }
    }
}

impl From<usize> for Levels {
    fn from(levels: usize) -> Self {
        Self::Exactly(levels)
    }
}

/// ⌈log₂ n⌉, and 0 for n = 0.
pub(super) fn halvings(n: usize) -> usize {
    (usize::BITS - n.saturating_sub(1).leading_zeros()) as usize
}

/// Whether there is a level for each length, down to a single point.
fn has_all(family: Family, boundary: Boundary) -> bool {
    family == Family::HAAR || boundary == Boundary::Filters
}

pub(super) fn useful_levels(family: Family, boundary: Boundary, shape: &[usize]) -> usize {
    if family == Family::HAAR || shape.contains(&0) {
        return allowed_levels(family, boundary, shape);
    }
    if boundary == Boundary::Filters {
        let useful = |mut n: usize| {
            let mut levels = 0;
            while n >= family.filter_len() {
                n = n.div_ceil(2);
                levels += 1;
            }
            levels.max(1)
        };
        let longer = shape.iter().filter(|n| **n > 1);
        return longer.map(|n| useful(*n)).min().unwrap_or(0);
    }
    let useful = |n: usize| {
        let mut levels = 0;
        while (n >> levels).is_multiple_of(2) && n >> levels >= family.filter_len() {
            levels += 1;
        }
        levels.max(1)
    };
    shape.iter().map(|n| useful(*n)).min().unwrap_or(0)
}

/// The most levels that there are.
pub(super) fn allowed_levels(family: Family, boundary: Boundary, shape: &[usize]) -> usize {
    if shape.contains(&0) {
        0
    } else if has_all(family, boundary) {
        shape.iter().map(|n| halvings(*n)).max().unwrap_or(0)
    } else {
        shape
            .iter()
            .map(|n| n.trailing_zeros() as usize)
            .min()
            .unwrap_or(0)
    }
}

pub(super) fn check_levels(
    family: Family,
    boundary: Boundary,
    shape: &[usize],
    levels: usize,
) -> Result<(), InitError> {
    if !family.is_orthogonal() && boundary == Boundary::Filters {
        family.check_orthogonal("Wavelet", "for boundary filters")?;
    }
    let allowed = allowed_levels(family, boundary, shape);
    if levels <= allowed {
        return Ok(());
    }
    let mut expected = format!("at most {allowed} for {family} on {shape:?}");
    let with_filters = allowed_levels(family, Boundary::Filters, shape);
    if with_filters > allowed && family.is_orthogonal() {
        expected += &format!(", or {with_filters} with Boundary::Filters");
    }
    if allowed == 0 && !shape.contains(&0) {
        expected += "; haar exists for every length";
    }
    Err(InitError::setting("Wavelet", "levels", levels, expected))
}
