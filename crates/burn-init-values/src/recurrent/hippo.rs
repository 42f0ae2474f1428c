//! HiPPO: states that hold the past as coefficients of Legendre polynomials.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::{Axis, WeightLayout};

const NAME: &str = "Hippo";

/// Which past the state holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Scaled Legendre: all of the past, alike.
    LegS,
    /// Translated Legendre: a window of length 1.
    LegT,
}

/// Which part of x' = Ax + Bu a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HippoPart {
    /// The matrix of the state, `[…, N, N]`.
    A,
    /// What an input adds to the state, `[…, N]`.
    B,
}

/// A and B of the state-space model x' = Ax + Bu whose state x holds the past of u as coefficients of
/// Legendre polynomials (Gu et al. 2020). Nothing is drawn.
///
/// | measure | A_nk for k < n | for k = n | for k > n | B_n |
/// |---|---|---|---|---|
/// | LegS | −√((2n+1)(2k+1)) | −(n+1) | 0 | √(2n+1) |
/// | LegT | −√((2n+1)(2k+1)) | −(2n+1) | −(−1)^(n−k) √((2n+1)(2k+1)) | √(2n+1) |
///
/// n and k count from 0; the polynomials are orthonormal, and the minus of x' = −Ax + Bu is in A, as in the
/// code of S4. LegS belongs to x' = (Ax + Bu)/t; S4 takes it without 1/t. LegT over a window of length θ is
/// [`gain`](Self::gain) 1/θ for both, and the code of S4 takes ½.
///
/// A is square: the last two axes of a parameter without inputs and outputs, row n and column k. Where the
/// axes say what is input and output, A_nk is the weight from k to n: a `Linear` of `LinearLayout::Row`,
/// which computes xW, holds Aᵀ. B goes over the last axis. Other axes hold copies.
///
/// ```
/// use burn_init_values::{Hippo, Initializer, Seed, WeightLayout};
///
/// let key = Seed::new(1).key("ssm.a");
/// let a = Hippo::legs().draw(&WeightLayout::vector([2, 2]), key)?;
/// assert_eq!(a, [-1.0, 0.0, -(3f32.sqrt()), -2.0]);
/// let b = Hippo::legs().b().draw(&[2].into(), key)?;
/// assert_eq!(b, [1.0, 3f32.sqrt()]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If A's parameter isn't square or has a kernel, or the gain isn't finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Hippo {
    /// Which past the state holds.
    pub measure: Measure,
    /// Which part of the model the parameter is.
    #[serde(default = "part_a")]
    pub part: HippoPart,
    /// What the part is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

fn part_a() -> HippoPart {
    HippoPart::A
}

impl Hippo {
    /// A of this measure.
    pub const fn new(measure: Measure) -> Self {
        Self {
            measure,
            part: HippoPart::A,
            gain: 1.0,
        }
    }

    /// A of scaled Legendre polynomials, the usual one.
    pub const fn legs() -> Self {
        Self::new(Measure::LegS)
    }

    /// A of translated Legendre polynomials, over a window of length 1.
    pub const fn legt() -> Self {
        Self::new(Measure::LegT)
    }

    /// B instead of A.
    pub const fn b(mut self) -> Self {
        self.part = HippoPart::B;
        self
    }

    /// Multiplies the part.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// A_nk.
    fn a(&self, n: u64, k: u64) -> f32 {
        let root = ((2 * n + 1) as f64 * (2 * k + 1) as f64).sqrt();
        let a = match self.measure {
            Measure::LegS if k == n => -((n + 1) as f64),
            Measure::LegS if k > n => 0.0,
            Measure::LegT if k > n && (k - n) % 2 == 1 => root,
            _ => -root,
        };
        (self.gain * a) as f32
    }
}

impl fmt::Display for Hippo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HiPPO-{:?}, {:?}", self.measure, self.part)?;
        match self.gain {
            1.0 => Ok(()),
            gain => write!(f, ", gain {gain}"),
        }
    }
}

impl Initializer for Hippo {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let states = weight.last_axis();
        // |A_nk| and B_n are less than 2N.
        let largest = 2.0 * self.gain.abs() * states as f64;
        finite(NAME, "gain", if states > 0 { largest } else { self.gain })?;
        let init = self.clone();
        let fitted = match self.part {
            HippoPart::B => {
                let gain = self.gain;
                Fitted::elements(weight, move |_, i| {
                    let n = i % states as u64;
                    (gain * ((2 * n + 1) as f64).sqrt()) as f32
                })
            }
            HippoPart::A if weight.axes().contains(&Axis::Input) => {
                let neurons = weight.neurons()?;
                let n = neurons.count() / weight.matrices().max(1);
                if weight.has_kernel() || (neurons.count() > 0 && n != neurons.len()) {
                    return Err(not_square(weight));
                }
                Fitted::vectors(weight, neurons, move |_, j, w| {
                    for (k, a) in (0..).zip(w) {
                        *a = init.a((j % n) as u64, k);
                    }
                })
            }
            HippoPart::A => {
                if !matches!(weight.shape(), [.., rows, columns] if rows == columns) {
                    return Err(not_square(weight));
                }
                let columns = states as u64;
                Fitted::elements(weight, move |_, i| {
                    init.a(i / columns % columns, i % columns)
                })
            }
        }?;
        Ok(fitted.up_to(largest).fixed())
    }
}

fn not_square(weight: &WeightLayout) -> InitError {
    let problem = "HiPPO's A is a square matrix over the state, `[N, N]`";
    InitError::shape(weight.shape(), problem)
}
