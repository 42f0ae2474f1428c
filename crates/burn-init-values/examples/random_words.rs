//! Random words on standard output, four bytes each, without an end: for batteries of statistical tests.
//!
//! What stands side by side is what could be alike: draws of one parameter, of seeds, paths, streams or parts that
//! follow each other, and elements of neighbouring parameters.
//!
//! ```console
//! $ cargo run --release --package burn-init-values --example random_words -- seeds | dieharder -g 200 -d 0
//! ```

use std::env;
use std::io::{self, ErrorKind, Write};

use burn_init_values::{Seed, draw};

/// The n-th word of a stream.
type Source = fn(u64) -> u32;

const SOURCES: [(&str, Source); 8] = [
    // The words of one parameter.
    ("elements", |n| draw::word(Seed::new(0).key("layers.0"), n)),
    // The first words of the seeds 0, 1, 2, …
    ("seeds", |n| draw::word(Seed::new(n).key("layers.0"), 0)),
    // The first words of the paths layers.0, layers.1, layers.2, …
    ("paths", |n| draw::word(layer(n), 0)),
    // The streams 0, 1, …, 255 in turn.
    ("streams", |n| {
        let key = Seed::new(0).key("layers.0").stream(n as u8);
        draw::word(key, n >> 8)
    }),
    // The first words of the parts 0, 1, 2, … of a packed parameter.
    ("parts", |n| {
        draw::word(Seed::new(0).key("layers.0").part(n as usize), 0)
    }),
    // The elements of sixteen parameters in turn.
    ("layers", |n| draw::word(layer(n % 16), n / 16)),
    // The first column of a matrix with rows of 4096 elements.
    ("column", |n| {
        draw::word(Seed::new(0).key("layers.0"), n << 12)
    }),
    // Normal numbers of sixteen parameters in turn, two a word: 16 bits of the probability of a smaller one.
    ("normals", |n| {
        let bits = |n| (probability(draw::normal(layer(n % 16), n / 16)) * 65536.0) as u32;
        bits(2 * n) << 16 | bits(2 * n + 1)
    }),
];

fn layer(number: u64) -> burn_init_values::Key {
    Seed::new(0).key(&format!("layers.{number}"))
}

/// Φ(x): how probable a number below `x` is.
fn probability(x: f32) -> f64 {
    0.5 * libm::erfc(-f64::from(x) * std::f64::consts::FRAC_1_SQRT_2)
}

fn main() -> io::Result<()> {
    let name = env::args().nth(1).unwrap_or_default();
    let Some((_, source)) = SOURCES.iter().find(|(known, _)| *known == name) else {
        let names = SOURCES.map(|(name, _)| name).join(", ");
        eprintln!("which words? One of {names}");
        std::process::exit(2);
    };
    let mut out = io::stdout().lock();
    let mut bytes = Vec::new();
    for first in (0..).step_by(1 << 14) {
        bytes.clear();
        bytes.extend((first..first + (1 << 14)).flat_map(|n| source(n).to_le_bytes()));
        match out.write_all(&bytes) {
            // Who reads has enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            result => result?,
        }
    }
    Ok(())
}
