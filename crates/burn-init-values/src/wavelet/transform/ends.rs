//! Orthonormal filters for the ends of an axis, where the family's own would reach beyond it.
//!
//! Of one level on n points, the rows of Ψ that lie within the axis stay the family's. What is
//! orthogonal to all of them are vectors at either end; a basis of these makes Ψ orthonormal (Herley
//! 1995). Here it comes from Gram and Schmidt's method: for the approximations from the vector that 1
//! has become, so that 1 has no details at any level, and from the low-pass filters, cut where the axis
//! ends; for the details from the cut high-pass filters. At each turn the one of which most is left
//! comes next.
//!
//! The family's rows of a level keep away from what such filters made of the level before: only
//! then has 1 no details there.

use std::ops::Range;

/// A vector that is smaller than this is rounding, more or less.
const SMALL: f64 = 1e-3;

/// One level along an axis with filters of its own at the ends.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// The approximations, and the details, that the family's filters give.
    pub inner: Range<usize>,
    /// The rows at the first points, and at the last.
    pub first: End,
    pub last: End,
}

/// The rows at one end: first those of approximations, then those of details.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub points: usize,
    pub approximations: usize,
    pub details: usize,
    /// Point after point for each row, and row after row for each point.
    pub by_row: Vec<f32>,
    pub by_point: Vec<f32>,
}

/// What a vector of ones has become after some levels: equal values but for those that filters of the
/// ends gave.
#[derive(Debug, Clone)]
pub(super) struct Ones {
    first: Vec<f64>,
    middle: f64,
    last: Vec<f64>,
}

/// A row of one level, and where it stands among the others.
type Row = (f64, Vec<f64>);

impl Ones {
    pub fn new() -> Self {
        Self {
            first: Vec::new(),
            middle: 1.0,
            last: Vec::new(),
        }
    }

    fn on(&self, points: usize) -> Vec<f64> {
        let middle = points - self.first.len() - self.last.len();
        let middle = std::iter::repeat_n(&self.middle, middle);
        let all = self.first.iter().chain(middle).chain(&self.last);
        all.copied().collect()
    }
}

impl Ends {
    /// One level on `n` points, 2 at least, with these low-pass and high-pass filters of more than 2
    /// taps. The ones become those of the next level.
    pub fn new(low: &[f64], high: &[f64], n: usize, ones: &mut Ones) -> Self {
        let reach = low.len() / 2 - 1;
        // Row k reads the points from 2k − reach on.
        let begin = (ones.first.len() + reach).div_ceil(2);
        let end = n.saturating_sub(ones.last.len() + reach) / 2;
        let count = end.saturating_sub(begin);
        if count < reach {
            return Self::whole(low, high, n, begin..begin.max(end), ones);
        }

        // Both ends are apart, and as they are on the shortest such axis.
        let len = n - 2 * (count - reach);
        let level = Level::new(low, high, len, begin..begin + reach);
        let signal = ones.on(len);
        let mut left = signal.clone();
        level.reject(&mut left, &[]);
        let (first, last) = (2 * begin + reach, len - (2 * level.inner.end - reach));
        let right = level.after(len - last, &left);
        left[first..].fill(0.0);
        let before = level.ks.start..level.inner.start as i64;
        let after = level.inner.end as i64..level.ks.end;
        let slots = |rows: usize| rows - level.inner.end;
        let ends = [
            level.rows(left, f64::NEG_INFINITY, [begin, begin], before, 0..first),
            level.rows(
                right,
                f64::INFINITY,
                [slots(len.div_ceil(2)), slots(len / 2)],
                after,
                len - last..len,
            ),
        ];
        let [of_first, of_last] = &ends;
        *ones = Ones {
            first: products(&of_first[0], &signal),
            middle: ones.middle * low.iter().sum::<f64>(),
            last: products(&of_last[0], &signal),
        };
        Self {
            inner: begin..end,
            first: End::new(of_first, 0..first),
            last: End::new(of_last, len - last..len),
        }
    }

    /// All rows as those of the first end, where the ends aren't apart.
    fn whole(low: &[f64], high: &[f64], n: usize, inner: Range<usize>, ones: &mut Ones) -> Self {
        let level = Level::new(low, high, n, inner.clone());
        let signal = ones.on(n);
        let mut left = signal.clone();
        level.reject(&mut left, &[]);
        let slots = [n.div_ceil(2), n / 2].map(|rows| rows - inner.len());
        let mut rows = level.rows(left, f64::NEG_INFINITY, slots, level.ks.clone(), 0..n);
        for (rows, filter) in rows.iter_mut().zip([low, high]) {
            rows.extend(
                inner
                    .clone()
                    .map(|k| (k as f64, level.cut(filter, k as i64))),
            );
            rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        *ones = Ones {
            first: products(&rows[0], &signal),
            middle: 0.0,
            last: Vec::new(),
        };
        Self {
            inner: 0..0,
            first: End::new(&rows, 0..n),
            last: End::new(&[Vec::new(), Vec::new()], n..n),
        }
    }

    /// The rows of both ends.
    pub fn rows(&self) -> usize {
        self.first.rows() + self.last.rows()
    }
}

impl End {
    /// The part of these rows at these points.
    fn new([low, high]: &[Vec<Row>; 2], points: Range<usize>) -> Self {
        let rows: Vec<&[f64]> = low
            .iter()
            .chain(high)
            .map(|(_, row)| &row[points.clone()])
            .collect();
        let by_row = rows.iter().flat_map(|row| row.iter());
        let by_point = (0..points.len()).flat_map(|i| rows.iter().map(move |row| &row[i]));
        Self {
            points: points.len(),
            approximations: low.len(),
            details: high.len(),
            by_row: by_row.map(|h| *h as f32).collect(),
            by_point: by_point.map(|h| *h as f32).collect(),
        }
    }

    pub fn rows(&self) -> usize {
        self.approximations + self.details
    }
}

/// One level on some points, and which of its rows are the family's.
struct Level<'a> {
    filters: [&'a [f64]; 2],
    points: usize,
    inner: Range<usize>,
    /// Which rows of the family's reach any of the points.
    ks: Range<i64>,
}

impl<'a> Level<'a> {
    fn new(low: &'a [f64], high: &'a [f64], points: usize, inner: Range<usize>) -> Self {
        let reach = low.len() / 2 - 1;
        Self {
            filters: [low, high],
            points,
            inner,
            ks: -((reach as i64 + 1) / 2)..((points + reach).div_ceil(2)) as i64,
        }
    }

    /// The family's row k, cut at the ends.
    fn cut(&self, filter: &[f64], k: i64) -> Vec<f64> {
        let mut row = vec![0.0; self.points];
        for (j, h) in filter.iter().enumerate() {
            let point = (filter.len() / 2) as i64 + 2 * k - j as i64;
            if let Some(value) = usize::try_from(point).ok().and_then(|i| row.get_mut(i)) {
                *value = *h;
            }
        }
        row
    }

    /// `v` from this point on, with zeros before.
    fn after(&self, point: usize, v: &[f64]) -> Vec<f64> {
        let mut after = vec![0.0; point];
        after.extend_from_slice(&v[point..]);
        after
    }

    /// Takes from `v` what lies along the family's own rows, and along these.
    fn reject(&self, v: &mut [f64], rows: &[Row]) {
        // Twice: then rounding leaves nothing of them.
        for _ in 0..2 {
            for filter in self.filters {
                for k in self.inner.clone() {
                    let points = &mut v[2 * k + 1 - filter.len() / 2..][..filter.len()];
                    let along: f64 = points
                        .iter()
                        .zip(filter.iter().rev())
                        .map(|(v, h)| v * h)
                        .sum();
                    for (v, h) in points.iter_mut().zip(filter.iter().rev()) {
                        *v -= along * h;
                    }
                }
            }
            for (_, row) in rows {
                subtract(v, row);
            }
        }
    }

    /// So many approximations' and details' rows at an end, in the order of where they stand: of what is
    /// left of the ones, of the filters k, and where these don't suffice, of single points.
    fn rows(
        &self,
        ones: Vec<f64>,
        place_of_ones: f64,
        slots: [usize; 2],
        ks: Range<i64>,
        points: Range<usize>,
    ) -> [Vec<Row>; 2] {
        let is_inner = |k: &i64| usize::try_from(*k).is_ok_and(|k| self.inner.contains(&k));
        let ks: Vec<i64> = ks.filter(|k| !is_inner(k)).collect();
        let mut rows = Vec::new();
        self.choose(vec![(place_of_ones, ones)], slots[0].min(1), &mut rows);
        for (filter, slots) in self
            .filters
            .into_iter()
            .zip([slots[0], slots[0] + slots[1]])
        {
            let cut = ks.iter().map(|k| (*k as f64, self.cut(filter, *k)));
            self.choose(cut.collect(), slots, &mut rows);
            let single = points.clone().map(|i| {
                let mut point = vec![0.0; self.points];
                point[i] = 1.0;
                (i as f64 / 2.0, point)
            });
            if rows.len() < slots {
                self.choose(single.collect(), slots, &mut rows);
            }
        }
        let mut high = rows.split_off(slots[0]);
        for rows in [&mut rows, &mut high] {
            rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        [rows, high]
    }

    /// Adds orthonormal rows from these candidates until there are `count`, or nothing is left.
    fn choose(&self, mut candidates: Vec<Row>, count: usize, rows: &mut Vec<Row>) {
        for (_, candidate) in &mut candidates {
            self.reject(candidate, rows);
        }
        while rows.len() < count {
            let sizes = candidates.iter().map(|(_, v)| norm(v));
            let largest = sizes.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
            let Some((next, _)) = largest.filter(|(_, size)| *size > SMALL) else {
                return;
            };
            let (place, mut row) = candidates.swap_remove(next);
            self.reject(&mut row, rows);
            let size = norm(&row);
            row.iter_mut().for_each(|h| *h /= size);
            candidates.iter_mut().for_each(|(_, v)| subtract(v, &row));
            rows.push((place, row));
        }
    }
}

/// Takes from `v` what lies along a row of norm 1.
fn subtract(v: &mut [f64], row: &[f64]) {
    let along = product(v, row);
    v.iter_mut().zip(row).for_each(|(v, h)| *v -= along * h);
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    // Several sums at a time, which is much faster; always the same ones.
    let ((a, rest_of_a), (b, rest_of_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest = rest_of_a.iter().zip(rest_of_b).map(|(a, b)| a * b);
    sums.into_iter().chain(rest).sum()
}

fn norm(v: &[f64]) -> f64 {
    product(v, v).sqrt()
}

fn products(rows: &[Row], signal: &[f64]) -> Vec<f64> {
    rows.iter().map(|(_, row)| product(row, signal)).collect()
}
