//! What a fit did.

use std::fmt;

use serde::Serialize;

/// A model that was fitted, and the report.
#[derive(Debug, Clone)]
pub struct Fit<M> {
    /// The model.
    pub model: M,
    /// What happened to each of its layers.
    pub report: FitReport,
}

/// What a fit measured and did, layer by layer, in the order in which they were recorded. It displays as
/// a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FitReport {
    /// A line for each layer that was recorded.
    pub layers: Vec<FittedLayer>,
}

/// What a fit measured at one layer, and did to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FittedLayer {
    /// The path of its weight.
    pub path: String,
    /// The weight's shape, in the saved layout.
    pub shape: Vec<usize>,
    /// The layer's output before any layer was changed.
    pub before: Moments,
    /// The layer's output in the model that is given back.
    pub after: Moments,
    /// What the weight was multiplied by: one number, or one for each output.
    pub scale: Vec<f64>,
    /// What was added to the bias, after its own multiplication by the scale: a number for each output;
    /// empty where no mean was asked for.
    pub shift: Vec<f64>,
    /// How many times the weight was scaled, and the model run again.
    pub steps: usize,
    /// Whether the output has the target, within the tolerance. If it hasn't, the layer is as it was.
    pub reached: bool,
}

/// Mean and variance of a layer's output over all of its elements: over the batch, outputs, and
/// places.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The mean square of the differences to the mean.
    pub variance: f64,
}

impl Moments {
    /// The mean square.
    pub fn second_moment(&self) -> f64 {
        self.mean * self.mean + self.variance
    }
}

impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![
            [
                "weight",
                "shape",
                "mean before",
                "after",
                "variance before",
                "after",
                "scale",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.layers.iter().map(|layer| {
            let FittedLayer { before, after, .. } = layer;
            [
                layer.path.clone(),
                format!("{:?}", layer.shape),
                short(before.mean),
                short(after.mean),
                short(before.variance),
                short(after.variance),
                range(&layer.scale),
            ]
        }));
        let width = |column: usize| {
            let widths = rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths: [usize; 7] = std::array::from_fn(width);
        for (i, row) in rows.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            let (path, width) = (&row[0], widths[0]);
            write!(f, "{path:width$}")?;
            for (text, width) in row.iter().zip(widths).skip(1) {
                write!(f, "  {text:>width$}")?;
            }
            let layer = i.checked_sub(1).map(|i| &self.layers[i]);
            match layer {
                None => write!(f, "  steps")?,
                Some(layer) => {
                    let (steps, width) = (layer.steps, "steps".len());
                    write!(f, "  {steps:>width$}")?;
                    if !layer.reached {
                        write!(f, "  target not reached, kept as it was")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A few digits of a number of any size.
fn short(x: f64) -> String {
    match x.abs() {
        0.0 | 1e-3..1e5 => format!("{x:.4}"),
        _ => format!("{x:.3e}"),
    }
}

/// The smallest and the largest of the numbers.
fn range(numbers: &[f64]) -> String {
    let smallest = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match smallest == largest {
        true => short(smallest),
        false => format!("{} to {}", short(smallest), short(largest)),
    }
}
