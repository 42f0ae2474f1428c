//! What the runs show: means with intervals, and the differences to the first initializer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::init::Init;
use crate::run::{Cell, Outcome, Run};
use crate::stats::{Interval, holm, t_test, wilcoxon};
use crate::task::Task;

/// The accuracies, in percent, whose epochs are counted.
pub const TARGETS: [u8; 2] = [90, 95];

/// Everything that the runs show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Task by task.
    pub tasks: Vec<OfTask>,
    /// How many runs there are.
    pub runs: usize,
    /// Of all runs together, on one core.
    pub seconds: f64,
}

/// What the runs of a task show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfTask {
    /// The task.
    pub task: Task,
    /// The initializers; the others are compared with the first.
    pub inits: Vec<Init>,
    /// Size by size, depth by depth, width by width.
    pub cells: Vec<OfCell>,
}

/// What the runs of a cell show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfCell {
    /// The cell.
    pub cell: Cell,
    /// Initializer by initializer.
    pub rows: Vec<Row>,
}

/// What the runs of an initializer show in a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The initializer.
    pub init: Init,
    /// How many runs there are.
    pub runs: usize,
    /// The accuracy on the test examples, in percent: before training, and after each epoch.
    pub accuracy: Vec<Interval>,
    /// The cross entropy on the test examples, in nats, of the runs in which it is finite.
    pub loss: Vec<Option<Interval>>,
    /// Epochs to each of [`TARGETS`].
    pub epochs_to: Vec<EpochsTo>,
    /// What was measured before training, by name.
    pub probes: Vec<(String, Interval)>,
    /// The differences to the first initializer.
    pub pairs: Option<Pairs>,
}

/// Epochs until an accuracy is reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EpochsTo {
    /// How many runs reach it.
    pub reached: usize,
    /// How many epochs they take; where some don't reach it, there is no mean.
    pub epochs: Option<Interval>,
}

/// Differences to the first initializer, seed by seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pairs {
    /// Of the accuracy at the end, in percentage points, by the t test.
    pub accuracy: Option<Test>,
    /// Of the loss at the end, in nats, by the t test, over the seeds in which both are finite.
    pub loss: Option<Test>,
    /// Of the epochs to each of [`TARGETS`], by the signed-rank test, where never counts as the most.
    pub epochs_to: Vec<Option<Test>>,
}

/// A paired test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Test {
    /// This initializer's minus the first's; `None` where a run never gets there.
    pub difference: Option<Interval>,
    /// Two-sided, for this comparison alone.
    pub p: f64,
    /// Corrected by Holm for all comparisons of this measure in this task.
    pub p_holm: f64,
}

impl Row {
    /// The accuracy at the end.
    pub fn last_accuracy(&self) -> Interval {
        *self.accuracy.last().expect("a run has a score")
    }

    /// The loss at the end.
    pub fn last_loss(&self) -> Option<Interval> {
        self.loss.last().copied().flatten()
    }

    /// A probe.
    pub fn probe(&self, name: &str) -> Option<Interval> {
        let found = self.probes.iter().find(|(other, _)| other == name);
        found.map(|(_, interval)| *interval)
    }
}

impl Summary {
    /// Sums up runs, all of which are finished.
    pub fn of(runs: &[Run], outcomes: &BTreeMap<Run, Outcome>) -> Self {
        let mut tasks: Vec<OfTask> = Vec::new();
        for cell in distinct(runs.iter().map(|run| run.cell)) {
            let of_cell: Vec<&Run> = runs.iter().filter(|run| run.cell == cell).collect();
            let inits = distinct(of_cell.iter().map(|run| run.init));
            let outcomes_of = |init: Init| -> Vec<&Outcome> {
                let own = of_cell.iter().filter(|run| run.init == init);
                own.filter_map(|run| outcomes.get(*run)).collect()
            };
            let first = outcomes_of(inits[0]);
            let mut rows: Vec<Row> = inits
                .iter()
                .map(|init| row(*init, &outcomes_of(*init)))
                .collect();
            for row in &mut rows[1..] {
                row.pairs = Some(pairs(&outcomes_of(row.init), &first));
            }
            let of_cell = OfCell { cell, rows };
            match tasks.iter_mut().find(|other| other.task == cell.task) {
                Some(other) => other.cells.push(of_cell),
                None => tasks.push(OfTask {
                    task: cell.task,
                    inits,
                    cells: vec![of_cell],
                }),
            }
        }
        tasks.iter_mut().for_each(correct);
        let seconds = runs.iter().filter_map(|run| outcomes.get(run));
        Self {
            tasks,
            runs: runs.len(),
            seconds: seconds.map(|outcome| f64::from(outcome.seconds)).sum(),
        }
    }
}

/// Items in the order in which they come first, each once.
fn distinct<T: Copy + PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for item in items {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    distinct
}

fn percent(share: f32) -> f64 {
    100.0 * f64::from(share)
}

/// The runs of an initializer in a cell.
fn row(init: Init, outcomes: &[&Outcome]) -> Row {
    let scores = outcomes
        .iter()
        .map(|outcome| outcome.curve.len())
        .min()
        .unwrap_or(0);
    let at = |epoch: usize| outcomes.iter().map(move |outcome| outcome.curve[epoch]);
    let interval = |values: Vec<f64>| Interval::of(&values);
    let accuracy = (0..scores)
        .filter_map(|epoch| interval(at(epoch).map(|score| percent(score.accuracy)).collect()));
    let loss = (0..scores).map(|epoch| {
        interval(
            at(epoch)
                .filter_map(|score| score.loss)
                .map(f64::from)
                .collect(),
        )
    });
    let names = distinct(
        outcomes
            .iter()
            .flat_map(|outcome| &outcome.probes)
            .map(|(name, _)| name.as_str()),
    );
    let probe = |name: &str| {
        let probes = outcomes.iter().flat_map(|outcome| &outcome.probes);
        let values = probes
            .filter(|(other, _)| other == name)
            .map(|(_, value)| f64::from(*value));
        Some((name.to_owned(), interval(values.collect())?))
    };
    Row {
        init,
        runs: outcomes.len(),
        accuracy: accuracy.collect(),
        loss: loss.collect(),
        epochs_to: TARGETS.map(|target| epochs_to(target, outcomes)).to_vec(),
        probes: names.into_iter().filter_map(probe).collect(),
        pairs: None,
    }
}

/// The share that an accuracy in percent is. A share of 0.9 is one of 0.9, whatever f32 makes of it.
fn share(target: u8) -> f32 {
    f32::from(target) / 100.0
}

fn epochs_to(target: u8, outcomes: &[&Outcome]) -> EpochsTo {
    let epochs = outcomes
        .iter()
        .filter_map(|outcome| outcome.epochs_to(share(target)));
    let epochs: Vec<f64> = epochs.map(|epoch| epoch as f64).collect();
    EpochsTo {
        reached: epochs.len(),
        epochs: Interval::of(&epochs).filter(|_| epochs.len() == outcomes.len()),
    }
}

/// The differences of two initializers, whose outcomes stand in the same order of seeds.
fn pairs(own: &[&Outcome], first: &[&Outcome]) -> Pairs {
    let both = || own.iter().zip(first);
    let accuracy = |outcome: &Outcome| percent(outcome.last().accuracy);
    let loss = |outcome: &Outcome| outcome.last().loss.map(f64::from);
    let t = |differences: Vec<f64>| test(&differences, t_test(&differences));
    let epochs_to = |target: u8| {
        let epochs = |outcome: &Outcome| match outcome.epochs_to(share(target)) {
            Some(epochs) => epochs as f64,
            None => f64::INFINITY,
        };
        let difference = |(a, b): (&&Outcome, &&Outcome)| match (epochs(a), epochs(b)) {
            (a, b) if a == b => 0.0,
            (a, b) => a - b,
        };
        let differences: Vec<f64> = both().map(difference).collect();
        test(&differences, wilcoxon(&differences))
    };
    Pairs {
        accuracy: t(both().map(|(a, b)| accuracy(a) - accuracy(b)).collect()),
        loss: t(both()
            .filter_map(|(a, b)| Some(loss(a)? - loss(b)?))
            .collect()),
        epochs_to: TARGETS.map(epochs_to).to_vec(),
    }
}

fn test(differences: &[f64], p: Option<f64>) -> Option<Test> {
    let is_finite = differences.iter().all(|difference| difference.is_finite());
    Some(Test {
        difference: Interval::of(differences).filter(|_| is_finite),
        p: p?,
        p_holm: 1.0,
    })
}

/// Corrects the p values of a task, measure by measure.
fn correct(task: &mut OfTask) {
    let mut measures: Vec<fn(&mut Pairs) -> Option<&mut Test>> =
        vec![|pairs| pairs.accuracy.as_mut(), |pairs| pairs.loss.as_mut()];
    measures.push(|pairs| pairs.epochs_to[0].as_mut());
    measures.push(|pairs| pairs.epochs_to[1].as_mut());
    let rows = task.cells.iter().flat_map(|cell| &cell.rows);
    let comparisons = rows.filter(|row| row.pairs.is_some()).count();
    for measure in measures {
        let rows = task.cells.iter_mut().flat_map(|cell| &mut cell.rows);
        let mut tests: Vec<&mut Test> = rows
            .filter_map(|row| measure(row.pairs.as_mut()?))
            .collect();
        let p: Vec<f64> = tests.iter().map(|test| test.p).collect();
        for (test, p) in tests.iter_mut().zip(holm(&p, comparisons)) {
            test.p_holm = p;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Score;

    fn outcome(accuracies: &[f32], loss: Option<f32>) -> Outcome {
        let score = |accuracy: &f32| Score {
            accuracy: *accuracy,
            loss,
        };
        Outcome {
            curve: accuracies.iter().map(score).collect(),
            probes: vec![("loss".to_owned(), 2.0)],
            seconds: 1.0,
        }
    }

    fn summary(curves: &[(&str, [[f32; 3]; 3])]) -> Summary {
        let cell = Cell {
            task: Task::named("digits").unwrap(),
            size: 60,
            depth: 1,
            width: 64,
            epochs: 2,
        };
        let mut outcomes = BTreeMap::new();
        for (name, curves) in curves {
            let init = Init::named(name).unwrap();
            for (seed, curve) in (1..).zip(curves) {
                outcomes.insert(
                    Run { cell, init, seed },
                    outcome(curve, Some(1.0 - curve[2])),
                );
            }
        }
        let mut runs: Vec<Run> = outcomes.keys().copied().collect();
        // The first that was asked for is the first of the table.
        let order = |run: &Run| curves.iter().position(|(name, _)| *name == run.init.name());
        runs.sort_by_key(order);
        Summary::of(&runs, &outcomes)
    }

    const SLOW: [[f32; 3]; 3] = [[0.1, 0.5, 0.9], [0.1, 0.6, 0.94], [0.1, 0.7, 0.92]];
    const FAST: [[f32; 3]; 3] = [[0.1, 0.9, 0.96], [0.1, 0.92, 0.97], [0.1, 0.95, 0.98]];

    #[test]
    fn rows_have_means_and_pairs() {
        let summary = summary(&[("normal", SLOW), ("he-normal", FAST)]);
        let rows = &summary.tasks[0].cells[0].rows;
        assert_eq!(rows[0].init.name(), "normal");
        assert_eq!(rows[0].pairs, None);
        assert!((rows[0].last_accuracy().mean - 92.0).abs() < 1e-4);
        assert_eq!(rows[0].epochs_to[0].epochs.unwrap().mean, 2.0);
        assert_eq!(
            (rows[0].epochs_to[1].reached, rows[0].epochs_to[1].epochs),
            (0, None)
        );
        assert_eq!(rows[1].epochs_to[0].epochs.unwrap().mean, 1.0);
        let pairs = rows[1].pairs.as_ref().unwrap();
        // 6, 3 and 6 points: scipy 1.17.1, `stats.ttest_1samp([6, 3, 6], 0).pvalue`.
        let test = pairs.accuracy.as_ref().unwrap();
        assert!((test.difference.unwrap().mean - 5.0).abs() < 1e-4);
        assert!(
            (test.p - 0.037_749_551_350_623_724).abs() < 1e-4,
            "{}",
            test.p
        );
        assert!((pairs.loss.as_ref().unwrap().difference.unwrap().mean + 0.05).abs() < 1e-6);
        // Never against 2: no difference in epochs, but a rank.
        let to_95 = pairs.epochs_to[1].as_ref().unwrap();
        assert_eq!(to_95.difference, None);
        // The least that three differences can have.
        assert!((to_95.p - 0.25).abs() < 1e-12);
    }

    #[test]
    fn p_values_are_corrected_for_all_comparisons_of_a_task() {
        let summary = summary(&[("normal", SLOW), ("he-normal", FAST), ("burn", FAST)]);
        let rows = &summary.tasks[0].cells[0].rows;
        for row in &rows[1..] {
            let test = row.pairs.as_ref().unwrap().accuracy.as_ref().unwrap();
            assert!((test.p_holm - 2.0 * test.p).abs() < 1e-12);
        }
    }
}
