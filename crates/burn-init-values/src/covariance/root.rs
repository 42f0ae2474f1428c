//! A square root of a smooth covariance, one axis of a grid at a time.

/// The most points of an axis: the root of a longer one takes long to make.
pub(super) const MOST_POINTS: usize = 2048;

/// What of a point's variance of 1 may be left out.
const RESIDUE: f64 = 1e-12;

/// L with LLᵀ = K, K(x, y) = exp(−(x − y)²/2f²) for the points x, y = 0, 1, … of an axis.
///
/// K is singular in f64 for f of a few steps. By Cholesky's method with pivots (Higham 2002), which
/// ends once each point has all of its variance but for 10⁻¹², L has only as many columns as K has
/// numerical rank, and nothing needs to be added to the diagonal.
pub(super) struct Root {
    pub points: usize,
    /// The number of columns of L.
    pub rank: usize,
    /// L, row by row.
    rows: Vec<f64>,
}

impl Root {
    /// Of this axis, which has at most [`MOST_POINTS`] points.
    pub fn new(points: usize, f: f64) -> Self {
        let mut left = vec![1.0f64; points];
        let mut columns: Vec<Vec<f64>> = Vec::new();
        while columns.len() < points {
            // The first of the points that have most of their variance left.
            let by_rest = |a: &usize, b: &usize| left[*a].total_cmp(&left[*b]).then(b.cmp(a));
            let Some(pivot) = (0..points).max_by(by_rest) else {
                break;
            };
            if left[pivot] <= RESIDUE {
                break;
            }
            let root = left[pivot].sqrt();
            let kernel = |x: usize| {
                let t = (x as f64 - pivot as f64) / f;
                libm::exp(-0.5 * t * t)
            };
            let mut column: Vec<f64> = (0..points).map(kernel).collect();
            for known in &columns {
                let share = known[pivot];
                for (entry, l) in column.iter_mut().zip(known) {
                    *entry -= share * l;
                }
            }
            column.iter_mut().for_each(|entry| *entry /= root);
            for (left, l) in left.iter_mut().zip(&column) {
                *left -= l * l;
            }
            left[pivot] = 0.0;
            columns.push(column);
        }
        let rows = (0..points).flat_map(|x| columns.iter().map(move |column| column[x]));
        Self {
            points,
            rank: columns.len(),
            rows: rows.collect(),
        }
    }

    /// Lv along the axis that has `rank` elements in v: `inner` elements lie between two
    /// neighbours.
    pub fn apply(&self, v: &[f64], inner: usize) -> Vec<f64> {
        let mut out = Vec::with_capacity(v.len() / self.rank.max(1) * self.points);
        for v in v.chunks(self.rank * inner) {
            for row in self.rows.chunks(self.rank) {
                let begin = out.len();
                out.resize(begin + inner, 0.0);
                for (l, v) in row.iter().zip(v.chunks(inner)) {
                    for (out, v) in out[begin..].iter_mut().zip(v) {
                        *out += l * v;
                    }
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_square_is_the_kernel() {
        for (points, f) in [
            (1, 1.0),
            (2, 0.3),
            (50, 0.5),
            (50, 2.0),
            (200, 7.0),
            (9, 1e300),
            (5, 1e-300),
        ] {
            let root = Root::new(points, f);
            let row = |x: usize| &root.rows[x * root.rank..][..root.rank];
            for x in 0..points {
                for y in 0..points {
                    let product: f64 = row(x).iter().zip(row(y)).map(|(a, b)| a * b).sum();
                    let t = (x as f64 - y as f64) / f;
                    let expected = (-0.5 * t * t).exp();
                    assert!(
                        (product - expected).abs() < 2e-12,
                        "{points} {f}: {product}"
                    );
                }
            }
        }
        assert_eq!(Root::new(9, 1e300).rank, 1);
        assert_eq!(Root::new(50, 0.5).rank, 50);
        let smooth = Root::new(200, 20.0).rank;
        assert!((20..60).contains(&smooth), "{smooth}");
    }
}
