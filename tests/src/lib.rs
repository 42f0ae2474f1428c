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

#[cfg(feature = "wgpu")]
use std::io::Write as _;

use burn::module::Param;
use burn::tensor::{Device, Tensor};

/// The devices that this build has, with their names.
///
/// Where wgpu is built in but finds no adapter, it's left out and a line says so; with
/// `BURN_INIT_REQUIRE_WGPU` set, that's a failure.
///
/// # Panics
///
/// If wgpu is required and has no adapter.
pub fn devices() -> Vec<(&'static str, Device)> {
    vec![
        #[cfg(feature = "flex")]
        ("flex", Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(
            deprecated,
            reason = "upstream prefers flex; users still ask for ndarray"
        )]
        ("ndarray", Device::ndarray()),
        #[cfg(feature = "wgpu")]
        ("wgpu", Device::wgpu(Default::default())),
    ]
    .into_iter()
    .filter(|(name, _)| *name != "wgpu" || has_wgpu_adapter())
    .collect()
}

#[cfg(feature = "wgpu")]
fn has_wgpu_adapter() -> bool {
    let found = !Device::enumerate(burn::tensor::DeviceType::Wgpu)
        .into_vec()
        .is_empty();
    if !found {
        assert!(
            std::env::var_os("BURN_INIT_REQUIRE_WGPU").is_none(),
            "BURN_INIT_REQUIRE_WGPU is set, but wgpu finds no adapter"
        );
        // Past the test runner, which hides what passing tests print.
        let _ = writeln!(std::io::stderr(), "left out: wgpu, which finds no adapter");
    }
    found
}

#[cfg(not(feature = "wgpu"))]
fn has_wgpu_adapter() -> bool {
    false
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
