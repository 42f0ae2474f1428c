//! The Python interpreter that runs worker.py.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;

/// The packages that an interpreter needs.
pub const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/requirements.txt");

/// The given interpreter, or that of an environment in the target folder, which is made if there is none.
pub fn find(given: Option<PathBuf>) -> Result<PathBuf, Error> {
    if let Some(given) = given {
        return Ok(given);
    }
    // The program itself is target/release/peers.
    let program = std::env::current_exe().map_err(Error::io("find", Path::new("this program")))?;
    let target = program.ancestors().nth(2).unwrap_or(Path::new("target"));
    let folder = target.join("peers-python");
    let python = match cfg!(windows) {
        true => folder.join("Scripts/python.exe"),
        false => folder.join("bin/python"),
    };
    if !python.exists() {
        install(&folder, &python)?;
    }
    Ok(python)
}

/// Makes the environment, or leaves none.
fn install(folder: &Path, python: &Path) -> Result<(), Error> {
    eprintln!(
        "installing the packages of {REQUIREMENTS} into {}",
        folder.display()
    );
    let system = Path::new(if cfg!(windows) { "python" } else { "python3" });
    let folder_argument = folder.to_string_lossy();
    let result = run(system, &["-m", "venv", &folder_argument]).and_then(|()| {
        run(
            python,
            &["-m", "pip", "install", "--quiet", "-r", REQUIREMENTS],
        )
    });
    if result.is_err() && folder.exists() {
        std::fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    result
}

fn run(python: &Path, arguments: &[&str]) -> Result<(), Error> {
    let status = Command::new(python)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .map_err(no_python(python))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Install {
        command: format!("{} {}", python.display(), arguments.join(" ")),
    })
}

/// For `map_err`: this interpreter doesn't run.
pub fn no_python(python: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let python = python.to_owned();
    move |source| Error::NoPython {
        python,
        requirements: REQUIREMENTS.into(),
        source,
    }
}
