//! `cargo xtask publish-checks` and `cargo xtask api`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checks::FEATURES;
use crate::workspace::copy_workspace;
use crate::{debian, root, succeed};

/// The crates that are published, each after those that it depends on.
const CRATES: [&str; 2] = ["burn-init-values", "burn-init"];

/// Runs all checks, up to the first that fails.
pub fn checks() -> Result<(), String> {
    packages()?;
    deny()?;
    api()?;
    oldest()
}

/// Lets the stable compiler do what only a nightly one does without it: in builds of their own, since build
/// scripts look at it.
fn unstable(cargo: &mut Command) -> &mut Command {
    let target = root().join("target/unstable");
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target)
}

fn cargo(arguments: &[&str]) -> Command {
    println!("\n== cargo {}", arguments.join(" "));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(root());
    cargo
}

/// Packs both crates and builds what is in the packages, the second with the first.
fn packages() -> Result<(), String> {
    let mut arguments = vec!["package", "--allow-dirty"];
    arguments.extend(CRATES.iter().flat_map(|name| ["--package", name]));
    succeed(&mut cargo(&arguments))
}

/// Licences, sources and versions by `deny.toml`. Advisories need a data base from the network: `cargo deny check
/// advisories`.
fn deny() -> Result<(), String> {
    if !debian::answers("cargo-deny") {
        println!("\nleft out: cargo-deny isn't there; `cargo install cargo-deny --locked`");
        return Ok(());
    }
    succeed(&mut cargo(&[
        "deny",
        "--offline",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// Compares the public API with what is written down.
fn api() -> Result<(), String> {
    for name in CRATES {
        let (now, file) = (api_of(name)?, api_file(name));
        let before = fs::read_to_string(&file).unwrap_or_default();
        if let Some(change) = first_change(&before, &now) {
            return Err(format!(
                "the public API of {name} isn't the one in {}: {change}; if that is meant, write it down by \
                 `cargo xtask api`",
                file.display()
            ));
        }
    }
    Ok(())
}

/// Writes the public API down.
pub fn write_api() -> Result<(), String> {
    for name in CRATES {
        let file = api_file(name);
        fs::write(&file, api_of(name)?)
            .map_err(|error| format!("can't write {}: {error}", file.display()))?;
    }
    Ok(())
}

/// The features of these crates that builds of all features have.
fn features_of(crates: &[&str]) -> String {
    let is_theirs = |feature: &&str| {
        let whose = feature.split_once('/').map_or("", |(name, _)| name);
        crates.contains(&whose)
    };
    let features = FEATURES.split(',').filter(is_theirs);
    features.collect::<Vec<_>>().join(",")
}

fn api_file(name: &str) -> PathBuf {
    root().join("crates").join(name).join("api.txt")
}

/// Every public item, one a line, with its features; those with several paths by the longest.
fn api_of(name: &str) -> Result<String, String> {
    let features = features_of(&[name]);
    let mut cargo = cargo(&[
        "rustdoc",
        "--package",
        name,
        "--lib",
        "--features",
        &features,
        "--",
    ]);
    unstable(cargo.args(["-Zunstable-options", "--output-format=json"]));
    succeed(&mut cargo)?;
    let file = format!("target/unstable/doc/{}.json", name.replace('-', "_"));
    let api = read_api(&root().join(file))?;
    Ok(once_each(&api, &name.replace('-', "_")))
}

/// Leaves out items that stand there by a longer path, too: what the crate's root and its prelude re-export.
fn once_each(api: &str, name: &str) -> String {
    let mut longest: BTreeMap<String, &str> = BTreeMap::new();
    for line in api.lines() {
        let kept = longest.entry(without_modules(line, name)).or_default();
        if line.len() > kept.len() {
            *kept = line;
        }
    }
    let lines: BTreeSet<&str> = longest.into_values().collect();
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

/// A line without the names of the crate's modules.
fn without_modules(line: &str, name: &str) -> String {
    let root = format!("{name}::");
    let is_of_module = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let mut parts = line.split(&root);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for mut part in parts {
        while let Some((module, rest)) = part.split_once("::")
            && module.chars().all(is_of_module)
        {
            part = rest;
        }
        text += &root;
        text += part;
    }
    text
}

fn read_api(json: &Path) -> Result<String, String> {
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .sorted(true)
        .build()
        .map_err(|error| format!("{}: {error}", json.display()))?;
    Ok(api.to_string())
}

/// The first line that only one of two texts has.
fn first_change(before: &str, now: &str) -> Option<String> {
    let has = |text: &str, line: &str| text.lines().any(|other| other == line);
    let gone = before.lines().find(|line| !has(now, line));
    let new = now.lines().find(|line| !has(before, line));
    match (gone, new) {
        (Some(line), _) => Some(format!("`{line}` is gone")),
        (None, Some(line)) => Some(format!("`{line}` is new")),
        (None, None) => None,
    }
}

/// Builds both crates with the oldest versions that their manifests allow, in a copy of the workspace, by the oldest
/// Rust.
fn oldest() -> Result<(), String> {
    let copy = root().join("target/oldest");
    copy_workspace(&copy, str::to_owned)?;
    let mut update = cargo(&["update", "-Zdirect-minimal-versions"]);
    succeed(unstable(update.current_dir(&copy)))?;
    let mut check = oldest_cargo();
    check.args(["check", "--lib", "--features", &features_of(&CRATES)]);
    check.args(CRATES.iter().flat_map(|name| ["--package", name]));
    succeed(unstable(check.current_dir(&copy)))
}

/// Cargo of the oldest Rust that the manifests allow; this one, and a line that says so, if that isn't there.
fn oldest_cargo() -> Command {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let is_oldest = |rustc: &mut Command| {
        let output = rustc.arg("--version").output();
        output.is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).starts_with(&format!("rustc {oldest}."))
        })
    };
    println!("\n== cargo check, with Rust {oldest}");
    if !is_oldest(&mut Command::new("rustc")) {
        let by_rustup = |program| {
            let mut command = Command::new("rustup");
            command.args(["run", oldest, program]);
            command
        };
        if is_oldest(&mut by_rustup("rustc")) {
            return by_rustup("cargo");
        }
        println!("left out: this isn't Rust {oldest}; `rustup toolchain install {oldest}`");
    }
    Command::new(env!("CARGO"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_with_several_paths() {
        let api =
            "pub fn c::a::N::f(c::N) -> c::E\npub fn c::N::f(c::N) -> c::E\npub fn c::d::w(u64)\n";
        let once = "pub fn c::a::N::f(c::N) -> c::E\npub fn c::d::w(u64)\n";
        assert_eq!(once_each(api, "c"), once);
    }

    #[test]
    fn changes_of_an_api() {
        assert_eq!(first_change("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_change("a\n", "a\nb\n").unwrap(), "`b` is new");
        assert_eq!(first_change("a\nb\n", "a\n").unwrap(), "`b` is gone");
    }
}
