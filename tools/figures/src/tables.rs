//! The tables of the chapter.

use burn_init_values::wavelet::{Family, Keep, Symmetry};
use burn_init_values::{Initializer, Normal, VarianceScaling};

use crate::error::Error;
use crate::measure::{
    NEURONS, autocorrelation, coefficients_kept, draw, energy, exact_autocorrelation,
    expected_skewed_share, haar, shaped, skewed_share, total_variation,
};

/// A table, and the name of its place in the chapter.
pub struct Table {
    pub name: &'static str,
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Its lines.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let header: Vec<String> = self.header.iter().map(|cell| (*cell).to_owned()).collect();
        let mut text = line(&header) + &"|---".repeat(header.len()) + "|\n";
        text.extend(self.rows.iter().map(|row| line(row)));
        text
    }
}

/// All of them.
pub fn all() -> Result<Vec<Table>, Error> {
    Ok(vec![
        shapings()?,
        autocorrelations()?,
        total_variations()?,
        skews()?,
        thresholds()?,
        families(),
    ])
}

/// What each way of shaping does, for Haar at full depth.
fn shapings() -> Result<Table, Error> {
    const INPUTS: usize = 128;
    let mut rows = Vec::new();
    for (name, init) in [
        ("identity", haar().identity()),
        ("power law, γ = −1", haar().power_law(-1.0)),
        ("power law, γ = 1", haar().power_law(1.0)),
        ("power law, γ = 2", haar().power_law(2.0)),
        ("identity, r = 0", haar().identity().mean_gain(0.0)),
        ("octaves, r = 0 (default)", haar().octaves().mean_gain(0.0)),
        (
            "power law, γ = 2, r = 0",
            haar().power_law(2.0).mean_gain(0.0),
        ),
        ("details 2 and 3", haar().bands(false, 2..=3)),
        ("5 largest, hard", haar().hard_threshold(Keep::Largest(5))),
        (
            "universal threshold, hard",
            haar().hard_threshold(Keep::Universal),
        ),
    ] {
        let w = draw(&init, NEURONS, INPUTS)?;
        rows.push(vec![
            name.to_owned(),
            rounded(autocorrelation(&w, INPUTS), 2),
            rounded(total_variation(&w, INPUTS), 1),
            percent(skewed_share(&init)?),
        ]);
    }
    Ok(Table {
        name: "shapings",
        header: vec!["shaping", "autocorrelation", "total variation", "skewed"],
        rows,
    })
}

/// Haar's autocorrelation, measured at three sizes, and exact.
fn autocorrelations() -> Result<Table, Error> {
    let mut rows = Vec::new();
    for (levels, gamma) in [
        (2, 1.0),
        (2, 2.0),
        (4, -1.0),
        (4, 0.0),
        (4, 1.0),
        (4, 2.0),
        (6, 1.0),
        (6, 2.0),
    ] {
        let init = haar().levels(levels).power_law(gamma);
        let mut row = vec![levels.to_string(), signed(gamma)];
        for inputs in [64, 128, 512] {
            let w = draw(&init, NEURONS, inputs)?;
            row.push(rounded(autocorrelation(&w, inputs), 2));
        }
        let exact = exact_autocorrelation(Family::HAAR, 128, levels, gamma)?;
        row.push(rounded(exact, 3));
        rows.push(row);
    }
    Ok(Table {
        name: "autocorrelation",
        header: vec!["J", "γ", "n = 64", "n = 128", "n = 512", "exact"],
        rows,
    })
}

/// Total variation, by γ.
fn total_variations() -> Result<Table, Error> {
    let mut rows = Vec::new();
    for gamma in [-1.0, 0.0, 1.0, 2.0, 3.0] {
        let mut row = vec![signed(gamma)];
        for (family, inputs) in [
            (Family::HAAR, 100),
            (Family::HAAR, 128),
            (Family::daubechies(4)?, 128),
        ] {
            let init = shaped(family).power_law(gamma);
            let w = draw(&init, NEURONS, inputs)?;
            row.push(rounded(total_variation(&w, inputs), 1));
        }
        rows.push(row);
    }
    Ok(Table {
        name: "total-variation",
        header: vec!["γ", "Haar, n = 100", "Haar, n = 128", "db4, n = 128"],
        rows,
    })
}

/// The share of skewed neurons, by r, and of other initializers.
fn skews() -> Result<Table, Error> {
    let mut rows = Vec::new();
    for r in [1.0, 0.75, 0.5, 0.25, 0.0] {
        let init = haar().power_law(0.0).mean_gain(r);
        rows.push(skew(format!("γ = 0, r = {r}"), &init, Some(r))?);
    }
    for gamma in [1.0, 2.0] {
        for r in [0.25, 0.0] {
            let init = haar().power_law(gamma).mean_gain(r);
            rows.push(skew(format!("γ = {gamma}, r = {r}"), &init, None)?);
        }
    }
    let he = VarianceScaling::he_normal();
    rows.push(skew("He (normal)".to_owned(), &he, Some(1.0))?);
    let glorot = VarianceScaling::glorot_uniform();
    rows.push(skew("Glorot (uniform)".to_owned(), &glorot, Some(1.0))?);
    Ok(Table {
        name: "skew",
        header: vec!["weights", "skewed, measured", "formula"],
        rows,
    })
}

/// The formula holds where the weights are white but for their mean, which has the gain `r`.
fn skew(name: String, init: &impl Initializer, r: Option<f64>) -> Result<Vec<String>, Error> {
    let formula = r.map_or("–".to_owned(), |r| percent(expected_skewed_share(r)));
    Ok(vec![name, percent(skewed_share(init)?), formula])
}

/// How much of the base's energy a threshold keeps, before neurons get their norm back.
fn thresholds() -> Result<Table, Error> {
    const INPUTS: usize = 100;
    let of_base = energy(&draw(&Normal::fan_in(), NEURONS, INPUTS)?);
    let mut rows = Vec::new();
    for (name, keep) in [
        ("`Keep::Universal`", Keep::Universal),
        ("`Keep::Energy(0.5)`", Keep::Energy(0.5)),
        ("`Keep::Energy(0.9)`", Keep::Energy(0.9)),
        ("`Keep::Largest(5)`", Keep::Largest(5)),
        ("`Keep::Largest(20)`", Keep::Largest(20)),
    ] {
        let hard = haar().hard_threshold(keep).unnormalized();
        let soft = haar().soft_threshold(keep).unnormalized();
        let (hard, soft) = (draw(&hard, NEURONS, INPUTS)?, draw(&soft, NEURONS, INPUTS)?);
        rows.push(vec![
            name.to_owned(),
            rounded(coefficients_kept(Family::HAAR, &hard, INPUTS)?, 1),
            percent(energy(&hard) / of_base),
            percent(energy(&soft) / of_base),
        ]);
    }
    Ok(Table {
        name: "thresholds",
        header: vec![
            "kept",
            "coefficients of 100",
            "energy, hard",
            "energy, soft",
        ],
        rows,
    })
}

/// All families.
fn families() -> Table {
    let row = |family: Family| {
        let symmetry = match family.symmetry() {
            Symmetry::Asymmetric => "asymmetric",
            Symmetry::NearSymmetric => "near symmetric",
            Symmetry::Symmetric => "symmetric",
        };
        vec![
            format!("`{family}`"),
            family.filter_len().to_string(),
            family.support_len().to_string(),
            family.vanishing_moments().to_string(),
            symmetry.to_owned(),
        ]
    };
    Table {
        name: "families",
        header: vec![
            "family",
            "filter length",
            "support length",
            "vanishing moments",
            "symmetry",
        ],
        rows: Family::all().map(row).collect(),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", rounded(100.0 * share, 1))
}

/// The number with this many digits after the point, and the minus sign of mathematics.
pub fn rounded(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(size) if size.chars().all(|c| matches!(c, '0' | '.')) => size.to_owned(),
        Some(size) => format!("−{size}"),
        None => text,
    }
}

fn signed(value: f64) -> String {
    rounded(value, 0)
}
