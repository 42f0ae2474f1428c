//! How long a parameter takes, next to what memory takes: for square matrices of several sides.
//!
//! ```console
//! $ cargo bench --package burn-init-benches --bench fill                 # a few minutes
//! $ cargo bench --package burn-init-benches --bench fill -- normal::4096 # some, by a regular expression
//! ```

use std::hint::black_box;
use std::num::NonZero;
use std::thread::available_parallelism;

use burn_init::{InitWeights, Initializer, Seed, VarianceScaling, WeightLayout};
use burn_init_benches::initializers;
use burn_init_benches::layers::{LAYERS, Layers, SIDE, default_initializer, kaiming_uniform};
use divan::Bencher;
use divan::counter::BytesCount;
use rayon::ThreadPoolBuilder;

/// 2¹⁰, 2¹⁶, 2²⁰, 2²⁴ and 2²⁸ elements.
const SIDES: [usize; 5] = [32, 256, 1024, 4096, 16384];
/// As far as one sample takes less than some minutes.
const ORTHOGONAL_SIDES: [usize; 4] = [32, 256, 1024, 4096];

fn main() {
    divan::main();
}

/// The number of threads that use all cores.
fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// All of a fresh `side` × `side` parameter.
fn draw(bencher: Bencher, side: usize, init: impl Initializer) {
    let layout = WeightLayout::linear([side, side]);
    let key = Seed::new(42).key("weight");
    bencher
        .counter(BytesCount::of_many::<f32>(side * side))
        .bench(|| init.draw(&layout, key));
}

/// A fresh vector, filled by this crate.
#[divan::bench_group(sample_count = 20, max_time = 2)]
mod init {
    use super::*;

    #[divan::bench(args = SIDES)]
    fn uniform(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::uniform());
    }

    #[divan::bench(args = SIDES)]
    fn normal(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::normal());
    }

    #[divan::bench(args = SIDES)]
    fn he_normal(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::he_normal());
    }

    #[divan::bench(args = SIDES)]
    fn truncated_normal(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::truncated_normal());
    }

    #[divan::bench(args = SIDES)]
    fn sparse(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::sparse());
    }

    #[divan::bench(args = SIDES)]
    fn wavelet_haar(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::wavelet_haar());
    }

    #[divan::bench(args = SIDES)]
    fn wavelet_db4(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::wavelet_db4());
    }

    #[divan::bench(args = SIDES)]
    fn wavelet_orthogonal(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::wavelet_orthogonal());
    }

    #[divan::bench(args = ORTHOGONAL_SIDES)]
    fn orthogonal(bencher: Bencher, side: usize) {
        draw(bencher, side, initializers::orthogonal());
    }

    /// One thread, and one for each core.
    #[divan::bench(args = [1, cores()])]
    fn normal_4096_by_threads(bencher: Bencher, threads: usize) {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("a system that starts threads");
        let layout = WeightLayout::linear([4096, 4096]);
        let (init, key) = (initializers::normal(), Seed::new(42).key("weight"));
        bencher
            .counter(BytesCount::of_many::<f32>(4096 * 4096))
            .bench(|| pool.install(|| init.draw(&layout, key)));
    }
}

/// Each sparse pattern on a 4096 × 4096 weight, in both layouts.
#[divan::bench_group(sample_count = 5, max_time = 2)]
mod sparse_patterns {
    use super::*;

    const SIDE: usize = 4096;

    fn names() -> impl Iterator<Item = &'static str> {
        initializers::sparse_patterns(64)
            .into_iter()
            .map(|(name, _)| name)
    }

    fn draw(bencher: Bencher, name: &str, layout: WeightLayout) {
        let all = initializers::sparse_patterns(SIDE);
        let (_, init) = all
            .into_iter()
            .find(|(other, _)| *other == name)
            .expect("a pattern of the list");
        let key = Seed::new(42).key("weight");
        bencher.bench(|| init.draw(&layout, key));
    }

    #[divan::bench(args = names())]
    fn row(bencher: Bencher, name: &str) {
        draw(bencher, name, WeightLayout::linear([SIDE, SIDE]));
    }

    #[divan::bench(args = names())]
    fn col(bencher: Bencher, name: &str) {
        draw(bencher, name, WeightLayout::linear_col([SIDE, SIDE]));
    }
}

/// The machine's bandwidth: a constant written into memory that is new to the process, as in `init`,
/// and into memory that it used before; and a copy between such memory, whose bytes count once.
#[divan::bench_group(sample_count = 20, max_time = 2)]
mod memory {
    use super::*;

    /// Writes to `out` as `write` does, on all cores.
    fn on_all_cores(out: &mut [f32], write: impl Fn(usize, &mut [f32]) + Sync) {
        use rayon::prelude::*;
        let len = out.len().div_ceil(cores());
        out.par_chunks_mut(len)
            .enumerate()
            .for_each(|(i, chunk)| write(i * len, chunk));
    }

    #[divan::bench(args = SIDES)]
    fn fresh_one_core(bencher: Bencher, side: usize) {
        bencher
            .counter(BytesCount::of_many::<f32>(side * side))
            .bench(|| vec![black_box(1.0_f32); side * side]);
    }

    #[divan::bench(args = SIDES)]
    fn fresh(bencher: Bencher, side: usize) {
        bencher
            .counter(BytesCount::of_many::<f32>(side * side))
            .bench(|| {
                let mut out = vec![0.0; side * side];
                on_all_cores(&mut out, |_, chunk| chunk.fill(black_box(1.0)));
                out
            });
    }

    #[divan::bench(args = SIDES)]
    fn used_one_core(bencher: Bencher, side: usize) {
        let mut out = vec![1.0_f32; side * side];
        bencher
            .counter(BytesCount::of_slice(&out))
            .bench_local(|| black_box(&mut out).fill(black_box(1.0)));
    }

    #[divan::bench(args = SIDES)]
    fn used(bencher: Bencher, side: usize) {
        let mut out = vec![1.0_f32; side * side];
        bencher.counter(BytesCount::of_slice(&out)).bench_local(|| {
            on_all_cores(&mut out, |_, chunk| chunk.fill(black_box(1.0)));
        });
    }

    #[divan::bench(args = SIDES)]
    fn copy_one_core(bencher: Bencher, side: usize) {
        let (source, mut out) = (vec![1.0_f32; side * side], vec![2.0; side * side]);
        bencher
            .counter(BytesCount::of_slice(&out))
            .bench_local(|| black_box(&mut out).copy_from_slice(black_box(&source)));
    }

    #[divan::bench(args = SIDES)]
    fn copy(bencher: Bencher, side: usize) {
        let (source, mut out) = (vec![1.0_f32; side * side], vec![2.0; side * side]);
        bencher.counter(BytesCount::of_slice(&out)).bench_local(|| {
            on_all_cores(&mut out, |start, chunk| {
                chunk.copy_from_slice(&black_box(&source)[start..][..chunk.len()]);
            });
        });
    }
}

/// A model of 1,000 layers of 64 × 64 weights.
#[divan::bench_group(sample_count = 20, max_time = 2)]
mod layers {
    use super::*;

    #[divan::bench]
    fn init_weights(bencher: Bencher) {
        bencher
            .with_inputs(|| Layers::lazy(&default_initializer()))
            .bench_values(|model| model.init_weights(&VarianceScaling::kaiming_uniform(), 42));
    }

    /// Burn makes its own values when they are read.
    #[divan::bench]
    fn burn_default(bencher: Bencher) {
        bencher
            .with_inputs(|| Layers::lazy(&default_initializer()))
            .bench_refs(|model| model.read());
    }

    #[divan::bench]
    fn burn_kaiming_uniform(bencher: Bencher) {
        bencher
            .with_inputs(|| Layers::lazy(&kaiming_uniform()))
            .bench_refs(|model| model.read());
    }

    /// The weights alone, into memory that is there.
    #[divan::bench]
    fn fill_alone(bencher: Bencher) {
        let layout = WeightLayout::linear([SIDE, SIDE]);
        let init = VarianceScaling::kaiming_uniform();
        let paths: Vec<String> = (0..LAYERS).map(|i| format!("layers.{i}.weight")).collect();
        let mut out = vec![0.0_f32; LAYERS * SIDE * SIDE];
        bencher.bench_local(|| {
            for (path, weight) in paths.iter().zip(out.chunks_mut(SIDE * SIDE)) {
                init.fill(&layout, Seed::new(42).key(path), 0, weight)
                    .expect("an initializer that fits");
            }
        });
    }
}

/// A plan of 1,000 rules on a model of 10,000 parameters. A dry run makes no value.
#[divan::bench_group(sample_count = 10, max_time = 5)]
mod rules {
    use super::*;
    use burn_init::plan::Rule;
    use burn_init::{Constant, Plan, Select};

    /// So many rules, each for one layer, and two for all that is left.
    fn dry_run(bencher: Bencher, rules: usize, select: impl Fn(usize) -> Select) {
        let rule = |i: usize| Rule::new(select(5 * i), Constant::zeros()).optional();
        let plan = (0..rules).map(rule).fold(Plan::new(42), Plan::push);
        let plan = plan
            .rule(Select::weights(), Constant::zeros())
            .rule(Select::biases(), Constant::zeros());
        let model = Layers::tiny();
        bencher.bench_local(|| plan.dry_run(&model));
    }

    #[divan::bench]
    fn none(bencher: Bencher) {
        dry_run(bencher, 0, |_| Select::weights());
    }

    #[divan::bench]
    fn paths(bencher: Bencher) {
        dry_run(bencher, 1000, |i| {
            Select::path(format!("layers.{i}.weight"))
        });
    }

    #[divan::bench]
    fn globs(bencher: Bencher) {
        dry_run(bencher, 1000, |i| Select::glob(format!("layers.{i}.*")));
    }

    /// As most plans have them: known by their ends alone.
    #[divan::bench]
    fn globs_anywhere(bencher: Bencher) {
        dry_run(bencher, 1000, |i| Select::glob(format!("**.{i}.weight")));
    }

    #[divan::bench]
    fn regexes(bencher: Bencher) {
        dry_run(bencher, 1000, |i| Select::regex(format!(r"^layers\.{i}\.")));
    }
}
