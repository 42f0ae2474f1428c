//! Neurons of first layers as pictures.

use std::fmt::Write;

use maud::{Markup, html};

use crate::error::Error;
use crate::init::Init;
use crate::run::Run;
use crate::summary::OfTask;

/// Neurons of a row.
const NEURONS: usize = 8;

/// Pixels of a picture.
const SIDE: f64 = 60.0;

/// For each initializer, neurons of the first layer before training, with seed 1.
///
/// # Errors
///
/// [`Error::Unfit`].
pub fn all(of_task: &OfTask) -> Result<Markup, Error> {
    let row = |init: &Init| Ok::<_, Error>((*init, neurons(of_task, *init, NEURONS)?));
    let rows: Vec<_> = of_task.inits.iter().map(row).collect::<Result<_, _>>()?;
    Ok(html! {
        p { "Incoming weights of some neurons before training, seed 1, each in units of its largest; in pictures, blue is negative and red is positive." }
        div.neurons {
            @for (init, pictures) in rows {
                figure {
                    figcaption { (init.name()) }
                    div { @for picture in pictures { (picture) } }
                }
            }
        }
    })
}

/// The first so many neurons of the first layer of a task's first cell before training, with seed 1.
///
/// # Errors
///
/// [`Error::Unfit`].
pub fn neurons(of_task: &OfTask, init: Init, count: usize) -> Result<Vec<Markup>, Error> {
    let run = Run {
        cell: of_task.cells[0].cell,
        init,
        seed: 1,
    };
    let first = of_task.task.first_layer(&run)?;
    let len = first.grid.shape.iter().product();
    let neurons = first.weights.chunks(len).take(count);
    let pictures = neurons.map(|w| match *first.grid.shape {
        [_, columns] => picture(w, columns),
        _ => line(w),
    });
    Ok(pictures.collect())
}

/// The largest size of a weight, at least so that one can divide by it.
fn largest(w: &[f32]) -> f32 {
    w.iter()
        .fold(f32::MIN_POSITIVE, |largest, w| largest.max(w.abs()))
}

/// A square for each weight of a grid. Neighbours of one colour in a row are one rectangle.
fn picture(w: &[f32], columns: usize) -> Markup {
    let largest = largest(w);
    let rows = w.len() / columns;
    let squares = w.chunks(columns).enumerate().flat_map(|(row, w)| {
        let colours: Vec<String> = w.iter().map(|w| colour(w / largest)).collect();
        let mut column = 0;
        let mut squares = Vec::new();
        for run in colours.chunk_by(|a, b| a == b) {
            squares.push((row, column, run.len(), run[0].clone()));
            column += run.len();
        }
        squares
    });
    html! {
        svg.neuron viewBox={ "0 0 " (columns) " " (rows) } shape-rendering="crispEdges" aria-hidden="true" {
            @for (row, column, width, colour) in squares {
                rect x=(column) y=(row) width=(width) height="1" fill=(colour) {}
            }
        }
    }
}

/// The weights of a line as a curve.
fn line(w: &[f32]) -> Markup {
    let largest = largest(w);
    let mut path = String::new();
    for (i, w) in w.iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        let y = SIDE / 2.0 * (1.0 - 0.94 * f64::from(w / largest));
        let _ = write!(path, "{letter}{i} {y:.1}");
    }
    html! {
        svg.neuron.curve viewBox={ "0 0 " (w.len().max(2) - 1) " " (SIDE) } preserveAspectRatio="none" aria-hidden="true" {
            path.grid d={ "M0 " (SIDE / 2.0) "H" (w.len()) } {}
            path d=(path) {}
        }
    }
}

/// Blue for −1, white for 0 and red for 1, with even steps between.
fn colour(value: f32) -> String {
    let (half, end) = match value < 0.0 {
        true => ([103.0, 169.0, 207.0], [5.0, 48.0, 97.0]),
        false => ([239.0, 138.0, 98.0], [150.0, 10.0, 31.0]),
    };
    let size = value.abs().min(1.0);
    let mut colour = String::from("#");
    for (half, end) in half.into_iter().zip(end) {
        let channel: f32 = match size < 0.5 {
            true => 255.0 + (half - 255.0) * 2.0 * size,
            false => half + (end - half) * (2.0 * size - 1.0),
        };
        let _ = write!(colour, "{:02x}", channel as u8);
    }
    colour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_tell_signs_apart() {
        let colours = [-1.0, 0.0, 1.0, f32::NAN].map(colour);
        assert_eq!(colours[..3], ["#053061", "#ffffff", "#960a1f"]);
        assert_eq!(colours[3].len(), 7);
    }

    #[test]
    fn pictures_have_all_weights() {
        let svg = picture(&[1.0, -1.0, 0.5, 0.25, 0.25, 0.0], 3).into_string();
        assert_eq!(svg.matches("<rect").count(), 5);
        assert!(svg.contains(r#"viewBox="0 0 3 2""#), "{svg}");
        // Zeros alone are no division by zero.
        assert!(!line(&[0.0; 4]).into_string().contains("NaN"));
    }
}
