//! ConvNeXt, ResNet and EfficientNet, with timm's names.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::{layer_norm, linear};

fn conv(channels: [usize; 2], kernel: usize, bias: bool, device: &Device) -> Conv2d {
    Conv2dConfig::new(channels, [kernel, kernel])
        .with_bias(bias)
        .init(device)
}

fn depthwise(channels: usize, kernel: usize, bias: bool, device: &Device) -> Conv2d {
    Conv2dConfig::new([channels, channels], [kernel, kernel])
        .with_groups(channels)
        .with_bias(bias)
        .init(device)
}

fn batch_norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels).init(device)
}

/// ConvNeXt.
#[derive(Module, Debug)]
pub struct ConvNext {
    stem: (Conv2d, LayerNorm),
    stages: Vec<Stage>,
    head: Head,
}

#[derive(Module, Debug)]
struct Stage {
    downsample: Option<(LayerNorm, Conv2d)>,
    blocks: Vec<ConvNextBlock>,
}

#[derive(Module, Debug)]
struct ConvNextBlock {
    gamma: Param<Tensor<1>>,
    conv_dw: Conv2d,
    norm: LayerNorm,
    mlp: ConvMlp,
}

#[derive(Module, Debug)]
struct ConvMlp {
    fc1: Conv2d,
    fc2: Conv2d,
}

#[derive(Module, Debug)]
struct Head {
    norm: LayerNorm,
    fc: Linear,
}

impl ConvNext {
    /// So many blocks of these channels in each stage.
    pub fn new(stages: &[(usize, usize)], device: &Device) -> Self {
        let block = |n: usize| ConvNextBlock {
            gamma: Param::from_tensor(Tensor::ones([n], device)),
            conv_dw: depthwise(n, 7, true, device),
            norm: layer_norm(n, device),
            mlp: ConvMlp {
                fc1: conv([n, 4 * n], 1, true, device),
                fc2: conv([4 * n, n], 1, true, device),
            },
        };
        let first = stages[0].1;
        let mut before = first;
        let mut all = Vec::new();
        for (blocks, channels) in stages {
            let downsample = (*channels != before).then(|| {
                let conv = conv([before, *channels], 2, true, device);
                (layer_norm(before, device), conv)
            });
            all.push(Stage {
                downsample,
                blocks: (0..*blocks).map(|_| block(*channels)).collect(),
            });
            before = *channels;
        }
        Self {
            stem: (conv([3, first], 4, true, device), layer_norm(first, device)),
            stages: all,
            head: Head {
                norm: layer_norm(before, device),
                fc: linear(before, 10, device),
            },
        }
    }
}

/// ResNet of basic blocks, two in each layer.
#[derive(Module, Debug)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: BatchNorm,
    layer1: Vec<BasicBlock>,
    layer2: Vec<BasicBlock>,
    layer3: Vec<BasicBlock>,
    layer4: Vec<BasicBlock>,
    fc: Linear,
}

#[derive(Module, Debug)]
struct BasicBlock {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    downsample: Option<(Conv2d, BatchNorm)>,
}

impl ResNet {
    /// So many channels at first; 64 in ResNet-18.
    pub fn new(n: usize, device: &Device) -> Self {
        let block = |inputs: usize, outputs: usize| BasicBlock {
            conv1: conv([inputs, outputs], 3, false, device),
            bn1: batch_norm(outputs, device),
            conv2: conv([outputs, outputs], 3, false, device),
            bn2: batch_norm(outputs, device),
            downsample: (inputs != outputs).then(|| {
                let conv = conv([inputs, outputs], 1, false, device);
                (conv, batch_norm(outputs, device))
            }),
        };
        let layer = |inputs, outputs| vec![block(inputs, outputs), block(outputs, outputs)];
        Self {
            conv1: conv([3, n], 7, false, device),
            bn1: batch_norm(n, device),
            layer1: layer(n, n),
            layer2: layer(n, 2 * n),
            layer3: layer(2 * n, 4 * n),
            layer4: layer(4 * n, 8 * n),
            fc: linear(8 * n, 10, device),
        }
    }
}

/// EfficientNet-B0.
#[derive(Module, Debug)]
pub struct EfficientNet {
    conv_stem: Conv2d,
    bn1: BatchNorm,
    blocks: Vec<Vec<InvertedResidual>>,
    conv_head: Conv2d,
    bn2: BatchNorm,
    classifier: Linear,
}

/// Without `conv_pwl` and `bn3`, a depthwise and a pointwise convolution.
#[derive(Module, Debug)]
struct InvertedResidual {
    conv_pw: Conv2d,
    bn1: BatchNorm,
    conv_dw: Conv2d,
    bn2: BatchNorm,
    se: SqueezeExcite,
    conv_pwl: Option<Conv2d>,
    bn3: Option<BatchNorm>,
}

#[derive(Module, Debug)]
struct SqueezeExcite {
    conv_reduce: Conv2d,
    conv_expand: Conv2d,
}

impl EfficientNet {
    /// B0.
    pub fn new(device: &Device) -> Self {
        let se = |channels, reduced| SqueezeExcite {
            conv_reduce: conv([channels, reduced], 1, true, device),
            conv_expand: conv([reduced, channels], 1, true, device),
        };
        let separable = InvertedResidual {
            conv_dw: depthwise(32, 3, false, device),
            bn1: batch_norm(32, device),
            se: se(32, 8),
            conv_pw: conv([32, 16], 1, false, device),
            bn2: batch_norm(16, device),
            conv_pwl: None,
            bn3: None,
        };
        let residual = |kernel, inputs: usize, outputs| {
            let inner = 6 * inputs;
            InvertedResidual {
                conv_pw: conv([inputs, inner], 1, false, device),
                bn1: batch_norm(inner, device),
                conv_dw: depthwise(inner, kernel, false, device),
                bn2: batch_norm(inner, device),
                se: se(inner, inputs / 4),
                conv_pwl: Some(conv([inner, outputs], 1, false, device)),
                bn3: Some(batch_norm(outputs, device)),
            }
        };
        let mut blocks = vec![vec![separable]];
        let mut inputs = 16;
        for (kernel, outputs, count) in [
            (3, 24, 2),
            (5, 40, 2),
            (3, 80, 3),
            (5, 112, 3),
            (5, 192, 4),
            (3, 320, 1),
        ] {
            let mut stage = Vec::new();
            for _ in 0..count {
                stage.push(residual(kernel, inputs, outputs));
                inputs = outputs;
            }
            blocks.push(stage);
        }
        Self {
            conv_stem: conv([3, 32], 3, false, device),
            bn1: batch_norm(32, device),
            blocks,
            conv_head: conv([320, 1280], 1, false, device),
            bn2: batch_norm(1280, device),
            classifier: linear(1280, 10, device),
        }
    }
}
