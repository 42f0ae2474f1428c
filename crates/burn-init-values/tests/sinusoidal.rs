//! Waves of all frequencies.

use crate::common::{assert_refused, conv, conv_transpose, draw, draw_neurons, grouped};
use burn_init_values::dense::{FanMode, Gain};
use burn_init_values::weight::Axis;
use burn_init_values::{Initializer, Seed, Sinusoidal, VarianceScaling, WeightLayout, draw};

/// The authors' formula in NumPy's f64: `np.sin(pos[None] * (np.arange(m) + 1)[:, None])` with
/// `pos = np.arange(n) * (2 * np.pi / n) + 2 * np.pi / m`, times √(2 / (var(ddof=1) · (m + n))),
/// and by a gain of √2 and fan_in instead. What is 10⁻¹⁶ there is 0 here.
#[test]
fn the_authors_formula() {
    let expected = [
        [
            0.59160797831,
            -0.14203072397,
            -0.67938779317,
            -0.27785402375,
            0.50766456258,
        ],
        [
            -0.59160797831,
            0.27785402375,
            0.14203072397,
            -0.50766456258,
            0.67938779317,
        ],
        [
            0.0,
            -0.40153376941,
            0.64969528654,
            -0.64969528654,
            0.40153376941,
        ],
    ];
    for (w, expected) in draw_neurons(&Sinusoidal::new(), 3, 5)
        .iter()
        .zip(expected.as_flattened())
    {
        assert!((f64::from(*w) - expected).abs() < 1e-7, "{w} {expected}");
    }
    let init = Sinusoidal::new().gain(Gain::Relu).mode(FanMode::FanIn);
    let a = 1.322_875_6;
    let expected: [f32; 8] = [a, -a, 0.0, 0.0, -a, a, 0.0, 0.0];
    for (w, expected) in draw_neurons(&init, 4, 2).iter().zip(expected) {
        assert!((w - expected).abs() < 2e-7, "{w} {expected}");
    }
}

/// The variance is gain² over the fan, as the unbiased one of a sample.
#[test]
fn variance_by_the_fan() {
    let modes = [
        FanMode::FanIn,
        FanMode::FanOut,
        FanMode::FanAverage,
        FanMode::FanGeometricMean,
    ];
    for mode in modes {
        for (layout, fan_in, fan_out) in [
            (WeightLayout::linear([100, 64]), 100.0f64, 64.0),
            (WeightLayout::linear_col([64, 3]), 3.0, 64.0),
            (WeightLayout::linear([2, 7]), 2.0, 7.0),
            (WeightLayout::linear([7, 1]), 7.0, 1.0),
            (WeightLayout::embedding([50, 16]), 1.0, 16.0),
            (grouped(conv([12, 5, 3, 3]), 3), 45.0, 36.0),
            (conv_transpose([6, 10, 4]), 24.0, 40.0),
        ] {
            let w = draw(&Sinusoidal::new().mode(mode).gain(-1.5), layout.clone());
            let (n, w) = (w.len() as f64, w.into_iter().map(f64::from));
            let mean = w.clone().sum::<f64>() / n;
            let variance = w.map(|w| (w - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let fan = match mode {
                FanMode::FanIn => fan_in,
                FanMode::FanOut => fan_out,
                FanMode::FanAverage => 0.5 * (fan_in + fan_out),
                _ => (fan_in * fan_out).sqrt(),
            };
            assert!(
                (variance * fan / 2.25 - 1.0).abs() < 1e-6,
                "{mode} {layout:?} {variance}"
            );
        }
    }
}

/// The same neurons in every layout; groups and experts count on; no seed.
#[test]
fn neurons_in_every_layout() {
    let rows = draw_neurons(&Sinusoidal::new().mode(FanMode::FanIn), 12, 30);
    let experts =
        |second, third, shape| WeightLayout::new(shape, [Axis::Index, second, third]).unwrap();
    for layout in [
        WeightLayout::linear([30, 12]),
        conv([12, 10, 3]),
        grouped(conv([12, 5, 3, 2]), 4),
        conv_transpose([10, 12, 3]),
        grouped(conv_transpose([20, 6, 3]), 2),
        experts(Axis::Input, Axis::Output, [3, 30, 4]),
        experts(Axis::Output, Axis::Input, [3, 4, 30]),
    ] {
        let neurons = layout.neurons().unwrap();
        let init = Sinusoidal::new().mode(FanMode::FanIn);
        let w = init.draw(&layout, Seed::new(5).key("other")).unwrap();
        for j in 0..12 {
            for i in 0..30 {
                assert_eq!(w[neurons.index(j, i)], rows[j * 30 + i], "{layout:?}");
            }
        }
    }
}

/// Shares of 1000 neurons in the third of three relu layers of 1000 that are skewed: for which the
/// share of inputs that make them active is outside ½ ± α. Inputs are relus of N(0, 1).
fn skewed(init: impl Initializer) -> [f64; 2] {
    const N: usize = 1000;
    const SAMPLES: usize = 1000;
    let key = Seed::new(3).key("inputs");
    let mut x: Vec<f32> = (0..SAMPLES * N)
        .map(|i| draw::normal(key, i as u64))
        .collect();
    for layer in 1..=3 {
        let key = Seed::new(3).key(&format!("layer{layer}.weight"));
        let w = init.draw(&[N, N].into(), key).unwrap();
        for x in x.chunks_mut(N) {
            let mut y = [0.0; N];
            for (x, w) in x.iter().zip(w.chunks(N)).filter(|(x, _)| **x > 0.0) {
                y.iter_mut().zip(w).for_each(|(y, w)| *y += x * w);
            }
            x.copy_from_slice(&y);
        }
    }
    let active = |j: usize| x.iter().skip(j).step_by(N).filter(|x| **x > 0.0).count();
    let shares: Vec<f64> = (0..N).map(|j| active(j) as f64 / SAMPLES as f64).collect();
    [0.1, 0.3].map(|alpha| {
        let skewed = shares.iter().filter(|share| (*share - 0.5).abs() > alpha);
        skewed.count() as f64 / N as f64
    })
}

/// The paper's table: with α = 0.1 and 0.3, 0.2 % of neurons are skewed, and 82.7 and 51.9 % of
/// Glorot's (where 1000 neurons have standard errors of 1.2 and 1.6 %). The 0.2 % are the two
/// neurons without weights.
///
/// For wide layers, two inputs of the first layer have the cosine c = 1/π between them, and those of
/// the next ones κ(c) = (√(1 − c²) + c(π − arccos c))/π each time; a neuron is skewed where
/// |N(0, 1)| > Φ⁻¹(½ + α) √((1 − c)/c). In the third layer that gives 83.8 and 49.6 %. False-alarm
/// rate: five standard errors, below 10⁻⁶ for each of them.
#[test]
fn skewed_neurons() {
    assert_eq!(skewed(Sinusoidal::new()), [0.002, 0.002]);
    let w = draw_neurons(&Sinusoidal::new(), 1000, 1000);
    let dead = |row: &[f32]| row.iter().all(|w| *w == 0.0);
    let dead: Vec<usize> = (0..1000).filter(|j| dead(&w[j * 1000..][..1000])).collect();
    assert_eq!(dead, [499, 999]);

    let glorot = skewed(VarianceScaling::glorot_uniform());
    for (share, (paper, theory)) in glorot.into_iter().zip([(0.827, 0.838), (0.519, 0.496)]) {
        let error = (theory * (1.0f64 - theory) / 1000.0).sqrt();
        assert!((share - theory).abs() < 5.0 * error, "{share} {theory}");
        assert!(
            (share - paper).abs() < 5.0 * 2f64.sqrt() * error,
            "{share} {paper}"
        );
    }
}

#[test]
fn refused() {
    let new = Sinusoidal::new;
    let cases: [(Sinusoidal, WeightLayout, &[&str]); 6] = [
        (new(), [1, 1].into(), &["more than two"]),
        (new(), [2, 2].into(), &["more than two"]),
        (new(), WeightLayout::vector([5]), &["rank 2 or more"]),
        (new().gain(f64::NAN), [5, 5].into(), &["gain"]),
        (new().gain(1e38), [5, 5].into(), &[]),
        (
            new().gain(3.4e38).mode(FanMode::FanOut),
            [5, 1].into(),
            &["gain"],
        ),
    ];
    // What is large and fits is fine.
    let (fits, refused): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.2.is_empty());
    for (init, layout, _) in fits {
        assert!(draw(&init, layout).iter().all(|w| w.is_finite()));
    }
    assert_refused(
        refused
            .into_iter()
            .map(|(init, layout, parts)| (init.into(), layout, parts)),
    );
}
