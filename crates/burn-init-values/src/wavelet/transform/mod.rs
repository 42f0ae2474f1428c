//! Ψ and its inverse: the periodised discrete wavelet transform (Mallat 1989), which is orthonormal or
//! biorthogonal.

mod boundary;
mod ends;
mod family;
mod filters;
mod levels;
mod line;
mod overlap;
mod step;

pub use boundary::Boundary;
pub use family::{Family, Symmetry};
pub use levels::Levels;

use levels::{allowed_levels, check_levels, useful_levels};
use line::{Direction, StepLine};
use step::{Step, StepKind, axis_steps};

use crate::error::InitError;
use crate::simd::dispatch;

/// Ψ, in place, of a vector or of an n-dimensional grid.
///
/// One level splits each axis into n/2 approximations and n/2 details; the next splits the
/// approximations. For filters h and g of length F, and the signal continued periodically,
///
/// > aₖ = Σⱼ hⱼ x₍F/2 + 2k − j₎,  dₖ = Σⱼ gⱼ x₍F/2 + 2k − j₎,
///
/// which are PyWavelets' coefficients in its mode `periodization`. In place, each level leaves the
/// approximations before the details along each axis: after all levels a vector reads
/// `[approximation, coarsest details, …, finest details]`.
///
/// Levels need an axis that 2^levels divides, unless they have filters of their own at its ends
/// ([`Boundary::Filters`]): then an axis of n points has ⌈n/2⌉ approximations and ⌊n/2⌋ details, for
/// every n, in the same places. Haar also exists for every other length: an axis of n
/// points is then split into halves of ⌈n/2⌉ and ⌊n/2⌋ points, these again, and so on down to
/// single points; a detail is constant on each half of its piece (the unbalanced Haar transform,
/// Girardi and Sweldens 1997). Its levels count from the finest pieces, and it has ⌈log₂ n⌉ of
/// them.
///
/// Ψ⁻¹ is Ψᵀ for an orthogonal family. For a biorthogonal one it's the transpose of its
/// [dual](Family::dual)'s Ψ̃: ΨΨ̃ᵀ = 1.
///
/// ```
/// use burn_init_values::wavelet::{Family, Levels, Transform};
///
/// let haar = Transform::new(Family::HAAR, &[5], Levels::Full)?;
/// let mut scratch = haar.scratch();
/// let mut x = [1.0, 1.0, 1.0, 1.0, 1.0];
/// haar.forward(&mut x, &mut scratch);
/// assert!((x[0] - 5f32.sqrt()).abs() < 1e-6 && x[1..].iter().all(|d| d.abs() < 1e-6));
/// haar.inverse(&mut x, &mut scratch);
/// assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-6));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transform {
    family: Family,
    shape: Vec<usize>,
    /// Low and high pass, of Ψ and of Ψ̃.
    analysis: Filters,
    synthesis: Filters,
    /// From the finest level on, a step for each axis.
    levels: Vec<Vec<Step>>,
}

type Filters = (Vec<f32>, Vec<f32>);

const MOST_POINTS: usize = isize::MAX as usize / size_of::<f32>();

impl Transform {
    /// Ψ for a grid of this shape.
    ///
    /// # Errors
    ///
    /// If there are more levels than the shape allows.
    pub fn new(
        family: Family,
        shape: &[usize],
        levels: impl Into<Levels>,
    ) -> Result<Self, InitError> {
        Self::with_boundary(family, shape, levels, Boundary::Periodic)
    }

    /// The same with this at the ends of each axis.
    ///
    /// ```
    /// use burn_init_values::wavelet::{Boundary, Levels, Transform};
    ///
    /// let db4 = "db4".parse()?;
    /// let transform = Transform::with_boundary(db4, &[25], Levels::Full, Boundary::Filters)?;
    /// assert_eq!(transform.level_sizes(), [1, 12, 6, 3, 2, 1]);
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there are more levels than the shape allows, or filters at the ends of a family that isn't
    /// orthogonal.
    pub fn with_boundary(
        family: Family,
        shape: &[usize],
        levels: impl Into<Levels>,
        boundary: Boundary,
    ) -> Result<Self, InitError> {
        let levels = match levels.into() {
            Levels::Useful => useful_levels(family, boundary, shape),
            Levels::Full => allowed_levels(family, boundary, shape),
            Levels::Exactly(levels) => levels,
        };
        check_levels(family, boundary, shape, levels)?;
        let points = shape
            .iter()
            .try_fold(1usize, |n, axis| n.checked_mul(*axis));
        // More than these couldn't be in memory, and no shift below overflows.
        let points = if shape.contains(&0) { Some(0) } else { points };
        let too_many = points.is_none_or(|n| n > MOST_POINTS);
        if too_many || shape.iter().any(|n| *n > MOST_POINTS) {
            return Err(InitError::shape(
                shape,
                "it has more points than can be addressed",
            ));
        }
        let axes: Vec<Vec<Step>> = shape
            .iter()
            .map(|n| axis_steps(family, boundary, *n, levels))
            .collect();
        let narrow = |filter: &[f64]| filter.iter().map(|h| *h as f32).collect();
        let filters = |family: Family| -> Filters {
            let low = narrow(family.decomposition_low_pass());
            (low, narrow(&family.decomposition_high_pass()))
        };
        Ok(Self {
            family,
            shape: shape.to_vec(),
            analysis: filters(family),
            synthesis: filters(family.dual()),
            levels: (0..levels)
                .map(|level| axes.iter().map(|steps| steps[level].clone()).collect())
                .collect(),
        })
    }

    /// The family of wavelets.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The number of levels.
    pub fn levels(&self) -> usize {
        self.levels.len()
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        if self.shape.contains(&0) {
            0
        } else {
            self.shape.iter().product()
        }
    }

    /// The number of axes longer than 1.
    pub(super) fn axes(&self) -> usize {
        self.shape.iter().filter(|n| **n > 1).count()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many coefficients belong to the approximation, and to the details of each level from the
    /// finest on.
    pub fn level_sizes(&self) -> Vec<usize> {
        let size = |count: fn(&Step) -> usize, steps: &[Step]| -> usize {
            steps.iter().map(count).product()
        };
        let approximations = |steps: &[Step]| size(|step| step.approximations, steps);
        let approximation = match self.levels.last() {
            Some(coarsest) => approximations(coarsest),
            None => self.len(),
        };
        let details = self
            .levels
            .iter()
            .map(|steps| size(|step| step.len, steps) - approximations(steps));
        std::iter::once(approximation).chain(details).collect()
    }

    /// For each coefficient its level, 1 being the finest details and 0 the approximation.
    pub fn coefficient_levels(&self) -> Vec<usize> {
        let mut result = vec![0; self.len()];
        let mut place = vec![0; self.shape.len()];
        for (i, level) in result.iter_mut().enumerate() {
            let mut rest = i;
            for (coordinate, n) in place.iter_mut().zip(&self.shape).rev() {
                (*coordinate, rest) = (rest % n, rest / n);
            }
            *level = self
                .levels
                .iter()
                .position(|steps| {
                    steps
                        .iter()
                        .zip(&place)
                        .any(|(step, p)| *p >= step.approximations)
                })
                .map_or(0, |finer| finer + 1);
        }
        result
    }

    /// x becomes Ψx.
    ///
    /// # Panics
    ///
    /// If `x` doesn't have [`len`](Self::len) points, or the scratch is another transform's.
    pub fn forward(&self, x: &mut [f32], scratch: &mut Scratch) {
        self.forward_rows(x.as_chunks_mut::<1>().0, scratch);
    }

    /// y becomes Ψ⁻¹y, which undoes Ψ.
    ///
    /// # Panics
    ///
    /// If `y` doesn't have [`len`](Self::len) points, or the scratch is another transform's.
    pub fn inverse(&self, y: &mut [f32], scratch: &mut Scratch) {
        self.inverse_rows(y.as_chunks_mut::<1>().0, scratch);
    }

    /// Working memory for [`forward`](Self::forward) and [`inverse`](Self::inverse).
    pub fn scratch(&self) -> Scratch {
        self.scratch_for(1)
    }

    /// Working memory for `columns` signals at a time.
    pub(in crate::wavelet) fn scratch_for(&self, columns: usize) -> Scratch {
        let longest = self.shape.iter().copied().max().unwrap_or(0);
        let taps = self.analysis.0.len();
        let of_line = if self.shape.len() > 1 { longest } else { 0 };
        let filters = |step: &Step| matches!(step.kind, StepKind::Filter | StepKind::Ends(_));
        let of_half = if self.levels.iter().flatten().any(filters) {
            longest / 2 + taps
        } else {
            0
        };
        let rows_of_ends = self.levels.iter().flatten().map(|step| match &step.kind {
            StepKind::Ends(ends) => ends.rows(),
            _ => 0,
        });
        let of_ends = rows_of_ends.max().unwrap_or(0);
        Scratch {
            ends: vec![0.0; of_ends * columns],
            line: vec![0.0; of_line * columns],
            halves: [(); 2].map(|()| vec![0.0; of_half * columns]),
            extended: vec![0.0; (longest + taps) * columns],
        }
    }

    /// Each column of `x` becomes its Ψx: a row for each point.
    pub(in crate::wavelet) fn forward_rows<const L: usize>(
        &self,
        x: &mut [[f32; L]],
        scratch: &mut Scratch,
    ) {
        self.check_points(x.len());
        for steps in &self.levels {
            for axis in 0..steps.len() {
                self.along(axis, steps, x, scratch, Direction::Forward);
            }
        }
    }

    /// Each column of `y` becomes its Ψ⁻¹y.
    pub(in crate::wavelet) fn inverse_rows<const L: usize>(
        &self,
        y: &mut [[f32; L]],
        scratch: &mut Scratch,
    ) {
        self.check_points(y.len());
        for steps in self.levels.iter().rev() {
            for axis in (0..steps.len()).rev() {
                self.along(axis, steps, y, scratch, Direction::Inverse);
            }
        }
    }

    fn check_points(&self, points: usize) {
        assert_eq!(
            points,
            self.len(),
            "points of the signal and of the transform"
        );
    }

    /// Applies one step to all lines along `axis` of the block that this level works on.
    fn along<const L: usize>(
        &self,
        axis: usize,
        steps: &[Step],
        x: &mut [[f32; L]],
        scratch: &mut Scratch,
        direction: Direction,
    ) {
        let step = &steps[axis];
        if matches!(step.kind, StepKind::Keep) {
            return;
        }
        let (low, high) = match direction {
            Direction::Forward => &self.analysis,
            Direction::Inverse => &self.synthesis,
        };
        let (halves, extended) = (&mut scratch.halves, &mut scratch.extended);
        let of_ends = &mut scratch.ends;
        let mut apply = |line: &mut [[f32; L]]| {
            dispatch(StepLine {
                step,
                filters: (low, high),
                line,
                halves: halves.each_mut().map(|half| half.as_chunks_mut::<L>().0),
                extended: extended.as_chunks_mut::<L>().0,
                of_ends: of_ends.as_chunks_mut::<L>().0,
                direction,
            });
        };
        let stride_of = |a: usize| self.shape[a + 1..].iter().product::<usize>();
        let stride = stride_of(axis);
        let lines: usize = (0..steps.len())
            .filter(|a| *a != axis)
            .map(|a| steps[a].len)
            .product();
        for number in 0..lines {
            // The coordinates of the line, from its number.
            let (mut rest, mut begin) = (number, 0);
            for a in (0..steps.len()).rev().filter(|a| *a != axis) {
                begin += rest % steps[a].len * stride_of(a);
                rest /= steps[a].len;
            }
            if stride == 1 {
                apply(&mut x[begin..begin + step.len]);
                continue;
            }
            let line = &mut scratch.line.as_chunks_mut::<L>().0[..step.len];
            for (i, value) in line.iter_mut().enumerate() {
                *value = x[begin + i * stride];
            }
            apply(line);
            for (i, value) in line.iter().enumerate() {
                x[begin + i * stride] = *value;
            }
        }
    }
}

/// Working memory of a [`Transform`].
#[derive(Debug, Clone)]
pub struct Scratch {
    line: Vec<f32>,
    halves: [Vec<f32>; 2],
    extended: Vec<f32>,
    ends: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::normal::fill_normal;
    use crate::key::Seed;

    fn noise(n: usize) -> Vec<f32> {
        let mut x = vec![0.0; n];
        fill_normal(Seed::new(n as u64).key("noise"), 0, &mut x, 0.0, 1.0);
        x
    }

    fn norm(x: &[f32]) -> f64 {
        x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt()
    }

    fn flat(value: &serde_json::Value) -> Vec<f64> {
        match value {
            serde_json::Value::Array(values) => values.iter().flat_map(flat).collect(),
            number => vec![number.as_f64().unwrap()],
        }
    }

    #[test]
    fn one_dimensional_coefficients_equal_pywavelets() {
        let text = include_str!("../../../tests/golden/dwt1d.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        assert_eq!(cases.len(), 9);
        for case in cases {
            let family: Family = case["wavelet"].as_str().unwrap().parse().unwrap();
            let mut x: Vec<f32> = flat(&case["input"]).into_iter().map(|x| x as f32).collect();
            let levels = case["level"].as_u64().unwrap() as usize;
            let size = norm(&x);
            let transform = Transform::new(family, &[x.len()], levels).unwrap();
            transform.forward(&mut x, &mut transform.scratch());
            for (y, expected) in x.iter().zip(flat(&case["coefficients"])) {
                assert!(
                    (f64::from(*y) - expected).abs() <= 1e-6 * size,
                    "{family}: {y} {expected}"
                );
            }
        }
    }

    #[test]
    fn biorthogonal_coefficients_equal_pywavelets() {
        let text = include_str!("../../../tests/golden/biorthogonal.json");
        let golden: serde_json::Value = serde_json::from_str(text).unwrap();
        let cases = golden["coefficients"].as_array().unwrap();
        assert_eq!(cases.len(), 6);
        for case in cases {
            let family: Family = case["wavelet"].as_str().unwrap().parse().unwrap();
            let levels = case["level"].as_u64().unwrap() as usize;
            let signal: Vec<f32> = flat(&case["input"]).into_iter().map(|x| x as f32).collect();
            let size = norm(&signal);
            let transform = Transform::new(family, &[signal.len()], levels).unwrap();
            let mut x = signal.clone();
            transform.forward(&mut x, &mut transform.scratch());
            let expected = flat(&case["coefficients"]);
            assert_eq!(x.len(), expected.len());
            for (y, e) in x.iter().zip(expected) {
                assert!(
                    (f64::from(*y) - e).abs() <= 1e-6 * size,
                    "{family}: {y} {e}"
                );
            }
            transform.inverse(&mut x, &mut transform.scratch());
            for (y, e) in x.iter().zip(signal) {
                assert!(f64::from((y - e).abs()) <= 1e-6 * size, "{family}: {y} {e}");
            }
        }
    }

    /// Ψ⁻¹ is the transpose of the dual's Ψ.
    #[test]
    fn inverses_are_transposes_of_the_dual() {
        for family in Family::all() {
            for shape in [vec![24], vec![8, 4]] {
                let [of_family, of_dual] =
                    [family, family.dual()].map(|f| Transform::new(f, &shape, 2).unwrap());
                let n = of_family.len();
                let unit = |i: usize| -> Vec<f32> {
                    (0..n).map(|j| f32::from(u8::from(i == j))).collect()
                };
                let columns: Vec<Vec<f32>> = (0..n)
                    .map(|i| {
                        let mut x = unit(i);
                        of_dual.forward(&mut x, &mut of_dual.scratch());
                        x
                    })
                    .collect();
                for k in 0..n {
                    let mut x = unit(k);
                    of_family.inverse(&mut x, &mut of_family.scratch());
                    for (x, column) in x.iter().zip(&columns) {
                        assert!((x - column[k]).abs() < 1e-5, "{family} {shape:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_dimensional_coefficients_equal_pywavelets() {
        let text = include_str!("../../../tests/golden/dwt2d.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let family: Family = case["wavelet"].as_str().unwrap().parse().unwrap();
            let shape: Vec<usize> = flat(&case["shape"])
                .into_iter()
                .map(|n| n as usize)
                .collect();
            let mut x: Vec<f32> = flat(&case["input"]).into_iter().map(|x| x as f32).collect();
            let levels = case["level"].as_u64().unwrap() as usize;
            let size = norm(&x);
            let transform = Transform::new(family, &shape, levels).unwrap();
            transform.forward(&mut x, &mut transform.scratch());
            let block = |coarseness: usize, low: usize, high: usize| -> Vec<f32> {
                let (rows, columns) = (shape[0] >> coarseness, shape[1] >> coarseness);
                (low * rows..(low + 1) * rows)
                    .flat_map(|r| &x[r * shape[1]..][high * columns..(high + 1) * columns])
                    .copied()
                    .collect()
            };
            // PyWavelets: cA, then from the coarsest level on cH (details along axis 0), cV (along
            // axis 1) and cD (both).
            let bands = case["coefficients_ca_then_ch_cv_cd"].as_array().unwrap();
            let mut pairs = vec![(block(levels, 0, 0), flat(&bands[0]))];
            for (band, coarseness) in bands[1..].iter().zip((1..=levels).rev()) {
                for (i, (low, high)) in [(1, 0), (0, 1), (1, 1)].into_iter().enumerate() {
                    pairs.push((block(coarseness, low, high), flat(&band[i])));
                }
            }
            assert_eq!(pairs.iter().map(|(_, e)| e.len()).sum::<usize>(), x.len());
            for (y, expected) in pairs.iter().flat_map(|(y, e)| y.iter().zip(e)) {
                assert!(
                    (f64::from(*y) - expected).abs() <= 1e-6 * size,
                    "{family}: {y} {expected}"
                );
            }
        }
    }

    /// ΨᵀΨ = 1 on the unit vectors, which also shows that all coefficients are written and none
    /// twice.
    #[test]
    fn orthonormal() {
        let haar = (1..=40).map(|n| (Family::HAAR, vec![n]));
        let grids = [[3, 5], [10, 10], [1, 9], [16, 4], [7, 1]];
        let haar_grids = grids.into_iter().map(|grid| (Family::HAAR, grid.to_vec()));
        let orthogonal = Family::all().filter(Family::is_orthogonal);
        let others = orthogonal.flat_map(|family| {
            [vec![2], vec![24], vec![64], vec![4, 6], vec![2, 4, 6]].map(|shape| (family, shape))
        });
        for (family, shape) in haar.chain(haar_grids).chain(others) {
            let transform = Transform::new(family, &shape, Levels::Useful).unwrap();
            let n = transform.len();
            let mut rows = Vec::new();
            for i in 0..n {
                let mut unit = vec![0.0; n];
                unit[i] = 1.0;
                transform.forward(&mut unit, &mut transform.scratch());
                rows.push(unit.clone());
                transform.inverse(&mut unit, &mut transform.scratch());
                for (j, x) in unit.iter().enumerate() {
                    let expected = f32::from(u8::from(i == j));
                    assert!((x - expected).abs() < 1e-5, "{family} {shape:?}");
                }
            }
            for (i, a) in rows.iter().enumerate() {
                for (j, b) in rows.iter().enumerate() {
                    let product: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum();
                    let expected = f64::from(u8::from(i == j));
                    assert!((product - expected).abs() < 1e-5, "{family} {shape:?}");
                }
            }
        }
    }

    #[test]
    fn constants_have_no_details() {
        for n in [1, 2, 3, 7, 64, 100, 1000, 4095] {
            let transform = Transform::new(Family::HAAR, &[n], Levels::Useful).unwrap();
            let mut x = vec![1.0; n];
            transform.forward(&mut x, &mut transform.scratch());
            assert!((x[0] - (n as f32).sqrt()).abs() < 1e-4 * x[0], "{n}");
            assert!(x[1..].iter().all(|d| d.abs() < 1e-4), "{n}");
            for family in Family::all().filter(Family::is_orthogonal) {
                let transform = with_filters(family, &[n], Levels::Full);
                let mut x = vec![1.0; n];
                transform.forward(&mut x, &mut transform.scratch());
                assert!(
                    (x[0] - (n as f32).sqrt()).abs() < 1e-4 * x[0],
                    "{family} {n}"
                );
                assert!(x[1..].iter().all(|d| d.abs() < 1e-4), "{family} {n}");
            }
        }
    }

    fn with_filters(family: Family, shape: &[usize], levels: impl Into<Levels>) -> Transform {
        Transform::with_boundary(family, shape, levels, Boundary::Filters).unwrap()
    }

    /// ‖ΨᵀΨ − 1‖ and ‖ΨΨᵀ − 1‖, in the largest entry, to full depth for every orthogonal family and every
    /// length.
    #[test]
    fn filters_at_the_ends_are_orthonormal() {
        for family in Family::all().filter(Family::is_orthogonal) {
            for n in 1..=130usize {
                let transform = with_filters(family, &[n], Levels::Full);
                assert_eq!(
                    transform.levels(),
                    n.next_power_of_two().trailing_zeros() as usize
                );
                let mut scratch = transform.scratch();
                let mut rows = Vec::new();
                for i in 0..n {
                    let mut unit = vec![0.0; n];
                    unit[i] = 1.0;
                    transform.forward(&mut unit, &mut scratch);
                    rows.push(unit.clone());
                    transform.inverse(&mut unit, &mut scratch);
                    for (j, x) in unit.iter().enumerate() {
                        let expected = f32::from(u8::from(i == j));
                        assert!((x - expected).abs() < 2e-6, "{family} {n}: {x}");
                    }
                }
                for (i, a) in rows.iter().enumerate() {
                    for (j, b) in rows[..=i].iter().enumerate() {
                        let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                        let expected = f32::from(u8::from(i == j));
                        assert!((product - expected).abs() < 2e-6, "{family} {n}: {product}");
                    }
                }
            }
        }
        for (family, shape) in [
            ("db2", vec![3, 5]),
            ("sym4", vec![1, 9]),
            ("coif1", vec![5, 3, 4]),
        ] {
            let transform = with_filters(family.parse().unwrap(), &shape, Levels::Full);
            let sizes = transform.level_sizes();
            assert_eq!((sizes[0], sizes.iter().sum()), (1, transform.len()));
            let mut counted = vec![0; sizes.len()];
            let of_coefficients = transform.coefficient_levels();
            of_coefficients
                .into_iter()
                .for_each(|level| counted[level] += 1);
            assert_eq!(counted, sizes);
            for i in 0..transform.len() {
                let mut unit = vec![0.0; transform.len()];
                unit[i] = 1.0;
                transform.forward(&mut unit, &mut transform.scratch());
                assert!((norm(&unit) - 1.0).abs() < 1e-6, "{family} {shape:?}");
                transform.inverse(&mut unit, &mut transform.scratch());
                for (j, x) in unit.iter().enumerate() {
                    let expected = f32::from(u8::from(i == j));
                    assert!((x - expected).abs() < 2e-6, "{family} {shape:?}");
                }
            }
        }
    }

    /// Coefficients whose filters stay away from the ends are what they are without them, bit by bit; and
    /// those at the ends depend on nothing that is far away.
    #[test]
    fn filters_at_the_ends_leave_the_middle() {
        for family in Family::all().filter(|f| f.is_orthogonal() && *f != Family::HAAR) {
            let n = 512;
            let reach = family.filter_len() / 2 - 1;
            for levels in [1, 2, 3] {
                let mut x = noise(n);
                let mut periodic = x.clone();
                let transform = with_filters(family, &[n], levels);
                transform.forward(&mut x, &mut transform.scratch());
                let other = Transform::new(family, &[n], levels).unwrap();
                other.forward(&mut periodic, &mut other.scratch());
                for (level, begin) in (1..=levels).map(|level| (level, n >> level)) {
                    // From the second level on, what the ends touch is as much again.
                    let touched = reach + 1;
                    let (a, b) = (begin + touched, 2 * begin - touched);
                    let bits =
                        |x: &[f32]| x[a..b].iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
                    assert_eq!(
                        bits(&x),
                        bits(&periodic),
                        "{family}, level {level} of {levels}"
                    );
                }
            }
            // An impulse in the middle has no coefficients at the ends, nor has one at an end in the middle.
            let transform = with_filters(family, &[n + 1], 1);
            let half = n / 2;
            for place in [0, n / 2, n] {
                let mut x = vec![0.0; n + 1];
                x[place] = 1.0;
                transform.forward(&mut x, &mut transform.scratch());
                for (i, c) in x.iter().enumerate() {
                    let k = if i <= half { i } else { i - half - 1 };
                    let far = k.abs_diff(place / 2) > 2 * reach + 2;
                    assert!(
                        !far || *c == 0.0,
                        "{family}: {c} at {i} of an impulse at {place}"
                    );
                }
            }
        }
    }

    #[test]
    fn levels_of_coefficients() {
        let transform = Transform::new(Family::HAAR, &[8], 2).unwrap();
        assert_eq!(transform.coefficient_levels(), [0, 0, 2, 2, 1, 1, 1, 1]);
        // 5 = 3 + 2, 3 = 2 + 1: of the four finest pieces one is a pair.
        let transform = Transform::new(Family::HAAR, &[5], Levels::Useful).unwrap();
        assert_eq!(transform.coefficient_levels(), [0, 3, 2, 2, 1]);
        let transform = Transform::new(Family::HAAR, &[2, 4], Levels::Useful).unwrap();
        assert_eq!(transform.coefficient_levels(), [0, 2, 1, 1, 1, 1, 1, 1]);
        for (n, levels) in [
            (8, Levels::Exactly(2)),
            (8, Levels::Exactly(0)),
            (100, Levels::Useful),
            (100, Levels::Exactly(2)),
            (1, Levels::Useful),
        ] {
            let transform = Transform::new(Family::HAAR, &[n, 12], levels).unwrap();
            let mut sizes = vec![0; transform.levels() + 1];
            transform
                .coefficient_levels()
                .into_iter()
                .for_each(|level| sizes[level] += 1);
            assert_eq!(transform.level_sizes(), sizes, "{n}");
        }
    }

    #[test]
    fn refuses_too_many_levels() {
        let db4 = Family::daubechies(4).unwrap();
        for (family, shape, levels) in [
            (Family::HAAR, vec![8], 4),
            (Family::HAAR, vec![100], 8),
            (Family::HAAR, vec![0], 1),
            (db4, vec![100], 3),
            (db4, vec![10, 12], 2),
        ] {
            let error = Transform::new(family, &shape, levels).unwrap_err();
            assert!(error.to_string().contains("at most"), "{error}");
        }
        let error = Transform::new(db4, &[25], Levels::Useful).unwrap_err();
        let error = error.to_string();
        let parts = [
            "at most 0 for db4",
            "5 with Boundary::Filters",
            "haar exists",
        ];
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        let bior = "bior2.2".parse().unwrap();
        let error = Transform::with_boundary(bior, &[8], 1, Boundary::Filters).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("an orthogonal one, for boundary filters"),
            "{error}"
        );
        let error = Transform::with_boundary(db4, &[9], 5, Boundary::Filters).unwrap_err();
        assert!(error.to_string().contains("at most 4"), "{error}");
        for (n, useful) in [
            (1, 0),
            (2, 1),
            (7, 1),
            (8, 1),
            (100, 4),
            (200, 5),
            (10_000, 11),
        ] {
            let transform = with_filters(db4, &[n], Levels::Useful);
            assert_eq!(transform.levels(), useful, "{n}");
            let transform = with_filters(db4, &[n, 1], Levels::Useful);
            assert_eq!(transform.levels(), useful, "{n}");
        }
        assert!(with_filters(db4, &[0], Levels::Useful).is_empty());
        assert!(
            Transform::new(Family::HAAR, &[0], Levels::Useful)
                .unwrap()
                .is_empty()
        );
    }

    /// One level by the definition, with plain modular arithmetic.
    fn oracle(family: Family, x: &[f32]) -> Vec<f64> {
        let n = x.len();
        let filters = [
            family.decomposition_low_pass().to_vec(),
            family.decomposition_high_pass(),
        ];
        let mut result = Vec::new();
        for filter in filters {
            for k in 0..n / 2 {
                let term = |(j, h): (usize, &f64)| {
                    let place = (filter.len() / 2 + 2 * k) as i64 - j as i64;
                    h * f64::from(x[place.rem_euclid(n as i64) as usize])
                };
                result.push(filter.iter().enumerate().map(term).sum());
            }
        }
        result
    }

    #[test]
    fn one_level_is_the_definition() {
        for family in Family::all() {
            for n in [2, 4, 6, 10, 38, 64] {
                let mut x = noise(n);
                let expected = oracle(family, &x);
                let transform = Transform::new(family, &[n], 1).unwrap();
                let size = norm(&x);
                transform.forward(&mut x, &mut transform.scratch());
                for (y, e) in x.iter().zip(expected) {
                    assert!((f64::from(*y) - e).abs() < 1e-6 * size, "{family} {n}");
                }
            }
        }
    }

    /// Random lengths up to 5000, and for families other than Haar the nearest that 4 divides; to
    /// full depth.
    #[test]
    fn perfect_reconstruction() {
        let lengths = crate::draw::permutation(Seed::new(0).key("lengths"), 5000);
        for (family, chunk) in Family::all().zip(lengths.chunks(8)) {
            for n in chunk.iter().map(|n| n + 1) {
                let n = if family == Family::HAAR {
                    n
                } else {
                    n.next_multiple_of(2)
                };
                let transform = Transform::new(family, &[n], Levels::Full).unwrap();
                let mut scratch = transform.scratch();
                let x = noise(n);
                let mut y = x.clone();
                transform.forward(&mut y, &mut scratch);
                if family.is_orthogonal() {
                    assert!((norm(&y) / norm(&x) - 1.0).abs() < 1e-5, "{family} {n}");
                }
                transform.inverse(&mut y, &mut scratch);
                let difference: Vec<f32> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
                assert!(norm(&difference) <= 1e-5 * norm(&x), "{family} {n}");
            }
        }
        for n in 1..=300 {
            let haar = Transform::new(Family::HAAR, &[n], Levels::Full).unwrap();
            let x = noise(n);
            let mut y = x.clone();
            haar.forward(&mut y, &mut haar.scratch());
            haar.inverse(&mut y, &mut haar.scratch());
            let difference: Vec<f32> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
            assert!(norm(&difference) <= 1e-5 * norm(&x), "haar {n}");
        }
    }

    /// In three dimensions one level is the definition along each axis in turn.
    #[test]
    fn three_dimensions() {
        let shape = [4, 6, 2];
        for name in ["haar", "db2", "coif1"] {
            let family: Family = name.parse().unwrap();
            let mut x = noise(48);
            let mut expected: Vec<f32> = x.clone();
            for (axis, n) in shape.into_iter().enumerate() {
                let stride: usize = shape[axis + 1..].iter().product();
                for begin in (0..48).filter(|i| (i / stride).is_multiple_of(n)) {
                    let line: Vec<f32> = (0..n).map(|i| expected[begin + i * stride]).collect();
                    for (i, y) in oracle(family, &line).into_iter().enumerate() {
                        expected[begin + i * stride] = y as f32;
                    }
                }
            }
            let transform = Transform::new(family, &shape, 1).unwrap();
            transform.forward(&mut x, &mut transform.scratch());
            for (y, e) in x.iter().zip(expected) {
                assert!((y - e).abs() < 1e-5, "{family}: {y} instead of {e}");
            }
        }
    }

    #[test]
    fn linear() {
        for (family, shape) in [
            ("haar", vec![100]),
            ("db3", vec![96]),
            ("coif2", vec![24, 8]),
        ] {
            let family: Family = family.parse().unwrap();
            let transform = Transform::new(family, &shape, Levels::Useful).unwrap();
            let n = transform.len();
            let (x, y) = (noise(n), noise(n + 1)[1..].to_vec());
            let mut sum: Vec<f32> = x.iter().zip(&y).map(|(x, y)| 2.0 * x - 3.0 * y).collect();
            let (mut of_x, mut of_y) = (x, y);
            for signal in [&mut of_x, &mut of_y, &mut sum] {
                transform.forward(signal, &mut transform.scratch());
            }
            for ((x, y), s) in of_x.iter().zip(&of_y).zip(&sum) {
                assert!((2.0 * x - 3.0 * y - s).abs() < 1e-4, "{family}");
            }
        }
    }

    /// A polynomial of lower degree than the wavelet has vanishing moments has no details, but
    /// where the filter reaches around the ends. f32 sets the bound: 40 products of numbers up
    /// to 1.
    #[test]
    fn polynomials_vanish() {
        for family in Family::all() {
            let (n, f) = (128, family.filter_len());
            let transform = Transform::new(family, &[n], 1).unwrap();
            for degree in 0..family.vanishing_moments() as i32 {
                let place = |i: usize| 2.0 * i as f32 / n as f32 - 1.0;
                let mut x: Vec<f32> = (0..n).map(|i| place(i).powi(degree)).collect();
                transform.forward(&mut x, &mut transform.scratch());
                // Detail k reads the points from 2k + 1 − F/2 to 2k + F/2.
                for k in f / 4..(n - f / 2) / 2 {
                    assert!(
                        x[n / 2 + k].abs() < 3e-6,
                        "{family}, degree {degree}: {}",
                        x[n / 2 + k]
                    );
                }
            }
        }
    }
}
