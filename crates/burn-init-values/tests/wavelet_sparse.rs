//! Neurons that are combinations of a few wavelets.

use crate::common::{assert_refused, draw, energy};
use burn_init_values::wavelet::{Boundary, Family, Transform};
use burn_init_values::{WaveletSparse, WeightLayout};

/// Exactly k wavelet coefficients, and unit norm; the levels follow the law.
#[test]
fn sparse_in_the_wavelet_domain() {
    const NEURONS: usize = 4000;
    for (name, k, gamma, gain) in [
        ("haar", 1, 0.0, 1.0),
        ("haar", 5, 1.0, 2.0),
        ("db2", 3, 2.0, 1.0),
    ] {
        let family: Family = name.parse().unwrap();
        let init = WaveletSparse::new(family, k)
            .law(gamma)
            .levels(4)
            .gain(gain);
        let w = draw(&init, WeightLayout::linear_col([NEURONS, 64]));
        let transform = Transform::new(family, &[64], 4).unwrap();
        let levels = transform.coefficient_levels();
        let mut counts = vec![0usize; 5];
        for neuron in w.chunks(64) {
            assert!((energy(neuron).sqrt() - gain).abs() < 1e-5, "{init}");
            let mut c = neuron.to_vec();
            transform.forward(&mut c, &mut transform.scratch());
            let places: Vec<usize> = (0..64).filter(|i| c[*i].abs() > 1e-5).collect();
            assert!(
                places.len() <= k && places.len() + 1 >= k,
                "{init}: {places:?}"
            );
            places
                .into_iter()
                .for_each(|place| counts[levels[place]] += 1);
        }
        if k == 1 {
            // χ² with 4 degrees of freedom exceeds 33.4 with probability 10⁻⁶.
            let chi_square: f64 = (0..5)
                .map(|level| (counts[level], transform.level_sizes()[level]))
                .map(|(count, size)| (count as f64, (NEURONS * size) as f64 / 64.0))
                .map(|(count, expected)| (count - expected).powi(2) / expected)
                .sum();
            assert!(chi_square < 33.4, "{counts:?}");
        }
    }
    // By level alike: level sizes 4, 4, 8, 16, 32 times 2ʲ, so scaling functions 64, details 64,
    // 64, 64, 64.
    let init = WaveletSparse::haar(1).law(1.0).levels(4);
    let w = draw(&init, WeightLayout::linear_col([NEURONS, 64]));
    let transform = Transform::new(Family::HAAR, &[64], 4).unwrap();
    let levels = transform.coefficient_levels();
    let mut counts = [0f64; 5];
    for neuron in w.chunks(64) {
        let mut c = neuron.to_vec();
        transform.forward(&mut c, &mut transform.scratch());
        let place = (0..64)
            .max_by(|a, b| c[*a].abs().total_cmp(&c[*b].abs()))
            .unwrap();
        counts[levels[place]] += 1.0;
    }
    let expected = NEURONS as f64 / 5.0;
    let chi_square: f64 = counts
        .iter()
        .map(|c| (c - expected).powi(2) / expected)
        .sum();
    assert!(chi_square < 33.4, "{counts:?}");
    let db3: Family = "db3".parse().unwrap();
    let init = WaveletSparse::new(db3, 2).boundary(Boundary::Filters);
    let transform = Transform::with_boundary(db3, &[45], 4, Boundary::Filters).unwrap();
    for neuron in draw(&init, WeightLayout::linear_col([50, 45])).chunks(45) {
        assert!((energy(neuron) - 1.0).abs() < 1e-5);
        let mut c = neuron.to_vec();
        transform.forward(&mut c, &mut transform.scratch());
        assert!((1..=2).contains(&c.iter().filter(|c| c.abs() > 1e-5).count()));
    }
    // All of them, once each.
    let all = draw(&WaveletSparse::haar(64), WeightLayout::linear_col([10, 64]));
    assert!(all.iter().filter(|w| w.abs() < 1e-6).count() < 10);
}

#[test]
fn refused() {
    let haar = WaveletSparse::haar;
    let bior: Family = "bior2.2".parse().unwrap();
    let cases: [(WaveletSparse, &[&str]); 5] = [
        (
            WaveletSparse::new(bior, 2),
            &["family is bior2.2", "an orthogonal one", "sym2 to sym20"],
        ),
        (haar(0), &["k is 0", "from 1 to 8"]),
        (haar(9), &["k is 9", "from 1 to 8"]),
        (haar(2).law(f64::NAN), &["law is NaN"]),
        (haar(2).law(1e6), &["law is 1000000"]),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [8, 4].into(), parts)));
}
