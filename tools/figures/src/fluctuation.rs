//! How alike neighbouring weights are, by the power law's γ.

use burn_init_values::wavelet::Family;

use crate::chart::{Axis, BLUE, Chart, Mark, ORANGE, Series, VERMILION};
use crate::error::Error;
use crate::measure::{NEURONS, autocorrelation, draw, exact_autocorrelation, shaped};
use crate::tables::rounded;

const INPUTS: usize = 128;

/// Circular lag-1 autocorrelation against γ: measured as marks, exact as lines.
pub fn figure() -> Result<String, Error> {
    let mut series = Vec::new();
    let families = [
        ("Haar", Family::HAAR, Mark::Disc, Mark::Line),
        ("db4", Family::daubechies(4)?, Mark::Triangle, Mark::Dashes),
    ];
    for (name, family, point, line) in families {
        for (levels, colour) in [(6, VERMILION), (4, BLUE), (2, ORANGE)] {
            let mut measured = Vec::new();
            for gamma in (-2..=6).map(|i| 0.5 * f64::from(i)) {
                let init = shaped(family).levels(levels).power_law(gamma);
                let w = draw(&init, NEURONS, INPUTS)?;
                measured.push((gamma, autocorrelation(&w, INPUTS)));
            }
            let mut exact = Vec::new();
            for gamma in (-10..=30).map(|i| 0.1 * f64::from(i)) {
                let value = exact_autocorrelation(family, INPUTS, levels, gamma)?;
                exact.push((gamma, value));
            }
            series.push(Series {
                label: Some(format!("{name}, J = {levels}")),
                colour,
                mark: point,
                points: measured,
            });
            series.push(Series {
                label: Some(format!("{name}, J = {levels}")),
                colour,
                mark: line,
                points: exact,
            });
        }
    }
    let chart = Chart {
        height: 460,
        legend: 140,
        x: Axis {
            label: "γ of the power law",
            range: -1.1..3.1,
            ticks: 10,
            name: |gamma| rounded(*gamma, 1),
        },
        y: Axis {
            label: "circular lag-1 autocorrelation",
            range: -0.4..1.0,
            ticks: 8,
            name: |value| rounded(*value, 1),
        },
        series,
    };
    chart.svg()
}
