//! Initializers as a user writes them: one of each kind.

use std::fmt;

use burn_init_values::weight::Along;
use burn_init_values::{Fitted, InitError, Initializer, WeightLayout, draw};
use serde::{Deserialize, Serialize};

/// Elements: Laplace's distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Laplace {
    pub scale: f32,
}

impl fmt::Display for Laplace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "own: Laplace, {}", self.scale)
    }
}

impl Initializer for Laplace {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let scale = self.scale;
        Fitted::elements(weight, move |key, i| {
            let u = draw::uniform(key, i);
            -scale * u.signum() * (1.0 - u.abs()).ln()
        })
    }
}

/// Vectors: a random walk along each of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    pub along: Along,
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "own: walk along {:?}", self.along)
    }
}

impl Initializer for Walk {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let vectors = weight.vectors(self.along)?;
        Fitted::vectors(weight, vectors, move |key, j, w| {
            let mut sum = 0.0;
            for (i, w) in w.iter_mut().enumerate() {
                assert_eq!(*w, 0.0, "a vector begins as zeros");
                sum += draw::normal(key, vectors.index(j, i) as u64);
                *w = 0.01 * sum;
            }
        })
    }
}

/// Whole: the numbers 1/n to 1 for n elements, in a random order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ranks;

impl fmt::Display for Ranks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "own: ranks")
    }
}

impl Initializer for Ranks {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let fitted = Fitted::whole(weight, |key, w| {
            assert!(w.iter().all(|w| *w == 0.0), "it begins as zeros");
            let n = w.len();
            for (w, rank) in w.iter_mut().zip(draw::permutation(key, n)) {
                *w = (rank + 1) as f32 / n as f32;
            }
            Ok(())
        })?;
        Ok(fitted.within(0.0, 1.0))
    }
}

/// Whole and sparse: each neuron passes one input on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Relay {
    pub lasting: bool,
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "own: relay")
    }
}

impl Initializer for Relay {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let neurons = weight.neurons()?;
        let fitted = Fitted::whole(weight, move |key, w| {
            for j in 0..neurons.count() {
                let i = draw::word(key, j as u64) as usize % neurons.len();
                w[neurons.index(j, i)] = 1.0;
            }
            Ok(())
        })?;
        Ok(fitted.with_zeros(self.lasting))
    }
}
