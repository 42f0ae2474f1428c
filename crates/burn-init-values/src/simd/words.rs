//! Vectors of 32-bit words.

/// The longest vectors have this many words.
pub(crate) const MOST_LANES: usize = 64;

/// A vector of 32-bit words, which are integers or the bits of f32.
///
/// Two neighbouring words make a pair: the even one is the lower half of a 64-bit number.
pub(crate) trait Words: Copy {
    /// The number of words.
    const LANES: usize;

    fn splat(word: u32) -> Self;

    /// The first [`LANES`](Self::LANES) of `words`.
    fn load(words: &[u32]) -> Self;

    /// The bits of the first [`LANES`](Self::LANES) of `floats`.
    fn load_floats(floats: &[f32]) -> Self;

    /// Writes them to the beginning of `out`.
    fn store(self, out: &mut [f32]);

    fn and(self, other: Self) -> Self;

    fn xor(self, other: Self) -> Self;

    fn add(self, other: Self) -> Self;

    fn sub(self, other: Self) -> Self;

    /// The smaller one, unsigned.
    fn min(self, other: Self) -> Self;

    fn shift_left<const N: u32>(self) -> Self;

    fn shift_right<const N: u32>(self) -> Self;

    /// Repeats the sign bit.
    fn shift_right_signed<const N: u32>(self) -> Self;

    /// Each word by another number, below 32.
    fn shift_left_by(self, shifts: Self) -> Self;

    fn leading_zeros(self) -> Self;

    /// The upper halves of the products.
    fn product_high(self, other: Self) -> Self;

    /// The products of the even words, as pairs.
    fn product_of_even(self, other: Self) -> Self;

    /// Each odd word in the place of the even one before it.
    fn odd_to_even(self) -> Self;

    /// The even words of `self`, and after each the even word of `other`.
    fn join_even(self, other: Self) -> Self;

    /// The even pairs of both, alternating, and the odd pairs.
    fn interleave_pairs(self, other: Self) -> [Self; 2];

    /// Row `index mod 1024` of the table for each word, as columns.
    fn rows(self, table: &[[u32; 4]; 1024]) -> [Self; 4];

    /// From signed integers to the nearest f32.
    fn to_float(self) -> Self;

    /// The products of f32.
    fn float_mul(self, other: Self) -> Self;

    /// The sums of f32.
    fn float_add(self, other: Self) -> Self;

    /// Of f32: the product and `addend`, rounded once.
    fn float_mul_add(self, other: Self, addend: Self) -> Self;

    /// As `f32::clamp`, for numbers.
    fn float_clamp(self, low: Self, high: Self) -> Self;
}
