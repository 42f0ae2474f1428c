//! What several test files share.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod convolve;
pub mod own;

use burn_init_values::{AnyInitializer, Initializer, Key, Seed, WeightLayout};

/// The key of what the tests draw.
pub fn key() -> Key {
    Seed::new(77).key("w")
}

/// All elements, in the saved layout.
pub fn draw(init: &(impl Initializer + ?Sized), layout: impl Into<WeightLayout>) -> Vec<f32> {
    init.draw(&layout.into(), key()).unwrap()
}

/// The incoming weights of one neuron after another.
pub fn draw_neurons(init: &(impl Initializer + ?Sized), neurons: usize, inputs: usize) -> Vec<f32> {
    draw(init, WeightLayout::linear_col([neurons, inputs]))
}

/// A convolution of a single group.
pub fn conv<const D: usize>(shape: [usize; D]) -> WeightLayout {
    WeightLayout::conv(shape).unwrap()
}

/// A transposed convolution of a single group.
pub fn conv_transpose<const D: usize>(shape: [usize; D]) -> WeightLayout {
    WeightLayout::conv_transpose(shape).unwrap()
}

/// A convolution of several groups.
pub fn grouped(layout: WeightLayout, groups: usize) -> WeightLayout {
    layout.groups(groups).unwrap()
}

/// The bits of values.
pub fn to_bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Σ w².
pub fn energy(w: &[f32]) -> f64 {
    w.iter().map(|w| f64::from(*w).powi(2)).sum()
}

/// How many values aren't 0.
pub fn count_nonzeros<'a>(w: impl IntoIterator<Item = &'a f32>) -> usize {
    w.into_iter().filter(|w| **w != 0.0).count()
}

/// Which weights aren't 0, of one neuron after another.
pub fn mask(init: &(impl Initializer + ?Sized), neurons: usize, inputs: usize) -> Vec<bool> {
    let w = draw_neurons(init, neurons, inputs);
    w.into_iter().map(|w| w != 0.0).collect()
}

/// How many weights each neuron keeps.
pub fn row_counts(mask: &[bool], inputs: usize) -> Vec<usize> {
    let rows = mask.chunks(inputs);
    rows.map(|row| row.iter().filter(|kept| **kept).count())
        .collect()
}

/// How many neurons read each input.
pub fn column_counts(mask: &[bool], inputs: usize) -> Vec<usize> {
    let column = |i: usize| mask.iter().skip(i).step_by(inputs);
    (0..inputs)
        .map(|i| column(i).filter(|kept| **kept).count())
        .collect()
}

/// How far a matrix with a row for each neuron is from being semi-orthogonal times a gain: the
/// largest element of |WWᵀ − gain²|, or of |WᵀW − gain²| where there are more rows than columns;
/// divided by gain² where that's smaller than 1.
pub fn distance_from_orthogonal(w: &[f32], rows: usize, columns: usize, gain: f32) -> f32 {
    /// Products that are summed side by side, each sum in f32.
    const LANES: usize = 8;

    assert_eq!(w.len(), rows * columns);
    // The vectors that should be orthonormal, one after another, and zeros behind each.
    let (count, len) = (rows.min(columns), rows.max(columns));
    let padded = len.next_multiple_of(LANES);
    let mut vectors = vec![0.0; count * padded];
    for (index, w) in w.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let (vector, i) = match rows <= columns {
            true => (row, column),
            false => (column, row),
        };
        vectors[vector * padded + i] = *w;
    }
    let vector = |j: usize| vectors[j * padded..][..padded].as_chunks::<LANES>().0;
    // Four at a time: each chunk of the other one is read once for all of them.
    let mut largest = 0f32;
    for first in (0..count).step_by(4) {
        let four: [_; 4] = std::array::from_fn(|k| vector((first + k).min(count - 1)));
        for other in 0..(first + 4).min(count) {
            let mut sums = [[0f32; LANES]; 4];
            for (t, b) in vector(other).iter().enumerate() {
                for (sums, a) in sums.iter_mut().zip(four) {
                    for ((sum, a), b) in sums.iter_mut().zip(&a[t]).zip(b) {
                        *sum += a * b;
                    }
                }
            }
            for (k, sums) in sums.iter().enumerate() {
                let equal = (first + k).min(count - 1) == other;
                let expected = if equal { gain * gain } else { 0.0 };
                let product: f32 = sums.iter().sum();
                largest = largest.max((product - expected).abs());
            }
        }
    }
    largest / (gain * gain).min(1.0)
}

/// Whether settings fit a weight; the same error from every way in, and nothing written.
pub fn check(
    init: impl Into<AnyInitializer>,
    layout: impl Into<WeightLayout>,
) -> Result<(), String> {
    let (init, layout) = (init.into(), layout.into());
    let checked = init.check(&layout);
    if checked.is_err() {
        assert_eq!(init.fit(&layout).err(), checked.clone().err());
        assert_eq!(init.draw(&layout, key()).err(), checked.clone().err());
        let mut out = [7.0; 2];
        assert_eq!(init.fill(&layout, key(), 0, &mut out), checked.clone());
        assert_eq!(out, [7.0; 2]);
        let mut all = init.fit_all(&[&layout]);
        assert_eq!(all.remove(0).err(), checked.clone().err());
    } else {
        let drawn = init.draw(&layout, key());
        drawn.map_err(|error| error.to_string())?;
    }
    checked.map_err(|error| error.to_string())
}

/// Settings, a weight that they don't fit, and what the message says.
pub type Refused<'a> = (AnyInitializer, WeightLayout, &'a [&'a str]);

/// Each of these is an error, whose message has these parts.
pub fn assert_refused<'a>(cases: impl IntoIterator<Item = Refused<'a>>) {
    for (init, layout, parts) in cases {
        let message = check(init.clone(), layout).expect_err(&init.to_string());
        for part in parts {
            assert!(
                message.contains(part),
                "{init}: `{part}` isn't in `{message}`"
            );
        }
    }
}
