//! Neurons that are smooth around a centre.

use std::fmt;
use std::sync::OnceLock;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::positive;
use super::root::{MOST_POINTS, Root};
use crate::dense::fans;
use crate::draw::PhiloxRng;
use crate::draw::normal::{LARGEST_NORMAL, fill_normal};
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::key::{Key, Purpose};
use crate::weight::grid::check_grid;
use crate::weight::{Along, WeightLayout};

const NAME: &str = "ReceptiveFields";

/// Where the centres of receptive fields are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Centres {
    /// Each at a point of the grid, all of which are equally likely.
    #[default]
    Random,
    /// In the middles of the cells of a coarser grid of this shape, in row-major order; after the
    /// last one comes the first one again.
    Regular(Vec<usize>),
}

/// Each neuron is normal with a covariance that is smooth, and large around a centre m of its own
/// (Pandey et al. 2022, "Structured random receptive fields enable informative sensory encodings"):
///
/// C(x, y) = v · exp(−|x − y|²/2f² − |x − m|²/2s² − |y − m|²/2s²)
///
/// x and y are points of the grid of the inputs: a line, a [`grid`](Self::grid), or the places of a
/// kernel by [`Along::Kernel`]. The length scale f says how far weights are alike, the size s how
/// far the field reaches, both in steps of the grid. v is such that the variance, averaged over the
/// neuron's inputs, is gain²/fan_in for each centre, as the paper normalises the trace; with
/// [`Gain::Relu`](crate::dense::Gain) that's 2/fan_in. Without a size
/// ([`stationary`](Self::stationary)) there is no centre, and C = v · exp(−|x − y|²/2f²).
///
/// C = DKD, where D = exp(−|x − m|²/2s²) is diagonal and K a product over the axes of the grid.
/// White noise is smoothed along each axis by a square root of that axis' K, which is made once,
/// and multiplied by D. A neuron on a line of n inputs takes up to n² multiplications, on a grid as
/// many as it has inputs for each point of the axes. The root of an axis of 2048 points takes a few
/// seconds, of 256 points a few milliseconds. The variance is right but for 10⁻¹².
///
/// ```
/// use burn_init_values::{Initializer, ReceptiveFields, Seed};
///
/// // 64 neurons that look at parts of pictures of 28×28 pixels.
/// let init = ReceptiveFields::new(5.0, 2.0).grid([28, 28]);
/// let w = init.draw(&[784, 64].into(), Seed::new(1).key("fc1.weight"))?;
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If the size or the length scale isn't above 0, the grid hasn't a point for each input, an axis
/// has more than 2048 points, or regular centres have other axes than the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReceptiveFields {
    /// s, how far a field reaches, in steps of the grid; `None` stands for everywhere.
    #[serde(default, serialize_with = "crate::error::serialize_number")]
    pub size: Option<f64>,
    /// f, how far weights are alike, in steps of the grid.
    pub scale: f64,
    /// Where the centres are.
    #[serde(default)]
    pub centres: Centres,
    /// Which weights are a vector: by default what comes into a neuron.
    #[serde(default)]
    pub along: Along,
    /// The grid that the weights of a vector form, if not a line or the kernel's own.
    #[serde(default)]
    pub grid: Option<Vec<usize>>,
    /// What the standard deviation is multiplied by.
    #[serde(default = "crate::initializer::no_gain")]
    pub gain: f64,
}

impl ReceptiveFields {
    /// Fields of the size s and the length scale f, in steps of the grid.
    pub fn new(size: f64, scale: f64) -> Self {
        Self {
            size: Some(size),
            ..Self::stationary(scale)
        }
    }

    /// Weights of the length scale f, and everywhere of the same variance.
    pub fn stationary(scale: f64) -> Self {
        Self {
            size: None,
            scale,
            centres: Centres::default(),
            along: Along::default(),
            grid: None,
            gain: 1.0,
        }
    }

    /// Where the centres are: by default at random.
    pub fn centres(mut self, centres: Centres) -> Self {
        self.centres = centres;
        self
    }

    /// Which weights are a vector: by default the incoming weights of each neuron.
    pub fn along(mut self, along: Along) -> Self {
        self.along = along;
        self
    }

    /// The inputs form a grid of this shape, in row-major order.
    pub fn grid(mut self, shape: impl Into<Vec<usize>>) -> Self {
        self.grid = Some(shape.into());
        self
    }

    /// Multiplies the standard deviation: by a number, or by what an activation asks for.
    pub fn gain(mut self, gain: impl Into<f64>) -> Self {
        self.gain = gain.into();
        self
    }
}

/// What the neurons of a weight are drawn by.
struct Fields {
    grid: Vec<usize>,
    size: Option<f64>,
    centres: Centres,
    /// The root of the mean variance.
    std: f64,
    scale: f64,
    /// A root for each axis.
    roots: OnceLock<Vec<Root>>,
}

impl Fields {
    /// Writes the neuron number `j`.
    fn sample(&self, key: Key, j: usize, w: &mut [f32]) {
        let make = |points: &usize| Root::new(*points, self.scale);
        let roots = self
            .roots
            .get_or_init(|| self.grid.iter().map(make).collect());
        // At most as much noise as there are weights.
        let mut inner: usize = roots.iter().map(|root| root.rank).product();
        let mut noise = vec![0.0; inner];
        fill_normal(key, (j * w.len()) as u64, &mut noise, 0.0, 1.0);
        let mut values: Vec<f64> = noise.into_iter().map(f64::from).collect();
        let mut window = vec![self.std];
        let mut centres = self.size.map(|size| (size, self.centre(key, j)));
        for (axis, root) in roots.iter().enumerate() {
            inner /= root.rank;
            values = root.apply(&values, inner);
            let points = root.points;
            let along = match &mut centres {
                Some((size, centre)) => bell(points, centre[axis], *size),
                None => vec![1.0; points],
            };
            window = window
                .iter()
                .flat_map(|d| along.iter().map(move |along| d * along))
                .collect();
        }
        for ((w, value), d) in w.iter_mut().zip(values).zip(window) {
            *w = (d * value) as f32;
        }
    }

    /// The centre of the neuron number `j`.
    fn centre(&self, key: Key, j: usize) -> Vec<f64> {
        match &self.centres {
            Centres::Random => {
                let mut rng = PhiloxRng::element(key.purpose(Purpose::Centre), j);
                let mut below = |n: usize| (u64::from(rng.next_u32()) * n as u64) >> 32;
                self.grid.iter().map(|n| below(*n) as f64).collect()
            }
            Centres::Regular(cells) => {
                let mut rest = j;
                let mut centre = vec![0.0; cells.len()];
                for (axis, cells) in cells.iter().enumerate().rev() {
                    let width = self.grid[axis] as f64 / *cells as f64;
                    centre[axis] = ((rest % cells) as f64 + 0.5) * width - 0.5;
                    rest /= cells;
                }
                centre
            }
        }
    }
}

/// exp(−(x − m)²/2s²) for the points x of an axis, times what makes the mean square 1.
fn bell(points: usize, m: f64, s: f64) -> Vec<f64> {
    let square = |x: usize| (x as f64 - m) * (x as f64 - m);
    // From the nearest point, so that one of them is 1 however small s is.
    let nearest = (0..points).map(square).fold(f64::INFINITY, f64::min);
    let value = |x: usize| libm::exp(-0.5 * ((square(x) - nearest) / s / s));
    let values: Vec<f64> = (0..points).map(value).collect();
    let sum = values.iter().fold(0.0, |sum, d| sum + d * d);
    let norm = (points as f64 / sum).sqrt();
    values.into_iter().map(|d| d * norm).collect()
}

impl fmt::Display for ReceptiveFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            Some(size) => write!(f, "receptive fields, size {size}, scale {}", self.scale)?,
            None => write!(f, "stationary fields, scale {}", self.scale)?,
        }
        if let Centres::Regular(cells) = &self.centres {
            write!(f, ", centres {cells:?}")?;
        }
        if self.along != Along::Inputs {
            write!(f, ", along {:?}", self.along)?;
        }
        if let Some(grid) = &self.grid {
            write!(f, ", grid {grid:?}")?;
        }
        write!(f, ", gain {}", self.gain)
    }
}

impl Initializer for ReceptiveFields {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        positive(NAME, "scale", self.scale)?;
        if let Some(size) = self.size {
            positive(NAME, "size", size)?;
        }
        finite(NAME, "gain", self.gain)?;
        let vectors = weight.vectors(self.along)?;
        let len = vectors.len();
        let grid = match (&self.grid, self.along) {
            (Some(grid), _) => check_grid(NAME, grid, len)?,
            (None, Along::Kernel) => weight.kernel().to_vec(),
            (None, _) => vec![len],
        };
        if let Centres::Regular(cells) = &self.centres
            && (cells.len() != grid.len() || cells.contains(&0))
        {
            let expected = format!("a number of cells, at least 1, for each axis of {grid:?}");
            return Err(InitError::setting(
                NAME,
                "centres",
                format!("{cells:?}"),
                expected,
            ));
        }
        if let Some(points) = grid.iter().find(|n| **n > MOST_POINTS)
            && vectors.count() > 0
        {
            let problem = format!(
                "{NAME} needs axes of at most {MOST_POINTS} points, not {points}; a grid has shorter ones"
            );
            return Err(InitError::shape(weight.shape(), problem));
        }
        let std = self.gain.abs() / fans(NAME, weight)?.0.sqrt();
        // All noise and all variance at one input.
        let largest = LARGEST_NORMAL * std * len as f64;
        finite(NAME, "gain", largest)?;
        let fields = Fields {
            grid,
            size: self.size,
            centres: self.centres.clone(),
            std,
            scale: self.scale,
            roots: OnceLock::new(),
        };
        let sample = move |key: Key, j: usize, w: &mut [f32]| fields.sample(key, j, w);
        Ok(Fitted::vectors(weight, vectors, sample)?
            .up_to(largest)
            .expecting(Expected::centred(std)))
    }
}
