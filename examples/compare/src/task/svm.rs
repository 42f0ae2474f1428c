//! A linear support vector machine.

use burn_init::{Seed, draw};

/// Passes over all examples at most.
const PASSES: usize = 300;

/// The fit ends when no example's projected gradient is larger.
const TOLERANCE: f64 = 0.01;

/// The weight of an error.
const C: f64 = 1.0;

/// One weight vector against all others for each class; for two classes, a single one.
///
/// Each minimizes ½|w|² + C Σ max(0, 1 − y w·x)², where x has a further feature that is always 1, by coordinate
/// descent on the dual (Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear SVM"): what
/// LIBLINEAR and scikit-learn's `LinearSVC` do by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Svm {
    planes: Vec<Vec<f64>>,
}

impl Svm {
    /// Fits to examples of `width` features.
    pub fn fit(x: &[f32], width: usize, labels: &[u8], classes: usize, seed: u64) -> Self {
        let plane = |class: usize| {
            let signs: Vec<f64> = labels
                .iter()
                .map(|label| {
                    if usize::from(*label) == class {
                        1.0
                    } else {
                        -1.0
                    }
                })
                .collect();
            plane(x, width, &signs, seed)
        };
        let planes = match classes {
            2 => vec![plane(1)],
            _ => (0..classes).map(plane).collect(),
        };
        Self { planes }
    }

    /// The class of an example.
    pub fn classify(&self, x: &[f32]) -> u8 {
        let values = self.planes.iter().map(|w| value(w, x));
        match self.planes.len() {
            1 => u8::from(values.sum::<f64>() > 0.0),
            _ => values
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .map_or(0, |(class, _)| class as u8),
        }
    }
}

/// w·x, with the constant feature last.
fn value(w: &[f64], x: &[f32]) -> f64 {
    let (bias, w) = w.split_last().expect("a plane has a bias");
    let products = w.iter().zip(x).map(|(w, x)| w * f64::from(*x));
    products.sum::<f64>() + bias
}

/// Algorithm 1 of Hsieh et al. for the squared hinge loss, in a new random order in each pass.
fn plane(x: &[f32], width: usize, signs: &[f64], seed: u64) -> Vec<f64> {
    let diagonal = 0.5 / C;
    let rows: Vec<&[f32]> = x.chunks(width).collect();
    let square = |x: &&[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let curvatures: Vec<f64> = rows.iter().map(|x| square(x) + 1.0 + diagonal).collect();
    let mut alpha = vec![0.0; rows.len()];
    let mut w = vec![0.0; width + 1];
    for pass in 0..PASSES {
        let key = Seed::new(seed).key(&format!("pass {pass}"));
        let mut largest: f64 = 0.0;
        for i in draw::permutation(key, rows.len()) {
            let gradient = signs[i] * value(&w, rows[i]) - 1.0 + diagonal * alpha[i];
            let projected = if alpha[i] > 0.0 {
                gradient
            } else {
                gradient.min(0.0)
            };
            largest = largest.max(projected.abs());
            let next = (alpha[i] - gradient / curvatures[i]).max(0.0);
            let step = (next - alpha[i]) * signs[i];
            alpha[i] = next;
            for (w, x) in w.iter_mut().zip(rows[i]) {
                *w += step * f64::from(*x);
            }
            w[width] += step;
        }
        if largest < TOLERANCE {
            break;
        }
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scikit-learn 1.9.1: `LinearSVC(C=1, tol=1e-10, max_iter=10**6, dual=True).fit(X, y)`; to what the
    /// tolerance of the fit leaves.
    #[test]
    fn the_plane_is_scikit_learns() {
        let x = [0.0, 0.0, 1.0, 0.5, 0.2, 1.0, 2.0, 1.5, 1.5, 2.5, 0.4, 0.3];
        let svm = Svm::fit(&x, 2, &[0, 0, 0, 1, 1, 1], 2, 1);
        let expected = [0.486_906_43, 0.257_505_55, -0.611_808_46];
        for (w, expected) in svm.planes[0].iter().zip(expected) {
            assert!((w - expected).abs() < 0.01, "{:?}", svm.planes);
        }
    }

    #[test]
    fn classes_that_a_line_parts_are_parted() {
        let points: Vec<[f32; 2]> = (0..60)
            .map(|i| [(i % 3) as f32 * 4.0 + (i / 3) as f32 * 0.1, (i % 2) as f32])
            .collect();
        // Three groups on a line can't be parted one against all others in one dimension; the square helps.
        let x: Vec<f32> = points.iter().flat_map(|[a, b]| [*a, *b, a * a]).collect();
        let labels: Vec<u8> = (0..60).map(|i| (i % 3) as u8).collect();
        let svm = Svm::fit(&x, 3, &labels, 3, 1);
        let wrong = x
            .chunks(3)
            .zip(&labels)
            .filter(|(x, label)| svm.classify(x) != **label);
        assert!(wrong.count() <= 2);
    }
}
