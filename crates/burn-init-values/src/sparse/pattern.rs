//! Which weights are kept: the settings.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Amount;
use super::choice::{Choice, Kind};
use crate::error::InitError;
use crate::weight::grid::check_grid;
use crate::weight::{Along, Axis, WeightLayout};

const NAME: &str = "Sparse";

/// Which weights a [`Sparse`](super::Sparse) keeps.
///
/// A weight is seen as a matrix with a row for each neuron and a column for each of its inputs;
/// where it has groups, as one matrix for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Pattern {
    /// The same number of incoming weights for each output, at random places (Martens 2010).
    PerOutput(Amount),
    /// The same number of outgoing weights for each input, at random places: what PyTorch's
    /// `sparse_` and Flux's `sparse_init` do.
    PerInput(Amount),
    /// The same number of incoming weights for each output, and numbers of outgoing weights of the
    /// inputs that differ by at most one.
    Balanced(Amount),
    /// Each weight by itself, with this probability.
    Bernoulli(f64),
    /// Of every `m` consecutive weights, `n` at random, such as 2 of 4
    /// ([`n_of_m`](Self::n_of_m)).
    NOfM {
        /// How many are kept.
        n: usize,
        /// Of how many.
        m: usize,
        /// Along which axes the weights are consecutive: by default along the input channels, at
        /// each place of a kernel, as sparse hardware wants it. An embedding has none, and is taken
        /// along its vectors.
        #[serde(default = "along_channels")]
        along: Along,
    },
    /// Blocks of `rows` consecutive neurons and `columns` consecutive inputs; the same number in
    /// each row of blocks, by the amount of a neuron's weights.
    Blocks {
        /// Neurons of a block.
        rows: usize,
        /// Inputs of a block.
        columns: usize,
        /// How many weights of a neuron are kept.
        amount: Amount,
    },
    /// The inputs form a grid, and each neuron reads a patch of it. The patches of the neurons are
    /// spread evenly over the grid.
    Local {
        /// The grid's shape.
        grid: Vec<usize>,
        /// The patch's shape.
        patch: Vec<usize>,
    },
    /// A given mask: one boolean for each element of the parameter, in row-major order of its saved
    /// layout.
    #[serde(with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<bool>"))]
    Given(Arc<[bool]>),
}

/// A given mask in files: a list of booleans.
mod given {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(mask: &Arc<[bool]>, serializer: S) -> Result<S::Ok, S::Error> {
        mask.as_ref().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Arc<[bool]>, D::Error> {
        Vec::deserialize(source).map(Arc::from)
    }
}

fn along_channels() -> Along {
    Along::Channels
}

impl Pattern {
    /// Of every `m` consecutive input channels, `n` at random, at each place of a kernel.
    ///
    /// ```
    /// use burn_init_values::{Initializer, Seed, Sparse, WeightLayout, sparse::Pattern};
    ///
    /// let layout = WeightLayout::conv([8, 16, 3, 3])?;
    /// let w = Sparse::new(Pattern::n_of_m(2, 4)).draw(&layout, Seed::new(1).key("conv1.weight"))?;
    /// // Channels 0 to 3 at the first place of the first kernel.
    /// assert_eq!((0..4).filter(|channel| w[9 * channel] != 0.0).count(), 2);
    /// # Ok::<(), burn_init_values::InitError>(())
    /// ```
    pub fn n_of_m(n: usize, m: usize) -> Self {
        Self::NOfM {
            n,
            m,
            along: along_channels(),
        }
    }

    /// A given mask: one boolean for each element of the parameter, in row-major order of its saved
    /// layout.
    pub fn given(mask: impl Into<Arc<[bool]>>) -> Self {
        Self::Given(mask.into())
    }

    /// What is chosen of this weight, if the pattern fits it.
    pub(super) fn fit(&self, weight: &WeightLayout) -> Result<Choice, InitError> {
        let neurons = weight.neurons()?;
        let elements = weight.elements()?;
        let (n, matrices) = (neurons.len(), weight.matrices().max(1));
        let rows = neurons.count() / matrices;
        let choice = |vectors, kind| Choice {
            neurons,
            vectors,
            rows,
            matrices,
            kind,
        };
        if neurons.count() == 0 && !matches!(self, Self::Given(_)) {
            return Ok(choice(neurons, Kind::Chunks { k: 0, m: 1 }));
        }
        if u32::try_from(n.max(rows)).is_err() {
            let problem = "a neuron or an input has more than 2³² weights to choose from";
            return Err(InitError::shape(weight.shape(), problem));
        }
        Ok(match self {
            Self::PerOutput(Amount::Total(total)) => {
                check_total(*total, elements)?;
                choice(neurons, Kind::Spread(*total))
            }
            Self::PerOutput(amount) => {
                let k = amount.of(n)?;
                choice(neurons, Kind::Chunks { k, m: n })
            }
            Self::PerInput(amount) => {
                let k = amount.of(rows)?;
                choice(weight.across_neurons()?, Kind::Chunks { k, m: rows })
            }
            Self::Balanced(amount) => {
                match amount {
                    Amount::Total(total) => check_total(*total, elements)?,
                    amount => drop(amount.of(n)?),
                }
                choice(neurons, Kind::Balanced(*amount))
            }
            Self::Bernoulli(probability) => {
                if !(0.0..=1.0).contains(probability) {
                    let error = InitError::setting(NAME, "probability", probability, "from 0 to 1");
                    return Err(error);
                }
                // Of 2³² words, as many as the probability says.
                let limit = (probability * (1u64 << 32) as f64).round() as u64;
                choice(neurons, Kind::Bernoulli { limit })
            }
            Self::NOfM { n: k, m, along } => {
                if k > m || *m == 0 {
                    let given = format!("{k} of {m}");
                    let expected = "at most m, which is at least 1";
                    return Err(InitError::setting(NAME, "n", given, expected));
                }
                let along = match along {
                    Along::Channels if !weight.axes().contains(&Axis::Input) => Along::Inputs,
                    along => *along,
                };
                let vectors = weight.vectors(along)?;
                let of = match along {
                    Along::Inputs => "inputs",
                    Along::Outputs => "outputs",
                    Along::Kernel => "places",
                    Along::Channels => "input channels",
                    Along::Vocabulary => "indices",
                };
                divides("m", *m, vectors.len(), of)?;
                choice(vectors, Kind::Chunks { k: *k, m: *m })
            }
            Self::Blocks {
                rows: block_rows,
                columns,
                amount,
            } => {
                divides("rows", *block_rows, rows, "neurons")?;
                divides("columns", *columns, n, "inputs")?;
                let k = blocks_of_row(*amount, n, *columns)?;
                let (rows, columns) = (*block_rows, *columns);
                choice(neurons, Kind::Blocks { rows, columns, k })
            }
            Self::Local { grid, patch } => {
                let grid = check_grid(NAME, grid, n)?;
                let fits = patch.iter().zip(&grid).all(|(p, g)| (1..=*g).contains(p));
                if patch.len() != grid.len() || !fits {
                    let given = format!("{patch:?}");
                    let expected = format!("from 1 to {grid:?} along each axis");
                    return Err(InitError::setting(NAME, "patch", given, expected));
                }
                let patch = patch.clone();
                choice(neurons, Kind::Local { grid, patch })
            }
            Self::Given(mask) => {
                if mask.len() != elements {
                    let expected = format!("{elements} booleans, one for each element");
                    return Err(InitError::setting(NAME, "mask", mask.len(), expected));
                }
                choice(neurons, Kind::Given(mask.clone()))
            }
        })
    }

    /// Whether moving a weight to another place leaves it what it says it is.
    pub(super) fn can_be_repaired(&self) -> bool {
        matches!(
            self,
            Self::PerOutput(_) | Self::Balanced(_) | Self::Bernoulli(_)
        )
    }
}

fn check_total(total: usize, elements: usize) -> Result<(), InitError> {
    if total <= elements {
        return Ok(());
    }
    let expected = format!("at most {elements}, the weights of the parameter");
    Err(InitError::setting(NAME, "total", total, expected))
}

/// How many blocks of `columns` inputs a neuron with `n` inputs keeps: an exact number of weights
/// must be one of blocks, a share is that of the blocks.
fn blocks_of_row(amount: Amount, n: usize, columns: usize) -> Result<usize, InitError> {
    match amount {
        Amount::Exact(k) if !k.is_multiple_of(columns) => {
            let expected = format!("a multiple of {columns}, the inputs of a block");
            Err(InitError::setting(NAME, "k", k, expected))
        }
        Amount::Exact(k) => {
            amount.of(n)?;
            Ok(k / columns)
        }
        amount => amount.of(n / columns),
    }
}

fn divides(setting: &'static str, part: usize, whole: usize, of: &str) -> Result<(), InitError> {
    if part > 0 && whole.is_multiple_of(part) {
        return Ok(());
    }
    let nearest = nearest_divisor(part, whole);
    let expected = format!("a divisor of the {whole} {of}, such as {nearest}");
    Err(InitError::setting(NAME, setting, part, expected))
}

/// The divisor of `whole` that is nearest to `part`; of two, the smaller one.
fn nearest_divisor(part: usize, whole: usize) -> usize {
    let mut nearest = 1;
    for small in (1..).take_while(|small| small * small <= whole) {
        if whole.is_multiple_of(small) {
            for divisor in [small, whole / small] {
                let distance = |d: usize| (d.abs_diff(part), d);
                if distance(divisor) < distance(nearest) {
                    nearest = divisor;
                }
            }
        }
    }
    nearest
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerOutput(amount) => write!(f, "{amount} per neuron"),
            Self::PerInput(amount) => write!(f, "{amount} per input"),
            Self::Balanced(amount) => write!(f, "{amount} per neuron, balanced"),
            Self::Bernoulli(probability) => write!(f, "each with probability {probability}"),
            Self::NOfM { n, m, along } => {
                write!(f, "{n} of {m}")?;
                match along {
                    Along::Channels => Ok(()),
                    along => write!(f, " along {along:?}"),
                }
            }
            Self::Blocks {
                rows,
                columns,
                amount,
            } => write!(f, "{amount} per neuron in blocks of {rows}×{columns}"),
            Self::Local { grid, patch } => write!(f, "patches {patch:?} of {grid:?}"),
            Self::Given(_) => write!(f, "a given mask"),
        }
    }
}
