//! The singular value decomposition by Jacobi's rotations from one side (Hestenes 1958).
//!
//! AJ = UΣ: J is a product of rotations, each of which makes two columns orthogonal; what all columns
//! are then are the left singular vectors, times the singular values. All is f64 in one fixed order: the
//! bits are the same everywhere. About ten passes over all pairs of columns are needed, each of 3 n³
//! multiplications.

/// Passes over all pairs of columns after which it ends in any case.
const MOST_PASSES: usize = 60;

/// Columns whose cosine is at most this count as orthogonal.
const ORTHOGONAL: f64 = 1e-14;

/// The left singular vectors of a square matrix, one after another, and the singular values, the
/// largest first. The vector of a singular value of 0 is 0.
///
/// `columns` are the `n` columns of the matrix, one after another.
pub(super) fn left_singular_vectors(mut columns: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    for _ in 0..MOST_PASSES {
        if !pass(&mut columns, n) {
            break;
        }
    }
    let norms = squared_norms(&columns, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| norms[*b].total_cmp(&norms[*a]));
    let values: Vec<f64> = order.iter().map(|i| norms[*i].sqrt()).collect();
    let mut vectors = Vec::with_capacity(n * n);
    for (i, value) in order.into_iter().zip(&values) {
        let scale = if *value > 0.0 { value.recip() } else { 0.0 };
        vectors.extend(columns[i * n..][..n].iter().map(|x| x * scale));
    }
    (vectors, values)
}

/// Makes each pair of columns orthogonal in turn; whether one of them wasn't.
fn pass(columns: &mut [f64], n: usize) -> bool {
    let mut squares = squared_norms(columns, n);
    let mut rotated = false;
    for p in 0..n {
        for q in p + 1..n {
            let (left, right) = columns.split_at_mut(q * n);
            let (x, y) = (&mut left[p * n..][..n], &mut right[..n]);
            let product = dot(x, y);
            if product.abs() <= ORTHOGONAL * (squares[p] * squares[q]).sqrt() {
                continue;
            }
            rotated = true;
            let zeta = (squares[q] - squares[p]) / (2.0 * product);
            let tan = 1f64.copysign(zeta) / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
            let cos = (1.0 + tan * tan).sqrt().recip();
            let sin = cos * tan;
            for (x, y) in x.iter_mut().zip(y) {
                (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
            }
            squares[p] = (squares[p] - tan * product).max(0.0);
            squares[q] += tan * product;
        }
    }
    rotated
}

fn squared_norms(columns: &[f64], n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| dot(&columns[i * n..][..n], &columns[i * n..][..n]))
        .collect()
}

/// Eight sums side by side, and then their sum.
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    for (x, y) in x.iter().zip(y) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    let rest = x_rest.iter().zip(y_rest);
    let rest = rest.fold(0.0, |sum, (x, y)| sum + x * y);
    sums.into_iter().fold(rest, |sum, x| sum + x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UᵀA has rows of norm σ that are orthogonal, U is orthogonal, and so A = U(UᵀA) = UΣVᵀ.
    fn check(columns: &[f64], n: usize) -> Vec<f64> {
        let (u, sigma) = left_singular_vectors(columns.to_vec(), n);
        let at = |m: &[f64], i: usize, j: usize| m[j * n + i];
        for i in 0..n {
            for j in 0..n {
                let unit = f64::from(u8::from(i == j));
                let product = dot(&u[i * n..][..n], &u[j * n..][..n]);
                assert!((product - unit).abs() < 1e-12, "{i} {j}: {product}");
                let row = |i: usize| -> Vec<f64> {
                    let column = |j: usize| (0..n).map(|k| at(&u, k, i) * at(columns, k, j)).sum();
                    (0..n).map(column).collect()
                };
                let product = dot(&row(i), &row(j));
                let expected = unit * sigma[i] * sigma[j];
                assert!((product - expected).abs() < 1e-11 * sigma[0] * sigma[0]);
            }
        }
        assert!(sigma.is_sorted_by(|a, b| a >= b));
        sigma
    }

    #[test]
    fn known_matrices() {
        // [[3, 0], [4, 5]]: √45 and √5.
        let sigma = check(&[3.0, 4.0, 0.0, 5.0], 2);
        assert!((sigma[0] - 45f64.sqrt()).abs() < 1e-14 && (sigma[1] - 5f64.sqrt()).abs() < 1e-14);
        // The Hilbert matrix of order 5: its norm and the least singular value are known.
        let hilbert: Vec<f64> = (0..25).map(|i| 1.0 / (i / 5 + i % 5 + 1) as f64).collect();
        let sigma = check(&hilbert, 5);
        assert!(
            (sigma[0] - 1.567_050_691_098_231).abs() < 1e-14,
            "{sigma:?}"
        );
        assert!(
            (sigma[4] / 3.287_928_772_171_9e-6 - 1.0).abs() < 1e-10,
            "{sigma:?}"
        );
    }

    #[test]
    fn any_matrix() {
        for n in [1, 2, 3, 17, 40] {
            let columns: Vec<f64> = (0..n * n)
                .map(|i| ((i * i * 31 + i * 17) % 101) as f64 / 50.0 - 1.0)
                .collect();
            check(&columns, n);
        }
    }

    #[test]
    fn zeros() {
        assert_eq!(
            left_singular_vectors(vec![0.0; 9], 3),
            (vec![0.0; 9], vec![0.0; 3])
        );
        // Rank 1.
        let (u, sigma) = left_singular_vectors(vec![1.0, 1.0, 1.0, 1.0], 2);
        assert!((sigma[0] - 2.0).abs() < 1e-15 && sigma[1] < 1e-15);
        assert!((u[0].abs() - 0.5f64.sqrt()).abs() < 1e-15);
    }
}
