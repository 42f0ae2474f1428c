//! A weight in shards along one of its axes.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Region, WeightLayout};
use crate::error::InitError;

const NAME: &str = "Shard";

/// One of the shards into which a weight is cut along one of its axes.
///
/// Shards are cut as `torch.chunk` and PyTorch's `DTensor` cut them: of an axis of size n, each has
/// ⌈n/of⌉ places. If `of` doesn't divide n, the last ones have fewer, or none. (Other libraries give the
/// first ones one more, as `numpy.array_split` does, or refuse, as JAX does; a [`Region`] can be any.)
///
/// ```
/// use burn_init_values::weight::Shard;
/// use burn_init_values::{Initializer, Seed, WeightLayout, Wavelet};
///
/// // The second half of the outputs, on the machine that holds it.
/// let layout = WeightLayout::linear([100, 64]);
/// let half = Shard::new(1, 1, 2)?.region(layout.shape())?;
/// assert_eq!(half.shape(), [100, 32]);
/// let values = Wavelet::haar().draw_region(&layout, Seed::new(42).key("fc1.weight"), &half)?;
///
/// let of_three = |index| Shard::new(0, index, 3)?.region(&[10]);
/// assert_eq!(of_three(0)?.ranges(), [0..4]);
/// assert_eq!(of_three(2)?.ranges(), [8..10]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Description", into = "Description")]
pub struct Shard {
    axis: usize,
    index: usize,
    of: usize,
    /// The size of the whole axis, where somebody said it.
    size: Option<usize>,
}

/// A [`Shard`] in files.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Description {
    axis: usize,
    index: usize,
    of: usize,
    #[serde(default)]
    size: Option<usize>,
}

impl From<Shard> for Description {
    fn from(shard: Shard) -> Self {
        let Shard {
            axis,
            index,
            of,
            size,
        } = shard;
        Self {
            axis,
            index,
            of,
            size,
        }
    }
}

impl TryFrom<Description> for Shard {
    type Error = InitError;

    fn try_from(from: Description) -> Result<Self, InitError> {
        let shard = Self::new(from.axis, from.index, from.of)?;
        Ok(Self {
            size: from.size,
            ..shard
        })
    }
}

impl Shard {
    /// Shard number `index`, counted from 0, of `of` shards along this axis of the saved layout.
    ///
    /// # Errors
    ///
    /// If `index` isn't less than `of`.
    pub fn new(axis: usize, index: usize, of: usize) -> Result<Self, InitError> {
        if index >= of {
            let expected = format!("less than the number of shards, {of}");
            return Err(InitError::setting(NAME, "index", index, expected));
        }
        Ok(Self {
            axis,
            index,
            of,
            size: None,
        })
    }

    /// Says how large the whole axis is: what its shard alone doesn't tell where `of` doesn't divide it.
    pub fn size(mut self, size: usize) -> Self {
        self.size = Some(size);
        self
    }

    /// The axis of the saved layout.
    pub fn axis(&self) -> usize {
        self.axis
    }

    /// The shard's number, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The number of shards.
    pub fn of(&self) -> usize {
        self.of
    }

    /// Its places along an axis of this size.
    fn range(&self, size: usize) -> Range<usize> {
        let each = size.div_ceil(self.of);
        let place = |index: usize| each.saturating_mul(index).min(size);
        place(self.index)..place(self.index + 1)
    }

    /// The shard of a weight of this shape.
    ///
    /// # Errors
    ///
    /// If the weight doesn't have the axis, or it doesn't have the [size](Self::size) that was said.
    pub fn region(&self, whole: &[usize]) -> Result<Region, InitError> {
        let size = self.axis_of(whole)?;
        if self.size.is_some_and(|said| said != size) {
            let problem = format!("axis {} doesn't have the size of {self}", self.axis);
            return Err(InitError::shape(whole, problem));
        }
        let mut ranges: Vec<Range<usize>> = whole.iter().map(|size| 0..*size).collect();
        ranges[self.axis] = self.range(size);
        Region::new(whole, ranges)
    }

    /// The region of a larger weight that a weight of this shape is, of which only the shard is there.
    ///
    /// Without a [size](Self::size), the whole is taken to have `of` shards of the same size.
    ///
    /// ```
    /// use burn_init_values::weight::Shard;
    ///
    /// let half = Shard::new(1, 1, 2)?.within(&[100, 32])?;
    /// assert_eq!((half.whole(), half.ranges()), (&[100, 64][..], &[0..100, 32..64][..]));
    /// let last = Shard::new(0, 2, 3)?.size(10).within(&[2])?;
    /// assert_eq!((last.whole(), last.ranges()), (&[10][..], &[8..10][..]));
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the weight doesn't have the axis, its size there isn't what the shard has of the whole, or the
    /// whole has more elements than can be addressed.
    pub fn within(&self, part: &[usize]) -> Result<Region, InitError> {
        let own = self.axis_of(part)?;
        let size = match self.size {
            Some(size) => Some(size),
            None => own.checked_mul(self.of),
        };
        let Some(size) = size else {
            return Err(InitError::shape(part, format!("{self} is too large")));
        };
        let has = self.range(size).len();
        if has != own {
            let problem = format!("{self} has {has} places, not {own}");
            return Err(InitError::shape(part, problem));
        }
        let mut whole = part.to_vec();
        whole[self.axis] = size;
        self.region(&whole)
    }

    /// The layout of the weight that a weight of this layout is the shard of.
    ///
    /// # Errors
    ///
    /// As [`within`](Self::within).
    pub fn whole(&self, part: &WeightLayout) -> Result<WeightLayout, InitError> {
        let region = self.within(part.shape())?;
        Ok(part.part(self.axis, region.whole()[self.axis]))
    }

    /// The size of its axis in this shape.
    fn axis_of(&self, shape: &[usize]) -> Result<usize, InitError> {
        shape.get(self.axis).copied().ok_or_else(|| {
            let problem = format!("it has no axis {}, counted from 0, for {self}", self.axis);
            InitError::shape(shape, problem)
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            axis, index, of, ..
        } = self;
        write!(f, "shard {index} of {of} along axis {axis}")?;
        match self.size {
            Some(size) => write!(f, ", of size {size}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `torch.chunk(torch.arange(n), of)`, by PyTorch 2; chunks that it leaves out are empty.
    #[test]
    fn cut_as_torch_chunks() -> Result<(), InitError> {
        let cases: [(usize, usize, &[usize]); 6] = [
            (10, 3, &[4, 4, 2]),
            (8, 4, &[2, 2, 2, 2]),
            (5, 4, &[2, 2, 1, 0]),
            (3, 5, &[1, 1, 1, 0, 0]),
            (0, 2, &[0, 0]),
            (7, 1, &[7]),
        ];
        for (n, of, sizes) in cases {
            let mut end = 0;
            for (index, size) in sizes.iter().enumerate() {
                let shard = Shard::new(1, index, of)?;
                let region = shard.region(&[2, n])?;
                assert_eq!(region.ranges(), [0..2, end..end + size], "{shard}");
                end += size;
                // Back again.
                assert_eq!(shard.size(n).within(&[2, *size])?, region, "{shard}");
                if n % of == 0 {
                    assert_eq!(shard.within(&[2, *size])?, region, "{shard}");
                }
            }
            assert_eq!(end, n);
        }
        Ok(())
    }

    #[test]
    fn errors_say_what_is_wrong() -> Result<(), InitError> {
        let message = |result: Result<Region, InitError>| result.unwrap_err().to_string();
        let error = Shard::new(0, 2, 2).unwrap_err().to_string();
        assert!(
            error.contains("index is 2") && error.contains("less than"),
            "{error}"
        );
        assert!(Shard::new(0, 0, 0).is_err());
        let shard = Shard::new(2, 1, 2)?;
        assert!(message(shard.region(&[4, 6])).contains("no axis 2"));
        assert!(message(shard.within(&[4, 6])).contains("no axis 2"));
        let last = Shard::new(0, 2, 3)?.size(10);
        assert!(message(last.within(&[4])).contains("has 2 places, not 4"));
        assert!(message(last.region(&[9])).contains("of size 10"));
        assert!(message(Shard::new(0, 0, 2)?.within(&[usize::MAX])).contains("too large"));
        Ok(())
    }

    #[test]
    fn in_files() -> Result<(), Box<dyn std::error::Error>> {
        let shard = Shard::new(1, 2, 4)?;
        let text = r#"{"axis":1,"index":2,"of":4}"#;
        assert_eq!(serde_json::from_str::<Shard>(text)?, shard);
        for shard in [shard, shard.size(10)] {
            let text = serde_json::to_string(&shard)?;
            assert_eq!(serde_json::from_str::<Shard>(&text)?, shard);
            assert_eq!(toml::from_str::<Shard>(&toml::to_string(&shard)?)?, shard);
            let bytes = postcard::to_stdvec(&shard)?;
            assert_eq!(postcard::from_bytes::<Shard>(&bytes)?, shard);
        }
        assert!(serde_json::from_str::<Shard>(r#"{"axis":1,"index":4,"of":4}"#).is_err());
        Ok(())
    }
}
