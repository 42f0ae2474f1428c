//! One initializer for all weights of a module.

use burn::module::Module;

use super::apply::{Chosen, Decision, Hints, apply};
use super::survey::{Role, survey};
use crate::dense::Constant;
use crate::error::InitError;
use crate::initializer::Initializer;
use crate::key::Seed;
use crate::layout::WeightLayout;

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
    /// Weights are parameters of rank 2 or more. Convolutions are taken to have one group and a
    /// stride of 1: a [`Plan`](crate::Plan) can say otherwise.
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
        let (zeros, hints) = (Constant::zeros(), Hints::default());
        let parameters = survey(&self);
        let layouts: Vec<WeightLayout> = parameters
            .iter()
            .filter(|parameter| parameter.role == Role::Weight)
            .map(|parameter| parameter.layout.clone())
            .collect();
        let mut shares = init.shares(&layouts)?.map(Vec::into_iter);
        let decisions: Vec<Decision<'_>> = parameters
            .iter()
            .map(|parameter| {
                let init = match parameter.role {
                    Role::Weight => match shares.as_mut().and_then(Iterator::next) {
                        Some(share) => Chosen::Share(share),
                        None => Chosen::Rule(init),
                    },
                    Role::Bias => Chosen::Rule(&zeros),
                    _ => return Decision::Keep("neither weight nor bias"),
                };
                Decision::Init {
                    init,
                    hints: &hints,
                }
            })
            .collect();
        apply(self, seed.into(), &parameters, &decisions, None)
    }
}

impl<M: Module> InitWeights for M {}
