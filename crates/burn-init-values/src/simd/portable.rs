//! Vectors as arrays, for every machine.

use super::Words;

/// `N` words; one word is a number as any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Portable<const N: usize>(pub [u32; N]);

impl<const N: usize> Portable<N> {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    #[inline(always)]
    fn map(self, f: impl Fn(u32) -> u32) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn with_float(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        self.with(other, |a, b| {
            f(f32::from_bits(a), f32::from_bits(b)).to_bits()
        })
    }
}

/// a b + c, rounded once. Without an instruction for it, the standard library calls the system's, which
/// may not round rightly everywhere.
#[inline(always)]
fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(
        target_feature = "fma",
        target_arch = "aarch64",
        target_arch = "powerpc64",
        target_arch = "riscv64",
        target_arch = "s390x",
    )) {
        a.mul_add(b, c)
    } else {
        libm::fmaf(a, b, c)
    }
}

impl<const N: usize> Words for Portable<N> {
    const LANES: usize = N;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self([word; N])
    }

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        Self(std::array::from_fn(|i| words[i]))
    }

    #[inline(always)]
    fn load_floats(floats: &[f32]) -> Self {
        Self(std::array::from_fn(|i| floats[i].to_bits()))
    }

    #[inline(always)]
    fn store(self, out: &mut [f32]) {
        out[..N].copy_from_slice(&self.0.map(f32::from_bits));
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.with(other, |a, b| a ^ b)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, u32::wrapping_add)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, u32::wrapping_sub)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.with(other, |a, b| a.min(b))
    }

    #[inline(always)]
    fn shift_left<const S: u32>(self) -> Self {
        self.map(|a| a << S)
    }

    #[inline(always)]
    fn shift_right<const S: u32>(self) -> Self {
        self.map(|a| a >> S)
    }

    #[inline(always)]
    fn shift_right_signed<const S: u32>(self) -> Self {
        self.map(|a| (a as i32 >> S) as u32)
    }

    #[inline(always)]
    fn shift_left_by(self, shifts: Self) -> Self {
        self.with(shifts, |a, shift| a << (shift & 31))
    }

    #[inline(always)]
    fn leading_zeros(self) -> Self {
        self.map(u32::leading_zeros)
    }

    #[inline(always)]
    fn product_high(self, other: Self) -> Self {
        self.with(other, |a, b| ((u64::from(a) * u64::from(b)) >> 32) as u32)
    }

    #[inline(always)]
    fn product_of_even(self, other: Self) -> Self {
        let mut product = [0; N];
        for i in (0..N).step_by(2) {
            let wide = u64::from(self.0[i]) * u64::from(other.0[i]);
            product[i] = wide as u32;
            product[i + 1] = (wide >> 32) as u32;
        }
        Self(product)
    }

    #[inline(always)]
    fn odd_to_even(self) -> Self {
        Self(std::array::from_fn(|i| {
            if i % 2 == 0 { self.0[i + 1] } else { 0 }
        }))
    }

    #[inline(always)]
    fn join_even(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| {
            if i % 2 == 0 {
                self.0[i]
            } else {
                other.0[i - 1]
            }
        }))
    }

    #[inline(always)]
    fn interleave_pairs(self, other: Self) -> [Self; 2] {
        let from = |first: usize| {
            Self(std::array::from_fn(|i| {
                let source = if i % 4 < 2 { self } else { other };
                source.0[i / 4 * 4 + first + i % 2]
            }))
        };
        [from(0), from(2)]
    }

    #[inline(always)]
    fn rows(self, table: &[[u32; 4]; 1024]) -> [Self; 4] {
        let rows = self.0.map(|index| table[index as usize % 1024]);
        std::array::from_fn(|column| Self(rows.map(|row| row[column])))
    }

    #[inline(always)]
    fn to_float(self) -> Self {
        self.map(|a| (a as i32 as f32).to_bits())
    }

    #[inline(always)]
    fn float_mul(self, other: Self) -> Self {
        self.with_float(other, |a, b| a * b)
    }

    #[inline(always)]
    fn float_add(self, other: Self) -> Self {
        self.with_float(other, |a, b| a + b)
    }

    #[inline(always)]
    fn float_mul_add(self, other: Self, addend: Self) -> Self {
        Self(std::array::from_fn(|i| {
            let [a, b, c] = [self, other, addend].map(|vector| f32::from_bits(vector.0[i]));
            mul_add(a, b, c).to_bits()
        }))
    }

    #[inline(always)]
    fn float_clamp(self, low: Self, high: Self) -> Self {
        self.with_float(low, |a, low| if a < low { low } else { a })
            .with_float(high, |a, high| if a > high { high } else { a })
    }
}
