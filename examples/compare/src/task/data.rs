//! Examples.

use burn_init::{Seed, draw};

/// What is trained on and what is tested on.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// The examples that may be trained on.
    pub train: Examples,
    /// The examples that test.
    pub test: Examples,
}

/// Examples with their labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examples {
    /// The values of all examples, one after another.
    pub inputs: Vec<f32>,
    /// Of each the class, from 0 on.
    pub labels: Vec<u8>,
}

impl Examples {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// These of them, in this order.
    pub fn pick(&self, indices: &[usize]) -> Self {
        let len = self.inputs.len() / self.count().max(1);
        let rows = indices.iter().map(|i| &self.inputs[i * len..][..len]);
        Self {
            inputs: rows.flatten().copied().collect(),
            labels: indices.iter().map(|i| self.labels[*i]).collect(),
        }
    }
}

impl Data {
    /// Leaves `size` examples to train on, which the seed draws.
    pub fn cut(self, seed: u64, size: usize) -> Self {
        let order = draw::permutation(Seed::new(seed).key("training examples"), self.train.count());
        Self {
            train: self.train.pick(&order[..size.min(order.len())]),
            ..self
        }
    }
}
