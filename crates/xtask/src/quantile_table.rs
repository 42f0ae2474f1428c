//! The table behind the library's normal numbers: `draw/quantile_table.rs`.

use std::fmt::Write as _;

const OCTAVES: u32 = 32;
const PARTS: u32 = 32;
const C0_BITS: i32 = 28;
const C_BITS: i32 = 36;

/// The source of the table.
pub fn source() -> String {
    let mut text = String::from(
        "//! Made by `cargo xtask quantile-table`: c₀ … c₃ for each part of each octave.\n\n\
         #[rustfmt::skip]\n\
         pub(super) const COEFFICIENTS: [[u32; 4]; 1024] = [\n",
    );
    for octave in 0..OCTAVES {
        for part in 0..PARTS {
            let [c0, c1, c2, c3] = coefficients(octave, part);
            let _ = writeln!(text, "    [{c0}, {c1}, {c2}, {c3}],");
        }
    }
    text.push_str("];\n");
    text
}

/// Interpolates Q at the Chebyshev nodes of a part, as c₀ − t (c₁ − t (c₂ − t c₃)).
fn coefficients(octave: u32, part: u32) -> [u32; 4] {
    let width = f64::from(1 + octave).exp2().recip() / f64::from(2 * PARTS);
    let begin = width * f64::from(PARTS + part);
    let nodes: [f64; 4] = std::array::from_fn(|i| {
        0.5 - 0.5 * (std::f64::consts::PI * (2 * i + 1) as f64 / 8.0).cos()
    });
    let values = nodes.map(|t| upper_tail_quantile(begin + width * t));

    // Newton's divided differences, then expanded to powers of t.
    let mut differences = values;
    for order in 1..4 {
        for i in (order..4).rev() {
            differences[i] = (differences[i] - differences[i - 1]) / (nodes[i] - nodes[i - order]);
        }
    }
    let mut powers = [0.0; 4];
    for i in (0..4).rev() {
        for power in (1..4).rev() {
            powers[power] = powers[power - 1] - nodes[i] * powers[power];
        }
        powers[0] = differences[i] - nodes[i] * powers[0];
    }
    let fixed = |value: f64, bits: i32| {
        let scaled = (value * f64::from(bits).exp2()).round();
        assert!(
            (0.0..=f64::from(u32::MAX)).contains(&scaled),
            "{octave} {part} {value}"
        );
        scaled as u32
    };
    [
        fixed(powers[0], C0_BITS),
        fixed(-powers[1], C_BITS),
        fixed(powers[2], C_BITS),
        fixed(-powers[3], C_BITS),
    ]
}

/// The x that a standard normal variable exceeds with probability `p` ≤ ½, by Newton's method.
fn upper_tail_quantile(p: f64) -> f64 {
    let tail = |x: f64| 0.5 * libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2);
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    // ln of the tail is close to a parabola: from the left, Newton's steps on it never overshoot.
    let mut x = 0.0;
    for _ in 0..100 {
        let step = (tail(x).ln() - p.ln()) * tail(x) / density(x);
        x += step;
        if step.abs() < 1e-15 * x.abs() {
            break;
        }
    }
    x
}
