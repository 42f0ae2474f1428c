//! Ψ and its inverse Ψᵀ: the orthonormal, periodised discrete wavelet transform (Mallat 1989).

use std::f32::consts::FRAC_1_SQRT_2;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Family;
use crate::error::InitError;
use crate::simd::{Isa, Kernel, dispatch};

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
/// Levels need an axis that 2^levels divides. Haar also exists for every other length: an axis of n
/// points is then split into halves of ⌈n/2⌉ and ⌊n/2⌋ points, these again, and so on down to
/// single points; a detail is constant on each half of its piece (the unbalanced Haar transform,
/// Girardi and Sweldens 1997). Its levels count from the finest pieces, and it has ⌈log₂ n⌉ of
/// them.
///
/// ```
/// use burn_init::{Family, Levels, Transform};
///
/// let haar = Transform::new(Family::HAAR, &[5], Levels::Full)?;
/// let mut scratch = haar.scratch();
/// let mut x = [1.0, 1.0, 1.0, 1.0, 1.0];
/// haar.forward(&mut x, &mut scratch);
/// assert!((x[0] - 5f32.sqrt()).abs() < 1e-6 && x[1..].iter().all(|d| d.abs() < 1e-6));
/// haar.inverse(&mut x, &mut scratch);
/// assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-6));
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transform {
    shape: Vec<usize>,
    low: Vec<f32>,
    high: Vec<f32>,
    /// From the finest level on, a step for each axis.
    levels: Vec<Vec<Step>>,
}

const MOST_POINTS: usize = isize::MAX as usize / size_of::<f32>();

/// How many levels a transform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levels {
    /// As many as are useful: for Haar all, for other families as long as the length is even and at
    /// least the filter's, but at least one.
    #[default]
    Useful,
    /// As many as the length allows: for families other than Haar, as often as 2 divides it.
    /// Filters that are longer than what is left of the signal wrap around it.
    Full,
    /// This many.
    #[serde(untagged)]
    Exactly(usize),
}

impl fmt::Display for Levels {
    /// What an initializer says of it after its family; nothing where it's the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Useful => Ok(()),
            Self::Full => write!(f, ", all levels"),
            Self::Exactly(levels) => write!(f, ", {levels} levels"),
        }
    }
}

impl From<usize> for Levels {
    fn from(levels: usize) -> Self {
        Self::Exactly(levels)
    }
}

/// One level along one axis.
#[derive(Debug, Clone)]
struct Step {
    /// Points before.
    len: usize,
    /// Approximations after.
    approximations: usize,
    kind: StepKind,
}

#[derive(Debug, Clone)]
enum StepKind {
    /// The axis is a single piece already.
    Keep,
    /// The family's filters.
    Filter,
    /// Haar: each approximation is made of two points.
    Pairs,
    /// Haar: each approximation is made of two points or of one, as its piece of the axis is.
    Pieces(Pieces),
}

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
        let levels = match levels.into() {
            Levels::Useful => useful_levels(family, shape),
            Levels::Full => allowed_levels(family, shape),
            Levels::Exactly(levels) => levels,
        };
        check_levels(family, shape, levels)?;
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
            .map(|n| axis_steps(family, *n, levels))
            .collect();
        let narrow = |filter: &[f64]| filter.iter().map(|h| *h as f32).collect();
        Ok(Self {
            shape: shape.to_vec(),
            low: narrow(family.decomposition_low_pass()),
            high: narrow(&family.decomposition_high_pass()),
            levels: (0..levels)
                .map(|level| axes.iter().map(|steps| steps[level].clone()).collect())
                .collect(),
        })
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

    /// y becomes Ψᵀy, which undoes Ψ.
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
    pub(super) fn scratch_for(&self, columns: usize) -> Scratch {
        let longest = self.shape.iter().copied().max().unwrap_or(0);
        let taps = self.low.len();
        let of_line = if self.shape.len() > 1 { longest } else { 0 };
        let filters = |step: &Step| matches!(step.kind, StepKind::Filter);
        let of_half = if self.levels.iter().flatten().any(filters) {
            longest / 2 + taps
        } else {
            0
        };
        Scratch {
            line: vec![0.0; of_line * columns],
            halves: [(); 2].map(|()| vec![0.0; of_half * columns]),
            extended: vec![0.0; (longest + taps) * columns],
        }
    }

    /// Each column of `x` becomes its Ψx: a row for each point.
    pub(super) fn forward_rows<const L: usize>(&self, x: &mut [[f32; L]], scratch: &mut Scratch) {
        self.check_points(x.len());
        for steps in &self.levels {
            for axis in 0..steps.len() {
                self.along(axis, steps, x, scratch, Direction::Forward);
            }
        }
    }

    /// Each column of `y` becomes its Ψᵀy.
    pub(super) fn inverse_rows<const L: usize>(&self, y: &mut [[f32; L]], scratch: &mut Scratch) {
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
        let (halves, extended) = (&mut scratch.halves, &mut scratch.extended);
        let mut apply = |line: &mut [[f32; L]]| {
            dispatch(StepLine {
                step,
                filters: (&self.low, &self.high),
                line,
                halves: halves.each_mut().map(|half| half.as_chunks_mut::<L>().0),
                extended: extended.as_chunks_mut::<L>().0,
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

#[derive(Debug, Clone, Copy)]
enum Direction {
    Forward,
    Inverse,
}

/// One step along one line, of `L` signals side by side.
struct StepLine<'a, const L: usize> {
    step: &'a Step,
    /// Low and high pass.
    filters: (&'a [f32], &'a [f32]),
    line: &'a mut [[f32; L]],
    /// Room for every other point of the line, twice.
    halves: [&'a mut [[f32; L]]; 2],
    /// Room for the line and one filter more.
    extended: &'a mut [[f32; L]],
    direction: Direction,
}

impl<const L: usize> Kernel for StepLine<'_, L> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        match (&self.step.kind, self.direction) {
            (StepKind::Keep, _) => {}
            (StepKind::Filter, Direction::Forward) => self.filter(),
            (StepKind::Filter, Direction::Inverse) => self.unfilter(),
            (StepKind::Pairs, Direction::Forward) => self.pair(),
            (StepKind::Pairs, Direction::Inverse) => self.unpair(),
            (StepKind::Pieces(pieces), Direction::Forward) => self.halve(pieces),
            (StepKind::Pieces(pieces), Direction::Inverse) => self.unhalve(pieces),
        }
    }
}

/// Sums that are computed at a time: several vectors are in flight.
const SUMS: usize = 64;

/// What is left is computed by so many at a time, and then one by one.
const FEWER_SUMS: usize = 16;

impl<const L: usize> StepLine<'_, L> {
    #[inline(always)]
    fn filter(self) {
        let (n, half) = (self.step.len, self.step.approximations);
        let taps = self.filters.0.len();
        // With e[i] = x[i + 1 − F/2], coefficient k is the sum of hⱼ e[2k + F − 1 − j]: of the even or
        // the odd points of e, which stand apart.
        let rows = half + taps / 2 - 1;
        let [even, odd] = self.halves;
        let first = first_point(n, taps);
        if L == 1 {
            // Through a copy, which needs no look at each point.
            let e = &mut self.extended[..2 * rows];
            let (mut i, mut point) = (0, first);
            while i < e.len() {
                let count = (n - point).min(e.len() - i);
                e[i..i + count].copy_from_slice(&self.line[point..point + count]);
                (i, point) = (i + count, 0);
            }
            let pairs = e.as_chunks::<2>().0;
            for ((even, odd), pair) in even[..rows].iter_mut().zip(&mut odd[..rows]).zip(pairs) {
                [*even, *odd] = *pair;
            }
        } else {
            let mut points = (0..n).cycle().skip(first);
            let mut next = |row: &mut [f32; L]| {
                if let Some(point) = points.next() {
                    *row = self.line[point];
                }
            };
            for (even, odd) in even[..rows].iter_mut().zip(&mut odd[..rows]) {
                next(even);
                next(odd);
            }
        }
        let points = [even.as_flattened(), odd.as_flattened()];
        let (a, d) = self.line[..n].split_at_mut(half);
        let (a, d) = (a.as_flattened_mut(), d.as_flattened_mut());
        let [many, few] = [SUMS, FEWER_SUMS].map(|sums| half * L / sums * sums);
        for q in (0..many).step_by(SUMS) {
            analyze::<L, SUMS>(points, self.filters, q, a, d);
        }
        for q in (many..few).step_by(FEWER_SUMS) {
            analyze::<L, FEWER_SUMS>(points, self.filters, q, a, d);
        }
        for q in few..half * L {
            analyze::<L, 1>(points, self.filters, q, a, d);
        }
    }

    #[inline(always)]
    fn unfilter(self) {
        let (n, half) = (self.step.len, self.step.approximations);
        let taps = self.filters.0.len();
        // Zeros before and after approximations and details, so that all sums have the same terms.
        let border = taps / 2 - 1;
        let [a, d] = self.halves;
        for (padded, source) in [(&mut *a, 0), (&mut *d, half)] {
            padded[..border].fill([0.0; L]);
            padded[border..border + half].copy_from_slice(&self.line[source..source + half]);
            padded[border + half..half + 2 * border].fill([0.0; L]);
        }
        let coefficients = [a.as_flattened(), d.as_flattened()];
        let rows = half + border;
        // e[i] belongs to x[i + 1 − F/2]; what is left at the end is added to the beginning.
        let first = first_point(n, taps);
        if L == 1 {
            let extended = &mut self.extended[..2 * rows];
            let e = extended.as_flattened_mut();
            let [many, few] = [SUMS, FEWER_SUMS].map(|sums| rows / sums * sums);
            for q in (0..many).step_by(SUMS) {
                alternate(synthesize::<L, SUMS>(coefficients, self.filters, q), q, e);
            }
            for q in (many..few).step_by(FEWER_SUMS) {
                alternate(
                    synthesize::<L, FEWER_SUMS>(coefficients, self.filters, q),
                    q,
                    e,
                );
            }
            for q in few..rows {
                alternate(synthesize::<L, 1>(coefficients, self.filters, q), q, e);
            }
            let (signal, rest) = extended.split_at(n);
            self.line[first..].copy_from_slice(&signal[..n - first]);
            self.line[..first].copy_from_slice(&signal[n - first..]);
            for (i, value) in rest.iter().enumerate() {
                self.line[(first + i) % n][0] += value[0];
            }
            return;
        }
        let mut put = |i: usize, value: &[f32]| {
            let mut place = first + i;
            while place >= n {
                place -= n;
            }
            let point = &mut self.line[place];
            if i < n {
                point.copy_from_slice(value);
            } else {
                for l in 0..L {
                    point[l] += value[l];
                }
            }
        };
        let at_once = SUMS / L;
        for row in (0..rows / at_once * at_once).step_by(at_once) {
            let [even, odd] = synthesize::<L, SUMS>(coefficients, self.filters, row * L);
            for r in 0..at_once {
                put(2 * (row + r), &even[r * L..][..L]);
                put(2 * (row + r) + 1, &odd[r * L..][..L]);
            }
        }
        for row in rows / at_once * at_once..rows {
            let [even, odd] = synthesize::<L, L>(coefficients, self.filters, row * L);
            put(2 * row, &even);
            put(2 * row + 1, &odd);
        }
    }

    #[inline(always)]
    fn pair(self) {
        let half = self.step.approximations;
        if L == 1 {
            // From a copy: what is read and what is written then don't overlap, for SIMD.
            let copy = &mut self.extended[..self.step.len];
            copy.copy_from_slice(self.line);
            let (approximations, details) = self.line.split_at_mut(half);
            let pairs = copy.as_chunks::<2>().0;
            for ((a, d), [x, y]) in approximations.iter_mut().zip(details).zip(pairs) {
                (*a, *d) = half_sums(x, y);
            }
            return;
        }
        // An approximation is written where both of its points, or earlier ones, have been read.
        let details = &mut self.extended[..half];
        for (k, detail) in details.iter_mut().enumerate() {
            (self.line[k], *detail) = half_sums(&self.line[2 * k], &self.line[2 * k + 1]);
        }
        self.line[half..].copy_from_slice(details);
    }

    #[inline(always)]
    fn unpair(self) {
        let half = self.step.approximations;
        if L == 1 {
            let copy = &mut self.extended[..self.step.len];
            copy.copy_from_slice(self.line);
            let (approximations, details) = copy.split_at(half);
            let pairs = self.line.as_chunks_mut::<2>().0;
            for ((a, d), [x, y]) in approximations.iter().zip(details).zip(pairs) {
                (*x, *y) = half_sums(a, d);
            }
            return;
        }
        // From the end on, where approximations have been read before points are written.
        let details = &mut self.extended[..half];
        details.copy_from_slice(&self.line[half..]);
        for (k, detail) in details.iter().enumerate().rev() {
            (self.line[2 * k], self.line[2 * k + 1]) = half_sums(&self.line[k], detail);
        }
    }

    #[inline(always)]
    fn halve(self, pieces: &Pieces) {
        let half = self.step.approximations;
        let copy = &mut self.extended[..self.step.len];
        copy.copy_from_slice(self.line);
        let (mut point, mut detail) = (0, half);
        for (approximation, piece) in pieces.iter().enumerate() {
            let left = copy[point];
            point += 1;
            let Some((p, q)) = piece else {
                self.line[approximation] = left;
                continue;
            };
            let right = copy[point];
            point += 1;
            let (sum, difference) = reflect(&left, &right, p, q);
            self.line[approximation] = sum;
            self.line[detail] = difference;
            detail += 1;
        }
    }

    #[inline(always)]
    fn unhalve(self, pieces: &Pieces) {
        let half = self.step.approximations;
        let copy = &mut self.extended[..self.step.len];
        copy.copy_from_slice(self.line);
        let (mut point, mut detail) = (0, half);
        for (approximation, piece) in pieces.iter().enumerate() {
            let a = copy[approximation];
            let Some((p, q)) = piece else {
                self.line[point] = a;
                point += 1;
                continue;
            };
            let d = copy[detail];
            detail += 1;
            let (left, right) = reflect(&a, &d, p, q);
            self.line[point] = left;
            self.line[point + 1] = right;
            point += 2;
        }
    }
}

/// (x + y)/√2 and (x − y)/√2.
#[inline(always)]
fn half_sums<const L: usize>(x: &[f32; L], y: &[f32; L]) -> ([f32; L], [f32; L]) {
    let (mut sum, mut difference) = ([0.0; L], [0.0; L]);
    for l in 0..L {
        sum[l] = FRAC_1_SQRT_2 * (x[l] + y[l]);
        difference[l] = FRAC_1_SQRT_2 * (x[l] - y[l]);
    }
    (sum, difference)
}

/// p x + q y and q x − p y.
#[inline(always)]
fn reflect<const L: usize>(x: &[f32; L], y: &[f32; L], p: f32, q: f32) -> ([f32; L], [f32; L]) {
    let (mut sum, mut difference) = ([0.0; L], [0.0; L]);
    for l in 0..L {
        sum[l] = p * x[l] + q * y[l];
        difference[l] = q * x[l] - p * y[l];
    }
    (sum, difference)
}

/// Which of n points e[0] = x[1 − F/2] is.
fn first_point(n: usize, taps: usize) -> usize {
    (n * taps + 1 - taps / 2) % n
}

/// `C` approximations and details from q on, of rows of `L`, from the even and the odd points of e.
#[inline(always)]
fn analyze<const L: usize, const C: usize>(
    points: [&[f32]; 2],
    (low, high): (&[f32], &[f32]),
    q: usize,
    a: &mut [f32],
    d: &mut [f32],
) {
    let mut sums = [[0.0f32; C]; 2];
    let taps = low.len();
    for (j, (h, g)) in low.iter().zip(high).enumerate() {
        let from = (taps - 1 - j) / 2 * L + q;
        let x = &points[(taps - 1 - j) % 2][from..from + C];
        for i in 0..C {
            sums[0][i] += h * x[i];
            sums[1][i] += g * x[i];
        }
    }
    a[q..q + C].copy_from_slice(&sums[0]);
    d[q..q + C].copy_from_slice(&sums[1]);
}

/// `C` even and odd points of e from q on, of rows of `L`, from padded approximations and details. The
/// terms are added in the order of the coefficients.
#[inline(always)]
fn synthesize<const L: usize, const C: usize>(
    [a, d]: [&[f32]; 2],
    (low, high): (&[f32], &[f32]),
    q: usize,
) -> [[f32; C]; 2] {
    // Even taps meet the odd points, odd taps the even ones.
    let (mut even, mut odd) = ([0.0f32; C], [0.0f32; C]);
    let taps = low.as_chunks::<2>().0.iter().zip(high.as_chunks::<2>().0);
    for (t, ([h0, h1], [g0, g1])) in taps.enumerate() {
        let from = t * L + q;
        let (a, d) = (&a[from..from + C], &d[from..from + C]);
        for i in 0..C {
            odd[i] += h0 * a[i] + g0 * d[i];
            even[i] += h1 * a[i] + g1 * d[i];
        }
    }
    [even, odd]
}

/// Writes even and odd points from `q` on of each, alternating.
#[inline(always)]
fn alternate<const C: usize>([even, odd]: [[f32; C]; 2], q: usize, e: &mut [f32]) {
    let pairs = e[2 * q..2 * (q + C)].as_chunks_mut::<2>().0;
    for i in 0..C {
        pairs[i] = [even[i], odd[i]];
    }
}

/// Working memory of a [`Transform`].
#[derive(Debug, Clone)]
pub struct Scratch {
    line: Vec<f32>,
    halves: [Vec<f32>; 2],
    extended: Vec<f32>,
}

/// ⌈log₂ n⌉, and 0 for n = 0.
fn halvings(n: usize) -> usize {
    (usize::BITS - n.saturating_sub(1).leading_zeros()) as usize
}

fn useful_levels(family: Family, shape: &[usize]) -> usize {
    if family == Family::HAAR || shape.contains(&0) {
        return allowed_levels(family, shape);
    }
    let useful = |n: usize| {
        let mut levels = 0;
        while (n >> levels).is_multiple_of(2) && n >> levels >= family.filter_len() {
            levels += 1;
        }
        levels.max(1)
    };
    shape.iter().map(|n| useful(*n)).min().unwrap_or(0)
}

/// The most levels that there are.
fn allowed_levels(family: Family, shape: &[usize]) -> usize {
    if shape.contains(&0) {
        0
    } else if family == Family::HAAR {
        shape.iter().map(|n| halvings(*n)).max().unwrap_or(0)
    } else {
        shape
            .iter()
            .map(|n| n.trailing_zeros() as usize)
            .min()
            .unwrap_or(0)
    }
}

fn check_levels(family: Family, shape: &[usize], levels: usize) -> Result<(), InitError> {
    let allowed = allowed_levels(family, shape);
    if levels <= allowed {
        return Ok(());
    }
    let expected = if allowed == 0 && !shape.contains(&0) {
        format!(
            "0 for {family} on {shape:?}, which 2 doesn't divide; only haar exists for every length"
        )
    } else {
        format!("at most {allowed} for {family} on {shape:?}")
    };
    Err(InitError::setting("Wavelet", "levels", levels, expected))
}

/// The steps of one axis of `n` points.
fn axis_steps(family: Family, n: usize, levels: usize) -> Vec<Step> {
    let divides = levels < usize::BITS as usize && n.is_multiple_of(1 << levels);
    if n == 0 {
        return Vec::new();
    }
    if divides {
        return (0..levels)
            .map(|level| {
                let len = n >> level;
                let kind = if family == Family::HAAR {
                    StepKind::Pairs
                } else {
                    StepKind::Filter
                };
                Step {
                    len,
                    approximations: len / 2,
                    kind,
                }
            })
            .collect();
    }

    // Haar: from single points up to the whole axis, which then stays.
    let depths = halvings(n);
    (0..levels)
        .map(|level| match depths.checked_sub(level + 1) {
            Some(depth) => Step {
                len: n.min(1 << (depth + 1)),
                approximations: 1 << depth,
                kind: StepKind::Pieces(Pieces::new(n, depth)),
            },
            None => Step {
                len: 1,
                approximations: 1,
                kind: StepKind::Keep,
            },
        })
        .collect()
}

/// The pieces of an axis at one depth of halving, ⌈size/2⌉ points left and ⌊size/2⌋ right.
///
/// Their sizes are s and s + 1 for s = ⌊n / 2^depth⌋. Piece i has ⌊(n + 2^depth − 1 − r) / 2^depth⌋
/// points, for the bits of i backwards, r.
#[derive(Debug, Clone)]
struct Pieces {
    n: usize,
    depth: usize,
    /// The weights of the two halves of a piece of s points, and of s + 1; `None` for a single
    /// point.
    weights: [Option<(f32, f32)>; 2],
}

impl Pieces {
    fn new(n: usize, depth: usize) -> Self {
        let weights = |size: usize| {
            let share = |part: usize| (part as f64 / size as f64).sqrt() as f32;
            (size > 1).then(|| (share(size.div_ceil(2)), share(size / 2)))
        };
        let size = n >> depth;
        Self {
            n,
            depth,
            weights: [weights(size), weights(size + 1)],
        }
    }

    /// For each piece the weights of its halves.
    fn iter(&self) -> impl Iterator<Item = Option<(f32, f32)>> {
        let (count, rest) = (1usize << self.depth, self.n & ((1 << self.depth) - 1));
        (0..count).map(move |i| {
            let backwards = if self.depth == 0 {
                0
            } else {
                i.reverse_bits() >> (usize::BITS as usize - self.depth)
            };
            self.weights[usize::from(backwards < rest)]
        })
    }
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
        let text = include_str!("../../tests/golden/dwt1d.json");
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
    fn two_dimensional_coefficients_equal_pywavelets() {
        let text = include_str!("../../tests/golden/dwt2d.json");
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
        let others = Family::all().flat_map(|family| {
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
        assert!(error.to_string().contains("haar"), "{error}");
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
                assert!((norm(&y) / norm(&x) - 1.0).abs() < 1e-5, "{family} {n}");
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
