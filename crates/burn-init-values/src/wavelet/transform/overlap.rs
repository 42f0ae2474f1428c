//! How the parts of a vector at different levels overlap, for biorthogonal families.
//!
//! Π_l is the projector onto the approximations of level l: Ψ⁻¹Ψ without the details of levels 1 to l,
//! which is oblique. On a periodic axis of n points all that is needed of it are sequences: with A_l
//! for the analysis to level l and S_l for the synthesis from there, Π_l = S_l A_l, and for l ≤ m
//!
//! > tr(Π_lᵀ Π_m) = tr(A' S_lᵀS_l A_lA_lᵀ S'),
//!
//! where A' and S' lead from level l to m. Each factor is a circulant of n/2ˡ points with a few
//! diagonals, whatever n is, and so is what is left after each level of A' and S'.

use super::Transform;
use super::family::Family;

/// A circulant's entries around its diagonal: the middle one is the diagonal's.
type Diagonals = Vec<f64>;

impl Transform {
    /// For each level l, 0 being the whole vector, tr(Π_lᵀ Π_m) of the levels m from l on.
    pub(in crate::wavelet) fn overlaps(&self) -> Vec<Vec<f64>> {
        let levels = self.levels.len();
        let mut result: Vec<Vec<f64>> = (0..=levels).map(|l| vec![1.0; levels + 1 - l]).collect();
        for n in &self.shape {
            let of_axis = axis_overlaps(self.family, *n, levels);
            for (t, of_axis) in result.iter_mut().flatten().zip(of_axis.iter().flatten()) {
                *t *= of_axis;
            }
        }
        result
    }

    /// By how much Ψ and Ψ⁻¹ together enlarge the largest number at most, rounding aside; 1 for orthogonal
    /// families, which keep the norm instead.
    pub(in crate::wavelet) fn growth(&self) -> f64 {
        if self.family.is_orthogonal() {
            return 1.0;
        }
        let sum = |filter: &[f32]| filter.iter().map(|h| f64::from(h.abs())).sum::<f64>();
        let (low, high) = &self.analysis;
        let analysis = sum(low).max(sum(high));
        let (low, high) = &self.synthesis;
        // A point is made of every other tap of both filters.
        let taps = low.iter().chain(high).map(|h| f64::from(h.abs()));
        let of_points = taps.enumerate().fold([0.0; 2], |mut sums, (j, h)| {
            sums[j % 2] += h;
            sums
        });
        let steps = self.levels.len() * self.shape.len();
        (0..steps).fold(1.0, |growth, _| {
            growth * analysis * of_points[0].max(of_points[1])
        })
    }
}

/// The same along one axis of `n` points.
fn axis_overlaps(family: Family, n: usize, levels: usize) -> Vec<Vec<f64>> {
    let h = family.decomposition_low_pass();
    let dual = family.dual().decomposition_low_pass();
    // A_l A_lᵀ and S_lᵀ S_l.
    let (mut analysis, mut synthesis) = (vec![1.0], vec![1.0]);
    let from_level = |l: usize| {
        let mut left = convolve(&analysis, &synthesis);
        let trace = |m: usize| {
            let points = n >> m;
            // Diagonals that are a multiple of the number of points apart are the same one.
            let same = left.iter().skip(left.len() / 2 % points).step_by(points);
            let trace = points as f64 * same.sum::<f64>();
            left = coarser(&left, h, dual);
            trace
        };
        let traces = (l..=levels).map(trace).collect();
        analysis = coarser(&analysis, h, h);
        synthesis = coarser(&synthesis, dual, dual);
        traces
    };
    (0..=levels).map(from_level).collect()
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut result = vec![0.0; a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        for (sum, b) in result[i..].iter_mut().zip(b) {
            *sum += a * b;
        }
    }
    result
}

/// H B H̃ᵀ of a circulant B: Σ hᵢ h̃ⱼ b₍2t − i + j₎ on diagonal t.
fn coarser(b: &Diagonals, h: &[f64], dual: &[f64]) -> Diagonals {
    let backwards: Vec<f64> = dual.iter().rev().copied().collect();
    let all = convolve(&convolve(b, h), &backwards);
    // The middle, and every other diagonal from there.
    all.into_iter()
        .skip((b.len() / 2 + h.len() - 1) % 2)
        .step_by(2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wavelet::Levels;

    /// Of the projectors as matrices, column by column; also where filters wrap around.
    #[test]
    fn overlaps_are_traces() {
        for (family, shape, levels) in [
            ("bior2.2", vec![32], Levels::Full),
            ("bior6.8", vec![48], Levels::Full),
            ("rbio3.3", vec![8, 4], Levels::Full),
            ("bior4.4", vec![16, 24], Levels::Exactly(2)),
            ("rbio1.5", vec![4, 2, 6], Levels::Full),
            ("db3", vec![16], Levels::Full),
        ] {
            let family: Family = family.parse().unwrap();
            let transform = Transform::new(family, &shape, levels).unwrap();
            let (n, levels) = (transform.len(), transform.levels());
            let of_coefficients = transform.coefficient_levels();
            let mut scratch = transform.scratch();
            // Π_l keeps the approximation and the details of levels above l.
            let projected = |l: usize, i: usize, scratch: &mut _| {
                let mut x = vec![0.0f32; n];
                x[i] = 1.0;
                transform.forward(&mut x, scratch);
                for (c, level) in x.iter_mut().zip(&of_coefficients) {
                    if (1..=l).contains(level) {
                        *c = 0.0;
                    }
                }
                transform.inverse(&mut x, scratch);
                x
            };
            for (l, overlaps) in transform.overlaps().into_iter().enumerate() {
                assert_eq!(overlaps.len(), levels + 1 - l);
                for (m, given) in (l..).zip(overlaps) {
                    let mut trace = 0.0;
                    for i in 0..n {
                        let (a, b) = (projected(l, i, &mut scratch), projected(m, i, &mut scratch));
                        let products = a.iter().zip(b).map(|(a, b)| f64::from(a * b));
                        trace += products.sum::<f64>();
                    }
                    assert!(
                        (given - trace).abs() < 1e-4 * trace.abs().max(1.0),
                        "{family} {shape:?}, levels {l} and {m}: {given} instead of {trace}"
                    );
                }
            }
        }
    }

    /// No number on the way is larger, and the bound isn't loose by more than the levels explain.
    #[test]
    fn growth_is_a_bound() {
        for family in Family::all().filter(|family| !family.is_orthogonal()) {
            let transform = Transform::new(family, &[64], 2).unwrap();
            let growth = transform.growth();
            assert!((1.0..200.0).contains(&growth), "{family}: {growth}");
            let identity = |i: usize| {
                let mut unit = vec![0.0; 64];
                unit[i] = 1.0;
                transform.forward(&mut unit, &mut transform.scratch());
                unit
            };
            let columns: Vec<Vec<f32>> = (0..64).map(identity).collect();
            for k in 0..64 {
                let sum: f64 = columns.iter().map(|c| f64::from(c[k].abs())).sum();
                assert!(sum <= growth * 1.000_01, "{family}: {sum}, {growth}");
            }
        }
    }
}
