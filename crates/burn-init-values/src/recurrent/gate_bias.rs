//! One number for each gate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{InitError, finite};
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "GateBias";

/// A bias that packs several gates: equal blocks of its last axis, with a number for each.
///
/// An LSTM whose forget gate starts at 1 remembers from the start (Gers et al. 2000; Jozefowicz et al.
/// 2015). [`lstm`](Self::lstm) is that for the order of PyTorch, i, f, g, o, and Keras, i, f, c, o.
/// PyTorch adds two biases, `bias_ih` and `bias_hh`: one of them gets these, the other zeros.
///
/// Burn's own `Lstm` keeps its gates apart. There [`Constant::ones`](crate::Constant::ones) at the path
/// `forget_gate.input_transform.bias` does it, with zeros for `forget_gate.hidden_transform.bias`, which
/// is added to it.
///
/// ```
/// use burn_init_values::{GateBias, Initializer, Seed};
///
/// // Two units.
/// let bias = GateBias::lstm().draw(&[8].into(), Seed::new(1).key("lstm.bias"))?;
/// assert_eq!(bias, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If there are no values or one isn't finite, their number doesn't divide the last axis, or the parameter
/// has inputs and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GateBias {
    /// The number of each gate, in the order of their blocks.
    pub values: Vec<f64>,
}

impl GateBias {
    /// These numbers, one for each block.
    pub fn new(values: impl Into<Vec<f64>>) -> Self {
        Self {
            values: values.into(),
        }
    }

    /// 0, 1, 0, 0: the second of four gates is the forget gate.
    pub fn lstm() -> Self {
        Self::new([0.0, 1.0, 0.0, 0.0])
    }
}

impl fmt::Display for GateBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gates {:?}", self.values)
    }
}

/// The length of a gate's block, of `gates` in a bias.
pub(super) fn block(
    initializer: &'static str,
    setting: &'static str,
    bias: &WeightLayout,
    gates: usize,
) -> Result<usize, InitError> {
    let len = bias.vector_len(initializer)?;
    if gates == 0 {
        let expected = "at least one gate";
        return Err(InitError::setting(initializer, setting, "[]", expected));
    }
    if !len.is_multiple_of(gates) {
        let problem = format!("{initializer}'s {gates} gates don't divide its last axis");
        return Err(InitError::shape(bias.shape(), problem));
    }
    Ok(len / gates)
}

impl Initializer for GateBias {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let numbers = self.values.iter();
        let values = numbers.map(|value| finite(NAME, "values", *value));
        let values = values.collect::<Result<Vec<f32>, InitError>>()?;
        let block = block(NAME, "values", weight, values.len())?;
        let largest = values
            .iter()
            .fold(0f32, |largest, value| largest.max(value.abs()));
        let fitted = Fitted::elements(weight, move |_, i| {
            values[(i / block as u64 % values.len() as u64) as usize]
        })?;
        Ok(fitted.up_to(f64::from(largest)).fixed())
    }
}
