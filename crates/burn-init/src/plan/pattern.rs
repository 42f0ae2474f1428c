//! Patterns of paths.

use std::fmt;

use burn_init_values::InitError;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// A pattern that whole paths are held against: a glob or a regular expression. In files it is its text.
///
/// A text that is no pattern is an error when it's read from a file, or when its plan is applied.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(into = "String", try_from = "String")]
pub struct Pattern<K: Syntax> {
    text: String,
    /// What every path that it matches begins and ends with: most paths need no regular expression.
    ends: (String, String),
    compiled: Result<Regex, String>,
    syntax: std::marker::PhantomData<K>,
}

/// How a pattern is written.
pub trait Syntax: Clone + fmt::Debug {
    /// The setting's name in messages.
    const NAME: &'static str;

    /// The regular expression that says the same.
    fn regex(text: &str) -> String;

    /// What everything that it matches begins and ends with.
    fn ends(text: &str) -> (&str, &str);
}

/// The syntax of globs: see [`Select::glob`](super::Select::glob).
#[derive(Debug, Clone)]
pub struct Glob;

/// The syntax of the crate `regex`: see [`Select::regex`](super::Select::regex).
#[derive(Debug, Clone)]
pub struct Expression;

/// What isn't itself in a glob.
const SPECIAL: [char; 4] = ['*', '?', '{', '}'];

impl Syntax for Glob {
    const NAME: &'static str = "glob";

    fn regex(text: &str) -> String {
        let mut regex = String::from("^");
        // Braces that are open.
        let mut open = 0usize;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let next = &rest[c.len_utf8()..];
            let at_start = regex == "^" || regex.ends_with(r"\.");
            (regex, rest) = match c {
                // Any number of parts, each with its dot.
                '*' if at_start && next.starts_with("*.") => (regex + r"(?:[^.]+\.)*", &next[2..]),
                '*' if next.starts_with('*') => (regex + ".*", &next[1..]),
                '*' => (regex + "[^.]*", next),
                '?' => (regex + "[^.]", next),
                '{' => {
                    open += 1;
                    (regex + "(?:", next)
                }
                '}' => {
                    open = open.saturating_sub(1);
                    (regex + ")", next)
                }
                ',' if open > 0 => (regex + "|", next),
                c => (regex + &regex::escape(c.encode_utf8(&mut [0; 4])), next),
            };
        }
        regex + "$"
    }

    fn ends(text: &str) -> (&str, &str) {
        let start = text.find(SPECIAL).map_or(text, |end| &text[..end]);
        let end = match text.rfind(SPECIAL) {
            // `**.` stands for no part, too.
            Some(last) => text[last + 1..].trim_start_matches('.'),
            None => text,
        };
        (start, end)
    }
}

impl Syntax for Expression {
    const NAME: &'static str = "regex";

    fn regex(text: &str) -> String {
        text.to_owned()
    }

    fn ends(_: &str) -> (&str, &str) {
        ("", "")
    }
}

impl Pattern<Glob> {
    /// The whole parts that every path it matches begins with, and those that it ends with; empty where there
    /// are none.
    pub(super) fn parts(&self) -> (&str, &str) {
        let text = self.text.as_str();
        let (Some(first), Some(last)) = (text.find(SPECIAL), text.rfind(SPECIAL)) else {
            return (text, text);
        };
        let (start, end) = (&text[..first], &text[last + 1..]);
        (
            start.rfind('.').map_or("", |dot| &start[..dot]),
            end.find('.').map_or("", |dot| &end[dot + 1..]),
        )
    }
}

impl<K: Syntax> Pattern<K> {
    pub(super) fn new(text: String) -> Self {
        let compiled = Regex::new(&K::regex(&text)).map_err(|error| {
            // The last line says what is wrong; those before it show where.
            let text = error.to_string();
            let what = text.lines().last().unwrap_or_default();
            what.trim_start_matches("error: ").to_owned()
        });
        let (start, end) = K::ends(&text);
        Self {
            ends: (start.to_owned(), end.to_owned()),
            text,
            compiled,
            syntax: std::marker::PhantomData,
        }
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let (start, end) = &self.ends;
        let may = path.starts_with(start.as_str()) && path.ends_with(end.as_str());
        may && self
            .compiled
            .as_ref()
            .is_ok_and(|regex| regex.is_match(path))
    }

    pub(super) fn check(&self) -> Result<(), InitError> {
        let error = |problem: &String| {
            let expected = format!("a pattern ({problem})");
            InitError::setting("Select", K::NAME, format!("`{}`", self.text), expected)
        };
        self.compiled.as_ref().map(drop).map_err(error)
    }
}

impl<K: Syntax> From<Pattern<K>> for String {
    fn from(pattern: Pattern<K>) -> Self {
        pattern.text
    }
}

impl<K: Syntax> TryFrom<String> for Pattern<K> {
    type Error = InitError;

    fn try_from(text: String) -> Result<Self, InitError> {
        let pattern = Self::new(text);
        pattern.check()?;
        Ok(pattern)
    }
}

/// Patterns are equal if they are written alike.
impl<K: Syntax> PartialEq for Pattern<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K: Syntax> fmt::Debug for Pattern<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", K::NAME, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        // Pattern, what it matches, and what it doesn't.
        let cases: [(&str, &[&str], &[&str]); 11] = [
            (
                "fc1.weight",
                &["fc1.weight"],
                &["fc1.weights", "fc1_weight", "a.fc1.weight"],
            ),
            (
                "blocks.*.weight",
                &["blocks.0.weight", "blocks.12.weight"],
                &["blocks.0.query.weight", "blocks.weight"],
            ),
            (
                "blocks.**.weight",
                &["blocks.0.weight", "blocks.0.a.b.weight", "blocks.weight"],
                &["blocks.0.bias", "blocks.0.preweight"],
            ),
            (
                "**.weight",
                &["weight", "a.weight", "a.b.weight"],
                &["a.bias"],
            ),
            ("blocks.**", &["blocks.0", "blocks.0.weight"], &["block.0"]),
            ("**", &["", "a", "a.b"], &[]),
            (
                "fc?.weight",
                &["fc1.weight"],
                &["fc.weight", "fc10.weight", "fc..weight"],
            ),
            (
                "*.{query,key}.weight",
                &["0.query.weight", "0.key.weight"],
                &["0.value.weight"],
            ),
            ("{a,{b,c}x,d}", &["a", "bx", "cx", "d"], &["b", "{a", "dx"]),
            ("a,b+", &["a,b+"], &["a", "b"]),
            ("conv*.w", &["conv.w", "conv1.w"], &["conv.1.w"]),
        ];
        for (glob, yes, no) in cases {
            let pattern = Pattern::<Glob>::new(glob.to_owned());
            pattern.check().unwrap();
            let (start, end) = pattern.parts();
            for path in yes {
                assert!(pattern.matches(path), "{glob} {path}");
                let begins =
                    start.is_empty() || format!("{path}.").starts_with(&format!("{start}."));
                let ends = end.is_empty() || format!(".{path}").ends_with(&format!(".{end}"));
                assert!(begins && ends, "{glob} {path}");
            }
            for path in no {
                assert!(!pattern.matches(path), "{glob} {path}");
            }
        }
        for (glob, start, end) in [
            ("layers.7.*", "layers.7", ""),
            ("**.7.weight", "", "7.weight"),
            ("a.b*.c", "a", "c"),
            ("a.*b.c", "a", "c"),
            ("a*", "", ""),
            ("a.b", "a.b", "a.b"),
        ] {
            assert_eq!(Pattern::<Glob>::new(glob.to_owned()).parts(), (start, end));
        }
        for glob in ["{a,b", "a}", "{a,{b,c}"] {
            let error = Pattern::<Glob>::new(glob.to_owned()).check().unwrap_err();
            assert!(error.to_string().contains(glob), "{error}");
        }
    }
}
