//! Values by a kernel of CubeCL, for all of its runtimes.

mod kernel;

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
use burn_init_values::{Fitted, Key};

use super::MakeOn;
use super::narrow::{self, Narrow};
use kernel::{Float, Start};

/// From this many elements on, the kernel is worth its compilation.
const MANY: usize = 1 << 20;

/// The fitted values, made on the device; `None` where it has no kernel for them, or they aren't worth it.
pub(crate) fn draw<const D: usize>(
    fitted: &Fitted,
    key: Key,
    device: &Device,
    dtype: DType,
    make_on: MakeOn,
) -> Option<Tensor<D>> {
    let plain = device.clone().without_autodiff();
    let DispatchDevice::Cube(cube) = plain.as_dispatch() else {
        return None;
    };
    let worth = match make_on {
        MakeOn::Cpu => false,
        MakeOn::Device => true,
        MakeOn::Fastest => fitted.len() >= MANY && is_card(cube),
    };
    if !worth || !fits(fitted.len(), dtype, cube) {
        return None;
    }
    let words = Words::new(fitted, key, dtype)?;
    let shape = Shape::from(fitted.shape().to_vec());
    let tensor = plain.memory_persistent_allocations((shape, words), |(shape, words)| {
        Tensor::from_primitive::<Cube>(Cube::make(cube, shape, dtype, words))
    });
    Some(with_autodiff_of(device, tensor))
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
    let largest = device.client().properties().memory.max_page_size;
    elements > 0 && bytes.is_multiple_of(4) && bytes / 4 <= 1 << 31 && bytes <= largest
}

/// The tensor as if it had been made on this device: autodiff, and what it keeps for a backward pass.
fn with_autodiff_of<const D: usize>(device: &Device, tensor: Tensor<D>) -> Tensor<D> {
    match device.gradient_checkpointing_strategy() {
        Some(strategy) => tensor
            .autodiff()
            .with_gradient_checkpointing_strategy(strategy),
        None => tensor,
    }
}

/// What a buffer's words become.
#[derive(Debug, Clone)]
enum Words {
    /// One word everywhere.
    Repeated(u32),
    /// What the kernel makes of this recipe.
    Drawn {
        recipe: Vec<u32>,
        start: Start,
        float: Float,
    },
}

impl Words {
    /// The elements of a parameter in this type; `None` where the kernel can't make them.
    fn new(fitted: &Fitted, key: Key, dtype: DType) -> Option<Self> {
        match dtype {
            DType::F32 => {
                let range = [f32::NEG_INFINITY, f32::INFINITY].map(f32::to_bits);
                Self::of(fitted, key, Float::F32, range, |value| {
                    Some(value.to_bits())
                })
            }
            DType::F16 => Self::narrow::<f16>(fitted, key, Float::F16),
            DType::BF16 => Self::narrow::<bf16>(fitted, key, Float::Bf16),
            _ => None,
        }
    }

    /// Those in a narrow type, two in a word.
    fn narrow<T: Narrow>(fitted: &Fitted, key: Key, float: Float) -> Option<Self> {
        // What is beyond the type's range is an error, which the CPU finds.
        let largest = T::nearest(fitted.largest()? as f32);
        let bounds = narrow::bounds::<T>(fitted).ok()?;
        if !largest.is_finite() {
            return None;
        }
        let upper_half = |number: T| u32::from(number.bits()) << 16;
        let (low, high) = match bounds {
            Some((low, high)) => (upper_half(low), upper_half(high)),
            None => {
                let infinity = upper_half(T::nearest(f32::INFINITY));
                (infinity | 1 << 31, infinity)
            }
        };
        Self::of(fitted, key, float, [low, high], |value| {
            let [number] = narrow::rounded::<T>(vec![value], fitted).ok()?[..] else {
                return None;
            };
            Some(u32::from(number.bits()) * 0x1_0001)
        })
    }

    /// Those in the type `float`: `range` has the bounds of narrow ones, and `repeated` makes a word of elements that
    /// are all the same.
    fn of(
        fitted: &Fitted,
        key: Key,
        float: Float,
        range: [u32; 2],
        repeated: impl FnOnce(f32) -> Option<u32>,
    ) -> Option<Self> {
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
        for step in each.steps {
            let words = [step.factor, step.addend, step.low, step.high];
            recipe.extend(words.map(f32::to_bits));
        }
        Some(Self::Drawn {
            recipe,
            start,
            float,
        })
    }
}

/// A backend whose tensors the kernel can make.
trait Make: Backend {
    /// A new tensor, full of these words.
    fn make(device: &Self::Device, shape: Shape, dtype: DType, words: Words) -> FloatTensor<Self>;
}

impl Make for CubeBackend {
    fn make(device: &Self::Device, shape: Shape, dtype: DType, words: Words) -> FloatTensor<Self> {
        let client = device.client();
        let len = shape.num_elements() * dtype.size() / 4;
        // Without gaps between rows.
        let tensor = empty_device_contiguous_dtype(client.clone(), device.clone(), shape, dtype);
        let units = match &words {
            Words::Repeated(_) => len,
            Words::Drawn {
                float: Float::F32, ..
            } => len.div_ceil(4),
            Words::Drawn { .. } => len.div_ceil(2),
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
        match words {
            Words::Repeated(word) => unsafe {
                kernel::repeat::launch_unchecked(&client, count, dim, word, out);
            },
            Words::Drawn {
                recipe,
                start,
                float,
            } => {
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
    fn make(device: &Self::Device, shape: Shape, dtype: DType, words: Words) -> FloatTensor<Self> {
        let client = burn_fusion::get_client::<B>(device);
        let out = TensorIr::uninit(client.create_empty_handle(), shape, dtype);
        let outputs = std::slice::from_ref(&out);
        let operation = OperationIr::Custom(CustomOpIr::new("burn_init_draw", &[], outputs));
        let making = Making::<B> {
            device: device.clone(),
            out,
            words,
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
    words: Words,
}

impl<B: FusionBackend + Make> Operation<B::FusionRuntime> for Making<B> {
    fn execute(&self, handles: &mut HandleContainer<B::Handle>) -> Result<(), ExecutionError> {
        let Self { device, out, words } = self;
        let tensor = B::make(device, out.shape.clone(), out.dtype, words.clone());
        handles.register_float_tensor::<B>(&out.id, tensor);
        Ok(())
    }
}

#[cfg(all(test, feature = "wgpu"))]
mod tests {
    use burn::tensor::DeviceType;
    use burn_init_values::{Initializer, Seed, TruncatedNormal, Wavelet, WeightLayout};

    use super::*;

    /// It is the kernel that makes what it can, and nothing else; with Burn's fusion, if the build has it, and
    /// without. On a machine without an adapter there is nothing to test.
    #[test]
    fn what_has_a_kernel() {
        if Device::enumerate(DeviceType::Wgpu).into_vec().is_empty() {
            return;
        }
        let device = Device::wgpu(Default::default());
        let (key, layout) = (Seed::new(1).key("w"), WeightLayout::linear([31, 37]));
        let made = |init: &dyn Initializer, dtype, make_on| {
            draw::<2>(&init.fit(&layout).unwrap(), key, &device, dtype, make_on)
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
    }
}
