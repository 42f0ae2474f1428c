//! The handwritten digits of the example `mlp`: as they are, shifted, and with noise.

use ::mlp::digits::Digit;
use ::mlp::split::Split;
use burn_init::{Seed, draw};

use super::data::{Data, Examples};

pub use ::mlp::digits::FRAMED_SIDE;
pub use ::mlp::split::TRAIN;

/// The side of a picture without its frame.
pub const SIDE: usize = FRAMED_SIDE - 2;

/// The side of the pictures on which digits are shifted.
pub const SHIFTED_SIDE: usize = SIDE + 4;

/// The standard deviation of the noise, where ink is 1 and paper is 0.
const NOISE: f32 = 0.4;

/// Pictures of 10×10 pixels.
pub fn plain() -> Data {
    data(|digit, _| digit.pixels.to_vec())
}

/// Pictures of 8×8 pixels.
pub fn unframed() -> Data {
    data(|digit, _| place(digit, SIDE, (0, 0)))
}

/// Pictures of 12×12 pixels, with the digit at one of 25 places.
pub fn shifted(seed: u64) -> Data {
    let key = Seed::new(seed).key("shifts");
    data(|digit, number| {
        let places = (SHIFTED_SIDE - SIDE + 1) as u32;
        let place_of = |i| ((u64::from(draw::word(key, i)) * u64::from(places)) >> 32) as usize;
        let number = number as u64;
        place(
            digit,
            SHIFTED_SIDE,
            (place_of(2 * number), place_of(2 * number + 1)),
        )
    })
}

/// Pictures of 10×10 pixels with noise on each.
pub fn noisy(seed: u64) -> Data {
    let key = Seed::new(seed).key("noise");
    data(|digit, number| {
        let first = (number * digit.pixels.len()) as u64;
        let noisy = |(ink, i): (&f32, u64)| ink + NOISE * draw::normal(key, i);
        digit.pixels.iter().zip(first..).map(noisy).collect()
    })
}

/// The split of the example `mlp`, with each picture made of its digit and its number.
fn data(picture: impl Fn(&Digit, usize) -> Vec<f32>) -> Data {
    let split = Split::load();
    let examples = |digits: &[Digit], first: usize| Examples {
        inputs: digits
            .iter()
            .zip(first..)
            .flat_map(|(digit, number)| picture(digit, number))
            .collect(),
        labels: digits.iter().map(|digit| digit.label).collect(),
    };
    Data {
        train: examples(&split.train, 0),
        test: examples(&split.test, split.train.len()),
    }
}

/// The digit without its frame, with its first pixel at this row and column.
fn place(digit: &Digit, side: usize, (row, column): (usize, usize)) -> Vec<f32> {
    let mut picture = vec![0.0; side * side];
    for y in 0..SIDE {
        let source = &digit.pixels[(y + 1) * FRAMED_SIDE + 1..][..SIDE];
        picture[(row + y) * side + column..][..SIDE].copy_from_slice(source);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_keep_the_ink_and_reach_all_places() {
        let (plain, shifted) = (plain(), shifted(1));
        let mut corners = std::collections::BTreeSet::new();
        for (a, b) in plain
            .train
            .inputs
            .chunks(100)
            .zip(shifted.train.inputs.chunks(144))
        {
            let ink = |picture: &[f32]| picture.iter().sum::<f32>();
            assert!((ink(a) - ink(b)).abs() < 1e-3);
            let first = |picture: &[f32], side| {
                let i = picture.iter().position(|ink| *ink > 0.0).unwrap();
                (i / side, i % side)
            };
            let ((ay, ax), (by, bx)) = (first(a, 10), first(b, 12));
            // The frame is 1 wide, so the shift without a frame is one more.
            corners.insert((by + 1 - ay, bx + 1 - ax));
        }
        assert_eq!(corners.len(), 25);
        assert_eq!(shifted.train.labels, plain.train.labels);
    }

    #[test]
    fn a_picture_without_frame_is_the_middle() {
        let (plain, unframed) = (plain(), unframed());
        for (a, b) in plain
            .test
            .inputs
            .chunks(100)
            .zip(unframed.test.inputs.chunks(64))
        {
            let middle = a.chunks(10).skip(1).take(8).flat_map(|row| &row[1..9]);
            assert!(middle.eq(b));
        }
    }

    /// The noise on 179,700 pixels: its mean is within 5 standard errors of 0, and its variance within 5 of
    /// 0.16. A false alarm has a chance of about one in a million.
    #[test]
    fn noise_has_its_standard_deviation() {
        let (plain, noisy) = (plain(), noisy(1));
        let pairs = |data: &Data| [data.train.inputs.clone(), data.test.inputs.clone()].concat();
        let noise: Vec<f64> = pairs(&noisy)
            .iter()
            .zip(pairs(&plain))
            .map(|(a, b)| f64::from(a - b))
            .collect();
        let n = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / n;
        let variance = noise.iter().map(|x| x * x).sum::<f64>() / n;
        assert!(mean.abs() < 5.0 * 0.4 / n.sqrt(), "{mean}");
        assert!(
            (variance / 0.16 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
            "{variance}"
        );
    }
}
