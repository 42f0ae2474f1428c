//! Parameters that are shards of larger weights.

use burn_init_values::InitError;
use burn_init_values::weight::Shard;
use serde::{Deserialize, Serialize};

use super::Select;
use crate::module::parameter::{Parameter, Role};

/// What a plan says of shards: which of the module's parameters are one, and which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Sharded {
    pub select: Select,
    pub shard: Shard,
}

/// Gives the parameters that are shards the layouts of their wholes; the first that matches wins.
///
/// # Errors
///
/// If a parameter can't be that shard, or one matches none.
pub(super) fn apply(all: &[Sharded], parameters: &mut [Parameter]) -> Result<(), InitError> {
    if all.is_empty() {
        return Ok(());
    }
    all.iter().try_for_each(|sharded| sharded.select.check())?;
    let mut used = vec![false; all.len()];
    let first = |parameter: &Parameter| {
        let is_kept = matches!(parameter.role, Role::Statistic | Role::Reparameterization);
        let matches = |sharded: &Sharded| !is_kept && sharded.select.matches(parameter);
        all.iter().position(matches)
    };
    // All by the shapes that they have themselves.
    let numbers: Vec<Option<usize>> = parameters.iter().map(first).collect();
    for (parameter, number) in parameters.iter_mut().zip(numbers) {
        let Some(number) = number else { continue };
        used[number] = true;
        let shard = all[number].shard;
        let at = |error: InitError| error.at(&parameter.path, parameter.layout.shape());
        let region = shard.within(parameter.layout.shape()).map_err(at)?;
        let whole = shard.whole(&parameter.layout).map_err(at)?;
        (parameter.layout, parameter.region) = (whole, Some(region));
    }
    if let Some(number) = used.iter().position(|used| !used) {
        let Sharded { select, shard } = &all[number];
        let problem = format!("{shard} of {select}: no parameter is selected by that alone");
        return Err(InitError::Unsupported(problem));
    }
    // A bias stands beside the whole of its weight.
    for i in 0..parameters.len() {
        if let Some(weight) = parameters[i].weight {
            parameters[i].layout = parameters[i].beside(&parameters[weight].layout);
        }
    }
    Ok(())
}
