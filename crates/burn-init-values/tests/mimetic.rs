//! Weights of attention layers whose products look like those of trained ones.

use crate::common::{assert_refused, conv, to_bits};
use burn_init_values::weight::Axis;
use burn_init_values::{Initializer, Mimetic, Seed, WeightLayout};

/// What is drawn for a parameter `[inputs, outputs]` at this path.
fn draw(init: &Mimetic, shape: [usize; 2], path: &str) -> Vec<f64> {
    let w = init.draw(&shape.into(), Seed::new(5).key(path)).unwrap();
    w.into_iter().map(f64::from).collect()
}

/// W_Q W_Kᵀ of one head, d × d row by row.
fn head(q: &[f64], k: &[f64], d: usize, outputs: usize, heads: usize, head: usize) -> Vec<f64> {
    let size = outputs / heads;
    let row = |w: &[f64], i: usize| w[i * outputs + head * size..][..size].to_vec();
    let product = |i: usize| {
        let (a, b) = (row(q, i / d), row(k, i % d));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    };
    (0..d * d).map(product).collect()
}

fn query_key(alpha: f64, beta: f64, d: usize, outputs: usize, heads: usize) -> Vec<Vec<f64>> {
    let set = |init: Mimetic| init.alpha(alpha).beta(beta);
    let q = draw(
        &set(Mimetic::query("a", heads)),
        [d, outputs],
        "attention.query.weight",
    );
    let k = draw(
        &set(Mimetic::key("a", heads)),
        [d, outputs],
        "attention.key.weight",
    );
    (0..heads)
        .map(|h| head(&q, &k, d, outputs, heads, h))
        .collect()
}

fn value_projection(alpha: f64, beta: f64, d: usize, inner: usize) -> Vec<f64> {
    let set = |init: Mimetic| init.alpha(alpha).beta(beta);
    let v = draw(
        &set(Mimetic::value("a")),
        [d, inner],
        "attention.value.weight",
    );
    let p = draw(
        &set(Mimetic::projection("a")),
        [inner, d],
        "attention.output.weight",
    );
    let product = |i: usize| -> f64 {
        (0..inner)
            .map(|c| v[i / d * inner + c] * p[c * d + i % d])
            .sum()
    };
    (0..d * d).map(product).collect()
}

/// The largest difference to αZ + βI.
fn distance(product: &[f64], z: &[f64], alpha: f64, beta: f64, d: usize) -> f64 {
    let expected = |i: usize| alpha * z[i] + if i / d == i % d { beta } else { 0.0 };
    (0..d * d)
        .map(|i| (product[i] - expected(i)).abs())
        .fold(0.0, f64::max)
}

/// Mean and variance of the entries of Z, N(0, 1/d): within 5 standard errors.
fn assert_normal(z: &[f64], d: usize) {
    let n = z.len() as f64;
    let mean = z.iter().sum::<f64>() / n;
    assert!(mean.abs() < 5.0 / (n * d as f64).sqrt(), "{mean}");
    let variance = z.iter().map(|z| z * z).sum::<f64>() / n * d as f64;
    assert!(
        (variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
        "{variance}"
    );
}

fn correlation(a: &[f64], b: &[f64], d: usize) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / d as f64
}

/// Where a head is as large as the model, the product is αZ + βI itself; its diagonal is around β, and
/// the rest around 0.
#[test]
fn whole_products() {
    const D: usize = 24;
    let z = query_key(1.0, 0.0, D, 2 * D, 2);
    for z in &z {
        assert_normal(z, D);
    }
    // Heads differ: the correlation of 576 pairs has standard error 1/24.
    assert!(correlation(&z[0], &z[1], D).abs() < 5.0 / 24.0);
    for (alpha, beta) in [(0.7, 0.7), (0.3, -2.0), (0.0, 0.5), (1e-20, 1.0)] {
        for (product, z) in query_key(alpha, beta, D, 2 * D, 2).iter().zip(&z) {
            assert!(
                distance(product, z, alpha, beta, D) < 1e-5,
                "{alpha} {beta}"
            );
        }
    }
    let z = value_projection(1.0, 0.0, D, D);
    assert_normal(&z, D);
    for (alpha, beta) in [(0.4, 0.4), (0.7, 0.1), (0.0, 0.5)] {
        let product = value_projection(alpha, beta, D, D);
        assert!(
            distance(&product, &z, alpha, -beta, D) < 1e-5,
            "{alpha} {beta}"
        );
    }
    // The defaults are the paper's.
    let (query, value) = (Mimetic::query("a", 1), Mimetic::value("a"));
    assert_eq!(
        [query.alpha, query.beta, value.alpha, value.beta],
        [0.7, 0.7, 0.4, 0.4]
    );
}

/// The largest singular value, by power iteration.
fn norm(a: &[f64], d: usize) -> f64 {
    let mut v: Vec<f64> = (0..d).map(|i| 1.0 + (i * 7 % 5) as f64).collect();
    let mut norm = 0.0;
    for _ in 0..2000 {
        let u: Vec<f64> = a
            .chunks(d)
            .map(|row| row.iter().zip(&v).map(|(a, v)| a * v).sum())
            .collect();
        v = (0..d)
            .map(|j| (0..d).map(|i| a[i * d + j] * u[i]).sum())
            .collect();
        let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        v.iter_mut().for_each(|v| *v /= length);
        norm = length.sqrt();
    }
    norm
}

/// Smaller heads have the nearest product of their rank (Eckart and Young 1936): what is missing is
/// orthogonal to it, and its norm is below the least singular value that is kept.
#[test]
fn products_of_small_heads() {
    const D: usize = 16;
    let whole = query_key(0.7, 0.7, D, 2 * D, 2);
    let parts = query_key(0.7, 0.7, D, D, 2);
    let q = draw(&Mimetic::query("a", 2), [D, D], "q");
    for (h, (whole, part)) in whole.iter().zip(&parts).enumerate() {
        let missing: Vec<f64> = whole.iter().zip(part).map(|(a, b)| a - b).collect();
        let square = |a: &[f64]| a.iter().map(|a| a * a).sum::<f64>();
        let difference = square(whole) - square(part) - square(&missing);
        assert!(difference.abs() < 1e-4, "{difference}");
        // A column of U√Σ has the square √σ² = σ.
        let sigma = |c: usize| (0..D).map(|i| q[i * D + h * 8 + c].powi(2)).sum::<f64>();
        let kept: Vec<f64> = (0..8).map(sigma).collect();
        assert!(kept.windows(2).all(|pair| pair[0] >= pair[1]), "{kept:?}");
        assert!((kept[0] - norm(whole, D)).abs() < 1e-4, "{kept:?}");
        let rest = norm(&missing, D);
        assert!(
            rest <= kept[7] + 1e-4 && rest > 0.5 * kept[7],
            "{rest} {kept:?}"
        );
        // Its diagonal stands out: it has the mean of about the trace of the best half.
        let diagonal: f64 = (0..D).map(|i| part[i * D + i]).sum::<f64>() / D as f64;
        let others = (part.iter().sum::<f64>() - diagonal * D as f64) / (D * (D - 1)) as f64;
        assert!(diagonal > 0.3 && others.abs() < 0.1, "{diagonal} {others}");
    }
    // Also between value and projection.
    let whole = value_projection(0.4, 0.4, D, D);
    let part = value_projection(0.4, 0.4, D, 5);
    let missing: Vec<f64> = whole.iter().zip(&part).map(|(a, b)| a - b).collect();
    let product: f64 = missing.iter().zip(&part).map(|(a, b)| a * b).sum();
    assert!(product.abs() < 1e-5);
}

/// What both halves share depends on the seed and the pair's name, and on no path.
#[test]
fn seed_and_name_count() {
    let shape = [12, 12];
    let query = Mimetic::query("a", 3);
    let w = draw(&query, shape, "x");
    assert_eq!(w, draw(&query, shape, "y"));
    assert_ne!(w, draw(&Mimetic::query("b", 3), shape, "x"));
    assert_ne!(w, draw(&Mimetic::key("a", 3), shape, "x"));
    let other = query.draw(&shape.into(), Seed::new(6).key("x")).unwrap();
    assert!(w.iter().zip(other).all(|(a, b)| *a != f64::from(b)));
    // Query and value of the same name share no noise: the correlation of 144 pairs.
    let (q, v) = (
        query_key(1.0, 0.0, 12, 12, 1),
        value_projection(1.0, 0.0, 12, 12),
    );
    assert!(correlation(&q[0], &v, 12).abs() < 5.0 / 12.0);
}

/// The same matrix in each layout; experts differ.
#[test]
fn layouts() {
    let key = Seed::new(5).key("w");
    for (init, [inputs, outputs]) in [
        (Mimetic::query("a", 2), [10, 6]),
        (Mimetic::projection("a"), [6, 70]),
    ] {
        let row = init
            .draw(&WeightLayout::linear([inputs, outputs]), key)
            .unwrap();
        let col = init
            .draw(&WeightLayout::linear_col([outputs, inputs]), key)
            .unwrap();
        let n = row.len();
        assert!((0..n).all(|i| row[i] == col[i % outputs * inputs + i / outputs]));
        let axes = [Axis::Index, Axis::Input, Axis::Output];
        let experts = WeightLayout::new([3, inputs, outputs], axes).unwrap();
        let experts = init.draw(&experts, key).unwrap();
        assert_eq!(to_bits(&experts[..n]), to_bits(&row));
        assert!(experts[n..2 * n].iter().zip(&row).any(|(a, b)| a != b));
    }
}

#[test]
fn refused() {
    let query = || Mimetic::query("a", 4);
    let linear = WeightLayout::linear;
    let mut heads = Mimetic::value("a");
    heads.heads = 2;
    let cases: [(Mimetic, WeightLayout, &[&str]); 11] = [
        (
            query(),
            linear([16, 10]),
            &["Mimetic: heads is 4", "divisor of the 10 outputs"],
        ),
        (Mimetic::query("a", 0), linear([16, 16]), &["heads is 0"]),
        (heads, linear([16, 16]), &["heads is 2", "1 for a value"]),
        (
            query(),
            linear([2, 16]),
            &["inner dimension", "4", "outer one, 2"],
        ),
        (
            Mimetic::projection("a"),
            linear([16, 8]),
            &["16", "outer one, 8"],
        ),
        (query().alpha(f64::NAN), linear([16, 16]), &["alpha is NaN"]),
        (query().beta(1e300), linear([16, 16]), &["beta is"]),
        (
            query(),
            conv([16, 16, 3]),
            &["matrix of inputs and outputs"],
        ),
        (
            query(),
            WeightLayout::embedding([16, 16]),
            &["matrix of inputs and outputs"],
        ),
        (query(), WeightLayout::vector([16]), &["rank 2 or more"]),
        (query(), linear([3000, 4]), &["at most 2048, not 3000"]),
    ];
    assert_refused(cases.map(|(init, layout, parts)| (init.into(), layout, parts)));

    let layout = linear([16, 16]);
    for fitted in query().fit_all(&[&layout, &layout]) {
        let message = fitted.unwrap_err().to_string();
        assert!(message.contains("pair is \"a\" for 2 weights"), "{message}");
    }
    assert!(query().fit_all(&[]).is_empty());
}
