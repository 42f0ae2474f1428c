//! Two vectors as one, so that two computations are in flight at a time.

use super::Words;

/// Twice as many words.
#[derive(Clone, Copy)]
pub(crate) struct Two<W>(W, W);

impl<W: Words> Words for Two<W> {
    const LANES: usize = 2 * W::LANES;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(W::splat(word), W::splat(word))
    }

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        Self(W::load(words), W::load(&words[W::LANES..]))
    }

    #[inline(always)]
    fn load_floats(floats: &[f32]) -> Self {
        Self(W::load_floats(floats), W::load_floats(&floats[W::LANES..]))
    }

    #[inline(always)]
    fn store(self, out: &mut [f32]) {
        self.0.store(out);
        self.1.store(&mut out[W::LANES..]);
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0), self.1.and(other.1))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0.xor(other.0), self.1.xor(other.1))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.add(other.0), self.1.add(other.1))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0.sub(other.0), self.1.sub(other.1))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1))
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(self.0.shift_left::<N>(), self.1.shift_left::<N>())
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(self.0.shift_right::<N>(), self.1.shift_right::<N>())
    }

    #[inline(always)]
    fn shift_right_signed<const N: u32>(self) -> Self {
        Self(
            self.0.shift_right_signed::<N>(),
            self.1.shift_right_signed::<N>(),
        )
    }

    #[inline(always)]
    fn shift_left_by(self, shifts: Self) -> Self {
        Self(
            self.0.shift_left_by(shifts.0),
            self.1.shift_left_by(shifts.1),
        )
    }

    #[inline(always)]
    fn leading_zeros(self) -> Self {
        Self(self.0.leading_zeros(), self.1.leading_zeros())
    }

    #[inline(always)]
    fn product_high(self, other: Self) -> Self {
        Self(self.0.product_high(other.0), self.1.product_high(other.1))
    }

    #[inline(always)]
    fn product_of_even(self, other: Self) -> Self {
        Self(
            self.0.product_of_even(other.0),
            self.1.product_of_even(other.1),
        )
    }

    #[inline(always)]
    fn odd_to_even(self) -> Self {
        Self(self.0.odd_to_even(), self.1.odd_to_even())
    }

    #[inline(always)]
    fn join_even(self, other: Self) -> Self {
        Self(self.0.join_even(other.0), self.1.join_even(other.1))
    }

    #[inline(always)]
    fn interleave_pairs(self, other: Self) -> [Self; 2] {
        let [low_0, high_0] = self.0.interleave_pairs(other.0);
        let [low_1, high_1] = self.1.interleave_pairs(other.1);
        [Self(low_0, low_1), Self(high_0, high_1)]
    }

    #[inline(always)]
    fn rows(self, table: &[[u32; 4]; 1024]) -> [Self; 4] {
        let [a0, b0, c0, d0] = self.0.rows(table);
        let [a1, b1, c1, d1] = self.1.rows(table);
        [Self(a0, a1), Self(b0, b1), Self(c0, c1), Self(d0, d1)]
    }

    #[inline(always)]
    fn to_float(self) -> Self {
        Self(self.0.to_float(), self.1.to_float())
    }

    #[inline(always)]
    fn float_mul(self, other: Self) -> Self {
        Self(self.0.float_mul(other.0), self.1.float_mul(other.1))
    }

    #[inline(always)]
    fn float_add(self, other: Self) -> Self {
        Self(self.0.float_add(other.0), self.1.float_add(other.1))
    }

    #[inline(always)]
    fn float_mul_add(self, other: Self, addend: Self) -> Self {
        Self(
            self.0.float_mul_add(other.0, addend.0),
            self.1.float_mul_add(other.1, addend.1),
        )
    }

    #[inline(always)]
    fn float_clamp(self, low: Self, high: Self) -> Self {
        Self(
            self.0.float_clamp(low.0, high.0),
            self.1.float_clamp(low.1, high.1),
        )
    }
}
