//! Charts as SVG, in the colours of the page.

use std::fmt::Write;

use maud::{Markup, html};

use crate::stats::Interval;
use crate::summary::Row;

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 372.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 222.0;

/// Colours; after them they come again with dashed lines.
const COLOURS: usize = 8;

/// The classes of the line of the initializer with this place in the list.
pub fn style(place: usize) -> String {
    match place / COLOURS {
        0 => format!("line c{place}"),
        _ => format!("line dashed c{}", place % COLOURS),
    }
}

/// The class of its filled marks.
fn fill(place: usize) -> String {
    format!("fill f{}", place % COLOURS)
}

/// A line for each initializer, with its intervals, over whole numbers.
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// The lines.
    pub lines: Vec<Line<'a>>,
    /// Whether the values are shown by their logarithms.
    pub is_log: bool,
    /// The last whole number; the first is 1.
    pub last: usize,
}

/// A line of a chart.
pub struct Line<'a> {
    /// What it is of.
    pub name: &'a str,
    /// Whole numbers, and the values there.
    pub points: Vec<(f64, Interval)>,
}

/// What values become on one axis.
#[derive(Debug, Clone, Copy)]
struct Scale {
    from: f64,
    to: f64,
    /// The pixels of both.
    pixels: (f64, f64),
    is_log: bool,
}

impl Scale {
    /// Reaches over all of these values, and a little further.
    fn over(values: impl Iterator<Item = f64>, pixels: (f64, f64), is_log: bool) -> Option<Self> {
        let usable = values.filter(|value| value.is_finite() && (!is_log || *value > 0.0));
        let ends = usable.fold(None, |ends: Option<(f64, f64)>, value| match ends {
            None => Some((value, value)),
            Some((from, to)) => Some((from.min(value), to.max(value))),
        });
        let (mut from, mut to) = ends?;
        if is_log {
            (from, to) = if from < to {
                (from, to)
            } else {
                (from / 2.0, to * 2.0)
            };
        } else {
            let margin = if from < to { 0.04 * (to - from) } else { 0.5 };
            (from, to) = (from - margin, to + margin);
        }
        Some(Self {
            from,
            to,
            pixels,
            is_log,
        })
    }

    fn pixel(&self, value: f64) -> f64 {
        let place = if self.is_log {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        let (first, last) = self.pixels;
        // A value beyond the scale stays within the drawing.
        first + place.clamp(-0.02, 1.02) * (last - first)
    }

    /// Round values, about three to six of them.
    fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            let exponents = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
            let decades = (self.to / self.from).log10();
            let steps: &[f64] = match decades {
                d if d < 1.0 => &[1.0, 2.0, 3.0, 5.0, 7.0],
                d if d < 3.0 => &[1.0, 3.0],
                _ => &[1.0],
            };
            // Of many decades, only some.
            let every = (decades / 6.0).ceil().max(1.0) as i32;
            return exponents
                .filter(|exponent| exponent.rem_euclid(every) == 0)
                .flat_map(|exponent| steps.iter().map(move |step| step * 10f64.powi(exponent)))
                .filter(|tick| (self.from..=self.to).contains(tick))
                .collect();
        }
        let rough = (self.to - self.from) / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = step
            .into_iter()
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// A tick's value without needless digits.
fn label(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.0e}"),
        _ => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// A coordinate.
fn at(pixel: f64) -> String {
    format!("{pixel:.1}")
}

impl Chart<'_> {
    /// The chart; nothing where there are no values.
    pub fn svg(&self) -> Markup {
        // Where an interval reaches below 0, its lower end says nothing about a logarithmic scale.
        let ends = |value: &Interval| {
            let half = value.half.unwrap_or(0.0);
            let lower = value.mean - half;
            [
                if self.is_log {
                    lower.max(value.mean / 2.0)
                } else {
                    lower
                },
                value.mean + half,
            ]
        };
        let points = self.lines.iter().flat_map(|line| &line.points);
        let values = points.flat_map(|(_, value)| ends(value));
        let Some(y) = Scale::over(values, (BOTTOM, TOP), self.is_log) else {
            return html! {};
        };
        let x = Scale {
            from: 1.0,
            to: (self.last as f64).max(2.0),
            pixels: (LEFT, RIGHT),
            is_log: false,
        };
        html! {
            figure {
                figcaption { (self.title) }
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(self.title) {
                    @for tick in y.ticks() {
                        path.grid d={ "M" (LEFT) " " (at(y.pixel(tick))) "H" (RIGHT) } {}
                        text.tick x=(LEFT - 5.0) y=(at(y.pixel(tick) + 4.0)) text-anchor="end" { (label(tick)) }
                    }
                    @for tick in x.ticks().into_iter().filter(|tick| tick.fract() == 0.0) {
                        text.tick x=(at(x.pixel(tick))) y=(BOTTOM + 18.0) text-anchor="middle" { (label(tick)) }
                    }
                    path.axis d={ "M" (LEFT) " " (TOP) "V" (BOTTOM) "H" (RIGHT) } {}
                    @for (place, line) in self.lines.iter().enumerate() {
                        path class=(format!("band f{}", place % COLOURS)) d=(band(line, x, y)) {}
                    }
                    @for (place, line) in self.lines.iter().enumerate() {
                        path class=(style(place)) d=(middle(line, x, y)) { title { (line.name) } }
                    }
                }
            }
        }
    }
}

/// The path of a line's means.
fn middle(line: &Line, x: Scale, y: Scale) -> String {
    let mut path = String::new();
    for (i, (place, value)) in line.points.iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        let _ = write!(
            path,
            "{letter}{} {}",
            at(x.pixel(*place)),
            at(y.pixel(value.mean))
        );
    }
    path
}

/// The path around a line's intervals.
fn band(line: &Line, x: Scale, y: Scale) -> String {
    let half = |value: &Interval| value.half.unwrap_or(0.0);
    let upper = line
        .points
        .iter()
        .map(|(place, value)| (place, value.mean + half(value)));
    let lower = line
        .points
        .iter()
        .rev()
        .map(|(place, value)| (place, value.mean - half(value)));
    let mut path = String::new();
    for (i, (place, value)) in upper.chain(lower).enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        let _ = write!(
            path,
            "{letter}{} {}",
            at(x.pixel(*place)),
            at(y.pixel(value))
        );
    }
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

/// The accuracy of each initializer in the end, with its interval.
pub fn finals(rows: &[Row]) -> Markup {
    const LABELS: f64 = 130.0;
    const ROW: f64 = 21.0;
    let title = "Accuracy in the end, %";
    let ends = rows.iter().flat_map(|row| {
        let Interval { mean, half, .. } = row.last_accuracy();
        let half = half.unwrap_or(0.0);
        [mean - half, mean + half]
    });
    let Some(x) = Scale::over(ends, (LABELS + 8.0, RIGHT - 6.0), false) else {
        return html! {};
    };
    let bottom = TOP + ROW * rows.len() as f64;
    html! {
        figure {
            figcaption { (title) }
            svg viewBox={ "0 0 " (WIDTH) " " (bottom + 28.0) } role="img" aria-label=(title) {
                @for tick in x.ticks() {
                    path.grid d={ "M" (at(x.pixel(tick))) " " (TOP) "V" (bottom) } {}
                    text.tick x=(at(x.pixel(tick))) y=(bottom + 18.0) text-anchor="middle" { (label(tick)) }
                }
                @for (place, row) in rows.iter().enumerate() {
                    @let y = TOP + ROW * (place as f64 + 0.5);
                    @let Interval { mean, half, .. } = row.last_accuracy();
                    @let half = half.unwrap_or(0.0);
                    text.name x=(LABELS) y=(at(y + 4.0)) text-anchor="end" { (row.init.name()) }
                    path class=(format!("line c{}", place % COLOURS)) d={ "M" (at(x.pixel(mean - half))) " " (at(y)) "H" (at(x.pixel(mean + half))) } {}
                    circle class=(fill(place)) cx=(at(x.pixel(mean))) cy=(at(y)) r="4" { title { (row.init.name()) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_scales() {
        let scale = Scale::over([10.0, 90.0].into_iter(), (0.0, 100.0), false).unwrap();
        assert!((scale.pixel(50.0) - 50.0).abs() < 1e-9);
        assert_eq!(scale.ticks(), [20.0, 40.0, 60.0, 80.0]);
        // One value, and none.
        let scale = Scale::over([3.0].into_iter(), (0.0, 100.0), false).unwrap();
        assert!((scale.pixel(3.0) - 50.0).abs() < 1e-9);
        assert!(Scale::over(std::iter::empty(), (0.0, 1.0), false).is_none());
        assert!(Scale::over([f64::NAN].into_iter(), (0.0, 1.0), false).is_none());
    }

    #[test]
    fn logarithmic_scales() {
        let values = [0.01, 100.0, 0.0, f64::INFINITY];
        let scale = Scale::over(values.into_iter(), (0.0, 100.0), true).unwrap();
        assert!((scale.pixel(1.0) - 50.0).abs() < 1e-9);
        let ticks = scale.ticks();
        assert_eq!(ticks.len(), 5, "{ticks:?}");
        // Fifty decades don't have fifty ticks.
        let scale = Scale::over([1e-40, 1e10].into_iter(), (0.0, 100.0), true).unwrap();
        assert!(
            (4..10).contains(&scale.ticks().len()),
            "{:?}",
            scale.ticks()
        );
        let scale = Scale::over([0.21, 0.34].into_iter(), (0.0, 100.0), true).unwrap();
        assert_eq!(scale.ticks().len(), 1, "{:?}", scale.ticks());
    }

    #[test]
    fn labels_have_no_needless_digits() {
        let labels: Vec<String> = [0.0, 95.0, 97.5, 0.05, 1e-12, 3e7]
            .into_iter()
            .map(label)
            .collect();
        assert_eq!(labels, ["0", "95", "97.5", "0.05", "1e-12", "3e7"]);
    }
}
