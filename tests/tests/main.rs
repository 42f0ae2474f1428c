//! All tests of this package but those that count memory: one binary, since each would link all of Burn
//! (0.7 GB with wgpu). `cargo test --package burn-init-tests probe::` runs one file's.

mod biases;
mod budgets;
mod burn_examples;
mod convolutions;
mod data;
mod devices;
mod documents;
mod files;
mod from_burn;
mod life;
mod masks;
#[cfg(feature = "flex")]
mod on_device;
mod pinned;
mod plan;
mod plan_properties;
mod presets;
mod probe;
#[cfg(feature = "remote")]
mod remote;
mod report;
mod selection;
mod shards;
mod whole_models;

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
