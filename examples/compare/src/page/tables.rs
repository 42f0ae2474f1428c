//! The tables of a page. A column is sorted by what stands in `data-value`.

use maud::{Markup, html};

use super::chart;
use crate::run::Cell;
use crate::stats::Interval;
use crate::summary::{EpochsTo, OfTask, Row, TARGETS, Test};
use crate::tables::{p_value, plus_minus};
use crate::task::Task;

/// The heads of a table's columns; all but the initializer's are over numbers.
fn heads(names: &[String]) -> Markup {
    let class = |name: &str| (name != INITIALIZER).then_some("number");
    html! {
        thead { tr { @for name in names { th scope="col" class=[class(name)] { button type="button" { (name) } } } } }
    }
}

/// The head of the column of initializers.
const INITIALIZER: &str = "initializer";

/// A number, and what shows it; what has no number is sorted last.
fn number(value: Option<f64>, text: &str) -> Markup {
    html! { td.number data-value=[value] { (text) } }
}

fn interval(interval: Option<Interval>, digits: usize) -> Markup {
    number(
        interval.map(|interval| interval.mean),
        &plus_minus(interval, digits),
    )
}

/// A number that tells the cells of a task apart: its head, and what it is of a cell.
type Coordinate = (&'static str, fn(&Cell) -> usize);

const COORDINATES: [Coordinate; 3] = [
    ("examples", |cell| cell.size),
    ("layers", |cell| cell.depth),
    ("width", |cell| cell.width),
];

/// Those that aren't the same in all cells of a task.
fn coordinates(of_task: &OfTask) -> Vec<Coordinate> {
    let first = &of_task.cells[0].cell;
    let varies =
        |(_, of): &Coordinate| of_task.cells.iter().any(|cell| of(&cell.cell) != of(first));
    COORDINATES.into_iter().filter(varies).collect()
}

/// The first cells of each line: the initializer, and what tells the cells of a task apart.
fn first_cells(of_task: &OfTask, cell: &Cell, place: usize, row: &Row) -> Markup {
    html! {
        th scope="row" {
            svg.swatch viewBox="0 0 24 10" aria-hidden="true" { path class=(chart::style(place)) d="M1 5H23" {} }
            (row.init.name())
        }
        @for (_, of) in coordinates(of_task) {
            (number(Some(of(cell) as f64), &of(cell).to_string()))
        }
    }
}

fn first_heads(of_task: &OfTask) -> Vec<String> {
    let names = coordinates(of_task).into_iter().map(|(name, _)| name);
    [INITIALIZER]
        .into_iter()
        .chain(names)
        .map(str::to_owned)
        .collect()
}

/// A table in a box that scrolls where it is too wide.
fn table(label: &str, heads: &Markup, lines: &Markup) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(label) {
            table { (heads) tbody { (lines) } }
        }
    }
}

/// The rows of a task, with the place of each initializer in the list.
fn rows(of_task: &OfTask) -> impl Iterator<Item = (&Cell, usize, &Row)> {
    of_task.cells.iter().flat_map(|cell| {
        cell.rows
            .iter()
            .enumerate()
            .map(|(place, row)| (&cell.cell, place, row))
    })
}

/// Accuracy, loss and epochs of each initializer in each cell.
pub fn cells(of_task: &OfTask, is_trained: bool) -> Markup {
    let mut names = first_heads(of_task);
    names.push("accuracy, %".to_owned());
    if is_trained {
        names.push("loss".to_owned());
        names.extend(TARGETS.map(|target| format!("epochs to {target} %")));
    }
    names.push("runs".to_owned());
    let lines = html! {
        @for (cell, place, row) in rows(of_task) {
            tr {
                (first_cells(of_task, cell, place, row))
                (interval(Some(row.last_accuracy()), 2))
                @if is_trained {
                    (interval(row.last_loss(), 4))
                    @for to in &row.epochs_to { (epochs_to(to, row.runs)) }
                }
                (number(Some(row.runs as f64), &row.runs.to_string()))
            }
        }
    };
    table("On the test examples", &heads(&names), &lines)
}

/// The mean number of epochs, or how many runs reach the accuracy.
fn epochs_to(to: &EpochsTo, runs: usize) -> Markup {
    match to.epochs {
        Some(epochs) => interval(Some(epochs), 1),
        None => number(None, &format!("{} of {runs} runs", to.reached)),
    }
}

/// The differences to the first initializer.
pub fn pairs(of_task: &OfTask, is_trained: bool) -> Markup {
    let mut names = first_heads(of_task);
    let mut measures = vec!["accuracy, points".to_owned()];
    if is_trained {
        measures.push("loss".to_owned());
        measures.extend(TARGETS.map(|target| format!("epochs to {target} %")));
    }
    names.extend(
        measures
            .into_iter()
            .flat_map(|measure| [measure, "p".to_owned()]),
    );
    let lines = html! {
        @for (cell, place, row) in rows(of_task) {
            @if let Some(pairs) = &row.pairs {
                tr {
                    (first_cells(of_task, cell, place, row))
                    (test(pairs.accuracy.as_ref(), 2))
                    @if is_trained {
                        (test(pairs.loss.as_ref(), 4))
                        @for epochs in &pairs.epochs_to { (test(epochs.as_ref(), 1)) }
                    }
                }
            }
        }
    };
    table("Differences", &heads(&names), &lines)
}

/// A difference and its p value; bold where it is below 0.05.
fn test(test: Option<&Test>, digits: usize) -> Markup {
    let Some(Test {
        difference, p_holm, ..
    }) = test
    else {
        return html! { (number(None, "–")) (number(None, "–")) };
    };
    let class = if *p_holm < 0.05 {
        "number found"
    } else {
        "number"
    };
    let text = plus_minus(*difference, digits);
    let text = match difference {
        Some(difference) if difference.mean > 0.0 => format!("+{text}"),
        _ => text,
    };
    html! {
        td class=(class) data-value=[difference.map(|difference| difference.mean)] { (text) }
        td class=(class) data-value=(p_holm) { (p_value(*p_holm)) }
    }
}

/// What was measured before training.
pub fn probes(of_task: &OfTask) -> Markup {
    let mut names = first_heads(of_task);
    let has_layers = rows(of_task).any(|(_, _, row)| row.probe(&Task::second_moment(1)).is_some());
    names.push("lag-1 autocorrelation, first layer".to_owned());
    if has_layers {
        names.extend(
            [
                "loss",
                "second moment, first layer",
                "second moment, last layer",
            ]
            .map(str::to_owned),
        );
    }
    let lines = html! {
        @for (cell, place, row) in rows(of_task) {
            tr {
                (first_cells(of_task, cell, place, row))
                (interval(row.probe(Task::AUTOCORRELATION), 3))
                @if has_layers {
                    (interval(row.loss.first().copied().flatten(), 3))
                    @for layer in [1, cell.depth + 1] { (scientific(row.probe(&Task::second_moment(layer)))) }
                }
            }
        }
    };
    table("Before training", &heads(&names), &lines)
}

/// A number of any size, to three digits.
fn scientific(interval: Option<Interval>) -> Markup {
    let Some(Interval { mean, .. }) = interval else {
        return number(None, "not finite");
    };
    let text = match mean.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e4).contains(&size) => format!("{mean:.2e}"),
        _ => format!("{mean:.3}"),
    };
    number(Some(mean), &text)
}
