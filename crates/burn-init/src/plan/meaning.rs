//! What the parameters of a user's own structs are.

use burn_init_values::weight::Axis;
use burn_init_values::{InitError, WeightLayout};
use serde::{Deserialize, Serialize};

use crate::module::parameter::{Parameter, Role};

/// What a parameter of a user's own struct is: see [`Plan::meaning`](crate::Plan::meaning).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Meaning {
    /// A weight with these axes, in its saved layout.
    Weight(Vec<Axis>),
    /// It is added to outputs.
    Bias,
    /// Scale or shift of a normalization, or the slope of an activation: kept unless it's named.
    Norm,
    /// None of these: a rule must say what happens to it.
    Other,
}

impl Meaning {
    /// A weight with these axes.
    pub fn weight(axes: impl Into<Vec<Axis>>) -> Self {
        Self::Weight(axes.into())
    }
}

/// What the parameters of this name are in all structs of this name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Meant {
    pub container: String,
    pub parameter: String,
    pub meaning: Meaning,
}

/// Gives the parameters the meanings that they have.
///
/// # Errors
///
/// If a weight has another number of axes than its meaning.
pub(super) fn apply(all: &[Meant], parameters: &mut [Parameter]) -> Result<(), InitError> {
    if all.is_empty() {
        return Ok(());
    }
    for parameter in parameters {
        let name = parameter.path.rsplit('.').next().unwrap_or_default();
        let is_kept = matches!(parameter.role, Role::Statistic | Role::Reparameterization);
        let found = all
            .iter()
            .find(|meant| meant.container == parameter.container() && meant.parameter == name);
        let Some(Meant { meaning, .. }) = found.filter(|_| !is_kept) else {
            continue;
        };
        let shape = parameter.layout.shape();
        let vector = || WeightLayout::vector(shape);
        let (role, layout) = match meaning {
            Meaning::Weight(axes) => {
                let layout = WeightLayout::new(shape, axes.clone());
                let at = |error: InitError| error.at(&parameter.path, shape);
                (Role::Weight, layout.map_err(at)?)
            }
            // A bias that knows its weight already knows more than a meaning says.
            Meaning::Bias if parameter.role == Role::Bias => (Role::Bias, parameter.layout.clone()),
            Meaning::Bias => (Role::Bias, vector()),
            Meaning::Norm => (Role::Norm, vector()),
            Meaning::Other => (Role::Other, vector()),
        };
        (parameter.role, parameter.layout, parameter.assumed) = (role, layout, None);
    }
    Ok(())
}
