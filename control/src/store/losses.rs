//! The books of rows that were not stored, by run.
//!
//! A run whose rows are lost says so at the end, so they are counted here from
//! the first one on. Why they were lost is a matter of the log.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What became of rows that were queued.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Rows not accepted because the queue is full or the store closed. They
    /// are part of [`LostRows`] as well.
    pub turned_away: usize,
}

/// Rows of a run that are not in the database and never will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostRows {
    /// Rows of single requests.
    pub results: u64,
    /// Rows of metrics.
    pub metrics: u64,
    /// Distributions of stretches of the run.
    pub intervals: u64,
}

#[derive(Default)]
pub(super) struct Losses {
    by_run: Mutex<HashMap<String, LostRows>>,
}

impl Losses {
    /// Adds to the losses of a run; says whether they are its first.
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
        // The counts are whole between any two statements, panic or not.
        self.by_run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
