//! `cargo run-checks`.

use std::process::Command;

use crate::{root, vulkan};

/// The steps, by name, and the arguments of cargo. The tests come last: their summary ends the
/// output.
const STEPS: &[(&str, &[&str])] = &[
    ("format", &["fmt", "--all", "--check"]),
    (
        "clippy",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "docs",
        &["doc", "--workspace", "--no-deps", "--all-features"],
    ),
    // The tables in docs/ are those that the library gives.
    (
        "figures",
        &["run", "--package", "burn-init-figures", "--", "--check"],
    ),
    // The library alone, on one thread: its golden values are the same.
    (
        "tests without rayon",
        &["test", "--package", "burn-init", "--no-default-features"],
    ),
    ("tests", &["test", "--workspace", "--all-features"]),
];

/// Runs all checks, up to the first that fails.
pub fn run() -> Result<(), String> {
    vulkan::ensure_driver();
    for (name, arguments) in STEPS {
        println!("\n== {name}: cargo {}", arguments.join(" "));
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(*arguments)
            .current_dir(root())
            .env("RUSTDOCFLAGS", "-D warnings");
        if std::env::var_os("CI").is_some() {
            cargo.env("BURN_INIT_REQUIRE_WGPU", "1");
        }
        let status = cargo
            .status()
            .map_err(|error| format!("can't run cargo: {error}"))?;
        if !status.success() {
            return Err(format!("{name} failed ({status})"));
        }
    }
    Ok(())
}
