//! What is made: a weight, or a region of it.

use burn_init_values::weight::Region;
use burn_init_values::{Fitted, InitError, Key};

/// A fitted weight, or a region of it.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub fitted: &'a Fitted,
    pub key: Key,
    /// Nothing where it is all of the weight.
    pub region: Option<&'a Region>,
}

impl Part<'_> {
    pub fn shape(self) -> Vec<usize> {
        match self.region {
            Some(region) => region.shape(),
            None => self.fitted.shape().to_vec(),
        }
    }

    /// Its values, made on the CPU.
    pub fn draw(self) -> Result<Vec<f32>, InitError> {
        match self.region {
            Some(region) => self.fitted.draw_region(self.key, region),
            None => self.fitted.draw(self.key),
        }
    }

    /// The same, and of a sparse weight which of its elements are weights.
    pub fn draw_with_mask(self) -> Result<(Vec<f32>, Option<Vec<bool>>), InitError> {
        match self.region {
            Some(region) => self.fitted.draw_region_with_mask(self.key, region),
            None => self.fitted.draw_with_mask(self.key),
        }
    }
}
