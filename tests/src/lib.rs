//! What the tests of this package share: the devices of this build, and models with every kind of
//! layer.

pub mod models;
pub mod preset_models;

/// The README's code runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The book: its code runs, chapter by chapter.
pub mod book {
    macro_rules! chapters {
        ($($name:ident),* $(,)?) => {
            /// The names of the chapters, in their order: each is a file of `docs/book`.
            pub const CHAPTERS: &[&str] = &[$(stringify!($name)),*];

            $(
                #[cfg(doctest)]
                #[doc = include_str!(concat!("../../docs/book/", stringify!($name), ".md"))]
                mod $name {}
            )*
        };
    }

    chapters!(
        start,
        choosing,
        initializers,
        plans,
        in_a_burn_program,
        same_bits,
        wavelets,
        sparse,
        probes,
        findings,
        statistics,
        machines,
        speed,
    );
}

use std::io::Write as _;

use burn::module::Param;
use burn::tensor::{Device, DeviceType, Tensor};

/// The devices that this build has, with their names.
///
/// Where one is built in but finds no adapter, it's left out and a line says so; with
/// `BURN_INIT_REQUIRE_WGPU` set, that's a failure.
///
/// # Panics
///
/// If a device is required and has no adapter.
pub fn devices() -> Vec<(&'static str, Device)> {
    let on_cpu = vec![
        #[cfg(feature = "flex")]
        ("flex", Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(
            deprecated,
            reason = "upstream prefers flex; users still ask for ndarray"
        )]
        ("ndarray", Device::ndarray()),
    ];
    [on_cpu, devices_with_kernels()].concat()
}

/// Those of them on which a kernel can make values.
///
/// # Panics
///
/// If one is required and has no adapter.
pub fn devices_with_kernels() -> Vec<(&'static str, Device)> {
    type Named = (&'static str, DeviceType, fn() -> Device);
    let devices: Vec<Named> = vec![
        #[cfg(feature = "cuda")]
        ("cuda", DeviceType::Cuda, || Device::cuda(0)),
        #[cfg(feature = "rocm")]
        ("rocm", DeviceType::Rocm, || Device::rocm(0)),
        #[cfg(feature = "metal")]
        ("metal", DeviceType::Metal, || {
            Device::metal(Default::default())
        }),
        #[cfg(feature = "vulkan")]
        ("vulkan", DeviceType::Vulkan, || {
            Device::vulkan(Default::default())
        }),
        #[cfg(feature = "wgpu")]
        (
            "wgpu",
            DeviceType::Wgpu,
            || Device::wgpu(Default::default()),
        ),
    ];
    let there = devices
        .into_iter()
        .filter(|(name, kind, _)| is_there(name, kind));
    there.map(|(name, _, device)| (name, device())).collect()
}

/// Whether Burn finds hardware, or a driver that stands for it.
fn is_there(name: &str, kind: &DeviceType) -> bool {
    let found = !Device::enumerate(kind.clone()).into_vec().is_empty();
    if !found {
        assert!(
            std::env::var_os("BURN_INIT_REQUIRE_WGPU").is_none(),
            "BURN_INIT_REQUIRE_WGPU is set, but {name} finds no adapter"
        );
        // Past the test runner, which hides what passing tests print.
        let _ = writeln!(
            std::io::stderr(),
            "left out: {name}, which finds no adapter"
        );
    }
    found
}

/// The bits of a parameter's value, in row-major order.
///
/// # Panics
///
/// If it isn't f32.
pub fn bits<const D: usize>(param: &Param<Tensor<D>>) -> Vec<u32> {
    to_bits(&values(param.val()))
}

/// The values of a tensor, in row-major order.
///
/// # Panics
///
/// If it isn't f32.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("values are f32")
}

/// The bits of values.
pub fn to_bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
