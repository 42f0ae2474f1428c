//! One level of a transform along one axis, and how Haar's pieces lie where 2 doesn't divide its length.

use std::sync::Arc;

use super::Boundary;
use super::ends::{Ends, Ones};
use super::family::Family;
use super::levels::halvings;

/// One level along one axis.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Points before.
    pub len: usize,
    /// Approximations after.
    pub approximations: usize,
    pub kind: StepKind,
}

#[derive(Debug, Clone)]
pub(super) enum StepKind {
    /// The axis is a single piece already.
    Keep,
    /// The family's filters.
    Filter,
    /// The same, with other ones at the ends.
    Ends(Arc<Ends>),
    /// Haar: each approximation is made of two points.
    Pairs,
    /// Haar: each approximation is made of two points or of one, as its piece of the axis is.
    Pieces(Pieces),
}

/// The steps of one axis of `n` points.
pub(super) fn axis_steps(family: Family, boundary: Boundary, n: usize, levels: usize) -> Vec<Step> {
    let divides = levels < usize::BITS as usize && n.is_multiple_of(1 << levels);
    if n == 0 {
        return Vec::new();
    }
    if boundary == Boundary::Filters && family != Family::HAAR {
        return steps_with_ends(family, n, levels);
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

/// The same with filters of their own at the ends.
fn steps_with_ends(family: Family, mut n: usize, levels: usize) -> Vec<Step> {
    let low = family.decomposition_low_pass();
    let high = family.decomposition_high_pass();
    let mut ones = Ones::new();
    let step = |_| {
        let (len, approximations) = (n, n.div_ceil(2));
        n = approximations;
        Step {
            len,
            approximations,
            kind: match len {
                1 => StepKind::Keep,
                _ => StepKind::Ends(Arc::new(Ends::new(low, &high, len, &mut ones))),
            },
        }
    };
    (0..levels).map(step).collect()
}

/// The pieces of an axis at one depth of halving, ⌈size/2⌉ points left and ⌊size/2⌋ right.
///
/// Their sizes are s and s + 1 for s = ⌊n / 2^depth⌋. Piece i has ⌊(n + 2^depth − 1 − r) / 2^depth⌋
/// points, for the bits of i backwards, r.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
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
    pub fn iter(&self) -> impl Iterator<Item = Option<(f32, f32)>> {
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
