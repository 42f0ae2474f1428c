//! From values to tensors of a model's own float type.

use burn::tensor::{DType, Device, Tensor, TensorData, bf16, f16};
use burn_init_values::{Fitted, InitError};

/// The values as a tensor of this shape, rounded once from f32: all that are fitted, or a part of them.
///
/// A value that rounding takes out of the bounds that its initializer documents becomes the nearest
/// number of the type that lies within.
///
/// # Errors
///
/// If a value is outside of the range of `dtype`, or no number of the type lies within the bounds.
pub(super) fn tensor<const D: usize>(
    values: Vec<f32>,
    fitted: &Fitted,
    shape: &[usize],
    device: &Device,
    dtype: DType,
) -> Result<Tensor<D>, InitError> {
    let data = match dtype {
        DType::F16 => TensorData::new(rounded::<f16>(values, fitted)?, shape.to_vec()),
        DType::BF16 => TensorData::new(rounded::<bf16>(values, fitted)?, shape.to_vec()),
        _ => TensorData::new(values, shape.to_vec()),
    };
    Ok(device.memory_persistent_allocations(data, |data| Tensor::from_data(data, (device, dtype))))
}

/// A float type that is narrower than f32.
trait Narrow: Copy + PartialOrd {
    const NAME: &str;

    /// The nearest number of the type, or infinity.
    fn nearest(value: f32) -> Self;

    fn is_finite(self) -> bool;

    fn widened(self) -> f32;

    /// The next number of the type in the direction of −∞ or +∞.
    fn next(self, up: bool) -> Self;
}

macro_rules! narrow {
    ($($float:ident),*) => {
        $(impl Narrow for $float {
            const NAME: &str = stringify!($float);

            fn nearest(value: f32) -> Self {
                Self::from_f32(value)
            }

            fn is_finite(self) -> bool {
                self.is_finite()
            }

            fn widened(self) -> f32 {
                self.to_f32()
            }

            fn next(self, up: bool) -> Self {
                const SIGN: u16 = 0x8000;
                let bits = self.to_bits();
                Self::from_bits(match (bits & !SIGN == 0, (bits & SIGN == 0) == up) {
                    // From either zero to the smallest number of the other sign.
                    (true, _) => 1 | if up { 0 } else { SIGN },
                    (false, true) => bits + 1,
                    (false, false) => bits - 1,
                })
            }
        })*
    };
}

narrow!(f16, bf16);

/// Each value as the nearest number of the type within the initializer's bounds.
fn rounded<T: Narrow>(values: Vec<f32>, fitted: &Fitted) -> Result<Vec<T>, InitError> {
    let error = |problem: String| InitError::shape(fitted.shape(), problem);
    let bounds = match fitted.bounds() {
        Some((low, high)) => {
            let inner = (inwards::<T>(low, true), inwards::<T>(high, false));
            // A constant is a single number, which is rounded as any other.
            if low < high && inner.0 > inner.1 {
                let name = T::NAME;
                return Err(error(format!("no {name} lies from {low} to {high}")));
            }
            (low < high).then_some(inner)
        }
        None => None,
    };
    let round = |value: f32| {
        let nearest = T::nearest(value);
        // NaN stays NaN: `Poison`'s.
        if !nearest.is_finite() && !value.is_nan() {
            let name = T::NAME;
            return Err(error(format!(
                "its value {value} is outside of the range of its type, {name}"
            )));
        }
        Ok(match bounds {
            Some((low, _)) if nearest < low => low,
            Some((_, high)) if nearest > high => high,
            _ => nearest,
        })
    };
    values.into_iter().map(round).collect()
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
