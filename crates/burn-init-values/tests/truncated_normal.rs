//! The normal distribution between two bounds.

use crate::common::{assert_refused, draw, key, to_bits};
use burn_init_values::{AnyInitializer, Initializer, TruncatedNormal};

const INFINITY: f64 = f64::INFINITY;

#[test]
fn bounds() {
    for (init, low, high) in [
        (TruncatedNormal::new(1.0, 0.5), 0.0, 2.0),
        (TruncatedNormal::new(0.0, 0.02).bounds(-2.0, 2.0), -2.0, 2.0),
        (TruncatedNormal::new(0.1, 1.0).bounds(0.1, 0.3), 0.1, 0.3),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(1.0, f64::INFINITY),
            1.0,
            f64::INFINITY,
        ),
        (
            TruncatedNormal::new(0.0, 3.0).deviations(-1.0, 0.5),
            -3.0,
            1.5,
        ),
        (TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0), 0.7, 0.7),
    ] {
        let w = draw(&init, [1000, 1000]);
        // A value of its own, such as 0.7, may not be an f32.
        let slack = if init == TruncatedNormal::new(0.7, 0.0).bounds(0.0, 1.0) {
            1e-7
        } else {
            0.0
        };
        let bounds = low - slack..=high + slack;
        assert!(w.iter().all(|w| bounds.contains(&f64::from(*w))), "{init}");
    }
}

/// Any interval will do, also the ones that hold next to nothing of the normal's mass: mean and standard
/// deviation as by SciPy's formulas, which mpmath evaluates with 120 digits. With Z = Φ(β) − Φ(α), the
/// mean is (φ(α) − φ(β))/Z, here less the nearer bound, and the variance
/// 1 + (αφ(α) − βφ(β))/Z − ((φ(α) − φ(β))/Z)².
///
/// False-alarm rate below 10⁻⁶ for each number: 5 standard errors. In these units that of a standard
/// deviation is at most √2/√N of it: the largest kurtosis, an exponential's, is 9.
#[test]
fn mean_and_std_in_any_interval() {
    const N: usize = 1 << 20;
    for (low, high, mean, std) in [
        (-2.0, 2.0, 2.0, 0.879_625_661_034_239_8),
        (-1.0, 3.0, 1.282_786_110_727_154, 0.784_946_963_404_426),
        (8.0, 9.0, 0.121_188_992_979_797_11, 0.118_947_647_235_025_67),
        (
            30.0,
            INFINITY,
            0.033_259_667_433_677_04,
            0.033_223_056_931_746_826,
        ),
        (
            -40.0,
            -38.0,
            -0.026_279_466_575_868_99,
            0.026_261_373_792_440_083,
        ),
        (
            -INFINITY,
            -6.0,
            -0.158_482_604_544_598_92,
            0.154_879_426_616_858_22,
        ),
        (
            2.9,
            INFINITY,
            0.290_315_139_542_982,
            0.271_667_471_511_572_6,
        ),
        (4.0, 4.5, 0.168_079_589_578_314_15, 0.129_493_795_268_652_35),
        (
            1.0,
            1.000001,
            4.999_999_166_254_917e-7,
            2.886_751_345_710_525e-7,
        ),
        (
            -0.001,
            0.002,
            0.001_499_999_625_000_112_6,
            0.000_866_025_273_880_583_6,
        ),
        (
            300.0,
            INFINITY,
            0.003_333_259_263_374_147_5,
            0.003_333_222_230_657_533_3,
        ),
        (
            -2.5,
            -2.4,
            -0.047_961_051_470_335_95,
            0.028_819_487_572_827_308,
        ),
    ] {
        // The nearer bound is where f32 resolves numbers best.
        let scale = 0.1;
        let nearer = if high <= 0.0 { high } else { low };
        let init = TruncatedNormal::new(-nearer * scale, scale);
        let init = init.bounds((low - nearer) * scale, (high - nearer) * scale);
        let w = draw(&init, [N / 1024, 1024]);
        let n = N as f64;
        let sum: f64 = w.iter().map(|w| f64::from(*w) / scale).sum();
        let measured = sum / n;
        let squares = w.iter().map(|w| (f64::from(*w) / scale - measured).powi(2));
        let measured_std = (squares.sum::<f64>() / n).sqrt();
        let error = 5.0 * std / n.sqrt();
        assert!(
            (measured - mean).abs() < error,
            "{init}: {measured}, not {mean}"
        );
        let error = 2f64.sqrt() * error;
        assert!(
            (measured_std - std).abs() < error,
            "{init}: {measured_std}, not {std}"
        );
    }
}

/// Nothing panics, whatever finite numbers are given, and values stay between the bounds. Absolute bounds
/// that are f32s are no error.
#[test]
fn all_finite_settings() {
    let numbers = [
        0.0,
        1.0,
        1.0 + 1e-6,
        8.0,
        1e-6,
        1e5,
        1e-45,
        1e-300,
        1e20,
        3.4e38,
        3.5e38,
        f64::MAX,
    ];
    let signed = || numbers.into_iter().flat_map(|x| [x, -x]);
    for mean in signed() {
        for std in numbers {
            for low in signed().chain([-INFINITY]) {
                for high in signed().chain([INFINITY]).filter(|high| *high >= low) {
                    let normal = TruncatedNormal::new(mean, std);
                    for init in [normal.bounds(low, high), normal.deviations(low, high)] {
                        check_values(&init, low, high, init == normal.bounds(low, high));
                    }
                }
            }
        }
    }
}

fn check_values(init: &TruncatedNormal, low: f64, high: f64, absolute: bool) {
    let holds_f32 = f64::from(low as f32) == low && low.abs() < 3.4e38 && high.abs() < 3.4e38;
    let fitted = match init.fit(&[3].into()) {
        Ok(fitted) => fitted,
        Err(error) => {
            assert!(
                !(absolute && holds_f32 && init.std > 0.0),
                "{init}: {error}"
            );
            return;
        }
    };
    let w = fitted.draw(key()).unwrap();
    let (least, most) = fitted.bounds().unwrap();
    assert!(least.is_finite() && most.is_finite(), "{init}");
    assert!(
        w.iter().all(|w| (least..=most).contains(w)),
        "{init}: {w:?}"
    );
    if absolute && init.std > 0.0 {
        assert!(
            f64::from(least) >= low && f64::from(most) <= high,
            "{init}: {least} {most}"
        );
    }
}

/// JAX's bounds and SciPy's, far out.
#[test]
fn far_deviations() {
    for (low, high) in [
        (8.0, 9.0),
        (30.0, INFINITY),
        (-40.0, -38.0),
        (1e5, 1e5 + 1.0),
    ] {
        let w = draw(
            &TruncatedNormal::new(0.5, 0.1).deviations(low, high),
            [100, 100],
        );
        let place = |bound: f64| (0.5 + 0.1 * bound) as f32;
        let inside = place(low).next_down()..=place(high).next_up();
        assert!(w.iter().all(|w| inside.contains(w)), "{low} {high}");
    }
    // A mean that no f32 holds, and bounds close to it.
    let far = TruncatedNormal::new(16_777_217.0, 0.4).bounds(16_777_216.0, 16_777_218.0);
    let w = draw(&far, [1000, 1000]);
    let low = w.iter().filter(|w| **w == 16_777_216.0).count() as f64;
    // Half of the mass each: 5 standard errors, a false-alarm rate below 10⁻⁶.
    assert!((low - 5e5).abs() < 5.0 * 500.0, "{low}");
}

#[test]
fn std_after_the_cut() {
    let new = TruncatedNormal::new;
    for init in [
        new(0.0, 0.02),
        new(0.5, 0.1).deviations(-1.0, 3.0),
        new(0.5, 0.1).deviations(8.0, 9.0),
        new(0.5, 0.1).deviations(-INFINITY, -6.0),
        new(0.0, 0.02).bounds(-0.04, 0.04),
        new(0.0, 0.02).bounds(-2.0, 2.0),
        new(0.0, 0.577).bounds(-1.0, 1.0),
        new(-10.0, 0.1).bounds(0.0, 1.0),
        new(-10.0, 1.0).bounds(0.0, INFINITY),
        new(5.0, 0.05).bounds(-INFINITY, -1.0),
        new(0.3, 0.2).bounds(-INFINITY, INFINITY),
    ] {
        let init = init.std_after_cut();
        let w = draw(&init, [1000, 1000]);
        let mean = w.iter().map(|w| f64::from(*w)).sum::<f64>() / 1e6;
        let squares = w.iter().map(|w| (f64::from(*w) - mean).powi(2));
        let std = (squares.sum::<f64>() / 1e6).sqrt();
        // 5 standard errors, as above.
        let error = 5.0 * 2f64.sqrt() / 1e3 * init.std;
        assert!((std - init.std).abs() < error, "{init}: {std}");
    }
    // What variance scaling divides by.
    let corrected = new(0.0, 0.02 / 0.879_625_661_034_239_8);
    assert_eq!(
        to_bits(&draw(&new(0.0, 0.02).std_after_cut(), [100, 100])),
        to_bits(&draw(&corrected, [100, 100])),
    );
    let message = new(0.0, 0.02).std_after_cut().to_string();
    assert_eq!(
        message,
        "truncated normal, mean 0, std 0.02 after the cut, -2 to 2 deviations"
    );
    // Files without the setting, and with it.
    let text = r#"{"truncated_normal":{"mean":0.0,"std":0.02}}"#;
    let read: AnyInitializer = serde_json::from_str(text).unwrap();
    assert_eq!(read, new(0.0, 0.02).into());
    let text = r#"{"truncated_normal":{"mean":0.0,"std":0.02,"std_after_cut":true}}"#;
    let read: AnyInitializer = serde_json::from_str(text).unwrap();
    assert_eq!(read, new(0.0, 0.02).std_after_cut().into());
}

#[test]
fn refused() {
    const NAN: f64 = f64::NAN;
    let new = TruncatedNormal::new;
    let after = |std: f64| new(0.0, std).std_after_cut();
    let cases: [(TruncatedNormal, &[&str]); 20] = [
        (new(0.0, -0.1), &["TruncatedNormal: std is -0.1"]),
        (new(0.0, NAN), &["std is NaN"]),
        (new(0.0, INFINITY), &["std is inf"]),
        (new(NAN, 1.0), &["mean is NaN"]),
        (new(INFINITY, 1.0), &["mean is inf"]),
        (new(1e39, 0.0), &["mean is 1", "f32"]),
        (new(0.0, 1.0).bounds(2.0, 1.0), &["bounds is 2 to 1"]),
        (new(0.0, 1.0).bounds(NAN, 1.0), &["bounds is NaN to 1"]),
        (
            new(0.0, 1.0).deviations(0.0, NAN),
            &["bounds is 0 to NaN deviations"],
        ),
        (
            new(0.0, 1.0).bounds(INFINITY, INFINITY),
            &["bounds is inf to inf"],
        ),
        (
            new(5.0, 0.0).bounds(0.0, 1.0),
            &["0 to 1", "around the mean"],
        ),
        (
            new(0.0, 1e38).deviations(-4.0, 4.0),
            &["std is 1", "range of f32"],
        ),
        (
            new(0.0, 1.0).bounds(1e39, INFINITY),
            &["bounds", "range of f32"],
        ),
        (
            new(0.1, 1e-10).bounds(0.1 - 1e-10, 0.1 + 1e-10),
            &["an f32 lies between"],
        ),
        (
            new(0.0, 1e300).deviations(8.0, 9.0),
            &["8 to 9 deviations", "range of f32"],
        ),
        // The uniform distribution's is 1/√12 of the length.
        (
            after(0.6).bounds(-1.0, 1.0),
            &["std is 0.6", "less than 0.577"],
        ),
        (after(0.6).bounds(1.0, 1.0), &["std is 0.6", "less than 0,"]),
        (
            after(0.6).deviations(1.0, 1.0),
            &["bounds is 1 to 1 deviations", "far apart"],
        ),
        (
            after(2.0 / 12f64.sqrt()).bounds(-1.0, 1.0),
            &["less than 0.577"],
        ),
        (
            after(1e38).deviations(0.0, 9.0),
            &["std is 1", "range of f32"],
        ),
    ];
    assert_refused(cases.map(|(init, parts)| (init.into(), [4, 4].into(), parts)));
}
