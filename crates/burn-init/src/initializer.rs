//! What an initializer is, and the list of all of them.

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use burn::module::{Param, ParamId};
use burn::tensor::{DType, Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::dense::{Constant, Normal, Orthogonal, TruncatedNormal, Uniform, VarianceScaling};
use crate::draw::elementwise::Elementwise;
use crate::error::InitError;
use crate::key::Key;
use crate::layout::WeightLayout;
use crate::memory::zeros;
use crate::sparse::{Sparse, SparseBudget, SparseOrthogonal};
use crate::wavelet::{Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal, WaveletSparse};

/// A way to give a parameter its first values.
///
/// An implementation is a pure function of its own settings, the layout, the key and the index of
/// an element: it must not depend on anything else, and `fill` must give an element the same bits
/// whichever range it's asked for.
///
/// ```
/// use burn::tensor::Device;
/// use burn_init::{Initializer, Seed, VarianceScaling, Wavelet};
///
/// let (seed, device) = (Seed::new(42), Device::flex());
/// let weight = Wavelet::haar().init::<2>([100, 64], seed.key("fc1.weight"), &device)?;
/// assert_eq!(weight.val().dims(), [100, 64]);
///
/// // Rows 50 and 51 of the same parameter, alone.
/// let mut rows = [0.0; 2 * 64];
/// Wavelet::haar().fill(&[100, 64].into(), seed.key("fc1.weight"), 50 * 64, &mut rows)?;
/// assert_eq!(weight.val().slice([50..52]).into_data().try_to_vec::<f32>().unwrap(), rows);
/// # Ok::<(), burn_init::InitError>(())
/// ```
pub trait Initializer: Display + Send + Sync {
    /// Whether the settings are right for a parameter of this layout.
    ///
    /// # Errors
    ///
    /// Says which setting is wrong, or what about the shape, and what would be right.
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError>;

    /// Writes the elements `start..start + out.len()` of the parameter, in row-major order of its
    /// saved layout.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check), and if the elements aren't within the parameter. Nothing has been
    /// written then.
    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError>;

    /// Which elements are to stay zero for as long as the model lives: `false` for these. `None`
    /// where that's none.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    fn pinned_mask(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Vec<bool>>, InitError> {
        let _ = (layout, key);
        Ok(None)
    }

    /// Whether it leaves most weights out, so that a report counts what is left.
    fn is_sparse(&self) -> bool {
        false
    }

    /// The initializers of several weights that share something, such as a budget; `None` where each is
    /// initialized by itself.
    ///
    /// # Errors
    ///
    /// If a setting is wrong, or doesn't fit a weight.
    fn shares(&self, layouts: &[WeightLayout]) -> Result<Option<Vec<AnyInitializer>>, InitError> {
        let _ = layouts;
        Ok(None)
    }

    /// All elements of the parameter, in row-major order of its saved layout.
    ///
    /// # Errors
    ///
    /// As [`fill`](Self::fill), and if there isn't enough memory.
    fn draw(&self, layout: &WeightLayout, key: Key<'_>) -> Result<Vec<f32>, InitError> {
        let mut values = zeros(layout.shape(), layout.elements()?)?;
        self.fill(layout, key, 0, &mut values)?;
        Ok(values)
    }

    /// A parameter on its own.
    ///
    /// A shape stands for its usual layout ([`WeightLayout`]). The values are made in f32 and
    /// rounded once to the device's default float type. A mask that
    /// [`pinned_mask`](Self::pinned_mask) asks for can only last in a module: apply a
    /// [`Plan`](crate::Plan) for that.
    ///
    /// # Errors
    ///
    /// As [`draw`](Self::draw), with the key's path and the shape; and if `D` isn't the layout's
    /// rank.
    fn init<const D: usize>(
        &self,
        layout: impl Into<WeightLayout>,
        key: Key<'_>,
        device: &Device,
    ) -> Result<Param<Tensor<D>>, InitError>
    where
        Self: Sized,
    {
        let layout = layout.into();
        let named = |error: InitError| error.at(key.path(), layout.shape());
        if layout.shape().len() != D {
            let problem = format!("its rank must be {D}, that of the tensor asked for");
            return Err(named(InitError::shape(layout.shape(), problem)));
        }
        let values = self.draw(&layout, key).map_err(named)?;
        let dtype = device.settings().float_dtype.into();
        let tensor = tensor(values, layout.shape(), device, dtype).map_err(named)?;
        let mut param = Param::initialized(ParamId::new(), tensor);
        param = param.set_require_grad(true);
        Ok(param)
    }
}

/// The values as a tensor, rounded once from f32.
///
/// # Errors
///
/// If there isn't a value for each element, or one is outside of the range of `dtype`.
pub(crate) fn tensor<const D: usize>(
    values: Vec<f32>,
    shape: &[usize],
    device: &Device,
    dtype: DType,
) -> Result<Tensor<D>, InitError> {
    /// Half precision rounds what is below this to 65504, its largest number.
    const F16_LIMIT: f32 = 65520.0;
    if values.len() != shape.iter().product::<usize>() {
        let problem = format!("its initializer made {} values", values.len());
        return Err(InitError::shape(shape, problem));
    }
    if dtype == DType::F16
        && let Some(value) = values.iter().find(|value| value.abs() >= F16_LIMIT)
    {
        let problem = format!("its value {value} is outside of the range of its type, f16");
        return Err(InitError::shape(shape, problem));
    }
    let data = TensorData::new(values, shape.to_vec());
    Ok(device.memory_persistent_allocations(data, |data| Tensor::from_data(data, (device, dtype))))
}

/// What a gain is where a file doesn't say it.
pub(crate) fn no_gain() -> f64 {
    1.0
}

/// The range that `out` stands for, if it lies within the parameter.
pub(crate) fn range(
    layout: &WeightLayout,
    start: usize,
    len: usize,
) -> Result<Range<usize>, InitError> {
    let elements = layout.elements()?;
    match start.checked_add(len) {
        Some(end) if end <= elements => Ok(start..end),
        _ => Err(InitError::shape(
            layout.shape(),
            format!("elements {start}..{start}+{len} aren't within its {elements} elements"),
        )),
    }
}

/// Any initializer: what rules of a plan, settings and files are made of.
///
/// Every built-in one converts into it, and so does Burn's own `burn::nn::Initializer`, whose
/// settings keep their meaning.
///
/// ```
/// use burn_init::{AnyInitializer, Wavelet};
///
/// let init: AnyInitializer = Wavelet::haar().grid([10, 10]).into();
/// let text = serde_json::to_string(&init).unwrap();
/// let same: AnyInitializer = serde_json::from_str(&text).unwrap();
/// assert_eq!(init.to_string(), same.to_string());
/// let from_burn: AnyInitializer = burn::nn::Initializer::XavierNormal { gain: 1.0 }.into();
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyInitializer {
    /// See [`Constant`].
    Constant(Constant),
    /// See [`Normal`].
    Normal(Normal),
    /// See [`Uniform`].
    Uniform(Uniform),
    /// See [`TruncatedNormal`].
    TruncatedNormal(TruncatedNormal),
    /// See [`VarianceScaling`].
    VarianceScaling(VarianceScaling),
    /// See [`Orthogonal`].
    Orthogonal(Orthogonal),
    /// See [`Wavelet`].
    Wavelet(Wavelet),
    /// See [`WaveletOrthogonal`].
    WaveletOrthogonal(WaveletOrthogonal),
    /// See [`WaveletSparse`].
    WaveletSparse(WaveletSparse),
    /// See [`WaveletAtoms`].
    WaveletAtoms(WaveletAtoms),
    /// See [`WaveletFilters`].
    WaveletFilters(WaveletFilters),
    /// See [`Sparse`].
    Sparse(Sparse),
    /// See [`SparseBudget`].
    SparseBudget(SparseBudget),
    /// See [`SparseOrthogonal`].
    SparseOrthogonal(SparseOrthogonal),
    /// A user's own; it can't be written to a file.
    #[serde(skip)]
    Custom(Custom),
}

/// A user's own initializer, behind a pointer.
#[derive(Clone)]
pub struct Custom(Arc<dyn Initializer>);

impl std::fmt::Debug for Custom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Custom({})", self.0)
    }
}

impl AnyInitializer {
    /// A user's own initializer, for a rule of a plan.
    pub fn custom(initializer: impl Initializer + 'static) -> Self {
        Self::Custom(Custom(Arc::new(initializer)))
    }

    /// Whether a sparse pattern is drawn somewhere in it.
    pub(crate) fn draws_a_pattern(&self) -> bool {
        match self {
            Self::Sparse(_) | Self::SparseBudget(_) | Self::SparseOrthogonal(_) => true,
            Self::Wavelet(wavelet) => wavelet.base_initializer().draws_a_pattern(),
            Self::Custom(Custom(inner)) => inner.is_sparse(),
            _ => false,
        }
    }

    /// What each element is drawn from, if it's by itself.
    pub(crate) fn elementwise(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Elementwise>, InitError> {
        match self {
            Self::Constant(constant) => constant.elementwise(key).map(Some),
            Self::Normal(normal) => normal.elementwise(layout).map(Some),
            Self::Uniform(uniform) => uniform.elementwise().map(Some),
            Self::TruncatedNormal(truncated) => truncated.elementwise().map(Some),
            Self::VarianceScaling(scaling) => scaling.elementwise(layout).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether it asks for zeros that stay.
    pub(crate) fn pins(&self) -> bool {
        match self {
            Self::Sparse(sparse) => sparse.is_pinned(),
            Self::SparseBudget(budget) => budget.is_pinned(),
            Self::SparseOrthogonal(orthogonal) => orthogonal.is_pinned(),
            _ => false,
        }
    }

    pub(crate) fn inner(&self) -> &dyn Initializer {
        match self {
            Self::Constant(inner) => inner,
            Self::Normal(inner) => inner,
            Self::Uniform(inner) => inner,
            Self::TruncatedNormal(inner) => inner,
            Self::VarianceScaling(inner) => inner,
            Self::Orthogonal(inner) => inner,
            Self::Wavelet(inner) => inner,
            Self::WaveletOrthogonal(inner) => inner,
            Self::WaveletSparse(inner) => inner,
            Self::WaveletAtoms(inner) => inner,
            Self::WaveletFilters(inner) => inner,
            Self::Sparse(inner) => inner,
            Self::SparseBudget(inner) => inner,
            Self::SparseOrthogonal(inner) => inner,
            Self::Custom(Custom(inner)) => inner.as_ref(),
        }
    }
}

impl Display for AnyInitializer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner().fmt(f)
    }
}

impl Initializer for AnyInitializer {
    fn check(&self, layout: &WeightLayout) -> Result<(), InitError> {
        self.inner().check(layout)
    }

    fn fill(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), InitError> {
        self.inner().fill(layout, key, start, out)
    }

    fn draw(&self, layout: &WeightLayout, key: Key<'_>) -> Result<Vec<f32>, InitError> {
        self.inner().draw(layout, key)
    }

    fn pinned_mask(
        &self,
        layout: &WeightLayout,
        key: Key<'_>,
    ) -> Result<Option<Vec<bool>>, InitError> {
        self.inner().pinned_mask(layout, key)
    }

    fn is_sparse(&self) -> bool {
        self.inner().is_sparse()
    }

    fn shares(&self, layouts: &[WeightLayout]) -> Result<Option<Vec<AnyInitializer>>, InitError> {
        self.inner().shares(layouts)
    }
}

macro_rules! into_any {
    ($($name:ident),*) => {
        $(impl From<$name> for AnyInitializer {
            fn from(inner: $name) -> Self {
                Self::$name(inner)
            }
        })*
    };
}

into_any!(
    Constant,
    Normal,
    Uniform,
    TruncatedNormal,
    VarianceScaling,
    Orthogonal,
    Wavelet,
    WaveletOrthogonal,
    WaveletSparse,
    WaveletAtoms,
    WaveletFilters,
    Sparse,
    SparseBudget,
    SparseOrthogonal
);

impl From<burn::nn::Initializer> for AnyInitializer {
    fn from(burn: burn::nn::Initializer) -> Self {
        use crate::dense::{Distribution, FanMode};
        use burn::nn::Initializer as Burn;

        let scaled = |gain: f64, mode, distribution| {
            let init = VarianceScaling::new(1.0, mode, distribution);
            init.gain(gain).into()
        };
        let kaiming = |fan_out_only| match fan_out_only {
            true => FanMode::FanOut,
            false => FanMode::FanIn,
        };
        match burn {
            Burn::Constant { value } => Constant::new(value).into(),
            Burn::Ones => Constant::ones().into(),
            Burn::Zeros => Constant::zeros().into(),
            Burn::Uniform { min, max } => Uniform::new(min, max).into(),
            Burn::Normal { mean, std } => Normal::new(mean, std).into(),
            Burn::KaimingUniform { gain, fan_out_only } => {
                scaled(gain, kaiming(fan_out_only), Distribution::Uniform)
            }
            Burn::KaimingNormal { gain, fan_out_only } => {
                scaled(gain, kaiming(fan_out_only), Distribution::Normal)
            }
            Burn::XavierUniform { gain } => {
                scaled(gain, FanMode::FanAverage, Distribution::Uniform)
            }
            Burn::XavierNormal { gain } => scaled(gain, FanMode::FanAverage, Distribution::Normal),
            Burn::Orthogonal { gain } => Orthogonal::new().gain(gain).into(),
        }
    }
}
