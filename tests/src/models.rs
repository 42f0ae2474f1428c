//! Models that the tests initialize.

use burn::module::{Module, Param};
use burn::nn::attention::{MultiHeadAttention, MultiHeadAttentionConfig};
use burn::nn::conv::{
    Conv1d, Conv1dConfig, Conv2d, Conv2dConfig, Conv3d, Conv3dConfig, ConvTranspose1d,
    ConvTranspose1dConfig, ConvTranspose2d, ConvTranspose2dConfig, ConvTranspose3d,
    ConvTranspose3dConfig, DeformConv2d, DeformConv2dConfig,
};
use burn::nn::{
    BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, GroupNorm, GroupNormConfig,
    InstanceNorm, InstanceNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig,
    LinearLayout, Lstm, LstmConfig, PRelu, PReluConfig, RmsNorm, RmsNormConfig,
};
use burn::tensor::{DType, Device, Tensor};
use burn_init::plan::MakeOn;
use burn_init::weight::Shard;
use burn_init::{AnyInitializer, InitError, Plan, Select};

/// Two linear layers with a relu in between.
#[derive(Module, Debug)]
pub struct Mlp {
    /// The hidden layer.
    pub fc1: Linear,
    /// The output layer.
    pub fc2: Linear,
}

impl Mlp {
    /// The network of the example.
    pub fn new(device: &Device) -> Self {
        Self::with_layout(LinearLayout::Row, device)
    }

    /// The same, its first layer in another layout.
    pub fn with_layout(layout: LinearLayout, device: &Device) -> Self {
        Self {
            fc1: LinearConfig::new(100, 64).with_layout(layout).init(device),
            fc2: LinearConfig::new(64, 10).init(device),
        }
    }

    /// Logits.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let hidden = burn::tensor::activation::relu(self.fc1.forward(x));
        self.fc2.forward(hidden)
    }
}

/// One of two layers.
#[derive(Module, Debug)]
pub enum Head {
    /// A linear one.
    Dense(Linear),
    /// A convolution.
    Conv(Conv1d),
}

/// A layer of every kind that holds weights.
#[derive(Module, Debug)]
pub struct Zoo {
    /// `[d_input, d_output]`.
    pub row: Linear,
    /// `[d_output, d_input]`.
    pub col: Linear,
    /// As many inputs as outputs: the shape doesn't tell the layout.
    pub square: Linear,
    /// `[out, in, k]`.
    pub conv1: Conv1d,
    /// `[out, in / groups, k, k]`.
    pub conv2: Conv2d,
    /// `[out, in, k, k, k]`.
    pub conv3: Conv3d,
    /// `[in, out, k, k]`.
    pub up: ConvTranspose2d,
    /// `[in, out, k]`.
    pub up1: ConvTranspose1d,
    /// `[in, out, k, k, k]`.
    pub up3: ConvTranspose3d,
    /// `[out, in, k, k]`.
    pub deform: DeformConv2d,
    /// `[vocabulary, d_model]`.
    pub embedding: Embedding,
    /// Four linear layers.
    pub attention: MultiHeadAttention,
    /// Eight linear layers.
    pub lstm: Lstm,
    /// Layers with numbers as names.
    pub blocks: Vec<Linear>,
    /// A layer that may be missing, and is there.
    pub some: Option<Linear>,
    /// A layer that may be missing, and is.
    pub none: Option<Linear>,
    /// Layers in an array.
    pub array: [Linear; 2],
    /// Layers in a tuple.
    pub tuple: (Linear, Conv1d),
    /// A layer in an enum.
    pub head: Head,
    /// Scale and shift.
    pub group_norm: GroupNorm,
    /// Scale and shift.
    pub instance_norm: InstanceNorm,
    /// Scale.
    pub rms_norm: RmsNorm,
    /// Slopes.
    pub prelu: PRelu,
    /// Scale and shift.
    pub layer_norm: LayerNorm,
    /// Scale, shift and running statistics.
    pub batch_norm: BatchNorm,
}

impl Zoo {
    /// All layers, small and lazy.
    pub fn new(device: &Device) -> Self {
        let linear = |i, o| LinearConfig::new(i, o);
        Self {
            row: linear(12, 8).init(device),
            col: linear(12, 8).with_layout(LinearLayout::Col).init(device),
            square: linear(8, 8).with_layout(LinearLayout::Col).init(device),
            conv1: Conv1dConfig::new(4, 6, 5).init(device),
            conv2: Conv2dConfig::new([4, 6], [3, 3])
                .with_groups(2)
                .init(device),
            conv3: Conv3dConfig::new([2, 4], [3, 3, 3]).init(device),
            up: ConvTranspose2dConfig::new([4, 6], [4, 4])
                .with_stride([2, 2])
                .init(device),
            up1: ConvTranspose1dConfig::new([4, 6], 4).init(device),
            up3: ConvTranspose3dConfig::new([2, 4], [2, 2, 2]).init(device),
            deform: DeformConv2dConfig::new([4, 6], [3, 3]).init(device),
            embedding: EmbeddingConfig::new(20, 8).init(device),
            attention: MultiHeadAttentionConfig::new(8, 2).init(device),
            lstm: LstmConfig::new(8, 8, true).init(device),
            blocks: (0..3).map(|_| linear(8, 8).init(device)).collect(),
            some: Some(linear(8, 4).init(device)),
            none: None,
            array: [linear(8, 8).init(device), linear(8, 8).init(device)],
            tuple: (
                linear(8, 8).init(device),
                Conv1dConfig::new(2, 2, 3).init(device),
            ),
            head: Head::Dense(linear(8, 3).init(device)),
            group_norm: GroupNormConfig::new(2, 8).init(device),
            instance_norm: InstanceNormConfig::new(8).init(device),
            rms_norm: RmsNormConfig::new(8).init(device),
            prelu: PReluConfig::new().with_num_parameters(8).init(device),
            layer_norm: LayerNormConfig::new(8).init(device),
            batch_norm: BatchNormConfig::new(8).init(device),
        }
    }
}

/// Parameters of its own, as a user's module may have them.
#[derive(Module, Debug)]
pub struct Own {
    /// A weight without a layer around it.
    pub weight: Param<Tensor<2>>,
    /// A vector that is neither a bias nor a normalization's.
    pub scale: Param<Tensor<1>>,
}

impl Own {
    /// The weight of this shape, or of a shard of this shape, that a plan makes where it is told.
    ///
    /// # Errors
    ///
    /// As [`Plan::apply`].
    pub fn made_weight(
        init: &AnyInitializer,
        shape: [usize; 2],
        shard: Option<Shard>,
        device: &Device,
        dtype: DType,
        make_on: MakeOn,
    ) -> Result<Param<Tensor<2>>, InitError> {
        let own = Self {
            weight: Param::from_tensor(Tensor::zeros(shape, (device, dtype))),
            scale: Param::from_tensor(Tensor::ones([3], (device, dtype))),
        };
        let plan = Plan::new(1)
            .make_on(make_on)
            .rule(Select::path("weight"), init.clone())
            .keep(Select::path("scale"));
        let plan = match shard {
            Some(shard) => plan.shard(Select::path("weight"), shard),
            None => plan,
        };
        Ok(plan.apply(own)?.model.weight)
    }
}
