//! What a probe found.

use std::fmt;

use serde::Serialize;

use super::check::{Check, Verdict};
use super::layer::LayerProbe;
use super::parameter::ParameterProbe;
use crate::text::number;

/// What a probe found: each number with its verdict, and what was measured of each parameter and layer.
///
/// It displays as a table of all checks, the worst first, and serializes (serde).
/// [`to_html`](Self::to_html) is a page with pictures.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProbeReport {
    /// Each number beside its theory.
    pub checks: Vec<Check>,
    /// The values of each parameter.
    pub parameters: Vec<ParameterProbe>,
    /// What each layer that was recorded made of its input, in the order in which they ran.
    pub layers: Vec<LayerProbe>,
    /// The loss at step 0.
    pub loss: Option<f64>,
}

impl ProbeReport {
    /// The worst verdict.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.checks.iter().map(|check| check.verdict);
        verdicts.max().unwrap_or(Verdict::Pass)
    }

    /// The checks that don't pass, the worst first.
    pub fn problems(&self) -> Vec<&Check> {
        let mut problems: Vec<&Check> = self
            .checks
            .iter()
            .filter(|check| check.verdict > Verdict::Pass)
            .collect();
        problems.sort_by_key(|check| std::cmp::Reverse(check.verdict));
        problems
    }

    /// All checks as a table in Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from(
            "| | parameter | quantity | measured | theory | reason |\n|---|---|---|---|---|---|\n",
        );
        for check in self.sorted() {
            let cells = cells(check).map(|cell| cell.replace('|', "\\|"));
            text += &format!("| {} |\n", cells.join(" | "));
        }
        text
    }

    /// A page in HTML: one file without a network, with all numbers and with pictures of weights, spectra and signals.
    pub fn to_html(&self, title: &str) -> String {
        super::page::page(self, title)
    }

    /// The worst first, and in their own order.
    pub(super) fn sorted(&self) -> Vec<&Check> {
        let mut checks: Vec<&Check> = self.checks.iter().collect();
        checks.sort_by_key(|check| std::cmp::Reverse(check.verdict));
        checks
    }

    /// How many checks have each verdict: passed, warned, failed; and how many of those that passed have a theory.
    pub(super) fn counts(&self) -> ([usize; 3], usize) {
        let of = |verdict| self.checks.iter().filter(|c| c.verdict == verdict).count();
        let by_theory = |c: &&Check| c.verdict == Verdict::Pass && c.predicted.is_some();
        let counts = [Verdict::Pass, Verdict::Warn, Verdict::Fail].map(of);
        (counts, self.checks.iter().filter(by_theory).count())
    }
}

/// A check as texts: verdict, parameter, quantity, measured, theory, reason.
pub(super) fn cells(check: &Check) -> [String; 6] {
    let theory = match (check.predicted, check.range) {
        (None, _) => String::new(),
        (Some(predicted), Some((low, high))) if low < high => {
            format!(
                "{} ({} to {})",
                number(predicted),
                number(low),
                number(high)
            )
        }
        (Some(predicted), _) => number(predicted),
    };
    let verdict = match (check.verdict, check.predicted) {
        // Nobody says what it should be.
        (Verdict::Pass, None) => "–".to_owned(),
        (verdict, _) => verdict.to_string(),
    };
    let path = match check.path.as_str() {
        "" => "(model)".to_owned(),
        path => path.to_owned(),
    };
    let measured = number(check.measured);
    [
        verdict,
        path,
        check.quantity.to_string(),
        measured,
        theory,
        check.reason.clone(),
    ]
}

impl fmt::Display for ProbeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 6]> = self.sorted().into_iter().map(cells).collect();
        let width = |i: usize| {
            rows.iter()
                .map(|row| row[i].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: [usize; 6] = std::array::from_fn(width);
        for row in &rows {
            let mut line = String::new();
            for (i, (cell, width)) in row
                .iter()
                .zip(widths)
                .enumerate()
                .filter(|(_, (_, width))| *width > 0)
            {
                // Numbers stand at the right.
                let cell = match i {
                    3 => format!("{cell:>width$}  "),
                    _ => format!("{cell:width$}  "),
                };
                line += &cell;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        let ([passed, warned, failed], by_theory) = self.counts();
        write!(
            f,
            "{failed} failed, {warned} warned, {by_theory} as theory has it, {} without a theory",
            passed - by_theory
        )
    }
}
