//! What happened in one step of an iteration since the last snapshot.
//!
//! Kept only where an iteration has several steps: of a single one, the run's own counts
//! and distributions say the same.

use crate::latency::LatencyHistogram;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepDelta {
    /// Responses with a status that is a success.
    pub succeeded: u64,
    /// Responses with another status.
    pub refused: u64,
    /// Requests without a response.
    pub failed: u64,
    /// Requests that were given up at the end of the run.
    pub cancelled: u64,
    /// First byte written to last byte read, of answered requests, in nanoseconds.
    pub service: LatencyHistogram,
}

impl StepDelta {
    /// Adds everything `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.refused += other.refused;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.service.merge(&other.service);
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        (self.succeeded, self.refused) = (0, 0);
        (self.failed, self.cancelled) = (0, 0);
        self.service.clear();
    }
}

/// Adds each of `more` to the one of the same step.
pub fn merge(steps: &mut Vec<StepDelta>, more: &[StepDelta]) {
    if steps.len() < more.len() {
        steps.resize_with(more.len(), StepDelta::default);
    }
    for (step, more) in steps.iter_mut().zip(more) {
        step.merge(more);
    }
}
