//! Running the program.

// Each test uses a part of this.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The example, which cargo builds into `examples/` beside the folder of a test.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("a test lies in target/PROFILE/deps");
    let program = profile
        .join("examples")
        .join(format!("compare{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} isn't built; `cargo test --test NAME` doesn't build examples, `cargo test` does",
        program.display()
    );
    program
}

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments.split_whitespace())
        .current_dir(folder);
    command
}

/// Starts the program in a folder; what it prints is lost.
pub fn start(folder: &Path, arguments: &str) -> Child {
    let mut command = command(folder, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

fn output(folder: &Path, arguments: &str) -> Output {
    let output = command(folder, arguments).output();
    output.expect("the program starts")
}

/// Runs the program, which succeeds, and gives what it prints.
pub fn succeed(folder: &Path, arguments: &str) -> String {
    let output = output(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{arguments}` fails: {stderr}");
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

/// Runs the program, which ends with this exit code, and gives its message.
pub fn fail(folder: &Path, code: i32, arguments: &str) -> String {
    let output = output(folder, arguments);
    let stderr = String::from_utf8(output.stderr).expect("the message is UTF-8");
    assert_eq!(output.status.code(), Some(code), "`{arguments}`: {stderr}");
    assert!(!stderr.contains("panicked"), "`{arguments}`: {stderr}");
    stderr
}

/// A file's text.
pub fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("the file is there")
}
