//! The table of docs/book/initializers.md: what each initializer can be given, tried out.

use crate::common::{conv, conv_transpose, grouped};
use burn_init_values::initializer::Kind;
use burn_init_values::weight::Axis;
use burn_init_values::{prelude::*, wavelet::Atom};

/// Of each initializer one, with settings that fit as many weights as can be.
fn examples() -> Vec<AnyInitializer> {
    vec![
        Constant::zeros().into(),
        Normal::new(0.0, 0.1).into(),
        Uniform::new(-0.1, 0.1).into(),
        TruncatedNormal::new(0.0, 0.1).into(),
        VarianceScaling::he_normal().into(),
        Orthogonal::new().into(),
        Wavelet::haar().into(),
        WaveletOrthogonal::haar().into(),
        WaveletSparse::haar(2).into(),
        WaveletAtoms::new(Atom::Gabor).into(),
        WaveletFilters::decomposition(wavelet_family()).into(),
        Sparse::exact(2).into(),
        SparseBudget::erk(0.5).into(),
        SparseOrthogonal::rotations(0.5).into(),
        Scaled::new(Normal::new(0.0, 0.1), 0.5).into(),
        Parts::equal(2, Normal::new(0.0, 0.1)).into(),
        Eye::new().into(),
        ZerO::new().into(),
        Icnr::new(2).into(),
        Bilinear::new().into(),
        UnitNorm::new().into(),
        Sinusoidal::new().into(),
        Siren::first().into(),
        FourierFeatures::new(1.0).into(),
        Phases::new().into(),
        Dct::new().into(),
        FilterBank::fourier().into(),
        ReceptiveFields::new(2.0, 1.0).into(),
        ConvCovariance::new(0.5).into(),
        Mimetic::query("attn", 2).into(),
        Spectral::orthogonal().into(),
        MuP::hidden().into(),
        BiasUniform::new().into(),
        ClassPrior::softmax(vec![1.0; 64]).into(),
        Poison::new().into(),
        GateBias::lstm().into(),
        ChronoBias::lstm(100.0).into(),
        Hippo::legs().into(),
        S4d::inv().into(),
        MambaALog::new().into(),
        MambaDtBias::new().into(),
    ]
}

fn wavelet_family() -> burn_init_values::wavelet::Family {
    burn_init_values::wavelet::Family::HAAR
}

/// The bias of a linear layer.
fn bias() -> WeightLayout {
    WeightLayout::bias_of(&WeightLayout::linear([64, 64])).unwrap()
}

/// The weights of the table's columns.
fn weights() -> Vec<(&'static str, WeightLayout)> {
    let experts = [Axis::Index, Axis::Input, Axis::Output];
    vec![
        ("linear", WeightLayout::linear([64, 64])),
        ("convolution", conv([64, 16, 4, 4])),
        ("groups", grouped(conv([64, 16, 4, 4]), 4)),
        ("transposed", conv_transpose([64, 64, 4, 4])),
        ("embedding", WeightLayout::embedding([64, 64])),
        ("experts", WeightLayout::new([4, 64, 64], experts).unwrap()),
        ("bias", bias()),
    ]
}

/// The rows, as they stand in the page.
fn table() -> String {
    let weights = weights();
    let names: Vec<&str> = weights.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| initializer | {} | made |\n", names.join(" | "));
    table += &format!("|---|{}---|\n", "---|".repeat(names.len()));
    for init in examples() {
        let mut kinds = Vec::new();
        let fits = weights.iter().map(|(_, weight)| match init.fit(weight) {
            Ok(fitted) => {
                kinds.push(fitted.kind());
                "✓"
            }
            Err(_) => "",
        });
        let fits: Vec<&str> = fits.collect();
        let made = match kinds.iter().max() {
            Some(Kind::Elements) => "by element",
            Some(Kind::Vectors) => "by vector",
            Some(_) => "whole",
            None => "",
        };
        table += &format!("| `{}` | {} | {made} |\n", init.name(), fits.join(" | "));
    }
    table
}

#[test]
fn every_initializer_has_a_row() {
    let examples = examples();
    for name in AnyInitializer::NAMES {
        assert!(examples.iter().any(|init| init.name() == *name), "{name}");
    }
}

/// The page says what is so.
#[test]
fn table_of_the_page() {
    let page = include_str!("../../../docs/book/initializers.md");
    let table = table();
    assert!(page.contains(&table), "the table should be:\n{table}");
}
