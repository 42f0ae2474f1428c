//! A chapter, and the places in it for tables: between `<!-- begin: NAME -->` and
//! `<!-- end: NAME -->`.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Why a chapter can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted, as in "cannot write".
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// It has no place for a table.
    #[error(
        "{} must have the lines <!-- begin: {table} --> and <!-- end: {table} -->, once each and in this order",
        path.display()
    )]
    NoPlace {
        /// The table's name.
        table: &'static str,
        /// The chapter.
        path: PathBuf,
    },
}

/// The text of a chapter.
#[derive(Debug)]
pub struct Chapter {
    path: PathBuf,
    text: String,
}

impl Chapter {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Writes it back.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn write(&self) -> Result<(), Error> {
        std::fs::write(&self.path, &self.text).map_err(|source| Error::Io {
            action: "write",
            path: self.path.clone(),
            source,
        })
    }

    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is the table that stands in its place.
    ///
    /// # Errors
    ///
    /// If it has no place.
    pub fn has(&self, table: &'static str, markdown: &str) -> Result<bool, Error> {
        Ok(self.text[self.place(table)?] == text(markdown))
    }

    /// Fails unless each of these tables has its place.
    ///
    /// # Errors
    ///
    /// If one has none.
    pub fn check_places(&self, tables: &[&'static str]) -> Result<(), Error> {
        tables
            .iter()
            .try_for_each(|table| self.place(table).map(drop))
    }

    /// Puts a table into its place.
    ///
    /// # Errors
    ///
    /// If it has no place.
    pub fn replace(&mut self, table: &'static str, markdown: &str) -> Result<(), Error> {
        let place = self.place(table)?;
        self.text.replace_range(place, &text(markdown));
        Ok(())
    }

    /// What stands between a table's marks.
    fn place(&self, table: &'static str) -> Result<Range<usize>, Error> {
        let only = |mark: &str| match self.text.matches(mark).count() {
            1 => self.text.find(mark),
            _ => None,
        };
        let begin = format!("<!-- begin: {table} -->");
        let end = only(&format!("<!-- end: {table} -->"));
        match (only(&begin).map(|at| at + begin.len()), end) {
            (Some(begin), Some(end)) if begin <= end => Ok(begin..end),
            _ => Err(Error::NoPlace {
                table,
                path: self.path.clone(),
            }),
        }
    }
}

/// A table as it stands between its marks: with an empty line before and after it, since a comment
/// begins a block of HTML.
fn text(markdown: &str) -> String {
    format!("\n\n{markdown}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_their_places() {
        let chapter = |text: &str| Chapter {
            path: PathBuf::from("wavelets.md"),
            text: text.to_owned(),
        };
        let mut given = chapter("before <!-- begin: a -->old<!-- end: a --> after");
        given.check_places(&["a"]).unwrap();
        assert!(!given.has("a", "| x |\n").unwrap());
        given.replace("a", "| x |\n").unwrap();
        let expected = "before <!-- begin: a -->\n\n| x |\n\n<!-- end: a --> after";
        assert_eq!(given.text, expected);
        assert!(given.has("a", "| x |\n").unwrap());
        for wrong in [
            "",
            "<!-- begin: a -->",
            "<!-- end: a --><!-- begin: a -->",
            "<!-- begin: a --><!-- end: a --><!-- end: a -->",
        ] {
            let error = chapter(wrong).check_places(&["a"]).unwrap_err();
            assert!(error.to_string().contains("<!-- end: a -->"), "{error}");
        }
    }
}
