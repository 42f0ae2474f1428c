//! Reports as tables.

use std::fmt::Write as _;

use burn_init_values::sparse::Connectivity;

use super::{Entry, Report};
use crate::text::{number, size};

/// What stands between two columns.
const GAP: &str = "  ";

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Path,
    Shape,
    Fans,
    Initializer,
    Expected,
    Bounds,
    Density,
    Size,
    Digest,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::Path,
        Self::Shape,
        Self::Fans,
        Self::Initializer,
        Self::Expected,
        Self::Bounds,
        Self::Density,
        Self::Size,
        Self::Digest,
    ];

    /// What is left out first where there are few columns of text.
    const LEAST_NEEDED: [Self; 5] = [
        Self::Size,
        Self::Bounds,
        Self::Fans,
        Self::Density,
        Self::Expected,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Path => "parameter",
            Self::Shape => "shape",
            Self::Fans => "fans",
            Self::Initializer => "initializer",
            Self::Expected => "mean ± std",
            Self::Bounds => "bounds",
            Self::Density => "density",
            Self::Size => "size",
            Self::Digest => "digest",
        }
    }

    fn cell(self, entry: &Entry) -> String {
        match self {
            Self::Path => entry.path.clone(),
            Self::Shape => {
                let sizes: Vec<String> = entry.shape.iter().map(ToString::to_string).collect();
                sizes.join("×")
            }
            Self::Fans => match (entry.fan_in, entry.fan_out) {
                (None, None) => String::new(),
                (fan_in, fan_out) => {
                    let text = |fan: Option<f64>| fan.map_or("?".to_owned(), number);
                    format!("{}→{}", text(fan_in), text(fan_out))
                }
            },
            Self::Initializer => initializer(entry),
            Self::Expected => match entry.expected {
                None => String::new(),
                Some(expected) if expected.std == 0.0 => number(expected.mean),
                Some(expected) => format!("{} ± {}", number(expected.mean), number(expected.std)),
            },
            Self::Bounds => match entry.bounds {
                Some((low, high)) if low < high => {
                    let (low, high) = (f64::from(low), f64::from(high));
                    match low == -high {
                        true => format!("±{}", number(high)),
                        false => format!("{} to {}", number(low), number(high)),
                    }
                }
                _ => String::new(),
            },
            Self::Density => match (entry.connectivity, entry.density) {
                (Some(connectivity), _) => number(connectivity.density()),
                (None, Some(density)) if density < 1.0 => number(density),
                _ => String::new(),
            },
            Self::Size => size(entry.bytes),
            Self::Digest => entry
                .digest
                .map_or(String::new(), |digest| digest.to_string()),
        }
    }

    /// Whether its texts may go over several lines.
    fn is_wrapped(self) -> bool {
        matches!(self, Self::Path | Self::Initializer)
    }
}

/// What was done, and what is to be said of it.
fn initializer(entry: &Entry) -> String {
    let mut text = entry.action.to_string();
    if let Some(connectivity) = &entry.connectivity {
        let _ = write!(text, "; {connectivity}");
    }
    if let Some(note) = entry.note() {
        let _ = write!(text, " ({note})");
    }
    text
}

/// What is said below the table.
fn sums(report: &Report) -> String {
    let mut text = report.totals().to_string();
    let sparse: Vec<Connectivity> = report.connectivity().collect();
    if sparse.len() > 1 {
        let kept: usize = sparse.iter().map(|c| c.kept).sum();
        let weights: usize = sparse.iter().map(|c| c.weights).sum();
        let density = kept as f64 / weights.max(1) as f64;
        let _ = write!(
            text,
            "\nall sparse parameters: {kept} of {weights} weights, density {density:.6}"
        );
    }
    if let Some(digest) = report.digest {
        let _ = write!(text, "\ndigest {digest}");
    }
    text
}

/// The columns that say something; their titles, and their cells by entry.
fn filled(report: &Report) -> (Vec<Column>, Vec<Vec<String>>) {
    let says = |column: &Column| report.entries.iter().any(|e| !column.cell(e).is_empty());
    let columns: Vec<Column> = Column::ALL.into_iter().filter(says).collect();
    let titles = columns.iter().map(|column| column.title().to_owned());
    let row = |entry: &Entry| columns.iter().map(|column| column.cell(entry)).collect();
    let rows = std::iter::once(titles.collect()).chain(report.entries.iter().map(row));
    let rows = rows.collect();
    (columns, rows)
}

/// The report in Markdown.
pub(super) fn markdown(report: &Report) -> String {
    let (columns, rows) = filled(report);
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if i == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(columns.len()));
        }
    }
    format!("{text}\n{}\n", sums(report).replace('\n', "  \n"))
}

/// The report as text, in so many columns of letters.
pub(super) fn text(report: &Report, letters: usize) -> String {
    let (columns, rows) = filled(report);
    let widths = widths(&columns, &rows, letters);
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<Vec<String>> = (columns.iter().zip(row).zip(&widths))
            .map(|((column, cell), width)| match column {
                _ if *width == 0 => Vec::new(),
                Column::Path => wrap(cell, '.', *width),
                _ => wrap(cell, ' ', *width),
            })
            .collect();
        let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
        for l in 0..lines {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                let part = cell.get(l).map_or("", String::as_str);
                let _ = write!(line, "{part:width$}{GAP}");
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text + &sums(report)
}

/// The width of each column, so that all have so many letters together if that can be; 0 if it is left
/// out.
fn widths(columns: &[Column], rows: &[Vec<String>], letters: usize) -> Vec<usize> {
    /// What a text that is wrapped needs to be readable.
    const LEAST: usize = 20;

    let longest = |i: usize| {
        rows.iter()
            .map(|row| row[i].chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..columns.len()).map(longest).collect();
    let letters = letters + GAP.len();
    // What is left for the texts that are wrapped.
    let room = |widths: &[usize]| {
        let width = |(column, width): (&Column, &usize)| match (column.is_wrapped(), width) {
            (true, _) => GAP.len(),
            (false, 0) => 0,
            (false, width) => GAP.len() + width,
        };
        letters.saturating_sub(columns.iter().zip(widths).map(width).sum())
    };
    let of = |column: Column| columns.iter().position(|other| *other == column);
    for column in Column::LEAST_NEEDED {
        if let Some(i) = of(column)
            && room(&widths) < 2 * LEAST
        {
            widths[i] = 0;
        }
    }
    let room = room(&widths).max(2 * LEAST);
    if let (Some(path), Some(initializer)) = (of(Column::Path), of(Column::Initializer)) {
        // What one of the two doesn't need is the other's.
        let most = (room / 2).max(room.saturating_sub(widths[initializer]));
        widths[path] = widths[path].min(most);
        widths[initializer] = widths[initializer].min(room - widths[path]);
    }
    widths
}

/// A text in lines of at most so many characters, broken after this character where there is one.
fn wrap(text: &str, after: char, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(after) {
        // A space at the end of a line needs no room.
        let visible = word.trim_end().chars().count();
        if length + visible > width && length > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            length = 0;
        }
        for letter in word.chars() {
            if length == width && letter != ' ' {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            line.push(letter);
            length += 1;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(wrap("a bc def", ' ', 4), ["a bc", "def"]);
        assert_eq!(wrap("blocks.10.query", '.', 8), ["blocks.", "10.query"]);
        assert_eq!(wrap("abcdefgh", ' ', 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", ' ', 3), [""]);
        assert_eq!(wrap("ab", ' ', 0).concat(), "ab");
    }
}
