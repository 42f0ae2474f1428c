//! The mel scale of pitch.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::InitError;

/// A formula for mels, in which steps of pitch sound equal.
///
/// | scale | mels of f hertz | default of |
/// |---|---|---|
/// | HTK | 2595 log₁₀(1 + f/700) | torchaudio |
/// | Slaney | 3f/200 below 1000, 15 + 27 ln(f/1000)/ln 6.4 from there | librosa |
///
/// ```
/// use burn_init_values::waves::MelScale;
/// assert!((MelScale::Slaney.mels(60.0) - 0.9).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MelScale {
    /// That of the Hidden Markov Toolkit (Young et al. 2006; O'Shaughnessy 1987).
    #[default]
    Htk,
    /// That of the Auditory Toolbox (Slaney 1998).
    Slaney,
}

/// From where on Slaney's scale is logarithmic, in hertz and in mels.
const SLANEY_BEND: (f64, f64) = (1000.0, 15.0);

/// By how many mels Slaney's scale grows where the frequency grows by a factor of e.
fn slaney_step() -> f64 {
    27.0 / libm::log(6.4)
}

impl MelScale {
    /// The mels of a frequency in hertz.
    pub fn mels(self, hertz: f64) -> f64 {
        let (bend, mels) = SLANEY_BEND;
        match self {
            Self::Htk => 2595.0 * libm::log10(1.0 + hertz / 700.0),
            Self::Slaney if hertz < bend => hertz * mels / bend,
            Self::Slaney => mels + slaney_step() * libm::log(hertz / bend),
        }
    }

    /// The frequency in hertz of so many mels.
    pub fn hertz(self, mels: f64) -> f64 {
        let (bend, from) = SLANEY_BEND;
        match self {
            Self::Htk => 700.0 * (libm::pow(10.0, mels / 2595.0) - 1.0),
            Self::Slaney if mels < from => mels * bend / from,
            Self::Slaney => bend * libm::exp((mels - from) / slaney_step()),
        }
    }
}

/// Bands of frequencies whose edges are equally far from each other in mels.
///
/// ```
/// use burn_init_values::waves::{FilterBank, MelBands, MelScale};
///
/// let bands = MelBands::new(22_050.0).between(20.0, 8_000.0).scale(MelScale::Slaney);
/// let init = FilterBank::mel(bands);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MelBands {
    /// Samples per second.
    pub sample_rate: f64,
    /// The lowest edge, in hertz.
    #[serde(default)]
    pub low: f64,
    /// The highest edge, in hertz; `None` stands for half of the sample rate.
    #[serde(default, serialize_with = "crate::error::serialize_number")]
    pub high: Option<f64>,
    /// The formula for mels.
    #[serde(default)]
    pub scale: MelScale,
}

impl MelBands {
    /// All frequencies of signals with so many samples per second, on the scale of HTK.
    pub const fn new(sample_rate: f64) -> Self {
        Self {
            sample_rate,
            low: 0.0,
            high: None,
            scale: MelScale::Htk,
        }
    }

    /// The lowest and the highest edge, in hertz.
    pub fn between(mut self, low: f64, high: f64) -> Self {
        (self.low, self.high) = (low, Some(high));
        self
    }

    /// The formula for mels.
    pub fn scale(mut self, scale: MelScale) -> Self {
        self.scale = scale;
        self
    }

    fn highest(&self) -> f64 {
        self.high.unwrap_or(0.5 * self.sample_rate)
    }

    /// The edge number `i`, where number `last` is the highest; in hertz.
    pub(super) fn edge(&self, i: usize, last: usize) -> f64 {
        let (low, high) = (self.scale.mels(self.low), self.scale.mels(self.highest()));
        self.scale
            .hertz(low + (high - low) * (i as f64 / last as f64))
    }

    pub(super) fn check(&self, initializer: &'static str) -> Result<(), InitError> {
        let Self {
            sample_rate, low, ..
        } = *self;
        let error = |setting, given: String, expected: String| {
            Err(InitError::setting(initializer, setting, given, expected))
        };
        if !(sample_rate > 0.0 && sample_rate.is_finite()) {
            let expected = "a finite number of hertz greater than 0".to_owned();
            return error("sample_rate", sample_rate.to_string(), expected);
        }
        let (high, half) = (self.highest(), 0.5 * sample_rate);
        if !(0.0 <= low && low < high && high <= half) {
            let expected = format!("from 0 to half of the sample rate, {half}, low below high");
            return error("low and high", format!("{low} and {high}"), expected);
        }
        Ok(())
    }
}

impl From<f64> for MelBands {
    /// All frequencies of signals with this sample rate, on the scale of HTK.
    fn from(sample_rate: f64) -> Self {
        Self::new(sample_rate)
    }
}

impl fmt::Display for MelBands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sample_rate,
            low,
            scale,
            ..
        } = self;
        write!(
            f,
            "{scale:?}, {low} to {} Hz at {sample_rate} Hz",
            self.highest()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in librosa's documentation of `hz_to_mel` and `mel_to_hz`, a kilohertz on both
    /// scales (about 1000 mels by HTK, and 15 by Slaney), and the way back.
    #[test]
    fn values_of_librosa() {
        let (htk, slaney) = (MelScale::Htk, MelScale::Slaney);
        for (scale, hertz, mels, digits) in [
            (slaney, 60.0, 0.9, 1e-9),
            (slaney, 110.0, 1.65, 1e-9),
            (slaney, 220.0, 3.3, 1e-9),
            (slaney, 440.0, 6.6, 1e-9),
            (slaney, 200.0, 3.0, 1e-9),
            (slaney, 66.667, 1.0, 1e-5),
            (slaney, 1000.0, 15.0, 1e-9),
            (slaney, 6400.0, 42.0, 1e-9),
            (slaney, 11025.0, 49.910_594_480_159_05, 1e-9),
            (htk, 0.0, 0.0, 1e-9),
            (htk, 1000.0, 999.985_537_1, 1e-6),
            (htk, 6300.0, 2595.0, 1e-9),
        ] {
            assert!(
                (scale.mels(hertz) - mels).abs() < digits,
                "{scale:?} {hertz}"
            );
            assert!((scale.hertz(scale.mels(hertz)) - hertz).abs() < 1e-9);
        }
    }
}
