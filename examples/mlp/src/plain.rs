//! Progress as plain lines, one an epoch, where there is no terminal for Burn's screen.

use std::collections::HashMap;
use std::io::{self, Write};

use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::{
    MetricAttributes, MetricDefinition, MetricId, NumericAttributes, NumericEntry,
};
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining,
};

/// Prints one line an epoch: its number, then each metric over the training and over the test digits.
#[derive(Debug, Default)]
pub struct PlainRenderer {
    metrics: HashMap<MetricId, MetricDefinition>,
    epochs: usize,
    /// The line so far.
    line: String,
}

impl PlainRenderer {
    /// Adds a metric that is final for its epoch.
    fn add(&mut self, split: &str, state: MetricState) {
        if let MetricState::Numeric(entry, Some(NumericEntry::Final(value))) = state
            && let Some(metric) = self.metrics.get(&entry.metric_id)
        {
            let value = match &metric.attributes {
                MetricAttributes::Numeric(NumericAttributes {
                    unit: Some(unit), ..
                }) => format!("{value:5.2} {unit}"),
                _ => format!("{value:.4}"),
            };
            self.line += &format!("  {split} {} {value}", metric.name.to_lowercase());
        }
    }
}

impl MetricsRendererTraining for PlainRenderer {
    fn update_train(&mut self, state: MetricState) {
        self.add("train", state);
    }

    fn update_valid(&mut self, state: MetricState) {
        self.add("test", state);
    }
}

impl TrainingProgressLogger for PlainRenderer {
    fn start(&mut self, epochs: usize, _first: usize, _items: Option<usize>, _label: Option<&str>) {
        self.epochs = epochs;
    }

    fn update_epoch(&mut self, epoch: usize) {
        let line = std::mem::take(&mut self.line);
        let width = self.epochs.to_string().len();
        // Whoever closed the pipe doesn't want the lines; the training goes on.
        let _ = writeln!(io::stdout(), "epoch {epoch:width$}/{}{line}", self.epochs);
    }

    fn start_split(&mut self, _split: &str, _items: usize) {}

    fn update_split(&mut self, _items: usize) {}

    fn end_split(&mut self) {}

    fn end(&mut self) {}

    fn log_event_training(&mut self, _event: String) {}
}

impl MetricsRenderer for PlainRenderer {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.metrics
            .insert(definition.metric_id.clone(), definition);
    }
}

/// Burn asks a renderer to show evaluations, too; this program doesn't run any through it.
impl MetricsRendererEvaluation for PlainRenderer {
    fn update_test(&mut self, _name: EvaluationName, _state: MetricState) {}
}

impl EvaluationProgressLogger for PlainRenderer {
    fn start_global_progress(&mut self, _tests: usize) {}

    fn start_test(&mut self, _name: &str, _items: usize) {}

    fn update_test_progress(&mut self, _items: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _event: String) {}
}
