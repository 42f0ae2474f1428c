//! Vectors of AVX2.
//!
//! Safety of this file: a vector is only made within `Kernel::run`, whose caller promises that the CPU
//! has these instructions. Loads and stores go through slices that are long enough.

use std::arch::x86_64::*;

use super::Words;

/// Eight words.
#[derive(Clone, Copy)]
pub(crate) struct Words8(__m256i);

impl Words8 {
    #[inline(always)]
    fn floats(self) -> __m256 {
        unsafe { _mm256_castsi256_ps(self.0) }
    }

    #[inline(always)]
    fn from_floats(floats: __m256) -> Self {
        Self(unsafe { _mm256_castps_si256(floats) })
    }
}

impl Words for Words8 {
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(unsafe { _mm256_set1_epi32(word as i32) })
    }

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        let words = &words[..8];
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn load_floats(floats: &[f32]) -> Self {
        let floats = &floats[..8];
        Self::from_floats(unsafe { _mm256_loadu_ps(floats.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, out: &mut [f32]) {
        let out = &mut out[..8];
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_right_signed<const N: u32>(self) -> Self {
        Self(unsafe { _mm256_sra_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_left_by(self, shifts: Self) -> Self {
        Self(unsafe { _mm256_sllv_epi32(self.0, shifts.0) })
    }

    /// By the exponent of a float. What is converted has a zero after its leading one, so that
    /// rounding can't reach the next power of two.
    #[inline(always)]
    fn leading_zeros(self) -> Self {
        // Of the word without its lowest bit, halved: a positive i32, whose float has the exponent
        // 127 + 30 − leading zeros; for the words 0 and 1 it's 0.
        let half = self.shift_right::<1>();
        let zero_after = Self(unsafe { _mm256_andnot_si256(half.shift_right::<1>().0, half.0) });
        let exponent = zero_after.to_float().shift_right::<23>();
        let zeros = Self::splat(157).sub(exponent);
        // 32 for 0, 31 for 1.
        zeros.min(Self::splat(32).sub(self.min(Self::splat(1))))
    }

    #[inline(always)]
    fn product_high(self, other: Self) -> Self {
        unsafe {
            let even = _mm256_srli_epi64(_mm256_mul_epu32(self.0, other.0), 32);
            let (a, b) = (
                _mm256_srli_epi64(self.0, 32),
                _mm256_srli_epi64(other.0, 32),
            );
            Self(_mm256_blend_epi32(
                even,
                _mm256_mul_epu32(a, b),
                0b1010_1010,
            ))
        }
    }

    #[inline(always)]
    fn product_of_even(self, other: Self) -> Self {
        Self(unsafe { _mm256_mul_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn odd_to_even(self) -> Self {
        Self(unsafe { _mm256_srli_epi64(self.0, 32) })
    }

    #[inline(always)]
    fn join_even(self, other: Self) -> Self {
        unsafe {
            let odd = _mm256_slli_epi64(other.0, 32);
            Self(_mm256_blend_epi32(self.0, odd, 0b1010_1010))
        }
    }

    #[inline(always)]
    fn interleave_pairs(self, other: Self) -> [Self; 2] {
        unsafe {
            [
                Self(_mm256_unpacklo_epi64(self.0, other.0)),
                Self(_mm256_unpackhi_epi64(self.0, other.0)),
            ]
        }
    }

    #[inline(always)]
    fn rows(self, table: &[[u32; 4]; 1024]) -> [Self; 4] {
        // Offsets in bytes, two in each number. Through memory: the compiler would take the words out
        // of the vector one by one, which takes longer.
        let mut offsets = [0u64; 4];
        unsafe {
            let index = _mm256_and_si256(self.0, _mm256_set1_epi32(1023));
            let offset = _mm256_slli_epi32(index, 4);
            offsets
                .as_mut_ptr()
                .cast::<__m256i>()
                .write_unaligned(offset);
        }
        let pairs: [u64; 4] =
            std::array::from_fn(|i| unsafe { (&raw const offsets[i]).read_volatile() });
        let row = |i: usize| unsafe {
            let offset = (pairs[i / 2] >> (i % 2 * 32)) as u32 as usize;
            // Safety: below 1024 rows of 16 bytes.
            _mm_loadu_si128(table.as_ptr().cast::<u8>().add(offset).cast())
        };
        unsafe {
            let two = |i| _mm256_inserti128_si256(_mm256_castsi128_si256(row(i)), row(i + 4), 1);
            let [a, b, c, d] = [two(0), two(1), two(2), two(3)];
            let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
            let (ab_high, cd_high) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
            [
                Self(_mm256_unpacklo_epi64(ab, cd)),
                Self(_mm256_unpackhi_epi64(ab, cd)),
                Self(_mm256_unpacklo_epi64(ab_high, cd_high)),
                Self(_mm256_unpackhi_epi64(ab_high, cd_high)),
            ]
        }
    }

    #[inline(always)]
    fn to_float(self) -> Self {
        Self::from_floats(unsafe { _mm256_cvtepi32_ps(self.0) })
    }

    #[inline(always)]
    fn float_mul(self, other: Self) -> Self {
        Self::from_floats(unsafe { _mm256_mul_ps(self.floats(), other.floats()) })
    }

    #[inline(always)]
    fn float_add(self, other: Self) -> Self {
        Self::from_floats(unsafe { _mm256_add_ps(self.floats(), other.floats()) })
    }

    #[inline(always)]
    fn float_mul_add(self, other: Self, addend: Self) -> Self {
        Self::from_floats(unsafe {
            _mm256_fmadd_ps(self.floats(), other.floats(), addend.floats())
        })
    }

    #[inline(always)]
    fn float_clamp(self, low: Self, high: Self) -> Self {
        // Of two zeros, the second operand is taken.
        let raised = unsafe { _mm256_max_ps(low.floats(), self.floats()) };
        Self::from_floats(unsafe { _mm256_min_ps(high.floats(), raised) })
    }
}
