//! `cargo xtask next-burn`: the tests against another version of Burn, in a copy of the workspace.

use std::process::Command;

use crate::workspace::copy_workspace;
use crate::{root, succeed};

/// The crates that touch Burn, and their tests, on Burn's CPU backend.
const TESTS: [&str; 6] = [
    "--package=burn-init-values",
    "--package=burn-init",
    "--package=burn-init-tests",
    "--features=burn-init-values/burn,burn-init-values/schema",
    "--lib",
    "--tests",
];

/// Checks and tests with this version of Burn; with the newest on crates.io, pre-releases among them, if none is
/// given.
pub fn run(version: Option<String>) -> Result<(), String> {
    let version = match version {
        Some(version) => version,
        None => latest(&info("burn")?).ok_or("cargo info says no version of burn; name one")?,
    };
    let burn = Burn::read(&info(&format!("burn@{version}"))?, version);
    let copy = root().join("target/next-burn");
    copy_workspace(&copy, |manifest| with_burn(manifest, &burn))?;
    for command in ["check", "test"] {
        println!(
            "\n== burn {}: cargo {command} {}",
            burn.version,
            TESTS.join(" ")
        );
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .arg(command)
            .args(TESTS)
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", copy.join("target"));
        succeed(&mut cargo)?;
    }
    Ok(())
}

/// What `cargo info` says of a package.
fn info(package: &str) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["info", "--verbose", package])
        .current_dir(root())
        .output()
        .map_err(|error| format!("can't run cargo: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The newest version: `version: 0.22.1 (latest 0.23.0-pre.1)`, or `version: 0.22.1`.
fn latest(info: &str) -> Option<String> {
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("version: "))?;
    let latest = line
        .split_once("(latest ")
        .map_or(line, |(_, latest)| latest);
    latest.split([' ', ')']).next().map(str::to_owned)
}

/// A version of Burn.
struct Burn {
    version: String,
    features: Vec<String>,
}

impl Burn {
    /// Its features stand in what `cargo info` says: ` +std  = [burn-core/std]`.
    fn read(info: &str, version: String) -> Self {
        let lines = info.lines().skip_while(|line| *line != "features:").skip(1);
        let features =
            lines.map_while(|line| line.split_once('=').filter(|_| line.starts_with(' ')));
        let name = |(name, _): (&str, &str)| name.trim_matches([' ', '+']).to_owned();
        Self {
            version,
            features: features.map(name).collect(),
        }
    }
}

/// A manifest in which the versions of Burn's crates are this one. Features that stand for one of Burn's which this
/// version doesn't have are empty.
fn with_burn(manifest: &str, burn: &Burn) -> String {
    let line = |line: &str| {
        let name = line.split([' ', '.', '=']).next().unwrap_or_default();
        let is_burns =
            name == "burn" || (name.starts_with("burn-") && !name.starts_with("burn-init"));
        if let Some((before, rest)) = line.split_once("version = \"")
            && is_burns
        {
            let after = rest.split_once('"').map_or("", |(_, after)| after);
            return format!("{before}version = \"{}\"{after}\n", burn.version);
        }
        if let Some((before, feature)) = line.split_once(" = [\"burn/")
            && let Some(feature) = feature.strip_suffix("\"]")
            // A list of more is left as it is.
            && !feature.contains('"')
            && !burn.features.iter().any(|known| known == feature)
        {
            println!("burn {} has no feature {feature}", burn.version);
            return format!("{before} = []\n");
        }
        format!("{line}\n")
    };
    manifest.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_version() {
        let info = "burn #tensor\nversion: 0.22.1 (latest 0.23.0-pre.1)\nlicense: MIT\n";
        assert_eq!(latest(info).unwrap(), "0.23.0-pre.1");
        let info = "version: 0.22.1 (from ./crates)\n";
        assert_eq!(latest(info).unwrap(), "0.22.1");
        assert_eq!(latest("nothing"), None);
    }

    #[test]
    fn manifests() {
        let info = "license: MIT\nfeatures:\n +std = [burn-core/std]\n  flex   = [burn-core/flex]\ndependencies:\n  a = b\n";
        let burn = Burn::read(info, "0.23.0-pre.1".to_owned());
        assert_eq!(burn.features, ["std", "flex"]);
        let manifest = "[features]\nflex = [\"burn/flex\"]\nndarray = [\"burn/ndarray\"]\nprobe = [\"burn/std\", \"dep:faer\"]\n\
                        [dependencies]\nburn = { version = \"0.22.1\", features = [\"std\"] }\n\
                        burn-fusion = { version = \"~0.22.1\" }\nburn-init = { version = \"0.1.0\" }\n\
                        burn.workspace = true\nserde = { version = \"1\" }\n";
        let expected = "[features]\nflex = [\"burn/flex\"]\nndarray = []\nprobe = [\"burn/std\", \"dep:faer\"]\n\
                        [dependencies]\nburn = { version = \"0.23.0-pre.1\", features = [\"std\"] }\n\
                        burn-fusion = { version = \"0.23.0-pre.1\" }\nburn-init = { version = \"0.1.0\" }\n\
                        burn.workspace = true\nserde = { version = \"1\" }\n";
        assert_eq!(with_burn(manifest, &burn), expected);
    }
}
