//! Any distribution of `rand_distr`.

use std::fmt;

use rand::distr::Distribution;

use crate::draw::PhiloxRng;
use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// Draws from any distribution that implements `rand`'s trait for f32, such as those of
/// `rand_distr`.
///
/// Each element has a generator of its own ([`PhiloxRng::element`]), so the values depend on the
/// seed, the path and the index only. They are computed by the distribution's own code, though:
/// many use the system's math library, which may differ in the last bit between machines.
///
/// ```
/// use burn_init_values::{AnyInitializer, Initializer, Sampled, Seed};
/// use rand_distr::Cauchy;
///
/// let heavy_tails = Sampled(Cauchy::new(0.0f32, 0.01).unwrap());
/// let weights = heavy_tails.draw(&[100, 64].into(), Seed::new(1).key("fc1.weight"))?;
/// // In a plan:
/// let init = AnyInitializer::custom(heavy_tails);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled<D>(pub D);

impl<D> fmt::Display for Sampled<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `rand_distr::normal::Normal<f32>` is `Normal<f32>`.
        let name = std::any::type_name::<D>();
        let generics = name.find('<').unwrap_or(name.len());
        let begin = name[..generics].rfind("::").map_or(0, |colons| colons + 2);
        write!(f, "sampled from {}", &name[begin..])
    }
}

impl<D> Initializer for Sampled<D>
where
    D: Distribution<f32> + Clone + fmt::Debug + Send + Sync + 'static,
{
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        if weight.elements()? as u64 > PhiloxRng::ELEMENTS {
            let problem = format!("Sampled draws at most {} elements", PhiloxRng::ELEMENTS);
            return Err(InitError::shape(weight.shape(), problem));
        }
        let distribution = self.0.clone();
        Fitted::elements(weight, move |key, i| {
            distribution.sample(&mut PhiloxRng::element(key, i as usize))
        })
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
