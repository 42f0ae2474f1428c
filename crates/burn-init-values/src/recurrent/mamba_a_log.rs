//! The state matrices of Mamba.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::unit;
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "MambaALog";

/// Mamba's `A_log`, A being −exp(`A_log`): ln 1, …, ln N in each row of `[d_inner, N]` (Gu and Dao 2023), or
/// ln U(1, 16) for each head (Mamba-2; Dao and Gu 2024).
///
/// The first is S4D-Real, [`S4d::real().log_re()`](crate::S4d), and draws nothing: it goes over the last
/// axis. The second draws each element by itself, of a parameter of any shape.
///
/// ```
/// use burn_init_values::{Initializer, MambaALog, Seed};
///
/// let key = Seed::new(1).key("mixer.a_log");
/// let a_log = MambaALog::new().draw(&[1536, 16].into(), key)?;
/// assert_eq!(a_log[16..18], [0.0, std::f32::consts::LN_2]);
/// let a_log = MambaALog::mamba2().draw(&[24].into(), key)?;
/// assert!(a_log.iter().all(|a| (0.0..=16f32.ln()).contains(a)));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the range isn't one of positive numbers, the smallest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MambaALog {
    /// From where to where −A is drawn; without it, −A is 1, …, N.
    #[serde(default)]
    pub range: Option<(f64, f64)>,
}

impl MambaALog {
    /// ln 1, …, ln N over the last axis: Mamba's.
    pub const fn new() -> Self {
        Self { range: None }
    }

    /// ln U(1, 16): Mamba-2's.
    pub const fn mamba2() -> Self {
        Self::new().range(1.0, 16.0)
    }

    /// ln U(low, high).
    pub const fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }
}

impl fmt::Display for MambaALog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            None => write!(f, "Mamba's A_log, ln 1 to ln N"),
            Some((low, high)) => write!(f, "Mamba's A_log, ln U({low}, {high})"),
        }
    }
}

impl Initializer for MambaALog {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let Some((low, high)) = self.range else {
            let states = weight.last_axis() as u64;
            let ln = move |n: u64| libm::log((n + 1) as f64) as f32;
            let fitted = Fitted::elements(weight, move |_, i| ln(i % states))?;
            return Ok(fitted.within(0.0, ln(states.saturating_sub(1))).fixed());
        };
        if !(low > 0.0 && low <= high && high.is_finite()) {
            let given = format!("{low} to {high}");
            let expected = "finite numbers above 0, the smallest first";
            return Err(InitError::setting(NAME, "range", given, expected));
        }
        let ln = |x| finite(NAME, "range", libm::log(x));
        let bounds = (ln(low)?, ln(high)?);
        let fitted = Fitted::elements(weight, move |key, i| {
            let x = low + unit(key, i) * (high - low);
            (libm::log(x) as f32).clamp(bounds.0, bounds.1)
        })?;
        let expected = Expected::ln_uniform(low, high);
        Ok(fitted.within(bounds.0, bounds.1).expecting(expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound};
    use crate::key::Seed;

    /// e^a is uniform from 1 to 16; false-alarm rate 10⁻⁶.
    #[test]
    fn distribution() {
        const N: usize = 1_000_000;
        let key = Seed::new(1).key("a_log");
        let mut a = MambaALog::mamba2().draw(&[N].into(), key).unwrap();
        let distance = kolmogorov_smirnov(&mut a, |a| (a.exp() - 1.0) / 15.0);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
    }
}
