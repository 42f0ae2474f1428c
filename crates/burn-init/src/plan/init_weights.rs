//! One initializer for all weights of a module.

use burn::module::Module;
use burn_init_values::{Constant, InitError, Initializer, Seed};

use super::decide::{Asked, AskedRule, Request, Rest, initialize};
use super::rule::LayoutHints;
use super::{Applied, Report, Select};
use crate::device::MakeOn;

/// One initializer for all weights: a method of every Burn module.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use burn_init::{InitWeights, VarianceScaling};
///
/// let layer = LinearConfig::new(100, 64).init(&Device::flex());
/// let layer = layer.init_weights(&VarianceScaling::he_normal(), 42)?;
/// # Ok::<(), burn_init::InitError>(())
/// ```
pub trait InitWeights: Module {
    /// Initializes all weights by `init` and all biases with zeros; keeps everything else, such as
    /// normalizations and running statistics.
    ///
    /// Weights are those of Burn's layers, and parameters of other structs with two axes or more that are
    /// longer than 1. Convolutions are taken to have one group and a stride of 1: a
    /// [`Plan`](crate::Plan) can say otherwise.
    ///
    /// A bias that has values already, such as that of a forget gate which a constructor set to 1, is
    /// kept. A bias of Burn's layers is lazy until the model is first read, and so gets its zeros if this
    /// comes first.
    ///
    /// A [`SparseBudget`](crate::SparseBudget) is spread over all weights.
    ///
    /// # Errors
    ///
    /// If the initializer doesn't fit a weight. Nothing has been initialized then: clones of the
    /// module are as they were.
    fn init_weights(
        self,
        init: &impl Initializer,
        seed: impl Into<Seed>,
    ) -> Result<Self, InitError> {
        run(self, init, seed.into(), None)
    }

    /// As [`init_weights`](Self::init_weights), with a report of what happened to each parameter.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::{InitWeights, VarianceScaling, plan::Applied};
    ///
    /// let layer = LinearConfig::new(100, 64).init(&Device::flex());
    /// let he = VarianceScaling::he_normal();
    /// let Applied { model, report } = layer.init_weights_with_report(&he, 42)?;
    /// assert_eq!(report.entries.len(), 2);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`init_weights`](Self::init_weights).
    fn init_weights_with_report(
        self,
        init: &impl Initializer,
        seed: impl Into<Seed>,
    ) -> Result<Applied<Self>, InitError> {
        let mut report = Report::default();
        let model = run(self, init, seed.into(), Some(&mut report))?;
        Ok(Applied { model, report })
    }
}

/// A plan of two rules.
fn run<M: Module>(
    module: M,
    init: &dyn Initializer,
    seed: Seed,
    report: Option<&mut Report>,
) -> Result<M, InitError> {
    let (zeros, layout) = (Constant::zeros(), LayoutHints::default());
    let rule = |select, asked| AskedRule {
        select,
        asked,
        layout: &layout,
        optional: true,
        where_it_fits: false,
    };
    let rules = [
        rule(&Select::Weights, Asked::Init(init)),
        rule(&Select::Biases, Asked::InitLazy(&zeros)),
    ];
    let request = Request {
        seed,
        prefix: "",
        rules: &rules,
        rest: Rest::Keep,
        meanings: &[],
        shards: &[],
        strict: false,
        missing: None,
        make_on: MakeOn::Fastest,
    };
    initialize(module, &request, report)
}

impl<M: Module> InitWeights for M {}
