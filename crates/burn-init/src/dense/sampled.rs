//! Any distribution of `rand_distr`.

use std::fmt;

use rand::distr::Distribution;

use crate::draw::{PhiloxRng, parallel};
use crate::error::InitError;
use crate::initializer::{Initializer, range};
use crate::key::Key;
use crate::layout::WeightLayout;

/// Draws from any distribution that implements `rand`'s trait for f32, such as those of
/// `rand_distr`.
///
/// Each element has a generator of its own ([`PhiloxRng::element`]), so the values depend on the
/// seed, the path and the index only. They are computed by the distribution's own code, though:
/// many use the system's math library, which may differ in the last bit between machines.
///
/// ```
/// use burn_init::{AnyInitializer, Initializer, Sampled, Seed};
/// use rand_distr::Cauchy;
///
/// let heavy_tails = Sampled(Cauchy::new(0.0f32, 0.01).unwrap());
/// let weights = heavy_tails.draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
/// // In a plan:
/// let init = AnyInitializer::custom(heavy_tails);
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled<D>(pub D);

/// The elements that one task draws.
const CHUNK: usize = 1 << 10;

impl<D> fmt::Display for Sampled<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `rand_distr::normal::Normal<f32>` is `Normal<f32>`.
        let name = std::any::type_name::<D>();
        let generics = name.find('<').unwrap_or(name.len());
        let begin = name[..generics].rfind("::").map_or(0, |colons| colons + 2);
        write!(f, "sampled from {}", &name[begin..])
    }
}

impl<D: Distribution<f32> + Send + Sync> Initializer for Sampled<D> {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        match layout.elements()? {
            elements if elements as u64 > PhiloxRng::ELEMENTS => Err(InitError::shape(
                layout.shape(),
                format!("Sampled draws at most {} elements", PhiloxRng::ELEMENTS),
            )),
            _ => Ok(()),
        }
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        self.check(layout)?;
        range(layout, start, out.len())?;
        parallel::for_each_chunk(out, CHUNK, parallel::FEW, |task, chunk| {
            for (value, element) in chunk.iter_mut().zip(start + task * CHUNK..) {
                *value = self.0.sample(&mut PhiloxRng::element(key, element));
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound};
    use crate::key::Seed;

    /// Another library's distribution keeps its distribution; false-alarm rate 10⁻⁶.
    #[test]
    fn distribution() {
        const N: usize = 10_000_000;
        let exponential = Sampled(rand_distr::Exp::new(2.0f32).unwrap());
        let mut values = exponential
            .draw(&[N].into(), Seed::new(1).key("w"))
            .unwrap();
        let distance = kolmogorov_smirnov(&mut values, |x| 1.0 - (-2.0 * x).exp());
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
    }
}
