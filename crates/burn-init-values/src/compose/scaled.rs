//! The values of another initializer, multiplied.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dense::VarianceScaling;
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer, fit_all_over};
use crate::weight::WeightLayout;

const NAME: &str = "Scaled";

/// The values of another initializer, multiplied by a number.
///
/// Deep residual networks want the last weight of each branch small, so that the sum over all branches
/// keeps its variance. The rules of the literature are factors for a usual initializer:
///
/// | rule | factor | of |
/// |---|---|---|
/// | [`gpt2`](Self::gpt2) (Radford et al. 2019) | 1/√(2N) for N blocks | the projections at the end of each branch, N(0, 0.02²) |
/// | [`fixup`](Self::fixup) (Zhang et al. 2019) | L^(−1/(2m − 2)) for L branches of m weights | He's, but for the last weight of a branch and of the model, which are 0 |
/// | [`t_fixup_encoder`](Self::t_fixup_encoder) (Huang et al. 2020) | 0.67 · N^(−1/4) | Glorot's, of values, projections and feed-forward weights |
/// | [`t_fixup_decoder`](Self::t_fixup_decoder) (Huang et al. 2020) | (9N)^(−1/4) | the same in a decoder; embeddings N(0, 1/d) |
/// | [`depth_scaled`](Self::depth_scaled) (Zhang, Titov and Sennrich 2019) | α/√l for layer l, from 1 on | Glorot's uniform |
///
/// A zero last weight is [`Constant::zeros`](crate::Constant::zeros).
///
/// ```
/// use burn_init_values::{Initializer, Normal, Scaled, Seed};
///
/// let key = Seed::new(1).key("blocks.3.proj.weight");
/// let usual = Normal::new(0.0, 0.02);
/// let w = Scaled::gpt2(usual, 8).draw(&[64, 64].into(), key)?;
/// assert_eq!(w[0], usual.draw(&[64, 64].into(), key)?[0] / 4.0);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scaled<B = VarianceScaling> {
    /// The factor.
    pub by: f64,
    /// The initializer whose values are multiplied.
    pub base: B,
}

impl<B> Scaled<B> {
    /// The values of `base` times `by`.
    pub fn new(base: B, by: f64) -> Self {
        Self { by, base }
    }

    /// GPT-2's: 1/√(2N) for a model of N blocks, each of which has two branches.
    pub fn gpt2(base: B, blocks: usize) -> Self {
        Self::new(base, (2.0 * blocks as f64).sqrt().recip())
    }

    /// Fixup's: L^(−1/(2m − 2)) for a model of L residual branches of m weights each, at least 2: of
    /// fewer, the factor is no number, which is an error when it is fitted.
    pub fn fixup(base: B, branches: usize, weights: usize) -> Self {
        let power = match weights {
            0 | 1 => f64::NAN,
            _ => (2.0 * weights as f64 - 2.0).recip(),
        };
        Self::new(base, libm::pow(branches as f64, -power))
    }

    /// T-Fixup's for an encoder of N layers: 0.67 · N^(−1/4).
    pub fn t_fixup_encoder(base: B, layers: usize) -> Self {
        Self::new(base, 0.67 * fourth_root(layers as f64).recip())
    }

    /// T-Fixup's for a decoder of N layers: (9N)^(−1/4).
    pub fn t_fixup_decoder(base: B, layers: usize) -> Self {
        Self::new(base, fourth_root(9.0 * layers as f64).recip())
    }

    /// Depth-scaled initialization: α/√l for layer l, counted from 1.
    pub fn depth_scaled(base: B, alpha: f64, layer: usize) -> Self {
        Self::new(base, alpha / (layer as f64).sqrt())
    }

    /// The same, with a base that `change` makes of its own.
    pub(crate) fn map_base<C>(self, change: impl FnOnce(B) -> C) -> Scaled<C> {
        Scaled {
            by: self.by,
            base: change(self.base),
        }
    }
}

fn fourth_root(x: f64) -> f64 {
    x.sqrt().sqrt()
}

impl<B: fmt::Display> fmt::Display for Scaled<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} times ({})", self.by, self.base)
    }
}

impl<B: Initializer> Scaled<B> {
    /// Multiplies what the base was fitted into.
    fn fit_over(&self, base: Fitted) -> Result<Fitted, InitError> {
        let by = finite(NAME, "by", self.by)?;
        if by == 0.0 && self.by != 0.0 {
            let expected = "0, or large enough for f32";
            return Err(InitError::setting(NAME, "by", self.by, expected));
        }
        let fitted = base.scaled(by);
        if fitted
            .largest()
            .is_some_and(|largest| !(largest as f32).is_finite())
        {
            let expected = "so small that no value leaves f32";
            return Err(InitError::setting(NAME, "by", self.by, expected));
        }
        Ok(fitted)
    }
}

impl<B: Initializer> Initializer for Scaled<B> {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        self.fit_over(self.base.fit(weight)?)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        fit_all_over(&self.base, weights, |_, base| self.fit_over(base))
    }
}
