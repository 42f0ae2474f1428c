//! One number for all values of a parameter or a model.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::InitError;
use crate::key::hash;
use crate::parallel::sum_of_chunks;
use crate::weight::{Region, Runs};

/// One number for all values of a parameter or a model, to compare copies of it by: on other devices, in
/// other processes, after a save and a load.
///
/// It is Σ h(path, i, wᵢ) mod 2⁶⁴ over all elements, i being the element's index in the whole parameter and
/// h a hash of 64 bits. A sum has no order, and so the digests of shards add up to that of the whole, and
/// those of parameters to that of a model. Different models have the same digest with a probability of
/// 2⁻⁶⁴, but where somebody makes them so: it isn't a cryptographic hash.
///
/// What counts are the numbers, not their types: an f32 has the digest of the f64 that it widens to. A model
/// that was rounded to bf16 has other numbers, and so another digest, than before. 0 and −0 are different
/// numbers here, and all NaNs are the same. No parameter has the digest 0 but an empty one (and one of 2⁶⁴).
///
/// ```
/// use burn_init_values::weight::Shard;
/// use burn_init_values::{Digest, Initializer, Normal, Seed, WeightLayout};
///
/// let (layout, path) = (WeightLayout::linear([100, 64]), "fc1.weight");
/// let normal = Normal::fan_in().fit(&layout)?;
/// let key = Seed::new(42).key(path);
/// let whole = Digest::of(path, &normal.draw(key)?);
///
/// let mut sum = Digest::default();
/// for index in 0..4 {
///     let shard = Shard::new(1, index, 4)?.region(layout.shape())?;
///     sum += Digest::of_region(path, &shard, &normal.draw_region(key, &shard)?)?;
/// }
/// assert_eq!(sum, whole);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest(u64);

/// Elements that one task hashes.
const CHUNK: usize = 1 << 14;

impl Digest {
    /// The digest of all values of the parameter at this path, in row-major order of its saved layout.
    pub fn of<T: Copy + Into<f64> + Sync>(path: &str, values: &[T]) -> Self {
        Self::of_runs(path, &Runs::of(0..values.len()), values)
    }

    /// What the values of a part add to the digest of the whole parameter, in row-major order of the
    /// part.
    ///
    /// # Errors
    ///
    /// If there isn't a value for each element of the part.
    pub fn of_region<T: Copy + Into<f64> + Sync>(
        path: &str,
        region: &Region,
        values: &[T],
    ) -> Result<Self, InitError> {
        if region.elements() != values.len() {
            let (elements, values) = (region.elements(), values.len());
            let problem = format!("the region {region} has {elements} elements, not {values}");
            return Err(InitError::shape(region.whole(), problem));
        }
        Ok(Self::of_runs(path, &region.runs(), values))
    }

    fn of_runs<T: Copy + Into<f64> + Sync>(path: &str, runs: &Runs, values: &[T]) -> Self {
        let path = hash(path);
        Self(sum_of_chunks(values, CHUNK, |number, chunk| {
            let (mut begin, mut rest, mut sum) = (number * CHUNK, chunk, 0u64);
            while !rest.is_empty() {
                let (run, place) = (begin / runs.len, begin % runs.len);
                let (now, later) = rest.split_at((runs.len - place).min(rest.len()));
                let first = (runs.start(run) + place) as u64;
                for (index, value) in (first..).zip(now) {
                    sum = sum.wrapping_add(element(path, index, (*value).into()));
                }
                (begin, rest) = (begin + now.len(), later);
            }
            sum
        }))
    }

    /// The number.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The digest of this number.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// The hash of one element: of its path's hash and its index, and then of its value.
fn element(path: u64, index: u64, value: f64) -> u64 {
    // The payload of a NaN may differ between machines.
    let bits = if value.is_nan() {
        f64::NAN.to_bits() & !(1 << 63)
    } else {
        value.to_bits()
    };
    mix(mix(path.wrapping_add(mix(index))) ^ bits)
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014; constants by Stafford), after a step of its sequence,
/// so that 0 isn't its own image.
fn mix(bits: u64) -> u64 {
    let z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Add for Digest {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl AddAssign for Digest {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Digest {
    fn sum<I: Iterator<Item = Self>>(digests: I) -> Self {
        digests.fold(Self::default(), Add::add)
    }
}

/// Sixteen hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// As text, since numbers of 64 bits don't pass through every JSON reader.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bits = u64::from_str_radix(&text, 16);
        bits.map(Self).map_err(|_| {
            let problem = format!("`{text}` isn't a digest, up to sixteen hexadecimal digits");
            serde::de::Error::custom(problem)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of SplitMix64 from the seed 1234567, as the Java code of Steele et al. and Rosetta
    /// Code give them.
    #[test]
    fn mix_is_split_mix_64() {
        let step = 0x9e37_79b9_7f4a_7c15u64;
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        for (i, expected) in (0..).zip(expected) {
            assert_eq!(mix(step.wrapping_mul(i).wrapping_add(1_234_567)), expected);
        }
    }

    /// Shards in any order, cut along any axis, add up to the whole.
    #[test]
    fn regions_add_up() -> Result<(), InitError> {
        let shape = [6, 50, 70];
        let values: Vec<f32> = (0..6 * 50 * 70).map(|i| (i as f32).sin()).collect();
        let whole = Digest::of("w", &values);
        for axis in 0..3 {
            let middle = shape[axis] / 3;
            let mut sum = Digest::default();
            for range in [middle..shape[axis], 0..middle] {
                let mut ranges = shape.map(|size| 0..size);
                ranges[axis] = range;
                let region = Region::new(shape, ranges)?;
                let part: Vec<f32> = (0..region.runs().count)
                    .flat_map(|run| {
                        let start = region.runs().start(run);
                        &values[start..start + region.runs().len]
                    })
                    .copied()
                    .collect();
                sum += Digest::of_region("w", &region, &part)?;
                assert!(Digest::of_region("w", &region, &part[1..]).is_err());
            }
            assert_eq!(sum, whole);
        }
        Ok(())
    }

    /// Everything that counts changes it; types don't.
    #[test]
    fn what_counts() {
        let base = Digest::of("w", &[1.0f32, 2.0, f32::NAN, 0.0]);
        assert_eq!(base, Digest::of("w", &[1.0f64, 2.0, -f64::NAN, 0.0]));
        let others = [
            Digest::of("v", &[1.0, 2.0, f32::NAN, 0.0]),
            Digest::of("w", &[2.0, 1.0, f32::NAN, 0.0]),
            Digest::of("w", &[1.0, 2.0, f32::NAN, -0.0]),
            Digest::of("w", &[1.0, 2.0, f32::NAN]),
            Digest::of("w", &[1.0, 2.0f32.next_up(), f32::NAN, 0.0]),
            Digest::of::<f32>("w", &[]),
        ];
        for other in others {
            assert_ne!(base, other);
        }
        assert_eq!(Digest::of::<f32>("w", &[]), Digest::default());
    }

    /// One bit of a value or of an index changes half of the digest's bits: of n independent bits, the share
    /// that changes has a standard deviation of 0.5/√n.
    #[test]
    fn avalanche() {
        let n = 4096u64;
        let mut flipped = 0u64;
        for i in 0..n {
            let value = f64::from((i as f32).sin());
            let base = element(7, i, value);
            // The bits that f32 has of an f64's fraction.
            let other = f64::from_bits(value.to_bits() ^ 1 << (29 + i % 23));
            flipped += u64::from((base ^ element(7, i, other)).count_ones());
            flipped += u64::from((base ^ element(7, i ^ 1 << (i % 40), value)).count_ones());
        }
        let share = flipped as f64 / (2 * n * 64) as f64;
        let std = 0.5 / ((2 * n * 64) as f64).sqrt();
        // A false alarm once in 1.7 million.
        assert!((share - 0.5).abs() < 5.0 * std, "{share}");
    }

    #[test]
    fn in_files() -> Result<(), Box<dyn std::error::Error>> {
        let digest = Digest::from_bits(0x00ab_cdef_0123_4567);
        let text = r#""00abcdef01234567""#;
        assert_eq!(serde_json::to_string(&digest)?, text);
        assert_eq!(serde_json::from_str::<Digest>(text)?, digest);
        assert!(serde_json::from_str::<Digest>(r#""xyz""#).is_err());
        Ok(())
    }
}
