//! Measurements in rounds: each library once, then each once more, so that what else the machine does
//! meets all of them alike.

use std::fmt;
use std::thread::sleep;
use std::time::Duration;

use crate::error::Error;
use crate::jobs::{Job, Task};
use crate::library::Library;
use crate::summary::{Summary, milliseconds};
use crate::worker::Worker;

/// Before each measurement: threads that wait for more work in a loop go to sleep meanwhile.
const PAUSE: Duration = Duration::from_millis(100);
/// A turn repeats a job for this long, and the last run counts: as in the middle of a model, threads,
/// clocks and caches are awake.
const TURN: Duration = Duration::from_millis(250);
/// A library that took this long for a job has no more rounds of it,
const BUDGET: Duration = Duration::from_secs(20);
/// once it had this many.
const FEWEST: usize = 3;

/// A row of a table: a job, and the times of those that do it.
pub struct Measured<'j> {
    pub job: &'j Job,
    pub times: Vec<(Library, Summary)>,
}

/// Who takes part in a job.
struct Contender<'a> {
    library: Library,
    runner: Runner<'a>,
    times: Vec<Duration>,
    spent: Duration,
}

enum Runner<'a> {
    Here(&'a Task),
    Worker(&'a mut Worker),
}

/// Does a job in `rounds` rounds, after one that warms up and doesn't count.
pub fn measure<'j>(
    job: &'j Job,
    workers: &mut [Worker],
    rounds: u32,
) -> Result<Measured<'j>, Error> {
    let here = [
        Some((Library::BurnInit, &job.burn_init)),
        job.burn.as_ref().map(|task| (Library::Burn, task)),
    ];
    let here = here.into_iter().flatten();
    let mut contenders: Vec<Contender<'_>> = here
        .map(|(library, task)| Contender::new(library, Runner::Here(task)))
        .collect();
    for worker in workers {
        if worker.jobs.iter().any(|id| id == job.id) {
            contenders.push(Contender::new(worker.library, Runner::Worker(worker)));
        }
    }

    for round in 0..=rounds {
        for contender in &mut contenders {
            if contender.spent >= BUDGET && contender.times.len() >= FEWEST {
                continue;
            }
            sleep(PAUSE);
            let (mut time, mut turn) = (Duration::ZERO, Duration::ZERO);
            while turn < TURN {
                time = contender.run(job.id)?;
                turn += time;
            }
            contender.spent += turn;
            if round > 0 {
                contender.times.push(time);
            }
        }
    }
    let times = contenders
        .into_iter()
        .map(|contender| (contender.library, Summary::of(&contender.times)));
    Ok(Measured {
        job,
        times: times.collect(),
    })
}

impl<'a> Contender<'a> {
    fn new(library: Library, runner: Runner<'a>) -> Self {
        Self {
            library,
            runner,
            times: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    fn run(&mut self, job: &str) -> Result<Duration, Error> {
        match &mut self.runner {
            Runner::Here(task) => Ok(task()?),
            Runner::Worker(worker) => worker.measure(job),
        }
    }
}

impl Measured<'_> {
    /// What a library took, if it does the job.
    pub fn time(&self, library: Library) -> Option<Summary> {
        let found = self.times.iter().find(|(known, _)| *known == library);
        found.map(|(_, summary)| *summary)
    }
}

impl fmt::Display for Measured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.job.id)?;
        for (i, (library, summary)) in self.times.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let median = milliseconds(summary.median);
            write!(f, "{comma} {} {median} ms", library.name())?;
        }
        Ok(())
    }
}
