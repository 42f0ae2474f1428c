//! Vectors of AVX-512.
//!
//! Safety of this file: a vector is only made within `Kernel::run`, whose caller promises that the CPU
//! has these instructions. Loads and stores go through slices that are long enough.

use std::arch::x86_64::*;

use super::Words;

/// The odd words.
const ODD: __mmask16 = 0b1010_1010_1010_1010;

/// Sixteen words.
#[derive(Clone, Copy)]
pub(crate) struct Words16(__m512i);

impl Words16 {
    #[inline(always)]
    fn floats(self) -> __m512 {
        unsafe { _mm512_castsi512_ps(self.0) }
    }

    #[inline(always)]
    fn from_floats(floats: __m512) -> Self {
        Self(unsafe { _mm512_castps_si512(floats) })
    }
}

impl Words for Words16 {
    const LANES: usize = 16;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(unsafe { _mm512_set1_epi32(word as i32) })
    }

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        let words = &words[..16];
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn load_floats(floats: &[f32]) -> Self {
        let floats = &floats[..16];
        Self::from_floats(unsafe { _mm512_loadu_ps(floats.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, out: &mut [f32]) {
        let out = &mut out[..16];
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(unsafe { _mm512_sll_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(unsafe { _mm512_srl_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_right_signed<const N: u32>(self) -> Self {
        Self(unsafe { _mm512_sra_epi32(self.0, _mm_cvtsi32_si128(N as i32)) })
    }

    #[inline(always)]
    fn shift_left_by(self, shifts: Self) -> Self {
        Self(unsafe { _mm512_sllv_epi32(self.0, shifts.0) })
    }

    #[inline(always)]
    fn leading_zeros(self) -> Self {
        Self(unsafe { _mm512_lzcnt_epi32(self.0) })
    }

    #[inline(always)]
    fn product_high(self, other: Self) -> Self {
        unsafe {
            let even = _mm512_srli_epi64(_mm512_mul_epu32(self.0, other.0), 32);
            let (a, b) = (
                _mm512_srli_epi64(self.0, 32),
                _mm512_srli_epi64(other.0, 32),
            );
            Self(_mm512_mask_blend_epi32(ODD, even, _mm512_mul_epu32(a, b)))
        }
    }

    #[inline(always)]
    fn product_of_even(self, other: Self) -> Self {
        Self(unsafe { _mm512_mul_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn odd_to_even(self) -> Self {
        Self(unsafe { _mm512_srli_epi64(self.0, 32) })
    }

    #[inline(always)]
    fn join_even(self, other: Self) -> Self {
        unsafe {
            let odd = _mm512_slli_epi64(other.0, 32);
            Self(_mm512_mask_blend_epi32(ODD, self.0, odd))
        }
    }

    #[inline(always)]
    fn interleave_pairs(self, other: Self) -> [Self; 2] {
        unsafe {
            [
                Self(_mm512_unpacklo_epi64(self.0, other.0)),
                Self(_mm512_unpackhi_epi64(self.0, other.0)),
            ]
        }
    }

    #[inline(always)]
    fn rows(self, table: &[[u32; 4]; 1024]) -> [Self; 4] {
        // Offsets in bytes, two in each number. Through memory: the compiler would take the words out
        // of the vector one by one, which takes longer.
        let mut offsets = [0u64; 8];
        unsafe {
            let index = _mm512_and_si512(self.0, _mm512_set1_epi32(1023));
            let offset = _mm512_slli_epi32(index, 4);
            offsets
                .as_mut_ptr()
                .cast::<__m512i>()
                .write_unaligned(offset);
        }
        let pairs: [u64; 8] =
            std::array::from_fn(|i| unsafe { (&raw const offsets[i]).read_volatile() });
        let row = |i: usize| unsafe {
            let offset = (pairs[i / 2] >> (i % 2 * 32)) as u32 as usize;
            // Safety: below 1024 rows of 16 bytes.
            _mm_loadu_si128(table.as_ptr().cast::<u8>().add(offset).cast())
        };
        // Rows i, i + 4, i + 8 and i + 12.
        macro_rules! four {
            ($i:literal) => {{
                let low = _mm256_inserti128_si256(_mm256_castsi128_si256(row($i)), row($i + 4), 1);
                let high =
                    _mm256_inserti128_si256(_mm256_castsi128_si256(row($i + 8)), row($i + 12), 1);
                _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1)
            }};
        }
        unsafe {
            let [a, b, c, d] = [four!(0), four!(1), four!(2), four!(3)];
            let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
            let (ab_high, cd_high) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
            [
                Self(_mm512_unpacklo_epi64(ab, cd)),
                Self(_mm512_unpackhi_epi64(ab, cd)),
                Self(_mm512_unpacklo_epi64(ab_high, cd_high)),
                Self(_mm512_unpackhi_epi64(ab_high, cd_high)),
            ]
        }
    }

    #[inline(always)]
    fn to_float(self) -> Self {
        Self::from_floats(unsafe { _mm512_cvtepi32_ps(self.0) })
    }

    #[inline(always)]
    fn float_mul(self, other: Self) -> Self {
        Self::from_floats(unsafe { _mm512_mul_ps(self.floats(), other.floats()) })
    }

    #[inline(always)]
    fn float_add(self, other: Self) -> Self {
        Self::from_floats(unsafe { _mm512_add_ps(self.floats(), other.floats()) })
    }

    #[inline(always)]
    fn float_mul_add(self, other: Self, addend: Self) -> Self {
        Self::from_floats(unsafe {
            _mm512_fmadd_ps(self.floats(), other.floats(), addend.floats())
        })
    }

    #[inline(always)]
    fn float_clamp(self, low: Self, high: Self) -> Self {
        // Of two zeros, the second operand is taken.
        let raised = unsafe { _mm512_max_ps(low.floats(), self.floats()) };
        Self::from_floats(unsafe { _mm512_min_ps(high.floats(), raised) })
    }
}
