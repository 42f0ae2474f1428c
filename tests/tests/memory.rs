//! What an initialization takes of memory: the model, and one parameter at most.
//!
//! The tests share one count of allocated bytes, so they run one after another in a single function.

#![cfg(feature = "flex")]

use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
#[cfg(feature = "wgpu")]
use burn_init::plan::MakeOn;
use burn_init::{
    AnyInitializer, Constant, InitParam, InitWeights, Normal, Orthogonal, Plan, Seed, Select,
    Sparse, TruncatedNormal, Uniform, Wavelet, WaveletOrthogonal, WeightLayout,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Bytes at the peak of what `work` does, above those before.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    ALLOCATED.reset_peak_usage();
    let before = ALLOCATED.current_usage();
    let result = work();
    let peak = ALLOCATED.peak_usage() - before;
    drop(result);
    peak
}

#[derive(Module, Debug)]
struct Layers {
    layers: Vec<Linear>,
}

#[test]
fn a_parameter_is_in_memory_once() {
    const N: usize = 1024;
    const PARAMETER: usize = N * N * size_of::<f32>();
    let device = Device::flex();
    let key = Seed::new(1).key("w");
    let db4 = Wavelet::new("db4".parse().unwrap());
    // Working memory of vectors side by side, for each thread: on two of them less than a quarter of
    // the parameter.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let same: [AnyInitializer; 7] = [
        Normal::new(0.0, 1.0).into(),
        Uniform::new(-1.0, 1.0).into(),
        TruncatedNormal::new(0.0, 1.0).into(),
        Wavelet::haar().into(),
        db4.into(),
        Sparse::exact(100).into(),
        WaveletOrthogonal::haar().into(),
    ];
    for layout in [
        WeightLayout::linear([N, N]),
        WeightLayout::linear_col([N, N]),
    ] {
        for init in &same {
            let init_one = || init.init::<2>(layout.clone(), key, &device).unwrap();
            let peak = peak(|| pool.install(init_one));
            assert!(peak < PARAMETER + PARAMETER / 4, "{init}: {peak} bytes");
        }
        // The reflections are half of a parameter, and some columns of the matrix are made at a time.
        let init_one = || Orthogonal::new().init::<2>(layout, key, &device).unwrap();
        let peak = peak(|| pool.install(init_one));
        assert!(peak < 2 * PARAMETER, "orthogonal: {peak} bytes");
    }

    let model = || Layers {
        layers: (0..8)
            .map(|_| LinearConfig::new(N, N).init(&device))
            .collect(),
    };
    let peak_of_model = peak(|| model().init_weights(&Normal::new(0.0, 1.0), 42).unwrap());
    assert!(
        peak_of_model < 9 * PARAMETER,
        "model: {peak_of_model} bytes"
    );

    // A device makes its own: nothing of it is in the memory that Rust gives out.
    #[cfg(feature = "wgpu")]
    if let Some((_, device)) = burn_init_tests::devices()
        .into_iter()
        .find(|(name, _)| *name == "wgpu")
    {
        let layer = || LinearConfig::new(N, N).with_bias(false).init(&device);
        let plan = |make_on| {
            Plan::new(42)
                .make_on(make_on)
                .rule(Select::weights(), Normal::new(0.1, 1.0))
        };
        let peak_of = |make_on| peak(|| plan(make_on).apply(layer()).unwrap());
        // The first one compiles.
        peak_of(MakeOn::Device);
        let peak_of_kernel = peak_of(MakeOn::Device);
        assert!(
            peak_of_kernel < PARAMETER / 4,
            "kernel: {peak_of_kernel} bytes"
        );
        assert!(peak_of(MakeOn::Cpu) >= PARAMETER);
    }

    // With masks that last, a byte for each weight, and a report that counts them.
    const PINNED: usize = PARAMETER + N * N;
    let plan = Plan::new(42)
        .rule(Select::weights(), Sparse::exact(100).pinned())
        .rule(Select::biases(), Constant::zeros());
    let peak_of_plan = peak(|| plan.apply(model()).unwrap());
    let enough = 8 * PINNED + PINNED + PARAMETER / 4;
    assert!(
        peak_of_plan < enough,
        "plan: {peak_of_plan} of {enough} bytes"
    );
}
