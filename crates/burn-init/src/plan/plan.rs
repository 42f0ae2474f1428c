//! A plan: a seed and an ordered list of rules.

use std::collections::HashSet;
use std::path::Path;

use burn::config::Config;
use burn::module::Module;
use burn_init_values::weight::Shard;
use burn_init_values::{AnyInitializer, InitError, Seed};
use serde::{Deserialize, Serialize, Serializer};

use super::decide::{AskedRule, Request, Rest, dry_run, initialize, look};
use super::fields::Fields;
use super::meaning::{Meaning, Meant};
use super::presets::Preset;
use super::sharded::Sharded;
use super::{Applied, Report, Rule, Select};
use crate::device::MakeOn;
use crate::files;
use crate::module::Digests;
use crate::module::ids::ids_from_paths;

/// How to initialize a whole module: a seed and an ordered list of rules, of which the first that
/// matches a parameter wins.
///
/// A plan fails loudly, before any value is made: a rule that is never used, a path that doesn't
/// exist and a weight or bias that no rule matches are errors. Normalizations and running
/// statistics are kept as the module has them. Plans can be files, TOML or JSON: see [`files`](crate::files).
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(into = "InFile")
)]
#[serde(try_from = "InFile")]
pub struct Plan {
    seed: Seed,
    rules: Vec<Rule>,
    prefix: String,
    strict: bool,
    meanings: Vec<Meant>,
    shards: Vec<Sharded>,
    ids_from_paths: bool,
    report_digests: bool,
    make_on: MakeOn,
}

/// A plan as a file has it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct InFile {
    seed: Seed,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    meanings: Vec<Meant>,
    /// Parameters that are shards of larger weights.
    #[serde(default)]
    shards: Vec<Sharded>,
    /// Whether parameters get ids that are made from their paths.
    #[serde(default)]
    ids_from_paths: bool,
    /// Whether the report has digests.
    #[serde(default)]
    report_digests: bool,
    #[serde(default)]
    make_on: MakeOn,
    #[serde(default)]
    rules: Option<Vec<Rule>>,
    /// Its rules come behind the others.
    #[serde(default)]
    preset: Option<Preset>,
    /// Where editors find the schema.
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
}

impl TryFrom<InFile> for Plan {
    type Error = &'static str;

    fn try_from(file: InFile) -> Result<Self, Self::Error> {
        if file.rules.is_none() && file.preset.is_none() {
            return Err("a plan needs `rules`, a `preset`, or both");
        }
        let mut rules = file.rules.unwrap_or_default();
        rules.extend(file.preset.iter().flat_map(Preset::rules));
        Ok(Self {
            seed: file.seed,
            rules,
            prefix: file.prefix,
            strict: file.strict,
            meanings: file.meanings,
            shards: file.shards,
            ids_from_paths: file.ids_from_paths,
            report_digests: file.report_digests,
            make_on: file.make_on,
        })
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer, "Plan", 11)?;
        fields.field("seed", &self.seed)?;
        fields.unless_default("prefix", &self.prefix)?;
        fields.unless_default("strict", &self.strict)?;
        fields.unless_default("meanings", &self.meanings)?;
        fields.unless_default("shards", &self.shards)?;
        fields.unless_default("ids_from_paths", &self.ids_from_paths)?;
        fields.unless_default("report_digests", &self.report_digests)?;
        fields.unless_default("make_on", &self.make_on)?;
        fields.field("rules", &Some(&self.rules))?;
        fields.unless_default("preset", &None::<Preset>)?;
        fields.unless_default("$schema", &None::<String>)?;
        fields.end()
    }
}

impl Config for Plan {}

impl Plan {
    /// A plan without rules.
    pub fn new(seed: impl Into<Seed>) -> Self {
        Self {
            seed: seed.into(),
            rules: Vec::new(),
            prefix: String::new(),
            strict: false,
            meanings: Vec::new(),
            shards: Vec::new(),
            ids_from_paths: false,
            report_digests: false,
            make_on: MakeOn::Fastest,
        }
    }

    /// What stands before each path where values are made: layers that are initialized alone, under one
    /// seed, differ by it. A module initialized alone, with its own path as the prefix, has the values that
    /// it has as a part of the whole.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::{Constant, Plan, Seed, Select, VarianceScaling, Initializer, plan::Applied};
    ///
    /// let he = VarianceScaling::he_normal();
    /// let layer = LinearConfig::new(3, 2).with_bias(false).init(&Device::flex());
    /// let plan = Plan::new(42).prefix("decoder.fc1").rule(Select::weights(), he);
    /// let Applied { model, .. } = plan.apply(layer)?;
    /// let weights = he.draw(&[3, 2].into(), Seed::new(42).key("decoder.fc1.weight"))?;
    /// assert_eq!(model.weight.val().into_data().try_to_vec::<f32>().unwrap(), weights);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Says what a parameter is in all structs of this name, which Burn doesn't know: its role, and the axes
    /// of a weight. Nothing is assumed of it then. A plan may have meanings of structs that a module lacks.
    ///
    /// ```
    /// use burn::module::{Module, Param};
    /// use burn::tensor::{Device, Tensor};
    /// use burn_init::plan::{Applied, Meaning};
    /// use burn_init::weight::Axis;
    /// use burn_init::{Plan, Select, VarianceScaling};
    ///
    /// #[derive(Module, Debug)]
    /// struct Experts {
    ///     up: Param<Tensor<3>>,
    ///     scale: Param<Tensor<2>>,
    /// }
    ///
    /// let device = Device::flex();
    /// let experts = Experts {
    ///     up: Param::from_tensor(Tensor::zeros([8, 64, 256], &device)),
    ///     scale: Param::from_tensor(Tensor::ones([8, 256], &device)),
    /// };
    /// let Applied { model, report } = Plan::new(42)
    ///     .meaning("Experts", "up", Meaning::weight([Axis::Index, Axis::Input, Axis::Output]))
    ///     .meaning("Experts", "scale", Meaning::Norm)
    ///     .rule(Select::weights(), VarianceScaling::he_normal())
    ///     .strict()
    ///     .apply(experts)?;
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    pub fn meaning(
        mut self,
        container: impl Into<String>,
        parameter: impl Into<String>,
        meaning: Meaning,
    ) -> Self {
        self.meanings.push(Meant {
            container: container.into(),
            parameter: parameter.into(),
            meaning,
        });
        self
    }

    /// What has to be assumed of a layout is an error: the axes of a user's own parameters, a
    /// convolution's groups, a transposed convolution's strides. [`Rule`] says them, and
    /// [`meaning`](Self::meaning) says axes.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Says that the module has only a shard of each weight that `select` matches, as one process of several
    /// does. It gets the values that the shard has in the whole: fans, patterns and budgets are those of the
    /// whole weight, and so is the shape that rules see. What no call matches is whole; the first that matches
    /// wins.
    ///
    /// The whole is taken to have shards of one size; [`Shard::size`](Shard::size) says another.
    /// A rule's groups of a convolution are those of the whole.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::weight::Shard;
    /// use burn_init::{BiasUniform, Plan, Select, Wavelet, plan::Applied};
    ///
    /// // The second half of the outputs of a layer with 64.
    /// let half = LinearConfig::new(100, 32).init(&Device::flex());
    /// let Applied { model, report } = Plan::new(42)
    ///     .shard(Select::path("weight"), Shard::new(1, 1, 2)?)
    ///     .shard(Select::path("bias"), Shard::new(0, 1, 2)?)
    ///     .rule(Select::weights(), Wavelet::haar())
    ///     .rule(Select::biases(), BiasUniform::new())
    ///     .apply(half)?;
    /// assert_eq!(report.entries[0].fan_out, Some(64.0));
    /// assert_eq!(report.entries[0].shape, [100, 32]);
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    pub fn shard(mut self, select: Select, shard: Shard) -> Self {
        self.shards.push(Sharded { select, shard });
        self
    }

    /// Gives all parameters of the module, also those that are kept, ids that are made from their paths,
    /// behind the [prefix](Self::prefix). Replicas that several processes build agree on them then, and equal
    /// models give equal files, byte for byte: `BurnpackStore`'s, and `SafetensorsStore`'s after its
    /// `clear_metadata()`, since Burn 0.22.1 writes its own metadata in an order of chance. Tied parameters share
    /// the id of the first path.
    ///
    /// Without it, parameters keep their ids, which Burn draws anew for each layer that is built. An
    /// optimizer's state belongs to ids: call it before training.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::{InitError, Plan, Select, VarianceScaling};
    ///
    /// let replica = || {
    ///     let layer = LinearConfig::new(100, 64).with_bias(false).init(&Device::flex());
    ///     let plan = Plan::new(42).rule(Select::weights(), VarianceScaling::he_normal());
    ///     Ok::<_, InitError>(plan.ids_from_paths().apply(layer)?.model)
    /// };
    /// assert_eq!(replica()?.weight.id, replica()?.weight.id);
    /// # Ok::<(), InitError>(())
    /// ```
    pub fn ids_from_paths(mut self) -> Self {
        self.ids_from_paths = true;
        self
    }

    /// The report has the digest of each parameter, and that of the model. All values are read from the
    /// device for it, and parameters that are kept lazy are made.
    pub fn report_digests(mut self) -> Self {
        self.report_digests = true;
        self
    }

    /// Says where values are made, if it isn't where that is faster. They are the same.
    pub fn make_on(mut self, make_on: MakeOn) -> Self {
        self.make_on = make_on;
        self
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

    /// Appends the rules of a preset: a whole model as a reference library initializes it. Rules that stand
    /// before it go first; one that takes all that a rule of the preset is for makes that one unused, which is an
    /// error, unless it is optional.
    ///
    /// ```
    /// use burn_init::plan::presets::Gpt2;
    /// use burn_init::{Normal, Plan, Select};
    ///
    /// let plan = Plan::new(42)
    ///     .rule(Select::path("positions.weight"), Normal::new(0.0, 0.01))
    ///     .preset(Gpt2::new(12));
    /// ```
    pub fn preset(mut self, preset: impl Into<Preset>) -> Self {
        self.rules.extend(preset.into().rules());
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
    /// Parameters keep their ids (but see [`ids_from_paths`](Self::ids_from_paths)), devices, gradient
    /// settings and layouts. No value of the module's
    /// own initializers is computed for a parameter that a rule initializes, if it is still
    /// lazy.
    ///
    /// # Errors
    ///
    /// If a rule is never used or names an unknown path, if a weight or bias has no rule, or if a
    /// rule's settings don't fit a parameter. Nothing has been initialized then: clones of the
    /// module are as they were.
    pub fn apply<M: Module>(&self, module: M) -> Result<Applied<M>, InitError> {
        self.run(module, None)
    }

    /// Initializes these parameters only, such as those that a file lacked; what isn't missing keeps its
    /// bits.
    ///
    /// A missing parameter gets the values that [`apply`](Self::apply) gives it; a budget over several
    /// weights is spread over those that are missing. A rule without a missing parameter is no error, nor is
    /// an empty list. Where one path of a tied parameter isn't missing, the others get its values.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::nn::{Linear, LinearConfig};
    /// use burn::prelude::*;
    /// use burn_init::{Constant, Plan, Select, VarianceScaling, plan::Applied};
    ///
    /// let device = Device::flex();
    /// let layers = vec![LinearConfig::new(4, 4).init(&device), LinearConfig::new(4, 2).init(&device)];
    /// let plan = Plan::new(42)
    ///     .rule(Select::weights(), VarianceScaling::he_normal())
    ///     .rule(Select::biases(), Constant::zeros());
    /// // Of burn-store's result: `result.missing.iter().map(|(path, _)| path)`.
    /// let missing = ["1.weight", "1.bias"];
    /// let Applied { model, report } = plan.apply_to_missing(layers, missing)?;
    /// assert!(!model[0].weight.is_initialized() && model[1].weight.is_initialized());
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a path isn't one of the module's, with the nearest that are; if a missing weight or bias has no
    /// rule, or if a rule's settings don't fit it. Nothing has been initialized then.
    pub fn apply_to_missing<M: Module>(
        &self,
        module: M,
        missing: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Applied<M>, InitError> {
        let missing: Vec<_> = missing.into_iter().collect();
        let missing: HashSet<&str> = missing.iter().map(AsRef::as_ref).collect();
        self.run(module, Some(&missing))
    }

    /// What [`apply`](Self::apply) would do to each parameter, without a value being made. How sparse
    /// parameters connect isn't known before.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn dry_run<M: Module>(&self, module: &M) -> Result<Report, InitError> {
        dry_run(module, &self.request(&self.asked(), None))
    }

    /// The digests of a module that this plan is for, whether it was applied already or not: of each shard
    /// what it adds to the digest of the whole, and all paths behind the prefix.
    ///
    /// ```
    /// use burn::{nn::LinearConfig, tensor::Device};
    /// use burn_init::weight::Shard;
    /// use burn_init::{InitError, Plan, Select, VarianceScaling};
    ///
    /// let plan = || Plan::new(42).rule(Select::weights(), VarianceScaling::he_normal());
    /// let layer = |outputs| LinearConfig::new(100, outputs).with_bias(false).init(&Device::flex());
    /// let whole = plan().apply(layer(64))?.model;
    /// let mut sum = Default::default();
    /// for index in 0..2 {
    ///     let plan = plan().shard(Select::weights(), Shard::new(1, index, 2)?);
    ///     sum = sum + plan.digests(&plan.apply(layer(32))?.model)?.of_shards();
    /// }
    /// assert_eq!(plan().digests(&whole)?.total(), sum);
    /// # Ok::<(), InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a parameter can't be the shard that the plan says, or is quantized.
    pub fn digests<M: Module>(&self, module: &M) -> Result<Digests, InitError> {
        let parameters = look(module, &self.request(&[], None))?;
        let parts = parameters
            .iter()
            .filter_map(|parameter| Some((parameter.path.as_str(), parameter.region.as_ref()?)));
        Digests::of_parts(module, &self.prefix, &parts.collect())
    }

    /// Reads a plan from a file: see [`files::load`](crate::files::load).
    ///
    /// # Errors
    ///
    /// If the file can't be read or isn't a plan: where, and what would be right.
    pub fn load(file: impl AsRef<Path>) -> Result<Self, InitError> {
        files::load(file)
    }

    /// Writes the plan to a file: see [`files::save`](crate::files::save).
    ///
    /// # Errors
    ///
    /// If the file can't be written, or a user's own initializer has no name in files.
    pub fn save(&self, file: impl AsRef<Path>) -> Result<(), InitError> {
        files::save(self, file)
    }

    fn run<M: Module>(
        &self,
        module: M,
        missing: Option<&HashSet<&str>>,
    ) -> Result<Applied<M>, InitError> {
        let mut report = Report::default();
        let asked = self.asked();
        let mut model = initialize(module, &self.request(&asked, missing), Some(&mut report))?;
        if self.ids_from_paths {
            model = ids_from_paths(model, &self.prefix);
        }
        if self.report_digests {
            report.add_digests(&self.digests(&model)?);
        }
        Ok(Applied { model, report })
    }

    fn asked(&self) -> Vec<AskedRule<'_>> {
        self.rules.iter().map(Rule::asked).collect()
    }

    fn request<'a>(
        &'a self,
        rules: &'a [AskedRule<'a>],
        missing: Option<&'a HashSet<&'a str>>,
    ) -> Request<'a> {
        Request {
            seed: self.seed,
            prefix: &self.prefix,
            rules,
            rest: Rest::Error,
            meanings: &self.meanings,
            shards: &self.shards,
            strict: self.strict,
            missing,
            make_on: self.make_on,
        }
    }
}
