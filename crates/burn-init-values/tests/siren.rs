//! Weights for sine activations.

use crate::common::{assert_refused, conv, conv_transpose, draw, grouped};
use burn_init_values::{Initializer, Seed, Siren, WeightLayout, draw};

/// The bounds of the paper: 1/n, and √(6/n)/ω₀, by fan_in. Of 10⁵ weights the largest is within
/// 0.1 % of the bound, but with probability e⁻¹⁰⁰.
#[test]
fn bounds() {
    let cases = [
        (Siren::first(), WeightLayout::linear([2, 50_000]), 0.5),
        (Siren::first(), WeightLayout::linear_col([30_000, 4]), 0.25),
        (
            Siren::hidden(30.0),
            WeightLayout::linear([256, 512]),
            0.005_103_103_630_798_288,
        ),
        (
            Siren::default(),
            WeightLayout::linear([256, 512]),
            0.005_103_103_630_798_288,
        ),
        (Siren::hidden(1.0), WeightLayout::linear([600, 200]), 0.1),
        (
            Siren::hidden(2.0),
            grouped(conv([150, 75, 3, 4]), 2),
            0.040_824_829_046_386_3,
        ),
        (
            Siren::first(),
            conv_transpose([50, 100, 5, 5]),
            1.0 / 1250.0,
        ),
    ];
    for (init, layout, bound) in cases {
        let fitted = init.fit(&layout).unwrap();
        let w = draw(&init, layout);
        let largest = w.iter().fold(0f32, |largest, w| largest.max(w.abs()));
        let bound_f32 = bound as f32;
        assert!(
            largest < bound_f32 && largest > 0.999 * bound_f32,
            "{init}: {largest} {bound}"
        );
        assert_eq!(fitted.bounds(), Some((-bound_f32, bound_f32)));
        // Variance a²/3; the fourth moment is a⁴/5. Five standard errors.
        let n = w.len() as f64;
        let variance = w
            .iter()
            .map(|w| f64::from(*w / bound_f32).powi(2))
            .sum::<f64>()
            / n;
        let error = ((1.0 / 5.0 - 1.0 / 9.0) / n).sqrt();
        assert!(
            (variance - 1.0 / 3.0).abs() < 5.0 * error,
            "{init}: {variance}"
        );
    }
}

/// Kolmogorov–Smirnov distance between values and a distribution.
fn distance(values: &mut [f32], cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_unstable_by(f32::total_cmp);
    let n = values.len() as f64;
    let steps = values.iter().enumerate();
    steps.fold(0.0, |distance: f64, (i, value)| {
        distance.max((cdf(f64::from(*value)) - (i as f64 + 0.5) / n).abs())
    })
}

/// The paper's claim, through a network of 2 coordinates and six layers: behind the first layer
/// ω₀Wx is normal and the sines are close to the arcsine distribution.
///
/// The paper says N(0, 1), as of arcsine inputs with variance ½. The variance v of sin(N(0, s²))
/// is (1 − e^(−2s²))/2 and the next s² is 2v, so s² falls from 1 to 0.80, and the distance of
/// sines to the arcsine distribution comes close to e^(−2s²)/π = 0.064.
#[test]
fn normal_before_and_arcsine_behind() {
    const POINTS: usize = 400;
    const WIDTH: usize = 512;
    let omega = 30.0;
    let seed = Seed::new(4);
    let mut x: Vec<f32> = (0..2 * POINTS as u64)
        .map(|i| draw::uniform(seed.key("x"), i))
        .collect();
    let mut variance = f64::NAN;
    for layer in 0..6 {
        let inputs = x.len() / POINTS;
        let init = if layer == 0 {
            Siren::first()
        } else {
            Siren::hidden(omega)
        };
        let key = seed.key(&format!("layer{layer}.weight"));
        let w = init.draw(&[inputs, WIDTH].into(), key).unwrap();
        let mut z = vec![0.0; POINTS * WIDTH];
        for (x, z) in x.chunks(inputs).zip(z.chunks_mut(WIDTH)) {
            for (x, w) in x.iter().zip(w.chunks(WIDTH)) {
                z.iter_mut()
                    .zip(w)
                    .for_each(|(z, w)| *z += omega as f32 * x * w);
            }
        }
        x = z.iter().map(|z| z.sin()).collect();
        if layer > 0 {
            let measured = z.iter().map(|z| f64::from(*z).powi(2)).sum::<f64>() / z.len() as f64;
            variance = if layer == 1 {
                1.0
            } else {
                1.0 - (-2.0 * variance).exp()
            };
            // 512 neurons read 512 inputs: a few per cent.
            assert!(
                (measured / variance - 1.0).abs() < 0.06,
                "{layer}: {measured} {variance}"
            );
            let std = (2.0 * variance).sqrt();
            let normal = distance(&mut z, |z| 0.5 * libm::erfc(-z / std));
            assert!(normal < 0.02, "{layer}: {normal}");
        }
        let arcsine = distance(&mut x.clone(), |x| 0.5 + x.asin() / std::f64::consts::PI);
        assert!(arcsine < 0.075, "{layer}: {arcsine}");
    }
    assert!((variance - 0.80).abs() < 0.01, "{variance}");
}

#[test]
fn refused() {
    let vector = WeightLayout::vector([5]);
    let cases: [(Siren, WeightLayout, &[&str]); 7] = [
        (Siren::first(), vector.clone(), &["Siren", "rank 2 or more"]),
        (Siren::hidden(30.0), vector, &["rank 2 or more"]),
        (
            Siren::hidden(0.0),
            [5, 5].into(),
            &["omega", "greater than 0"],
        ),
        (Siren::hidden(-30.0), [5, 5].into(), &["omega", "-30"]),
        (Siren::hidden(f64::NAN), [5, 5].into(), &["omega"]),
        (
            Siren::hidden(f64::INFINITY),
            [5, 5].into(),
            &["omega", "finite"],
        ),
        (Siren::hidden(1e-300), [5, 5].into(), &["omega"]),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}
