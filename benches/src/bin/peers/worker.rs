//! A Python process that measures one library. It gets a line of JSON, a job's id, and answers with a
//! line; in between it sleeps.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::library::Library;
use crate::python::{REQUIREMENTS, no_python};

/// Ends when it's dropped, since its input does.
pub struct Worker {
    pub library: Library,
    /// Of its packages, by name.
    pub versions: BTreeMap<String, String>,
    /// The ids of its jobs.
    pub jobs: Vec<String>,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a worker writes first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Hello {
    Ready {
        versions: BTreeMap<String, String>,
        jobs: Vec<String>,
    },
    Failed {
        error: String,
    },
}

/// What it answers to a job.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Done { seconds: f64 },
    Failed { error: String },
}

impl Worker {
    /// One for each library that needs one.
    pub fn start_all(python: &Path) -> Result<Vec<Self>, Error> {
        Library::ALL
            .into_iter()
            .filter_map(|library| Some(Self::start(python, library, library.worker()?)))
            .collect()
    }

    fn start(python: &Path, library: Library, name: &str) -> Result<Self, Error> {
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/worker.py"))
            .arg(name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(no_python(python))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(library, "has no pipes"));
        };
        let mut worker = Self {
            library,
            versions: BTreeMap::new(),
            jobs: Vec::new(),
            requests,
            answers: BufReader::new(answers),
        };
        match worker.answer()? {
            Hello::Ready { versions, jobs } => Ok(Self {
                versions,
                jobs,
                ..worker
            }),
            Hello::Failed { error } => Err(Error::Import {
                python: python.to_owned(),
                library: library.name(),
                problem: error,
                requirements: REQUIREMENTS.into(),
            }),
        }
    }

    /// How long the library takes for a job.
    pub fn measure(&mut self, job: &str) -> Result<Duration, Error> {
        let library = self.library;
        writeln!(self.requests, "\"{job}\"")
            .map_err(|error| failed(library, format!("takes no job: {error}")))?;
        match self.answer()? {
            Answer::Done { seconds } => Duration::try_from_secs_f64(seconds)
                .map_err(|error| failed(library, format!("took {seconds} seconds: {error}"))),
            Answer::Failed { error } => Err(Error::Job {
                library: library.name(),
                job: job.to_owned(),
                problem: error,
            }),
        }
    }

    fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        match read {
            Err(error) => Err(failed(self.library, format!("can't be read: {error}"))),
            Ok(0) => Err(failed(self.library, "ended")),
            Ok(_) => serde_json::from_str(&line)
                .map_err(|_| failed(self.library, format!("said {:?}", line.trim_end()))),
        }
    }
}

fn failed(library: Library, problem: impl Into<String>) -> Error {
    Error::Worker {
        library: library.name(),
        problem: problem.into(),
    }
}
