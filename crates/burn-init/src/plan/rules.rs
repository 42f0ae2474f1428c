//! A plan: an ordered list of rules.

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::apply::{Chosen, Connectivities, Decision, Hints, apply};
use super::report::{Applied, Report};
use super::select::Select;
use super::survey::{Parameter, Role, survey};
use crate::error::InitError;
use crate::initializer::{AnyInitializer, Initializer};
use crate::key::Seed;
use crate::layout::{Axis, WeightLayout};

/// How to initialize a whole module: a seed and an ordered list of rules, of which the first that
/// matches a parameter wins.
///
/// A plan fails loudly, before any value is made: a rule that is never used, a path that doesn't
/// exist and a weight or bias that no rule matches are errors. Normalizations and running
/// statistics are kept as the module has them. Plans can be written to files and read back (serde).
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::prelude::*;
/// use burn_init::{Applied, Constant, Plan, Select, Sparse, Wavelet};
///
/// #[derive(Module, Debug)]
/// struct Mlp {
///     fc1: Linear,
///     fc2: Linear,
/// }
///
/// let device = Device::flex();
/// let model = Mlp {
///     fc1: LinearConfig::new(100, 64).init(&device),
///     fc2: LinearConfig::new(64, 10).init(&device),
/// };
/// let Applied { model, report } = Plan::new(42)
///     .rule(Select::path("fc1.weight"), Wavelet::haar().grid([10, 10]))
///     .rule(Select::weights_of("Linear"), Sparse::exact(8).pinned())
///     .rule(Select::biases(), Constant::zeros())
///     .apply(model)?;
/// println!("{report}");
/// # Ok::<(), burn_init::InitError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    seed: Seed,
    rules: Vec<Rule>,
}

/// One rule of a [`Plan`].
///
/// ```
/// use burn_init::{Plan, Rule, Select, VarianceScaling};
///
/// let plan = Plan::new(42).push(
///     Rule::new(Select::weights_of("ConvTranspose2d"), VarianceScaling::he_normal()).strides([2, 2]),
/// );
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    select: Select,
    action: RuleAction,
    #[serde(default, skip_serializing_if = "is_default")]
    layout: Hints,
}

fn is_default(hints: &Hints) -> bool {
    *hints == Hints::default()
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RuleAction {
    Init(AnyInitializer),
    Keep,
}

impl Rule {
    /// Initializes what `select` matches by `init`.
    pub fn new(select: Select, init: impl Into<AnyInitializer>) -> Self {
        Self {
            select,
            action: RuleAction::Init(init.into()),
            layout: Hints::default(),
        }
    }

    /// Leaves what `select` matches as the module has it.
    pub fn keep(select: Select) -> Self {
        Self {
            select,
            action: RuleAction::Keep,
            layout: Hints::default(),
        }
    }

    /// The convolutions that this rule matches have this many groups, which their fans depend on
    /// and their shapes don't tell.
    pub fn groups(mut self, groups: usize) -> Self {
        self.layout.groups = Some(groups);
        self
    }

    /// The transposed convolutions that this rule matches have these strides, one for each axis of
    /// the kernel, which their fans depend on and their shapes don't tell.
    pub fn strides(mut self, strides: impl Into<Vec<usize>>) -> Self {
        self.layout.strides = Some(strides.into());
        self
    }

    /// The parameters that this rule matches have these axes, where that isn't what Burn's layers
    /// have: of a struct that Burn doesn't know, two axes are taken for a `Linear`'s and more
    /// for a convolution's.
    pub fn axes(mut self, axes: impl Into<Vec<Axis>>) -> Self {
        self.layout.axes = Some(axes.into());
        self
    }
}

impl Plan {
    /// A plan without rules.
    pub fn new(seed: impl Into<Seed>) -> Self {
        Self {
            seed: seed.into(),
            rules: Vec::new(),
        }
    }

    /// Adds a rule: what `select` matches, and no earlier rule does, is initialized by `init`.
    pub fn rule(self, select: Select, init: impl Into<AnyInitializer>) -> Self {
        self.push(Rule::new(select, init))
    }

    /// Adds a rule: what `select` matches, and no earlier rule does, stays as the module has it.
    pub fn keep(self, select: Select) -> Self {
        self.push(Rule::keep(select))
    }

    /// Adds a rule.
    pub fn push(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Initializes the module.
    ///
    /// Parameters keep their ids, devices, gradient settings and layouts. No value of the module's
    /// own initializers is computed for a parameter that a rule initializes, if it is still
    /// lazy.
    ///
    /// # Errors
    ///
    /// If a rule is never used or names an unknown path, if a weight or bias has no rule, or if a
    /// rule's settings don't fit a parameter. Nothing has been initialized then: clones of the
    /// module are as they were.
    pub fn apply<M: Module>(&self, module: M) -> Result<Applied<M>, InitError> {
        let parameters = survey(&module);
        let decisions = self.decide(&parameters)?;
        let mut connectivity = Connectivities::new();
        let model = apply(
            module,
            self.seed,
            &parameters,
            &decisions,
            Some(&mut connectivity),
        )?;
        let report = Report::of(&parameters, &decisions, connectivity);
        Ok(Applied { model, report })
    }

    /// What happens to each parameter.
    fn decide(&self, parameters: &[Parameter]) -> Result<Vec<Decision<'_>>, InitError> {
        // Of each rule, the parameters that it gets.
        let mut its_own = vec![Vec::new(); self.rules.len()];
        let mut without_rule = Vec::new();
        let mut decisions = Vec::new();
        for (i, parameter) in parameters.iter().enumerate() {
            let rule = self
                .rules
                .iter()
                .position(|rule| rule.select.matches(parameter));
            decisions.push(match rule {
                Some(number) => {
                    its_own[number].push(i);
                    let rule = &self.rules[number];
                    match &rule.action {
                        RuleAction::Keep => Decision::Keep("by rule"),
                        RuleAction::Init(init) => Decision::Init {
                            init: Chosen::Rule(init.inner()),
                            hints: &rule.layout,
                        },
                    }
                }
                None => match parameter.role {
                    Role::Norm => Decision::Keep("normalization or activation"),
                    Role::Statistic => Decision::Keep("running statistic"),
                    Role::Reparameterization => Decision::Keep("reparameterization"),
                    Role::Weight | Role::Bias | Role::Other => {
                        let shape = parameter.layout.shape();
                        without_rule.push(format!("`{}` {shape:?}", parameter.path));
                        Decision::Keep("no rule")
                    }
                },
            });
        }
        if let Some(number) = its_own.iter().position(Vec::is_empty) {
            return Err(unused(number, &self.rules[number], parameters));
        }
        if !without_rule.is_empty() {
            return Err(InitError::NoRule {
                paths: without_rule,
            });
        }
        for (rule, its_own) in self.rules.iter().zip(its_own) {
            let RuleAction::Init(init) = &rule.action else {
                continue;
            };
            // A budget is spread over all parameters that the rule got.
            let layouts: Vec<WeightLayout> = its_own
                .iter()
                .map(|i| rule.layout.apply(&parameters[*i].layout).into_owned())
                .collect();
            let first = &parameters[its_own[0]];
            let shares = init
                .shares(&layouts)
                .map_err(|error| error.at(&first.path, first.layout.shape()))?;
            for (i, share) in its_own.into_iter().zip(shares.into_iter().flatten()) {
                decisions[i] = Decision::Init {
                    init: Chosen::Share(share),
                    hints: &rule.layout,
                };
            }
        }
        Ok(decisions)
    }
}

/// Why a rule is never used.
fn unused(number: usize, rule: &Rule, parameters: &[Parameter]) -> InitError {
    let number_from_1 = number + 1;
    if let Select::Path(path) = &rule.select {
        let Some(parameter) = parameters.iter().find(|p| p.path == *path) else {
            return InitError::UnknownPath {
                rule: number_from_1,
                path: path.clone(),
                nearest: nearest(path, parameters),
            };
        };
        let always_kept = match parameter.role {
            Role::Statistic => Some("a running statistic"),
            Role::Reparameterization => Some("a part of a reparameterization"),
            _ => None,
        };
        if let Some(what) = always_kept {
            return InitError::UnusedRule {
                rule: number_from_1,
                select: rule.select.to_string(),
                reason: format!("this is {what}, which is always kept"),
            };
        }
    }
    let taken: Vec<&str> = parameters
        .iter()
        .filter(|p| rule.select.matches(p))
        .map(|p| p.path.as_str())
        .collect();
    let reason = if taken.is_empty() {
        let mut containers: Vec<&str> = parameters
            .iter()
            .filter(|p| p.role == Role::Weight)
            .map(|p| p.container.as_str())
            .collect();
        containers.sort_unstable();
        containers.dedup();
        match containers.as_slice() {
            _ if matches!(rule.select, Select::Group(_)) => {
                "it matches no weight or bias; normalizations are only reached by their own path"
                    .to_owned()
            }
            [] => "it matches nothing, and the module has no weights".to_owned(),
            names => format!(
                "it matches nothing; the module has weights of {}",
                names.join(", ")
            ),
        }
    } else {
        format!(
            "earlier rules take all that it matches: {}",
            taken.join(", ")
        )
    };
    InitError::UnusedRule {
        rule: number_from_1,
        select: rule.select.to_string(),
        reason,
    }
}

/// The paths that are spelled most like `path`, nearest first.
fn nearest(path: &str, parameters: &[Parameter]) -> Vec<String> {
    let mut paths: Vec<(usize, &str)> = parameters
        .iter()
        .map(|p| (strsim::damerau_levenshtein(path, &p.path), p.path.as_str()))
        .filter(|(distance, _)| *distance <= path.len() / 2)
        .collect();
    paths.sort_unstable();
    paths
        .into_iter()
        .take(3)
        .map(|(_, path)| path.to_owned())
        .collect()
}
