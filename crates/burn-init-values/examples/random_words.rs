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

use burn_init_values::{Key, Seed, draw};

/// The n-th word of a stream.
type Source = Box<dyn Fn(u64) -> u32>;

/// A source by its name.
type Named = (&'static str, fn() -> Source);

const SOURCES: [Named; 8] = [
    // The words of one parameter.
    ("elements", || {
        let key = layer(0);
        Box::new(move |n| draw::word(key, n))
    }),
    // The first words of the seeds 0, 1, 2, …
    ("seeds", || {
        Box::new(|n| draw::word(Seed::new(n).key("layers.0"), 0))
    }),
    // The first words of the paths layers.0, layers.1, layers.2, …
    ("paths", || Box::new(|n| draw::word(layer(n), 0))),
    // The streams 0, 1, …, 255 in turn.
    ("streams", || {
        let key = layer(0);
        Box::new(move |n| draw::word(key.stream(n as u8), n >> 8))
    }),
    // The first words of the parts 0, 1, 2, … of a packed parameter.
    ("parts", || {
        let key = layer(0);
        Box::new(move |n| draw::word(key.part(n as usize), 0))
    }),
    // The elements of sixteen parameters in turn.
    ("layers", || {
        let keys = sixteen();
        Box::new(move |n| draw::word(keys[n as usize % 16], n / 16))
    }),
    // The first column of a matrix with rows of 4096 elements.
    ("column", || {
        let key = layer(0);
        Box::new(move |n| draw::word(key, n << 12))
    }),
    // Normal numbers of sixteen parameters in turn, two a word: 16 bits of the probability of a smaller one.
    ("normals", || {
        let keys = sixteen();
        let bits = move |n| {
            let x = draw::normal(keys[n as usize % 16], n / 16);
            (probability(x) * 65536.0) as u32
        };
        Box::new(move |n| bits(2 * n) << 16 | bits(2 * n + 1))
    }),
];

fn layer(number: u64) -> Key {
    Seed::new(0).key(&format!("layers.{number}"))
}

fn sixteen() -> [Key; 16] {
    std::array::from_fn(|number| layer(number as u64))
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
    let source = source();
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
