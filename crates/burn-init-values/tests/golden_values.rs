//! Values that may not change without an entry under "value-breaking changes" in the changelog.
//!
//! Unlike all other expectations of this project, these are the library's own output, recorded
//! once. Each setting that changes values has a line in the table. For each kind of sum, at least
//! two lines notice a change of how it is computed: an f32 sum whose products are fused, or no
//! longer are; an f64 sum that is taken in f32.
//!
//! When values change on purpose, the test's message has the new hashes of these lines.

use std::fmt::Write;

use burn_init_values::covariance::Centres;
use burn_init_values::dense::{Distribution, FanMode, Gain};
use burn_init_values::sparse::{Amount, Pattern, Spread};
use burn_init_values::wavelet::{Atom, Boundary, Family, Keep, Levels, Normalization};
use burn_init_values::waves::{MelBands, MelScale};
use burn_init_values::weight::{Along, Axis};
use burn_init_values::{
    AnyInitializer, BiasUniform, Bilinear, ChronoBias, ClassPrior, Constant, ConvCovariance, Dct,
    Eye, FilterBank, FourierFeatures, GateBias, Hippo, Icnr, Initializer, MambaALog, MambaDtBias,
    Mimetic, MuP, Normal, Orthogonal, Parts, Phases, Poison, ReceptiveFields, S4d, Scaled, Seed,
    Sinusoidal, Siren, Sparse, SparseBudget, SparseOrthogonal, Spectral, TruncatedNormal, Uniform,
    UnitNorm, VarianceScaling, Wavelet, WaveletAtoms, WaveletFilters, WaveletOrthogonal,
    WaveletSparse, WeightLayout, ZerO,
};

/// A line of the table.
struct Case {
    name: &'static str,
    init: AnyInitializer,
    layout: WeightLayout,
    /// Another weight, for those that are spread over several.
    beside: Option<WeightLayout>,
    /// The hash of all values.
    values: u64,
    /// The hash of the mask, where the initializer is sparse.
    mask: Option<u64>,
}

fn case(
    name: &'static str,
    init: impl Into<AnyInitializer>,
    layout: impl Into<WeightLayout>,
    values: u64,
) -> Case {
    Case {
        name,
        init: init.into(),
        layout: layout.into(),
        beside: None,
        values,
        mask: None,
    }
}

impl Case {
    fn beside(mut self, layout: impl Into<WeightLayout>) -> Self {
        self.beside = Some(layout.into());
        self
    }

    fn mask(mut self, hash: u64) -> Self {
        self.mask = Some(hash);
        self
    }
}

/// γ = 1 over N(0, 1/fan_in), the mean as coarse as the rest.
fn of(family: Family) -> Wavelet<Normal> {
    let wavelet = Wavelet::new(family).power_law(1.0).mean_gain(1.0);
    wavelet.base(Normal::fan_in())
}

fn haar() -> Wavelet<Normal> {
    of(Family::HAAR)
}

/// `[d_input, d_output]`.
const LINEAR: [usize; 2] = [100, 64];

/// Large enough to be drawn by several threads, where there are.
const LARGE: [usize; 2] = [700, 513];

fn conv<const D: usize>(shape: [usize; D], groups: usize) -> WeightLayout {
    WeightLayout::conv(shape).unwrap().groups(groups).unwrap()
}

fn conv_transpose<const D: usize, const S: usize>(
    shape: [usize; D],
    groups: usize,
    strides: [usize; S],
) -> WeightLayout {
    let layout = WeightLayout::conv_transpose(shape).unwrap();
    layout.groups(groups).unwrap().strides(strides).unwrap()
}

fn experts(shape: [usize; 3], second: Axis, third: Axis) -> WeightLayout {
    WeightLayout::new(shape, [Axis::Index, second, third]).unwrap()
}

fn bias_of(weight: WeightLayout) -> WeightLayout {
    WeightLayout::bias_of(&weight).unwrap()
}

fn family(name: &str) -> Family {
    name.parse().unwrap()
}

/// To full depth, whatever the length.
fn with_ends(name: &str) -> Wavelet<Normal> {
    let init = of(family(name)).levels(Levels::Full);
    init.boundary(Boundary::Filters)
}

#[rustfmt::skip]
fn table() -> Vec<Case> {
    vec![
        // Dense.
        case("constant", Constant::new(0.1), [5, 3], 0xdbee_576e_3735_0703),
        case("one random constant", Constant::random(), LINEAR, 0x5538_5207_c4d7_3d25),
        case("normal, 1/fan_in", Normal::fan_in(), LINEAR, 0xb8a0_f8d7_84aa_c867),
        case("normal", Normal::new(1.0, 0.1), LINEAR, 0x1b82_0ae5_3992_e4f0),
        case("normal, other mean", Normal::new(-0.3, 0.7), WeightLayout::linear_col([37, 19]),
            0x43a0_f686_5e83_71ec),
        case("normal, denormal", Normal::new(0.0, 1e-41), LINEAR, 0x5a4a_da05_c5dc_6b26),
        case("normal, huge", Normal::new(1e37, 3e37), LINEAR, 0x48ef_75aa_1a65_da63),
        case("normal, large", Normal::fan_in(), LARGE, 0x5f3e_4992_49b8_44a6),
        case("uniform, symmetric", Uniform::new(-0.05, 0.05), LINEAR, 0x2c3b_5081_95ff_b21b),
        case("uniform", Uniform::new(0.0, 1.0), LINEAR, 0xee92_e735_3004_22cb),
        case("uniform, around 1", Uniform::new(-1.0, 3.3), WeightLayout::linear_col([37, 19]),
            0xc58e_78c0_1b3e_eb19),
        case("uniform, denormal", Uniform::new(-1e-40, 3e-40), LINEAR, 0x29f5_a93a_10e2_1234),
        case("uniform, huge", Uniform::new(-3e38, 2e38), LINEAR, 0xe91b_acef_96a2_4041),
        case("truncated normal", TruncatedNormal::new(0.0, 0.05), LINEAR, 0xcb62_b630_d77e_8c86),
        case("truncated normal, bounds", TruncatedNormal::new(0.0, 1.0).bounds(-0.5, 3.0), LINEAR,
            0x90a6_37f3_38a8_35eb),
        case("truncated normal, from a bound on",
            TruncatedNormal::new(0.2, 1.0).bounds(0.5, f64::INFINITY),
            LINEAR, 0x4845_0ce8_d4b1_5b1e),
        case("truncated normal, up to a bound",
            TruncatedNormal::new(-0.3, 0.9).bounds(f64::NEG_INFINITY, -1.0),
            LINEAR, 0xe356_003d_1a71_3a31),
        case("truncated normal, deviations",
            TruncatedNormal::new(0.3, 0.2).deviations(-1.0, 2.5),
            LINEAR, 0xa4f0_811b_8162_a324),
        case("truncated normal, one deviation",
            TruncatedNormal::new(0.3, 0.2).deviations(-0.7, f64::INFINITY),
            LINEAR, 0x8ad0_2f36_42ec_7b3a),
        case("truncated normal, denormal", TruncatedNormal::new(0.0, 1e-41), LINEAR,
            0xb866_6a01_7207_985a),
        case("truncated normal, huge", TruncatedNormal::new(1e37, 3e37), LINEAR,
            0x2a33_09d4_4c3a_0760),
        case("truncated normal, far tail", TruncatedNormal::new(0.1, 0.2).deviations(8.0, 9.0), LINEAR,
            0x4fbd_c025_965a_8009),
        case("truncated normal, lower tail",
            TruncatedNormal::new(1.0, 0.2).bounds(f64::NEG_INFINITY, 0.0), LARGE, 0x218f_bbba_1838_5d4c),
        case("truncated normal, farther than f32",
            TruncatedNormal::new(-1e60, 1e32).bounds(0.0, f64::INFINITY), LINEAR, 0x1b3a_5159_baf5_5ada),
        case("truncated normal, narrow",
            TruncatedNormal::new(-0.3, 1.0).bounds(0.0, 1e-4), LINEAR, 0x991b_74f5_4335_ae74),
        case("truncated normal, flat", TruncatedNormal::new(0.5, 1e60).bounds(-0.1, 1.0), LINEAR,
            0x2ba5_9880_96ee_e5f4),
        case("truncated normal, beyond f32",
            TruncatedNormal::new(1e37, 1e38).deviations(-2.0, 3.0), LINEAR, 0x7efd_1cb7_f685_1d6c),
        case("truncated normal, std after the cut",
            TruncatedNormal::new(0.1, 0.05).std_after_cut(), LINEAR, 0xdf42_6d3b_787c_a232),
        case("truncated normal, std after a cut at bounds",
            TruncatedNormal::new(0.1, 0.05).bounds(0.0, 0.3).std_after_cut(), LINEAR, 0x0b40_5cb4_c1e9_d82a),
        case("LeCun normal", VarianceScaling::lecun_normal(), LINEAR, 0xc8dd_93e9_7eb4_5920),
        case("LeCun uniform", VarianceScaling::lecun_uniform(), LINEAR, 0xc402_7b69_a70f_048c),
        case("Glorot normal", VarianceScaling::glorot_normal(), LINEAR, 0x127c_edd9_33e5_7cd9),
        case("Glorot uniform", VarianceScaling::glorot_uniform(), LINEAR, 0x3c45_58d9_8822_d994),
        case("He normal", VarianceScaling::he_normal(), LINEAR, 0x866c_df1e_36e2_bcde),
        case("He uniform", VarianceScaling::he_uniform(), LINEAR, 0x0b4d_2679_1056_2bc0),
        case("Xavier normal", VarianceScaling::xavier_normal(), LINEAR, 0x2f8d_d972_c690_465a),
        case("Xavier uniform", VarianceScaling::xavier_uniform(), LINEAR, 0x3c45_58d9_8822_d994),
        case("Kaiming normal", VarianceScaling::kaiming_normal(), LINEAR, 0x4d49_0175_0436_46ee),
        case("Kaiming uniform", VarianceScaling::kaiming_uniform(), LINEAR, 0x0b4d_2679_1056_2bc0),
        case("variance scaling, fan_in",
            VarianceScaling::new(1.3, FanMode::FanIn, Distribution::Normal),
            conv([8, 4, 3, 3], 2), 0x5c33_ada4_7479_6302),
        case("variance scaling, fan_out",
            VarianceScaling::new(1.3, FanMode::FanOut, Distribution::TruncatedNormal),
            conv([8, 4, 3, 3], 2), 0x9124_a521_0bbb_db4e),
        case("variance scaling, average of fans",
            VarianceScaling::new(1.3, FanMode::FanAverage, Distribution::Uniform),
            conv([8, 4, 3, 3], 2), 0xe546_8fe8_0870_3fe6),
        case("variance scaling, geometric mean of fans",
            VarianceScaling::new(1.3, FanMode::FanGeometricMean, Distribution::Normal),
            conv([8, 4, 3, 3], 2), 0x5c33_ada4_7479_6302),
        case("variance scaling, geometric mean, linear",
            VarianceScaling::new(1.3, FanMode::FanGeometricMean, Distribution::Uniform),
            LINEAR, 0x9e81_aeb5_cdd8_17f8),
        case("gain", VarianceScaling::he_normal().gain(-1.7), LINEAR, 0xd74b_4576_8d94_e894),
        case("gain of leaky ReLU",
            VarianceScaling::kaiming_uniform().gain(Gain::LeakyRelu(0.1)),
            LINEAR, 0xc761_761f_5703_063d),
        case("gain of GELU", VarianceScaling::xavier_normal().gain(Gain::Gelu), LINEAR,
            0x3358_83fa_df8d_6b2d),
        case("gain of ReLU", VarianceScaling::lecun_normal().gain(Gain::Relu), LINEAR,
            0x866c_df1e_36e2_bcde),
        case("gain of SELU", VarianceScaling::lecun_normal().gain(Gain::Selu), LINEAR,
            0x633b_ffa8_dad7_ffc4),
        case("gain of SiLU", VarianceScaling::lecun_uniform().gain(Gain::Silu), LINEAR,
            0x95bf_3870_7d5b_212d),
        case("orthogonal", Orthogonal::new(), LINEAR, 0x0918_608a_d130_b9a6),
        case("orthogonal, more neurons", Orthogonal::new(), [70, 150], 0xa621_3208_43d4_ab27),
        case("orthogonal, square",
            Orthogonal::new().gain(-1.5),
            WeightLayout::linear_col([130, 130]), 0x9c76_765c_47a1_da6b),
        case("orthogonal, groups", Orthogonal::new(), conv([12, 6, 5], 3), 0xe484_1268_8525_51b7),
        case("orthogonal, large", Orthogonal::new().gain(Gain::Tanh), [400, 331],
            0x45c2_d1de_5d39_9211),

        // Layouts.
        case("linear, by column", VarianceScaling::he_normal(), WeightLayout::linear_col([64, 100]),
            0x866c_df1e_36e2_bcde),
        case("convolution", VarianceScaling::he_normal(), conv([16, 8, 3, 3], 1),
            0xe3f2_dd4d_0482_a3a1),
        case("convolution of one axis", VarianceScaling::he_normal(), conv([6, 4, 5], 1),
            0x7b3f_917b_1675_6979),
        case("convolution with groups", VarianceScaling::he_normal(), conv([16, 8, 2, 2], 4),
            0x2e07_3a83_73f1_6377),
        case("transposed convolution", haar(), conv_transpose([8, 9, 4], 1, [1]),
            0xd70c_17a4_4b79_0ba2),
        case("transposed convolution with strides",
            VarianceScaling::he_normal(),
            conv_transpose([4, 8, 4, 4], 1, [2, 2]), 0x784d_607a_d9aa_da82),
        case("transposed convolution, groups",
            VarianceScaling::glorot_uniform(),
            conv_transpose([6, 4, 5], 3, [3]), 0x1b9f_8773_15ff_668e),
        case("embedding", VarianceScaling::he_normal(), WeightLayout::embedding([50, 16]),
            0x8b7e_8415_6ce1_09b9),
        case("experts",
            VarianceScaling::he_normal(),
            experts([3, 8, 12], Axis::Input, Axis::Output), 0x9a21_8ff0_439e_e708),
        case("experts, outputs first",
            Orthogonal::new(),
            experts([3, 12, 8], Axis::Output, Axis::Input), 0x9fa0_44d7_1c81_35b7),
        case("vector", Normal::new(0.1, 0.2), WeightLayout::vector([10]), 0x057f_bdc1_aca2_077c),

        // Wavelets: gains.
        case("Haar", haar(), LINEAR, 0x24d2_78ae_ca16_4692),
        case("Haar, large", haar(), LARGE, 0xc478_c17a_37fe_eb11),
        case("octaves, Haar", Wavelet::haar(), LINEAR, 0x3dcd_5314_79a9_04f2),
        case("octaves, Haar, one input", Wavelet::haar(), [1, 20], 0x8086_9536_35ec_008f),
        case("octaves, grid", Wavelet::haar().grid([10, 10]), WeightLayout::linear_col([64, 100]), 0x44c7_da33_b2ee_580c),
        case("octaves, grid of three axes", Wavelet::haar().grid([4, 5, 5]), LINEAR, 0xc0b5_09c0_f6ad_407e),
        case("octaves, kernel", Wavelet::haar().along(Along::Kernel), conv([12, 6, 4, 4], 2), 0x3c3b_7422_f978_4750),
        case("octaves, bior4.4", Wavelet::new(family("bior4.4")).levels(2), LINEAR, 0x0e45_ce55_9a60_519a),
        case("identity", haar().identity(), LINEAR, 0x246f_442b_5cff_387e),
        case("white", haar().power_law(0.0), LINEAR, 0x246f_442b_5cff_387e),
        case("rough", haar().power_law(-1.0), LINEAR, 0x27d8_7c0d_771c_18bc),
        case("smooth", haar().power_law(1.5), WeightLayout::linear_col([64, 100]),
            0x1e8f_b582_4bbc_3c97),
        case("gains", haar().gains(2.0, [0.5, 0.7, 1.3]), LINEAR, 0x1664_7609_ec8f_d01f),
        case("gains, not normalized",
            haar().gains(2.0, [0.5, -0.7]).unnormalized(),
            LINEAR, 0x30c7_a8bc_58b7_dfbc),
        case("bands", haar().bands(true, 2..=3), LINEAR, 0x8e18_f29d_96a8_15e1),
        case("bands of details", haar().bands(false, 1..=2), LINEAR,
            0x4c07_eed3_98db_9129),
        case("spectrum", haar().normalization(Normalization::Spectrum), LINEAR,
            0x8e9d_9f3a_a22e_e6ca),
        case("spectrum, transposed convolution",
            haar().normalization(Normalization::Spectrum).mean_gain(0.2),
            conv_transpose([8, 9, 4], 1, [1]), 0x195c_c37a_a461_7ece),
        case("not normalized", haar().power_law(1.2).unnormalized(), LINEAR,
            0x9fd6_ce87_d09c_e546),
        case("mean gain", haar().mean_gain(0.3), LINEAR, 0x301b_cc8f_d6ff_8904),
        case("mean zero", haar().mean_gain(0.0), WeightLayout::linear_col([37, 101]),
            0xcf61_9359_754a_f247),
        case("grid", haar().grid([10, 10]).power_law(1.5).mean_gain(0.5), LINEAR,
            0xa3eb_db86_b506_032c),
        case("grid of three axes", haar().grid([4, 5, 5]), LINEAR, 0x2c28_1a0d_e5e9_0b94),
        case("grid, db2", of(family("db2")).grid([10, 10]).levels(1), LINEAR,
            0x37c2_9c74_0633_92e5),

        // Wavelets: thresholds.
        case("hard threshold, above", haar().hard_threshold(Keep::Above(0.1)), LINEAR,
            0xfb75_ceeb_7c85_6dd0),
        case("hard threshold, universal", haar().hard_threshold(Keep::Universal), LINEAR,
            0xe8b7_75cc_c518_1594),
        case("hard threshold, energy", haar().hard_threshold(Keep::Energy(0.9)), LINEAR,
            0xe765_6faa_531a_2414),
        case("hard threshold, largest", haar().hard_threshold(Keep::Largest(7)), LINEAR,
            0xa91c_3acb_9a8d_5609),
        case("soft threshold, above", haar().soft_threshold(Keep::Above(0.1)), LINEAR,
            0xe53f_3113_59ec_187b),
        case("soft threshold, universal", haar().soft_threshold(Keep::Universal), LINEAR,
            0xe5c2_0238_806d_c764),
        case("soft threshold, energy", haar().soft_threshold(Keep::Energy(0.9)), LINEAR,
            0x7e12_5f50_3bed_9456),
        case("soft threshold, largest", haar().soft_threshold(Keep::Largest(7)), LINEAR,
            0x47fa_f7a1_6b2c_e8e3),
        case("soft threshold, not normalized",
            of(family("sym5")).levels(2).soft_threshold(Keep::Above(0.05)).unnormalized(),
            LINEAR, 0xb1a2_9ef0_21f0_5894),
        case("hard threshold, mean gain",
            haar().hard_threshold(Keep::Energy(0.8)).mean_gain(0.5),
            WeightLayout::linear_col([64, 101]), 0xe7df_caf8_10f0_68d3),

        // Wavelets: families and levels.
        case("db4", of(family("db4")).levels(2), LINEAR, 0x0d6c_51bd_b487_04f8),
        case("db2, useful levels", of(family("db2")), WeightLayout::linear_col([33, 96]),
            0xce8f_09b2_002f_813e),
        case("db4, all levels", of(family("db4")).levels(Levels::Full), [96, 70],
            0x1c4f_f8cc_356a_b95e),
        case("sym5", of(family("sym5")), LINEAR, 0x4e9f_34a9_57d8_a8c1),
        case("coif2",
            of(family("coif2")).power_law(-0.5),
            WeightLayout::linear_col([19, 128]), 0xf860_c0d7_7f8d_634f),
        case("db20, longer than the signal", of(family("db20")), [16, 33],
            0x5aeb_3202_b031_ddce),
        case("Haar, no level", haar().levels(0), LINEAR, 0xb8a0_f8d7_84aa_c867),
        case("Haar, three levels", haar().levels(3), LINEAR, 0xe09a_91a7_c376_72c0),
        case("Haar, pairs", haar(), [64, 48], 0x994d_3926_c086_6628),

        // Wavelets: biorthogonal families.
        case("bior2.2", of(family("bior2.2")).levels(2), LINEAR, 0x4561_b452_0c87_ef19),
        case("bior6.8, mean gain",
            of(family("bior6.8")).power_law(2.0).mean_gain(0.3),
            WeightLayout::linear_col([33, 96]), 0xae0f_a88b_83e2_b624),
        case("rbio3.3, grid", of(family("rbio3.3")).grid([10, 10]).levels(1), LINEAR,
            0xb7dc_9cb5_2797_b5bc),
        case("rbio1.5, bands", of(family("rbio1.5")).levels(2).bands(true, 1..=1), LINEAR,
            0xbc8a_8396_41f2_c796),
        case("bior4.4, threshold",
            of(family("bior4.4")).levels(2).hard_threshold(Keep::Largest(7)), LINEAR,
            0xc3e0_fd8c_8f5b_a3e9),
        case("bior5.5, not normalized", of(family("bior5.5")).unnormalized(), [96, 70],
            0x3eb4_06c7_2581_7474),
        case("filters of bior4.4",
            WaveletFilters::decomposition(family("bior4.4")), conv([4, 1, 10, 10], 1),
            0x16cc_90d0_8f59_cb64),
        case("filters of rbio2.6, reconstruction",
            WaveletFilters::reconstruction(family("rbio2.6")), conv([4, 2, 15], 1),
            0x9897_553a_7fbd_00a5),

        // Wavelets: filters at the ends.
        case("db4, filters at the ends", with_ends("db4"), LINEAR, 0xc2c9_daea_fafa_4346),
        case("sym5, filters at the ends", with_ends("sym5"), WeightLayout::linear_col([37, 201]),
            0xf905_77e2_514d_ddc0),
        case("coif1, filters at the ends, useful levels",
            with_ends("coif1").levels(Levels::Useful), [129, 40], 0x2500_eb5b_83e5_71c5),
        case("db20, filters at the ends", with_ends("db20"), LARGE, 0xd93a_c6d7_918b_2dc7),
        case("db2, filters at the ends, grid", with_ends("db2").grid([4, 25]).mean_gain(0.5), LINEAR,
            0xc0dc_5cc7_8024_d368),
        case("db2, filters at the ends, kernel", with_ends("db2").along(Along::Kernel),
            conv([12, 6, 5, 3], 2), 0xaf33_b2ef_295b_c4ea),
        case("Haar, filters at the ends", with_ends("haar"), LINEAR, 0x24d2_78ae_ca16_4692),
        case("wavelet orthogonal, filters at the ends",
            WaveletOrthogonal::new(family("db3")).boundary(Boundary::Filters), [75, 60],
            0x0074_56fd_6943_9fee),
        case("wavelet sparse, filters at the ends",
            WaveletSparse::new(family("sym4"), 5).boundary(Boundary::Filters), [75, 60],
            0x8dd6_2a2d_0b15_0f3d),

        // Wavelets: directions.
        case("along outputs", haar().along(Along::Outputs), conv([12, 6, 4, 4], 2),
            0x8384_46b2_4c05_f342),
        case("along kernel", haar().along(Along::Kernel), conv([12, 6, 4, 4], 2),
            0x3ab2_f6bb_58aa_86de),
        case("along channels", haar().along(Along::Channels), conv([12, 6, 4, 4], 2),
            0x4148_ecee_d9be_206b),
        case("along vocabulary",
            haar().along(Along::Vocabulary),
            WeightLayout::embedding([50, 16]), 0x6776_1b75_90bd_ce2d),
        case("along kernel, db2",
            of(family("db2")).along(Along::Kernel).levels(1),
            conv([12, 6, 4, 4], 2), 0x10db_b837_3a3c_f8ce),
        case("along outputs, linear", haar().along(Along::Outputs), LINEAR,
            0xaa66_a6a2_fb26_4220),

        // Wavelets: bases.
        case("base: He", haar().base(VarianceScaling::he_normal()), LINEAR,
            0x577d_63b4_d3a8_a5e0),
        case("base: uniform", haar().base(Uniform::new(0.0, 1.0)), LINEAR,
            0x135c_0da5_d76b_2530),
        case("base: sparse", haar().base(Sparse::exact(8)), LINEAR, 0xba8d_61b5_8aea_ca01),
        case("base: sparse per input",
            haar().base(Sparse::new(Pattern::PerInput(Amount::Exact(8)))),
            LINEAR, 0x90e7_83bb_7d77_4b83),
        case("base: orthogonal", haar().base(Orthogonal::new()), LINEAR,
            0xbb8a_2d18_3570_80eb),
        case("base: wavelet", haar().base(haar().power_law(-2.0)), LINEAR,
            0xc246_c1b7_4356_3a0a),
        case("base: wavelet along outputs",
            haar().base(haar().along(Along::Outputs)),
            LINEAR, 0xc0ca_9a9a_5f32_f7c7),
        case("base: wavelet orthogonal", haar().base(WaveletOrthogonal::haar()), LINEAR,
            0x1854_1db6_48ef_d433),
        case("base: sparse orthogonal",
            haar().base(SparseOrthogonal::rotations(0.2)),
            LINEAR, 0x7d4d_9401_482d_fac3),
        case("base: denormal", haar().base(Normal::new(0.0, 1e-41)), LINEAR,
            0x6add_0278_cbdf_2841),
        case("base: huge", haar().base(Normal::new(0.0, 1e34)).unnormalized(), LINEAR,
            0x3908_ddb8_23d5_8404),
        case("spectrum of a uniform base",
            haar().base(Uniform::new(0.0, 1.0)).normalization(Normalization::Spectrum),
            LINEAR, 0x4071_359e_cda6_93ba),

        // Wavelets: orthogonal matrices.
        case("wavelet orthogonal", WaveletOrthogonal::haar(), LINEAR, 0x8dd7_073a_18e6_825d),
        case("wavelet orthogonal, large", WaveletOrthogonal::haar(), [513, 300],
            0xa8a1_c1f6_d07e_ef54),
        case("wavelet orthogonal, grid", WaveletOrthogonal::haar().grid([10, 10]), LINEAR,
            0x0237_4b02_82b6_5342),
        case("wavelet orthogonal, gain",
            WaveletOrthogonal::haar().gain(-1.3),
            WeightLayout::linear_col([64, 100]), 0x902b_271f_42c9_e185),
        case("wavelet orthogonal, db4", WaveletOrthogonal::new(family("db4")).levels(2), LINEAR,
            0x29ba_73cf_4ac3_82bf),
        case("wavelet orthogonal, more neurons", WaveletOrthogonal::new(family("db2")), [48, 96],
            0xaad5_cc9e_c668_8863),
        case("wavelet orthogonal, more neurons and gain",
            WaveletOrthogonal::haar().gain(0.6),
            [48, 97], 0xe191_f1d7_c42e_8e4e),
        case("wavelet orthogonal, delta",
            WaveletOrthogonal::haar().delta(),
            conv([12, 10, 3, 3], 1), 0x4fef_86de_1b68_0b1e),
        case("wavelet orthogonal, groups", WaveletOrthogonal::haar(), conv([12, 6, 5], 3),
            0x1cc9_154e_6789_d2d7),

        // Wavelets: a few wavelets, atoms and filters.
        case("wavelet sparse", WaveletSparse::haar(5), LINEAR, 0x031b_1d24_df44_a64d),
        case("wavelet sparse, law", WaveletSparse::haar(5).law(1.0), LARGE, 0xa1ba_095a_a014_9c43),
        case("wavelet sparse, fine",
            WaveletSparse::haar(4).law(-0.8).gain(2.0),
            WeightLayout::linear_col([64, 100]), 0xdbaa_2ecf_9176_72d5),
        case("wavelet sparse, grid", WaveletSparse::haar(3).grid([10, 10]), LINEAR,
            0x936e_43ff_3674_6350),
        case("wavelet sparse, db4", WaveletSparse::new(family("db4"), 3).levels(2), LINEAR,
            0x52b8_9baa_2f59_d027),
        case("Ricker atoms", WaveletAtoms::new(Atom::Ricker), LINEAR, 0x6341_8347_3ff2_5cf5),
        case("Morlet atoms", WaveletAtoms::new(Atom::Morlet), LINEAR, 0x6438_3741_69ac_c9af),
        case("Gabor atoms", WaveletAtoms::new(Atom::Gabor), LINEAR, 0x8f83_a737_3564_ed29),
        case("Laplace atoms", WaveletAtoms::new(Atom::Laplace), LINEAR, 0x3738_21cb_b004_1289),
        case("atoms on a grid", WaveletAtoms::new(Atom::Gabor).grid([20, 35]), LARGE,
            0x2492_b701_9c5b_2436),
        case("Ricker atoms on a grid", WaveletAtoms::new(Atom::Ricker).grid([10, 10]), LINEAR,
            0x471c_7ea0_c16c_ca93),
        case("Laplace atoms on a grid", WaveletAtoms::new(Atom::Laplace).grid([10, 10]), LINEAR,
            0x6f5b_6baf_75cc_5405),
        case("atoms, scales", WaveletAtoms::new(Atom::Morlet).scales(2.0, 9.0).gain(-2.0), LINEAR,
            0xcb9a_0a35_f5ca_99c1),
        case("atoms along kernels",
            WaveletAtoms::new(Atom::Gabor).along(Along::Kernel),
            conv([6, 4, 7, 7], 1), 0xee9b_0244_1a75_b89e),
        case("decomposition filters",
            WaveletFilters::decomposition(family("db2")),
            conv([16, 4, 5, 5], 1), 0xff9a_e970_5b7e_70e5),
        case("reconstruction filters",
            WaveletFilters::reconstruction(family("sym5")),
            conv([4, 2, 11], 1), 0xb737_5985_f1a4_7165),
        case("filters, gain",
            WaveletFilters::decomposition(Family::HAAR).gain(0.7),
            conv([8, 2, 2, 2], 2), 0x2433_d5ac_e0a6_c3a5),
        case("filters of three axes",
            WaveletFilters::reconstruction(family("coif1")).gain(1.1),
            conv([16, 2, 6, 7, 6], 1), 0x185a_fe38_c63a_f545),

        // Sparse: patterns.
        case("k per output", Sparse::exact(8), LINEAR,
            0xefd7_3437_7974_4d5e).mask(0x3c1e_a648_fe7f_2c95),
        case("k per output, many draws", Sparse::exact(150), WeightLayout::linear_col([30, 400]),
            0x9918_6a0a_d1b4_1a7d).mask(0x329c_0a39_a9f3_faf9),
        case("k per output, large", Sparse::exact(60), conv([128, 64, 5, 5], 1),
            0x3ca8_4f77_ec1d_9d55).mask(0x69b5_6f69_7700_5a49),
        case("density per output", Sparse::density(0.3), conv_transpose([8, 9, 4], 1, [1]),
            0xee5d_17a7_d88d_10eb).mask(0x049f_afb9_bcea_7c4d),
        case("sparsity per output", Sparse::new(Pattern::PerOutput(Amount::Sparsity(0.85))), LINEAR,
            0x6d02_17cf_5428_7021).mask(0xd15e_bf7f_d87c_c07d),
        case("total per output", Sparse::new(Pattern::PerOutput(Amount::Total(1000))), LINEAR,
            0xb6c5_8f89_b2df_3781).mask(0xe994_1793_2cac_d0c3),
        case("k per input", Sparse::new(Pattern::PerInput(Amount::Exact(3))), conv([8, 4, 3, 3], 2),
            0x2d01_d1ec_e7b1_5800).mask(0x915c_6973_b73e_e29d),
        case("density per input", Sparse::new(Pattern::PerInput(Amount::Density(0.1))), [300, 257],
            0xe552_96f1_ce55_7b41).mask(0x07f8_70eb_36d7_067d),
        case("sparsity per input", Sparse::new(Pattern::PerInput(Amount::Sparsity(0.85))), LINEAR,
            0x74d2_a628_64e8_6647).mask(0x802e_bb04_cb8a_a41f),
        case("balanced", Sparse::new(Pattern::Balanced(Amount::Exact(30))), [300, 257],
            0x777c_1e8c_f2f3_3adf).mask(0x8533_ed8e_7975_6a05),
        case("balanced, total", Sparse::new(Pattern::Balanced(Amount::Total(1000))), LINEAR,
            0x05ac_a679_aae9_b556).mask(0xd212_bf4d_f705_931b),
        case("balanced, groups",
            Sparse::new(Pattern::Balanced(Amount::Density(0.3))),
            conv([12, 6, 5], 3), 0xf574_698f_853e_3bdc).mask(0x8634_94b2_0688_35b3),
        case("Bernoulli", Sparse::new(Pattern::Bernoulli(0.1)), [300, 257],
            0x2343_2cce_bffe_bccf).mask(0xb2e2_461f_62fd_d283),
        case("n of m", Sparse::new(Pattern::n_of_m(2, 4)), [300, 257],
            0x7940_35c1_59fd_6518).mask(0xc47d_498e_6573_a5e1),
        case("n of m input channels", Sparse::new(Pattern::n_of_m(2, 4)), conv([8, 4, 3, 3], 2),
            0xb8f4_51c9_2e40_85cf).mask(0xb76c_8b29_f8cd_6423),
        case("n of m outputs",
            Sparse::new(Pattern::NOfM { n: 1, m: 4, along: Along::Outputs }),
            LINEAR, 0x85a5_a748_6e43_7715).mask(0xe0ea_cfff_ec12_15cd),
        case("n of m places of kernels",
            Sparse::new(Pattern::NOfM { n: 1, m: 3, along: Along::Kernel }),
            conv([8, 4, 3, 3], 2), 0x7391_feb3_fefe_75b4).mask(0xaa39_5324_1c02_9255),
        case("n of m inputs",
            Sparse::new(Pattern::NOfM { n: 1, m: 3, along: Along::Inputs }),
            conv([8, 4, 3, 3], 2), 0x7391_feb3_fefe_75b4).mask(0xaa39_5324_1c02_9255),
        case("blocks",
            Sparse::new(Pattern::Blocks { rows: 4, columns: 5, amount: Amount::Exact(15) }),
            LINEAR, 0xb502_7c04_abc0_a815).mask(0xcaf6_b09f_2996_4ae5),
        case("blocks, groups",
            Sparse::new(Pattern::Blocks { rows: 2, columns: 3, amount: Amount::Density(0.3) }),
            conv([12, 6, 5], 3), 0x0363_9441_a0bf_029b).mask(0xc50d_292b_54e9_6c65),
        case("patches",
            Sparse::new(Pattern::Local { grid: vec![10, 10], patch: vec![3, 4] }),
            LINEAR, 0x5bb0_27cc_1caa_a7d7).mask(0x471b_30fc_42b1_a9cd),
        case("patches of a line",
            Sparse::new(Pattern::Local { grid: vec![100], patch: vec![9] }),
            LINEAR, 0x0316_1547_2e84_f8eb).mask(0x55de_3664_97ba_4729),
        case("a given mask",
            Sparse::new(Pattern::Given((0..6400).map(|i| i % 7 < 2).collect())),
            LINEAR, 0xe023_d69e_ad8e_219a).mask(0xa189_de77_dc35_2ef7),

        // Sparse: values and connections.
        case("torch", Sparse::torch(0.9, 0.02), LINEAR,
            0xd681_149d_b858_4fac).mask(0xc32f_a6de_a1ee_c30b),
        case("mlx", Sparse::mlx(0.9, 0.5, 0.02), LINEAR,
            0xdeef_f1dc_a433_c23c).mask(0x0172_980b_3522_08c1),
        case("uncorrected", Sparse::exact(8).uncorrected(), LINEAR,
            0xf678_1599_2005_a914).mask(0x3c1e_a648_fe7f_2c95),
        case("uncorrected, per input",
            Sparse::new(Pattern::PerInput(Amount::Exact(8))).uncorrected(),
            LINEAR, 0xfd00_b826_657c_30d3).mask(0xadcc_fedd_0a6c_318f),
        case("values: Glorot", Sparse::exact(8).values(VarianceScaling::glorot_uniform()), LINEAR,
            0xcaff_b8e9_4496_15f8).mask(0x3c1e_a648_fe7f_2c95),
        case("values: Glorot, by each count",
            Sparse::new(Pattern::Bernoulli(0.1)).values(VarianceScaling::glorot_uniform()),
            LINEAR, 0x3772_69ab_8b11_2c35).mask(0x5a62_e0c1_0573_3b80),
        case("values: orthogonal", Sparse::density(0.3).values(Orthogonal::new()), LINEAR,
            0x0d64_ac3c_8b4b_d186).mask(0x85b6_8674_cb44_42c1),
        case("values: orthogonal, groups",
            Sparse::density(0.3).values(Orthogonal::new()),
            conv([12, 6, 5], 3), 0xab24_0930_4eac_6770).mask(0x7c1b_ad7f_45a2_29b1),
        case("values: Haar", Sparse::exact(8).values(haar()), LINEAR,
            0xa9d7_8993_8a9a_53dc).mask(0x3c1e_a648_fe7f_2c95),
        case("values: Haar, spectrum",
            Sparse::exact(8).values(haar().normalization(Normalization::Spectrum)),
            LINEAR, 0x3831_8189_3203_ae09).mask(0x3c1e_a648_fe7f_2c95),
        case("values: Haar, by each count",
            Sparse::new(Pattern::Bernoulli(0.1)).values(haar()
                .base(VarianceScaling::he_normal())),
            [32, 20], 0xb816_45e0_6616_b1c3).mask(0x46ca_fa0c_b3ac_0929),
        case("reconnected", Sparse::exact(1).reconnect(), [60, 64],
            0xa0ca_5469_7506_92b9).mask(0xa9b2_3e47_9251_c1f1),
        case("reconnected, Bernoulli", Sparse::new(Pattern::Bernoulli(0.04)).reconnect(), LINEAR,
            0x0301_9abe_4b89_324c).mask(0xed9c_cd0a_3630_fccd),
        case("connected", Sparse::density(0.2).require_connected(), LINEAR,
            0xc858_df7b_8441_87e9).mask(0x7b50_ff7c_bf42_35b5),

        // Sparse: budgets and orthogonal matrices.
        case("budget, ERK", SparseBudget::erk(0.123), [300, 257],
            0x80f5_c67b_9959_116d).mask(0xbbdc_9bb1_c1ae_48d6),
        case("budget, uniform", SparseBudget::uniform(0.2).uncorrected(), LINEAR,
            0x7912_501c_28fd_6998).mask(0x7b50_ff7c_bf42_35b5),
        case("budget, Erdős–Rényi",
            SparseBudget::new(Spread::ErdosRenyi, 0.2).values(Normal::new(0.0, 0.1)),
            LINEAR, 0x1be8_4e56_aa56_c38a).mask(0x7b50_ff7c_bf42_35b5),
        case("budget, uniform, two weights", SparseBudget::uniform(0.2), LINEAR, 0xc858_df7b_8441_87e9)
            .beside(conv([48, 32, 3, 3], 1)).mask(0x7b50_ff7c_bf42_35b5),
        case("budget, Erdős–Rényi, two weights", SparseBudget::new(Spread::ErdosRenyi, 0.2), LINEAR, 0x730c_3c75_c17e_cd57)
            .beside(conv([48, 32, 3, 3], 1)).mask(0x91b7_a81e_f091_d89c),
        case("budget, ERK, two weights", SparseBudget::erk(0.2), LINEAR, 0x8964_ca7f_c7d8_602c)
            .beside(conv([48, 32, 3, 3], 1)).mask(0xd3b6_eac7_4f33_1457),
        case("rotations", SparseOrthogonal::rotations(0.05), [300, 257],
            0x98c1_9303_3e00_5057).mask(0x2d66_3878_84ff_a211),
        case("rotations, dense",
            SparseOrthogonal::rotations(0.8).gain(-1.3),
            WeightLayout::linear_col([64, 64]), 0x1996_eb48_b147_dc0f).mask(0x9efc_3187_bb28_6d14),
        case("butterfly", SparseOrthogonal::butterfly(2), [300, 257],
            0x5929_3d3d_7df9_6c78).mask(0x5964_dc3b_7406_8601),
        case("butterfly, four stages", SparseOrthogonal::butterfly(4), [96, 64],
            0xd38f_5298_a96a_75cf).mask(0x0760_f5aa_6985_cf71),
        case("butterfly, gain", SparseOrthogonal::butterfly(3).gain(0.7), [48, 64],
            0x3e1a_6ad1_702a_6971).mask(0x45d2_8e12_5ebf_8d4b),
        case("rotations, delta", SparseOrthogonal::rotations(0.5).delta(), conv([12, 10, 3, 3], 1),
            0xa2db_67b6_4708_b705).mask(0x4baf_216e_8053_cb40),
        case("butterfly, groups", SparseOrthogonal::butterfly(1), conv([12, 6, 5], 3),
            0xf8f6_9850_7e85_1beb).mask(0x2838_99b7_6bdd_c395),
        case("orthogonal, wider than a panel", Orthogonal::new(), WeightLayout::linear_col([90, 90]),
            0x53ba_45d6_b61d_dab9),
        case("reconnect, many", Sparse::new(Pattern::Bernoulli(0.05)).reconnect(), [20, 50],
            0x9602_dbcb_0277_01a1).mask(0x1c91_f0f5_a0f8_c68c),
        // Composed.
        case("scaled", Scaled::gpt2(Normal::new(0.0, 0.02), 12), LINEAR, 0xc8ec_bbab_c82c_7439),
        case("scaled, vectors", Scaled::new(Orthogonal::new(), -0.3), [48, 64], 0x12ae_5ea1_2ff4_7181),
        case("fixup", Scaled::fixup(VarianceScaling::he_normal(), 12, 3), LINEAR, 0xd2c4_a7b1_871c_7635),
        case("t-fixup, encoder", Scaled::t_fixup_encoder(VarianceScaling::he_normal(), 7), LINEAR, 0xdeb1_fe21_5fcd_8026),
        case("t-fixup, decoder", Scaled::t_fixup_decoder(VarianceScaling::he_normal(), 7), LINEAR, 0xad35_18f5_94b8_4b36),
        case("depth-scaled", Scaled::depth_scaled(VarianceScaling::glorot_uniform(), 0.9, 3), LINEAR, 0x355e_b430_1ff7_1c29),
        case("parts", Parts::equal(4, VarianceScaling::he_normal()), LINEAR, 0xd6b6_5890_de91_c75b),
        case("parts along inputs", Parts::equal(4, Orthogonal::new()).along(Axis::Input), LINEAR, 0x6569_55d1_6994_a9bb),
        case("parts of sizes", Parts::sized([(40, Sparse::exact(8)), (24, Sparse::exact(3))]),
            LINEAR, 0x1832_d373_0e4d_6351).mask(0xa762_7020_f079_cb79),

        // Structured.
        case("orthogonal, delta", Orthogonal::new().delta(), conv([12, 10, 3, 3], 1),
            0x0e31_f62a_fba3_7660),
        case("orthogonal, delta of a transposed convolution",
            Orthogonal::new().gain(-0.3).delta(),
            conv_transpose([9, 12, 4], 1, [2]), 0x8573_6a28_8e50_cf9e),
        case("identity", Eye::new(), LINEAR, 0xdc2d_ed77_300d_2925),
        case("identity, groups", Eye::new().gain(-1.7), conv([12, 6, 5, 4], 3),
            0x3e08_cbd2_a0b8_32cd),
        case("identity, transposed convolution", Eye::new(),
            conv_transpose([6, 4, 5], 3, [3]), 0xa587_d629_8e5f_6135),
        case("ZerO", ZerO::new(), LINEAR, 0xdc2d_ed77_300d_2925),
        case("ZerO, more outputs", ZerO::new().gain(0.7), [70, 150], 0xbb9f_90ee_cd03_b255),
        case("ZerO, groups", ZerO::new(), conv([12, 2, 3, 3], 3), 0x49e2_deeb_0d29_de15),
        case("ICNR", Icnr::new(2), conv([12, 5, 3, 3], 1), 0x0d6e_91ba_117e_913d),
        case("ICNR, groups", Icnr::new(3).base(Uniform::new(-0.5, 0.1)), conv([12, 2, 3], 2),
            0xfd5e_7189_fa4a_908b),
        case("ICNR, transposed convolution", Icnr::new(2).base(Orthogonal::new()),
            conv_transpose([6, 8, 3, 2], 2, [1, 1]), 0x7662_b9a7_5c23_bde5),
        case("ICNR of sparse", Icnr::new(2).base(Sparse::exact(7)), conv([16, 4, 3, 3], 2),
            0x9107_2a6b_d566_af8d).mask(0xb967_f646_4eb9_ec25),
        case("bilinear", Bilinear::new(), conv_transpose([6, 6, 4, 5], 1, [2, 3]),
            0x21c4_1255_4306_c455),
        case("bilinear, three axes", Bilinear::new().gain(0.7),
            conv_transpose([4, 1, 4, 6, 3], 4, [2, 3, 2]), 0x515d_d080_ee26_7605),
        case("norm", UnitNorm::new(), LINEAR, 0x66a7_a35d_5571_cdb0),
        case("norm, along outputs", UnitNorm::new().along(Along::Outputs).gain(-1.3), [70, 150],
            0xde67_c90c_5468_25c7),
        case("norm, uniform base", UnitNorm::new().base(Uniform::new(0.0, 1.0)),
            WeightLayout::linear_col([37, 101]), 0xc031_0ae2_ea2c_dccc),
        case("norm, kernels", UnitNorm::new().along(Along::Kernel), conv([12, 6, 4, 4], 2),
            0x59fc_2c38_69ee_e275),
        case("norm of sparse", UnitNorm::new().base(Sparse::density(0.1)), LINEAR,
            0x9904_064e_4d7b_8fcb).mask(0x0172_980b_3522_08c1),
        case("norm of wavelets", UnitNorm::new().base(haar()), LINEAR,
            0x68b5_929f_c3a5_97b3),
        case("norm of wavelets along outputs",
            UnitNorm::new().base(haar().along(Along::Outputs)),
            LINEAR, 0xa42a_c285_de06_63d1),

        // Waves.
        case("sinusoidal", Sinusoidal::new(), LINEAR, 0x0d2c_209b_1e5b_ae95),
        case("sinusoidal, fan_in and gain",
            Sinusoidal::new().mode(FanMode::FanIn).gain(Gain::Relu),
            conv([12, 6, 5], 3), 0x5ddd_4641_e4f9_6b95),
        case("SIREN, first", Siren::first(), [2, 64], 0x28a4_cdaf_90aa_2f7a),
        case("SIREN, hidden", Siren::default(), LINEAR, 0x5154_d56a_36f3_12a7),
        case("SIREN, other omega", Siren::hidden(7.0), conv([12, 6, 5], 3), 0xd922_7481_6eda_ca9c),
        case("Fourier features", FourierFeatures::new(1.7), [3, 64], 0x41b1_b733_54d8_8048),
        case("Fourier features, cycles", FourierFeatures::new(1.7).cycles(), [3, 64], 0x8cd5_46e0_cf15_6eed),
        case("phases", Phases::new(), WeightLayout::vector([64]), 0xe490_ef36_234b_6cbe),
        case("DCT", Dct::new(), LINEAR, 0xe747_bb5e_701c_0a59),
        case("DCT, grid and gain", Dct::new().grid([10, 10]).gain(-0.7), LINEAR, 0x8ed4_a6c2_977f_8b6d),
        case("DCT, convolution", Dct::new(), conv([12, 6, 3, 3], 2), 0xa442_ed9f_90c7_18a5),
        case("DCT, more neurons", Dct::new(), [48, 97], 0x364d_a7da_4950_a115),
        case("Fourier filters", FilterBank::fourier().gain(1.3), LINEAR, 0xa2aa_35cc_0401_e8d5),
        case("mel triangles", FilterBank::mel(16_000.0), [201, 40], 0x69a6_c1aa_9b07_5ee1),
        case("mel triangles, Slaney",
            FilterBank::mel(MelBands::new(22_050.0).between(20.0, 8000.0).scale(MelScale::Slaney)).area(),
            [513, 40], 0xe32c_2dd5_2a5b_3d4c),
        case("sinc filters", FilterBank::sinc(16_000.0), conv([24, 1, 101], 1), 0xb17f_47d4_a0d9_4f61),

        // Covariances.
        case("receptive fields", ReceptiveFields::new(5.0, 2.0), LINEAR, 0x0459_03c9_6f57_7122),
        case("receptive fields, rough and small",
            ReceptiveFields::new(0.7, 0.4).gain(-1.3),
            WeightLayout::linear_col([37, 19]), 0x2d25_6105_9903_ca59),
        case("receptive fields, grid", ReceptiveFields::new(2.0, 1.0).grid([20, 35]), LARGE,
            0x9cfc_84f1_9433_b56f),
        case("receptive fields, regular centres",
            ReceptiveFields::new(2.0, 1.0).grid([10, 10]).centres(Centres::Regular(vec![3, 2])),
            LINEAR, 0xed39_2b7e_61c9_af13),
        case("receptive fields along kernels",
            ReceptiveFields::new(1.5, 1.0).along(Along::Kernel),
            conv([12, 6, 4, 4], 2), 0xcb15_5c7b_77fe_0b78),
        case("stationary fields", ReceptiveFields::stationary(3.0), LINEAR, 0xfb04_fd94_971f_9f60),
        case("covariance of kernels", ConvCovariance::new(0.8), conv([12, 1, 5, 5], 12),
            0xd0f7_cc89_1714_9347),
        case("covariance of kernels, by depth",
            ConvCovariance::at_depth(1.0, 0.5, 0.5, 3.0).gain(1.4),
            conv([6, 4, 7, 6], 1), 0xc3a1_90f3_f111_b372),
        case("mimetic query", Mimetic::query("a", 4), [24, 32], 0x4e96_cb93_d9ed_4ac4),
        case("mimetic key", Mimetic::key("a", 4), WeightLayout::linear_col([32, 24]),
            0x172c_c911_70c6_5fd9),
        case("mimetic value", Mimetic::value("a"), [24, 24], 0x40d8_7d65_3192_0e86),
        case("mimetic projection", Mimetic::projection("a").alpha(0.3).beta(0.5), [17, 24],
            0xd0fd_1864_b09a_6a06),
        case("mimetic, experts", Mimetic::key("b", 1),
            experts([3, 12, 8], Axis::Input, Axis::Output), 0xfcb8_21d8_b945_7b41),
        case("spectral", Spectral::orthogonal(), LINEAR, 0x4d1a_5609_29ca_3471),
        case("spectral, normal", Spectral::normal().gain(1.5), conv([12, 6, 5], 3),
            0x5ce1_8650_78d1_b78d),
        case("µP input", MuP::input().gain(0.5), WeightLayout::embedding([50, 16]),
            0x9523_d0b5_88ea_3ac6),
        case("µP bias", MuP::input(), WeightLayout::vector([10]), 0x472d_3001_30a2_49bb),
        case("µP hidden", MuP::hidden(), LINEAR, 0xb8a0_f8d7_84aa_c867),
        case("µP output", MuP::output(64.0), LINEAR, 0x18b1_f9f9_07b6_ae3e),
        case("µP output, multiplied", MuP::output(64.0).multiplied(), LINEAR,
            0x5c30_3427_befd_6978),

        // Biases and recurrent models.
        case("bias, fan_in", BiasUniform::new(), bias_of(conv([8, 4, 3, 3], 2)), 0x4b01_f66a_9c8b_2b16),
        case("bias, fan_out", BiasUniform::new().mode(FanMode::FanOut),
            bias_of(conv_transpose([8, 6, 4, 4], 2, [2, 2])), 0x1627_679c_e672_9937),
        case("class prior, softmax", ClassPrior::softmax([7, 2, 1]), [3], 0xdf9f_4694_ad01_48cd),
        case("class prior, smoothed", ClassPrior::softmax([7, 2, 0]).smoothing(0.5), [3], 0xce81_1d52_8cdf_3926),
        case("class prior, sigmoid", ClassPrior::sigmoid([7, 2, 9]).of(10).smoothing(0.1), [3], 0x9ada_4b9c_797b_3c11),
        case("class prior, focal", ClassPrior::focal(), [80], 0xe6c8_4d6a_2464_3805),
        case("poison", Poison::new(), [5, 3], 0x404d_ce2e_8582_9ae8),
        case("gates", GateBias::new([0.1, 1.0, -0.3]), [30], 0x5833_53bf_e261_594d),
        case("chrono", ChronoBias::lstm(784.0), [400], 0xc185_2e31_b505_21d5),
        case("chrono, forget gate", ChronoBias::forget(784.0), [400], 0xc35a_d01b_231f_4479),
        case("chrono, input gate", ChronoBias::input(784.0, "lstm.forget"), [400], 0xb482_727a_355d_a48d),
        case("HiPPO-LegS", Hippo::legs(), [64, 64], 0xb9b9_e8fa_8093_a7b0),
        case("HiPPO-LegS, B", Hippo::legs().b(), [64], 0xbd39_7c88_396a_9bdd),
        case("HiPPO-LegT", Hippo::legt().gain(0.3), WeightLayout::linear_col([64, 64]), 0xfc7c_12e9_558d_5b77),
        case("HiPPO-LegT, B", Hippo::legt().b().gain(0.3), [64], 0x6039_8d34_a6d4_4973),
        case("S4D-Lin", S4d::lin(), [4, 32], 0x1b8b_755e_8884_b725),
        case("S4D-Lin, Im", S4d::lin().im(), [4, 32], 0x3cfc_6cb2_41a0_bf15),
        case("S4D-Inv, ln", S4d::inv().log_re(), [4, 32], 0x95e8_b442_58e3_f825),
        case("S4D-Inv, Im", S4d::inv().im(), [4, 32], 0xff6c_ffcf_2eef_b4c5),
        case("S4D-Inv, Im of 32", S4d::inv().im().states(32), [4, 32], 0xa45f_2737_7b47_22cd),
        case("S4D-Real", S4d::real(), [4, 32], 0xdba5_14d1_77c3_bfa5),
        case("S4D-Real, ln", S4d::real().log_re(), [4, 32], 0xb44b_70c1_899a_08ad),
        case("Mamba, A", MambaALog::new(), [48, 16], 0x019b_d8da_d5b1_2745),
        case("Mamba-2, A", MambaALog::mamba2(), [48], 0x912d_ff99_2bcc_1aa1),
        case("Mamba, A in a range", MambaALog::new().range(0.3, 700.0), [48], 0x81bc_ac4c_d30c_35aa),
        case("Mamba, steps", MambaDtBias::new(), [400], 0x925d_2004_bf2e_237a),
        case("Mamba, other steps", MambaDtBias::new().steps(0.01, 30.0).floor(0.05), [400], 0x2b63_451e_86d7_8b1b),
    ]
}

/// FNV-1a.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// A hash as the table has it.
fn literal(hash: u64) -> String {
    let part = |i: u32| hash >> (16 * i) & 0xffff;
    let [a, b, c, d] = [3, 2, 1, 0].map(part);
    format!("0x{a:04x}_{b:04x}_{c:04x}_{d:04x}")
}

/// Each initializer of the list has a line.
#[test]
fn none_is_left_out() {
    let table = table();
    for name in AnyInitializer::NAMES {
        assert!(table.iter().any(|case| case.init.name() == *name), "{name}");
    }
}

#[test]
fn values_are_stable() {
    let mut changed = String::new();
    for case in table() {
        let key = Seed::new(2026).key("fc1.weight");
        let layouts: Vec<_> = [&case.layout].into_iter().chain(&case.beside).collect();
        let fitted = case.init.fit_all(&layouts).swap_remove(0);
        let (values, mask) = match fitted.and_then(|fitted| fitted.draw_with_mask(key)) {
            Ok(drawn) => drawn,
            Err(error) => {
                let _ = write!(changed, "\n{}: {error}", case.name);
                continue;
            }
        };
        let bits = values
            .iter()
            .flat_map(|value| value.to_bits().to_le_bytes());
        let values = hash(bits);
        let mask = mask.map(|mask| hash(mask.into_iter().map(u8::from)));
        if (values, mask) != (case.values, case.mask) {
            let _ = write!(changed, "\n{}: {}", case.name, literal(values));
            if let Some(mask) = mask {
                let _ = write!(changed, ", mask {}", literal(mask));
            }
        }
    }
    assert!(changed.is_empty(), "new hashes for the table:{changed}");
}
