//! The steps of Mamba.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::unit;
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "MambaDtBias";

/// The bias of Mamba's Δ = softplus(… + b): b = softplus⁻¹(dt) = dt + ln(1 − e^(−dt)), with steps dt that
/// are log-uniform in [dt_min, dt_max], and at least a floor (Gu and Dao 2023).
///
/// By default the steps are from 0.001 to 0.1, and the floor is 10⁻⁴. It is `dt_proj.bias` of Mamba and
/// `dt_bias` of Mamba-2; the weight beside the first is U(−dt_rank^(−½), dt_rank^(−½)), fan_in being
/// dt_rank.
///
/// ```
/// use burn_init_values::{Initializer, MambaDtBias, Seed};
///
/// let b = MambaDtBias::new().draw(&[1536].into(), Seed::new(1).key("mixer.dt_proj.bias"))?;
/// let softplus = |b: f32| f64::from(b).exp().ln_1p();
/// assert!(b.iter().all(|b| (0.000_999..0.100_001).contains(&softplus(*b))));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If dt_min isn't above 0, dt_max less than dt_min, the floor negative, or one isn't finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct MambaDtBias {
    /// The shortest step.
    pub dt_min: f64,
    /// The longest step.
    pub dt_max: f64,
    /// No step is shorter than this, whatever was drawn.
    pub dt_floor: f64,
}

impl Default for MambaDtBias {
    fn default() -> Self {
        Self::new()
    }
}

impl MambaDtBias {
    /// Steps from 0.001 to 0.1, and a floor of 10⁻⁴.
    pub const fn new() -> Self {
        Self {
            dt_min: 0.001,
            dt_max: 0.1,
            dt_floor: 1e-4,
        }
    }

    /// The shortest and the longest step.
    pub const fn steps(mut self, dt_min: f64, dt_max: f64) -> Self {
        (self.dt_min, self.dt_max) = (dt_min, dt_max);
        self
    }

    /// Shorter steps become this long.
    pub const fn floor(mut self, dt_floor: f64) -> Self {
        self.dt_floor = dt_floor;
        self
    }
}

impl fmt::Display for MambaDtBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dt_min, dt_max) = (self.dt_min, self.dt_max);
        write!(
            f,
            "bias of steps {dt_min} to {dt_max}, floor {}",
            self.dt_floor
        )
    }
}

/// b with softplus(b) = dt.
fn inverse_softplus(dt: f64) -> f64 {
    dt + libm::log(-libm::expm1(-dt))
}

impl Initializer for MambaDtBias {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let Self {
            dt_min,
            dt_max,
            dt_floor,
        } = *self;
        if !(dt_min > 0.0 && dt_min <= dt_max && dt_max.is_finite()) {
            let given = format!("{dt_min} to {dt_max}");
            let expected = "finite lengths above 0, the shortest first";
            return Err(InitError::setting(NAME, "steps", given, expected));
        }
        if !(dt_floor >= 0.0 && dt_floor.is_finite()) {
            let expected = "a finite length, 0 or greater";
            return Err(InitError::setting(NAME, "dt_floor", dt_floor, expected));
        }
        let bias = move |dt: f64| inverse_softplus(dt.max(dt_floor));
        let low = finite(NAME, "dt_min", bias(dt_min))?;
        let high = finite(NAME, "dt_max", bias(dt_max))?;
        let (log_min, log_max) = (libm::log(dt_min), libm::log(dt_max));
        let value = move |unit: f64| {
            let dt = libm::exp(log_min + unit * (log_max - log_min));
            (bias(dt) as f32).clamp(low, high)
        };
        let fitted = Fitted::elements(weight, move |key, i| value(unit(key, i)))?;
        let expected = move || Some(Expected::of_unit(|unit| f64::from(value(unit))));
        Ok(fitted.within(low, high).expecting_later(expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound};
    use crate::key::Seed;

    /// ln softplus(b) is uniform from ln 0.001 to ln 0.1; false-alarm rate 10⁻⁶.
    #[test]
    fn distribution() {
        const N: usize = 1_000_000;
        let key = Seed::new(1).key("b");
        let mut b = MambaDtBias::new().draw(&[N].into(), key).unwrap();
        let octaves = 100f64.ln();
        let share = |b: f64| (b.exp().ln_1p() / 0.001).ln() / octaves;
        let distance = kolmogorov_smirnov(&mut b, share);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
    }
}
