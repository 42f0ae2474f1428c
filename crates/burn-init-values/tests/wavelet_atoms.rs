//! Vectors that are sampled wavelets.

use crate::common::{assert_refused, conv, draw, energy};
use burn_init_values::wavelet::Atom;
use burn_init_values::weight::Along;
use burn_init_values::{WaveletAtoms, WeightLayout};

#[test]
fn atoms_have_unit_norm_and_their_mean() {
    for atom in [Atom::Ricker, Atom::Morlet, Atom::Gabor, Atom::Laplace] {
        for (init, layout, points) in [
            (
                WaveletAtoms::new(atom),
                WeightLayout::linear_col([200, 64]),
                64,
            ),
            (
                WaveletAtoms::new(atom).grid([12, 10]),
                WeightLayout::linear_col([200, 120]),
                120,
            ),
            (
                WaveletAtoms::new(atom)
                    .along(Along::Kernel)
                    .scales(2.5, 3.0),
                conv([20, 10, 7, 7]),
                49,
            ),
            (
                WaveletAtoms::new(atom).along(Along::Kernel),
                conv([200, 1, 251]),
                251,
            ),
            (
                WaveletAtoms::new(atom),
                WeightLayout::linear_col([200, 3]),
                3,
            ),
        ] {
            let w = draw(&init, layout);
            for vector in w.chunks(points) {
                let norm = energy(vector);
                assert!((norm - 1.0).abs() < 1e-6, "{init}: {norm}");
                let mean = vector.iter().map(|w| f64::from(*w)).sum::<f64>() / points as f64;
                if matches!(atom, Atom::Ricker | Atom::Morlet) {
                    assert!(mean.abs() < 1e-6, "{init}: {mean}");
                }
            }
            // None is the first again, but on three points that may happen.
            let first = if points > 3 { &w[..points] } else { &[] };
            assert!(
                w.chunks(points).skip(1).all(|vector| vector != first),
                "{init}"
            );
        }
    }
}

/// The values of a long, well-sampled Ricker wavelet are those of the formula, whose second moment
/// about its middle is zero... at places found from the values themselves: its largest value is at
/// b, and it changes sign at b ± s.
#[test]
fn a_ricker_wavelet_is_the_second_derivative_of_a_gaussian() {
    let init = WaveletAtoms::new(Atom::Ricker).scales(40.0, 40.0);
    let w = draw(&init, WeightLayout::linear_col([50, 1001]));
    let mut checked = 0;
    for vector in w.chunks(1001) {
        let middle = (0..1001)
            .max_by(|a, b| vector[*a].total_cmp(&vector[*b]))
            .unwrap();
        if !(300..700).contains(&middle) {
            continue;
        }
        checked += 1;
        let crossing = (middle..1000)
            .find(|i| vector[*i] > 0.0 && vector[i + 1] <= 0.0)
            .unwrap();
        assert!((crossing - middle).abs_diff(40) <= 1, "{crossing} {middle}");
        let lowest = (middle..1001)
            .min_by(|a, b| vector[*a].total_cmp(&vector[*b]))
            .unwrap();
        // ψ is lowest at √3 s, where it is −2 e^(−3/2) of its height.
        assert!((lowest - middle).abs_diff(69) <= 1);
        let ratio = vector[lowest] / vector[middle];
        assert!((ratio + 2.0 * (-1.5f32).exp()).abs() < 0.01, "{ratio}");
    }
    assert!(checked > 10);
}

/// On a grid, Gabor atoms have all directions: of 2000, the share in each of 8 sectors is 1/8
/// within 5 standard errors.
#[test]
fn gabor_atoms_have_all_directions() {
    let init = WaveletAtoms::new(Atom::Gabor)
        .grid([31, 31])
        .scales(5.0, 5.0);
    let w = draw(&init, WeightLayout::linear_col([2000, 961]));
    let mut sectors = [0usize; 8];
    for vector in w.chunks(961) {
        // The structure tensor's direction: where the values change most.
        let (mut xx, mut yy, mut xy) = (0f32, 0f32, 0f32);
        for i in 1..30 {
            for j in 1..30 {
                let dx = vector[i * 31 + j + 1] - vector[i * 31 + j - 1];
                let dy = vector[(i + 1) * 31 + j] - vector[(i - 1) * 31 + j];
                xx += dx * dx;
                yy += dy * dy;
                xy += dx * dy;
            }
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy) + std::f32::consts::FRAC_PI_2;
        sectors[((angle / std::f32::consts::PI * 8.0) as usize).min(7)] += 1;
    }
    let bound = 5.0 * (2000.0f64 / 8.0 * 7.0 / 8.0).sqrt() + 25.0;
    assert!(
        sectors
            .iter()
            .all(|count| (*count as f64 - 250.0).abs() < bound),
        "{sectors:?}"
    );
}

/// A Laplace wavelet vibrates: its values change sign at least twice where it has the room.
#[test]
fn laplace_atoms_vibrate() {
    let w = draw(
        &WaveletAtoms::new(Atom::Laplace),
        WeightLayout::linear_col([200, 64]),
    );
    let signs = |w: &[f32]| w.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
    let vibrating = w.chunks(64).filter(|w| signs(w) >= 2).count();
    assert!(vibrating > 120, "{vibrating}");
}

#[test]
fn refused() {
    let new = WaveletAtoms::new;
    let cases: [(WaveletAtoms, WeightLayout, &[&str]); 5] = [
        (new(Atom::Ricker), [2, 4].into(), &["at least 3 points"]),
        (
            new(Atom::Ricker).scales(0.1, 1.0),
            [8, 4].into(),
            &["from 0.5"],
        ),
        (
            new(Atom::Ricker).scales(2.0, f64::NAN),
            [8, 4].into(),
            &["from 0.5"],
        ),
        (
            new(Atom::Gabor).grid([2, 2, 2]),
            [8, 4].into(),
            &["one or two axes"],
        ),
        (
            new(Atom::Gabor).along(Along::Kernel),
            conv([2, 1, 3, 3, 3]),
            &["axes"],
        ),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));
}
