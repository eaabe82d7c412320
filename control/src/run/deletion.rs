//! Deletes one or many runs that are not active.

use super::manager::{RunManager, is_final};
use crate::store::{RunFilter, RunRows, StoreError};

/// Number of runs deleted per transaction: a run may have very many rows, and other writers wait.
const RUNS_PER_TRANSACTION: usize = 20;

/// Result of a request to delete a run.
pub enum DeleteAnswer {
    /// The run was deleted, with this number of rows.
    Deleted(RunRows),
    /// The run is active.
    Active,
    /// The run does not exist.
    Unknown,
}

/// Result of deleting many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    /// The runs that were deleted, or would be, latest start first.
    pub deleted: Vec<String>,
    /// The number of their rows.
    pub rows: RunRows,
    /// Active and pinned runs, which are not deleted.
    pub skipped: Vec<String>,
}

impl RunManager {
    /// Deletes a run that is not active, with everything that belongs to it. Blocks.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub fn delete(&self, id: &str) -> Result<DeleteAnswer, StoreError> {
        if self.is_active(id) {
            return Ok(DeleteAnswer::Active);
        }
        // Nothing is added to a run that has ended, so these are the rows that are deleted.
        let rows = self.stored().run_rows(id)?;
        let deleted = self.stored().delete_run(id)?;
        Ok(if deleted {
            DeleteAnswer::Deleted(rows)
        } else {
            DeleteAnswer::Unknown
        })
    }

    /// Deletes the runs that match the filter, are not pinned and not active, in transactions of a few runs
    /// each. With `dry_run`, only returns what would be deleted. Blocks.
    ///
    /// # Errors
    /// Returns an error if the store fails. Runs of earlier transactions are deleted then.
    pub fn delete_all(&self, filter: &RunFilter, dry_run: bool) -> Result<Deletion, StoreError> {
        let mut deletion = Deletion::default();
        let mut ended = Vec::new();
        for (id, status, pinned) in self.stored().run_ids(filter)? {
            if pinned || !is_final(status) || self.is_active(&id) {
                deletion.skipped.push(id);
            } else {
                ended.push(id);
            }
        }
        for ids in ended.chunks(RUNS_PER_TRANSACTION) {
            let (deleted, rows) = if dry_run {
                (ids.to_vec(), self.stored().rows_of_runs(ids)?)
            } else {
                self.stored().delete_runs(ids.to_vec())?
            };
            deletion.deleted.extend(deleted);
            deletion.rows.results += rows.results;
            deletion.rows.metrics += rows.metrics;
        }
        Ok(deletion)
    }

    /// Returns whether a run is active. A run that has ended and waits to be stored is not: deleting it
    /// discards its end.
    fn is_active(&self, id: &str) -> bool {
        let live = self.live(id);
        live.is_some_and(|live| !is_final(live.status()) && !live.is_storing())
    }
}
