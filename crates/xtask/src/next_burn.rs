//! `cargo xtask next-burn`: the tests against another version of Burn, in a copy of the workspace.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{root, succeed};

/// The crates that touch Burn and their tests, on Burn's CPU backend.
const TESTS: [&str; 7] = [
    "test",
    "--package=burn-init-values",
    "--package=burn-init",
    "--package=burn-init-tests",
    "--features=burn-init-values/burn,burn-init-values/schema",
    "--lib",
    "--tests",
];

/// Tests with this version of Burn; with the newest on crates.io, pre-releases among them, if none is given.
pub fn run(version: Option<String>) -> Result<(), String> {
    let version = version.map_or_else(newest, Ok)?;
    let copy = root().join("target/next-burn");
    copy_workspace(&copy, &version)?;
    println!("\n== burn {version}: cargo {}", TESTS.join(" "));
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(TESTS)
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", copy.join("target"));
    succeed(&mut cargo)
}

/// The newest version that crates.io has.
fn newest() -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["info", "burn"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("can't run cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    latest(&text).ok_or_else(|| {
        "cargo info doesn't say which version of burn is the newest; name one".to_owned()
    })
}

/// The newest version in what `cargo info` says: `version: 0.22.1 (latest 0.23.0-pre.1)`, or `version: 0.22.1`.
fn latest(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("version: "))?;
    let latest = line
        .split_once("(latest ")
        .map_or(line, |(_, latest)| latest);
    latest.split([' ', ')']).next().map(str::to_owned)
}

/// Copies what git has or would have; manifests ask for this version of Burn.
fn copy_workspace(copy: &Path, version: &str) -> Result<(), String> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .map_err(|error| format!("can't run git: {error}"))?;
    let files = String::from_utf8_lossy(&output.stdout);
    for file in files.split_terminator('\0') {
        let text = |error| format!("{file}: {error}");
        let Ok(mut content) = fs::read(root().join(file)) else {
            // Deleted, and not committed yet.
            continue;
        };
        if file.ends_with("Cargo.toml") {
            content = with_burn(&String::from_utf8_lossy(&content), version).into_bytes();
        }
        let to = copy.join(file);
        // What hasn't changed isn't built again.
        if fs::read(&to).is_ok_and(|before| before == content) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap_or(copy)).map_err(text)?;
        fs::write(&to, content).map_err(text)?;
    }
    Ok(())
}

/// A manifest in which the versions of Burn's crates are this one.
fn with_burn(manifest: &str, version: &str) -> String {
    let line = |line: &str| {
        let name = line.split([' ', '.', '=']).next().unwrap_or_default();
        let is_burns =
            name == "burn" || (name.starts_with("burn-") && !name.starts_with("burn-init"));
        match line.split_once("version = \"") {
            Some((before, rest)) if is_burns => {
                let after = rest.split_once('"').map_or("", |(_, after)| after);
                format!("{before}version = \"{version}\"{after}\n")
            }
            _ => format!("{line}\n"),
        }
    };
    manifest.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_version() {
        let text = "burn #tensor\nversion: 0.22.1 (latest 0.23.0-pre.1)\nlicense: MIT\n";
        assert_eq!(latest(text).unwrap(), "0.23.0-pre.1");
        let text = "version: 0.22.1 (from ./crates)\n";
        assert_eq!(latest(text).unwrap(), "0.22.1");
        assert_eq!(latest("nothing"), None);
    }

    #[test]
    fn versions_of_burn() {
        let manifest = "[dependencies]\nburn = { version = \"0.22.1\", features = [\"std\"] }\n\
                        burn-fusion = { version = \"~0.22.1\" }\nburn-init = { version = \"0.1.0\" }\n\
                        burn.workspace = true\nserde = { version = \"1\" }\n";
        let expected = "[dependencies]\nburn = { version = \"0.23.0-pre.1\", features = [\"std\"] }\n\
                        burn-fusion = { version = \"0.23.0-pre.1\" }\nburn-init = { version = \"0.1.0\" }\n\
                        burn.workspace = true\nserde = { version = \"1\" }\n";
        assert_eq!(with_burn(manifest, "0.23.0-pre.1"), expected);
    }
}
