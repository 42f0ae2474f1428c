//! The handwritten digits: pictures of 8×8 pixels, framed to 10×10.

use crate::model::INPUTS;

/// The table; `data/README.md` says where it comes from.
const CSV: &str = include_str!("../data/digits.csv");

/// The side of a picture in the table.
const SIDE: usize = 8;

/// The side of a framed picture.
pub const FRAMED_SIDE: usize = SIDE + 2;

/// The largest value of a pixel in the table.
const INK: f32 = 16.0;

/// One framed picture and the digit that it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Digit {
    /// Rows of [`FRAMED_SIDE`] pixels from 0 (paper) to 1 (ink).
    pub pixels: [f32; INPUTS],
    /// 0 to 9.
    pub label: u8,
}

/// All 1,797 digits, in the order of the table.
pub fn load() -> Vec<Digit> {
    CSV.lines().skip(1).map(parse).collect()
}

/// Reads a line. The table is part of the program, so a malformed line is a bug, not an error.
fn parse(line: &str) -> Digit {
    let mut values = [0; SIDE * SIDE + 1];
    let mut cells = line
        .split(',')
        .map(|cell| cell.parse().expect("a cell is a small number"));
    values.fill_with(|| cells.next().expect("a line has 65 cells"));
    let [pixels @ .., label] = &values;
    Digit {
        pixels: frame(pixels),
        label: *label,
    }
}

/// Scales the pixels to 0..1 and puts one pixel of paper around the picture.
fn frame(picture: &[u8]) -> [f32; INPUTS] {
    let mut framed = [0.0; INPUTS];
    let rows = framed.chunks_exact_mut(FRAMED_SIDE).skip(1);
    for (row, source) in rows.zip(picture.chunks_exact(SIDE)) {
        for (pixel, &value) in row[1..].iter_mut().zip(source) {
            *pixel = f32::from(value) / INK;
        }
    }
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_published_one() {
        let digits = load();
        assert_eq!(digits.len(), 1797);
        let mut counts = [0; 10];
        for digit in &digits {
            counts[usize::from(digit.label)] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let ink: f32 = digits
            .iter()
            .flat_map(|digit| digit.pixels)
            .map(|pixel| pixel * INK)
            .sum();
        assert_eq!(ink, 561_718.0);
    }

    #[test]
    fn a_frame_of_paper_surrounds_the_scaled_picture() {
        let picture: [u8; SIDE * SIDE] = std::array::from_fn(|i| (i % 17) as u8);
        let framed = frame(&picture);
        for (i, &pixel) in framed.iter().enumerate() {
            let (row, column) = (i / FRAMED_SIDE, i % FRAMED_SIDE);
            let inside = (1..=SIDE).contains(&row) && (1..=SIDE).contains(&column);
            let expected = match inside {
                true => f32::from(picture[(row - 1) * SIDE + column - 1]) / 16.0,
                false => 0.0,
            };
            assert_eq!(pixel, expected, "row {row}, column {column}");
        }
    }

    #[test]
    fn pixels_are_between_0_and_1() {
        let digits = load();
        let pixels = || digits.iter().flat_map(|digit| digit.pixels);
        assert!(pixels().all(|pixel| (0.0..=1.0).contains(&pixel)));
        assert!(pixels().any(|pixel| pixel == 1.0));
    }
}
