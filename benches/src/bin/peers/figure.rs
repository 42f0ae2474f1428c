//! The figure: the median of each job and library on a logarithmic scale, with quartiles.

use std::io;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::Error;
use crate::library::Library;
use crate::measure::Measured;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type DrawError = DrawingAreaErrorKind<io::Error>;

const WIDTH: u32 = 800;
/// Where the scale begins and ends.
const LEFT: i32 = 220;
const RIGHT: i32 = WIDTH as i32 - 24;
/// Where the first row begins, below the legend.
const TOP: i32 = 64;
const ROW: i32 = 40;
/// Below the last row.
const BOTTOM: i32 = 56;
/// Between the marks of a row, which would hide each other at equal times.
const STEP: f64 = 6.0;

const GRID: RGBColor = RGBColor(225, 225, 225);

/// The figure as an SVG file.
pub fn svg(measured: &[Measured<'_>]) -> Result<String, Error> {
    let mut text = String::new();
    {
        let height = TOP + ROW * measured.len() as i32 + BOTTOM;
        let area = SVGBackend::with_string(&mut text, (WIDTH, height as u32)).into_drawing_area();
        area.fill(&WHITE)?;
        draw(&area, measured)?;
        area.present()?;
    }
    Ok(text)
}

fn draw(area: &Area<'_>, measured: &[Measured<'_>]) -> Result<(), DrawError> {
    let times = || measured.iter().flat_map(|row| &row.times);
    let scale = Scale::over(times().flat_map(|(_, time)| [time.low, time.high]));
    let bottom = TOP + ROW * measured.len() as i32;
    scale.draw(area, bottom)?;

    let mut x = 24;
    for library in Library::ALL {
        if times().any(|(known, _)| *known == library) {
            mark(area, library, (x, 28))?;
            text(area, library.name(), (x + 14, 28), HPos::Left)?;
            x += 50 + 8 * library.name().len() as i32;
        }
    }
    for (i, row) in measured.iter().enumerate() {
        let top = TOP + ROW * i as i32;
        if i == 0 || measured[i - 1].job.table != row.job.table {
            area.draw(&PathElement::new(vec![(0, top), (RIGHT, top)], GRID))?;
        }
        let middle = top + ROW / 2;
        text(area, row.job.name, (LEFT - 14, middle), HPos::Right)?;
        let above = (row.times.len() - 1) as f64 / 2.0;
        for (k, (library, time)) in row.times.iter().enumerate() {
            let y = middle + ((k as f64 - above) * STEP).round() as i32;
            let spread = vec![(scale.at(time.low), y), (scale.at(time.high), y)];
            area.draw(&PathElement::new(spread, colour(*library).stroke_width(2)))?;
            mark(area, *library, (scale.at(time.median), y))?;
        }
    }
    Ok(())
}

/// Times on a logarithmic scale, from one power of ten to another.
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    fn over(seconds: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for time in seconds {
            low = low.min(time);
            high = high.max(time);
        }
        Self {
            low: low.log10().floor() as i32,
            high: high.log10().ceil() as i32,
        }
    }

    /// The pixel of a time.
    fn at(&self, seconds: f64) -> i32 {
        let share = (seconds.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        LEFT + (share * f64::from(RIGHT - LEFT)).round() as i32
    }

    /// A line and a label for each power of ten.
    fn draw(&self, area: &Area<'_>, bottom: i32) -> Result<(), DrawError> {
        for power in self.low..=self.high {
            let x = self.at(10_f64.powi(power));
            area.draw(&PathElement::new(vec![(x, TOP), (x, bottom)], GRID))?;
            let label = match power {
                ..-3 => format!("{} µs", 10_i32.pow((power + 6).max(0) as u32)),
                -3..0 => format!("{} ms", 10_i32.pow((power + 3) as u32)),
                _ => format!("{} s", 10_i32.pow(power as u32)),
            };
            text(area, &label, (x, bottom + 16), HPos::Center)?;
        }
        let middle = (LEFT + RIGHT) / 2;
        text(
            area,
            "median and quartiles",
            (middle, bottom + 40),
            HPos::Center,
        )
    }
}

fn text(area: &Area<'_>, text: &str, at: (i32, i32), side: HPos) -> Result<(), DrawError> {
    let style = ("sans-serif", 15).into_text_style(area);
    area.draw_text(text, &style.pos(Pos::new(side, VPos::Center)), at)
}

/// Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
fn colour(library: Library) -> RGBColor {
    match library {
        Library::BurnInit => RGBColor(0, 0, 0),
        Library::Burn => RGBColor(213, 94, 0),
        Library::Torch => RGBColor(230, 159, 0),
        Library::Jax => RGBColor(0, 114, 178),
        Library::Numpy => RGBColor(0, 158, 115),
        Library::PyWavelets => RGBColor(204, 121, 167),
        Library::NumpyPyWavelets => RGBColor(86, 180, 233),
    }
}

fn mark(area: &Area<'_>, library: Library, at: (i32, i32)) -> Result<(), DrawError> {
    let colour = colour(library);
    match library {
        Library::BurnInit => area.draw(&Circle::new(at, 6, colour.filled())),
        Library::Torch | Library::NumpyPyWavelets => {
            area.draw(&TriangleMarker::new(at, 6, colour.filled()))
        }
        Library::Jax => area.draw(&Cross::new(at, 5, colour.stroke_width(2))),
        Library::PyWavelets => area.draw(&Circle::new(at, 5, colour.stroke_width(2))),
        Library::Burn | Library::Numpy => area.draw(&Circle::new(at, 4, colour.filled())),
    }
}
