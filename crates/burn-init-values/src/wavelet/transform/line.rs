//! A step of a transform along one line: of one signal, or of several side by side.
//!
//! The order of all sums is fixed: a signal has the same bits whatever stands beside it.

use std::f32::consts::FRAC_1_SQRT_2;
use std::ops::Range;

use super::ends::{End, Ends};
use super::step::{Pieces, Step, StepKind};
use crate::simd::{Isa, Job};

#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    Forward,
    Inverse,
}

/// One step along one line, of `L` signals side by side.
pub(super) struct StepLine<'a, const L: usize> {
    pub step: &'a Step,
    /// Low and high pass.
    pub filters: (&'a [f32], &'a [f32]),
    pub line: &'a mut [[f32; L]],
    /// Room for every other point of the line, twice.
    pub halves: [&'a mut [[f32; L]]; 2],
    /// Room for the line and one filter more.
    pub extended: &'a mut [[f32; L]],
    /// Room for the coefficients of both ends.
    pub of_ends: &'a mut [[f32; L]],
    pub direction: Direction,
}

impl<const L: usize> Job for StepLine<'_, L> {
    #[inline(always)]
    unsafe fn run<I: Isa>(mut self) {
        let Step {
            len,
            approximations,
            ref kind,
        } = *self.step;
        match (kind, self.direction) {
            (StepKind::Keep, _) => {}
            (StepKind::Filter, direction) => {
                let first = first_point(len, self.filters.0.len());
                match direction {
                    Direction::Forward => self.filter(first, 0..approximations),
                    Direction::Inverse => self.unfilter(first, 0..approximations),
                }
            }
            (StepKind::Ends(ends), Direction::Forward) => self.filter_with_ends(ends),
            (StepKind::Ends(ends), Direction::Inverse) => self.unfilter_with_ends(ends),
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
    /// The coefficients at these places among approximations and among details, of which the first
    /// one reads the points from `first` on, around the end.
    #[inline(always)]
    fn filter(&mut self, first: usize, places: Range<usize>) {
        let (n, half) = (self.step.len, places.len());
        let taps = self.filters.0.len();
        // With e[i] = x[first + i], coefficient k of these is the sum of hⱼ e[2k + F − 1 − j]: of the even
        // or the odd points of e, which stand apart.
        let rows = half + taps / 2 - 1;
        let [even, odd] = self.halves.each_mut().map(|half| &mut **half);
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
        let (a, d) = self.line[..n].split_at_mut(self.step.approximations);
        let (a, d) = (&mut a[places.clone()], &mut d[places]);
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

    /// The points from `first` on, around the end, of the coefficients at these places.
    #[inline(always)]
    fn unfilter(&mut self, first: usize, places: Range<usize>) {
        let (n, half) = (self.step.len, places.len());
        let taps = self.filters.0.len();
        // Zeros before and after approximations and details, so that all sums have the same terms.
        let border = taps / 2 - 1;
        let [a, d] = self.halves.each_mut().map(|half| &mut **half);
        let of_details = self.step.approximations + places.start;
        for (padded, source) in [(&mut *a, places.start), (&mut *d, of_details)] {
            padded[..border].fill([0.0; L]);
            padded[border..border + half].copy_from_slice(&self.line[source..source + half]);
            padded[border + half..half + 2 * border].fill([0.0; L]);
        }
        let coefficients = [a.as_flattened(), d.as_flattened()];
        let rows = half + border;
        // e[i] belongs to x[first + i]; what is left at the end is added to the beginning.
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
            let (signal, rest) = extended.split_at(n.min(2 * rows));
            let (to_end, around) = signal.split_at(signal.len().min(n - first));
            self.line[first..first + to_end.len()].copy_from_slice(to_end);
            self.line[..around.len()].copy_from_slice(around);
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
    fn filter_with_ends(mut self, ends: &Ends) {
        let Ends { inner, first, last } = ends;
        let n = self.step.len;
        let (of_first, of_last) = self.of_ends[..ends.rows()].split_at_mut(first.rows());
        first.analyze(&self.line[..first.points], of_first);
        last.analyze(&self.line[n - last.points..n], of_last);
        if !inner.is_empty() {
            self.filter(first_of_inner(inner, self.filters.0.len()), inner.clone());
        }
        self.for_each_part(ends, |coefficients, of_ends| {
            coefficients.copy_from_slice(of_ends)
        });
    }

    #[inline(always)]
    fn unfilter_with_ends(mut self, ends: &Ends) {
        let Ends { inner, first, last } = ends;
        let n = self.step.len;
        self.for_each_part(ends, |coefficients, of_ends| {
            of_ends.copy_from_slice(coefficients)
        });
        if inner.is_empty() {
            self.line[..n].fill([0.0; L]);
        } else {
            let taps = self.filters.0.len();
            let begin = first_of_inner(inner, taps);
            self.unfilter(begin, inner.clone());
            self.line[..begin].fill([0.0; L]);
            self.line[begin + 2 * inner.len() + taps - 2..n].fill([0.0; L]);
        }
        let (of_first, of_last) = self.of_ends[..ends.rows()].split_at(first.rows());
        first.synthesize(of_first, &mut self.line[..first.points]);
        last.synthesize(of_last, &mut self.line[n - last.points..n]);
    }

    /// Coefficients of the ends as they stand in the line, and in the room for them.
    #[inline(always)]
    fn for_each_part(&mut self, ends: &Ends, each: impl Fn(&mut [[f32; L]], &mut [[f32; L]])) {
        let (n, approximations) = (self.step.len, self.step.approximations);
        let Ends { first, last, .. } = ends;
        let mut rest = &mut self.of_ends[..ends.rows()];
        for part in [
            0..first.approximations,
            approximations..approximations + first.details,
            approximations - last.approximations..approximations,
            n - last.details..n,
        ] {
            let (of_ends, others) = rest.split_at_mut(part.len());
            each(&mut self.line[part], of_ends);
            rest = others;
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

impl End {
    /// The coefficients of these points.
    #[inline(always)]
    fn analyze<const L: usize>(&self, points: &[[f32; L]], coefficients: &mut [[f32; L]]) {
        coefficients.fill([0.0; L]);
        for (x, filters) in points.iter().zip(self.by_point.chunks(self.rows().max(1))) {
            for (c, h) in coefficients.iter_mut().zip(filters) {
                for l in 0..L {
                    c[l] += h * x[l];
                }
            }
        }
    }

    /// Adds what the coefficients stand for to these points.
    #[inline(always)]
    fn synthesize<const L: usize>(&self, coefficients: &[[f32; L]], points: &mut [[f32; L]]) {
        for (c, row) in coefficients
            .iter()
            .zip(self.by_row.chunks(self.points.max(1)))
        {
            for (x, h) in points.iter_mut().zip(row) {
                for l in 0..L {
                    x[l] += h * c[l];
                }
            }
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

/// The first point that the first of these rows of the family's filters reads.
fn first_of_inner(inner: &Range<usize>, taps: usize) -> usize {
    2 * inner.start + 1 - taps / 2
}

/// Which of n points e[0] = x[1 − F/2] is.
fn first_point(n: usize, taps: usize) -> usize {
    match (taps / 2 - 1) % n {
        0 => 0,
        back => n - back,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::normal::fill_normal;
    use crate::key::Seed;
    use crate::simd::{dispatch, for_each_isa};
    use crate::wavelet::transform::step::axis_steps;
    use crate::wavelet::{Boundary, Family};

    /// A signal has the same bits with every instruction set, alone and beside others.
    #[test]
    fn instruction_sets_and_columns_agree() {
        const L: usize = 16;
        use Boundary::{Filters, Periodic};
        for (family, n, boundary) in [
            ("haar", 64),
            ("haar", 37),
            ("db4", 200),
            ("db4", 2),
            ("coif5", 12),
            ("bior4.4", 90),
            ("rbio1.3", 4),
        ]
        .map(|(family, n)| (family, n, Periodic))
        .into_iter()
        .chain([
            ("db2", 37, Filters),
            ("db4", 200, Filters),
            ("db4", 21, Filters),
            ("coif5", 301, Filters),
            ("sym20", 2, Filters),
        ]) {
            let family: Family = family.parse().unwrap();
            let [low, high] = [
                family.decomposition_low_pass().to_vec(),
                family.decomposition_high_pass(),
            ]
            .map(|filter| filter.iter().map(|h| *h as f32).collect::<Vec<f32>>());
            let steps = axis_steps(family, boundary, n, 1);
            let mut signals = vec![[0.0f32; L]; n];
            fill_normal(
                Seed::new(1).key("signals"),
                0,
                signals.as_flattened_mut(),
                0.0,
                1.0,
            );
            for direction in [Direction::Forward, Direction::Inverse] {
                let room = 2 * n + low.len();
                let mut together = [(); 3].map(|()| signals.clone());
                let mut next = together.iter_mut();
                let work = || vec![[0.0; L]; room].leak();
                let sets = for_each_isa(|| StepLine {
                    step: &steps[0],
                    filters: (&low, &high),
                    line: next.next().unwrap(),
                    halves: [work(), work()],
                    extended: work(),
                    of_ends: work(),
                    direction,
                });
                let bits = |rows: &[[f32; L]]| -> Vec<u32> {
                    rows.as_flattened().iter().map(|x| x.to_bits()).collect()
                };
                for set in 1..sets {
                    assert_eq!(bits(&together[0]), bits(&together[set]), "{family} {n}");
                }
                for column in 0..L {
                    let mut alone: Vec<[f32; 1]> = signals.iter().map(|r| [r[column]]).collect();
                    let work = || vec![[0.0; 1]; room].leak();
                    dispatch(StepLine {
                        step: &steps[0],
                        filters: (&low, &high),
                        line: &mut alone,
                        halves: [work(), work()],
                        extended: work(),
                        of_ends: work(),
                        direction,
                    });
                    for (alone, row) in alone.iter().zip(&together[0]) {
                        assert_eq!(alone[0].to_bits(), row[column].to_bits(), "{family} {n}");
                    }
                }
            }
        }
    }
}
