//! The program itself: two processes come to the numbers of one.

use std::process::Command;

#[test]
fn two_processes_are_as_one() {
    let output = Command::new(env!("CARGO_BIN_EXE_shards")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.contains("The numbers are the same."), "{text}");
    // It has learned: ten classes by chance have ln 10 = 2.3.
    let lines = text.lines().filter(|line| line.contains("process"));
    let loss = |line: &str| line.split_whitespace().next_back()?.parse::<f64>().ok();
    let losses: Vec<f64> = lines.filter_map(loss).collect();
    assert!(losses.len() == 2 && losses[0] < 1.5, "{text}");
}

#[test]
fn wrong_arguments() {
    let program = || Command::new(env!("CARGO_BIN_EXE_shards"));
    for arguments in [&["--help"][..], &["--second-at-port", "x"]] {
        let output = program().args(arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("usage"));
    }
}
