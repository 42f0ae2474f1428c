//! Which weights are kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Amount;
use crate::draw::choice::choose;
use crate::draw::fill_words;
use crate::error::InitError;
use crate::fibers::Fibers;
use crate::key::{Key, Purpose};
use crate::layout::WeightLayout;
use crate::memory::zeros;

const NAME: &str = "Sparse";

/// Which weights a [`Sparse`](super::Sparse) keeps.
///
/// A weight is seen as a matrix with a row for each neuron and a column for each of its inputs; where it has groups, as one matrix for
/// each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// The same number of incoming weights for each output, at random places (Martens 2010).
    PerOutput(Amount),
    /// The same number of outgoing weights for each input, at random places: what PyTorch's `sparse_` and Flux's `sparse_init` do.
    PerInput(Amount),
    /// The same number of incoming weights for each output, and numbers of outgoing weights of the inputs that differ by at most one.
    Balanced(Amount),
    /// Each weight by itself, with this probability.
    Bernoulli(f64),
    /// Of every `m` consecutive inputs, `n` at random, such as 2 of 4.
    NOfM {
        /// How many are kept.
        n: usize,
        /// Of how many.
        m: usize,
    },
    /// Blocks of `rows` consecutive neurons and `columns` consecutive inputs; the same number in each row of blocks, by the amount of
    /// a neuron's weights.
    Blocks {
        /// Neurons of a block.
        rows: usize,
        /// Inputs of a block.
        columns: usize,
        /// How many weights of a neuron are kept.
        amount: Amount,
    },
    /// The inputs form a grid, and each neuron reads a patch of it. The patches of the neurons are spread evenly over the grid.
    Local {
        /// The grid's shape.
        grid: Vec<usize>,
        /// The patch's shape.
        patch: Vec<usize>,
    },
    /// These: one for each element of the parameter, in row-major order of its saved layout.
    Given(Vec<bool>),
}

impl Pattern {
    /// Whether the pattern fits the weight.
    pub(super) fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        let neurons = layout.neurons()?;
        let n = neurons.len;
        let rows = neurons.count() / layout.blocks().max(1);
        if neurons.count() == 0 && !matches!(self, Self::Given(_)) {
            return Ok(());
        }
        match self {
            Self::PerOutput(Amount::Total(total)) | Self::Balanced(Amount::Total(total)) => {
                let elements = layout.elements()?;
                if *total > elements {
                    let expected = format!("at most {elements}, the weights of the parameter");
                    return Err(InitError::setting(NAME, "total", total, expected));
                }
                Ok(())
            }
            Self::PerOutput(amount) | Self::Balanced(amount) => amount.of(n).map(drop),
            Self::PerInput(amount) => amount.of(rows).map(drop),
            Self::Bernoulli(probability) => {
                if (0.0..=1.0).contains(probability) {
                    return Ok(());
                }
                Err(InitError::setting(
                    NAME,
                    "probability",
                    probability,
                    "from 0 to 1",
                ))
            }
            Self::NOfM { n: kept, m } => {
                if kept > m || *m == 0 {
                    let given = format!("{kept} of {m}");
                    return Err(InitError::setting(
                        NAME,
                        "n",
                        given,
                        "at most m, which is at least 1",
                    ));
                }
                divides("m", *m, n, "inputs")
            }
            Self::Blocks {
                rows: block_rows,
                columns,
                amount,
            } => {
                divides("rows", *block_rows, rows, "neurons")?;
                divides("columns", *columns, n, "inputs")?;
                blocks_of_row(*amount, n, *columns).map(drop)
            }
            Self::Local { grid, patch } => {
                let points = grid.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
                if points != Some(n) {
                    let expected = format!("a shape of {n} points, one for each input");
                    return Err(InitError::setting(
                        NAME,
                        "grid",
                        format!("{grid:?}"),
                        expected,
                    ));
                }
                let fits = patch.iter().zip(grid).all(|(p, g)| (1..=*g).contains(p));
                if patch.len() != grid.len() || !fits {
                    let expected = format!("from 1 to {grid:?} along each axis");
                    return Err(InitError::setting(
                        NAME,
                        "patch",
                        format!("{patch:?}"),
                        expected,
                    ));
                }
                Ok(())
            }
            Self::Given(mask) => {
                let elements = layout.elements()?;
                if mask.len() == elements {
                    return Ok(());
                }
                let expected = format!("{elements} booleans, one for each element");
                Err(InitError::setting(NAME, "mask", mask.len(), expected))
            }
        }
    }

    /// Marks what is kept of the whole parameter, in its saved layout. [`check`](Self::check) has passed.
    pub(super) fn draw(&self, layout: &WeightLayout, key: Key<'_>) -> Result<Vec<bool>, InitError> {
        let neurons = layout.neurons()?;
        let mut kept = zeros(layout.shape(), layout.elements()?)?;
        match self {
            Self::Given(mask) => kept.copy_from_slice(mask),
            _ if self.is_by_neuron() => self.draw_neurons(&neurons, key, 0, &mut kept)?,
            _ => {
                let blocks = layout.blocks();
                let rows = neurons.count() / blocks.max(1);
                let mut matrix = zeros(layout.shape(), kept.len())?;
                let columns_of_blocks = matrix.chunks_mut((rows * neurons.len).max(1)).enumerate();
                for (block, matrix) in columns_of_blocks {
                    self.draw_matrix(key, block, rows, neurons.len, blocks, matrix)?;
                }
                neurons.for_each(0, &mut kept, |first, rows| {
                    rows.copy_from_slice(&matrix[first * neurons.len..][..rows.len()]);
                });
            }
        }
        Ok(kept)
    }

    /// Whether moving a weight to another place leaves it what it says it is.
    pub(super) fn can_be_repaired(&self) -> bool {
        match self {
            Self::PerOutput(_) | Self::Balanced(_) | Self::Bernoulli(_) => true,
            Self::PerInput(_) | Self::NOfM { .. } => false,
            Self::Blocks { .. } | Self::Local { .. } | Self::Given(_) => false,
        }
    }

    /// Whether each neuron's weights are drawn by themselves, so that a part of a parameter needs no other part.
    pub(super) fn is_by_neuron(&self) -> bool {
        match self {
            Self::PerOutput(amount) => !matches!(amount, Amount::Total(_)),
            Self::NOfM { .. } => true,
            Self::Bernoulli(_) | Self::PerInput(_) | Self::Balanced(_) => false,
            Self::Blocks { .. } | Self::Local { .. } | Self::Given(_) => false,
        }
    }

    /// Marks what is kept of whole neurons, from element `first` of the saved layout on.
    pub(super) fn draw_neurons(
        &self,
        neurons: &Fibers,
        key: Key<'_>,
        first: usize,
        kept: &mut [bool],
    ) -> Result<(), InitError> {
        let key = key.purpose(Purpose::Mask);
        let n = neurons.len;
        match self {
            Self::PerOutput(amount) => {
                let k = amount.of(n)?;
                neurons.for_each(first, kept, |first_neuron, rows| {
                    for (row, j) in rows.chunks_mut(n).zip(first_neuron..) {
                        choose(key, (j * k.min(n - k)) as u64, k, row);
                    }
                });
            }
            Self::NOfM { n: k, m } => {
                let draws = (*k).min(m - k);
                neurons.for_each(first, kept, |first_neuron, rows| {
                    let first_group = first_neuron * n / m;
                    for (group, number) in rows.chunks_mut(*m).zip(first_group..) {
                        choose(key, (number * draws) as u64, *k, group);
                    }
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Marks what is kept of the matrix number `block` of `blocks`.
    fn draw_matrix(
        &self,
        key: Key<'_>,
        block: usize,
        rows: usize,
        n: usize,
        blocks: usize,
        matrix: &mut [bool],
    ) -> Result<(), InitError> {
        let key = key.purpose(Purpose::Mask);
        match self {
            Self::PerOutput(Amount::Total(total)) => {
                let per_row = row_counts(key, *total, blocks * rows);
                let most = total.div_ceil(blocks * rows);
                for (row, j) in matrix.chunks_mut(n).zip(block * rows..) {
                    choose(key, (j * most) as u64, per_row[j], row);
                }
            }
            Self::Balanced(amount) => {
                let per_row: Vec<usize> = match amount {
                    Amount::Total(total) => {
                        row_counts(key, *total, blocks * rows)[block * rows..][..rows].to_vec()
                    }
                    amount => vec![amount.of(n)?; rows],
                };
                balance(key, block, &per_row, n, matrix);
            }
            Self::PerInput(amount) => {
                let k = amount.of(rows)?;
                let mut column = vec![false; rows];
                for i in 0..n {
                    choose(
                        key,
                        ((block * n + i) * k.min(rows - k)) as u64,
                        k,
                        &mut column,
                    );
                    for (row, kept) in column.iter().enumerate() {
                        matrix[row * n + i] = *kept;
                    }
                }
            }
            Self::Bernoulli(probability) => {
                // Of 2³² words, as many as the probability says.
                let limit = (probability * (1u64 << 32) as f64).round() as u64;
                let mut first = (block * matrix.len()) as u64;
                let mut words = [0; 256];
                for matrix in matrix.chunks_mut(words.len()) {
                    fill_words(key, first, &mut words);
                    for (kept, word) in matrix.iter_mut().zip(words) {
                        *kept = u64::from(word) < limit;
                    }
                    first += words.len() as u64;
                }
            }
            Self::Blocks {
                rows: block_rows,
                columns,
                amount,
            } => {
                let across = n / columns;
                let k = blocks_of_row(*amount, n, *columns)?;
                let mut chosen = vec![false; across];
                for (band, rows_of_band) in matrix.chunks_mut(block_rows * n).enumerate() {
                    let number = block * (rows / block_rows) + band;
                    choose(key, (number * k.min(across - k)) as u64, k, &mut chosen);
                    for row in rows_of_band.chunks_mut(n) {
                        for (cells, kept) in row.chunks_mut(*columns).zip(&chosen) {
                            cells.fill(*kept);
                        }
                    }
                }
            }
            Self::Local { grid, patch } => {
                let corners = patch_corners(rows, grid, patch);
                for (row, corner) in matrix.chunks_mut(n).zip(corners) {
                    for (i, kept) in row.iter_mut().enumerate() {
                        // From the last axis to the first, as the place is taken apart.
                        let mut rest = i;
                        *kept = (0..grid.len()).rev().all(|axis| {
                            let x = rest % grid[axis];
                            rest /= grid[axis];
                            (corner[axis]..corner[axis] + patch[axis]).contains(&x)
                        });
                    }
                }
            }
            Self::PerOutput(_) | Self::NOfM { .. } | Self::Given(_) => {}
        }
        Ok(())
    }
}

/// How many blocks of `columns` inputs a neuron with `n` inputs keeps: an exact number of weights must be one of blocks, a share is
/// that of the blocks.
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

/// How many weights each of `rows` neurons keeps of `total`: equally many, and one more at random places.
fn row_counts(key: Key<'_>, total: usize, rows: usize) -> Vec<usize> {
    if rows == 0 {
        return Vec::new();
    }
    let mut one_more = vec![false; rows];
    choose(
        key.purpose(Purpose::Remainder),
        0,
        total % rows,
        &mut one_more,
    );
    one_more
        .into_iter()
        .map(|more| total / rows + usize::from(more))
        .collect()
}

/// Marks `per_row[j]` places in row j so that columns differ by at most one: each row takes the columns that were taken least, at
/// random among equals.
fn balance(key: Key<'_>, block: usize, per_row: &[usize], n: usize, matrix: &mut [bool]) {
    // Columns that were taken least, and those that were taken once more.
    let mut least: Vec<usize> = (0..n).collect();
    let mut more: Vec<usize> = Vec::new();
    for (j, (row, k)) in matrix.chunks_mut(n).zip(per_row).enumerate() {
        let first_draw = ((block * per_row.len() + j) * n) as u64;
        let mut left = *k;
        if left >= least.len() {
            least.iter().for_each(|column| row[*column] = true);
            left -= least.len();
            let taken = std::mem::take(&mut least);
            least = std::mem::take(&mut more);
            // What was taken now is level with the rest, and not to be taken twice.
            let (again, rest) = pick(key, first_draw, left, least);
            again.iter().for_each(|column| row[*column] = true);
            more = again;
            least = [rest, taken].concat();
            least.sort_unstable();
        } else {
            let (now, rest) = pick(key, first_draw, left, least);
            now.iter().for_each(|column| row[*column] = true);
            least = rest;
            more.extend(now);
            more.sort_unstable();
        }
    }
}

/// `k` of the columns at random, and the others.
fn pick(key: Key<'_>, first_draw: u64, k: usize, columns: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let mut chosen = vec![false; columns.len()];
    choose(key, first_draw, k, &mut chosen);
    let (picked, rest): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .zip(chosen)
        .partition(|(_, chosen)| *chosen);
    let columns = |pairs: Vec<(usize, bool)>| pairs.into_iter().map(|(column, _)| column).collect();
    (columns(picked), columns(rest))
}

/// The first corner of each neuron's patch.
///
/// The neurons form a grid of their own, with as nearly the same proportions as there are places for patches: rows of it are as equal
/// as can be, and its points are spread evenly along each axis.
fn patch_corners(neurons: usize, grid: &[usize], patch: &[usize]) -> Vec<Vec<usize>> {
    let places: Vec<usize> = grid.iter().zip(patch).map(|(g, p)| g - p + 1).collect();
    let Some((first, others)) = places.split_first() else {
        return vec![Vec::new(); neurons];
    };
    // The share of the neurons that a full first axis would have, by area.
    let area: f64 = places.iter().map(|n| *n as f64).product();
    let power = places.len() as f64;
    let lines = (*first as f64 * libm::pow(neurons as f64 / area, power.recip())).round() as usize;
    let lines = if others.is_empty() {
        neurons
    } else {
        lines.clamp(1, neurons.max(1))
    };
    let along = |i: usize, of: usize, places: usize| (2 * i + 1) * places / (2 * of);
    let mut corners = Vec::new();
    for line in 0..lines {
        // As many neurons in each line, but for rounding.
        let of_line = (line + 1) * neurons / lines - line * neurons / lines;
        let inner = patch_corners(of_line, &grid[1..], &patch[1..]);
        let here = along(line, lines, *first);
        corners.extend(inner.into_iter().map(|rest| [vec![here], rest].concat()));
    }
    corners
}

fn divides(setting: &'static str, part: usize, whole: usize, of: &str) -> Result<(), InitError> {
    if part > 0 && whole.is_multiple_of(part) {
        return Ok(());
    }
    let nearest = (1..=whole)
        .filter(|divisor| whole.is_multiple_of(*divisor))
        .min_by_key(|divisor| divisor.abs_diff(part))
        .unwrap_or(1);
    let expected = format!("a divisor of the {whole} {of}, such as {nearest}");
    Err(InitError::setting(NAME, setting, part, expected))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerOutput(amount) => write!(f, "{amount} per neuron"),
            Self::PerInput(amount) => write!(f, "{amount} per input"),
            Self::Balanced(amount) => write!(f, "{amount} per neuron, balanced"),
            Self::Bernoulli(probability) => write!(f, "each with probability {probability}"),
            Self::NOfM { n, m } => write!(f, "{n} of {m}"),
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
