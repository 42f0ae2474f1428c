//! Few elements of a huge parameter take little memory.
//!
//! The count of allocated bytes is the process's: all is in a single test.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use burn_init_values::sparse::Pattern;
use burn_init_values::weight::Region;
use burn_init_values::{
    AnyInitializer, Initializer, Normal, Sparse, UnitNorm, VarianceScaling, Wavelet, WeightLayout,
};
use common::{key, to_bits};

/// The system's memory, counted.
struct Counted;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTED: Counted = Counted;

/// What `work` gives on two threads: each has working memory of its own.
#[cfg(feature = "rayon")]
fn on_two_threads<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let two = rayon::ThreadPoolBuilder::new().num_threads(2);
    two.build().unwrap().install(work)
}

#[cfg(not(feature = "rayon"))]
fn on_two_threads<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// What `work` gives, which may take less than 4 MiB at any time.
fn in_little_memory<T>(work: impl FnOnce() -> T) -> T {
    in_memory(4 << 20, work)
}

/// What `work` gives, which may take less than `most` bytes at any time.
fn in_memory<T>(most: usize, work: impl FnOnce() -> T) -> T {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    let peak = PEAK.load(Relaxed) - before;
    assert!(peak < most, "{peak} bytes");
    result
}

/// 2¹⁷ neurons of 2¹⁷ inputs: 64 GiB.
#[test]
fn few_elements_of_a_huge_weight() {
    on_two_threads(|| {
        check_huge_weights();
        check_dense_regions();
    });
    check_given_mask();
    check_reconnected();
}

/// One neuron of 8192² weights, whose mask takes 64 MiB: the mask isn't copied, nor packed as a whole.
fn check_given_mask() {
    const N: usize = 1 << 13;
    let init = Sparse::new(Pattern::Given((0..N * N).map(|i| i % 3 == 0).collect()));
    let layout = WeightLayout::linear_col([N, N]);
    let start = 4321 * N;
    let neuron = in_little_memory(|| {
        let mut neuron = vec![0.0; N];
        init.fill(&layout, key(), start, &mut neuron).unwrap();
        neuron
    });
    for (w, i) in neuron.into_iter().zip(start..) {
        assert_eq!(w != 0.0, i % 3 == 0, "{i}");
    }
}

/// 2¹⁹ weights take 2 MiB, their mask and its order less than one more: less than the order of all
/// cells, as numbers, would take.
fn check_reconnected() {
    let init = Sparse::exact(4).reconnect();
    let layout = WeightLayout::linear([1024, 512]);
    let weights = in_little_memory(|| init.draw(&layout, key()).unwrap());
    assert_eq!(weights.iter().filter(|w| **w != 0.0).count(), 4 * 512);
    for input in weights.chunks(512) {
        assert!(input.iter().any(|w| *w != 0.0));
    }
}

fn check_huge_weights() {
    const N: usize = 1 << 17;
    const NEURON: usize = 98_765;
    for (init, least, most) in [
        (Sparse::exact(8), 8, 8),
        // The standard deviation of the number is √(0.09·2¹⁷) = 109: 5 of them.
        (Sparse::new(Pattern::Bernoulli(0.1)), 12_564, 13_650),
    ] {
        let part = |layout: &WeightLayout, start: usize, len: usize| {
            in_little_memory(|| {
                let mut part = vec![f32::NAN; len];
                init.fill(layout, key(), start, &mut part).unwrap();
                part
            })
        };
        check_regions(&init.clone().into(), 4 << 20);
        // A neuron of consecutive weights.
        let col = WeightLayout::linear_col([N, N]);
        let neuron = part(&col, NEURON * N, N);
        let kept: Vec<usize> = (0..N).filter(|i| neuron[*i] != 0.0).collect();
        assert!(
            (least..=most).contains(&kept.len()),
            "{init}: {}",
            kept.len()
        );
        for place in [0, kept[0], kept[7], N - 32] {
            let begin = place.saturating_sub(16).min(N - 32);
            let few = part(&col, NEURON * N + begin, 32);
            assert_eq!(to_bits(&few), to_bits(&neuron[begin..begin + 32]), "{init}");
        }
        // Across the end of a neuron.
        let ends = part(&col, (NEURON + 1) * N - 5, 10);
        assert_eq!(to_bits(&ends[..5]), to_bits(&neuron[N - 5..]), "{init}");

        // The same neuron where its weights are spread over all of the parameter: other values, at
        // the same places.
        let row = WeightLayout::linear([N, N]);
        for place in [0, kept[0], kept[3], kept[7], N - 1] {
            let at = place * N + NEURON;
            let around = part(&row, at - 8, 16);
            assert_eq!(around[8] != 0.0, kept.contains(&place), "{init}");
            for (begin, len) in [(0, 4), (5, 6), (8, 1), (12, 4)] {
                let few = part(&row, at - 8 + begin, len);
                assert_eq!(
                    to_bits(&few),
                    to_bits(&around[begin..begin + len]),
                    "{init}"
                );
            }
        }
    }
}

/// A small box of a huge weight takes memory for itself and a few vectors, and has the bits of the ranges
/// that it consists of.
fn check_regions(init: &AnyInitializer, most: usize) {
    const N: usize = 1 << 17;
    for layout in [
        WeightLayout::linear([N, N]),
        WeightLayout::linear_col([N, N]),
    ] {
        let region = Region::new([N, N], [70_000..70_100, 99_998..100_001]).unwrap();
        let fitted = init.fit(&layout).unwrap();
        let part = in_memory(most, || fitted.draw_region(key(), &region).unwrap());
        for row in [0, 42, 99] {
            let mut range = [f32::NAN; 3];
            let start = (70_000 + row) * N + 99_998;
            fitted.fill(key(), start, &mut range).unwrap();
            assert_eq!(to_bits(&part[3 * row..][..3]), to_bits(&range), "{init}");
        }
    }
}

/// As above, of dense initializers. On each of two threads, wavelets are made of 16 vectors at a time
/// where these lie side by side, in room for twice as many.
fn check_dense_regions() {
    for init in [
        Normal::fan_in().into(),
        VarianceScaling::he_normal().into(),
        UnitNorm::new().into(),
    ] {
        check_regions(&init, 4 << 20);
    }
    let vector = 4 << 17;
    check_regions(&Wavelet::haar().into(), 2 * 36 * vector);
}
