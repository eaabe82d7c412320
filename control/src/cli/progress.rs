//! Live progress on a terminal: one line that is overwritten every second. Shows no line if standard error is
//! not a terminal.

use std::io::{self, IsTerminal, Write};

use vayu_shared::sample::SampleBatch;
use vayu_shared::units::{Nanos, to_seconds};

use crate::generator::PreflightWarning;
use crate::run::{Sink, Tick};

/// See the module documentation.
pub struct ProgressLine {
    shown: bool,
    total: Option<Nanos>,
}

/// Content of the progress line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line {
    /// Time since the start of the run.
    pub elapsed: Nanos,
    /// Current requests per second.
    pub rps: f64,
    /// Requests sent so far.
    pub sent: f64,
    /// Currently failed requests, in percent.
    pub error_rate: f64,
    /// Open connections.
    pub connections: f64,
}

impl ProgressLine {
    /// Creates the progress of a run with the duration `total`, if known. `quiet` suppresses the progress
    /// line.
    pub fn new(total: Option<Nanos>, quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
            total,
        }
    }

    /// Overwrites the progress line.
    pub fn show(&self, line: Line) {
        if !self.shown {
            return;
        }
        let of = self
            .total
            .map_or(String::new(), |total| format!("/{:.0}", to_seconds(total)));
        let text = format!(
            "\r\x1b[K{:>5.0}{of} s   {:>9.0} req/s   {:>11.0} sent   {:>6.2} % failed   {:>5.0} connections",
            to_seconds(line.elapsed),
            line.rps,
            line.sent,
            line.error_rate,
            line.connections
        );
        self.write(&text);
    }

    /// Prints the run id, even with `--quiet`.
    pub fn name(&self, run_id: &str) {
        self.clear();
        self.write(&format!("run {run_id}\n"));
    }

    /// Prints a warning, even with `--quiet`.
    pub fn warn(&self, message: &str) {
        self.clear();
        self.write(&format!("warning: {message}\n"));
    }

    /// Clears the progress line.
    pub fn clear(&self) {
        if self.shown {
            self.write("\r\x1b[K");
        }
    }

    fn write(&self, text: &str) {
        // A failing progress line is not an error.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl Sink for ProgressLine {
    fn preflight(&mut self, warnings: &[PreflightWarning]) {
        warnings
            .iter()
            .for_each(|warning| self.warn(&warning.message));
    }

    fn samples(&mut self, _samples: &SampleBatch) {}

    fn tick(&mut self, tick: &Tick) {
        self.show(Line {
            elapsed: tick.elapsed,
            rps: tick.rps,
            sent: tick.sent as f64,
            error_rate: tick.error_rate,
            connections: tick.gauges.connections as f64,
        });
    }
}
