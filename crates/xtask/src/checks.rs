//! `cargo run-checks`.

use std::process::Command;

use crate::{debian, root};

/// All features of the workspace, but for the runtimes of hardware that CI doesn't have (`cuda`, `rocm`, `metal`),
/// and those that change what wgpu does (`vulkan`, `webgpu`).
pub const FEATURES: &str = "burn-init/probe,burn-init/remote-server,burn-init/schema,burn-init/sprs,\
    burn-init/toml,burn-init/wgpu,burn-init-values/burn,burn-init-values/schema,burn-init-benches/wgpu,\
    burn-init-tests/ndarray,burn-init-tests/remote,burn-init-tests/wgpu,mlp/ndarray,mlp/wgpu";

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
            "--features",
            FEATURES,
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "clippy, as most users build it",
        &["clippy", "--package=burn-init", "--", "-D", "warnings"],
    ),
    (
        "clippy, remote devices without a GPU",
        &[
            "clippy",
            "--package=burn-init",
            "--features=remote",
            "--",
            "-D",
            "warnings",
        ],
    ),
    (
        "docs",
        &["doc", "--workspace", "--no-deps", "--features", FEATURES],
    ),
    // The tables in the book are those that the library gives.
    (
        "figures",
        &["run", "--package", "burn-init-figures", "--", "--check"],
    ),
];

/// The tests of recorded values alone, without Burn and on one thread.
pub const RECORDED_VALUES: [&str; 4] = [
    "test",
    "--package=burn-init-values",
    "--no-default-features",
    "--test=golden_values",
];

/// The kernel once more: as SPIR-V, where the tests of the workspace have WGSL, and without Burn's fusion.
const KERNEL: (&str, &[&str]) = (
    "the kernel as SPIR-V, without fusion",
    &[
        "test",
        "--package=burn-init",
        "--features=vulkan,wgpu",
        "--lib",
        "device::",
    ],
);

/// All tests.
const TESTS: (&str, &[&str]) = ("tests", &["test", "--workspace", "--features", FEATURES]);

/// What qemu's processors lack that this one may have. Its best one has no AVX-512.
const LACKING: [(&str, &str); 3] = [
    ("AVX-512", "max"),
    ("AVX2", "max,-avx2"),
    ("fused products", "max,-fma"),
];

/// How many settings, layouts and plans the property tests draw, and the seed: the same in each run, so
/// that a change is what makes one fail.
const PROPERTIES: [(&str, &str); 2] = [("PROPTEST_CASES", "1500"), ("PROPTEST_RNG_SEED", "2026")];

/// Runs all checks, up to the first that fails.
pub fn run() -> Result<(), String> {
    debian::ensure_needs();
    values_without_burn()?;
    for (name, arguments) in STEPS {
        step(name, arguments, None)?;
    }
    let values_alone = [&RECORDED_VALUES[..], &["--test=same_bits"]].concat();
    step("values alone", &values_alone, None)?;
    without_instructions()?;
    for (name, arguments) in [KERNEL, TESTS] {
        step(name, arguments, None)?;
    }
    Ok(())
}

/// Runs cargo, whose tests may have a runner.
fn step(name: &str, arguments: &[&str], runner: Option<&str>) -> Result<(), String> {
    println!("\n== {name}: cargo {}", arguments.join(" "));
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(arguments)
        .current_dir(root())
        .envs(PROPERTIES)
        .env("RUSTDOCFLAGS", "-D warnings");
    if let Some(runner) = runner {
        cargo.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", runner);
    }
    if in_ci() {
        cargo.env("BURN_INIT_REQUIRE_WGPU", "1");
        cargo.env("BURN_INIT_REQUIRE_CHROMIUM", "1");
    }
    let status = cargo
        .status()
        .map_err(|error| format!("can't run cargo: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{name} failed ({status})")),
    }
}

/// The values alone once more, each time with an instruction set switched off.
fn without_instructions() -> Result<(), String> {
    if !cfg!(all(
        target_os = "linux",
        target_arch = "x86_64",
        target_env = "gnu"
    )) {
        println!("\n== left out: instruction sets switched off, which takes Linux on x86-64");
        return Ok(());
    }
    if !debian::answers("qemu-x86_64") {
        println!("\n== left out: instruction sets switched off, which takes qemu-x86_64");
        return if in_ci() {
            Err("there is no qemu-x86_64".to_owned())
        } else {
            Ok(())
        };
    }
    for (what, cpu) in LACKING {
        let runner = format!("qemu-x86_64 -cpu {cpu}");
        step(
            &format!("values without {what}"),
            &RECORDED_VALUES,
            Some(&runner),
        )?;
    }
    Ok(())
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// The values know no Burn: none of its crates is among what they depend on.
fn values_without_burn() -> Result<(), String> {
    println!("\n== values without Burn: cargo tree");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "burn-init-values", "--edges", "normal"])
        .args(["--prefix", "none"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("can't run cargo: {error}"))?;
    let tree = String::from_utf8_lossy(&output.stdout);
    let is_burn = |line: &&str| {
        let name = line.split(' ').next().unwrap_or_default();
        name == "burn" || (name.starts_with("burn-") && name != "burn-init-values")
    };
    match tree.lines().find(is_burn) {
        Some(line) => Err(format!("burn-init-values depends on {line}")),
        None if tree.is_empty() => Err("cargo tree says nothing".to_owned()),
        None => Ok(()),
    }
}
