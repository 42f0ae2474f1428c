//! Where the power of neurons lies, by frequency.

use burn_init_values::wavelet::Keep;

use crate::chart::{Axis, BLACK, BLUE, Chart, GREEN, Mark, ORANGE, Series, VERMILION};
use crate::error::Error;
use crate::measure::{NEURONS, draw, haar, power_spectrum};

const INPUTS: usize = 128;

/// The mean power spectra of some shapings, with logarithmic axes. The power at 0 stands at the
/// left, apart.
pub fn figure() -> Result<String, Error> {
    let shapings = [
        ("γ = 0", haar().power_law(0.0), BLACK, Mark::Line),
        ("γ = 1", haar().power_law(1.0), BLUE, Mark::Line),
        ("γ = 2", haar().power_law(2.0), VERMILION, Mark::Line),
        (
            "details 2 and 3",
            haar().bands(false, 2..=3),
            GREEN,
            Mark::Line,
        ),
        (
            "5 largest, hard",
            haar().hard_threshold(Keep::Largest(5)),
            ORANGE,
            Mark::Dashes,
        ),
    ];
    let mut series = Vec::new();
    for (label, init, colour, mark) in shapings {
        let power = power_spectrum(&draw(&init, NEURONS, INPUTS)?, INPUTS);
        let height = |power: f64| libm::log10(power);
        // A curve that leaves the chart ends there.
        let points = power
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, power)| height(**power) > LOWEST);
        series.push(Series {
            label: Some(label.to_owned()),
            colour,
            mark,
            points: points
                .map(|(k, power)| (libm::log2(k as f64), height(*power)))
                .collect(),
        });
        if height(power[0]) > LOWEST {
            series.push(Series {
                label: None,
                colour,
                mark: Mark::Disc,
                points: vec![(AT_ZERO, height(power[0]))],
            });
        }
    }
    let chart = Chart {
        height: 440,
        legend: 175,
        x: Axis {
            label: "frequency, cycles in 128 inputs",
            range: AT_ZERO - 0.3..6.05,
            ticks: 9,
            name: |x| match *x {
                x if x == AT_ZERO => "0".to_owned(),
                x => format!("{}", libm::exp2(x)),
            },
        },
        y: Axis {
            label: "mean |DFT|², white noise = 1",
            range: LOWEST..2.0,
            ticks: 6,
            name: |y| format!("{}", libm::pow(10.0, *y)),
        },
        series,
    };
    chart.svg()
}

/// log₁₀ of the lowest power that is shown.
const LOWEST: f64 = -2.5;
/// Where frequency 0 stands among logarithms.
const AT_ZERO: f64 = -1.0;
