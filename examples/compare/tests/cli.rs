//! The program as a user runs it: stopped, and going on.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use common::{fail, read, start, succeed};

const COMMAND: &str = "--inits he-normal,haar-g2-r0 --seeds 6 --train-size 60 --epochs 3";

/// A journal's lines, without what differs from run to run: the time.
fn lines(journal: &str) -> Vec<Value> {
    let line = |line| {
        let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
        let fields = line.as_object_mut().expect("a line is an object");
        fields.remove("seconds").expect("a line has a time");
        line
    };
    journal.lines().map(line).collect()
}

/// As [`lines`], in an order that doesn't depend on which thread was faster.
fn sorted(journal: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines(journal).iter().map(Value::to_string).collect();
    lines.sort_unstable();
    lines
}

/// Killed as soon as the journal has some more bytes, again and again until all is done: no line that was there
/// is lost or changed, no run is done twice, and what comes out is what comes out of an unbroken call.
#[test]
fn killed_at_any_moment_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &format!("{COMMAND} -o unbroken"));
    let unbroken = read(folder.path(), "unbroken/runs.jsonl");
    assert_eq!(unbroken.lines().count(), 12);

    let path = folder.path().join("broken/runs.jsonl");
    let bytes = || fs::read(&path).unwrap_or_default();
    let mut kills = 0;
    loop {
        let before = bytes();
        let whole = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |i| i + 1);
        let mut program = start(folder.path(), &format!("{COMMAND} -o broken"));
        // The first time before anything is written, later amid the writing.
        let finished = loop {
            let grown = bytes().len() > before.len() || kills == 0;
            match program.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if grown => break None,
                None => thread::sleep(Duration::from_micros(200)),
            }
        };
        if let Some(status) = finished {
            assert!(status.success());
            break;
        }
        program.kill().unwrap();
        program.wait().unwrap();
        kills += 1;
        assert!(
            bytes().starts_with(&before[..whole]),
            "a line was lost or changed"
        );
    }
    assert!(kills > 2, "{kills}");
    let broken = read(folder.path(), "broken/runs.jsonl");
    assert_eq!(sorted(&broken), sorted(&unbroken));
    for name in ["cells.csv", "pairs.csv"] {
        let [broken, unbroken] =
            ["broken", "unbroken"].map(|out| read(folder.path(), &format!("{out}/{name}")));
        assert_eq!(broken, unbroken, "{name}");
    }
}

/// More seeds, sizes and initializers add runs to a journal, and do none again.
#[test]
fn a_larger_comparison_does_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let command = "--train-size 60 --epochs 1 -o report";
    succeed(
        folder.path(),
        &format!("{command} --inits normal --seeds 2"),
    );
    let before = read(folder.path(), "report/runs.jsonl");
    let text = succeed(
        folder.path(),
        &format!("{command} --inits burn,normal --seeds 3"),
    );
    let after = read(folder.path(), "report/runs.jsonl");
    assert!(after.starts_with(&before));
    assert_eq!((before.lines().count(), after.lines().count()), (2, 6));
    // The first of the list is what the others are compared with.
    assert!(text.contains("against burn"), "{text}");
    let runs: BTreeSet<String> = lines(&after)
        .iter()
        .map(|line| format!("{} {}", line["init"], line["seed"]))
        .collect();
    assert_eq!(runs.len(), 6);
}

/// Two processes don't write to one journal.
#[test]
fn a_second_process_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start(
        folder.path(),
        &format!("{COMMAND} --seeds 2000 -o report").replace("--seeds 6 ", ""),
    );
    while !folder.path().join("report/runs.jsonl").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    // The file is there a little before its lock.
    thread::sleep(Duration::from_millis(200));
    let message = fail(folder.path(), 1, &format!("{COMMAND} -o report"));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(message.contains("in use by another process"), "{message}");
}

/// Every task trains, each with two of its initializers, and writes all that it should.
#[test]
fn every_task_runs() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("digits", "--inits he-normal,wavelet --epochs 1"),
        ("digits-shifted", "--inits he-normal,orthogonal --epochs 1"),
        ("digits-noisy", "--inits he-normal,burn --epochs 1"),
        ("digits-deep", "--inits zero,lsuv --epochs 1 --depth 20"),
        ("digits-sparse", "--inits he-normal,erk-10 --epochs 1"),
        (
            "digits-conv",
            "--inits he-normal,gabor --epochs 1 --depth 1,2",
        ),
        (
            "vibrations",
            "--inits he-normal,laplace --epochs 1 --depth 1,2",
        ),
        ("frozen-detection", "--inits normal,haar-bands-4-6"),
        ("frozen-xor", "--inits normal,band-tuned"),
        ("frozen-digits", "--inits he-normal,fields"),
    ];
    for (task, arguments) in cases {
        succeed(
            folder.path(),
            &format!("--task {task} {arguments} --train-size 60 --seeds 2 -o {task}"),
        );
        let report: Value =
            serde_json::from_str(&read(folder.path(), &format!("{task}/report.json"))).unwrap();
        let cells = report["tasks"][0]["cells"].as_array().unwrap();
        for cell in cells {
            let rows = cell["rows"].as_array().unwrap();
            assert_eq!(rows.len(), 2, "{task}");
            let accuracies = rows[0]["accuracy"].as_array().unwrap();
            let epochs = if task.starts_with("frozen") { 0 } else { 1 };
            assert_eq!(accuracies.len(), epochs + 1, "{task}");
            assert!(rows[1]["pairs"]["accuracy"]["p"].is_number(), "{task}");
        }
        let lines = |name: &str| {
            read(folder.path(), &format!("{task}/{name}"))
                .lines()
                .count()
        };
        assert_eq!(lines("runs.jsonl"), 4 * cells.len(), "{task}");
        assert_eq!(lines("cells.csv"), 1 + 2 * cells.len(), "{task}");
        assert!(
            read(folder.path(), &format!("{task}/index.html")).ends_with("</html>"),
            "{task}"
        );
    }
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    for (code, arguments, part) in [
        (1, "--train-size 5000", "from 1 to 1437"),
        (1, "--inits he-normal,wavelet-filters", "wavelet-filters"),
        (1, "--task frozen-xor --depth 3", "1 hidden layer"),
        (2, "--inits he", "no such initializer"),
        (2, "--task mnist", "no such task"),
        (2, "--seeds 0", "0"),
    ] {
        let message = fail(folder.path(), code, arguments);
        assert!(message.contains(part), "{message}");
        assert!(!folder.path().join("report").exists());
    }
}

#[test]
fn help_lists_tasks_and_initializers() {
    let folder = tempfile::tempdir().unwrap();
    let help = succeed(folder.path(), "--help");
    for part in ["frozen-detection", "haar-g2-r0", "--train-size", "goes on"] {
        assert!(help.contains(part), "{help}");
    }
}

/// A broken journal is left alone.
#[test]
fn a_broken_journal_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("report")).unwrap();
    let broken = "not a run\n{}\n";
    fs::write(folder.path().join("report/runs.jsonl"), broken).unwrap();
    let message = fail(folder.path(), 1, COMMAND);
    assert!(message.contains("line 1"), "{message}");
    assert_eq!(read(folder.path(), "report/runs.jsonl"), broken);
}
