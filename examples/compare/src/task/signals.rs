//! Signals that are made by a seed: tones in noise, and vibrations.

use std::f64::consts::TAU;

use burn_init::{Key, Seed, draw};

use super::data::{Data, Examples};

/// Samples of a tone: 0.1 s at 2 kHz.
pub const TONE: usize = 200;
/// Tones to train on.
pub const TONES_TRAIN: usize = 5250;
/// Tones to test on: 7,000 in all.
const TONES_TEST: usize = 1750;

/// The share of a tone in the amplitude.
const AMPLITUDE: f64 = 0.8;

/// Samples of a vibration.
pub const VIBRATION: usize = 256;
/// Vibrations to train on.
pub const VIBRATIONS_TRAIN: usize = 1600;
/// Vibrations to test on.
const VIBRATIONS_TEST: usize = 400;

/// Class 1: 50 Hz, five periods, in white noise. Class 0: noise. Both have a mean square of 1 (Pandey et al.
/// 2022).
pub fn detection(seed: u64) -> Data {
    tones(seed, |kind| match kind {
        0 | 2 => (0, &[]),
        _ => (1, &[5]),
    })
}

/// Class 1: 50 or 80 Hz in white noise. Class 0: both of one phase, or noise (Pandey et al. 2022).
pub fn xor(seed: u64) -> Data {
    tones(seed, |kind| match kind {
        0 => (0, &[]),
        1 => (1, &[5]),
        2 => (0, &[5, 8]),
        _ => (1, &[8]),
    })
}

/// Signals of four kinds, each of which has a class and some numbers of periods; the kinds take turns.
fn tones(seed: u64, kind: impl Fn(usize) -> (u8, &'static [usize])) -> Data {
    let key = Seed::new(seed).key("tones");
    examples(TONES_TRAIN, TONES_TEST, |number| {
        let (label, periods) = kind(number % 4);
        let phase = TAU * unit(key.stream(1), number as u64);
        let share = if periods.is_empty() { 0.0 } else { AMPLITUDE };
        let amplitude = share * (2.0 / periods.len().max(1) as f64).sqrt();
        let first = number * TONE;
        let sample = |x: usize| {
            let wave = |k: &usize| (TAU * (k * x) as f64 / TONE as f64 + phase).cos();
            let noise = f64::from(draw::normal(key, (first + x) as u64));
            let tone = periods.iter().map(wave).sum::<f64>();
            (amplitude * tone + (1.0 - share * share).sqrt() * noise) as f32
        };
        (label, (0..TONE).map(sample).collect())
    })
}

/// What rings in each of the faults, in periods per sample; nothing in a sound bearing.
const RESONANCES: [Option<f64>; 4] = [None, Some(0.09), Some(0.13), Some(0.19)];

/// Samples between two blows of a fault.
const BLOWS: f64 = 64.0;

/// Accelerations at a bearing: noise of variance 1, and where there is a fault, a blow every 64 samples, on
/// average, after which its resonance rings with a damping of 0.05: A e^(−0.05·2πft) sin(2πft).
pub fn vibrations(seed: u64) -> Data {
    let key = Seed::new(seed).key("vibrations");
    examples(VIBRATIONS_TRAIN, VIBRATIONS_TEST, |number| {
        let class = number % RESONANCES.len();
        let first = number * VIBRATION;
        let noise = |x: usize| draw::normal(key, (first + x) as u64);
        let mut signal: Vec<f32> = (0..VIBRATION).map(noise).collect();
        if let Some(frequency) = RESONANCES[class] {
            let jitter = |blow: usize| unit(key.stream(1), (number * 8 + blow) as u64);
            for blow in 0..6 {
                let start = BLOWS * (blow as f64 - 1.0 + jitter(7) + 0.1 * jitter(blow));
                let (amplitude, turn) = (1.5 + jitter(blow), TAU * frequency);
                for (x, value) in signal.iter_mut().enumerate() {
                    let t = x as f64 - start;
                    if t >= 0.0 {
                        *value += (amplitude * (-0.05 * turn * t).exp() * (turn * t).sin()) as f32;
                    }
                }
            }
        }
        (class as u8, signal)
    })
}

/// The number with this index from U(0, 1).
fn unit(key: Key, index: u64) -> f64 {
    (f64::from(draw::word(key, index)) + 0.5) / 4_294_967_296.0
}

/// So many examples to train and to test on, each made from its number.
fn examples(train: usize, test: usize, example: impl Fn(usize) -> (u8, Vec<f32>)) -> Data {
    let part = |numbers: std::ops::Range<usize>| {
        let (labels, inputs): (Vec<u8>, Vec<Vec<f32>>) = numbers.map(&example).unzip();
        let inputs = inputs.concat();
        Examples { inputs, labels }
    };
    Data {
        train: part(0..train),
        test: part(train..train + test),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power of a signal at k periods, in units of its samples.
    fn power(signal: &[f32], k: usize) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (x, value) in signal.iter().enumerate() {
            let (sin, cos) = (TAU * (k * x) as f64 / signal.len() as f64).sin_cos();
            re += f64::from(*value) * cos;
            im += f64::from(*value) * sin;
        }
        (re * re + im * im) / signal.len() as f64
    }

    /// At 50 and 80 Hz, the mean power is 1 for noise and about 0.64 · 100 + 0.36 for a tone, half of the
    /// former for each of two.
    #[test]
    fn tones_have_their_power() {
        let data = xor(1);
        let mut means = [[0.0; 3]; 4];
        for (number, signal) in data.test.inputs.chunks(TONE).enumerate() {
            for (mean, k) in means[number % 4].iter_mut().zip([5, 8, 11]) {
                *mean += power(signal, k) / (TONES_TEST / 4) as f64;
            }
        }
        let (noise, tone) = (0.36, 64.36);
        // The first test example has the number 5250, which is 2 modulo 4: both tones.
        let expected = [
            [32.36, 32.36, noise],
            [noise, tone, noise],
            [1.0; 3],
            [tone, noise, noise],
        ];
        for (mean, expected) in means.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((mean / expected - 1.0).abs() < 0.3, "{means:?}");
        }
        assert_eq!(data.test.labels[..4], [0, 1, 0, 1]);
        assert_eq!(data.train.labels[..4], [0, 1, 0, 1]);
    }

    #[test]
    fn faults_ring_at_their_resonance() {
        let data = vibrations(1);
        assert_eq!(data.train.count(), VIBRATIONS_TRAIN);
        let mut means = [[0.0; 3]; 4];
        let bins = [23, 33, 49];
        for (signal, label) in data.train.inputs.chunks(VIBRATION).zip(&data.train.labels) {
            for (mean, k) in means[usize::from(*label)].iter_mut().zip(bins) {
                *mean += power(signal, k) / (VIBRATIONS_TRAIN / 4) as f64;
            }
        }
        for (class, means) in means.iter().enumerate() {
            for (k, mean) in means.iter().enumerate() {
                assert_eq!(*mean > 4.0, class == k + 1, "{means:?}");
            }
        }
    }

    #[test]
    fn seeds_draw_other_examples() {
        for data in [detection, xor, vibrations] {
            let (a, b) = (data(1), data(2));
            assert_ne!(a.test.inputs, b.test.inputs);
            assert_eq!(a.test.labels, b.test.labels);
            assert_ne!(a.test.inputs, a.train.inputs[..a.test.inputs.len()]);
        }
    }
}
