//! What a value depends on: the seed, the parameter's path, and a stream.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

/// The seed of a model: one number from which every weight follows.
///
/// ```
/// use burn_init_values::Seed;
/// assert_eq!(Seed::new(42).key("fc1.weight"), Seed::from(42).key("fc1.weight"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    /// A seed. All 64 bits count.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The key of the parameter at `path`, such as `fc1.weight`.
    pub fn key(self, path: &str) -> Key {
        Key {
            seed: self.0,
            path_hash: hash(path),
            stream: 0,
            purpose: Purpose::Values,
        }
    }
}

/// SipHash-2-4 of a path.
pub(crate) fn hash(path: &str) -> u64 {
    let mut hasher = SipHasher24::new();
    hasher.write(path.as_bytes());
    hasher.finish()
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}

/// What the draws of one parameter are a function of: the seed, the path's hash and a stream.
///
/// A key addresses 2⁴⁸ blocks of four 32-bit words. The word with index `i` is word `i mod 4` of block
/// `i / 4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    seed: u64,
    path_hash: u64,
    stream: u8,
    purpose: Purpose,
}

impl Key {
    /// The same parameter's draws once more, independent of those of all other streams. The usual
    /// one is stream 0.
    pub const fn stream(self, stream: u8) -> Self {
        Self { stream, ..self }
    }

    /// SipHash-2-4 of the path, with a key of zeros: a number for the parameter that doesn't depend on the
    /// seed.
    pub const fn path_hash(self) -> u64 {
        self.path_hash
    }

    /// The key of a part of the parameter, such as the query of a packed weight: its draws are
    /// independent of those of all other parts and parameters.
    pub fn part(self, number: usize) -> Self {
        let mut hasher = SipHasher24::new();
        hasher.write(&self.path_hash.to_le_bytes());
        hasher.write(&(number as u64).to_le_bytes());
        Self {
            path_hash: hasher.finish(),
            ..self
        }
    }

    /// The draws of the parameter at another path, for what has to go with them.
    pub(crate) fn at(self, path: &str) -> Self {
        Self {
            path_hash: hash(path),
            ..self
        }
    }

    /// Draws of the same stream for another purpose, independent of its values.
    pub(crate) const fn purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The key of what several parameters share by a name, whatever their paths.
    pub(crate) fn shared(self, name: &str) -> Self {
        Self {
            path_hash: Seed(self.seed).key(name).path_hash,
            ..self
        }
    }

    /// The two halves of Philox's key, low half first.
    pub const fn philox_key(&self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    /// Philox's counter for a block of four words, of which 48 bits count: block, low 32 bits | its next 16
    /// bits and the stream | hash of the path.
    pub const fn counter(&self, block: u64) -> [u32; 4] {
        [
            block as u32,
            ((block >> 32) as u32 & 0xffff)
                | (self.purpose as u32) << 16
                | (self.stream as u32) << 24,
            self.path_hash as u32,
            (self.path_hash >> 32) as u32,
        ]
    }
}

/// What draws are for: the lower half of the 16 bits that tell streams apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// The values of the elements.
    Values = 0,
    /// Which elements are chosen.
    Mask = 1,
    /// The vectors of random reflections.
    Reflection = 2,
    /// Signs.
    Signs = 3,
    /// A permutation.
    Permutation = 4,
    /// The levels of wavelets.
    Level = 5,
    /// The parameters of sampled functions.
    Atom = 6,
    /// Which vectors get one more than others.
    Remainder = 7,
    /// An order in which a pattern is repaired.
    Repair = 8,
    /// Rotations.
    Rotation = 9,
    /// Which wavelets are chosen.
    Wavelets = 10,
    /// The centres of receptive fields.
    Centre = 15,
    /// What a query and a key share.
    QueryKey = 16,
    /// What a value and a projection share.
    ValueProjection = 17,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SipHash-2-4 with a zero key, as given by OpenSSL 3 (`openssl mac -macopt hexkey:00..
    /// SIPHASH`).
    #[test]
    fn path_hash_is_siphash_2_4() {
        let key = Seed::new(0).key("");
        assert_eq!(key.path_hash, 0x1e92_4b9d_7377_00d7);
    }

    /// A machine that is told a key has the same one.
    #[test]
    fn keys_in_files() {
        let key = Seed::new(5).key("a").stream(7);
        let hash = key.path_hash;
        let json = format!(r#"{{"seed":5,"path_hash":{hash},"stream":7,"purpose":"values"}}"#);
        assert_eq!(serde_json::to_string(&key).unwrap(), json);
        assert_eq!(serde_json::from_str::<Key>(&json).unwrap(), key);
        assert!(serde_json::from_str::<Key>(&json.replace("stream", "steam")).is_err());
    }

    #[test]
    fn counter_layout() {
        let key = Seed::new(0x0123_4567_89ab_cdef)
            .key("a")
            .stream(7)
            .purpose(Purpose::Signs);
        assert_eq!(key.philox_key(), [0x89ab_cdef, 0x0123_4567]);
        let counter = key.counter(0x1_2345_6789);
        assert_eq!(counter[..2], [0x2345_6789, 0x0703_0001]);
        let hash = u64::from(counter[2]) | u64::from(counter[3]) << 32;
        assert_eq!(hash, key.path_hash);
    }
}
