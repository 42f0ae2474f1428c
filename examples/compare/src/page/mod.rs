//! The report: one HTML page that needs nothing else.

mod chart;
pub mod overview;
mod pictures;
mod tables;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::Error;
use crate::init::Init;
use crate::run::Cell;
use crate::summary::{OfCell, OfTask, Row, Summary};
use crate::task::Task;
use chart::{Chart, Line};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("sort.js");

/// What made a page.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The command line.
    pub command: String,
    /// Names and versions.
    pub versions: Vec<(String, String)>,
}

impl About {
    /// This program, on this machine.
    pub fn this_program(command: String) -> Self {
        let lock = include_str!("../../../../Cargo.lock");
        let version = |name: &str| {
            let entry = lock
                .split("[[package]]")
                .find(|entry| entry.contains(&format!("name = \"{name}\"\n")));
            let version = entry?
                .lines()
                .find_map(|line| line.strip_prefix("version = "))?;
            Some((name.to_owned(), version.trim_matches('"').to_owned()))
        };
        let mut versions: Vec<_> = ["burn-init", "burn", "burn-flex"]
            .into_iter()
            .filter_map(version)
            .collect();
        let machine = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        versions.push(("machine".to_owned(), machine));
        if cfg!(debug_assertions) {
            versions.push(("built".to_owned(), "without optimization".to_owned()));
        }
        Self { command, versions }
    }
}

/// The page.
///
/// # Errors
///
/// [`Error::Unfit`] where a first layer can't be drawn.
pub fn html(summary: &Summary, about: &About) -> Result<String, Error> {
    let tasks: Vec<Markup> = summary.tasks.iter().map(task).collect::<Result<_, _>>()?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Initializers compared" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Initializers compared" }
                    p {
                        (summary.runs) " runs. For one seed, all initializers see the same examples in the same order, so that \
                        differences are taken seed by seed. ± is half of a 95 % interval (Student's t); p values are of paired, \
                        two-sided tests, corrected by Holm for all comparisons of a measure in a task."
                    }
                    @if summary.tasks.len() > 1 {
                        nav { ul {
                            @for task in &summary.tasks {
                                li { a href={ "#" (task.task.name()) } { (task.task.name()) } }
                            }
                        } }
                    }
                    @for task in &tasks { (task) }
                    section {
                        h2 { "How this was made" }
                        pre tabindex="0" { code { (about.command) } }
                        p {
                            @for (i, (name, version)) in about.versions.iter().enumerate() {
                                @if i > 0 { ", " }
                                (name) " " (version)
                            }
                            ". The runs took " (format!("{:.0}", summary.seconds)) " seconds, all added up."
                        }
                        p { "The same numbers: cells.csv, pairs.csv, report.json; each run: runs.jsonl." }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

fn task(of_task: &OfTask) -> Result<Markup, Error> {
    let task = of_task.task;
    let is_trained = of_task.cells.iter().any(|cell| cell.cell.epochs > 0);
    let pictures = pictures::all(of_task)?;
    Ok(html! {
        section id=(task.name()) {
            h2 { (task.name()) }
            p { (sentence(task.about())) }
            (legend(&of_task.inits))
            @for cell in &of_task.cells { (charts(cell)) }
            h3 { "On the test examples" }
            (tables::cells(of_task, is_trained))
            @if of_task.inits.len() > 1 {
                h3 { "Against " (of_task.inits[0].name()) ", seed by seed" }
                (tables::pairs(of_task, is_trained))
            }
            h3 { "Before training" }
            (tables::probes(of_task))
            h3 { "First layer" }
            (pictures)
        }
    })
}

/// A text that ends as a sentence does.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}

/// What colour an initializer has, and what it is.
fn legend(inits: &[Init]) -> Markup {
    html! {
        ul.legend {
            @for (i, init) in inits.iter().enumerate() {
                li {
                    svg.swatch viewBox="0 0 24 10" aria-hidden="true" { path class=(chart::style(i)) d="M1 5H23" {} }
                    b { (init.name()) } " " span { (init.about()) }
                }
            }
        }
    }
}

/// What tells the cells of a task apart, in words.
fn words(cell: &Cell) -> String {
    let count = |n: usize, one: &str, many: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let Cell {
        size,
        depth,
        width,
        epochs,
        ..
    } = *cell;
    let mut words = vec![
        count(size, "training example", "training examples"),
        format!(
            "{} of {width}",
            count(depth, "hidden layer", "hidden layers")
        ),
    ];
    if epochs > 0 {
        words.push(count(epochs, "epoch", "epochs"));
    }
    words.join(", ")
}

fn charts(of_cell: &OfCell) -> Markup {
    let rows = &of_cell.rows;
    let by_epoch = |values: &dyn Fn(&Row) -> Vec<Option<crate::stats::Interval>>| -> Vec<Line> {
        let line = |row: &Row| {
            let points = values(row).into_iter().enumerate().skip(1);
            let points = points.filter_map(|(epoch, value)| Some((epoch as f64, value?)));
            Line {
                name: row.init.name(),
                points: points.collect(),
            }
        };
        rows.iter().map(line).collect()
    };
    let accuracy = Chart {
        title: "Accuracy by epoch, %",
        lines: by_epoch(&|row| row.accuracy.iter().copied().map(Some).collect()),
        is_log: false,
        last: of_cell.cell.epochs,
    };
    let loss = Chart {
        title: "Loss by epoch, nats",
        lines: by_epoch(&|row| row.loss.clone()),
        is_log: true,
        last: of_cell.cell.epochs,
    };
    let layers = of_cell.cell.depth + 1;
    let moment = |row: &Row| {
        let points = (1..=layers)
            .filter_map(|layer| Some((layer as f64, row.probe(&Task::second_moment(layer))?)));
        Line {
            name: row.init.name(),
            points: points.collect(),
        }
    };
    let moments = Chart {
        title: "Second moment by layer, before training",
        lines: rows.iter().map(moment).collect(),
        is_log: true,
        last: layers,
    };
    html! {
        h3 { (words(&of_cell.cell)) }
        div.charts {
            (chart::finals(rows))
            @if of_cell.cell.epochs > 0 { (accuracy.svg()) (loss.svg()) }
            @if layers > 2 { (moments.svg()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        let about = About::this_program("command".to_owned());
        let burn = about
            .versions
            .iter()
            .find(|(name, _)| name == "burn")
            .unwrap();
        assert!(burn.1.starts_with("0.22"), "{about:?}");
    }

    #[test]
    fn words_count() {
        let task = Task::named("digits").unwrap();
        let cell = Cell {
            task,
            size: 1,
            depth: 2,
            width: 64,
            epochs: 0,
        };
        assert_eq!(words(&cell), "1 training example, 2 hidden layers of 64");
        assert_eq!(
            words(&Cell {
                size: 60,
                depth: 1,
                epochs: 30,
                ..cell
            }),
            "60 training examples, 1 hidden layer of 64, 30 epochs"
        );
    }

    /// The page asks for nothing from elsewhere, and shows a command as it is.
    #[test]
    fn the_page_needs_nothing_else_and_escapes() {
        let summary = Summary {
            tasks: Vec::new(),
            runs: 0,
            seconds: 0.0,
        };
        let about = About {
            command: "compare '<b>&'".to_owned(),
            versions: Vec::new(),
        };
        let page = html(&summary, &about).unwrap();
        assert!(page.contains("compare '&lt;b&gt;&amp;'"), "{page}");
        for reference in ["http:", "https:", "src=", "@import", "url("] {
            assert!(!page.contains(reference), "{reference}");
        }
    }
}
