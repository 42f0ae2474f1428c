//! Whether a kernel gives the CPU's bits on a device: each is tried once in a process, before it makes a weight. Nobody
//! can have run it on all hardware, and drivers have errors.

use std::sync::{Mutex, PoisonError};

use burn::backend::CubeDevice;
use burn::tensor::{DType, Shape};
use burn_cubecl::CubeBackend;
use burn_init_values::weight::Region;
use burn_init_values::{
    Constant, InitError, Initializer, Normal, Seed, TruncatedNormal, Uniform, WeightLayout,
};

use super::kernel::{Float, Place, Start};
use super::{Contents, Kind, Make};
use crate::device::{Part, data};

/// What was tried, and whether it gave the CPU's bits.
static TRIED: Mutex<Vec<(CubeDevice, Option<Kind>, bool)>> = Mutex::new(Vec::new());

/// Whether the kernel of this kind gives the CPU's bits on this device; without a kind, the one for constants.
pub(super) fn gives_the_cpus_bits(device: &CubeDevice, kind: Option<Kind>) -> bool {
    // A browser can't wait for a device.
    if cfg!(target_family = "wasm") {
        return true;
    }
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = tried.iter().find(|(d, k, _)| d == device && *k == kind);
    if let Some((_, _, agrees)) = known {
        return *agrees;
    }
    let try_it = |part: Part<'_>, dtype| {
        let contents = Contents::new(part, dtype, device);
        contents.is_some_and(|contents| agrees(device, contents, part, dtype))
    };
    let agrees = with_sample(kind, try_it).unwrap_or(false);
    tried.push((device.clone(), kind, agrees));
    agrees
}

/// Whether the device makes of the contents what the CPU makes of the part.
fn agrees(device: &CubeDevice, contents: Contents, part: Part<'_>, dtype: DType) -> bool {
    let made = CubeBackend::make(device, Shape::from(part.shape()), dtype, contents);
    // A kernel that doesn't compile is an error here.
    let Ok(made) = made.client.read_one(made.handle) else {
        return false;
    };
    let expected = part.draw().and_then(|values| data(values, part, dtype));
    expected.is_ok_and(|expected| expected.as_bytes() == &made[..])
}

/// A part of some thousand elements that this kind of kernel makes, and its type.
fn with_sample<T>(
    kind: Option<Kind>,
    use_it: impl FnOnce(Part<'_>, DType) -> T,
) -> Result<T, InitError> {
    let init: &dyn Initializer = match kind.map(|kind| kind.start) {
        None => &Constant::new(0.1),
        Some(Start::Uniform) => &Uniform::new(-0.3, 0.9),
        Some(Start::Normal) => &Normal::new(0.3, 0.02),
        Some(Start::NormalBetween) => &TruncatedNormal::new(0.1, 1.0),
    };
    let shape = [16, 16, 32];
    let region = match kind.map(|kind| kind.place) {
        None | Some(Place::Whole) => None,
        Some(Place::Blocks) => Some(Region::new(shape, [2..15, 1..16, 4..28])?),
        Some(Place::Any) => Some(Region::new(shape, [2..15, 1..16, 5..31])?),
    };
    let part = Part {
        fitted: &init.fit(&WeightLayout::vector(shape.to_vec()))?,
        key: Seed::new(u64::MAX).key("trial"),
        region: region.as_ref(),
    };
    let dtype = match kind.map(|kind| kind.float) {
        None | Some(Float::F32) => DType::F32,
        Some(Float::F16) => DType::F16,
        Some(Float::Bf16) => DType::BF16,
    };
    Ok(use_it(part, dtype))
}

#[cfg(all(test, feature = "wgpu"))]
mod tests {
    use super::super::tests::{cube, wgpu};
    use super::*;

    /// Each kind is tried by a part that this kind makes.
    #[test]
    fn samples_are_of_their_kind() -> Result<(), InitError> {
        let Some(device) = wgpu() else { return Ok(()) };
        let cube = &cube(&device);
        let mut kinds = vec![None];
        for place in [Place::Whole, Place::Blocks, Place::Any] {
            for start in [Start::Uniform, Start::Normal, Start::NormalBetween] {
                for float in [Float::F32, Float::F16, Float::Bf16] {
                    kinds.push(Some(Kind {
                        place,
                        start,
                        float,
                    }));
                }
            }
        }
        for kind in kinds {
            let contents = with_sample(kind, |part, dtype| Contents::new(part, dtype, cube))?;
            assert_eq!(contents.map(|contents| contents.kind()), Some(kind));
            assert!(gives_the_cpus_bits(cube, kind), "{kind:?}");
        }
        Ok(())
    }

    /// A single other bit is seen.
    #[test]
    fn other_bits_are_seen() -> Result<(), InitError> {
        let Some(device) = wgpu() else { return Ok(()) };
        let cube = &cube(&device);
        let part = |fitted| Part {
            fitted,
            key: Seed::new(1).key("w"),
            region: None,
        };
        let layout = WeightLayout::vector([64]);
        let [std, next] = [0.02f32, 0.02f32.next_up()];
        let fitted = Normal::new(0.0, std.into()).fit(&layout)?;
        let other = Normal::new(0.0, next.into()).fit(&layout)?;
        let agrees_with = |fitted| {
            let contents = Contents::new(part(fitted), DType::F32, cube)?;
            Some(agrees(cube, contents, part(&other), DType::F32))
        };
        assert_eq!(agrees_with(&other), Some(true));
        assert_eq!(agrees_with(&fitted), Some(false));
        Ok(())
    }
}
