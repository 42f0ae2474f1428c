//! How many instructions a parameter of 256 × 256 = 65,536 elements takes: a number that doesn't
//! depend on what else the machine does.
//!
//! ```console
//! $ cargo bench --package burn-init-benches --bench instructions
//! ```
//!
//! It needs valgrind and gungraun-runner; docs/book/speed.md says how to install them. Valgrind knows
//! no AVX-512, so what is counted is the code for AVX2.

#![expect(missing_docs, reason = "gungraun's macros write public items")]

use std::hint::black_box;

use burn_init::{AnyInitializer, Initializer, Seed, WeightLayout};
use burn_init_benches::initializers;
use gungraun::prelude::*;
use gungraun::{Callgrind, main};

/// The initializer, in a process with one thread: only what this thread does is counted.
fn on_this_thread(init: impl Into<AnyInitializer>) -> AnyInitializer {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build_global()
        .expect("the only thread pool of this process");
    init.into()
}

#[library_benchmark]
#[bench::uniform(on_this_thread(initializers::uniform()))]
#[bench::normal(on_this_thread(initializers::normal()))]
#[bench::he_normal(on_this_thread(initializers::he_normal()))]
#[bench::truncated_normal(on_this_thread(initializers::truncated_normal()))]
#[bench::sparse(on_this_thread(initializers::sparse()))]
#[bench::wavelet_haar(on_this_thread(initializers::wavelet_haar()))]
#[bench::wavelet_db4(on_this_thread(initializers::wavelet_db4()))]
#[bench::wavelet_orthogonal(on_this_thread(initializers::wavelet_orthogonal()))]
#[bench::orthogonal(on_this_thread(initializers::orthogonal()))]
fn draw(init: AnyInitializer) -> Vec<f32> {
    let layout = WeightLayout::linear([256, 256]);
    let values = black_box(&init).draw(&layout, Seed::new(42).key("weight"));
    values.expect("an initializer that fits")
}

library_benchmark_group!(name = fill, benchmarks = draw);
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = fill
);
