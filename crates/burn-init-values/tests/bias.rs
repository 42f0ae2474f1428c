//! Biases.

use crate::common::{
    Refused, assert_refused, conv, conv_transpose, draw, energy, grouped, to_bits,
};
use burn_init_values::dense::FanMode;
use burn_init_values::{
    AnyInitializer, BiasUniform, ClassPrior, Poison, Uniform, VarianceScaling, WeightLayout,
};

fn bias_of(weight: WeightLayout) -> WeightLayout {
    WeightLayout::bias_of(&weight).unwrap()
}

/// Within 1/√fan_in of the weight, in every layout, with the bits of a uniform distribution.
#[test]
fn fan_of_the_weight() {
    let up = conv_transpose([16, 8, 4, 4]).strides([2, 2]).unwrap();
    for (weight, fan_in, outputs) in [
        (WeightLayout::linear([100, 64]), 100.0, 64),
        (WeightLayout::linear_col([64, 100]), 100.0, 64),
        (grouped(conv([32, 4, 3, 3]), 4), 36.0, 32),
        (up.clone(), 64.0, 8),
        (grouped(up, 4), 16.0, 32),
        (WeightLayout::embedding([1000, 64]), 1.0, 64),
        // No inputs: nothing that a bias could be compared with.
        (WeightLayout::linear([0, 3]), 1.0, 3),
    ] {
        let a = 1.0 / f64::sqrt(fan_in);
        let values = draw(&BiasUniform::new(), bias_of(weight));
        assert_eq!(
            to_bits(&values),
            to_bits(&draw(&Uniform::new(-a, a), [outputs]))
        );
        assert!(values.iter().all(|b| f64::from(*b).abs() < a));
    }
}

/// Weights and biases of a layer have the same variance: 1/(3 fan_in), within 5 standard errors √(0.8/n).
#[test]
fn as_the_weights() {
    let weight = WeightLayout::linear([50, 100_000]);
    let bias = draw(&BiasUniform::new(), bias_of(weight.clone()));
    let weights = VarianceScaling::new(
        1.0,
        FanMode::FanIn,
        burn_init_values::dense::Distribution::Uniform,
    )
    .gain(1.0 / 3f64.sqrt());
    for values in [bias, draw(&weights, weight)] {
        let n = values.len() as f64;
        let share = energy(&values) / n * 3.0 * 50.0;
        assert!((share - 1.0).abs() < 5.0 * (0.8 / n).sqrt(), "{share}");
    }
}

/// What PyTorch and Burn take as the fan_in of a transposed convolution: channels_out / groups · kernel.
#[test]
fn other_fans() {
    let weight = grouped(conv_transpose([16, 8, 4, 4]), 2);
    let a = 1.0 / (8.0 * 16.0f64).sqrt();
    let values = draw(&BiasUniform::new().mode(FanMode::FanOut), bias_of(weight));
    assert_eq!(values, draw(&Uniform::new(-a, a), [16]));
}

/// Priors give back their probabilities.
#[test]
fn class_priors() {
    let softmax = |b: &[f32]| -> Vec<f64> {
        let all: Vec<f64> = b.iter().map(|b| f64::from(*b).exp()).collect();
        all.iter().map(|e| e / all.iter().sum::<f64>()).collect()
    };
    let near = |given: &[f64], expected: &[f64]| {
        assert_eq!(given.len(), expected.len());
        let pairs = given.iter().zip(expected);
        assert!(
            pairs.clone().all(|(g, e)| (g - e).abs() < 1e-6),
            "{given:?} {expected:?}"
        );
    };
    let p = [0.7, 0.2, 0.1];
    near(&softmax(&draw(&ClassPrior::softmax(p), [3])), &p);
    near(&softmax(&draw(&ClassPrior::softmax([70, 20, 10]), [3])), &p);
    let smooth = ClassPrior::softmax([8, 0, 2]).smoothing(1.0);
    near(
        &softmax(&draw(&smooth, [3])),
        &[9.0 / 13.0, 1.0 / 13.0, 3.0 / 13.0],
    );
    // The first loss is the entropy of the classes: Σ p_i (−b_i).
    let b = draw(&ClassPrior::softmax(p), [3]);
    let loss: f64 = b.iter().zip(p).map(|(b, p)| -f64::from(*b) * p).sum();
    assert!((loss - 0.801_818_6).abs() < 1e-6, "{loss}");

    let sigmoid = |b: f32| 1.0 / (1.0 + f64::from(-b).exp());
    let given = |init: &ClassPrior, n: usize| -> Vec<f64> {
        draw(init, [n]).into_iter().map(sigmoid).collect()
    };
    near(&given(&ClassPrior::sigmoid(p), 3), &p);
    near(&given(&ClassPrior::sigmoid([70, 20, 10]).of(100), 3), &p);
    let smooth = ClassPrior::sigmoid([0, 10]).of(10).smoothing(0.5);
    near(&given(&smooth, 2), &[0.5 / 11.0, 10.5 / 11.0]);
    // RetinaNet: −ln(0.99/0.01), for whatever number of outputs.
    assert_eq!(draw(&ClassPrior::focal(), [5]), [-4.595_12; 5]);
    // Rows of a stack of biases.
    let rows = draw(
        &ClassPrior::softmax([3.0, 1.0]),
        WeightLayout::vector([2, 2]),
    );
    assert_eq!(rows[..2], rows[2..]);
}

/// Nothing but NaN, and another one than marks what nothing has written.
#[test]
fn poison() {
    for layout in [WeightLayout::linear([5, 3]), [4].into(), conv([2, 3, 3])] {
        let values = draw(&Poison::new(), layout);
        assert!(!values.is_empty() && values.iter().all(|w| w.to_bits() == 0x7fc0_0000));
    }
}

#[test]
fn refused() {
    fn prior<'a>(init: ClassPrior, parts: &'a [&'a str]) -> Refused<'a> {
        (init.into(), [2].into(), parts)
    }
    let far = conv_transpose([1, 1, 1, 1, 1, 1, 1, 1])
        .strides([usize::MAX; 6])
        .unwrap();
    let cases: [(AnyInitializer, WeightLayout, &[&str]); 12] = [
        (
            BiasUniform::new().into(),
            [64].into(),
            &["shape [64]", "BiasUniform", "bias_of"],
        ),
        (
            BiasUniform::new().into(),
            [64, 64].into(),
            &["BiasUniform", "bias_of"],
        ),
        (
            BiasUniform::new().into(),
            bias_of(far),
            &["BiasUniform", "range of f32"],
        ),
        prior(ClassPrior::softmax([1, 2, 3]), &["3 classes", "last axis"]),
        prior(ClassPrior::softmax([1]), &["1 classes"]),
        prior(
            ClassPrior::softmax([1, 0]),
            &["frequencies is 0 of 1", "smoothing"],
        ),
        prior(
            ClassPrior::softmax([1.0, f64::NAN]),
            &["frequencies is NaN"],
        ),
        prior(
            ClassPrior::softmax([3, 1]).of(4),
            &["of is 4", "divides by the sum"],
        ),
        prior(
            ClassPrior::sigmoid([1.0, 0.5]),
            &["frequencies is 1 of 1", "below 1", "smoothing"],
        ),
        prior(
            ClassPrior::sigmoid([3, -1]).of(9),
            &["frequencies is -1", "0 or greater"],
        ),
        prior(
            ClassPrior::sigmoid([0.1]).smoothing(-1.0),
            &["smoothing is -1"],
        ),
        (
            ClassPrior::focal().into(),
            [3, 2].into(),
            &["for biases", "without inputs"],
        ),
    ];
    assert_refused(cases);
}
