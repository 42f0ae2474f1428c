//! Recurrent and state-space models.

use std::f64::consts::PI;

use crate::common::{assert_refused, conv, draw, to_bits};
use burn_init_values::recurrent::Gate;
use burn_init_values::weight::Axis;
use burn_init_values::{
    AnyInitializer, ChronoBias, GateBias, Hippo, Initializer, MambaALog, MambaDtBias, S4d, Seed,
    WeightLayout,
};

fn matrix(rows: usize, columns: usize) -> WeightLayout {
    WeightLayout::vector([rows, columns])
}

/// A number for each block, in each row.
#[test]
fn gates() {
    let lstm = draw(&GateBias::lstm(), [12]);
    let expected = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(lstm, expected);
    let layers = draw(&GateBias::new([0.5, -1.0]), matrix(2, 4));
    assert_eq!(layers, [0.5, 0.5, -1.0, -1.0].repeat(2));
}

/// Packed: the input gate is minus the forget gate, others are 0. Apart: the same by the forget gate's path.
#[test]
fn chrono_gates() {
    const H: usize = 50;
    let packed = draw(&ChronoBias::lstm(100.0), matrix(2, 4 * H));
    for row in packed.chunks(4 * H) {
        let gate = |g: usize| &row[g * H..(g + 1) * H];
        assert!(gate(0).iter().zip(gate(1)).all(|(i, f)| *i == -f));
        let inside = |b: &f32| (0.0..=99f32.ln()).contains(b);
        assert!(gate(1).iter().all(inside));
        assert_eq!(row[2 * H..], [0.0; 2 * H]);
    }
    // Units of other rows have draws of their own.
    let forget = |row: usize| &packed[(4 * row + 1) * H..][..H];
    assert!(forget(0).iter().zip(forget(1)).all(|(a, b)| a != b));
    // The forget gate's draws don't depend on what it is packed with.
    assert_eq!(draw(&ChronoBias::forget(100.0), [H]), forget(0));

    let seed = Seed::new(5);
    let at = |init: &ChronoBias, path: &str| init.draw(&[H].into(), seed.key(path)).unwrap();
    let forget = at(&ChronoBias::forget(100.0), "a.forget");
    let input = ChronoBias::input(100.0, "a.forget");
    for path in ["a.input", "b.input"] {
        let input = at(&input, path);
        assert!(forget.iter().zip(input).all(|(f, i)| *f == -i));
    }
    assert_ne!(at(&ChronoBias::forget(100.0), "b.forget"), forget);
    // The shortest memory: ln 1.
    assert_eq!(draw(&ChronoBias::forget(2.0), [4]), [0.0; 4]);
}

/// Values of `transition` in the code of S4, by NumPy's formulas.
#[test]
fn hippo_matrices() {
    let near = |given: Vec<f32>, expected: &[f64]| {
        assert_eq!(given.len(), expected.len());
        for (given, expected) in given.iter().zip(expected) {
            assert!(
                (f64::from(*given) - expected).abs() < 1e-6,
                "{given} {expected}"
            );
        }
    };
    let (a, b, c) = (1.7320508075688772, 2.23606797749979, 2.6457513110645907);
    let (d, e, f) = (3.872983346207417, 4.58257569495584, 5.916079783099616);
    let legs = [
        [-1.0, 0.0, 0.0, 0.0],
        [-a, -2.0, 0.0, 0.0],
        [-b, -d, -3.0, 0.0],
        [-c, -e, -f, -4.0],
    ];
    near(draw(&Hippo::legs(), matrix(4, 4)), legs.as_flattened());
    let legt = [
        [-1.0, a, -b, c],
        [-a, -3.0, d, -e],
        [-b, -d, -5.0, f],
        [-c, -e, -f, -7.0],
    ];
    near(draw(&Hippo::legt(), matrix(4, 4)), legt.as_flattened());
    near(
        draw(&Hippo::legt().b(), matrix(2, 4)),
        &[1.0, a, b, c].repeat(2),
    );
    near(draw(&Hippo::legs().b().gain(0.5), [2]), &[0.5, a / 2.0]);
}

/// What the matrices are made for: the state is the projection of u.
///
/// LegS: u = tᵐ has the state x = c·tᵐ, so mc = Ac + B. Its mean c_0 is 1/(m + 1), and it is a polynomial of
/// degree m. LegT over a window of 1: u = 1, t, t² have the states e, te + d, t²e + 2td + d', where e is the
/// first unit vector, and d and d' are the coefficients of s − 1 and (s − 1)² over 0 < s < 1.
#[test]
fn hippo_states_are_projections() {
    const N: usize = 8;
    let a = |measure: &Hippo| -> Vec<f64> {
        let a = draw(measure, matrix(N, N));
        a.into_iter().map(f64::from).collect()
    };
    let b: Vec<f64> = draw(&Hippo::legs().b(), [N])
        .into_iter()
        .map(f64::from)
        .collect();
    let legs = a(&Hippo::legs());
    for m in 0..4 {
        let mut c = [0.0; N];
        for n in 0..N {
            let before: f64 = (0..n).map(|k| legs[n * N + k] * c[k]).sum();
            c[n] = (b[n] + before) / (m as f64 - legs[n * N + n]);
            assert!(n <= m || c[n].abs() < 1e-5, "degree {m}: c_{n} = {}", c[n]);
        }
        assert!((c[0] - 1.0 / (m as f64 + 1.0)).abs() < 1e-6);
    }
    let legt = a(&Hippo::legt());
    let times = |x: &[f64]| -> Vec<f64> {
        let row = |n: usize| x.iter().enumerate().map(|(k, x)| legt[n * N + k] * x).sum();
        (0..N).map(row).collect()
    };
    let d = [-0.5, 3f64.sqrt() / 6.0];
    let d2 = [1.0 / 3.0, -(3f64.sqrt()) / 6.0, 5f64.sqrt() / 30.0];
    for (n, b) in b.iter().enumerate() {
        let at = |x: &[f64]| x.get(n).copied().unwrap_or(0.0);
        assert!((times(&[1.0])[n] + b).abs() < 1e-5);
        assert!((times(&d)[n] - at(&[1.0])).abs() < 1e-5);
        assert!((times(&d2)[n] - 2.0 * at(&d)).abs() < 1e-5);
    }
}

/// A_nk is the weight from k to n, wherever the layout has it.
#[test]
fn hippo_in_every_layout() {
    let plain = draw(&Hippo::legt(), matrix(5, 5));
    let transposed: Vec<f32> = (0..25).map(|i| plain[i % 5 * 5 + i / 5]).collect();
    let axes = |second, third| {
        let axes = [Axis::Index, second, third];
        WeightLayout::new([2, 5, 5], axes).unwrap()
    };
    for (layout, expected) in [
        (WeightLayout::linear_col([5, 5]), plain.clone()),
        (WeightLayout::linear([5, 5]), transposed.clone()),
        (WeightLayout::vector([2, 5, 5]), plain.repeat(2)),
        (axes(Axis::Output, Axis::Input), plain.repeat(2)),
        (axes(Axis::Input, Axis::Output), transposed.repeat(2)),
    ] {
        assert_eq!(draw(&Hippo::legt(), layout.clone()), expected, "{layout:?}");
    }
    assert!(draw(&Hippo::legs(), matrix(0, 0)).is_empty());
}

/// Values of S4's code for 8 states, of which 4 are kept, in each channel.
#[test]
fn s4d_eigenvalues() {
    let inv = [
        17.82535362629228,
        4.244131815783875,
        1.5278874536821956,
        0.3637827270671892,
    ];
    let cases: [(S4d, [f64; 4]); 7] = [
        (S4d::inv(), [-0.5; 4]),
        (S4d::inv().im(), inv),
        (S4d::lin(), [-0.5; 4]),
        (S4d::lin().im(), [0.0, PI, 2.0 * PI, 3.0 * PI]),
        (S4d::lin().log_re(), [-std::f64::consts::LN_2; 4]),
        (S4d::real(), [-1.0, -2.0, -3.0, -4.0]),
        (S4d::real().im(), [0.0; 4]),
    ];
    for (init, expected) in cases {
        let given = draw(&init, [3, 4]);
        for (given, expected) in given.into_iter().zip(expected.repeat(3)) {
            assert_eq!(given, expected as f32, "{init}");
        }
    }
    // Another number of states; without conjugates, the last axis.
    let im = |init: S4d| draw(&init, [4])[0];
    assert_eq!(im(S4d::inv().im().states(4)), (4.0 / PI * 3.0) as f32);
}

/// A_log is S4D-Real's, and what softplus makes of a bias lies between the steps.
#[test]
fn mamba() {
    let a_log = draw(&MambaALog::new(), [7, 16]);
    assert_eq!(
        to_bits(&a_log),
        to_bits(&draw(&S4d::real().log_re(), [7, 16]))
    );
    for (n, a) in (1..=16u8).zip(&a_log) {
        assert!((f64::from(*a).exp() - f64::from(n)).abs() < 1e-5);
    }
    let softplus = |b: &f32| f64::from(*b).exp().ln_1p();
    // The bias is rounded to f32: by 2⁻²⁴ of 9.2, and so the step by 10⁻⁶.
    for (init, low, high) in [
        (MambaDtBias::new(), 0.001, 0.1),
        (MambaDtBias::new().steps(0.5, 40.0), 0.5, 40.0),
        (MambaDtBias::new().steps(1e-6, 0.1), 1e-4, 0.1),
    ] {
        let b = draw(&init, [10_000]);
        let inside = |step: f64| low * (1.0 - 1e-6) <= step && step <= high * (1.0 + 1e-6);
        assert!(b.iter().map(softplus).all(inside), "{init}");
    }
    // Two fifths of ln 1e-6 … ln 0.1 are below the floor: ln(e^0.0001 − 1).
    let floored = draw(&MambaDtBias::new().steps(1e-6, 0.1), [10_000]);
    let at_floor = floored
        .iter()
        .filter(|b| **b == -9.210290371559516f64 as f32)
        .count();
    assert!((3750..4250).contains(&at_floor), "{at_floor}");
    assert_eq!(
        draw(&MambaDtBias::new().steps(0.1, 0.1), [2]),
        [-2.2521684610440906f64 as f32; 2]
    );
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let weight = || WeightLayout::linear([4, 4]);
    let cases: [(AnyInitializer, WeightLayout, &[&str]); 21] = [
        (
            GateBias::lstm().into(),
            [6].into(),
            &["[6]", "4 gates don't divide"],
        ),
        (
            GateBias::lstm().into(),
            weight(),
            &["for biases", "without inputs"],
        ),
        (
            GateBias::new([]).into(),
            [6].into(),
            &["values", "at least one"],
        ),
        (
            GateBias::new([0.0, NAN]).into(),
            [6].into(),
            &["values", "NaN"],
        ),
        (
            ChronoBias::lstm(1.9).into(),
            [8].into(),
            &["t_max is 1.9", "2 or more"],
        ),
        (
            ChronoBias::lstm(f64::INFINITY).into(),
            [8].into(),
            &["t_max is inf"],
        ),
        (
            ChronoBias::lstm(9.0).into(),
            [6].into(),
            &["4 gates don't divide"],
        ),
        (ChronoBias::lstm(9.0).into(), weight(), &["for biases"]),
        (
            ChronoBias::new(9.0, []).into(),
            [6].into(),
            &["gates is []"],
        ),
        (
            ChronoBias::new(9.0, [Gate::Input]).into(),
            [6].into(),
            &["[Input]", "forget_path"],
        ),
        (Hippo::legs().into(), [3, 4].into(), &["square"]),
        (Hippo::legs().into(), [4].into(), &["square"]),
        (
            Hippo::legs().into(),
            WeightLayout::vector([4, 3]),
            &["square"],
        ),
        (Hippo::legs().into(), conv([9, 1, 3, 3]), &["square"]),
        (Hippo::legs().gain(NAN).into(), weight(), &["gain is NaN"]),
        (
            Hippo::legs().gain(1e38).into(),
            weight(),
            &["gain", "range of f32"],
        ),
        (
            S4d::inv().states(3).into(),
            [2, 4].into(),
            &["states is 3", "last axis, 4"],
        ),
        (
            MambaALog::new().range(0.0, 1.0).into(),
            [2].into(),
            &["range is 0 to 1", "above 0"],
        ),
        (
            MambaALog::new().range(2.0, 1.0).into(),
            [2].into(),
            &["smallest first"],
        ),
        (
            MambaDtBias::new().steps(0.0, 1.0).into(),
            [2].into(),
            &["steps is 0 to 1"],
        ),
        (
            MambaDtBias::new().floor(-1.0).into(),
            [2].into(),
            &["dt_floor is -1"],
        ),
    ];
    assert_refused(cases);
}
