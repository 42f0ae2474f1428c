//! Vectors that are sampled wavelets.

use std::f64::consts::{PI, TAU};
use std::fmt;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::draw::PhiloxRng;
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::key::{Key, Purpose};
use crate::weight::grid::check_grid;
use crate::weight::{Along, Vectors, WeightLayout};

const NAME: &str = "WaveletAtoms";

/// The function ψ that a neuron is sampled from, in units of its scale.
///
/// | atom | ψ(t) | mean 0 |
/// |---|---|---|
/// | Ricker (Mexican hat) | (1 − t²) e^(−t²/2) | yes |
/// | Morlet | cos(5t) e^(−t²/2) | yes, once corrected |
/// | Gabor | cos(πt + φ) e^(−t²/2), with a random phase φ | no |
/// | Laplace | e^(−ζ/√(1−ζ²)·2πt) sin(2πt) for t ≥ 0, with ζ = 0.03 | no |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Atom {
    /// The second derivative of a Gaussian, turned over.
    Ricker,
    /// A cosine under a Gaussian, five radians to a standard deviation.
    Morlet,
    /// A cosine under a Gaussian, of any phase.
    Gabor,
    /// A damped vibration.
    Laplace,
}

impl Atom {
    /// ψ(t), before its mean is removed.
    fn value(self, t: f64, phase: f64) -> f64 {
        match self {
            Self::Ricker => (1.0 - t * t) * envelope(t),
            Self::Morlet => libm::cos(5.0 * t) * envelope(t),
            Self::Gabor => libm::cos(PI * t + phase) * envelope(t),
            Self::Laplace if t < 0.0 => 0.0,
            Self::Laplace => {
                let damping = 0.03 / (1.0f64 - 0.03 * 0.03).sqrt();
                libm::exp(-damping * TAU * t) * libm::sin(TAU * t)
            }
        }
    }

    /// The smallest scale at which whole points show its oscillation: half a cycle is at least a point.
    fn smallest_scale(self) -> f64 {
        match self {
            Self::Ricker => 0.5,
            Self::Morlet => 5.0 / PI,
            Self::Gabor => 1.0,
            Self::Laplace => 2.5,
        }
    }

    fn has_mean_zero(self) -> bool {
        matches!(self, Self::Ricker | Self::Morlet)
    }
}

fn envelope(t: f64) -> f64 {
    libm::exp(-0.5 * t * t)
}

/// Each vector is a wavelet at a random place and scale, for first layers that look at signals or
/// pictures.
///
/// On a line of n points, the point x has the value ψ((x − b)/s), with b uniform on the line and s
/// log-uniform between two scales. On a grid of two axes the wavelet has a random direction θ: with
/// u and v the distances from b along θ and across it, in units of s, the value is ψ(u) e^(−v²/2).
/// What should have mean 0 is corrected by a multiple of its Gaussian, so that the sampled values
/// have it, too. Each vector has norm |gain|.
///
/// By default a vector is all that comes into a neuron; for convolutions on signals or pictures,
/// [`Along::Kernel`] makes one for each pair of channels. Ricker wavelets are those of seismic
/// signals, Laplace wavelets those of vibrations (Li et al. 2022), oriented Gabor functions
/// those of pictures (Daugman 1985).
///
/// ```
/// use burn_init_values::wavelet::Atom;
/// use burn_init_values::weight::Along;
/// use burn_init_values::{Initializer, Seed, WaveletAtoms, WeightLayout};
///
/// // 32 oriented filters of 7×7 for grey pictures.
/// let init = WaveletAtoms::new(Atom::Gabor).along(Along::Kernel).scales(1.0, 3.0);
/// let w = init.draw(&WeightLayout::conv([32, 1, 7, 7])?, Seed::new(1).key("conv1.weight"))?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WaveletAtoms {
    /// The shape of the atoms.
    pub atom: Atom,
    /// Which weights are a vector.
    #[serde(default)]
    pub along: Along,
    /// The grid that the weights of a vector form, if not a line or the kernel's own.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// The smallest and the largest scale, in inputs; `None` stands for the default.
    #[serde(default)]
    pub scales: Option<(f64, f64)>,
    /// What the atoms are multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl WaveletAtoms {
    /// Samples this function.
    pub fn new(atom: Atom) -> Self {
        Self {
            atom,
            along: Along::default(),
            grid: None,
            scales: None,
            gain: 1.0,
        }
    }

    /// The vectors that are sampled: by default the incoming weights of each neuron.
    pub fn along(mut self, along: Along) -> Self {
        self.along = along;
        self
    }

    /// The inputs form a grid of this shape, in row-major order, of one or two axes.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// The smallest and the largest scale, in points. By default the smallest at which whole points show
    /// the atom's oscillation (but at least 1), and a quarter of the longest axis, if that's larger.
    pub fn scales(mut self, smallest: f64, largest: f64) -> Self {
        self.scales = Some((smallest, largest));
        self
    }

    /// The norm of each vector.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }

    /// Where and how large the atoms of these vectors are.
    fn scene(&self, layout: &WeightLayout, vectors: &Vectors) -> Result<Scene, InitError> {
        finite(NAME, "gain", self.gain)?;
        let len = vectors.len();
        let shape = match (&self.grid, self.along) {
            (Some(grid), _) => check_grid(NAME, grid, len)?,
            (None, Along::Kernel) => layout.kernel().to_vec(),
            (None, _) => vec![len],
        };
        let [rows, columns] = match shape.as_slice() {
            // A line, whichever way it is written.
            [n] | [n, 1] => [1, *n],
            [rows, columns] => [*rows, *columns],
            _ => {
                let given = format!("{shape:?}");
                return Err(InitError::setting(
                    NAME,
                    "grid",
                    given,
                    "of one or two axes",
                ));
            }
        };
        let longest = rows.max(columns) as f64;
        let least = self.atom.smallest_scale();
        let default = least.max(1.0);
        let (smallest, largest) = self.scales.unwrap_or((default, default.max(longest / 4.0)));
        let in_order = least <= smallest && smallest <= largest && largest <= longest.max(default);
        if vectors.count() > 0 && !in_order {
            return Err(InitError::setting(
                NAME,
                "scales",
                format!("{smallest} to {largest}"),
                format!("from {least:.4} to {longest}, the smallest first"),
            ));
        }
        if vectors.count() > 0 && len < 3 {
            return Err(InitError::shape(
                layout.shape(),
                format!("{NAME} needs vectors of at least 3 points, not {len}"),
            ));
        }
        Ok(Scene {
            atom: self.atom,
            gain: self.gain,
            rows,
            columns,
            smallest,
            octaves: libm::log2(largest / smallest),
        })
    }
}

/// Where and how large the atoms of a weight's vectors are.
struct Scene {
    atom: Atom,
    gain: f64,
    rows: usize,
    columns: usize,
    smallest: f64,
    /// log₂ of the ratio of the scales.
    octaves: f64,
}

impl Scene {
    /// Writes the vector number `j`.
    fn sample(&self, key: Key, j: usize, w: &mut [f32]) {
        let Self {
            rows,
            columns,
            smallest,
            octaves,
            ..
        } = *self;
        let mut rng = PhiloxRng::element(key.purpose(Purpose::Atom), j);
        let mut unit = || (f64::from(rng.next_u32()) + 0.5) / (1u64 << 32) as f64;
        let scale = smallest * libm::exp2(octaves * unit());
        let (b_column, b_row) = (unit() * (columns - 1) as f64, unit() * (rows - 1) as f64);
        let phase = TAU * unit();
        let angle = if rows == 1 { 0.0 } else { TAU * unit() };
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));

        let mut values = vec![0.0; w.len()];
        let mut gaussian = vec![0.0; w.len()];
        for (i, (value, gaussian)) in values.iter_mut().zip(&mut gaussian).enumerate() {
            let x = ((i % columns) as f64 - b_column) / scale;
            let y = ((i / columns) as f64 - b_row) / scale;
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            *value = self.atom.value(u, phase) * envelope(v);
            *gaussian = envelope(u) * envelope(v);
        }
        if self.atom.has_mean_zero() {
            let sum = |x: &[f64]| x.iter().fold(0.0, |sum, x| sum + x);
            let share = sum(&values) / sum(&gaussian);
            for (value, gaussian) in values.iter_mut().zip(&gaussian) {
                *value -= share * gaussian;
            }
        }
        let norm = values.iter().fold(0.0, |sum, x| sum + x * x).sqrt();
        for (w, value) in w.iter_mut().zip(&values) {
            *w = (self.gain * value / norm) as f32;
        }
    }
}

impl fmt::Display for WaveletAtoms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} atoms", self.atom)?;
        if self.along != Along::Inputs {
            write!(f, ", along {:?}", self.along)?;
        }
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        if let Some((smallest, largest)) = self.scales {
            write!(f, ", scales {smallest} to {largest}")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for WaveletAtoms {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let vectors = weight.vectors(self.along)?;
        let scene = self.scene(weight, &vectors)?;
        let fitted = Fitted::vectors(weight, vectors, move |key, j, w| scene.sample(key, j, w))?;
        let fitted = fitted.up_to(self.gain.abs());
        Ok(match self.atom.has_mean_zero() {
            true => fitted.expecting(Expected::of_norm(&vectors, self.gain)),
            false => fitted,
        })
    }
}
