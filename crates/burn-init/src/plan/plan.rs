//! A plan: a seed and an ordered list of rules.

use burn::module::Module;
use burn_init_values::{AnyInitializer, InitError, Seed};
use serde::{Deserialize, Serialize};

use super::decide::{Asked, AskedRule, Rest, initialize};
use super::rule::RuleAction;
use super::{Applied, Report, Rule, Select};

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
/// use burn_init::{Constant, Plan, Select, Sparse, Wavelet, plan::Applied};
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    seed: Seed,
    rules: Vec<Rule>,
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

    /// The seed.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
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
        let rules: Vec<AskedRule<'_>> = self
            .rules
            .iter()
            .map(|rule| AskedRule {
                select: &rule.select,
                asked: match &rule.action {
                    RuleAction::Init(init) => Asked::Init(init),
                    RuleAction::Keep => Asked::Keep,
                },
                layout: &rule.layout,
            })
            .collect();
        let mut report = Report::default();
        let model = initialize(module, self.seed, &rules, Rest::Error, Some(&mut report))?;
        Ok(Applied { model, report })
    }
}
