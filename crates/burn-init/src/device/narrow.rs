//! Float types that are narrower than f32.

use burn::tensor::{bf16, f16};
use burn_init_values::{Fitted, InitError};

/// A float type that is narrower than f32.
pub(super) trait Narrow: Copy + PartialOrd {
    const NAME: &str;

    fn bits(self) -> u16;

    fn of_bits(bits: u16) -> Self;

    /// The nearest number of the type, or infinity.
    fn nearest(value: f32) -> Self;

    fn is_finite(self) -> bool;

    fn widened(self) -> f32;

    /// The next number of the type in the direction of −∞ or +∞.
    fn next(self, up: bool) -> Self {
        const SIGN: u16 = 0x8000;
        let bits = self.bits();
        Self::of_bits(match (bits & !SIGN == 0, (bits & SIGN == 0) == up) {
            // From either zero to the smallest number of the other sign.
            (true, _) => 1 | if up { 0 } else { SIGN },
            (false, true) => bits + 1,
            (false, false) => bits - 1,
        })
    }
}

macro_rules! narrow {
    ($($float:ident),*) => {
        $(impl Narrow for $float {
            const NAME: &str = stringify!($float);

            fn bits(self) -> u16 {
                self.to_bits()
            }

            fn of_bits(bits: u16) -> Self {
                Self::from_bits(bits)
            }

            fn nearest(value: f32) -> Self {
                Self::from_f32(value)
            }

            fn is_finite(self) -> bool {
                self.is_finite()
            }

            fn widened(self) -> f32 {
                self.to_f32()
            }
        })*
    };
}

narrow!(f16, bf16);

/// Each value as the nearest number of the type within the initializer's bounds.
pub(super) fn rounded<T: Narrow>(values: Vec<f32>, fitted: &Fitted) -> Result<Vec<T>, InitError> {
    let bounds = bounds::<T>(fitted)?;
    let round = |value: f32| {
        let nearest = T::nearest(value);
        // NaN stays NaN: `Poison`'s.
        if !nearest.is_finite() && !value.is_nan() {
            let name = T::NAME;
            let problem = format!("its value {value} is outside of the range of its type, {name}");
            return Err(InitError::shape(fitted.shape(), problem));
        }
        Ok(match bounds {
            Some((low, _)) if nearest < low => low,
            Some((_, high)) if nearest > high => high,
            _ => nearest,
        })
    };
    values.into_iter().map(round).collect()
}

/// The numbers of the type that are nearest to the initializer's bounds and within them; `None` where it has
/// none, or is a single number, which is rounded as any other.
pub(super) fn bounds<T: Narrow>(fitted: &Fitted) -> Result<Option<(T, T)>, InitError> {
    let Some((low, high)) = fitted.bounds().filter(|(low, high)| low < high) else {
        return Ok(None);
    };
    let inner = (inwards::<T>(low, true), inwards::<T>(high, false));
    if inner.0 > inner.1 {
        let problem = format!("no {} lies from {low} to {high}", T::NAME);
        return Err(InitError::shape(fitted.shape(), problem));
    }
    Ok(Some(inner))
}

/// The number of the type that is nearest to a bound and not outside of it.
fn inwards<T: Narrow>(bound: f32, up: bool) -> T {
    let nearest = T::nearest(bound);
    let outside = match up {
        true => nearest.widened() < bound,
        false => nearest.widened() > bound,
    };
    if outside { nearest.next(up) } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound itself where the type has it, else the next number inside.
    #[test]
    fn bounds_of_narrow_types() {
        for bound in [0.05f32, -0.05, 0.3, 1.0, 0.0, 1e-7, -3e-8, 65_500.0] {
            let (low, high) = (inwards::<f16>(bound, true), inwards::<f16>(bound, false));
            assert!(low.to_f32() >= bound && high.to_f32() <= bound, "{bound}");
            let (low, high) = (low.to_f32(), high.to_f32());
            let between = f16::from_f32(bound);
            assert!(low == bound || f16::from_f32(low).next(false).to_f32() < bound);
            assert!(high == bound || f16::from_f32(high).next(true).to_f32() > bound);
            assert!(between.to_f32() == low || between.to_f32() == high);
        }
        assert_eq!(f16::from_f32(0.0).next(false), f16::from_bits(0x8001));
        assert_eq!(f16::from_bits(0x8000).next(true), f16::from_bits(1));
    }
}
