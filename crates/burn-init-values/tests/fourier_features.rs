//! Random Fourier features: frequencies and phases.

use crate::common::{assert_refused, draw, key, to_bits};
use burn_init_values::{
    AnyInitializer, FourierFeatures, Initializer, Normal, Phases, Seed, WeightLayout, draw,
};

/// Features of `x` and `y` from weights `[3, D]` with biases or without: their product.
fn product(w: &[f32], b: Option<&[f32]>, x: [f64; 3], y: [f64; 3]) -> f64 {
    let features = w.len() / 3;
    let phase = |x: [f64; 3], d: usize| -> f64 {
        (0..3).map(|i| f64::from(w[i * features + d]) * x[i]).sum()
    };
    let terms = (0..features).map(|d| match b {
        Some(b) => {
            let b = f64::from(b[d]);
            2.0 * (phase(x, d) + b).cos() * (phase(y, d) + b).cos()
        }
        None => {
            let (x, y) = (phase(x, d), phase(y, d));
            x.cos() * y.cos() + x.sin() * y.sin()
        }
    });
    terms.sum::<f64>() / features as f64
}

/// The products are the Gaussian kernel, of pairs at all distances.
///
/// By Hoeffding's inequality, the mean of D terms between −2 and 2 (with phases) or −1 and 1
/// (without) is further than ε from its expectation with a probability of at most 2exp(−Dε²/8), or
/// 2exp(−Dε²/2). ε is such that this is 10⁻⁸ for each of the 2·2·30 products: 0.044 and 0.022.
#[test]
fn gaussian_kernel() {
    const D: usize = 80_000;
    let seed = Seed::new(9);
    let b = Phases::new()
        .draw(&WeightLayout::vector([D]), seed.key("features.bias"))
        .unwrap();
    let root = (2e8f64.ln() / D as f64).sqrt();
    for cycles in [false, true] {
        let (init, radians) = match cycles {
            false => (FourierFeatures::new(1.7), 1.7),
            true => (
                FourierFeatures::new(0.4).cycles(),
                0.8 * std::f64::consts::PI,
            ),
        };
        let w = init
            .draw(&[3, D].into(), seed.key("features.weight"))
            .unwrap();
        let (mut small, mut large) = (false, false);
        for pair in 0..30u64 {
            let point = |first: u64| {
                [0, 1, 2].map(|i| f64::from(draw::normal(seed.key("x"), 6 * pair + first + i)))
            };
            // Distances from near to far.
            let (x, step) = (point(0), point(3).map(|step| step * pair as f64 / 30.0));
            let y = [0, 1, 2].map(|i| x[i] + step[i]);
            let square: f64 = step.iter().map(|step| step * step).sum();
            let kernel = (-0.5 * radians * radians * square).exp();
            (small, large) = (small || kernel < 0.1, large || kernel > 0.9);
            let with_phases = product(&w, Some(&b), x, y);
            assert!(
                (with_phases - kernel).abs() < 8f64.sqrt() * root,
                "{with_phases} {kernel}"
            );
            let without = product(&w, None, x, y);
            assert!(
                (without - kernel).abs() < 2f64.sqrt() * root,
                "{without} {kernel}"
            );
        }
        assert!(small && large);
    }
}

/// Frequencies are the draws of `Normal`, in cycles 2π times as large; phases are within a turn.
#[test]
fn values() {
    let shape = [30, 40];
    let normal = draw(&Normal::new(0.0, 2.5), shape);
    assert_eq!(
        to_bits(&draw(&FourierFeatures::new(2.5), shape)),
        to_bits(&normal)
    );
    let cycles = draw(&FourierFeatures::new(2.5).cycles(), shape);
    for (cycles, normal) in cycles.iter().zip(&normal) {
        assert!((cycles / normal / std::f32::consts::TAU - 1.0).abs() < 3e-7);
    }
    // Of 10⁵ phases, the mean is π and the variance π²/3 within five standard errors.
    let b = draw(&Phases::new(), WeightLayout::vector([100_000]));
    let fitted = Phases::new().fit(&WeightLayout::vector([1])).unwrap();
    let (low, high) = fitted.bounds().unwrap();
    assert!(low == 0.0 && f64::from(high) <= std::f64::consts::TAU && high > 6.2);
    let (n, pi) = (b.len() as f64, std::f64::consts::PI);
    let mean = b.iter().map(|b| f64::from(*b)).sum::<f64>() / n;
    let variance = b.iter().map(|b| (f64::from(*b) - pi).powi(2)).sum::<f64>() / n;
    assert!((mean - pi).abs() < 5.0 * pi / (3.0 * n).sqrt(), "{mean}");
    let error = pi * pi * ((1.0 / 5.0 - 1.0 / 9.0) / n).sqrt();
    assert!((variance - pi * pi / 3.0).abs() < 5.0 * error, "{variance}");
    // Phases fit parameters of any shape.
    for layout in [WeightLayout::from([]), [3, 4].into(), [2, 3, 4, 5].into()] {
        assert_eq!(
            Phases::new().draw(&layout, key()).unwrap().len(),
            layout.elements().unwrap()
        );
    }
}

#[test]
fn refused() {
    let new = FourierFeatures::new;
    let cases: [(AnyInitializer, WeightLayout, &[&str]); 6] = [
        (
            new(1.0).into(),
            WeightLayout::vector([5]),
            &["rank 2 or more", "`Phases`"],
        ),
        (
            new(-1.0).into(),
            [5, 5].into(),
            &["FourierFeatures", "std", "0 or greater"],
        ),
        (new(f64::NAN).into(), [5, 5].into(), &["std"]),
        (
            new(f64::INFINITY).cycles().into(),
            [5, 5].into(),
            &["std", "finite"],
        ),
        (new(1e38).into(), [5, 5].into(), &["FourierFeatures", "std"]),
        (
            new(1e37).cycles().into(),
            [5, 5].into(),
            &["FourierFeatures", "std"],
        ),
    ];
    assert_refused(cases);
}
