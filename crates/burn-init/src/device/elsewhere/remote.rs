//! Weights that a server of Burn's remote backend makes by itself.
//!
//! A weight on a remote device is made on the client, and sent. With [`MakeOn::Device`](crate::plan::MakeOn) the client
//! sends what the values depend on instead: less than a kilobyte for a parameter, however large it is. The bits are the
//! same. This is for all weights whose elements are each made by themselves
//! ([`Fitted::elementwise`] tells), and for shards of them. The values of all others are sent.
//!
//! The server must know how: [`make`] is its handler for the custom operation [`OPERATION`], for the backend of the
//! server's devices.
//!
//! ```no_run
//! # #[cfg(feature = "remote-server")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use burn::backend::Flex;
//! use burn::server::{IrohIdentity, IrohTransport, RemoteServer};
//! use burn::tensor::Device;
//! use burn_init::remote;
//!
//! let transport = IrohTransport::new(IrohIdentity::load_or_create("server.key")?);
//! RemoteServer::new([Device::flex()])
//!     .with_custom_op::<Flex, _>(remote::OPERATION, remote::make::<Flex>)
//!     .serve(transport)?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "remote-server"))]
//! # fn main() {}
//! ```
//!
//! A server on a GPU has the backend `burn::backend::Cube`, and makes weights by this crate's kernel where the crate is
//! built for its runtime there.
//!
//! A client can't ask a server what it knows. Where the handler is missing, Burn ends the session, and what the client
//! reads next fails.

use burn::backend::{DispatchDevice, Remote};
use burn::remote::CustomOpClient;
use burn::tensor::{DType, Device, Shape, Tensor, bf16, f16};
use burn_init_values::draw::Elementwise;
use burn_init_values::weight::Region;
use burn_init_values::{Fitted, InitError, Key, WeightLayout};
use burn_ir::{BackendIr, CustomOpIr, HandleContainer, ScalarIr, TensorIr};
use serde::{Deserialize, Serialize};

use super::{MakeOn, Part, cube, fitting_bounds};
use crate::device::data;

/// The name of the operation that makes a weight, with this crate's version: a server of another version doesn't know it.
pub const OPERATION: &str = concat!("burn_init.make/", env!("CARGO_PKG_VERSION"));

/// What a server is told.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    each: Elementwise,
    key: Key,
    region: Region,
    /// What values keep within also in a narrow type.
    bounds: Option<(f32, f32)>,
}

impl Order {
    /// What makes a part in this type, if a server can.
    fn new(part: Part<'_>, dtype: DType) -> Option<Self> {
        let Part {
            fitted,
            key,
            region,
        } = part;
        // Errors are the client's to find.
        match dtype {
            DType::F64 | DType::F32 => {}
            DType::F16 => _ = fitting_bounds::<f16>(fitted)?,
            DType::BF16 => _ = fitting_bounds::<bf16>(fitted)?,
            _ => return None,
        }
        let order = Self {
            each: fitted.elementwise(key)?,
            key,
            region: match region {
                Some(region) => region.clone(),
                None => Region::all(fitted.shape()).ok()?,
            },
            bounds: fitted.bounds(),
        };
        order.fitted().is_ok().then_some(order)
    }

    /// Its bytes in MessagePack, eight in a number, behind their count.
    fn scalars(&self) -> Option<Vec<ScalarIr>> {
        let bytes = rmp_serde::to_vec(self).ok()?;
        let eights = bytes.chunks(8).map(|chunk| {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(eight)
        });
        let numbers = [bytes.len() as u64].into_iter().chain(eights);
        Some(numbers.map(ScalarIr::UInt).collect())
    }

    /// The reverse.
    fn read(scalars: &[ScalarIr]) -> Result<Self, String> {
        let (count, eights) = scalars.split_first().ok_or("it has no numbers")?;
        let number = |scalar: &ScalarIr| match scalar {
            ScalarIr::UInt(number) => Ok(*number),
            other => Err(format!("{other:?} isn't a whole number")),
        };
        let mut bytes = Vec::new();
        for eight in eights {
            bytes.extend(number(eight)?.to_le_bytes());
        }
        let count = usize::try_from(number(count)?).ok();
        let bytes = count.and_then(|count| bytes.get(..count));
        rmp_serde::from_slice(bytes.ok_or("it is cut off")?).map_err(|error| error.to_string())
    }

    /// The whole weight, fitted as on the client.
    fn fitted(&self) -> Result<Fitted, InitError> {
        let layout = WeightLayout::vector(self.region.whole().to_vec());
        let fitted = Fitted::words(&layout, self.each.clone())?;
        Ok(match self.bounds {
            Some((low, high)) => fitted.within(low, high),
            None => fitted,
        })
    }
}

/// A part's values, made by the server of a remote device; `None` where they can't be, or nobody asks for it.
pub(super) fn draw<const D: usize>(
    part: Part<'_>,
    device: &Device,
    dtype: DType,
    make_on: MakeOn,
) -> Option<Tensor<D>> {
    let DispatchDevice::Remote(remote) = device.as_dispatch() else {
        return None;
    };
    if make_on != MakeOn::Device {
        return None;
    }
    let scalars = Order::new(part, dtype)?.scalars()?;
    let client = CustomOpClient::new(remote);
    let shape = Shape::from(part.shape());
    let out = TensorIr::uninit(client.create_empty_handle(), shape, dtype);
    let operation = CustomOpIr::with_scalars(OPERATION, &[], &[out], scalars);
    let made = client.register(operation).pop()?;
    Some(Tensor::from_primitive::<Remote>(made))
}

/// Makes a weight on a server's device: the handler of [`OPERATION`].
///
/// # Panics
///
/// If the operation isn't what a client of the same version of this crate sends, or there isn't enough memory: a
/// handler of Burn's can't give back an error. The client's session ends; the server goes on.
pub fn make<B: BackendIr>(
    handles: &mut HandleContainer<B::Handle>,
    operation: &CustomOpIr,
    device: &B::Device,
) {
    if let Err(problem) = try_make::<B>(handles, operation, device) {
        panic!("{OPERATION}: {problem}");
    }
}

fn try_make<B: BackendIr>(
    handles: &mut HandleContainer<B::Handle>,
    operation: &CustomOpIr,
    device: &B::Device,
) -> Result<(), String> {
    let [out] = operation.outputs.as_slice() else {
        return Err("it has one output".to_owned());
    };
    let text = |error: InitError| error.to_string();
    let order = Order::read(&operation.scalars)?;
    let part = Part {
        fitted: &order.fitted().map_err(text)?,
        key: order.key,
        region: Some(&order.region),
    };
    if out.shape != Shape::from(part.shape()) {
        return Err(format!(
            "{:?} isn't the shape of {}",
            out.shape, order.region
        ));
    }
    let tensor = match cube::draw_for_server(part, device, out.dtype) {
        Some(tensor) => tensor,
        None => {
            let values = part.draw().map_err(text)?;
            let values = data(values, part, out.dtype).map_err(text)?;
            B::float_from_data(values.convert_dtype(out.dtype), device)
        }
    };
    handles.register_float_tensor::<B>(&out.id, tensor);
    Ok(())
}

#[cfg(test)]
mod tests {
    use burn_init_values::{Initializer, Normal, Seed, TruncatedNormal, Uniform, Wavelet};

    use super::*;

    /// What a client says is what a server reads, in less than a kilobyte; broken off, it is an error.
    #[test]
    fn orders_are_read_as_they_were_written() -> Result<(), InitError> {
        let layout = WeightLayout::linear([1 << 20, 1 << 20]);
        let region = Region::new(layout.shape(), [5..70, 1 << 19..1 << 20])?;
        for region in [None, Some(&region)] {
            for init in [
                &Normal::new(0.1, 0.02) as &dyn Initializer,
                &TruncatedNormal::new(0.0, 0.02),
                &Uniform::new(-1.0, 0.3),
            ] {
                let fitted = init.fit(&layout)?;
                let key = Seed::new(u64::MAX)
                    .key("a.rather.long.path.to.a.weight")
                    .stream(3);
                let part = Part {
                    fitted: &fitted,
                    key,
                    region,
                };
                let order = Order::new(part, DType::F32).unwrap();
                let scalars = order.scalars().unwrap();
                assert!(scalars.len() < 30, "{}", scalars.len());
                assert_eq!(Order::read(&scalars).as_ref(), Ok(&order));
                assert!(Order::read(&scalars[..scalars.len() - 1]).is_err());
                assert!(Order::read(&scalars[1..]).is_err());
                assert!(Order::read(&[]).is_err());
                assert!(Order::read(&[ScalarIr::Float(1.0)]).is_err());
                assert_eq!(order.fitted()?.bounds(), fitted.bounds());
            }
        }
        let wavelet = Wavelet::haar().fit(&[64, 64].into())?;
        let part = Part {
            fitted: &wavelet,
            key: Seed::new(1).key("w"),
            region: None,
        };
        assert_eq!(Order::new(part, DType::F32), None);
        // A number between product and clamp is infinite: the server would refuse it.
        let widest = Uniform::new(-(2f64.powi(106)), f32::MAX.into()).fit(&[64, 64].into())?;
        let part = Part {
            fitted: &widest,
            ..part
        };
        assert_eq!(Order::new(part, DType::F32), None);
        Ok(())
    }
}
