//! Weights at other places of their layer.

use std::fmt;

use burn_init::{AnyInitializer, Fitted, InitError, Initializer, WeightLayout, draw};

/// The weights of another initializer, each at a random place of the layer. Those that are left out are so for good.
///
/// A sparse layer keeps how many weights it has and which values these are, and loses where its pattern put them: the
/// control of Frankle et al. 2021, "Pruning neural networks at initialization: why are we missing the mark?".
#[derive(Debug)]
pub struct Shuffled {
    /// What makes the weights.
    pub base: AnyInitializer,
}

impl fmt::Display for Shuffled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, shuffled in the layer", self.base)
    }
}

impl Initializer for Shuffled {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let base = self.base.fit(weight)?;
        let shuffled = Fitted::whole(weight, move |key, out| {
            let weights = base.draw(key)?;
            // A stream that the base has no draws of.
            let places = draw::permutation(key.stream(u8::MAX), out.len());
            for (place, weight) in places.into_iter().zip(weights) {
                out[place] = weight;
            }
            Ok(())
        })?;
        Ok(shuffled.with_zeros(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn_init::sparse::Pattern;
    use burn_init::{Seed, Sparse};

    /// The values are the same, and neurons read other inputs than their patch: with 25 of 100 inputs in each, the
    /// number that a neuron reads then varies like a hypergeometric number, whose variance is 18.5 over 64 neurons; the
    /// bounds are 5 standard deviations of its estimate away (a false alarm in a million seeds).
    #[test]
    fn values_stay_and_places_do_not() {
        let layout = WeightLayout::linear_col([64, 100]);
        let key = Seed::new(1).key("fc1.weight");
        let pattern = Pattern::Local {
            grid: vec![10, 10],
            patch: vec![5, 5],
        };
        let base = Sparse::new(pattern).pinned();
        let local = base.draw(&layout, key).unwrap();
        let fitted = Shuffled { base: base.into() }.fit(&layout).unwrap();
        assert!(fitted.is_lasting());
        let shuffled = fitted.draw(key).unwrap();

        let sorted = |mut values: Vec<f32>| {
            values.sort_by(f32::total_cmp);
            values
        };
        assert_eq!(sorted(local.clone()), sorted(shuffled.clone()));
        let read = |w: &[f32]| w.iter().filter(|w| **w != 0.0).count() as f64;
        assert!(local.chunks(100).all(|neuron| read(neuron) == 25.0));
        let squares = shuffled
            .chunks(100)
            .map(|neuron| (read(neuron) - 25.0).powi(2));
        let variance = squares.sum::<f64>() / 63.0;
        assert!(
            (variance - 18.5).abs() < 5.0 * 18.5 * (2.0f64 / 63.0).sqrt(),
            "{variance}"
        );
    }
}
