//! The tables of the chapter: a row for each job, a column for each library.

use crate::library::Library;
use crate::measure::Measured;
use crate::summary::milliseconds;

/// Their names in the chapter: that of the machine, and those of the jobs.
pub const NAMES: [&str; 5] = ["machine", "dense", "wavelets", "orthogonal", "layers"];

/// The table of this name, with the libraries that do any of its jobs.
pub fn markdown(name: &str, measured: &[Measured<'_>]) -> String {
    let rows: Vec<&Measured<'_>> = measured
        .iter()
        .filter(|row| row.job.table == name)
        .collect();
    let libraries: Vec<Library> = Library::ALL
        .into_iter()
        .filter(|library| rows.iter().any(|row| row.time(*library).is_some()))
        .collect();
    let names = libraries.iter().map(|library| library.name());
    let header: Vec<&str> = std::iter::once("ms").chain(names).collect();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let cells = libraries.iter().map(|library| cell(row, *library));
            std::iter::once(row.job.name.to_owned())
                .chain(cells)
                .collect()
        })
        .collect();
    table(&header, &rows)
}

/// Median, quartiles, and how many times burn-init's median that is.
fn cell(row: &Measured<'_>, library: Library) -> String {
    let Some(time) = row.time(library) else {
        return "–".to_owned();
    };
    let [low, median, high] = [time.low, time.median, time.high].map(milliseconds);
    let ratio = match row.time(Library::BurnInit) {
        Some(ours) if library != Library::BurnInit => {
            format!(", {}", times(time.median / ours.median))
        }
        _ => String::new(),
    };
    format!("{median} ({low}–{high}){ratio}")
}

/// A ratio with two digits or all before the point.
fn times(ratio: f64) -> String {
    let digits = match ratio {
        ..1.0 => 2,
        ..10.0 => 1,
        _ => 0,
    };
    format!("{ratio:.digits$}×")
}

/// A table in Markdown.
pub fn table<H: AsRef<str>, R: AsRef<[String]>>(header: &[H], rows: &[R]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.iter().map(AsRef::as_ref).collect());
    text += &format!("|{}\n", "---|".repeat(header.len()));
    for row in rows {
        text += &line(row.as_ref().iter().map(String::as_str).collect());
    }
    text
}
