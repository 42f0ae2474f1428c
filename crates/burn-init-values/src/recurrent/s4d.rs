//! The diagonal matrices of S4D.

use std::f64::consts::PI;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "S4d";

/// Where the eigenvalues A_n lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spectrum {
    /// S4D-Lin: −½ + iπn.
    Lin,
    /// S4D-Inv: −½ + i·N/π·(N/(2n+1) − 1).
    Inv,
    /// S4D-Real: −(n+1).
    Real,
}

/// Which part of the eigenvalues a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum S4dPart {
    /// Re A_n.
    Re,
    /// ln(−Re A_n), which keeps the real part negative in training.
    LogRe,
    /// Im A_n.
    Im,
}

/// The diagonal A of a state-space model, `[…, channels, states]`, one part of it in each parameter (Gu et
/// al. 2022, "On the parameterization and initialization of diagonal state space models"). Nothing is drawn.
///
/// | spectrum | A_n | what it stands for |
/// |---|---|---|
/// | S4D-Lin | −½ + iπn | the frequencies of a Fourier series |
/// | S4D-Inv | −½ + i·N/π·(N/(2n+1) − 1) | the eigenvalues of HiPPO-LegS, nearly |
/// | S4D-Real | −(n+1) | the diagonal of HiPPO-LegS |
///
/// n counts from 0 over the last axis, and is the same for all channels.
///
/// N is the number of states. Models hold one of each pair of conjugate eigenvalues, so that by default it
/// is twice the last axis; [`states`](Self::states) says another one. Only S4D-Inv depends on it.
///
/// ```
/// use burn_init_values::{Initializer, S4d, Seed};
///
/// let key = Seed::new(1).key("s4d.a_imag");
/// // 64 channels, 32 of 64 states.
/// let a_imag = S4d::inv().im().draw(&[64, 32].into(), key)?;
/// assert_eq!(a_imag[0], (64.0 / std::f64::consts::PI * 63.0) as f32);
/// let log_a_real = S4d::inv().log_re().draw(&[64, 32].into(), key)?;
/// assert_eq!(log_a_real[0], 0.5f64.ln() as f32);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the number of states is less than the last axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct S4d {
    /// Where the eigenvalues lie.
    pub spectrum: Spectrum,
    /// Which part of them the parameter holds.
    #[serde(default = "re")]
    pub part: S4dPart,
    /// The number of states, where it isn't twice the last axis.
    #[serde(default)]
    pub states: Option<usize>,
}

fn re() -> S4dPart {
    S4dPart::Re
}

impl S4d {
    /// The real part of this spectrum.
    pub const fn new(spectrum: Spectrum) -> Self {
        Self {
            spectrum,
            part: S4dPart::Re,
            states: None,
        }
    }

    /// S4D-Lin's real part, −½.
    pub const fn lin() -> Self {
        Self::new(Spectrum::Lin)
    }

    /// S4D-Inv's real part, −½.
    pub const fn inv() -> Self {
        Self::new(Spectrum::Inv)
    }

    /// S4D-Real's real part, −(n+1).
    pub const fn real() -> Self {
        Self::new(Spectrum::Real)
    }

    /// The logarithm of minus the real part.
    pub const fn log_re(mut self) -> Self {
        self.part = S4dPart::LogRe;
        self
    }

    /// The imaginary part.
    pub const fn im(mut self) -> Self {
        self.part = S4dPart::Im;
        self
    }

    /// The number of states N, conjugates included.
    pub const fn states(mut self, states: usize) -> Self {
        self.states = Some(states);
        self
    }

    /// The part of A_n, of `states` eigenvalues.
    fn value(&self, n: u64, states: f64) -> f64 {
        let re = match self.spectrum {
            Spectrum::Lin | Spectrum::Inv => -0.5,
            Spectrum::Real => -((n + 1) as f64),
        };
        match (self.part, self.spectrum) {
            (S4dPart::Re, _) => re,
            (S4dPart::LogRe, _) => libm::log(-re),
            (S4dPart::Im, Spectrum::Lin) => PI * n as f64,
            (S4dPart::Im, Spectrum::Inv) => states / PI * (states / (2 * n + 1) as f64 - 1.0),
            (S4dPart::Im, Spectrum::Real) => 0.0,
        }
    }
}

impl fmt::Display for S4d {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            S4dPart::Re => "Re",
            S4dPart::LogRe => "ln(−Re)",
            S4dPart::Im => "Im",
        };
        write!(f, "S4D-{:?}, {part}", self.spectrum)?;
        match self.states {
            Some(states) => write!(f, " of {states} states"),
            None => Ok(()),
        }
    }
}

impl Initializer for S4d {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let columns = weight.last_axis();
        let states = self.states.unwrap_or(columns.saturating_mul(2));
        if states < columns {
            let expected = format!("at least the last axis, {columns}");
            return Err(InitError::setting(NAME, "states", states, expected));
        }
        let (init, columns, states) = (self.clone(), columns as u64, states as f64);
        // The values rise or fall with n: one at an end is the largest.
        let last = columns.saturating_sub(1);
        let ends = [0, last].map(|n| self.value(n, states).abs());
        let fitted = Fitted::elements(weight, move |_, i| init.value(i % columns, states) as f32)?;
        Ok(fitted.up_to(ends[0].max(ends[1])).fixed())
    }
}
