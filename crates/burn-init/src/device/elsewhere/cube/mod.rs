//! Values by a kernel of CubeCL, for all of its runtimes.

mod kernel;
mod trial;

#[cfg(feature = "remote")]
use std::any::Any;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Cube, CubeDevice, DispatchDevice};
use burn::tensor::{DType, Device, Shape, Tensor, bf16, f16};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_fusion::custom::{
    CustomOpIr, HandleContainer, Operation, OperationIr, OperationOutput, StreamId, TensorIr,
};
use burn_fusion::{ExecutionError, Fusion, FusionBackend};
use burn_init_values::draw::{Source, quantile_coefficients};
use burn_init_values::weight::Region;

use super::{MakeOn, Part, fitting_bounds};
use crate::device::narrow::{Narrow, rounded};
use kernel::{Float, Place, Start};
use trial::gives_the_cpus_bits;

/// From this many elements on, the kernel is worth its compilation.
const MANY: usize = 1 << 20;

/// A part's values, made on the device; `None` where that isn't one of CubeCL's or has no kernel for them, or they
/// aren't worth it.
pub(super) fn draw<const D: usize>(
    part: Part<'_>,
    device: &Device,
    dtype: DType,
    make_on: MakeOn,
) -> Option<Tensor<D>> {
    let DispatchDevice::Cube(cube) = device.as_dispatch() else {
        return None;
    };
    let shape = Shape::from(part.shape());
    let is_worth_it = || shape.num_elements() >= MANY && is_card(cube);
    let worth = make_on == MakeOn::Device || is_worth_it();
    let contents = worth.then(|| Contents::tried(part, dtype, cube))??;
    let make = |(shape, contents)| {
        Tensor::from_primitive::<Cube>(Cube::make(cube, shape, dtype, contents))
    };
    Some(device.memory_persistent_allocations((shape, contents), make))
}

/// The same as a tensor of a server's backend: `None` also if that isn't CubeCL's.
#[cfg(feature = "remote")]
pub(super) fn draw_for_server<T: 'static>(
    part: Part<'_>,
    device: &dyn Any,
    dtype: DType,
) -> Option<T> {
    let cube: &CubeDevice = device.downcast_ref()?;
    let contents = Contents::tried(part, dtype, cube)?;
    let made = Cube::make(cube, part.shape().into(), dtype, contents);
    let made: Box<dyn Any> = Box::new(made);
    made.downcast().ok().map(|made| *made)
}

/// Whether the device is hardware of its own.
fn is_card(device: &CubeDevice) -> bool {
    let client = device.client();
    client.properties().identity.physical.is_some()
}

/// Whether a kernel can write all elements: whole words in one buffer, half as many at most as 32 bits count, since
/// there are more units than needed.
fn fits(elements: usize, dtype: DType, device: &CubeDevice) -> bool {
    let bytes = (elements as u64).saturating_mul(dtype.size() as u64);
    let largest = match device {
        CubeDevice::Wgpu(_) => device.client().properties().memory.max_page_size,
        // Others say a share of their memory, to which parameters aren't held.
        _ => u64::MAX,
    };
    elements > 0 && bytes.is_multiple_of(4) && bytes / 4 <= 1 << 31 && bytes <= largest
}

/// What a buffer holds.
#[derive(Debug, Clone)]
enum Contents {
    /// One word everywhere.
    Repeated(u32),
    /// What the kernel makes of this recipe.
    Drawn { recipe: Vec<u32>, kind: Kind },
}

/// What a kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    place: Place,
    start: Start,
    float: Float,
}

impl Contents {
    /// The elements of a part in this type; `None` where the kernel can't make them, or has other bits on this device than the
    /// CPU.
    fn tried(part: Part<'_>, dtype: DType, device: &CubeDevice) -> Option<Self> {
        let contents = Self::new(part, dtype, device)?;
        gives_the_cpus_bits(device, contents.kind()).then_some(contents)
    }

    /// Nothing for one word everywhere.
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Repeated(_) => None,
            Self::Drawn { kind, .. } => Some(*kind),
        }
    }

    /// The elements of a part in this type; `None` where the kernel can't make them.
    fn new(part: Part<'_>, dtype: DType, device: &CubeDevice) -> Option<Self> {
        let elements = part.shape().iter().product();
        if !fits(elements, dtype, device) {
            return None;
        }
        match dtype {
            DType::F32 => {
                let range = [f32::NEG_INFINITY, f32::INFINITY].map(f32::to_bits);
                Self::of(part, Float::F32, range, |value| Some(value.to_bits()))
            }
            DType::F16 => Self::narrow::<f16>(part, Float::F16),
            DType::BF16 => Self::narrow::<bf16>(part, Float::Bf16),
            _ => None,
        }
    }

    /// Those in a narrow type, two in a word.
    fn narrow<T: Narrow>(part: Part<'_>, float: Float) -> Option<Self> {
        let bounds = fitting_bounds::<T>(part.fitted)?;
        let upper_half = |number: T| u32::from(number.bits()) << 16;
        let (low, high) = match bounds {
            Some((low, high)) => (upper_half(low), upper_half(high)),
            None => {
                let infinity = upper_half(T::nearest(f32::INFINITY));
                (infinity | 1 << 31, infinity)
            }
        };
        Self::of(part, float, [low, high], |value| {
            let [number] = rounded::<T>(vec![value], part.fitted).ok()?[..] else {
                return None;
            };
            Some(u32::from(number.bits()) * 0x1_0001)
        })
    }

    /// Those in the type `float`: `range` has the bounds of narrow ones, and `repeated` makes a word of elements that
    /// are all the same.
    fn of(
        part: Part<'_>,
        float: Float,
        range: [u32; 2],
        repeated: impl FnOnce(f32) -> Option<u32>,
    ) -> Option<Self> {
        let Part {
            fitted,
            key,
            region,
        } = part;
        let each = fitted.elementwise(key)?;
        let (start, first, count) = match each.source {
            Source::Constant(_) => return Some(Self::Repeated(repeated(each.value(0))?)),
            Source::Uniform => (Start::Uniform, 0, 0),
            Source::Normal => (Start::Normal, 0, 0),
            // 2³² becomes 0.
            Source::NormalBetween { first, count } => (Start::NormalBetween, first, count as u32),
            _ => return None,
        };
        let mut recipe = key.counter(0).to_vec();
        recipe.extend(key.philox_key());
        recipe.extend([first, count]);
        recipe.extend(range);
        let place = push_runs(region, &mut recipe)?;
        for step in each.steps {
            let words = [step.factor, step.addend, step.low, step.high];
            recipe.extend(words.map(f32::to_bits));
        }
        let kind = Kind {
            place,
            start,
            float,
        };
        Some(Self::Drawn { recipe, kind })
    }
}

/// Adds to a recipe where the elements lie in the whole weight.
fn push_runs(region: Option<&Region>, recipe: &mut Vec<u32>) -> Option<Place> {
    let halves = |index: usize| [index as u32, (index as u64 >> 32) as u32];
    let runs = region.map(Region::runs);
    let Some(runs) = runs.filter(|runs| runs.count() > 1 || runs.start(0) > 0) else {
        recipe.extend([0; 4]);
        return Some(Place::Whole);
    };
    recipe.push(runs.axes().count() as u32);
    recipe.push(u32::try_from(runs.len()).ok()?);
    recipe.extend(halves(runs.start(0)));
    for (count, stride) in runs.axes() {
        recipe.push(u32::try_from(count).ok()?);
        recipe.extend(halves(stride));
    }
    let strides = runs.axes().map(|(_, stride)| stride);
    let in_blocks = [runs.len(), runs.start(0)]
        .into_iter()
        .chain(strides)
        .all(|elements| elements.is_multiple_of(4));
    Some(match in_blocks {
        true => Place::Blocks,
        false => Place::Any,
    })
}

/// A backend whose tensors the kernel can make.
trait Make: Backend {
    /// A new tensor that holds this.
    fn make(
        device: &Self::Device,
        shape: Shape,
        dtype: DType,
        contents: Contents,
    ) -> FloatTensor<Self>;
}

impl Make for CubeBackend {
    fn make(
        device: &Self::Device,
        shape: Shape,
        dtype: DType,
        contents: Contents,
    ) -> FloatTensor<Self> {
        let client = device.client();
        let len = shape.num_elements() * dtype.size() / 4;
        // Without gaps between rows.
        let tensor = empty_device_contiguous_dtype(client.clone(), device.clone(), shape, dtype);
        let units = match &contents {
            Contents::Repeated(_) => len,
            Contents::Drawn { kind, .. } => match kind.float {
                Float::F32 => len.div_ceil(4),
                Float::F16 | Float::Bf16 => len.div_ceil(2),
            },
        };
        // The largest one for all sizes: a kernel is compiled anew for another one.
        let dim = CubeDim::new(&client, usize::MAX);
        let count = calculate_cube_count_elemwise(&client, units, dim);
        let buffer = |words: &[u32]| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
            let handle = client.create_from_slice(&bytes);
            // Safety: it has these words.
            unsafe { BufferArg::from_raw_parts(handle, words.len()) }
        };
        // Safety: the tensor has this many words.
        let out = unsafe { BufferArg::from_raw_parts(tensor.handle.clone(), len) };
        // Safety: units beyond `out` write nothing; coefficients are read by 10 bits, and of the recipe what it
        // has.
        match contents {
            Contents::Repeated(word) => unsafe {
                kernel::repeat::launch_unchecked(&client, count, dim, word, out);
            },
            Contents::Drawn { recipe, kind } => {
                let Kind {
                    place,
                    start,
                    float,
                } = kind;
                let coefficients = quantile_coefficients().as_flattened();
                let (recipe, coefficients) = (buffer(&recipe), buffer(coefficients));
                unsafe {
                    kernel::draw_elements::launch_unchecked(
                        &client,
                        count,
                        dim,
                        recipe,
                        coefficients,
                        out,
                        place,
                        start,
                        float,
                    );
                }
            }
        }
        tensor
    }
}

impl<B: FusionBackend + Make> Make for Fusion<B> {
    fn make(
        device: &Self::Device,
        shape: Shape,
        dtype: DType,
        contents: Contents,
    ) -> FloatTensor<Self> {
        let client = burn_fusion::get_client::<B>(device);
        let out = TensorIr::uninit(client.create_empty_handle(), shape, dtype);
        let outputs = std::slice::from_ref(&out);
        let operation = OperationIr::Custom(CustomOpIr::new("burn_init_draw", &[], outputs));
        let making = Making::<B> {
            device: device.clone(),
            out,
            contents,
        };
        client
            .register(StreamId::current(), operation, making)
            .output()
    }
}

/// A tensor that is made when its turn comes.
#[derive(Debug)]
struct Making<B: Backend> {
    device: B::Device,
    out: TensorIr,
    contents: Contents,
}

impl<B: FusionBackend + Make> Operation<B::FusionRuntime> for Making<B> {
    fn execute(&self, handles: &mut HandleContainer<B::Handle>) -> Result<(), ExecutionError> {
        let Self {
            device,
            out,
            contents,
        } = self;
        let tensor = B::make(device, out.shape.clone(), out.dtype, contents.clone());
        handles.register_float_tensor::<B>(&out.id, tensor);
        Ok(())
    }
}

#[cfg(all(test, feature = "wgpu"))]
mod tests {
    use burn::tensor::DeviceType;
    use burn_init_values::{
        InitError, Initializer, Normal, Seed, TruncatedNormal, Wavelet, WeightLayout,
    };

    use super::super::draw;
    use super::*;

    /// wgpu's device; none on a machine without an adapter, where there is nothing to test, unless it has to be.
    pub(super) fn wgpu() -> Option<Device> {
        let all = Device::enumerate(DeviceType::Wgpu).into_vec();
        assert!(
            !all.is_empty() || std::env::var_os("BURN_INIT_REQUIRE_WGPU").is_none(),
            "BURN_INIT_REQUIRE_WGPU is set, but wgpu finds no adapter"
        );
        (!all.is_empty()).then(|| Device::wgpu(Default::default()))
    }

    /// CubeCL's name for it.
    pub(super) fn cube(device: &Device) -> CubeDevice {
        match device.as_dispatch() {
            DispatchDevice::Cube(cube) => cube.clone(),
            _ => unreachable!("it is one of CubeCL's"),
        }
    }

    /// It is the kernel that makes what it can, and nothing else; with Burn's fusion, if the build has it, and
    /// without.
    #[test]
    fn what_has_a_kernel() {
        let Some(device) = wgpu() else { return };
        let (key, layout) = (Seed::new(1).key("w"), WeightLayout::linear([31, 37]));
        let made = |init: &dyn Initializer, dtype, make_on| {
            let part = Part {
                fitted: &init.fit(&layout).unwrap(),
                key,
                region: None,
            };
            draw::<2>(part, &device, dtype, make_on)
        };
        let init = TruncatedNormal::new(0.3, 0.02);
        let values = made(&init, DType::F32, MakeOn::Device).unwrap();
        let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let drawn = init.draw(&layout, key).unwrap();
        assert_eq!(bits(values.into_data().try_to_vec().unwrap()), bits(drawn));
        // Half a word stays over.
        assert!(made(&init, DType::F16, MakeOn::Device).is_none());
        assert!(made(&init, DType::F64, MakeOn::Device).is_none());
        assert!(made(&init, DType::F32, MakeOn::Cpu).is_none());
        assert!(made(&init, DType::F32, MakeOn::Fastest).is_none());
        assert!(made(&Wavelet::haar(), DType::F32, MakeOn::Device).is_none());
        let of_another = Region::all([31, 38]).unwrap();
        let part = Part {
            fitted: &init.fit(&layout).unwrap(),
            key,
            region: Some(&of_another),
        };
        assert!(draw::<2>(part, &device, DType::F32, MakeOn::Device).is_none());
    }

    /// Narrow types have the bits of the CPU's rounding. Nothing of Burn's own runs here in these types.
    #[test]
    fn narrow_types() -> Result<(), InitError> {
        fn compare<T: Narrow>(init: &dyn Initializer, dtype: DType) -> Result<(), InitError> {
            let Some(device) = wgpu() else { return Ok(()) };
            let fitted = init.fit(&WeightLayout::linear([31, 38]))?;
            let part = Part {
                fitted: &fitted,
                key: Seed::new(1).key("w"),
                region: None,
            };
            let made = draw::<2>(part, &device, dtype, MakeOn::Device).unwrap();
            let expected = rounded::<T>(part.draw()?, &fitted)?;
            let bytes = expected.iter().flat_map(|x| x.bits().to_ne_bytes());
            assert!(
                made.into_data().as_bytes() == bytes.collect::<Vec<_>>(),
                "{init}"
            );
            Ok(())
        }
        for init in [
            &Normal::new(0.3, 0.02) as &dyn Initializer,
            &Normal::new(0.0, 1e-6),
            &TruncatedNormal::new(0.0, 1.0),
        ] {
            compare::<f16>(init, DType::F16)?;
            compare::<bf16>(init, DType::BF16)?;
        }
        Ok(())
    }

    /// A server with this device makes by the kernel what it can.
    #[cfg(feature = "remote")]
    #[test]
    fn what_a_server_has_a_kernel_for() -> Result<(), InitError> {
        let Some(device) = wgpu() else { return Ok(()) };
        let cube = &cube(&device);
        let made = |init: &dyn Initializer, dtype| -> Result<bool, InitError> {
            let part = Part {
                fitted: &init.fit(&[8, 8].into())?,
                key: Seed::new(1).key("w"),
                region: None,
            };
            let made = draw_for_server::<FloatTensor<Cube>>(part, cube, dtype);
            // Another backend's tensor it isn't.
            assert!(draw_for_server::<u32>(part, cube, dtype).is_none());
            Ok(made.is_some())
        };
        assert!(made(&Normal::new(0.0, 1.0), DType::F32)?);
        assert!(made(&Normal::new(0.0, 1.0), DType::BF16)?);
        assert!(!made(&Normal::new(0.0, 1.0), DType::F64)?);
        assert!(!made(&Wavelet::haar(), DType::F32)?);
        Ok(())
    }

    /// Regions have the bits of the CPU: in runs of whole blocks and of any length, along several axes, wherever
    /// counters and indices pass 32 bits.
    #[test]
    fn regions() -> Result<(), InitError> {
        let Some(device) = wgpu() else { return Ok(()) };
        let key = Seed::new(u64::MAX).key("w");
        let beyond = (1 << 34) / 7;
        let wide = 1 << 33;
        for (shape, ranges) in [
            ([16, 8, 12], [2..9, 0..8, 0..12]),
            ([16, 8, 12], [0..16, 4..8, 0..12]),
            ([16, 8, 12], [3..16, 1..8, 4..8]),
            ([16, 8, 12], [3..16, 1..8, 5..12]),
            ([6, 8, 6], [1..6, 2..8, 2..6]),
            ([5, 7, 9], [1..4, 2..7, 3..5]),
            ([5, 7, 9], [4..5, 6..7, 8..9]),
            ([5, 7, 9], [0..5, 0..7, 0..9]),
            // The block with number 2³² is among them.
            ([1 << 40, 1, 7], [beyond - 50..beyond + 50, 0..1, 0..7]),
            (
                [1 << 40, 1, 8],
                [(1 << 31) - 50..(1 << 31) + 50, 0..1, 0..8],
            ),
            // Runs are more than 2³² apart.
            ([5, 7, wide], [0..5, 1..6, wide - 9..wide - 1]),
            ([5, 6, wide + 4], [2..5, 1..6, wide - 8..wide + 4]),
            // Their low halves add up to more than 2³².
            ([5, 7, wide - 1000], [0..5, 1..6, 5000..5008]),
            ([5, 7, wide - 999], [1..5, 1..6, 5001..5010]),
            // All 48 bits of a block's number.
            (
                [1 << 16, 1 << 20, 1 << 14],
                [65_530..65_536, 1_048_570..1 << 20, 16_000..16_016],
            ),
        ] {
            let region = Region::new(shape, ranges)?;
            let layout = WeightLayout::vector(shape.to_vec());
            for init in [
                &Normal::new(0.3, 0.02) as &dyn Initializer,
                &TruncatedNormal::new(0.0, 1.0),
            ] {
                let fitted = init.fit(&layout)?;
                let part = Part {
                    fitted: &fitted,
                    key,
                    region: Some(&region),
                };
                let Some(made) = draw::<3>(part, &device, DType::F32, MakeOn::Device) else {
                    panic!("no kernel for {region}");
                };
                let made: Vec<f32> = made.into_data().try_to_vec().unwrap();
                assert!(made == part.draw()?, "{init}, {region}");
            }
        }
        Ok(())
    }
}
