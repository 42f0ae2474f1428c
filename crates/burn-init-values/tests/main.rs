//! Nearly all tests of this crate, in one binary, which builds faster than forty: `cargo test --package burn-init-values
//! sparse::` runs one file's. Those with an allocator of their own, or that run without other features, are binaries, too.

mod any_initializer;
mod bias;
mod bilinear;
mod catalogue;
mod common;
mod connectivity;
mod constant;
mod conv_covariance;
mod dct;
mod expected;
mod eye;
mod filter_bank;
mod fourier_features;
mod groups;
mod icnr;
mod mimetic;
mod normal;
mod orthogonal;
mod parts;
mod receptive_fields;
mod recurrent;
mod sampled;
mod scaled;
mod shapes;
mod sinusoidal;
mod siren;
mod sparse;
mod sparse_budget;
mod sparse_orthogonal;
mod spectral;
mod truncated_normal;
mod uniform;
mod unit_norm;
mod variance_scaling;
mod wavelet;
mod wavelet_atoms;
mod wavelet_filters;
mod wavelet_orthogonal;
mod wavelet_sparse;
mod zer_o;

/// Each file beside this one is a module above, or a test of its own in the manifest.
#[test]
fn no_file_is_left_out() {
    let manifest = include_str!("../Cargo.toml");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            include_str!("main.rs").contains(&format!("\nmod {name};\n"))
                || manifest.contains(&format!("\"tests/{name}.rs\"")),
            "{name}.rs is in no test binary"
        );
    }
}
