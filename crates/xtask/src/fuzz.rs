//! `cargo xtask fuzz`: the property tests, for as long as one likes.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::root;

/// The property tests: of which package, in which test binary, by which filter.
const TESTS: [(&str, &str, &str); 2] = [
    ("burn-init-values", "properties", ""),
    ("burn-init-tests", "all", "plan_properties::"),
];

/// Settings that each test draws in a round.
const CASES: u64 = 20_000;

/// Runs the property tests in rounds, each with seeds of its own, until the time has passed.
pub fn run(minutes: u64) -> Result<(), String> {
    let begin = Instant::now();
    let enough = Duration::from_secs(60 * minutes);
    for round in 1.. {
        for (package, test, filter) in TESTS {
            let status = Command::new(env!("CARGO"))
                .args(["test", "--quiet", "--package", package, "--test", test])
                .arg(filter)
                .current_dir(root())
                .env("PROPTEST_CASES", CASES.to_string())
                .status()
                .map_err(|error| format!("can't run cargo: {error}"))?;
            if !status.success() {
                return Err(format!(
                    "round {round} of {package} found something; its settings stand above, and in \
                     proptest-regressions"
                ));
            }
        }
        let minutes = begin.elapsed().as_secs() / 60;
        println!("round {round}: nothing found, after {minutes} minutes");
        if begin.elapsed() >= enough {
            break;
        }
    }
    Ok(())
}
