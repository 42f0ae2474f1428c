//! The kernel: Philox, distributions and their scaling, in integers.
//!
//! Compilers for devices fuse a product and a sum, and WGSL promises neither how floats are rounded nor that
//! subnormal ones are kept. So floats are multiplied, added and rounded in integers here: every device gives
//! the CPU's bits. A float is the word of its bits. None is NaN, and none but bounds is infinite.

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

/// Where the elements lie in the weight that they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// They are the first ones.
    Whole,
    /// They lie in runs of whole blocks of four.
    Blocks,
    /// They lie in runs of any length.
    Any,
}

/// What a word becomes at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Start {
    Uniform,
    Normal,
    NormalBetween,
}

/// The type of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Float {
    F32,
    F16,
    Bf16,
}

/// The words of a recipe before its runs: Philox's counter for the first block and its key, the first position
/// and the number of positions of a normal between two bounds, the bounds of a narrow element as ranks.
const HEAD: usize = 10;

/// The words of the runs before their axes: the number of axes, the length of a run, where the first one begins (its
/// low and its high half).
const RUNS: usize = 4;

/// The words of an axis of runs: how many there are along it, how far apart they begin (two halves). Behind the axes
/// come the steps.
const AXIS: usize = 3;

/// The words of a step: factor, addend, low, high.
const STEP: usize = 4;

const SIGN: u32 = 0x8000_0000;
const MAGNITUDE: u32 = 0x7fff_ffff;
const INFINITY: u32 = 0x7f80_0000;
const FRACTION: u32 = 0x007f_ffff;

/// The elements of a parameter, as many as `out` has room for. Each unit makes those of a block of four; two
/// that are narrower than f32 share a word.
#[cube(launch_unchecked)]
pub(super) fn draw_elements(
    recipe: &[u32],
    coefficients: &[u32],
    out: &mut [u32],
    #[comptime] place: Place,
    #[comptime] start: Start,
    #[comptime] float: Float,
) {
    let words = block(recipe, ABSOLUTE_POS as u32, place);
    let a = value(words.a, recipe, coefficients, start);
    let b = value(words.b, recipe, coefficients, start);
    let c = value(words.c, recipe, coefficients, start);
    let d = value(words.d, recipe, coefficients, start);
    if comptime!(float == Float::F32) {
        let first = ABSOLUTE_POS * 4;
        write(out, first, a);
        write(out, first + 1, b);
        write(out, first + 2, c);
        write(out, first + 3, d);
    } else {
        let first = ABSOLUTE_POS * 2;
        let low = pair(narrow(a, recipe, float), narrow(b, recipe, float));
        let high = pair(narrow(c, recipe, float), narrow(d, recipe, float));
        write(out, first, low);
        write(out, first + 1, high);
    }
}

/// The same word everywhere.
#[cube(launch_unchecked)]
pub(super) fn repeat(word: u32, out: &mut [u32]) {
    write(out, ABSOLUTE_POS, word);
}

#[cube]
fn write(out: &mut [u32], place: usize, word: u32) {
    if place < out.len() {
        out[place] = word;
    }
}

#[cube]
fn pair(low: u32, high: u32) -> u32 {
    low | (high << 16u32)
}

/// A block.
#[derive(CubeType)]
struct Block {
    a: u32,
    b: u32,
    c: u32,
    d: u32,
}

/// An index of an element of the weight, a number of 64 bits.
#[derive(CubeType)]
struct Halves {
    low: u32,
    high: u32,
}

/// The words of the four elements of this unit.
#[cube]
fn block(recipe: &[u32], unit: u32, #[comptime] place: Place) -> Block {
    if comptime!(place == Place::Whole) {
        philox(recipe, unit, 0u32)
    } else if comptime!(place == Place::Blocks) {
        block_of(recipe, &index(recipe, unit * 4u32))
    } else {
        let first = unit * 4u32;
        Block {
            a: word(recipe, first),
            b: word(recipe, first + 1u32),
            c: word(recipe, first + 2u32),
            d: word(recipe, first + 3u32),
        }
    }
}

/// The word of an element.
#[cube]
fn word(recipe: &[u32], element: u32) -> u32 {
    let own = index(recipe, element);
    let block = block_of(recipe, &own);
    let is_odd = (own.low & 1u32) != 0u32;
    let lower = select(is_odd, block.b, block.a);
    let upper = select(is_odd, block.d, block.c);
    select((own.low & 2u32) != 0u32, upper, lower)
}

/// The index in the weight of an element that is so many after the first.
#[cube]
fn index(recipe: &[u32], element: u32) -> Halves {
    let len = recipe[comptime!(HEAD + 1)];
    let mut run = element / len;
    let within = element - run * len;
    let first = recipe[comptime!(HEAD + 2)];
    let mut low = first + within;
    let mut high = recipe[comptime!(HEAD + 3)] + u32::cast_from(low < first);
    let axes = usize::cast_from(recipe[HEAD]);
    for number in 0..axes {
        let axis = comptime!(HEAD + RUNS) + number * AXIS;
        let count = recipe[axis];
        let rest = run / count;
        let place = run - rest * count;
        run = rest;
        let stride = recipe[axis + 1];
        let before = low;
        low = before + place * stride;
        let carry = u32::cast_from(low < before);
        high = high + place.mul_hi(stride) + place * recipe[axis + 2] + carry;
    }
    Halves { low, high }
}

/// The block that an element's word is in.
#[cube]
fn block_of(recipe: &[u32], index: &Halves) -> Block {
    philox(
        recipe,
        (index.low >> 2u32) | (index.high << 30u32),
        (index.high >> 2u32) & 0xffffu32,
    )
}

/// Philox4x32-10 of the block that is so many after the first, a number of 48 bits.
#[cube]
fn philox(recipe: &[u32], low: u32, high: u32) -> Block {
    let mut a = low;
    let mut b = recipe[1] + high;
    let mut c = recipe[2];
    let mut d = recipe[3];
    let key_a = recipe[4];
    let key_b = recipe[5];
    #[unroll]
    for round in 0..10u32 {
        let round_a = key_a + comptime!(0x9e37_79b9u32.wrapping_mul(round));
        let round_b = key_b + comptime!(0xbb67_ae85u32.wrapping_mul(round));
        let by_a = u32::new(0xd251_1f53i64);
        let by_c = u32::new(0xcd9e_8d57i64);
        let high_a = by_a.mul_hi(a);
        let low_a = by_a * a;
        let high_c = by_c.mul_hi(c);
        let low_c = by_c * c;
        a = high_c ^ b ^ round_a;
        b = low_c;
        c = high_a ^ d ^ round_b;
        d = low_a;
    }
    Block { a, b, c, d }
}

/// What a word becomes, as an f32.
#[cube]
fn value(word: u32, recipe: &[u32], coefficients: &[u32], #[comptime] start: Start) -> u32 {
    let mut x = if comptime!(start == Start::Uniform) {
        uniform(word)
    } else if comptime!(start == Start::Normal) {
        normal(word, coefficients)
    } else {
        normal_between(word, recipe[6], recipe[7], coefficients)
    };
    let first = comptime!(HEAD + RUNS) + usize::cast_from(recipe[HEAD]) * AXIS;
    let steps = (recipe.len() - first) / STEP;
    for number in 0..steps {
        let step = first + number * STEP;
        let moved = sum(product(x, recipe[step]), recipe[step + 1]);
        x = clamp(moved, recipe[step + 2], recipe[step + 3]);
    }
    x
}

/// (2k + 1)·2⁻²⁴ for the upper 24 bits k, as a signed number.
#[cube]
fn uniform(word: u32) -> u32 {
    let sign = 0u32 - (word >> 31u32);
    let magnitude = (((word >> 8u32) ^ sign) & 0x00ff_ffffu32) * 2u32 + 1u32;
    from_fixed(word & SIGN, magnitude, 24i32)
}

#[cube]
fn normal(word: u32, coefficients: &[u32]) -> u32 {
    from_fixed(word << 31u32, upper_tail(word | 1u32, coefficients), 28i32)
}

/// By the position among the normal's values in ascending order; a `count` of 0 is 2³².
#[cube]
fn normal_between(word: u32, first: u32, count: u32, coefficients: &[u32]) -> u32 {
    let position = first + select(count == 0u32, word, word.mul_hi(count));
    let upper = position >> 31u32;
    let from_end = position ^ (0u32 - upper);
    let magnitude = upper_tail(from_end * 2u32 + 1u32, coefficients);
    from_fixed((1u32 - upper) << 31u32, magnitude, 28i32)
}

/// Q(u / 2³³) with 28 fractional bits, for an odd `u`.
#[cube]
fn upper_tail(u: u32, coefficients: &[u32]) -> u32 {
    let octave = u.leading_zeros();
    let after = (u << octave) << 1u32;
    let row = usize::cast_from(((octave << 5u32) + (after >> 27u32)) << 2u32);
    let t = after << 5u32;
    let y = coefficients[row + 2] - coefficients[row + 3].mul_hi(t);
    let y = coefficients[row + 1] - y.mul_hi(t);
    let y = (y.mul_hi(t) + 128u32) >> 8u32;
    let c0 = coefficients[row];
    c0 - y.min(c0)
}

/// An integer with so many fractional bits, to the nearest f32. No zero has a sign.
#[cube]
fn from_fixed(sign: u32, magnitude: u32, #[comptime] fraction_bits: i32) -> u32 {
    let zeros = magnitude.leading_zeros();
    let exponent = comptime!(158i32 - fraction_bits) - i32::cast_from(zeros);
    let sign = select(magnitude == 0u32, 0u32, sign);
    rounded(sign, exponent, magnitude << (zeros & 31u32))
}

/// a · b to the nearest f32.
#[cube]
fn product(a: u32, b: u32) -> u32 {
    let m_zeros = mantissa(a).leading_zeros();
    let n_zeros = mantissa(b).leading_zeros();
    let m = mantissa(a) << (m_zeros & 31u32);
    let n = mantissa(b) << (n_zeros & 31u32);
    let high = m.mul_hi(n);
    let low = m * n;
    // The product's highest bit is the first or the second one.
    let shift = 1u32 - (high >> 31u32);
    let high = (high << shift) | ((low >> 31u32) & shift);
    let rest = u32::cast_from((low << shift) != 0u32);
    let zeros = i32::cast_from(m_zeros + n_zeros + shift);
    rounded(
        (a ^ b) & SIGN,
        exponent(a) + exponent(b) - 126i32 - zeros,
        high | rest,
    )
}

/// a + b to the nearest f32.
#[cube]
fn sum(a: u32, b: u32) -> u32 {
    let ordered = (a & MAGNITUDE) >= (b & MAGNITUDE);
    let large = select(ordered, a, b);
    let small = select(ordered, b, a);
    let distance = u32::cast_from((exponent(large) - exponent(small)).min(31i32));
    // A bit for what is carried, and seven below the last one that counts.
    let m = mantissa(large) >> 1u32;
    let n = shifted(mantissa(small) >> 1u32, distance);
    let differ = (large ^ small) & SIGN;
    let total = select(differ == 0u32, m + n, m - n);
    let zeros = total.leading_zeros();
    // What vanishes is +0; two negative zeros stay one.
    let sign = select(total == 0u32 && differ != 0u32, 0u32, large & SIGN);
    let exponent = exponent(large) + 1i32 - i32::cast_from(zeros);
    rounded(sign, exponent, total << (zeros & 31u32))
}

/// As `f32::clamp`.
#[cube]
fn clamp(x: u32, low: u32, high: u32) -> u32 {
    let x = select(rank(x) < rank(low), low, x);
    select(rank(x) > rank(high), high, x)
}

/// Floats in ascending order have ascending ranks, and both zeros have one.
#[cube]
fn rank(x: u32) -> i32 {
    let sign = 0u32 - (x >> 31u32);
    i32::cast_from(((x & MAGNITUDE) ^ sign) - sign)
}

/// The exponent of a float, with the bias of 127. That of a subnormal number is the lowest one.
#[cube]
fn exponent(x: u32) -> i32 {
    i32::cast_from((x & INFINITY) >> 23u32).max(1i32)
}

/// What stands before the exponent's power of two, with 31 fractional bits.
#[cube]
fn mantissa(x: u32) -> u32 {
    let leading = u32::cast_from((x & INFINITY) != 0u32);
    ((x & FRACTION) | (leading << 23u32)) << 8u32
}

/// A mantissa of which the lowest bits fall off, up to 31. If one of them is set, the lowest that stays is.
#[cube]
fn shifted(mantissa: u32, down: u32) -> u32 {
    let fallen = mantissa & ((1u32 << down) - 1u32);
    (mantissa >> down) | u32::cast_from(fallen != 0u32)
}

/// The f32 that is nearest to a mantissa whose highest bit is set, or which is 0, with its exponent.
#[cube]
fn rounded(sign: u32, exponent: i32, mantissa: u32) -> u32 {
    let down = (1i32 - exponent).clamp(0i32, 31i32);
    let kept = shifted(mantissa, u32::cast_from(down));
    let before = u32::cast_from(exponent.clamp(1i32, 255i32) - 1i32) << 23u32;
    let bits = (before + halves_to_even(kept, 8u32)).min(INFINITY);
    select(mantissa == 0u32, 0u32, bits) | sign
}

/// x / 2^`bits` to the nearest integer.
#[cube]
fn halves_to_even(x: u32, bits: u32) -> u32 {
    let quotient = x >> bits;
    let rest = x - (quotient << bits);
    let up = (rest + (1u32 << (bits - 1u32)) - 1u32 + (quotient & 1u32)) >> bits;
    quotient + up
}

/// The nearest number of 16 bits within the bounds; none is beyond the largest one.
#[cube]
fn narrow(x: u32, recipe: &[u32], #[comptime] float: Float) -> u32 {
    let magnitude = x & MAGNITUDE;
    let bits = if comptime!(float == Float::Bf16) {
        halves_to_even(magnitude, 16u32)
    } else {
        // From a bias of 127 to one of 15. From 2⁻²⁵ down, all are 0.
        let normal = magnitude >= comptime!(113u32 << 23u32);
        let leading = (magnitude & FRACTION) | comptime!(1u32 << 23u32);
        let down = (126i32 - exponent(x)).clamp(14i32, 25i32);
        let shared = halves_to_even(magnitude - comptime!(112u32 << 23u32), 13u32);
        select(
            normal,
            shared,
            halves_to_even(leading, u32::cast_from(down)),
        )
    };
    let bits = bits << 16u32;
    clamp(bits | (x & SIGN), recipe[8], recipe[9]) >> 16u32
}
