//! Gates that remember for as long as sequences last.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::gate_bias::block;
use super::unit;
use crate::error::{InitError, finite};
use crate::initializer::{Expected, Fitted, Initializer};
use crate::weight::WeightLayout;

const NAME: &str = "ChronoBias";

/// What a block of a bias belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gate {
    /// The input gate: minus the forget gate's bias.
    Input,
    /// The forget gate, which keeps the state where it is open: ln U(1, T_max − 1).
    Forget,
    /// Another one: 0.
    Other,
}

/// The chrono initialization of an LSTM's gates: b_f = ln u with u from U(1, T_max − 1) for each unit, and
/// b_i = −b_f (Tallec and Ollivier 2018).
///
/// A unit with this bias forgets after about u steps, so that the units cover all times up to T_max, the
/// length of the longest dependences.
///
/// **Packed**, all gates are blocks of one bias. Unit j of the input gate is minus unit j of the forget
/// gate. [`lstm`](Self::lstm) is that for the order of PyTorch and Keras; where two biases are added, as
/// PyTorch does, the other one gets zeros.
///
/// **Apart**, as in Burn's `Lstm`, each gate has a bias at a path of its own, and what a parameter draws is
/// a function of its path. [`forget`](Self::forget) draws by its own path; [`input`](Self::input) is told
/// the forget gate's path, and draws by that one: minus the same numbers, whichever is made first, and in
/// whichever program.
///
/// ```
/// use burn_init_values::{ChronoBias, Initializer, Seed};
///
/// let seed = Seed::new(1);
/// let forget_path = "lstm.forget_gate.input_transform.bias";
/// let forget = ChronoBias::forget(784.0).draw(&[64].into(), seed.key(forget_path))?;
///
/// let key = seed.key("lstm.input_gate.input_transform.bias");
/// let input = ChronoBias::input(784.0, forget_path).draw(&[64].into(), key)?;
/// assert!(forget.iter().zip(&input).all(|(f, i)| *f == -i && *f < 783f32.ln()));
/// # Ok::<(), burn_init_values::InitError>(())
/// ```
///
/// # Errors
///
/// If T_max isn't at least 2, the number of gates doesn't divide the last axis, an input gate has no forget
/// gate, or the parameter has inputs and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ChronoBias {
    /// The length of the longest dependences, in steps.
    pub t_max: f64,
    /// The gates, in the order of their blocks.
    pub gates: Vec<Gate>,
    /// The path of the forget gate's bias, where that is another parameter: as keys have it, with the prefix of the plan
    /// if there is one.
    #[serde(default)]
    pub forget_path: Option<String>,
}

impl ChronoBias {
    /// A bias with these gates.
    pub fn new(t_max: f64, gates: impl Into<Vec<Gate>>) -> Self {
        Self {
            t_max,
            gates: gates.into(),
            forget_path: None,
        }
    }

    /// The bias of an LSTM's four gates, of which the first is the input gate and the second the forget
    /// gate.
    pub fn lstm(t_max: f64) -> Self {
        Self::new(t_max, [Gate::Input, Gate::Forget, Gate::Other, Gate::Other])
    }

    /// The bias of a forget gate alone.
    pub fn forget(t_max: f64) -> Self {
        Self::new(t_max, [Gate::Forget])
    }

    /// The bias of an input gate alone: minus what [`forget`](Self::forget) gives at this path.
    pub fn input(t_max: f64, forget_path: impl Into<String>) -> Self {
        Self {
            forget_path: Some(forget_path.into()),
            ..Self::new(t_max, [Gate::Input])
        }
    }
}

impl fmt::Display for ChronoBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chrono {:?}, T_max {}", self.gates, self.t_max)?;
        match &self.forget_path {
            Some(path) => write!(f, ", with `{path}`"),
            None => Ok(()),
        }
    }
}

impl Initializer for ChronoBias {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        let t_max = self.t_max;
        if !(t_max >= 2.0 && t_max.is_finite()) {
            let expected = "a finite number of steps, 2 or more";
            return Err(InitError::setting(NAME, "t_max", t_max, expected));
        }
        let block = block(NAME, "gates", weight, self.gates.len())? as u64;
        let has = |gate| self.gates.contains(&gate);
        if has(Gate::Input) && !has(Gate::Forget) && self.forget_path.is_none() {
            let expected = "with `forget_path`, the path of the forget gate's bias: the input gate's is \
                            minus that one's";
            let given = format!("{:?}", self.gates);
            return Err(InitError::setting(NAME, "gates", given, expected));
        }
        let largest = finite(NAME, "t_max", libm::log(t_max - 1.0))?;
        let (gates, path) = (self.gates.clone(), self.forget_path.clone());
        let fitted = Fitted::elements(weight, move |key, i| {
            let key = path.as_deref().map_or(key, |path| key.at(path));
            // Rows of a stack of biases have units of their own.
            let (row, gate) = (
                i / block / gates.len() as u64,
                i / block % gates.len() as u64,
            );
            let steps = |unit_number| 1.0 + unit(key, unit_number) * (t_max - 2.0);
            let bias = || (libm::log(steps(row * block + i % block)) as f32).min(largest);
            match gates[gate as usize] {
                Gate::Forget => bias(),
                Gate::Input => -bias(),
                Gate::Other => 0.0,
            }
        })?;
        let steps = Expected::ln_uniform(1.0, t_max - 1.0);
        let share = 1.0 / self.gates.len() as f64;
        let expected = self.gates.iter().map(|gate| match gate {
            Gate::Forget => (share, steps),
            Gate::Input => (share, steps.scaled(-1.0)),
            Gate::Other => (share, Expected::centred(0.0)),
        });
        Ok(fitted
            .within(-largest, largest)
            .expecting(Expected::of_parts(expected)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::tests::{kolmogorov_smirnov, kolmogorov_smirnov_bound};
    use crate::key::Seed;

    /// e^b is uniform from 1 to T_max − 1; false-alarm rate 10⁻⁶.
    #[test]
    fn distribution() {
        const N: usize = 1_000_000;
        let key = Seed::new(1).key("b");
        let mut b = ChronoBias::forget(784.0).draw(&[N].into(), key).unwrap();
        let distance = kolmogorov_smirnov(&mut b, |b| (b.exp() - 1.0) / 782.0);
        assert!(distance < kolmogorov_smirnov_bound(N), "{distance}");
    }
}
