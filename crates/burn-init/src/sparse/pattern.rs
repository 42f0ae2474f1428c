//! Which weights are kept.

use crate::draw::choice::choose;
use crate::fibers::Fibers;
use crate::key::{Key, Purpose};

/// Marks exactly `k` incoming weights of each neuron; every subset is equally likely, and neurons
/// are independent.
///
/// `kept` are whole neurons in the saved layout from element `first` on, all unmarked.
pub(super) fn exactly_k(key: Key<'_>, neurons: &Fibers, k: usize, first: usize, kept: &mut [bool]) {
    let key = key.purpose(Purpose::Mask);
    neurons.for_each(first, kept, |first_neuron, rows| {
        for (row, j) in rows.chunks_mut(neurons.len).zip(first_neuron..) {
            choose(key, (j * k.min(neurons.len - k)) as u64, k, row);
        }
    });
}
