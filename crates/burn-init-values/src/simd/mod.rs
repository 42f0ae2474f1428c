//! Code that is compiled for several instruction sets, of which the best that the CPU has runs.
//!
//! All of them give the same bits: integers wrap, each float operation is rounded once, a fused
//! product is one that the code asks for, and sums have a fixed order. [`Portable`] is what runs on
//! other machines, and the oracle for the others. On 64-bit ARM its loops become NEON instructions.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
mod product;
#[cfg(target_arch = "x86_64")]
mod two;
mod words;

pub(crate) use portable::Portable;
pub(crate) use product::{Matrix, ProductTile};
pub(crate) use words::{MOST_LANES, Words};

use product::TileOf;
#[cfg(target_arch = "x86_64")]
use two::Two;

/// An instruction set.
pub(crate) trait Isa {
    /// Its vectors.
    type Words: Words;

    /// Tiles of products that fit its registers.
    type Tile: ProductTile;
}

/// What the compiler takes for granted on the target.
pub(crate) struct Baseline;

impl Isa for Baseline {
    type Words = Portable<8>;
    type Tile = TileOf<Portable<8>, 4, 2>;
}

/// x86-64 with AVX2 and fused products.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Isa for Avx2 {
    type Words = Two<avx2::Words8>;
    type Tile = TileOf<avx2::Words8, 4, 2>;
}

/// x86-64 with AVX-512.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Avx512;

#[cfg(target_arch = "x86_64")]
impl Isa for Avx512 {
    type Words = Two<Two<avx512::Words16>>;
    type Tile = TileOf<avx512::Words16, 8, 2>;
}

/// Work that is worth compiling for each instruction set.
///
/// `run` and what it calls in its loops must be `#[inline(always)]`: only code that is inlined into
/// [`dispatch`] is compiled for the instruction set.
pub(crate) trait Job {
    /// # Safety
    ///
    /// The CPU must have the instructions of `I`. Only [`dispatch`] calls it, and tests.
    unsafe fn run<I: Isa>(self);
}

/// Runs the job with the best instruction set of this CPU.
pub(crate) fn dispatch(job: impl Job) {
    // Safety: the CPU has it.
    unsafe { run(best(), job) }
}

/// Instruction sets, each with those before it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The best that this CPU has.
#[inline]
fn best() -> Level {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512cd") {
            Level::Avx512
        } else {
            Level::Avx2
        };
    }
    Level::Baseline
}

/// # Safety
///
/// The CPU must have the instructions of this level.
#[inline(always)]
unsafe fn run(level: Level, job: impl Job) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512cd,avx2,fma")]
        fn avx512(job: impl Job) {
            // Safety: who calls this function has seen to it.
            unsafe { job.run::<Avx512>() }
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2(job: impl Job) {
            // Safety: who calls this function has seen to it.
            unsafe { job.run::<Avx2>() }
        }
        match level {
            // Safety: as the caller promises.
            Level::Avx512 => return unsafe { avx512(job) },
            Level::Avx2 => return unsafe { avx2(job) },
            Level::Baseline => {}
        }
    }
    let _ = level;
    // Safety: every CPU has the baseline.
    unsafe { job.run::<Baseline>() }
}

/// Runs the job with every instruction set that this CPU has, the portable one first, for tests that
/// compare them; gives their number.
#[cfg(test)]
pub(crate) fn for_each_isa<K: Job>(mut job: impl FnMut() -> K) -> usize {
    let levels = [
        Level::Baseline,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512,
    ];
    let levels: Vec<Level> = levels.into_iter().filter(|l| *l <= best()).collect();
    for level in &levels {
        // Safety: the CPU has it.
        unsafe { run(*level, job()) }
    }
    levels.len()
}
