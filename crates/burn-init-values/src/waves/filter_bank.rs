//! A neuron for each band of frequencies.

use std::f64::consts::{PI, TAU};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::MelBands;
use super::turn::{cos_of_turn, sin_of_turn};
use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "FilterBank";

/// What the filters of a [`FilterBank`] are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bank {
    /// Sines and cosines: see [`FilterBank::fourier`].
    Fourier,
    /// Triangles over a spectrum: see [`FilterBank::mel`].
    Mel(MelBands),
    /// Band-pass filters for signals: see [`FilterBank::sinc`].
    Sinc(MelBands),
}

/// A neuron for each band of frequencies, for first layers that read signals or their spectra.
///
/// | bank | inputs | filter of neuron k of m |
/// |---|---|---|
/// | [`fourier`](Self::fourier) | a signal | a constant, then cosine and sine of one period, of two, … |
/// | [`mel`](Self::mel) | a spectrum | a triangle over its band, mel bands overlapping by half |
/// | [`sinc`](Self::sinc) | a signal | a windowed sinc that passes its band, mel bands side by side |
///
/// A filter runs over all inputs of a linear neuron, over the kernel of a convolution with one
/// axis and one input channel (of each group), or over the channels where the kernel has one
/// place. Groups of a convolution and experts have a bank each, all the same. The seed doesn't
/// matter.
///
/// # Errors
///
/// If the inputs of a neuron aren't a line; if there are more neurons than a Fourier bank has
/// filters, or a mel bank has a triangle without a frequency of the spectrum in it: such a neuron
/// would have no weights. If the sample rate isn't positive, or edges aren't from 0 to half of it.
/// If `area` is asked for without triangles.
///
/// ```
/// use burn_init_values::waves::{MelBands, MelScale};
/// use burn_init_values::{FilterBank, Initializer, Seed, WeightLayout};
///
/// let key = Seed::new(1).key("filters.weight");
/// // 80 filters of 251 samples of speech, as in SincNet.
/// let signal = FilterBank::sinc(MelBands::new(16_000.0).between(30.0, 7_900.0));
/// let w = signal.draw(&WeightLayout::conv([80, 1, 251])?, key)?;
/// // What librosa's `filters.mel(sr=22050, n_fft=2048, n_mels=80)` gives, from 1025 frequencies.
/// let spectrum = FilterBank::mel(MelBands::new(22_050.0).scale(MelScale::Slaney)).area();
/// let w = spectrum.draw(&WeightLayout::linear([1025, 80]), key)?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FilterBank {
    /// What the filters are.
    pub bank: Bank,
    /// Whether triangles have an area of 1 over hertz, instead of a height of 1.
    #[serde(default)]
    pub area: bool,
    /// What the filters are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl FilterBank {
    const fn new(bank: Bank) -> Self {
        Self {
            bank,
            area: false,
            gain: 1.0,
        }
    }

    /// The orthonormal Fourier basis of n inputs: 1/√n; then for each frequency f = 1, 2, … the
    /// cosine √(2/n) cos(2πfj/n) and the sine √(2/n) sin(2πfj/n) over inputs j. For even n the
    /// last one is the alternating ±1/√n.
    pub const fn fourier() -> Self {
        Self::new(Bank::Fourier)
    }

    /// Triangles over a spectrum of n frequencies from 0 to half of the sample rate: torchaudio's
    /// `melscale_fbanks`.
    ///
    /// With m + 2 edges fₖ, equally far from each other in mels, neuron k rises from fₖ to 1 at
    /// fₖ₊₁, and falls to 0 at fₖ₊₂. It takes [`MelBands`], or a sample rate.
    pub fn mel(bands: impl Into<MelBands>) -> Self {
        Self::new(Bank::Mel(bands.into()))
    }

    /// Band-pass filters of signals, as in SincNet (Ravanelli and Bengio 2018).
    ///
    /// With m + 1 edges fₖ, equally far from each other in mels, neuron k passes what is between
    /// fₖ and fₖ₊₁, in samples: at t samples from the middle it is (sin(2πfₖ₊₁t) −
    /// sin(2πfₖt))/(πt) times Hamming's window. Where the kernel is much longer than 1/(fₖ₊₁ −
    /// fₖ), the middle of the band passes unchanged. (SincNet's code divides each filter by its
    /// largest value.) It takes [`MelBands`], or a sample rate.
    pub fn sinc(bands: impl Into<MelBands>) -> Self {
        Self::new(Bank::Sinc(bands.into()))
    }

    /// Triangles have the height 2/(fₖ₊₂ − fₖ), as by `norm="slaney"` in torchaudio and librosa.
    pub fn area(mut self) -> Self {
        self.area = true;
        self
    }

    /// What the filters are multiplied by.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// The height of neuron `k`'s filter.
    fn height(&self, k: usize, m: usize) -> f64 {
        match &self.bank {
            Bank::Mel(bands) if self.area => {
                self.gain * 2.0 / (bands.edge(k + 2, m + 1) - bands.edge(k, m + 1))
            }
            _ => self.gain,
        }
    }

    /// Whether the filter of neuron `k` of `m` has weights for `n` inputs.
    fn is_there(&self, k: usize, m: usize, n: usize) -> bool {
        match &self.bank {
            Bank::Fourier => k < n,
            Bank::Mel(bands) => {
                let [left, middle, right] = [0, 1, 2].map(|i| bands.edge(k + i, m + 1));
                // The first frequency above the left edge.
                let step = 0.5 * bands.sample_rate / (n as f64 - 1.0);
                let i = (left / step).floor() + 1.0;
                left < middle && middle < right && i <= n as f64 - 1.0 && i * step < right
            }
            Bank::Sinc(bands) => bands.edge(k, m) < bands.edge(k + 1, m),
        }
    }

    /// Writes the filter of neuron `k` of `m`.
    fn filter(&self, k: usize, m: usize, w: &mut [f32]) {
        let n = w.len();
        let height = self.height(k, m);
        let mut write = |value: &dyn Fn(usize) -> f64| {
            for (i, w) in w.iter_mut().enumerate() {
                *w = (height * value(i)) as f32 + 0.0;
            }
        };
        match &self.bank {
            Bank::Fourier => {
                let n = n as u64;
                let (frequency, wave): (_, fn(u64, u64) -> f64) = match k as u64 {
                    k if k % 2 == 1 => (k.div_ceil(2), cos_of_turn),
                    0 => (0, cos_of_turn),
                    k => (k / 2, sin_of_turn),
                };
                // What is its own mirror image has all the energy in one wave.
                let alone = frequency == 0 || 2 * frequency == n;
                let norm = (if alone { 1.0 } else { 2.0 } / n as f64).sqrt();
                write(&|i| norm * wave(frequency * i as u64, n));
            }
            Bank::Mel(bands) => {
                let [left, middle, right] = [0, 1, 2].map(|i| bands.edge(k + i, m + 1));
                let half = 0.5 * bands.sample_rate;
                write(&|i| {
                    let f = half * (i as f64 / (n - 1) as f64);
                    let (rise, fall) =
                        ((f - left) / (middle - left), (right - f) / (right - middle));
                    rise.min(fall).max(0.0)
                });
            }
            Bank::Sinc(bands) => {
                let [low, high] = [k, k + 1].map(|i| bands.edge(i, m) / bands.sample_rate);
                let middle = 0.5 * (n - 1) as f64;
                write(&|i| {
                    let t = i as f64 - middle;
                    if t == 0.0 {
                        return 2.0 * (high - low);
                    }
                    let sinc = (libm::sin(TAU * high * t) - libm::sin(TAU * low * t)) / (PI * t);
                    sinc * (0.54 + 0.46 * libm::cos(PI * t / middle))
                });
            }
        }
    }
}

impl fmt::Display for FilterBank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bank {
            Bank::Fourier => write!(f, "Fourier filters")?,
            Bank::Mel(bands) => write!(f, "mel triangles, {bands}")?,
            Bank::Sinc(bands) => write!(f, "sinc filters, {bands}")?,
        }
        if self.area {
            write!(f, ", of equal area")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for FilterBank {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        finite(NAME, "gain", self.gain)?;
        match &self.bank {
            Bank::Mel(bands) | Bank::Sinc(bands) => bands.check(NAME)?,
            Bank::Fourier => {}
        }
        if self.area && !matches!(self.bank, Bank::Mel(_)) {
            let expected = "false, but for `mel`: only triangles are normalized by their area";
            return Err(InitError::setting(NAME, "area", true, expected));
        }
        let neurons = weight.neurons()?;
        let error = |problem: String| Err(InitError::shape(weight.shape(), problem));
        let n = neurons.len();
        // How long the kernel's axes are, and the axis of channels.
        let lines = weight.kernel().iter().filter(|size| **size > 1).count();
        let longest = weight.kernel().iter().copied().fold(1, usize::max);
        if neurons.count() > 0 && (lines > 1 || lines == 1 && longest != n) {
            return error(format!(
                "{NAME} needs inputs on a line: a kernel with one axis and one input channel, or with one place"
            ));
        }
        let m = neurons.count() / weight.matrices().max(1);
        let mut largest = 0f64;
        for k in 0..m {
            if !self.is_there(k, m, n) {
                return error(match self.bank {
                    Bank::Fourier => {
                        format!("{NAME} has {n} Fourier filters of {n} inputs, not {m}")
                    }
                    _ => format!(
                        "the band of neuron {k} of {m} has none of its {n} inputs; fewer neurons, more \
                         inputs or wider bands have"
                    ),
                });
            }
            largest = largest.max(self.height(k, m).abs());
        }
        finite(NAME, "gain · height", largest)?;
        let bank = self.clone();
        let fitted = Fitted::vectors(weight, neurons, move |_, j, w| bank.filter(j % m, m, w))?;
        Ok(fitted.up_to(largest).fixed())
    }
}
