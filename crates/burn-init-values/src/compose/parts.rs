//! A packed weight, whose parts are made each by itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::VarianceScaling;
use crate::error::InitError;
use crate::initializer::{self, Fitted, Initializer};
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "Parts";

/// A packed weight whose parts are made each by itself: the query, key and value of an attention, the
/// gates of a recurrent layer, or blocks of a matrix.
///
/// Each part has fans, neurons, orthogonality and sparsity of its own, and draws of its own: those of
/// [`Key::part`](crate::Key::part). A bias is cut along its only axis: `along(Axis::Index)`. Of a part whose zeros last through training, only its own zeros do.
///
/// ```
/// use burn_init_values::{Initializer, Orthogonal, Parts, Seed, VarianceScaling, WeightLayout};
///
/// // Query, key and value of a linear layer from 64 to 3 · 64: each is orthogonal by itself.
/// let packed = WeightLayout::linear([64, 192]);
/// let w = Parts::equal(3, Orthogonal::new()).draw(&packed, Seed::new(1).key("attn.qkv.weight"))?;
/// let row = |part: usize| &w[64 * part..][..64];
/// let square: f32 = row(1).iter().map(|w| w * w).sum();
/// assert!((square - 1.0).abs() < 1e-5);
///
/// // Four heads of queries, one of keys and one of values.
/// let he = VarianceScaling::he_normal();
/// let grouped = Parts::sized([(64, he), (16, he), (16, he)]);
/// grouped.check(&WeightLayout::linear([64, 96]))?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// Parts of several kinds are [`AnyInitializer`](crate::AnyInitializer)s. Parts of parts along another
/// axis are the blocks of a matrix:
///
/// ```
/// use burn_init_values::{AnyInitializer, Constant, Initializer, Parts, Seed, weight::Axis};
///
/// let block = |value: f64| AnyInitializer::from(Constant::new(value));
/// let row = |a, b| Parts::each([block(a), block(b)]).along(Axis::Input);
/// let blocks = Parts::each([row(1.0, 2.0), row(3.0, 4.0)]);
/// // A linear layer has a row for each input.
/// let w = blocks.draw(&[2, 2].into(), Seed::new(1).key("fc1.weight"))?;
/// assert_eq!(w, [1.0, 3.0, 2.0, 4.0]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Parts<I = VarianceScaling> {
    /// The initializers of the parts, one after another.
    pub parts: Vec<I>,
    /// The size of each part along the axis; without any, all are equal.
    #[serde(default)]
    pub sizes: Vec<usize>,
    /// The axis that is cut into parts.
    #[serde(default = "outputs")]
    pub along: Axis,
}

fn outputs() -> Axis {
    Axis::Output
}

impl<I> Parts<I> {
    /// Equal parts, each by its own initializer.
    pub fn each(parts: impl Into<Vec<I>>) -> Self {
        Self {
            parts: parts.into(),
            sizes: Vec::new(),
            along: outputs(),
        }
    }

    /// As many equal parts, all by one initializer. Each has draws of its own.
    pub fn equal(parts: usize, initializer: I) -> Self
    where
        I: Clone,
    {
        Self::each(vec![initializer; parts])
    }

    /// Parts of these sizes along the axis, which together are as large as it.
    pub fn sized(parts: impl IntoIterator<Item = (usize, I)>) -> Self {
        let (sizes, parts) = parts.into_iter().unzip();
        Self {
            parts,
            sizes,
            along: outputs(),
        }
    }

    /// The axis that is cut into parts, by default that of the outputs.
    pub fn along(mut self, axis: Axis) -> Self {
        self.along = axis;
        self
    }

    /// The same, with parts that `change` makes of its own.
    pub(crate) fn map_parts<J>(self, change: impl FnMut(I) -> J) -> Parts<J> {
        Parts {
            parts: self.parts.into_iter().map(change).collect(),
            sizes: self.sizes,
            along: self.along,
        }
    }

    /// The axis's place in the shape, and the size of each part.
    fn sizes_of(&self, weight: &WeightLayout) -> Result<(usize, Vec<usize>), InitError> {
        let axes = || weight.axes().iter().enumerate();
        let mut found = axes().filter(|(_, axis)| **axis == self.along);
        let (Some((axis, _)), None) = (found.next(), found.next()) else {
            let given = format!("{:?}", self.along);
            let expected = format!(
                "a kind that exactly one of the axes {:?} has",
                weight.axes()
            );
            return Err(InitError::setting(NAME, "along", given, expected));
        };
        if weight.group_count() > 1 && self.along != Axis::Kernel {
            let problem = format!("{NAME} doesn't know how the channels of its groups are packed");
            return Err(InitError::shape(weight.shape(), problem));
        }
        let (size, count) = (weight.shape()[axis], self.parts.len());
        if self.sizes.is_empty() {
            if count == 0 || !size.is_multiple_of(count) {
                let expected =
                    format!("a number of parts that divides {size}, the size of the axis");
                return Err(InitError::setting(NAME, "parts", count, expected));
            }
            return Ok((axis, vec![size / count; count]));
        }
        let total = self
            .sizes
            .iter()
            .try_fold(0usize, |sum, n| sum.checked_add(*n));
        if self.sizes.len() != count || total != Some(size) {
            let given = format!("{:?} for {count} parts", self.sizes);
            let expected = format!("one size for each part, {size} in all");
            return Err(InitError::setting(NAME, "sizes", given, expected));
        }
        Ok((axis, self.sizes.clone()))
    }
}

impl<I: fmt::Display> fmt::Display for Parts<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parts")?;
        if self.along != outputs() {
            write!(f, " along {:?}", self.along)?;
        }
        for (i, part) in self.parts.iter().enumerate() {
            match self.sizes.get(i) {
                Some(size) => write!(f, ", {size} of ({part})")?,
                None => write!(f, ", ({part})")?,
            }
        }
        Ok(())
    }
}

impl<I: Initializer> Initializer for Parts<I> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let mut alone = self.fit_all(&[weight]);
        alone.remove(0)
    }

    /// A part is fitted to all weights together: it may be one of a budget.
    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        let cuts: Vec<_> = weights
            .iter()
            .map(|weight| weight.elements().and_then(|_| self.sizes_of(weight)))
            .collect();
        // Of each weight that can be cut, the places of each part, and what they were fitted into.
        let can_be_cut = || {
            cuts.iter()
                .zip(weights)
                .filter_map(|(cut, w)| Some((cut.as_ref().ok()?, w)))
        };
        let mut fitted: Vec<Vec<Result<_, InitError>>> = can_be_cut()
            .map(|_| Vec::with_capacity(self.parts.len()))
            .collect();
        for (number, part) in self.parts.iter().enumerate() {
            let weights: Vec<WeightLayout> = can_be_cut()
                .map(|((axis, sizes), weight)| weight.part(*axis, sizes[number]))
                .collect();
            let all = part.fit_all(&weights.iter().collect::<Vec<_>>());
            for ((parts, part), ((_, sizes), _)) in fitted.iter_mut().zip(all).zip(can_be_cut()) {
                let begin: usize = sizes[..number].iter().sum();
                parts.push(part.map(|part| (begin..begin + sizes[number], part)));
            }
        }
        let mut fitted = fitted.into_iter();
        let whole = |(cut, weight): (Result<(usize, _), _>, &&WeightLayout)| {
            let (axis, _) = cut?;
            let parts = fitted
                .next()
                .into_iter()
                .flatten()
                .collect::<Result<_, _>>()?;
            let parts = initializer::Parts::new(weight.shape(), axis, parts);
            Fitted::in_parts(weight, parts)
        };
        cuts.clone().into_iter().zip(weights).map(whole).collect()
    }
}
