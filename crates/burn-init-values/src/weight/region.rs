//! A part of a weight: a range along each axis.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::WeightLayout;
use crate::error::InitError;

/// A part of a weight: a range along each axis of its saved layout.
///
/// ```
/// use burn_init_values::weight::Region;
/// use burn_init_values::{Initializer, Normal, Seed};
///
/// // Rows 10 to 19 of the last 4 of 64 columns, without the other elements.
/// let region = Region::new([100, 64], [10..20, 60..64])?;
/// let key = Seed::new(42).key("fc1.weight");
/// let part = Normal::fan_in().draw_region(&[100, 64].into(), key, &region)?;
/// let whole = Normal::fan_in().draw(&[100, 64].into(), key)?;
/// assert_eq!(part.len(), 10 * 4);
/// assert_eq!(part[4], whole[11 * 64 + 60]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Description")]
pub struct Region {
    whole: Vec<usize>,
    ranges: Vec<Range<usize>>,
}

/// A [`Region`] in files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    whole: Vec<usize>,
    ranges: Vec<Range<usize>>,
}

impl TryFrom<Description> for Region {
    type Error = InitError;

    fn try_from(Description { whole, ranges }: Description) -> Result<Self, InitError> {
        Self::new(whole, ranges)
    }
}

impl Region {
    /// These ranges of a weight of this shape, one for each axis.
    ///
    /// # Errors
    ///
    /// If there isn't a range within each axis, or the weight has more elements than can be addressed.
    pub fn new(
        whole: impl Into<Vec<usize>>,
        ranges: impl Into<Vec<Range<usize>>>,
    ) -> Result<Self, InitError> {
        let (whole, ranges) = (whole.into(), ranges.into());
        let fits = whole.len() == ranges.len()
            && whole
                .iter()
                .zip(&ranges)
                .all(|(size, range)| range.start <= range.end && range.end <= *size);
        if !fits {
            let problem = format!("the region {ranges:?} must have a range within each axis");
            return Err(InitError::shape(&whole, problem));
        }
        WeightLayout::vector(whole.clone()).elements()?;
        Ok(Self { whole, ranges })
    }

    /// All of a weight of this shape.
    ///
    /// # Errors
    ///
    /// If the weight has more elements than can be addressed.
    pub fn all(whole: impl Into<Vec<usize>>) -> Result<Self, InitError> {
        let whole = whole.into();
        let ranges: Vec<_> = whole.iter().map(|size| 0..*size).collect();
        Self::new(whole, ranges)
    }

    /// The shape of the weight that it is a part of.
    pub fn whole(&self) -> &[usize] {
        &self.whole
    }

    /// Its range along each axis.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// Its own shape.
    pub fn shape(&self) -> Vec<usize> {
        self.ranges.iter().map(ExactSizeIterator::len).collect()
    }

    /// The number of its elements.
    pub fn elements(&self) -> usize {
        if self.ranges.iter().any(Range::is_empty) {
            return 0;
        }
        self.ranges.iter().map(ExactSizeIterator::len).product()
    }

    /// How many of its elements lie at each place of this axis, for each place of the axes before it.
    pub(crate) fn inner(&self, axis: usize) -> usize {
        let inner = self.ranges[axis + 1..].iter();
        inner.fold(1, |product: usize, range| {
            product.saturating_mul(range.len())
        })
    }

    /// The same with another range along one axis of a weight that has another size there.
    pub(crate) fn with_axis(&self, axis: usize, size: usize, range: Range<usize>) -> Self {
        let mut region = self.clone();
        (region.whole[axis], region.ranges[axis]) = (size, range);
        region
    }

    /// Its elements in the order of the saved layout.
    ///
    /// ```
    /// use burn_init_values::weight::Region;
    ///
    /// let runs = Region::new([100, 64], [10..12, 60..64])?.runs();
    /// assert_eq!((runs.len(), runs.count()), (4, 2));
    /// assert_eq!((runs.start(0), runs.start(1)), (10 * 64 + 60, 11 * 64 + 60));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    pub fn runs(&self) -> Runs {
        let mut runs = Runs::of(0..1);
        if self.elements() == 0 {
            return Runs::of(0..0);
        }
        let mut stride = 1;
        let mut is_whole = true;
        for (size, range) in self.whole.iter().zip(&self.ranges).rev() {
            if is_whole {
                runs.len *= range.len();
                is_whole = range.len() == *size;
            } else if range.len() > 1 {
                runs.axes.push((range.len(), stride));
                runs.count *= range.len();
            }
            runs.first += range.start * stride;
            stride *= size;
        }
        runs
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.ranges, self.whole)
    }
}

/// Elements in the order of the saved layout: runs of consecutive ones, all of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    pub(crate) len: usize,
    pub(crate) count: usize,
    first: usize,
    axes: Vec<(usize, usize)>,
}

impl Runs {
    /// A single run, or none if it has no elements.
    pub(crate) fn of(range: Range<usize>) -> Self {
        Self {
            len: range.len(),
            count: usize::from(!range.is_empty()),
            first: range.start,
            axes: Vec::new(),
        }
    }

    /// The elements of each run.
    #[allow(clippy::len_without_is_empty, reason = "the length of each run")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The number of runs.
    pub fn count(&self) -> usize {
        self.count
    }

    /// For each axis along which there are runs, the last axis first: how many there are, and how many elements
    /// lie between the beginnings of two neighbours.
    pub fn axes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.axes.iter().copied()
    }

    /// Where run `number` begins.
    pub fn start(&self, mut number: usize) -> usize {
        let mut start = self.first;
        for (count, stride) in &self.axes {
            start += number % count * stride;
            number /= count;
        }
        start
    }

    /// Where the last run ends.
    pub(crate) fn end(&self) -> usize {
        match self.count {
            0 => self.first,
            count => self.start(count - 1) + self.len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs of every region of some shapes have its elements, in ascending order.
    #[test]
    fn runs_of_all_regions() -> Result<(), InitError> {
        fn ranges(size: usize) -> impl Iterator<Item = Range<usize>> {
            (0..=size).flat_map(move |start| (start..=size).map(move |end| start..end))
        }
        for [a, b, c] in [[2, 3, 4], [3, 1, 2], [1, 4, 1], [2, 0, 3], [4, 2, 1]] {
            for first in ranges(a) {
                for second in ranges(b) {
                    for third in ranges(c) {
                        let all = [first.clone(), second.clone(), third.clone()];
                        let region = Region::new([a, b, c], all)?;
                        let expected: Vec<usize> = (0..a * b * c)
                            .filter(|i| {
                                first.contains(&(i / (b * c)))
                                    && second.contains(&(i / c % b))
                                    && third.contains(&(i % c))
                            })
                            .collect();
                        let runs = region.runs();
                        let elements: Vec<usize> = (0..runs.count)
                            .flat_map(|run| runs.start(run)..runs.start(run) + runs.len)
                            .collect();
                        assert_eq!(elements, expected, "{region}");
                        assert_eq!(region.elements(), expected.len());
                        assert_eq!(expected.last().map_or(0, |last| last + 1), runs.end());
                    }
                }
            }
        }
        // As long as they can be.
        let rows = Region::new([6, 4, 5], [2..4, 0..4, 0..5])?.runs();
        assert_eq!((rows.count, rows.len, rows.first), (1, 40, 40));
        Ok(())
    }

    #[test]
    fn refuses_what_is_not_within() {
        for ranges in [vec![], vec![0..3, 0..3], vec![0..2, 0..4, 0..1]] {
            let message = Region::new([2, 3], ranges).unwrap_err().to_string();
            assert!(message.contains("a range within each axis"), "{message}");
        }
        #[allow(clippy::reversed_empty_ranges, reason = "it is to be refused")]
        let reversed = Region::new([2, 3], [1..0, 0..3]);
        assert!(reversed.is_err());
        let json = r#"{"whole":[2,3],"ranges":[{"start":0,"end":2},{"start":1,"end":3}]}"#;
        let read = serde_json::from_str::<Region>(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert!(serde_json::from_str::<Region>(&json.replace('3', "4")).is_ok());
        assert!(serde_json::from_str::<Region>(&json.replacen("2", "1", 1)).is_err());
        let huge = [usize::MAX, usize::MAX];
        assert!(Region::new(huge, [0..1, 0..1]).is_err());
        assert_eq!(Region::new([], []).map(|region| region.elements()), Ok(1));
    }
}
