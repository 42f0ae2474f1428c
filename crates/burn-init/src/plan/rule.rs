//! One rule of a plan.

use std::borrow::Cow;

use burn_init_values::weight::Axis;
use burn_init_values::{AnyInitializer, InitError, WeightLayout};
use serde::{Deserialize, Serialize, Serializer};

use super::Select;
use super::decide::{Asked, AskedRule};
use super::fields::Fields;

/// One rule of a [`Plan`](crate::Plan).
///
/// ```
/// use burn_init::{Plan, Select, VarianceScaling, plan::Rule};
///
/// let plan = Plan::new(42).push(
///     Rule::new(Select::weights_of("ConvTranspose2d"), VarianceScaling::he_normal()).strides([2, 2]),
/// );
/// ```
///
/// In a file, a rule has the keys `select`, `init` or `keep = true`, and what its methods say: see
/// [`files`](crate::files).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(into = "InFile")
)]
#[serde(try_from = "InFile")]
pub struct Rule {
    select: Select,
    action: RuleAction,
    layout: LayoutHints,
    optional: bool,
    where_it_fits: bool,
    keep_values: bool,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
enum RuleAction {
    Init(AnyInitializer),
    Keep,
}

impl Rule {
    /// Initializes what `select` matches by `init`.
    pub fn new(select: Select, init: impl Into<AnyInitializer>) -> Self {
        Self::of(select, RuleAction::Init(init.into()))
    }

    fn of(select: Select, action: RuleAction) -> Self {
        Self {
            select,
            action,
            layout: LayoutHints::default(),
            optional: false,
            where_it_fits: false,
            keep_values: false,
        }
    }

    /// Leaves what `select` matches as the module has it.
    pub fn keep(select: Select) -> Self {
        Self::of(select, RuleAction::Keep)
    }

    /// The rule may have nothing to do: without a parameter that it matches, it is no error.
    ///
    /// So a plan for biases applies to models without any.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// What the initializer doesn't fit is left to later rules: a layer whose width 4 doesn't divide has no 2
    /// of 4, for instance. The report says which these are, and why. A rule that fits none is an error, unless
    /// it is optional.
    ///
    /// ```
    /// use burn::nn::LinearConfig;
    /// use burn::tensor::Device;
    /// use burn_init::{Constant, Plan, Select, Sparse, VarianceScaling, plan::Rule, sparse::Pattern};
    ///
    /// let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(&Device::flex());
    /// let plan = Plan::new(42)
    ///     .push(Rule::new(Select::weights(), Sparse::new(Pattern::n_of_m(2, 4))).where_it_fits())
    ///     .rule(Select::weights(), VarianceScaling::he_normal())
    ///     .rule(Select::biases(), Constant::zeros());
    /// let report = plan.dry_run(&vec![linear(100, 64), linear(63, 10)])?;
    /// assert_eq!(report.entry("0.weight").unwrap().density, Some(0.5));
    /// assert_eq!(report.entry("1.weight").unwrap().density, Some(1.0));
    /// # Ok::<(), burn_init::InitError>(())
    /// ```
    pub fn where_it_fits(mut self) -> Self {
        self.where_it_fits = true;
        self
    }

    /// What has values already stays: the rule initializes what is still lazy.
    ///
    /// A constructor that sets a forget gate's biases to 1 leaves a parameter that isn't lazy. A rule
    /// overwrites it, and the report says so, unless it keeps values.
    pub fn keep_values(mut self) -> Self {
        self.keep_values = true;
        self
    }

    /// The convolutions that this rule matches have this many groups, which their fans depend on
    /// and their shapes don't tell. Biases beside these weights know it, too.
    pub fn groups(mut self, groups: usize) -> Self {
        self.layout.groups = Some(groups);
        self
    }

    /// The convolutions that this rule matches have as many groups as channels, however wide they are.
    pub fn depthwise(mut self) -> Self {
        self.layout.depthwise = true;
        self
    }

    /// The transposed convolutions that this rule matches have these strides, one for each axis of
    /// the kernel, which their fans depend on and their shapes don't tell. Biases beside these weights
    /// know it, too.
    pub fn strides(mut self, strides: impl Into<Vec<usize>>) -> Self {
        self.layout.strides = Some(strides.into());
        self
    }

    /// The parameters that this rule matches have these axes, where that isn't what Burn's layers
    /// have: of a struct that Burn doesn't know, two axes are taken for a `Linear`'s and more
    /// for a convolution's. Biases beside these weights know it, too.
    pub fn axes(mut self, axes: impl Into<Vec<Axis>>) -> Self {
        self.layout.axes = Some(axes.into());
        self
    }

    /// Which parameters the rule is for.
    pub fn select(&self) -> &Select {
        &self.select
    }

    /// The rule's initializer; `None` where it keeps what it matches.
    pub fn initializer(&self) -> Option<&AnyInitializer> {
        match &self.action {
            RuleAction::Init(init) => Some(init),
            RuleAction::Keep => None,
        }
    }

    pub(super) fn asked(&self) -> AskedRule<'_> {
        AskedRule {
            select: &self.select,
            asked: match &self.action {
                RuleAction::Init(init) if self.keep_values => Asked::InitLazy(init),
                RuleAction::Init(init) => Asked::Init(init),
                RuleAction::Keep => Asked::Keep,
            },
            layout: &self.layout,
            optional: self.optional,
            where_it_fits: self.where_it_fits,
        }
    }
}

/// A rule as a file has it.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct InFile {
    select: Select,
    #[serde(default)]
    init: Option<AnyInitializer>,
    #[serde(default)]
    keep: bool,
    #[serde(default)]
    groups: Option<usize>,
    #[serde(default)]
    depthwise: bool,
    #[serde(default)]
    strides: Option<Vec<usize>>,
    #[serde(default)]
    axes: Option<Vec<Axis>>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    where_it_fits: bool,
    #[serde(default)]
    keep_values: bool,
}

impl TryFrom<InFile> for Rule {
    type Error = &'static str;

    fn try_from(file: InFile) -> Result<Self, Self::Error> {
        let InFile {
            select,
            init,
            keep,
            groups,
            depthwise,
            strides,
            axes,
            optional,
            where_it_fits,
            keep_values,
        } = file;
        let action = match (init, keep) {
            (Some(init), false) => RuleAction::Init(init),
            (None, true) => RuleAction::Keep,
            (None, false) => return Err("a rule needs `init`, or `keep = true`"),
            (Some(_), true) => return Err("a rule has either `init` or `keep = true`, not both"),
        };
        Ok(Self {
            select,
            action,
            layout: LayoutHints {
                groups,
                depthwise,
                strides,
                axes,
            },
            optional,
            where_it_fits,
            keep_values,
        })
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let LayoutHints {
            groups,
            depthwise,
            strides,
            axes,
        } = &self.layout;
        let mut fields = Fields::new(serializer, "Rule", 10)?;
        fields.field("select", &self.select)?;
        fields.unless_default("init", &self.initializer())?;
        fields.unless_default("keep", &(self.action == RuleAction::Keep))?;
        fields.unless_default("groups", groups)?;
        fields.unless_default("depthwise", depthwise)?;
        fields.unless_default("strides", strides)?;
        fields.unless_default("axes", axes)?;
        fields.unless_default("optional", &self.optional)?;
        fields.unless_default("where_it_fits", &self.where_it_fits)?;
        fields.unless_default("keep_values", &self.keep_values)?;
        fields.end()
    }
}

/// What a rule says of the layout of its parameters, because their shapes don't tell it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct LayoutHints {
    pub groups: Option<usize>,
    pub depthwise: bool,
    pub strides: Option<Vec<usize>>,
    pub axes: Option<Vec<Axis>>,
}

impl LayoutHints {
    /// Whether they say nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The layout, with what they say of it.
    pub fn apply<'l>(
        &self,
        layout: Cow<'l, WeightLayout>,
    ) -> Result<Cow<'l, WeightLayout>, InitError> {
        if self.is_empty() {
            return Ok(layout);
        }
        let mut layout = match &self.axes {
            Some(axes) => WeightLayout::new(layout.shape(), axes.clone())?,
            None => layout.into_owned(),
        };
        if self.depthwise {
            layout = layout.depthwise()?;
        }
        if let Some(groups) = self.groups {
            layout = layout.groups(groups)?;
        }
        if let Some(strides) = &self.strides {
            layout = layout.strides(strides.clone())?;
        }
        Ok(Cow::Owned(layout))
    }
}
