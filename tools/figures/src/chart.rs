//! What the figures share: colours, text, marks, and charts with a legend.

use std::io;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::Error;

/// The width of all figures, in pixels.
pub const WIDTH: u32 = 800;

/// Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
pub const BLACK: RGBColor = RGBColor(0, 0, 0);
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
pub const VERMILION: RGBColor = RGBColor(213, 94, 0);

/// Where a figure is drawn, in pixels.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// What drawing fails with.
pub type DrawError = DrawingAreaErrorKind<io::Error>;

/// The SVG of what `draw` draws on white.
pub fn svg(
    height: u32,
    draw: impl FnOnce(&Area<'_>) -> Result<(), DrawError>,
) -> Result<String, Error> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE)?;
        draw(&area)?;
        area.present()?;
    }
    Ok(text)
}

/// Writes a line of text, from `at` to the right and vertically around it.
pub fn text(area: &Area<'_>, text: &str, at: (i32, i32), size: u32) -> Result<(), DrawError> {
    anchored(area, text, at, size, HPos::Left)
}

/// Writes a line of text around `at`.
pub fn centred(area: &Area<'_>, text: &str, at: (i32, i32), size: u32) -> Result<(), DrawError> {
    anchored(area, text, at, size, HPos::Center)
}

fn anchored(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: u32,
    horizontal: HPos,
) -> Result<(), DrawError> {
    let style = ("sans-serif", size).into_text_style(area);
    area.draw_text(text, &style.pos(Pos::new(horizontal, VPos::Center)), at)
}

/// How the points of a series are shown.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    /// A line through them.
    Line,
    /// A dashed line through them.
    Dashes,
    /// A filled circle at each.
    Disc,
    /// A circle.
    Ring,
    /// A filled triangle.
    Triangle,
    /// A cross.
    Cross,
}

/// Points that belong together.
pub struct Series {
    /// What the legend says; without it, it leaves the series out. Series with the same label share
    /// a line of it.
    pub label: Option<String>,
    pub colour: RGBColor,
    pub mark: Mark,
    pub points: Vec<(f64, f64)>,
}

/// One axis. Its range is in the units of the points.
pub struct Axis {
    pub label: &'static str,
    pub range: Range<f64>,
    /// About how many ticks it has.
    pub ticks: usize,
    /// What stands at a tick.
    pub name: fn(&f64) -> String,
}

/// A chart of some series, with a legend beside it.
pub struct Chart {
    pub height: u32,
    /// The width of the legend, in pixels.
    pub legend: u32,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

impl Chart {
    /// The chart as an SVG file.
    pub fn svg(&self) -> Result<String, Error> {
        svg(self.height, |area| {
            let (left, right) = area.split_horizontally(WIDTH - self.legend);
            self.draw_plot(&left)?;
            self.draw_legend(&right)
        })
    }

    fn draw_plot(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .x_label_area_size(48)
            .y_label_area_size(64)
            .build_cartesian_2d(self.x.range.clone(), self.y.range.clone())?;
        chart
            .configure_mesh()
            .x_desc(self.x.label)
            .y_desc(self.y.label)
            .x_labels(self.x.ticks)
            .y_labels(self.y.ticks)
            .x_label_formatter(&self.x.name)
            .y_label_formatter(&self.y.name)
            .max_light_lines(0)
            .bold_line_style(RGBColor(225, 225, 225))
            .label_style(("sans-serif", 15))
            .axis_desc_style(("sans-serif", 16))
            .draw()?;
        for series in &self.series {
            let points: Vec<(i32, i32)> = series
                .points
                .iter()
                .map(|point| chart.backend_coord(point))
                .collect();
            // What this gives is in pixels of the whole figure, as the area on the left is.
            series.draw(area, &points)?;
        }
        Ok(())
    }

    fn draw_legend(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let mut lines: Vec<&str> = Vec::new();
        for series in &self.series {
            let Some(label) = &series.label else {
                continue;
            };
            let line = lines.iter().position(|known| known == label);
            let y = 30 + 24 * line.unwrap_or(lines.len()) as i32;
            if line.is_none() {
                text(area, label, (38, y), 15)?;
                lines.push(label);
            }
            let places = match series.mark {
                Mark::Line | Mark::Dashes => vec![(0, y), (28, y)],
                _ => vec![(14, y)],
            };
            series.draw(area, &places)?;
        }
        Ok(())
    }
}

impl Series {
    /// Draws it with its points at these pixels.
    fn draw(&self, area: &Area<'_>, points: &[(i32, i32)]) -> Result<(), DrawError> {
        let line = self.colour.stroke_width(2);
        match self.mark {
            Mark::Line => return area.draw(&PathElement::new(points, line)),
            Mark::Dashes => {
                let points = points.iter().copied();
                return area.draw(&DashedPathElement::new(points, 6, 5, line));
            }
            Mark::Disc | Mark::Ring | Mark::Triangle | Mark::Cross => {}
        }
        for point in points.iter().copied() {
            match self.mark {
                Mark::Ring => area.draw(&Circle::new(point, 8, line))?,
                Mark::Triangle => {
                    area.draw(&TriangleMarker::new(point, 6, self.colour.filled()))?
                }
                Mark::Cross => area.draw(&Cross::new(point, 6, line))?,
                _ => area.draw(&Circle::new(point, 4, self.colour.filled()))?,
            }
        }
        Ok(())
    }
}
