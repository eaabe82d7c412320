//! Counts rows that were not stored, by run.
//!
//! A run reports its lost rows when it ends, so they are counted here from the first one. The reason is in
//! the log.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Result of queueing rows.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Rows rejected because the queue is full or the store is closed. They are included in [`LostRows`].
    pub turned_away: usize,
}

/// Rows of a run that are not in the database and never will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostRows {
    /// Samples of single requests.
    pub results: u64,
    /// Metrics.
    pub metrics: u64,
    /// Distributions of intervals.
    pub intervals: u64,
}

#[derive(Default)]
pub(super) struct Losses {
    by_run: Mutex<HashMap<String, LostRows>>,
}

impl Losses {
    /// Adds to the losses of a run. Returns whether they are its first.
    pub(super) fn add(&self, run_id: &str, rows: LostRows) -> bool {
        let mut by_run = self.lock();
        let first = !by_run.contains_key(run_id);
        let lost = by_run.entry(run_id.to_owned()).or_default();
        lost.results += rows.results;
        lost.metrics += rows.metrics;
        lost.intervals += rows.intervals;
        first
    }

    pub(super) fn of(&self, run_id: &str) -> LostRows {
        self.lock().get(run_id).copied().unwrap_or_default()
    }

    pub(super) fn forget(&self, run_id: &str) {
        self.lock().remove(run_id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, LostRows>> {
        // The counts are consistent between any two statements, even after a panic.
        self.by_run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
