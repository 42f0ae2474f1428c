//! Charts as SVG.

use std::fmt::Write as _;

use super::escaped;
use crate::text::number;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 16.0;

/// Points with a name.
pub(super) struct Curve {
    name: &'static str,
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    pub fn new(name: &'static str, points: Vec<(f64, f64)>) -> Self {
        let points = points.into_iter().filter(|(_, y)| y.is_finite()).collect();
        Self { name, points }
    }
}

/// Where numbers lie in a chart.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |(low, high): (f64, f64), v: f64| {
            if high > low {
                (v - low) / (high - low)
            } else {
                0.5
            }
        };
        (
            LEFT + share(self.x, x) * (WIDTH - LEFT - 8.0),
            HEIGHT - BOTTOM - share(self.y, y) * (HEIGHT - BOTTOM - TOP),
        )
    }

    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (i, point) in points.iter().enumerate() {
            let (x, y) = self.place(*point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" });
        }
        path
    }

    /// The axes, with what stands at their ends.
    fn axes(&self, ends: [&str; 4]) -> String {
        let [x_low, x_high, y_low, y_high] = ends.map(escaped);
        let (right, floor) = (WIDTH - 8.0, HEIGHT - BOTTOM);
        let below = HEIGHT - 6.0;
        let beside = LEFT - 5.0;
        format!(
            "<path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}L{LEFT} {floor}L{right} {floor}\"/>\
             <text x=\"{LEFT}\" y=\"{below}\">{x_low}</text><text x=\"{right}\" y=\"{below}\" text-anchor=\"end\">{x_high}</text>\
             <text x=\"{beside}\" y=\"{floor}\" text-anchor=\"end\">{y_low}</text><text x=\"{beside}\" y=\"{}\" text-anchor=\"end\">{y_high}</text>",
            TOP + 8.0
        )
    }
}

fn svg(content: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">{content}</svg>")
}

/// Curves over whole numbers, such as layers.
pub(super) fn curves(curves: &[Curve], logarithmic: bool) -> String {
    let scaled = |y: f64| if logarithmic { y.log10() } else { y };
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        let points = curve.points.iter().map(|(x, y)| (*x, scaled(*y)));
        points.filter(|(_, y)| y.is_finite()).collect()
    };
    let all: Vec<(f64, f64)> = curves.iter().flat_map(points).collect();
    let of = |f: &dyn Fn(&(f64, f64)) -> f64| {
        let numbers = all.iter().map(f);
        (
            numbers.clone().fold(f64::INFINITY, f64::min),
            numbers.fold(f64::NEG_INFINITY, f64::max),
        )
    };
    let (x, mut y) = (of(&|p| p.0), of(&|p| p.1));
    if all.is_empty() {
        return svg("<text x=\"48\" y=\"90\">nothing above 0</text>");
    }
    match logarithmic {
        true => y = (y.0.floor(), y.1.ceil().max(y.0.floor() + 1.0)),
        false => y = (0.0, y.1.max(1e-9)),
    }
    let label = |y: f64| match logarithmic {
        true => number(10f64.powf(y)),
        false => number(y),
    };
    let frame = Frame { x, y };
    let mut content = frame.axes([&number(x.0), &number(x.1), &label(y.0), &label(y.1)]);
    for (i, curve) in curves
        .iter()
        .enumerate()
        .filter(|(_, curve)| !curve.points.is_empty())
    {
        let points = points(curve);
        let _ = write!(
            content,
            "<path class=\"curve s{i}\" d=\"{}\"/>",
            frame.path(&points)
        );
        for point in &points {
            let (x, y) = frame.place(*point);
            let _ = write!(
                content,
                "<circle class=\"t{i}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>"
            );
        }
        let _ = write!(
            content,
            "<text class=\"t{i}\" x=\"{}\" y=\"11\">{}</text>",
            LEFT + 8.0 + 90.0 * i as f64,
            curve.name
        );
    }
    svg(&content)
}

/// Bars of equal width from `low` to `high`, and a curve over them.
pub(super) fn bars(low: f64, high: f64, heights: &[f64], curve: Option<&[(f64, f64)]>) -> String {
    let of_curve = curve
        .unwrap_or_default()
        .iter()
        .map(|(_, y)| *y)
        .filter(|y| y.is_finite());
    let highest = heights.iter().copied().chain(of_curve).fold(0.0, f64::max);
    let frame = Frame {
        x: (low, high),
        y: (0.0, highest),
    };
    let mut content = String::new();
    let width = (high - low) / heights.len() as f64;
    for (i, height) in heights
        .iter()
        .enumerate()
        .filter(|(_, height)| **height > 0.0)
    {
        let (x, y) = frame.place((low + i as f64 * width, *height));
        let (end, floor) = frame.place((low + (i + 1) as f64 * width, 0.0));
        let _ = write!(
            content,
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            (end - x - 0.5).max(0.3),
            floor - y
        );
    }
    content += &frame.axes([&number(low), &number(high), "0", &number(highest)]);
    if let Some(curve) = curve {
        let _ = write!(
            content,
            "<path class=\"curve s1\" d=\"{}\"/>",
            frame.path(curve)
        );
    }
    svg(&content)
}

/// Neurons as small pictures: blue below 0, red above, white at 0.
pub(super) fn neurons([rows, columns]: [usize; 2], neurons: &[Vec<f32>]) -> String {
    const ACROSS: usize = 8;
    let largest = neurons.iter().flatten().fold(0f32, |a, w| a.max(w.abs()));
    let down = neurons.len().div_ceil(ACROSS);
    let (width, height) = (ACROSS * (columns + 1), down * (rows + 1));
    let mut content = String::new();
    for (i, neuron) in neurons.iter().enumerate() {
        let (left, top) = (i % ACROSS * (columns + 1), i / ACROSS * (rows + 1));
        for (j, w) in neuron.iter().enumerate() {
            let _ = write!(
                content,
                "<rect x=\"{}\" y=\"{}\" width=\"1.02\" height=\"1.02\" fill=\"{}\"/>",
                left + j % columns,
                top + j / columns,
                colour(w / largest)
            );
        }
    }
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" shape-rendering=\"crispEdges\">{content}</svg>"
    )
}

/// From blue over white to red, for −1 to 1.
fn colour(x: f32) -> String {
    let (toward, size) = match x < 0.0 {
        true => ([33.0, 102.0, 172.0], -x),
        false => ([178.0, 24.0, 43.0], x),
    };
    let size = if size.is_finite() { size.min(1.0) } else { 0.0 };
    let [r, g, b] = toward.map(|c: f32| (255.0 + (c - 255.0) * size).round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}
