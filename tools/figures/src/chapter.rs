//! The chapter, and the places in it for tables: between `<!-- begin: NAME -->` and
//! `<!-- end: NAME -->`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::tables::Table;

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

    /// Fails unless each of these tables stands in its place.
    pub fn check(&self, tables: &[Table]) -> Result<(), Error> {
        let mut outdated = Vec::new();
        for table in tables {
            let place = self.place(table.name)?;
            if self.text[place] != text(table) {
                outdated.push(table.name);
            }
        }
        if outdated.is_empty() {
            return Ok(());
        }
        Err(Error::OutOfDate {
            tables: outdated,
            path: self.path.clone(),
        })
    }

    /// Puts each of these tables into its place.
    pub fn replace(&mut self, tables: &[Table]) -> Result<(), Error> {
        for table in tables {
            let place = self.place(table.name)?;
            self.text.replace_range(place, &text(table));
        }
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
fn text(table: &Table) -> String {
    format!("\n\n{}\n", table.markdown())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter(text: &str) -> Chapter {
        Chapter {
            path: PathBuf::from("wavelets.md"),
            text: text.to_owned(),
        }
    }

    #[test]
    fn tables_have_their_places() {
        let tables = [Table {
            name: "a",
            header: vec!["x", "y"],
            rows: vec![vec!["1".to_owned(), "2".to_owned()]],
        }];
        let mut given = chapter("before <!-- begin: a -->old<!-- end: a --> after");
        assert!(matches!(given.check(&tables), Err(Error::OutOfDate { .. })));
        given.replace(&tables).unwrap();
        let expected =
            "before <!-- begin: a -->\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n<!-- end: a --> after";
        assert_eq!(given.text, expected);
        given.check(&tables).unwrap();
        for wrong in [
            "",
            "<!-- begin: a -->",
            "<!-- end: a --><!-- begin: a -->",
            "<!-- begin: a --><!-- end: a --><!-- end: a -->",
        ] {
            let error = chapter(wrong).replace(&tables).unwrap_err();
            assert!(error.to_string().contains("<!-- end: a -->"), "{error}");
        }
    }
}
