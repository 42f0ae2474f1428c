//! Does the runs that aren't finished, on all cores.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;
use crate::journal::Journal;
use crate::run::Run;

/// Checks all runs before any is done.
///
/// # Errors
///
/// As [`Task::check`](crate::task::Task::check).
pub fn check(runs: &[Run]) -> Result<(), Error> {
    // Whether a run can be done doesn't depend on its seed.
    let kinds: BTreeSet<Run> = runs.iter().map(|run| Run { seed: 1, ..*run }).collect();
    kinds.iter().try_for_each(|run| run.cell.task.check(run))
}

/// Does those of the runs that the journal doesn't have, and adds each to it as it ends.
///
/// # Errors
///
/// The first that a run or the journal gives; the runs that ended before are kept.
pub fn finish(runs: &[Run], journal: &mut Journal) -> Result<(), Error> {
    let is_open = |run: &&Run| !journal.outcomes().contains_key(*run);
    let open: Vec<Run> = runs.iter().filter(is_open).copied().collect();
    let progress = progress(runs, &open);
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads.min(open.len()) {
            let (next, open, send) = (&next, &open, send.clone());
            scope.spawn(move || {
                while let Some(run) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // No one receives any more once there was an error.
                    if send.send((*run, run.cell.task.run(run))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut left = open.len();
        for (run, outcome) in receive {
            journal.add(run, outcome?)?;
            left -= 1;
            progress.inc(work(&run));
            progress.set_message(format!("{} of {} runs", runs.len() - left, runs.len()));
        }
        Ok::<_, Error>(())
    })?;
    progress.finish_and_clear();
    Ok(())
}

/// The bar; it shows the time left where there is a terminal.
fn progress(runs: &[Run], open: &[Run]) -> ProgressBar {
    let all = |runs: &[Run]| runs.iter().map(work).sum::<u64>();
    let bar = ProgressBar::new(all(runs));
    let template = "{bar:30} {msg}, {elapsed} gone, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is right");
    let done = runs.len() - open.len();
    // What earlier calls did says nothing about the time that is left.
    bar.with_style(style)
        .with_message(format!("{done} of {} runs", runs.len()))
        .with_position(all(runs) - all(open))
        .with_elapsed(std::time::Duration::ZERO)
}

/// About how long a run takes, in examples times layers.
fn work(run: &Run) -> u64 {
    let cell = &run.cell;
    let examples = cell.size * cell.epochs.max(1);
    (examples * (cell.depth + 1)) as u64
}
