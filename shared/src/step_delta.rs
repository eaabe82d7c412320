//! Statistics of one step of an iteration since the last snapshot.
//!
//! Collected only if an iteration has several steps. For a single step, the run's own counts and
//! distributions contain the same information.

use crate::latency::LatencyHistogram;

/// Statistics of one step. See the module documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepDelta {
    /// Responses with a success status.
    pub succeeded: u64,
    /// Responses with any other status.
    pub refused: u64,
    /// Requests without a response.
    pub failed: u64,
    /// Requests cancelled at the end of the run.
    pub cancelled: u64,
    /// First byte written to last byte read, of requests with a response, in nanoseconds.
    pub service: LatencyHistogram,
}

impl StepDelta {
    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.refused += other.refused;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.service.merge(&other.service);
    }

    /// Resets everything and keeps the allocation.
    pub fn clear(&mut self) {
        (self.succeeded, self.refused) = (0, 0);
        (self.failed, self.cancelled) = (0, 0);
        self.service.clear();
    }
}

/// Adds each delta of `more` to that of the same step.
pub fn merge(steps: &mut Vec<StepDelta>, more: &[StepDelta]) {
    if steps.len() < more.len() {
        steps.resize_with(more.len(), StepDelta::default);
    }
    for (step, more) in steps.iter_mut().zip(more) {
        step.merge(more);
    }
}
