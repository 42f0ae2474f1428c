//! What was measured on what, and with which versions.

use std::num::NonZero;
use std::process::Command;
use std::thread::available_parallelism;

use crate::tables;
use crate::worker::Worker;

const LOCK: &str = include_str!("../../../../Cargo.lock");

/// The table of it.
pub fn table(workers: &[Worker]) -> String {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let mut rows = vec![
        ["processor".to_owned(), format!("{}, {cores} cores", cpu())],
        ["memory".to_owned(), memory()],
        ["system".to_owned(), system()],
        ["burn-init".to_owned(), env!("CARGO_PKG_VERSION").to_owned()],
        ["Burn, on the backend flex".to_owned(), locked("burn")],
        ["Rust".to_owned(), rust()],
    ];
    for worker in workers {
        for (package, version) in &worker.versions {
            if !rows.iter().any(|[known, _]| known == package) {
                rows.push([package.clone(), version.clone()]);
            }
        }
    }
    tables::table(&["", ""], &rows)
}

const UNKNOWN: &str = "unknown";

/// The value of a line `key : value` of one of Linux's files.
fn line(file: &str, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let (_, value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(known, _)| known.trim() == key)?;
    Some(value.trim().to_owned())
}

fn cpu() -> String {
    line("/proc/cpuinfo", "model name").unwrap_or(UNKNOWN.to_owned())
}

fn memory() -> String {
    let kibibytes = line("/proc/meminfo", "MemTotal")
        .and_then(|total| total.trim_end_matches(" kB").parse::<f64>().ok());
    match kibibytes {
        Some(kibibytes) => format!("{:.0} GiB", kibibytes / f64::from(1 << 20)),
        None => UNKNOWN.to_owned(),
    }
}

fn system() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} {}", std::env::consts::OS, release.trim())
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> String {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = LOCK
        .split_once(&entry)
        .and_then(|(_, rest)| rest.split_once('"'));
    version.map_or(UNKNOWN, |(version, _)| version).to_owned()
}

fn rust() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    version.map_or(UNKNOWN.to_owned(), |version| {
        version.trim().replace("rustc ", "")
    })
}
