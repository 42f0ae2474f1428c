//! Neurons without inputs, and inputs that no neuron reads.

use std::fmt;

use serde::Serialize;

use crate::draw::subset::{Marks, Shuffle};
use crate::error::InitError;
use crate::key::{Key, Purpose};
use crate::weight::{Vectors, WeightLayout};

/// How a sparse weight connects its inputs and outputs. For a convolution, each place of each input channel's kernel is an input.
///
/// ```
/// use burn_init_values::{WeightLayout, sparse::Connectivity};
///
/// // Three inputs, two outputs, and weights from the first input to both.
/// let layout = WeightLayout::linear([3, 2]);
/// let connectivity = Connectivity::of(&layout, &[true, true, false, false, false, false])?;
/// assert_eq!((connectivity.kept, connectivity.dead_outputs, connectivity.unread_inputs), (2, 0, 2));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
        let counts = Counts::of(layout, mask)?;
        let empty = |counts: &[usize]| counts.iter().filter(|count| **count == 0).count();
        Ok(Self {
            kept: mask.iter().filter(|kept| **kept).count(),
            weights: mask.len(),
            dead_outputs: empty(&counts.of_outputs),
            unread_inputs: empty(&counts.of_inputs),
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

/// The weights that neurons and inputs have in a mask. Inputs of different groups count apart.
struct Counts {
    neurons: Vectors,
    /// Neurons of each matrix.
    rows: usize,
    of_outputs: Vec<usize>,
    of_inputs: Vec<usize>,
}

impl Counts {
    fn of(layout: &WeightLayout, mask: &[bool]) -> Result<Self, InitError> {
        let neurons = layout.neurons()?;
        let elements = layout.elements()?;
        if mask.len() != elements {
            let problem = format!("a mask of {} elements isn't for it", mask.len());
            return Err(InitError::shape(layout.shape(), problem));
        }
        let matrices = layout.matrices().max(1);
        let (rows, columns) = (neurons.count() / matrices, neurons.len());
        let (outputs, inputs) = match elements {
            0 => (0, 0),
            _ => (neurons.count(), matrices * columns),
        };
        let mut counts = Self {
            neurons,
            rows,
            of_outputs: vec![0; outputs],
            of_inputs: vec![0; inputs],
        };
        neurons.for_each_element(|index, j, i| {
            if mask[index] {
                counts.of_outputs[j] += 1;
                counts.of_inputs[j / rows * columns + i] += 1;
            }
        });
        Ok(counts)
    }
}

/// The cells of a mask that are kept, in the order that [`permutation`](crate::draw::permutation) has
/// for all cells. Only as many as are asked for are looked up: there is a bit for each of the others.
struct Order {
    shuffle: Shuffle,
    /// Places in the order whose cells are kept.
    kept: Marks,
    /// Those before this place are looked up.
    next: usize,
    /// Place and cell of what is looked up, by place.
    seen: Vec<(usize, usize)>,
    /// How many are looked up at first.
    at_first: usize,
}

impl Order {
    fn new(key: Key, counts: &Counts, mask: &[bool], at_first: usize) -> Self {
        let n = mask.len();
        let (shuffle, mut kept) = (Shuffle { key, n }, Marks::none(n));
        let columns = counts.neurons.len();
        counts.neurons.for_each_element(|index, j, i| {
            if mask[index] {
                kept.set(j * columns + i);
            }
        });
        shuffle.move_marks(&mut kept);
        Self {
            shuffle,
            kept,
            next: 0,
            seen: Vec::new(),
            at_first,
        }
    }

    /// The first cell that is right.
    fn find(&mut self, is_right: impl Fn(usize) -> bool) -> Option<usize> {
        let mut begin = 0;
        loop {
            let mut cells = self.seen[begin..].iter().map(|(_, cell)| *cell);
            if let Some(cell) = cells.find(|cell| is_right(*cell)) {
                return Some(cell);
            }
            begin = self.seen.len();
            // Each look takes the same time, however many they are.
            let count = begin.max(self.at_first);
            let places: Vec<usize> = self.kept.from(self.next).take(count).collect();
            self.next = places.last()? + 1;
            let mut cells = places.clone();
            self.shuffle.to_numbers(&mut cells);
            self.seen.extend(places.into_iter().zip(cells));
        }
    }

    /// Adds cells that weren't kept.
    fn add(&mut self, cells: Vec<usize>) {
        let mut places = cells.clone();
        self.shuffle.to_places(&mut places);
        for (place, cell) in places.into_iter().zip(cells) {
            if place < self.next {
                self.seen.push((place, cell));
            } else {
                self.kept.set(place);
            }
        }
        self.seen.sort_unstable();
    }
}

/// Moves weights so that each neuron has an input and each input is read, where there are enough.
pub(super) fn reconnect(
    layout: &WeightLayout,
    key: Key,
    mask: &mut [bool],
) -> Result<(), InitError> {
    let mut counts = Counts::of(layout, mask)?;
    let is_dead = |counts: &[usize]| counts.contains(&0);
    if !is_dead(&counts.of_outputs) && !is_dead(&counts.of_inputs) {
        return Ok(());
    }
    let (neurons, rows, columns) = (counts.neurons, counts.rows, counts.neurons.len());
    let place = |cell: usize| neurons.index(cell / columns, cell % columns);
    let missing = counts.of_outputs.iter().chain(&counts.of_inputs);
    let missing = missing.filter(|count| **count == 0).count();
    let mut order = Order::new(key.purpose(Purpose::Repair), &counts, mask, 2 * missing);
    let mut added = Vec::new();
    // First the neurons without inputs: each takes a weight from a neuron that has several,
    // preferring inputs that are read by several.
    for j in 0..counts.of_outputs.len() {
        if counts.of_outputs[j] > 0 {
            continue;
        }
        let matrix = j / rows;
        let mut spare = |both: bool| {
            order.find(|cell| {
                let (row, i) = (cell / columns, cell % columns);
                row / rows == matrix
                    && counts.of_outputs[row] > 1
                    && (!both || counts.of_inputs[matrix * columns + i] > 1)
                    && mask[place(cell)]
            })
        };
        let Some(from) = spare(true).or_else(|| spare(false)) else {
            continue;
        };
        // It reads the input that is read least.
        let input = |i: &usize| counts.of_inputs[matrix * columns + i];
        let to = (0..columns).min_by_key(input).unwrap_or(0);
        mask[place(from)] = false;
        counts.of_outputs[from / columns] -= 1;
        counts.of_inputs[matrix * columns + from % columns] -= 1;
        mask[place(j * columns + to)] = true;
        added.push(j * columns + to);
        counts.of_outputs[j] += 1;
        counts.of_inputs[matrix * columns + to] += 1;
    }
    // Until here, none of the added weights could be moved on: its neuron has no other.
    order.add(added);
    // Then the inputs that nothing reads: a neuron reads them instead of an input that others read,
    // too.
    for number in 0..counts.of_inputs.len() {
        if counts.of_inputs[number] > 0 {
            continue;
        }
        let (matrix, to) = (number / columns, number % columns);
        let from = order.find(|cell| {
            let (row, i) = (cell / columns, cell % columns);
            row / rows == matrix && counts.of_inputs[matrix * columns + i] > 1 && mask[place(cell)]
        });
        let Some(from) = from else { continue };
        let row = from / columns;
        mask[place(from)] = false;
        counts.of_inputs[matrix * columns + from % columns] -= 1;
        mask[place(row * columns + to)] = true;
        counts.of_inputs[number] += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{permutation, word};
    use crate::key::Seed;

    /// The first cell that is right is that of the whole permutation, however many are looked up at
    /// first, and after cells were added before and behind what is looked up.
    #[test]
    fn order() -> Result<(), InitError> {
        for layout in [
            WeightLayout::linear([30, 40]),
            WeightLayout::linear_col([30, 40]),
            WeightLayout::conv([12, 5, 3])?.groups(3)?,
            WeightLayout::conv_transpose([12, 5, 3])?.groups(3)?,
        ] {
            let (key, neurons) = (Seed::new(5).key("order"), layout.neurons()?);
            let n = layout.elements()?;
            let all = permutation(key, n);
            for (one_of, at_first) in [(1, 1), (3, 2), (3, 50), (40, 1), (40, 5), (n, 3)] {
                let is_kept = |cell: usize| {
                    (word(key.stream(1), cell as u64) as usize).is_multiple_of(one_of)
                };
                let mut mask = vec![false; n];
                let mut kept: Vec<bool> = (0..n).map(is_kept).collect();
                neurons.for_each_element(|index, j, i| mask[index] = kept[j * neurons.len() + i]);
                let counts = Counts::of(&layout, &mask)?;
                let mut order = Order::new(key, &counts, &mask, at_first);
                for modulus in [2, 5, 11, 31, 500] {
                    for rest in [0, 1] {
                        let is_right = |cell: usize| cell % modulus == rest;
                        let mut cells = all.iter().copied();
                        let first = cells.find(|cell| kept[*cell] && is_right(*cell));
                        assert_eq!(order.find(is_right), first, "{layout:?}, 1 of {one_of}");
                    }
                    let added: Vec<usize> = (0..n)
                        .filter(|cell| !kept[*cell] && cell % (5 * modulus) == 1)
                        .collect();
                    added.iter().for_each(|cell| kept[*cell] = true);
                    order.add(added);
                }
            }
        }
        Ok(())
    }
}
