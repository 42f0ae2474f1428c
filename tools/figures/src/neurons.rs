//! Neurons as pictures.

use burn_init_values::wavelet::Atom;
use burn_init_values::{AnyInitializer, Wavelet, WaveletAtoms, WaveletSparse};
use plotters::prelude::*;

use crate::chart::{Area, DrawError, centred, svg, text};
use crate::error::Error;
use crate::measure::draw;

/// Pixels of a neuron's grid, along each side.
const SIDE: usize = 10;
/// Neurons in a row.
const COUNT: usize = 6;
/// The size of a weight, and the distance between neurons, in pixels of the figure.
const CELL: i32 = 9;
const STEP: i32 = 100;
const LEFT: i32 = 202;

/// Rows of neurons on a 10×10 grid.
pub fn figure() -> Result<String, Error> {
    let grid = [SIDE, SIDE];
    let power_law = |gamma: f64| Wavelet::haar().grid(grid).power_law(gamma);
    let rows: [(&str, &str, AnyInitializer); 5] = [
        ("Wavelet, Haar", "power law γ = 0", power_law(0.0).into()),
        ("Wavelet, Haar", "power law γ = 1", power_law(1.0).into()),
        ("Wavelet, Haar", "power law γ = 2", power_law(2.0).into()),
        (
            "WaveletAtoms",
            "Gabor",
            WaveletAtoms::new(Atom::Gabor).grid(grid).into(),
        ),
        (
            "WaveletSparse, Haar",
            "k = 3",
            WaveletSparse::haar(3).grid(grid).into(),
        ),
    ];
    let mut drawn = Vec::new();
    for (name, setting, init) in rows {
        drawn.push((name, setting, draw(&init, COUNT, SIDE * SIDE)?));
    }
    svg(STEP as u32 * 5 + 56, |area| {
        for (row, (name, setting, w)) in drawn.iter().enumerate() {
            let top = 10 + STEP * row as i32;
            let middle = top + CELL * SIDE as i32 / 2;
            text(area, name, (16, middle - 11), 16)?;
            text(area, setting, (16, middle + 11), 16)?;
            for (j, neuron) in w.chunks(SIDE * SIDE).enumerate() {
                picture(area, neuron, (LEFT + STEP * j as i32, top))?;
            }
        }
        scale(area, STEP * 5 + 22)
    })
}

/// One neuron, from white for 0 to full colour for its largest weight.
fn picture(area: &Area<'_>, w: &[f32], (left, top): (i32, i32)) -> Result<(), DrawError> {
    let largest = w.iter().fold(0f32, |largest, w| largest.max(w.abs()));
    for (i, w) in w.iter().enumerate() {
        let (row, column) = ((i / SIDE) as i32, (i % SIDE) as i32);
        let (x, y) = (left + CELL * column, top + CELL * row);
        // One pixel more than a weight has, so that no line shows between them.
        let corners = [(x, y), (x + CELL, y + CELL)];
        let colour = colour(f64::from(w / largest));
        area.draw(&Rectangle::new(corners, colour.filled()))?;
    }
    let side = CELL * SIDE as i32;
    let frame = [(left, top), (left + side, top + side)];
    area.draw(&Rectangle::new(frame, RGBColor(110, 110, 110)))
}

/// The colours' meaning.
fn scale(area: &Area<'_>, top: i32) -> Result<(), DrawError> {
    const STEPS: i32 = 60;
    let left = LEFT + 130;
    for i in 0..STEPS {
        let x = left + 4 * i;
        let colour = colour(f64::from(2 * i - (STEPS - 1)) / f64::from(STEPS - 1));
        area.draw(&Rectangle::new(
            [(x, top), (x + 4, top + 12)],
            colour.filled(),
        ))?;
    }
    text(area, "weight, in units of", (16, top - 2), 15)?;
    text(area, "the neuron's largest size", (16, top + 16), 15)?;
    for (label, x) in [
        ("−1", left - 16),
        ("0", left + 2 * STEPS),
        ("1", left + 4 * STEPS + 14),
    ] {
        let y = if label == "0" { top + 23 } else { top + 7 };
        centred(area, label, (x, y), 15)?;
    }
    Ok(())
}

/// Blue for −1, white for 0 and red for 1.
fn colour(value: f64) -> RGBColor {
    let end = if value < 0.0 {
        [5.0, 48.0, 97.0]
    } else {
        [150.0, 10.0, 31.0]
    };
    // Halfway, a lighter tone, so that the steps look even.
    let half = if value < 0.0 {
        [103.0, 169.0, 207.0]
    } else {
        [239.0, 138.0, 98.0]
    };
    let size = value.abs().min(1.0);
    let channel = |i: usize| {
        let value = if size < 0.5 {
            255.0 + (half[i] - 255.0) * 2.0 * size
        } else {
            half[i] + (end[i] - half[i]) * (2.0 * size - 1.0)
        };
        value as u8
    };
    RGBColor(channel(0), channel(1), channel(2))
}
