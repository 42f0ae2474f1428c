//! Values that may not change without an entry under "value-breaking changes" in the changelog.
//!
//! Unlike all other expectations of this project, these are the library's own output, recorded
//! once.

use burn_init::{
    Amount, AnyInitializer, Atom, Constant, Initializer, Normal, Orthogonal, Pattern, Seed, Sparse,
    SparseBudget, SparseOrthogonal, TruncatedNormal, Uniform, VarianceScaling, Wavelet,
    WaveletAtoms, WaveletOrthogonal, WaveletSparse, WeightLayout,
};

/// FNV-1a over the bits.
fn hash(values: &[f32]) -> u64 {
    let bytes = values
        .iter()
        .flat_map(|value| value.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn values_are_stable() {
    let db4 = Wavelet::new("db4".parse().unwrap()).levels(2);
    let cases: Vec<(AnyInitializer, u64)> = vec![
        (Constant::random().into(), 0x5538_5207_c4d7_3d25),
        (Normal::fan_in().into(), 0xb8a0_f8d7_84aa_c867),
        (Normal::new(1.0, 0.1).into(), 0x1b82_0ae5_3992_e4f0),
        (Uniform::new(-0.05, 0.05).into(), 0x2c3b_5081_95ff_b21b),
        (Uniform::new(0.0, 1.0).into(), 0xee92_e735_3004_22cb),
        (
            TruncatedNormal::new(0.0, 0.05).into(),
            0xcb62_b630_d77e_8c86,
        ),
        (
            TruncatedNormal::new(0.0, 1.0).bounds(-0.5, 3.0).into(),
            0x90a6_37f3_38a8_35eb,
        ),
        (VarianceScaling::he_normal().into(), 0x866c_df1e_36e2_bcde),
        (
            VarianceScaling::glorot_uniform().into(),
            0x3c45_58d9_8822_d994,
        ),
        (
            VarianceScaling::kaiming_normal().into(),
            0x4d49_0175_0436_46ee,
        ),
        (Orthogonal::new().into(), 0x0918_608a_d130_b9a6),
        (Wavelet::haar().into(), 0x24d2_78ae_ca16_4692),
        (
            Wavelet::haar()
                .grid([10, 10])
                .power_law(1.5)
                .mean_gain(0.5)
                .into(),
            0xa3eb_db86_b506_032c,
        ),
        (db4.into(), 0x0d6c_51bd_b487_04f8),
        (Sparse::exact(8).into(), 0xefd7_3437_7974_4d5e),
    ];
    let mut changed = String::new();
    for (init, expected) in cases {
        let layout = WeightLayout::from([100, 64]);
        let key = Seed::new(2026).key("fc1.weight");
        let given = hash(&init.draw(&layout, key).unwrap());
        if given != expected {
            changed += &format!("\n{init}: {given:#x} instead of {expected:#x}");
        }
    }
    assert!(changed.is_empty(), "{changed}");
}

/// Large enough to be drawn by several threads, where there are.
#[test]
fn large_parameters_are_stable() {
    let cases: Vec<(AnyInitializer, WeightLayout, u64)> = vec![
        (
            Normal::fan_in().into(),
            WeightLayout::linear([700, 513]),
            0x5f3e_4992_49b8_44a6,
        ),
        (
            Wavelet::haar().into(),
            WeightLayout::linear([700, 513]),
            0xc478_c17a_37fe_eb11,
        ),
        (
            Sparse::exact(60).into(),
            WeightLayout::conv([128, 64, 5, 5]),
            0x3ca8_4f77_ec1d_9d55,
        ),
        (
            WaveletOrthogonal::haar().into(),
            WeightLayout::linear([513, 300]),
            0xa8a1_c1f6_d07e_ef54,
        ),
        (
            WaveletSparse::haar(5).law(1.0).into(),
            WeightLayout::linear([700, 513]),
            0xa1ba_095a_a014_9c43,
        ),
        (
            WaveletAtoms::new(Atom::Gabor).grid([20, 35]).into(),
            WeightLayout::linear([700, 513]),
            0x2492_b701_9c5b_2436,
        ),
        (
            Sparse::new(Pattern::PerInput(Amount::Density(0.1))).into(),
            WeightLayout::linear([300, 257]),
            0xe552_96f1_ce55_7b41,
        ),
        (
            Sparse::new(Pattern::Balanced(Amount::Exact(30))).into(),
            WeightLayout::linear([300, 257]),
            0x777c_1e8c_f2f3_3adf,
        ),
        (
            Sparse::new(Pattern::Bernoulli(0.1)).into(),
            WeightLayout::linear([300, 257]),
            0x2343_2cce_bffe_bccf,
        ),
        (
            Sparse::new(Pattern::NOfM { n: 2, m: 4 }).into(),
            WeightLayout::linear([300, 257]),
            0x7940_35c1_59fd_6518,
        ),
        (
            SparseBudget::erk(0.123).into(),
            WeightLayout::linear([300, 257]),
            0x80f5_c67b_9959_116d,
        ),
        (
            SparseOrthogonal::rotations(0.05).into(),
            WeightLayout::linear([300, 257]),
            0x2966_0872_e3f9_3e57,
        ),
        (
            SparseOrthogonal::butterfly(2).into(),
            WeightLayout::linear([300, 257]),
            0xa9e9_437e_f9c7_cf78,
        ),
    ];
    let mut changed = String::new();
    for (init, layout, expected) in cases {
        let given = hash(
            &init
                .draw(&layout, Seed::new(2026).key("fc1.weight"))
                .unwrap(),
        );
        if given != expected {
            changed += &format!("\n{init}: {given:#018x}");
        }
    }
    assert!(changed.is_empty(), "{changed}");
}
