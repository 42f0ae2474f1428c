//! A copy of the workspace, for builds that change its manifests or its lock file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::root;

/// Copies what git has or would have, with its manifests changed. What the copy has besides goes, but for its
/// `target`.
pub fn copy_workspace(copy: &Path, manifest: impl Fn(&str) -> String) -> Result<(), String> {
    let files = files()?;
    for file in &files {
        let text = |error| format!("{file}: {error}");
        let mut content = fs::read(root().join(file)).map_err(text)?;
        if file.ends_with("Cargo.toml") {
            content = manifest(&String::from_utf8_lossy(&content)).into_bytes();
        }
        let to = copy.join(file);
        // What hasn't changed isn't built again.
        if fs::read(&to).is_ok_and(|before| before == content) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap_or(copy)).map_err(text)?;
        fs::write(&to, content).map_err(text)?;
    }
    remove_others(copy, copy, &files)
}

/// Removes files that aren't among these, below a folder of the copy.
fn remove_others(folder: &Path, copy: &Path, files: &BTreeSet<String>) -> Result<(), String> {
    let text = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(text)? {
        let path = entry.map_err(text)?.path();
        let Ok(name) = path.strip_prefix(copy) else {
            continue;
        };
        if name == "target" {
            continue;
        }
        if path.is_dir() {
            remove_others(&path, copy, files)?;
        } else if !files.contains(&*name.to_string_lossy()) {
            fs::remove_file(&path).map_err(text)?;
        }
    }
    Ok(())
}

/// What git has or would have, and isn't deleted.
fn files() -> Result<BTreeSet<String>, String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others"])
        .arg("--exclude-standard")
        .current_dir(root())
        .output()
        .map_err(|error| format!("can't run git: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let files = String::from_utf8_lossy(&output.stdout);
    let there = files
        .split_terminator('\0')
        .filter(|file| root().join(file).exists());
    Ok(there.map(str::to_owned).collect())
}
