//! `cargo xtask book`.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use crate::root;

/// The version of mdBook that the book was looked at with.
const VERSION: &str = "0.5.4";

/// Builds the pages of `docs/book` by mdBook, and says where they are.
///
/// `files` is where the repository's files are for who reads the pages: chapters link to some of these.
pub fn build(files: Option<String>) -> Result<(), String> {
    let root = fs::canonicalize(root()).map_err(|error| error.to_string())?;
    let files = files.unwrap_or_else(|| format!("file://{}", root.display()));
    let folder = target()?.join("book");
    let (source, pages) = (folder.join("source"), folder.join("html"));
    if source.exists() {
        fs::remove_dir_all(&source).map_err(|error| problem("remove", &source, &error))?;
    }
    copy(&root.join("docs/book"), &source, &files.replace(' ', "%20"))?;

    let mut mdbook = Command::new("mdbook");
    mdbook
        .arg("build")
        .arg(&source)
        .arg("--dest-dir")
        .arg(&pages);
    match mdbook.status() {
        Ok(status) if status.success() => {
            println!("{}", pages.join("index.html").display());
            Ok(())
        }
        Ok(status) => Err(format!("mdbook failed ({status})")),
        Err(error) => Err(format!(
            "can't run mdbook: {error}; `cargo install mdbook --version {VERSION} --locked` installs it"
        )),
    }
}

/// Copies a folder of the book. A link that leaves the book leads to the file itself there.
fn copy(from: &Path, to: &Path, files: &str) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| problem("make", to, &error))?;
    let entries = fs::read_dir(from).map_err(|error| problem("read", from, &error))?;
    for entry in entries {
        let from = entry.map_err(|error| problem("read", from, &error))?.path();
        let to = to.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            copy(&from, &to, files)?;
        } else if from.extension().is_some_and(|ending| ending == "md") {
            let text = fs::read_to_string(&from).map_err(|error| problem("read", &from, &error))?;
            let text = text
                .replace("](../../", &format!("]({files}/"))
                .replace("](../", &format!("]({files}/docs/"));
            fs::write(&to, text).map_err(|error| problem("write", &to, &error))?;
        } else {
            fs::copy(&from, &to).map_err(|error| problem("copy", &from, &error))?;
        }
    }
    Ok(())
}

/// Where cargo builds.
fn target() -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    absolute(target).map_err(|error| error.to_string())
}

fn problem(action: &str, path: &Path, error: &std::io::Error) -> String {
    format!("can't {action} {}: {error}", path.display())
}
