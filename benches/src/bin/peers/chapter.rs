//! The chapter, and the places in it for tables: between `<!-- begin: NAME -->` and
//! `<!-- end: NAME -->`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The text of the chapter.
pub struct Chapter {
    path: PathBuf,
    text: String,
}

impl Chapter {
    /// Reads it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Writes it back.
    pub fn write(&self) -> Result<(), Error> {
        std::fs::write(&self.path, &self.text).map_err(Error::io("write", &self.path))
    }

    /// Fails unless each of these tables has its place.
    pub fn check(&self, tables: &[&'static str]) -> Result<(), Error> {
        tables
            .iter()
            .try_for_each(|table| self.place(table).map(drop))
    }

    /// Puts a table into its place, with an empty line before and after it, since a comment begins a
    /// block of HTML.
    pub fn replace(&mut self, table: &'static str, markdown: &str) -> Result<(), Error> {
        let place = self.place(table)?;
        self.text.replace_range(place, &format!("\n\n{markdown}\n"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_their_places() {
        let chapter = |text: &str| Chapter {
            path: PathBuf::from("benchmarks.md"),
            text: text.to_owned(),
        };
        let mut given = chapter("before <!-- begin: a -->old<!-- end: a --> after");
        given.check(&["a"]).unwrap();
        given.replace("a", "| x |\n").unwrap();
        let expected = "before <!-- begin: a -->\n\n| x |\n\n<!-- end: a --> after";
        assert_eq!(given.text, expected);
        for wrong in [
            "",
            "<!-- begin: a -->",
            "<!-- end: a --><!-- begin: a -->",
            "<!-- begin: a --><!-- end: a --><!-- end: a -->",
        ] {
            let error = chapter(wrong).check(&["a"]).unwrap_err();
            assert!(error.to_string().contains("<!-- end: a -->"), "{error}");
        }
    }
}
