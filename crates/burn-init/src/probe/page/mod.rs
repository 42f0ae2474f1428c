//! A probe as a page in HTML: one file, without scripts and without a network.

mod picture;

use std::fmt::Write as _;

use burn_init_values::initializer::Expected;

use self::picture::{Curve, bars, curves, neurons};
use super::check::Verdict;
use super::law::{singular_value_density, singular_value_edges};
use super::layer::LayerProbe;
use super::parameter::ParameterProbe;
use super::report::{ProbeReport, cells};
use crate::text::number;

const STYLE: &str = include_str!("style.css");

/// Text, in which HTML's own letters are escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

pub(super) fn page(report: &ProbeReport, title: &str) -> String {
    let title = escaped(title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let ([passed, warned, failed], by_theory) = report.counts();
    let _ = writeln!(
        html,
        "<p class=\"sum\"><b class=\"{class}\">{verdict}</b> {failed} failed, {warned} warned, {by_theory} as theory has it, {rest} without a theory.</p>",
        class = class(report.verdict()),
        verdict = report.verdict(),
        rest = passed - by_theory,
    );
    let problems: Vec<_> = report.problems();
    if !problems.is_empty() {
        html += "<h2>What isn't as it should be</h2>\n";
        html += &table(&problems);
    }
    if !report.layers.is_empty() {
        html += "<h2>Signals by layer</h2>\n<div class=\"cards\">\n";
        html += &signals(&report.layers);
        html += "</div>\n";
    }
    html += "<h2>Parameters</h2>\n<div class=\"cards\">\n";
    // Of constants, the table has all that there is to see.
    for parameter in report.parameters.iter().filter(|p| p.std > 0.0) {
        html += &card(parameter);
    }
    html += "</div>\n<h2>All numbers</h2>\n";
    html += &table(&report.sorted());
    html + "</body>\n</html>\n"
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
    }
}

fn table(checks: &[&super::Check]) -> String {
    let mut html = String::from(
        "<div class=\"wide\"><table>\n<tr><th></th><th>parameter</th><th>quantity</th><th>measured</th><th>theory</th><th>reason</th></tr>\n",
    );
    for check in checks {
        let [verdict, path, quantity, measured, theory, reason] =
            cells(check).map(|cell| escaped(&cell));
        let _ = writeln!(
            html,
            "<tr><td class=\"{}\">{verdict}</td><td>{path}</td><td>{quantity}</td><td class=\"number\">{measured}</td><td>{theory}</td><td>{reason}</td></tr>",
            class(check.verdict)
        );
    }
    html + "</table></div>\n"
}

/// A chart with its title.
fn figure(title: &str, picture: &str) -> String {
    format!("<figure><figcaption>{title}</figcaption>{picture}</figure>\n")
}

fn signals(layers: &[LayerProbe]) -> String {
    let points = |of: &dyn Fn(&LayerProbe) -> Option<f64>| -> Vec<(f64, f64)> {
        let numbers = layers.iter().enumerate();
        numbers
            .filter_map(|(i, layer)| Some((i as f64, of(layer)?)))
            .collect()
    };
    let squares = [
        Curve::new("input", points(&|layer| layer.input_second_moment)),
        Curve::new("output", points(&|layer| Some(layer.second_moment))),
    ];
    let gradients = [
        Curve::new("by output", points(&|layer| layer.gradient)),
        Curve::new("by input", points(&|layer| layer.input_gradient)),
    ];
    let shares = [
        Curve::new("skewed", points(&|layer| Some(layer.skewed))),
        Curve::new("dead", points(&|layer| Some(layer.dead))),
        Curve::new("correlation", points(&|layer| layer.correlation)),
    ];
    let mut html = figure("mean square, by depth", &curves(&squares, true));
    if gradients.iter().any(|curve| !curve.points.is_empty()) {
        html += &figure(
            "mean square of gradients, by depth",
            &curves(&gradients, true),
        );
    }
    html += &figure(
        "skewed and dead neurons, correlation",
        &curves(&shares, false),
    );
    let items: Vec<String> = layers
        .iter()
        .map(|layer| format!("<li>{}</li>", escaped(&layer.path)))
        .collect();
    html += &format!(
        "<details><summary>layers 0 to {}</summary><ol start=\"0\">{}</ol></details>\n",
        layers.len() - 1,
        items.concat()
    );
    html
}

fn card(parameter: &ParameterProbe) -> String {
    let sizes: Vec<String> = parameter.shape.iter().map(ToString::to_string).collect();
    let mut html = format!(
        "<section><h3>{}</h3><p>{}: mean {}, standard deviation {}</p>\n",
        escaped(&parameter.path),
        sizes.join(" × "),
        number(parameter.mean),
        number(parameter.std)
    );
    let histogram = &parameter.histogram;
    let total: u64 = histogram.counts.iter().sum();
    let width = (histogram.high - histogram.low) / histogram.counts.len().max(1) as f64;
    if total > 0 && width > 0.0 {
        let density = |count: &u64| *count as f64 / total as f64 / width;
        let heights: Vec<f64> = histogram.counts.iter().map(density).collect();
        let law = parameter.expected.filter(|expected| expected.std > 0.0);
        let (title, curve) = match (law, parameter.bounds) {
            (Some(law), Some((low, high))) if is_uniform(law, low, high) => {
                let height = 1.0 / (f64::from(high) - f64::from(low));
                (
                    "values, and the planned uniform law",
                    Some(sampled(histogram.low, histogram.high, |_| height)),
                )
            }
            (Some(law), _) => {
                let bell = |x: f64| {
                    let z = (x - law.mean) / law.std;
                    (-0.5 * z * z).exp() / law.std / (2.0 * std::f64::consts::PI).sqrt()
                };
                (
                    "values, and a normal law of the planned deviation",
                    Some(sampled(histogram.low, histogram.high, bell)),
                )
            }
            (None, _) => ("values", None),
        };
        html += &figure(
            title,
            &bars(histogram.low, histogram.high, &heights, curve.as_deref()),
        );
    }
    let values = &parameter.singular_values;
    if values.len() > 4 {
        const BINS: usize = 32;
        let (n, m) = parameter.matrix;
        let law = parameter
            .expected
            .filter(|expected| parameter.independent && expected.mean == 0.0);
        let edge = law.map_or(0.0, |expected| singular_value_edges(n, m, expected.std).1);
        let high = 1.05 * edge.max(values[0]);
        if high > 0.0 {
            let mut heights = vec![0.0; BINS];
            for value in values {
                let place = (value / high * BINS as f64) as usize;
                heights[place.min(BINS - 1)] += BINS as f64 / high / values.len() as f64;
            }
            let curve =
                law.map(|law| sampled(0.0, high, |s| singular_value_density(s, n, m, law.std)));
            let title = match curve {
                Some(_) => "singular values, and Marchenko and Pastur's law",
                None => "singular values",
            };
            html += &figure(title, &bars(0.0, high, &heights, curve.as_deref()));
        }
    }
    if parameter.spectrum.len() > 2 {
        let levels = parameter.spectrum.len() as f64;
        html += &figure(
            "energy by scale: the mean, and from coarse to fine",
            &bars(0.0, levels, &parameter.spectrum, None),
        );
    }
    if let Some(pictures) = &parameter.pictures {
        html += &figure("neurons", &neurons(pictures.grid, &pictures.neurons));
    }
    html + "</section>\n"
}

/// Whether such a deviation is that of a uniform law between these bounds.
fn is_uniform(law: Expected, low: f32, high: f32) -> bool {
    let uniform = (f64::from(high) - f64::from(low)) / 12f64.sqrt();
    (law.std / uniform - 1.0).abs() < 1e-3
}

fn sampled(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    const POINTS: u32 = 128;
    let at = |i: u32| low + (high - low) * f64::from(i) / f64::from(POINTS);
    (0..=POINTS).map(at).map(|x| (x, f(x))).collect()
}
