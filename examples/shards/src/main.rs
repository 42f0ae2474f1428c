//! `cargo run --package shards`: trains with two processes, and then with one, and compares.

use std::env;
use std::process::{Command, ExitCode};

use shards::{Error, Outcome, Part, Peer, listen, train};

const STEPS: usize = 60;

/// What tells the second process the port of the first one.
const PORT: &str = "--second-at-port";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether two processes come to the same numbers as one.
fn run() -> Result<bool, Error> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => first(),
        [PORT, port] => {
            let port = port.parse().map_err(|_| Error::Usage)?;
            train(Part::Half(1), Some(&mut Peer::connect(port)?), STEPS)?;
            Ok(true)
        }
        _ => Err(Error::Usage),
    }
}

/// The first process starts the second one, and trains alone when both are done.
fn first() -> Result<bool, Error> {
    let (listener, port) = listen()?;
    let mut second = Command::new(env::current_exe()?)
        .args([PORT, &port.to_string()])
        .spawn()?;
    let mut peer = Peer::accept(&listener)?;
    let together = train(Part::Half(0), Some(&mut peer), STEPS)?;
    let status = second.wait()?;
    if !status.success() {
        return Err(Error::Second(status));
    }
    let alone = train(Part::Whole, None, STEPS)?;
    println!("                 first weights     last weights      loss of the last batch");
    for (name, outcome) in [("two processes", &together), ("one process", &alone)] {
        let Outcome {
            loss,
            before,
            after,
        } = outcome;
        println!("{name:15}  {before}  {after}  {loss:.6}");
    }
    let is_same = together == alone;
    let verdict = if is_same { "the same" } else { "different" };
    println!("The numbers are {verdict}.");
    Ok(is_same)
}
