//! A picture of a task that stands by itself: neurons of first layers, and the error in the end.

use maud::{Markup, PreEscaped, html};

use super::pictures;
use crate::error::Error;
use crate::stats::Interval;
use crate::summary::{OfTask, Row};
use crate::tables::plus_minus;

const WIDTH: f64 = 800.0;
const TOP: f64 = 40.0;
/// Pixels from one initializer to the next.
const ROW: f64 = 56.0;
/// Where names end, where neurons begin, and where bars begin and end.
const NAMES: f64 = 138.0;
const NEURONS: f64 = 150.0;
const BARS: (f64, f64) = (458.0, 690.0);
/// Neurons of an initializer, and the width and height of each.
const COUNT: usize = 4;
const SIZE: (f64, f64) = (68.0, 44.0);

/// On white, wherever it is shown.
const STYLE: &str = "text { font: 14px system-ui, sans-serif; fill: #1c1e21; } .title { font-weight: 600; } \
    .bar { fill: #0072b2; } .interval { stroke: #1c1e21; stroke-width: 1.5; } .grid { stroke: #d9dde2; fill: none; } \
    .frame { fill: none; stroke: #d9dde2; } .curve path:last-child { fill: none; stroke: #0072b2; \
    stroke-width: 1; vector-effect: non-scaling-stroke; }";

/// The picture, as a file in SVG: a row for each initializer, with seed 1's neurons and the mean error of the
/// task's first cell, and half of its interval to both sides.
///
/// # Errors
///
/// [`Error::Unfit`] where a first layer can't be drawn.
pub fn svg(of_task: &OfTask) -> Result<String, Error> {
    let rows = of_task.cells.first().map_or(&[][..], |cell| &cell.rows);
    let ends = rows.iter().map(|row| {
        let Interval { mean, half, .. } = error(row);
        mean + half.unwrap_or(0.0)
    });
    let largest = ends.fold(f64::MIN_POSITIVE, f64::max);
    let pixel = |error: f64| BARS.0 + (BARS.1 - BARS.0) * error.max(0.0) / largest;
    let height = TOP + ROW * rows.len() as f64 + 8.0;
    let mut drawn: Vec<Markup> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let neurons = pictures::neurons(of_task, row.init, COUNT)?;
        drawn.push(line(place, row, &neurons, pixel));
    }
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } width=(WIDTH) height=(height) role="img" {
            title { (of_task.task.name()) ": neurons of the first layer, and the test error" }
            style { (PreEscaped(STYLE)) }
            rect width=(WIDTH) height=(height) fill="#fff" {}
            text.title x=(NEURONS) y="24" { "neurons of the first layer" }
            text.title x=(BARS.0) y="24" { (of_task.task.name()) ": test error, %" }
            @for line in &drawn { (line) }
        }
    };
    Ok(svg.into_string())
}

/// The share of test examples that are read wrong, in percent.
fn error(row: &Row) -> Interval {
    let accuracy = row.last_accuracy();
    Interval {
        mean: 100.0 - accuracy.mean,
        ..accuracy
    }
}

fn line(place: usize, row: &Row, neurons: &[Markup], pixel: impl Fn(f64) -> f64) -> Markup {
    let middle = TOP + ROW * (place as f64 + 0.5);
    let top = middle - SIZE.1 / 2.0;
    let error = error(row);
    let half = error.half.unwrap_or(0.0);
    let (from, to) = (pixel(error.mean - half), pixel(error.mean + half));
    html! {
        text x=(NAMES) y=(middle + 5.0) text-anchor="end" { (row.init.name()) }
        @for (i, neuron) in neurons.iter().enumerate() {
            @let left = NEURONS + (SIZE.0 + 6.0) * i as f64;
            rect.frame x=(left) y=(top) width=(SIZE.0) height=(SIZE.1) {}
            svg x=(left) y=(top) width=(SIZE.0) height=(SIZE.1) { (neuron) }
        }
        rect.bar x=(BARS.0) y=(middle - 9.0) width={ (format!("{:.1}", pixel(error.mean) - BARS.0)) } height="18" {}
        path.interval d=(format!("M{from:.1} {middle}H{to:.1}")) {}
        text x=(format!("{:.1}", to + 8.0)) y=(middle + 5.0) { (plus_minus(Some(error), 2)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::run::Cell;
    use crate::summary::OfCell;
    use crate::task::Task;

    #[test]
    fn bars_are_as_long_as_errors_are_large() {
        let row = |name: &str, mean: f64| Row {
            init: Init::named(name).unwrap(),
            runs: 2,
            accuracy: vec![Interval {
                n: 2,
                mean,
                half: None,
            }],
            loss: vec![None],
            epochs_to: Vec::new(),
            probes: Vec::new(),
            pairs: None,
        };
        let rows = vec![row("he-normal", 80.0), row("haar-g2-r0", 95.0)];
        let task = Task::named("frozen-digits").unwrap();
        let cell = Cell {
            task,
            size: 100,
            depth: 1,
            width: 20,
            epochs: 0,
        };
        let inits = rows.iter().map(|row| row.init).collect();
        let cells = vec![OfCell { cell, rows }];
        let svg = svg(&OfTask { task, inits, cells }).unwrap();
        let bars: Vec<&str> = svg.split("<rect class=\"bar\"").skip(1).collect();
        assert_eq!(bars.len(), 2, "{svg}");
        assert!(bars[0].contains("width=\"232.0\""), "{}", bars[0]);
        assert!(bars[1].contains("width=\"58.0\""), "{}", bars[1]);
        assert_eq!(svg.matches("class=\"neuron\"").count(), 2 * COUNT);
    }

    #[test]
    fn a_task_without_cells_is_an_empty_picture() {
        let task = Task::named("digits").unwrap();
        let of_task = OfTask {
            task,
            inits: Vec::new(),
            cells: Vec::new(),
        };
        assert!(!svg(&of_task).unwrap().contains("class=\"bar\""));
    }
}
