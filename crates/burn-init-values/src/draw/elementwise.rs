//! How elements come about one by one, for those who make them elsewhere.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::normal::{self, LARGEST_NORMAL, UNIT};
use super::quantile_table::COEFFICIENTS;
use super::truncated::{self, Interval};
use super::{MapWords, uniform};
use crate::error::InitError;
use crate::simd::{Portable, Words};

const NAME: &str = "Elementwise";

/// How each element of a parameter comes about from a random word of its own: what it takes to make the
/// values on another device, such as a GPU, or on another machine, to the last bit.
///
/// [`Fitted::words`](crate::Fitted::words) makes the values on this machine.
///
/// Element `i` has word `i mod 4` of the block that Philox4x32-10 gives for
/// [`Key::counter`](crate::Key::counter)`(i / 4)` and [`Key::philox_key`](crate::Key::philox_key). The
/// source makes a number of it, and each step in its turn makes x to
///
/// > clamp(x · factor + addend, low, high)
///
/// where the product and the sum are each rounded to the nearest f32, ties to even, down to the smallest
/// subnormal number.
///
/// ```
/// use burn_init_values::{Initializer, Seed, Uniform, draw};
///
/// let key = Seed::new(42).key("fc1.weight");
/// let fitted = Uniform::new(0.0, 1.0).fit(&[100, 64].into())?;
/// let each = fitted.elementwise(key).unwrap();
/// assert_eq!(each.value(draw::word(key, 7)), fitted.draw(key)?[7]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elementwise {
    /// What a word becomes at first.
    pub source: Source,
    /// What is done with it then.
    pub steps: Vec<Step>,
}

/// A distribution: what a word becomes before it is scaled.
///
/// Q is the upper-tail quantile of N(0, 1) in fixed point: [`quantile_coefficients`] has its formula.
/// Numbers with 28 fractional bits are rounded to the nearest f32, ties to even.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// This number, whatever the word.
    Constant(f32),
    /// U(−1, 1): (2k + 1)·2⁻²⁴ for the word's upper 24 bits k, read as a signed number.
    Uniform,
    /// N(0, 1): Q(u / 2³³) for u = the word with bit 0 set; negative where the word's bit 0 is set.
    Normal,
    /// N(0, 1) between two bounds. The normal's 2³² values in ascending order have positions; the word
    /// chooses p = first + ⌊word · count / 2³²⌋. The value is −Q((2p + 1) / 2³³) for p < 2³¹ and
    /// Q((2(2³² − 1 − p) + 1) / 2³³) for the others.
    NormalBetween {
        /// The first position.
        first: u32,
        /// The number of positions, at most 2³².
        count: u64,
    },
}

/// A product, a sum and a clamp, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is multiplied by.
    pub factor: f32,
    /// What is added: −0 where nothing is, since it leaves the sign of a zero.
    pub addend: f32,
    /// The least result.
    #[serde(serialize_with = "write_bound", deserialize_with = "read_low")]
    pub low: f32,
    /// The largest result.
    #[serde(serialize_with = "write_bound", deserialize_with = "read_high")]
    pub high: f32,
}

/// An infinite bound is none in files: JSON has no infinity.
fn write_bound<S: Serializer>(bound: &f32, to: S) -> Result<S::Ok, S::Error> {
    bound.is_finite().then_some(*bound).serialize(to)
}

fn read_low<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f32::NEG_INFINITY))
}

fn read_high<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f32::INFINITY))
}

impl Step {
    /// A product and a sum, without bounds.
    pub const fn new(factor: f32, addend: f32) -> Self {
        Self {
            factor,
            addend,
            low: f32::NEG_INFINITY,
            high: f32::INFINITY,
        }
    }

    /// A product alone.
    pub const fn times(factor: f32) -> Self {
        Self::new(factor, -0.0)
    }

    /// The same within these bounds.
    pub const fn clamp(self, low: f32, high: f32) -> Self {
        Self { low, high, ..self }
    }
}

impl Elementwise {
    /// The value of an element with this word.
    pub fn value(&self, word: u32) -> f32 {
        f32::from_bits(self.map(Portable([word])).0[0])
    }

    /// How large a value can be, whatever its sign; of a constant, that isn't asked.
    ///
    /// # Errors
    ///
    /// If no number comes about, or one may be infinite on the way.
    pub(crate) fn largest(&self) -> Result<f64, InitError> {
        let mut largest = match self.source {
            Source::Constant(value) => f64::from(value.abs()),
            Source::Uniform => 1.0,
            Source::Normal => LARGEST_NORMAL,
            Source::NormalBetween { first, count } => {
                let most = (1 << 32) - u64::from(first);
                if count == 0 || count > most {
                    let expected = format!("from 1 to {most}: the positions from the first one on");
                    return Err(InitError::setting(NAME, "count", count, expected));
                }
                LARGEST_NORMAL
            }
        };
        for step in &self.steps {
            largest = step.largest(largest)?;
        }
        Ok(largest)
    }
}

impl Step {
    /// How large a result can be, of numbers up to this one.
    fn largest(&self, largest: f64) -> Result<f64, InitError> {
        let Self {
            factor,
            addend,
            low,
            high,
        } = *self;
        if low.is_nan() || high.is_nan() || low > high {
            let given = format!("{low} and high {high}");
            return Err(InitError::setting(NAME, "low", given, "at most high"));
        }
        let moved = largest * f64::from(factor.abs()) + f64::from(addend.abs());
        // The product and the sum are rounded.
        let rounded = moved * (1.0 + f64::from(f32::EPSILON));
        // What lies beyond a bound becomes that bound.
        let farthest = f64::from(low.abs().max(high.abs()));
        let nearest = f64::from(low.max(-high).max(0.0));
        let within = rounded.min(farthest).max(nearest);
        if (moved as f32).is_finite() && within.is_finite() {
            return Ok(within);
        }
        let expected = "one that gives finite numbers";
        Err(InitError::setting(
            NAME,
            "step",
            format!("{self:?}"),
            expected,
        ))
    }
}

impl MapWords for &Elementwise {
    #[inline(always)]
    fn map<W: Words>(self, words: W) -> W {
        let splat = |number: f32| W::splat(number.to_bits());
        let fixed = |fixed: W| fixed.to_float().float_mul(splat(UNIT));
        let x = match self.source {
            Source::Constant(value) => splat(value),
            Source::Uniform => uniform::symmetric(words),
            Source::Normal => fixed(normal::fixed(words)),
            Source::NormalBetween { first, count } => {
                fixed(truncated::value(Interval { first, count }.position(words)))
            }
        };
        self.steps.iter().fold(x, |x, step| {
            let sum = x
                .float_mul(splat(step.factor))
                .float_add(splat(step.addend));
            sum.float_clamp(splat(step.low), splat(step.high))
        })
    }
}

/// The coefficients c₀, c₁, c₂, c₃ of Q, the upper-tail quantile of N(0, 1), as [`Source`] has it.
///
/// For an odd `u`, Q(u / 2³³) is exceeded with probability u / 2³³. Row 32·z + part has the coefficients
/// where `u` has z leading zeros and the five bits after its leading one are `part`; the bits after these
/// are t, a fraction of 32 bits. In unsigned integers, with ⌊a·b⌋ for the upper half of a product,
///
/// > y = c₁ − ⌊(c₂ − ⌊c₃·t⌋)·t⌋,  Q = max(c₀ − (⌊y·t⌋ + 128) / 2⁸, 0)
///
/// Q and c₀ have 28 fractional bits.
///
/// ```
/// let [c0, ..] = burn_init_values::draw::quantile_coefficients()[32];
/// // Row 32 begins at u = 2³⁰: one normal number of eight is larger than 1.15035.
/// assert!((f64::from(c0) / f64::from(1 << 28) - 1.150349).abs() < 1e-6);
/// ```
pub fn quantile_coefficients() -> &'static [[u32; 4]; 1024] {
    &COEFFICIENTS
}
