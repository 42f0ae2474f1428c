//! How many neurons are skewed, by the gain of their mean.

use burn_init_values::VarianceScaling;

use crate::chart::{Axis, BLACK, BLUE, Chart, Mark, ORANGE, Series, VERMILION};
use crate::error::Error;
use crate::measure::{expected_skewed_share, haar, skewed_share};

/// The share of skewed neurons against r: measured as marks, the formula as a line.
pub fn figure() -> Result<String, Error> {
    let mut measured = Vec::new();
    for r in (0..=10).map(|i| 0.1 * f64::from(i)) {
        let init = haar().power_law(0.0).mean_gain(r);
        measured.push((r, percent(skewed_share(&init)?)));
    }
    let formula = (0..=40).map(|i| 0.025 * f64::from(i));
    let at_one = |label: &str, colour, mark, share| Series {
        label: Some(label.to_owned()),
        colour,
        mark,
        points: vec![(1.0, percent(share))],
    };
    let chart = Chart {
        height: 420,
        legend: 190,
        x: Axis {
            label: "gain r of the mean",
            range: 0.0..1.05,
            ticks: 11,
            name: |r| format!("{r:.1}"),
        },
        y: Axis {
            label: "skewed neurons, %",
            range: 0.0..70.0,
            ticks: 8,
            name: |share| format!("{share:.0}"),
        },
        series: vec![
            Series {
                label: Some("formula".to_owned()),
                colour: BLACK,
                mark: Mark::Line,
                points: formula
                    .map(|r| (r, percent(expected_skewed_share(r))))
                    .collect(),
            },
            Series {
                label: Some("γ = 0, measured".to_owned()),
                colour: BLUE,
                mark: Mark::Disc,
                points: measured,
            },
            at_one(
                "He (normal)",
                VERMILION,
                Mark::Ring,
                skewed_share(&VarianceScaling::he_normal())?,
            ),
            at_one(
                "Glorot (uniform)",
                ORANGE,
                Mark::Cross,
                skewed_share(&VarianceScaling::glorot_uniform())?,
            ),
        ],
    };
    chart.svg()
}

fn percent(share: f64) -> f64 {
    100.0 * share
}
