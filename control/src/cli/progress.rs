//! Live progress on a terminal: one line that is written over every second.
//! Where nobody watches, it stays silent.

use std::io::{self, IsTerminal, Write};

use vayu_shared::sample::SampleBatch;
use vayu_shared::units::{Nanos, to_seconds};

use crate::generator::PreflightWarning;
use crate::run::{Sink, Tick};

/// See the module.
pub struct Progress {
    shown: bool,
    total: Option<Nanos>,
}

/// What one line tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line {
    /// Since the run began.
    pub elapsed: Nanos,
    /// Requests per second, now.
    pub rps: f64,
    /// Requests sent so far.
    pub sent: f64,
    /// Failed requests, now, in percent.
    pub error_rate: f64,
    /// Connections open.
    pub connections: f64,
}

impl Progress {
    /// Of a run of known or unknown length; `quiet` shows no line of progress.
    pub fn new(total: Option<Nanos>, quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
            total,
        }
    }

    /// Shows how things stand.
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

    /// Prints the run's id, also with `--quiet`.
    pub fn name(&self, run_id: &str) {
        self.clear();
        self.write(&format!("run {run_id}\n"));
    }

    /// Prints a warning, also with `--quiet`.
    pub fn warn(&self, message: &str) {
        self.clear();
        self.write(&format!("warning: {message}\n"));
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.shown {
            self.write("\r\x1b[K");
        }
    }

    fn write(&self, text: &str) {
        // Progress that cannot be shown is no reason to fail.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl Sink for Progress {
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
