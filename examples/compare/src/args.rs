//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::init::Init;
use crate::run::{Cell, Run};
use crate::task::Task;

/// Trains networks from several initializations, with the same seeds for all, and compares them.
///
/// Each finished run is kept in FOLDER/runs.jsonl. Killed at any moment, the same command goes on; another
/// command with the same folder does only what is missing. The report is FOLDER/index.html; cells.csv, pairs.csv
/// and report.json beside it have its numbers.
#[derive(Debug, Parser)]
#[command(version, after_long_help = lists())]
pub struct Cli {
    /// What is learned
    #[arg(long, value_delimiter = ',', default_value = "digits", value_name = "TASK,…", value_parser = Task::named)]
    pub task: Vec<Task>,

    /// How the weights start; the first is what the others are compared with [default: by task]
    #[arg(long, value_delimiter = ',', value_name = "INIT,…", value_parser = Init::named)]
    pub inits: Vec<Init>,

    /// Seeds 1 to this one are run
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub seeds: u64,

    /// How many examples are trained on [default: by task]
    #[arg(long, value_delimiter = ',', value_name = "N,…")]
    pub train_size: Vec<usize>,

    /// Hidden layers [default: by task]
    #[arg(long, value_delimiter = ',', value_name = "N,…", value_parser = at_most::<200>)]
    pub depth: Vec<usize>,

    /// Neurons, or channels, of a hidden layer [default: by task]
    #[arg(long, value_delimiter = ',', value_name = "N,…", value_parser = at_most::<4096>)]
    pub width: Vec<usize>,

    /// How often each example is seen [default: by task]
    #[arg(long, value_name = "N", value_parser = at_most::<10_000>)]
    pub epochs: Option<usize>,

    /// Where the report and the finished runs are
    #[arg(short, long, default_value = "report", value_name = "FOLDER")]
    pub out: PathBuf,
}

/// A number up to `MOST`.
fn at_most<const MOST: usize>(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number <= MOST => Ok(number),
        _ => Err(format!("not a number from 0 to {MOST}")),
    }
}

/// The tasks and initializers, for `--help`.
fn lists() -> String {
    let lines = |pairs: Vec<(&str, &str)>| -> String {
        let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let line = |(name, about): (&str, &str)| format!("  {name:width$}  {about}\n");
        pairs.into_iter().map(line).collect()
    };
    let tasks = Task::all().map(|task| (task.name(), task.about()));
    let inits = Init::all().map(|init| (init.name(), init.about()));
    format!(
        "Tasks:\n{}\nInitializers; those that name a method in the first layer have He normal behind it:\n{}",
        lines(tasks.collect()),
        lines(inits.collect())
    )
}

impl Cli {
    /// All runs that are asked for: for each cell and seed, those of all initializers stand together, so that
    /// a part of the runs is a fair comparison.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        for task in unique(&self.task) {
            let defaults = task.defaults();
            let inits: Vec<Init> = match self.inits.is_empty() {
                true => defaults
                    .inits
                    .iter()
                    .filter_map(|name| Init::named(name).ok())
                    .collect(),
                false => unique(&self.inits),
            };
            for size in given_or(&self.train_size, defaults.sizes) {
                for depth in given_or(&self.depth, defaults.depths) {
                    for width in given_or(&self.width, defaults.widths) {
                        let epochs = self.epochs.unwrap_or(defaults.epochs);
                        let cell = Cell {
                            task,
                            size,
                            depth,
                            width,
                            epochs,
                        };
                        let of_seed = |seed| {
                            inits.iter().map(move |init| Run {
                                cell,
                                init: *init,
                                seed,
                            })
                        };
                        runs.extend((1..=self.seeds).flat_map(of_seed));
                    }
                }
            }
        }
        runs
    }
}

/// What is given, or else the default; each once.
fn given_or(given: &[usize], default: &[usize]) -> Vec<usize> {
    unique(if given.is_empty() { default } else { given })
}

/// The items in their order, each once.
fn unique<T: Copy + PartialEq>(items: &[T]) -> Vec<T> {
    let mut unique = Vec::new();
    for item in items {
        if !unique.contains(item) {
            unique.push(*item);
        }
    }
    unique
}

/// The command as it can be given again in a shell.
pub fn command_line() -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=,./".contains(c);
    let quote = |argument: String| match !argument.is_empty() && argument.chars().all(plain) {
        true => argument,
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    };
    let arguments = std::env::args_os().skip(1);
    let arguments = arguments.map(|argument| quote(argument.to_string_lossy().into_owned()));
    let mut words = vec!["cargo run --release --example compare --".to_owned()];
    words.extend(arguments);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Cli {
        Cli::parse_from(["compare"].into_iter().chain(line.split_whitespace()))
    }

    #[test]
    fn the_command_line_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn every_default_is_a_run_that_can_be_done() {
        for task in Task::all() {
            let defaults = task.defaults();
            let runs = parse(&format!("--task {} --seeds 1", task.name())).runs();
            let kinds = defaults.sizes.len() * defaults.depths.len() * defaults.widths.len();
            assert_eq!(runs.len(), kinds * defaults.inits.len());
            crate::runner::check(&runs).unwrap();
        }
    }

    #[test]
    fn runs_are_all_combinations_once() {
        let line = "--inits normal,he-normal,normal --seeds 3 --train-size 60,150 --depth 1,2,5";
        let runs = parse(line).runs();
        assert_eq!(runs.len(), 2 * 3 * 2 * 3);
        let distinct: std::collections::BTreeSet<_> = runs.iter().collect();
        assert_eq!(distinct.len(), runs.len());
        assert_eq!(runs[0].init.name(), "normal");
    }

    /// The commands of the book and of this example's page can be run.
    #[test]
    fn commands_in_texts() {
        let findings = include_str!("../../../docs/book/findings.md");
        let text = format!("{findings}\n{}", include_str!("../README.md")).replace("\\\n", " ");
        let commands = text
            .lines()
            .filter_map(|line| line.strip_prefix("$ cargo run --release --example compare -- "))
            .filter_map(|line| line.split('#').next())
            .filter(|line| !line.contains("--help"));
        let mut count = 0;
        for line in commands {
            let words = ["compare"].into_iter().chain(line.split_whitespace());
            let cli = Cli::try_parse_from(words).expect(line);
            crate::runner::check(&cli.runs()).expect(line);
            count += 1;
        }
        assert!(count > 15, "{count}");
    }

    #[test]
    fn what_cannot_be_run_is_an_error_that_names_it() {
        for (line, parts) in [
            ("--train-size 1438", ["--train-size 1438", "1437"]),
            ("--train-size 0", ["--train-size 0", "1437"]),
            ("--depth 0", ["--depth 0", "at least 1"]),
            ("--width 0", ["--width 0", "at least 1"]),
            ("--task frozen-xor --depth 2", ["frozen-xor", "1 hidden"]),
            (
                "--task frozen-xor --epochs 2",
                ["frozen-xor", "isn't trained"],
            ),
            ("--inits wavelet-filters", ["wavelet-filters", "digits"]),
            (
                "--inits lsuv --task frozen-digits",
                ["lsuv", "frozen-digits"],
            ),
        ] {
            let runs = parse(line).runs();
            let error = crate::runner::check(&runs).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
