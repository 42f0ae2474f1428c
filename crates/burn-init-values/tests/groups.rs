//! Groups of a convolution: each has a matrix of its own.

use std::collections::BTreeSet;

use crate::common::{conv, distance_from_orthogonal, draw, grouped, to_bits};
use burn_init_values::{AnyInitializer, Orthogonal, Sparse, SparseOrthogonal, WaveletOrthogonal};

/// Each group of a convolution has an orthogonal matrix of its own.
#[test]
fn orthogonal_groups() {
    for init in [
        AnyInitializer::from(WaveletOrthogonal::haar()),
        AnyInitializer::from(Orthogonal::new()),
    ] {
        let w = draw(&init, grouped(conv([12, 2, 3]), 3));
        for group in w.chunks(4 * 6) {
            assert!(distance_from_orthogonal(group, 4, 6, 1.0) <= 1e-5, "{init}");
        }
        let depthwise = draw(&init, grouped(conv([32, 1, 3, 3]), 32));
        for kernel in depthwise.chunks(9) {
            let norm: f32 = kernel.iter().map(|w| w * w).sum();
            assert!((norm - 1.0).abs() < 1e-5, "{init}");
        }
        assert_ne!(depthwise[..9], depthwise[9..18], "{init}");
    }
}

/// Groups of a convolution draw by themselves, however many there are.
#[test]
fn many_groups_differ() {
    let layout = grouped(conv([1100, 1, 3, 3]), 1100);
    for init in [
        AnyInitializer::from(SparseOrthogonal::rotations(0.5)),
        SparseOrthogonal::butterfly(0).into(),
        Sparse::exact(4).into(),
        WaveletOrthogonal::haar().into(),
        Orthogonal::new().into(),
    ] {
        let w = draw(&init, layout.clone());
        let kernels: BTreeSet<Vec<u32>> = w.chunks(9).map(to_bits).collect();
        // A permutation alone may repeat by chance; the others can't.
        let least = if init.to_string().contains("0 stages") {
            9
        } else {
            1000
        };
        assert!(
            kernels.len() >= least,
            "{init}: {} different kernels",
            kernels.len()
        );
    }
}
