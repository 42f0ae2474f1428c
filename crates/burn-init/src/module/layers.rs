//! The table of Burn's layers that hold parameters.

/// What the parameters of one of Burn's layers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// A weight `[d_input, d_output]`, or `[d_output, d_input]` where records hold the transpose.
    Linear,
    /// A weight `[vocabulary, d_model]`.
    Embedding,
    /// A weight `[channels_out, channels_in / groups, kernel…]`.
    Conv,
    /// A weight `[channels_in, channels_out / groups, kernel…]`.
    ConvTranspose,
    /// Scale and shift of a normalization, or the slope of an activation.
    Norm,
}

/// Burn's layers that hold parameters of their own, by the names of their structs. All others, such as
/// attention and recurrent layers, are made of these.
pub(crate) const LAYERS: &[(&str, Layer)] = &[
    ("Linear", Layer::Linear),
    ("Embedding", Layer::Embedding),
    ("Conv1d", Layer::Conv),
    ("Conv2d", Layer::Conv),
    ("Conv3d", Layer::Conv),
    ("DeformConv2d", Layer::Conv),
    ("ConvTranspose1d", Layer::ConvTranspose),
    ("ConvTranspose2d", Layer::ConvTranspose),
    ("ConvTranspose3d", Layer::ConvTranspose),
    ("BatchNorm", Layer::Norm),
    ("InstanceNorm", Layer::Norm),
    ("GroupNorm", Layer::Norm),
    ("LayerNorm", Layer::Norm),
    ("RmsNorm", Layer::Norm),
    ("PRelu", Layer::Norm),
];

/// The layer with this struct name, if it is one of Burn's.
pub(crate) fn layer(name: &str) -> Option<Layer> {
    let of = |(known, layer): &(&str, Layer)| (*known == name).then_some(*layer);
    LAYERS.iter().find_map(of)
}
