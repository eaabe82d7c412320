//! Which runs may be deleted, one or many: those that do not go on.

use super::manager::{RunManager, is_last};
use crate::store::{RunFilter, RunRows, StoreError};

/// Runs deleted in one transaction: a run may have a great many rows, and others wait
/// to write.
const RUNS_PER_TRANSACTION: usize = 20;

/// What came of asking for a run to be deleted.
pub enum DeleteAnswer {
    /// It is gone, with so many rows of its own.
    Deleted(RunRows),
    /// It goes on.
    Active,
    /// There is no such run.
    Unknown,
}

/// What came of deleting many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    /// The runs that went, or would go, those begun last first.
    pub deleted: Vec<String>,
    /// The rows that went with them.
    pub rows: RunRows,
    /// Active and pinned runs, which are not deleted.
    pub skipped: Vec<String>,
}

impl RunManager {
    /// Deletes a run that does not go on, with all that belongs to it. Blocks.
    ///
    /// # Errors
    /// Those of the store.
    pub fn delete(&self, id: &str) -> Result<DeleteAnswer, StoreError> {
        if self.goes_on(id) {
            return Ok(DeleteAnswer::Active);
        }
        // Nothing is added to a run that has ended, so this is what goes.
        let rows = self.stored().run_rows(id)?;
        let deleted = self.stored().delete_run(id)?;
        Ok(if deleted {
            DeleteAnswer::Deleted(rows)
        } else {
            DeleteAnswer::Unknown
        })
    }

    /// Deletes the runs that pass the filter, are not pinned and do not go on, a few at a time, each few
    /// in one transaction. With `dry_run`, says what would go. Blocks.
    ///
    /// # Errors
    /// Those of the store; runs of the transactions before are gone then.
    pub fn delete_all(&self, filter: &RunFilter, dry_run: bool) -> Result<Deletion, StoreError> {
        let mut deletion = Deletion::default();
        let mut ended = Vec::new();
        for (id, status, pinned) in self.stored().run_ids(filter)? {
            if pinned || !is_last(status) || self.goes_on(&id) {
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

    /// Whether a run is active. One that has ended and waits to be stored is not: deleting it discards its end.
    fn goes_on(&self, id: &str) -> bool {
        let live = self.live(id);
        live.is_some_and(|live| !is_last(live.status()) && !live.is_storing())
    }
}
