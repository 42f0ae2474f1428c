//! Shows how a trained network reads test digits.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::args::PredictArgs;
use crate::artifacts;
use crate::batch::DigitBatch;
use crate::digits::{Digit, FRAMED_SIDE};
use crate::error::Error;
use crate::model::CLASSES;
use crate::split::Split;

/// From paper to ink.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// The length of the bar of a probability of 1.
const BAR: usize = 20;

/// Reads the first test digits with the network of an artifacts folder and prints what it makes of them.
///
/// # Errors
///
/// See [`Error`].
pub fn run(args: &PredictArgs) -> Result<(), Error> {
    let device = args.device.open()?;
    let (config, model) = artifacts::load(&args.artifacts, &device)?;
    let digits = &Split::load().test[..args.count.into()];
    let probabilities = model.predict(DigitBatch::new(digits, &device).inputs);
    let probabilities: Vec<f32> = probabilities.try_into_vec_as()?;

    let mut text = format!(
        "{} with seed {}, {} epochs\n",
        config.init, config.seed, config.epochs
    );
    let mut right = 0;
    for (digit, probabilities) in digits.iter().zip(probabilities.chunks_exact(CLASSES)) {
        let read = argmax(probabilities);
        right += usize::from(read == usize::from(digit.label));
        text += &card(digit, probabilities, read);
    }
    let _ = writeln!(text, "\n{right} of {} right", digits.len());
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever closed the pipe has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write to", "the standard output".as_ref())(error))
        }
        _ => Ok(()),
    }
}

/// The most probable digit.
fn argmax(probabilities: &[f32]) -> usize {
    let best =
        (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    best.unwrap_or_default()
}

/// The picture, with a digit and its probability beside each of its ten rows.
fn card(digit: &Digit, probabilities: &[f32], read: usize) -> String {
    let label = usize::from(digit.label);
    let verdict = match read == label {
        true => "right".to_string(),
        false => format!("wrong, it is a {label}"),
    };
    let mut card = format!("\nread as {read}: {verdict}\n");
    let rows = digit.pixels.chunks_exact(FRAMED_SIDE);
    for (class, (row, &probability)) in rows.zip(probabilities).enumerate() {
        let picture: String = row.iter().flat_map(|&pixel| [shade(pixel); 2]).collect();
        let bar = "■".repeat((probability * BAR as f32).round() as usize);
        let percent = 100.0 * probability;
        let mark = match class == label {
            true => '←',
            false => ' ',
        };
        let line = format!("{picture} {class} {percent:5.1} % {mark} {bar}");
        card += line.trim_end();
        card.push('\n');
    }
    card
}

/// The character for a pixel from 0 to 1; a pixel is two of them wide, which makes it about square.
fn shade(pixel: f32) -> char {
    SHADES[(pixel * (SHADES.len() - 1) as f32).round() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_run_from_paper_to_ink() {
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(shade), SHADES);
    }

    #[test]
    fn a_card_has_a_row_for_each_digit_and_says_what_is_right() {
        let digit = Digit {
            pixels: [1.0; 100],
            label: 3,
        };
        let mut probabilities = [0.0; CLASSES];
        probabilities[3] = 1.0;
        let read = argmax(&probabilities);
        let card = card(&digit, &probabilities, read);
        assert_eq!(card.lines().count(), 12);
        assert!(card.contains("read as 3: right"), "{card}");
        let row = format!("{} 3 100.0 % ← {}", "█".repeat(20), "■".repeat(BAR));
        assert!(card.contains(&row), "{card}");
    }
}
