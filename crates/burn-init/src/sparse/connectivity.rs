//! Neurons without inputs, and inputs that no neuron reads.

use std::fmt;

use crate::draw::permutation;
use crate::error::InitError;
use crate::key::{Key, Purpose};
use crate::layout::WeightLayout;

/// How a sparse weight connects its inputs and outputs. For a convolution, each place of each input channel's kernel is an input.
///
/// ```
/// use burn_init::{Connectivity, WeightLayout};
///
/// // Three inputs, two outputs, and weights from the first input to both.
/// let layout = WeightLayout::linear([3, 2]);
/// let connectivity = Connectivity::of(&layout, &[true, true, false, false, false, false])?;
/// assert_eq!((connectivity.kept, connectivity.dead_outputs, connectivity.unread_inputs), (2, 0, 2));
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connectivity {
    /// Weights that are kept.
    pub kept: usize,
    /// Weights in all.
    pub weights: usize,
    /// Neurons without an input.
    pub dead_outputs: usize,
    /// Inputs that no neuron reads.
    pub unread_inputs: usize,
}

impl Connectivity {
    /// Counts, for a mask in the saved layout.
    ///
    /// # Errors
    ///
    /// If the mask isn't as long as the parameter, or the parameter has no neurons.
    pub fn of(layout: &WeightLayout, mask: &[bool]) -> Result<Self, InitError> {
        let matrices = Matrices::of(layout, mask)?;
        let empty = |counts: &[usize]| counts.iter().filter(|count| **count == 0).count();
        Ok(Self {
            kept: mask.iter().filter(|kept| **kept).count(),
            weights: mask.len(),
            dead_outputs: empty(&matrices.of_outputs),
            unread_inputs: empty(&matrices.of_inputs),
        })
    }

    /// The share of the weights that is kept.
    pub fn density(&self) -> f64 {
        self.kept as f64 / self.weights.max(1) as f64
    }

    /// Whether each neuron has an input and each input is read.
    pub fn is_complete(&self) -> bool {
        self.dead_outputs == 0 && self.unread_inputs == 0
    }

    /// Whether nothing gets through.
    pub fn is_cut(&self) -> bool {
        self.kept == 0 && self.weights > 0
    }
}

impl fmt::Display for Connectivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} weights", self.kept, self.weights)?;
        if self.is_cut() {
            return write!(f, ", which cuts the layer through");
        }
        if self.dead_outputs > 0 {
            write!(f, ", {} neurons without an input", self.dead_outputs)?;
        }
        if self.unread_inputs > 0 {
            write!(f, ", {} inputs that nothing reads", self.unread_inputs)?;
        }
        Ok(())
    }
}

/// The weights that outputs and inputs have in a mask. Inputs of different groups count apart.
struct Matrices {
    /// Rows of each matrix.
    rows: usize,
    columns: usize,
    of_outputs: Vec<usize>,
    of_inputs: Vec<usize>,
    /// Where in the saved layout column i of row j lies: at `places[j * columns + i]`.
    places: Vec<usize>,
}

impl Matrices {
    fn of(layout: &WeightLayout, mask: &[bool]) -> Result<Self, InitError> {
        let neurons = layout.neurons()?;
        let elements = layout.elements()?;
        if mask.len() != elements {
            let problem = format!("a mask of {} elements isn't for it", mask.len());
            return Err(InitError::shape(layout.shape(), problem));
        }
        let blocks = layout.blocks().max(1);
        let (rows, columns) = (neurons.count() / blocks, neurons.len);
        let empty = elements == 0;
        let mut matrices = Self {
            rows,
            columns,
            of_outputs: vec![0; if empty { 0 } else { neurons.count() }],
            of_inputs: vec![0; if empty { 0 } else { blocks * columns }],
            places: vec![0; elements],
        };
        for (place, kept) in mask.iter().enumerate() {
            let (j, i) = (neurons.vector_of(place), neurons.element_of(place));
            matrices.places[j * columns + i] = place;
            if *kept {
                matrices.of_outputs[j] += 1;
                matrices.of_inputs[j / rows * columns + i] += 1;
            }
        }
        Ok(matrices)
    }
}

/// Moves weights so that each neuron has an input and each input is read, where there are enough.
pub(super) fn reconnect(
    layout: &WeightLayout,
    key: Key<'_>,
    mask: &mut [bool],
) -> Result<(), InitError> {
    let mut m = Matrices::of(layout, mask)?;
    if m.places.is_empty() {
        return Ok(());
    }
    let (rows, columns) = (m.rows, m.columns);
    let order = permutation(key.purpose(Purpose::Repair), m.places.len());
    // First the neurons without inputs: each takes a weight from a neuron that has several, preferring inputs that are read by several.
    for j in 0..m.of_outputs.len() {
        if m.of_outputs[j] > 0 {
            continue;
        }
        let block = j / rows;
        let spare = |m: &Matrices, both: bool| {
            order.iter().copied().find(|cell| {
                let (row, i) = (cell / columns, cell % columns);
                row / rows == block
                    && mask[m.places[*cell]]
                    && m.of_outputs[row] > 1
                    && (!both || m.of_inputs[block * columns + i] > 1)
            })
        };
        let Some(from) = spare(&m, true).or_else(|| spare(&m, false)) else {
            continue;
        };
        let input = |m: &Matrices, i: usize| m.of_inputs[block * columns + i];
        // It reads the input that is read least.
        let to = (0..columns).min_by_key(|i| input(&m, *i)).unwrap_or(0);
        mask[m.places[from]] = false;
        m.of_outputs[from / columns] -= 1;
        m.of_inputs[block * columns + from % columns] -= 1;
        mask[m.places[j * columns + to]] = true;
        m.of_outputs[j] += 1;
        m.of_inputs[block * columns + to] += 1;
    }
    // Then the inputs that nothing reads: a neuron reads them instead of an input that others read, too.
    for number in 0..m.of_inputs.len() {
        if m.of_inputs[number] > 0 {
            continue;
        }
        let (block, to) = (number / columns, number % columns);
        let from = order.iter().copied().find(|cell| {
            let (row, i) = (cell / columns, cell % columns);
            row / rows == block && mask[m.places[*cell]] && m.of_inputs[block * columns + i] > 1
        });
        let Some(from) = from else { continue };
        let row = from / columns;
        mask[m.places[from]] = false;
        m.of_inputs[block * columns + from % columns] -= 1;
        mask[m.places[row * columns + to]] = true;
        m.of_inputs[number] += 1;
    }
    Ok(())
}
