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

use std::fs;
use std::path::Path;

/// In the packages whose tests are one binary, each file of the folder is a module of `main.rs`, or a test of its own in
/// the manifest.
#[test]
fn no_file_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for package in ["tests", "crates/burn-init-values"].map(|package| root.join(package)) {
        let folder = package.join("tests");
        let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
        let modules = fs::read_to_string(folder.join("main.rs")).unwrap();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                modules.contains(&format!("\nmod {name};\n"))
                    || manifest.contains(&format!("\"tests/{name}.rs\"")),
                "{} is in no test binary",
                path.display()
            );
        }
    }
}
