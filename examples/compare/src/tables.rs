//! The numbers as CSV, JSON and text.

use std::fmt::Write;
use std::path::Path;

use crate::error::Error;
use crate::run::Cell;
use crate::stats::Interval;
use crate::summary::{Row, Summary, TARGETS, Test};

/// Writes `cells.csv`, `pairs.csv` and `report.json` into a folder.
///
/// # Errors
///
/// [`Error::Io`].
pub fn write(folder: &Path, summary: &Summary) -> Result<(), Error> {
    let files = [
        ("cells.csv", cells(summary)),
        ("pairs.csv", pairs(summary)),
        ("report.json", serde_json::to_string_pretty(summary)?),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::write(&path, content).map_err(Error::io("write", &path))?;
    }
    Ok(())
}

/// Mean and half width of an interval as two cells of a line.
fn two_cells(interval: Option<Interval>) -> String {
    let mean = interval.map(|interval| interval.mean.to_string());
    let half = interval.and_then(|interval| interval.half);
    let half = half.map(|half| half.to_string());
    format!("{},{}", mean.unwrap_or_default(), half.unwrap_or_default())
}

fn cell_cells(cell: &Cell) -> String {
    let Cell {
        task,
        size,
        depth,
        width,
        epochs,
    } = cell;
    format!("{},{size},{depth},{width},{epochs}", task.name())
}

const CELL: &str = "task,size,depth,width,epochs";

/// A line for each initializer in each cell.
fn cells(summary: &Summary) -> String {
    let mut csv = format!("{CELL},init,runs,accuracy_percent,accuracy_half,loss,loss_half");
    for target in TARGETS {
        csv += &format!(",reach_{target},epochs_to_{target},epochs_to_{target}_half");
    }
    csv.push('\n');
    for (cell, row) in rows(summary) {
        csv += &format!("{},{},{},", cell_cells(cell), row.init.name(), row.runs);
        csv += &two_cells(Some(row.last_accuracy()));
        csv.push(',');
        csv += &two_cells(row.last_loss());
        for to in &row.epochs_to {
            csv += &format!(",{},{}", to.reached, two_cells(to.epochs));
        }
        csv.push('\n');
    }
    csv
}

/// A line for each comparison with the first initializer.
fn pairs(summary: &Summary) -> String {
    let mut csv = format!("{CELL},init,measure,difference,half,p,p_holm\n");
    for (cell, row) in rows(summary) {
        let Some(pairs) = &row.pairs else { continue };
        let mut line = |measure: &str, test: &Option<Test>| {
            if let Some(test) = test {
                let (cell, init) = (cell_cells(cell), row.init.name());
                let difference = two_cells(test.difference);
                csv += &format!(
                    "{cell},{init},{measure},{difference},{},{}\n",
                    test.p, test.p_holm
                );
            }
        };
        line("accuracy_percent", &pairs.accuracy);
        line("loss", &pairs.loss);
        for (target, test) in TARGETS.iter().zip(&pairs.epochs_to) {
            line(&format!("epochs_to_{target}"), test);
        }
    }
    csv
}

fn rows(summary: &Summary) -> impl Iterator<Item = (&Cell, &Row)> {
    let cells = summary.tasks.iter().flat_map(|task| &task.cells);
    cells.flat_map(|cell| cell.rows.iter().map(|row| (&cell.cell, row)))
}

/// Mean ± half width, with a minus sign where it is negative; a dash where there is nothing.
pub fn plus_minus(interval: Option<Interval>, digits: usize) -> String {
    let Some(Interval { mean, half, .. }) = interval else {
        return "–".to_owned();
    };
    let mean = format!("{mean:.digits$}").replacen('-', "−", 1);
    match half {
        None => mean,
        Some(half) => format!("{mean} ± {half:.digits$}"),
    }
}

/// A p value with two digits that count.
pub fn p_value(p: f64) -> String {
    match p {
        p if p < 1e-4 => "< 0.0001".to_owned(),
        p if p < 0.01 => format!("{p:.4}"),
        p => format!("{p:.2}"),
    }
}

/// What a terminal shows in the end.
pub fn text(summary: &Summary) -> String {
    let mut text = String::new();
    for task in &summary.tasks {
        for of_cell in &task.cells {
            let Cell {
                size, depth, width, ..
            } = of_cell.cell;
            let _ = writeln!(
                text,
                "{}: {size} examples, {depth} hidden of {width}",
                task.task.name()
            );
            for row in &of_cell.rows {
                let accuracy = plus_minus(Some(row.last_accuracy()), 2);
                let _ = write!(text, "  {:20} {accuracy:>15} %", row.init.name());
                let pairs = row.pairs.as_ref().and_then(|pairs| pairs.accuracy.as_ref());
                if let Some(Test {
                    difference, p_holm, ..
                }) = pairs
                {
                    let difference = plus_minus(*difference, 2);
                    let _ = write!(
                        text,
                        "  {difference:>14} against {}, p {}",
                        task.inits[0].name(),
                        p_value(*p_holm)
                    );
                }
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text() {
        let interval = |half| {
            Some(Interval {
                n: 3,
                mean: 97.256,
                half,
            })
        };
        assert_eq!(plus_minus(interval(Some(0.3)), 2), "97.26 ± 0.30");
        assert_eq!(plus_minus(interval(None), 1), "97.3");
        assert_eq!(plus_minus(None, 1), "–");
        assert_eq!(plus_minus(Interval::of(&[-1.0, -1.0]), 1), "−1.0 ± 0.0");
        assert_eq!(two_cells(interval(None)), "97.256,");
        assert_eq!(two_cells(None), ",");
        let p: Vec<String> = [1e-9, 0.00123, 0.049, 1.0]
            .into_iter()
            .map(p_value)
            .collect();
        assert_eq!(p, ["< 0.0001", "0.0012", "0.05", "1.00"]);
    }
}
