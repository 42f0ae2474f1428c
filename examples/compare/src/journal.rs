//! The finished runs: a file that only grows, a line for each run.
//!
//! A line is written and synced before a run counts as finished. What a killed program left of a line that
//! it was writing is cut off when the file is opened again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::run::{Outcome, Run};

/// The name of the file.
pub const FILE: &str = "runs.jsonl";

/// A journal that this process alone writes to.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    outcomes: BTreeMap<Run, Outcome>,
}

/// A line.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    run: Run,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Journal {
    /// Opens the journal in this folder, and locks it; makes both where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Busy`] where another process has it open; [`Error::Journal`] where a line
    /// before the last isn't a run.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
        let path = folder.join(FILE);
        let io = |action| Error::io(action, &path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(io("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path }),
            Err(TryLockError::Error(error)) => return Err(io("lock")(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read"))?;
        let (outcomes, whole) = parse(&bytes, &path)?;
        let mut cut = || {
            file.set_len(whole as u64)?;
            file.seek(SeekFrom::Start(whole as u64))?;
            file.sync_all()?;
            sync_folder(folder)
        };
        cut().map_err(io("write"))?;
        Ok(Self {
            file,
            path,
            outcomes,
        })
    }

    /// What came out of the finished runs.
    pub fn outcomes(&self) -> &BTreeMap<Run, Outcome> {
        &self.outcomes
    }

    /// Keeps a finished run: it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn add(&mut self, run: Run, outcome: Outcome) -> Result<(), Error> {
        let line = Line { run, outcome };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let mut write = || {
            self.file.write_all(text.as_bytes())?;
            self.file.sync_data()
        };
        write().map_err(Error::io("write", &self.path))?;
        self.outcomes.insert(run, line.outcome);
        Ok(())
    }
}

/// The runs of a journal, and how many of its bytes are whole lines. The first of equal runs counts.
fn parse(bytes: &[u8], path: &Path) -> Result<(BTreeMap<Run, Outcome>, usize), Error> {
    let mut outcomes = BTreeMap::new();
    let mut whole = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = whole + line.len();
        let torn = line.last() != Some(&b'\n');
        match serde_json::from_slice::<Line>(line) {
            _ if torn => break,
            Ok(Line { run, outcome }) => {
                outcomes.entry(run).or_insert(outcome);
            }
            // After a power failure the last line may be there in part only.
            Err(_) if end == bytes.len() => break,
            Err(error) => {
                return Err(Error::Journal {
                    path: path.to_owned(),
                    line: number + 1,
                    problem: error.to_string(),
                });
            }
        }
        whole = end;
    }
    Ok((outcomes, whole))
}

/// Syncs the entry of a new file in its folder.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        // Elsewhere a folder can't be opened.
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::run::{Cell, Score};
    use crate::task::Task;

    fn run(seed: u64) -> Run {
        Run {
            cell: Cell {
                task: Task::named("digits").unwrap(),
                size: 60,
                depth: 1,
                width: 64,
                epochs: 1,
            },
            init: Init::named("he-normal").unwrap(),
            seed,
        }
    }

    fn outcome(seed: u64) -> Outcome {
        let score = |accuracy, loss| Score { accuracy, loss };
        Outcome {
            curve: vec![score(0.1, None), score(seed as f32 / 3.0, Some(0.25))],
            probes: vec![("loss".to_owned(), 2.3)],
            seconds: 0.5,
        }
    }

    #[test]
    fn what_was_added_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("a/b");
        for seeds in [0..3, 3..5] {
            let mut journal = Journal::open(&folder).unwrap();
            assert_eq!(journal.outcomes().len() as u64, seeds.start);
            for seed in seeds {
                journal.add(run(seed), outcome(seed)).unwrap();
            }
        }
        let journal = Journal::open(&folder).unwrap();
        let expected = (0..5).map(|seed| (run(seed), outcome(seed)));
        assert_eq!(*journal.outcomes(), expected.collect());
    }

    /// Cut at each byte, the journal loses the run whose line was cut, and no other, and goes on.
    #[test]
    fn a_torn_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut journal = Journal::open(folder.path()).unwrap();
        journal.add(run(0), outcome(0)).unwrap();
        let one = fs::read(&path).unwrap().len();
        journal.add(run(1), outcome(1)).unwrap();
        drop(journal);
        let both = fs::read(&path).unwrap();
        for len in 0..both.len() {
            fs::write(&path, &both[..len]).unwrap();
            let mut journal = Journal::open(folder.path()).unwrap();
            let kept = u64::from(len >= one);
            assert_eq!(journal.outcomes().len() as u64, kept, "{len}");
            (kept..2).for_each(|seed| journal.add(run(seed), outcome(seed)).unwrap());
            drop(journal);
            assert_eq!(fs::read(&path).unwrap(), both, "{len}");
        }
    }

    #[test]
    fn a_broken_line_before_the_last_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut journal = Journal::open(folder.path()).unwrap();
        journal.add(run(0), outcome(0)).unwrap();
        drop(journal);
        let good = fs::read_to_string(&path).unwrap();
        let broken = format!("{good}{{\"task\":\n{good}");
        fs::write(&path, &broken).unwrap();
        let error = Journal::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        // As the last line, it is what a power failure left.
        fs::write(&path, format!("{good}\0\0\0\n")).unwrap();
        assert_eq!(Journal::open(folder.path()).unwrap().outcomes().len(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), good);
    }

    #[test]
    fn one_process_writes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Journal::open(folder.path()).unwrap();
        let error = Journal::open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Busy { .. }), "{error}");
        drop(first);
        Journal::open(folder.path()).unwrap();
    }
}
