//! Kernels that interpolate.

use crate::common::convolve::{Picture, convolve_transposed, places};
use crate::common::{assert_refused, conv, conv_transpose, draw, grouped};
use burn_init_values::{Bilinear, WeightLayout};

/// What Caffe's `BilinearFiller` and `bilinear_kernel` for PyTorch give.
#[test]
fn values() {
    let thirds = [1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0 / 3.0, 1.0 / 3.0];
    let cases: [(&[f32], usize); 6] = [
        (&[1.0], 1),
        (&[0.5, 0.5], 2),
        (&[0.5, 1.0, 0.5], 3),
        (&[0.25, 0.75, 0.75, 0.25], 4),
        (&thirds, 5),
        (&[1.0 / 6.0, 0.5, 5.0 / 6.0, 5.0 / 6.0, 0.5, 1.0 / 6.0], 6),
    ];
    for (line, k) in cases {
        let close = |given: &[f32], expected: &mut dyn Iterator<Item = f32>| {
            for given in given {
                assert!((given - expected.next().unwrap()).abs() < 1e-6, "{k}");
            }
        };
        close(
            &draw(&Bilinear::new(), conv_transpose([1, 1, k])),
            &mut line.iter().copied(),
        );
        let square = draw(&Bilinear::new().gain(2.0), conv_transpose([1, 1, k, 3]));
        let other = [0.5, 1.0, 0.5];
        let mut products = line.iter().flat_map(|a| other.map(|b| 2.0 * a * b));
        close(&square, &mut products);
    }
}

/// A ramp, made s times larger, is the ramp at the points between: inside, and of each channel.
#[test]
fn interpolates_ramps() {
    for scale in 1..=5 {
        let k = 2 * scale - scale % 2;
        let padding = (scale - 1usize).div_ceil(2);
        for axes in 1..=3 {
            let n = [6, 5, 4];
            let slopes = [1.0, -0.3, 7.0];
            for (channels, groups) in [(2, 1), (3, 3), (4, 2)] {
                if axes == 3 && (scale > 3 || groups == 2) {
                    continue;
                }
                let value = |c: usize, place: &[f64]| {
                    let sum: f64 = place.iter().zip(slopes).map(|(p, slope)| p * slope).sum();
                    (c + 1) as f64 * (sum + 2.0)
                };
                let x = Picture::new(channels, &n[..axes], |c, place| {
                    let place: Vec<f64> = place.iter().map(|p| *p as f64).collect();
                    value(c, &place)
                });
                let shape = [&[channels, channels / groups][..], &vec![k; axes]].concat();
                let layout = grouped(WeightLayout::conv_transpose(shape).unwrap(), groups);
                let layout = layout.strides(vec![scale; axes]).unwrap();
                let w = draw(&Bilinear::new(), layout.clone());
                let sizes: Vec<usize> = n[..axes].iter().map(|n| n * scale).collect();
                let y = convolve_transposed(&layout, &w, &x, scale, padding, &sizes);
                let mut inside = 0;
                for place in places(&sizes) {
                    // Where the middle of the kernel of each input lies.
                    let shift = (k - 1) as f64 / 2.0 - padding as f64;
                    let low: Vec<f64> = place
                        .iter()
                        .map(|p| (*p as f64 - shift) / scale as f64)
                        .collect();
                    let is_inside = low
                        .iter()
                        .zip(n)
                        .all(|(p, n)| (0.0..=(n - 1) as f64).contains(p));
                    if !is_inside {
                        continue;
                    }
                    inside += 1;
                    for c in 0..channels {
                        let distance = (y.at(c, &place) - value(c, &low)).abs();
                        assert!(distance < 1e-4, "{layout:?} {c} {place:?}: {distance}");
                    }
                }
                assert!(inside > 0);
            }
        }
    }
}

/// Outputs without an input of their number, and inputs without an output, have zeros.
#[test]
fn off_the_diagonal() {
    for shape in [[2, 3, 3], [3, 2, 3]] {
        let w = draw(&Bilinear::new(), conv_transpose(shape));
        for (number, kernel) in w.chunks(3).enumerate() {
            let expected = match number / shape[1] == number % shape[1] {
                true => [0.5, 1.0, 0.5],
                false => [0.0; 3],
            };
            assert_eq!(kernel, expected);
        }
    }
}

#[test]
fn refused() {
    let needed = "Bilinear needs the kernel of a transposed convolution";
    assert_refused([
        (Bilinear::new().into(), conv([4, 4, 3]), &[needed][..]),
        (Bilinear::new().into(), [4, 4].into(), &[needed]),
        (
            Bilinear::new().into(),
            WeightLayout::vector([4]),
            &["rank 2 or more"],
        ),
        (
            Bilinear::new().gain(f64::NAN).into(),
            conv_transpose([4, 4, 3]),
            &["gain is NaN"],
        ),
    ]);
}
