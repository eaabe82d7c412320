//! Bulk deletion of runs, with the filter that lists them.

use diesel::prelude::*;

use super::runs::{RunFilter, RunRows, passing};
use super::schema::{metrics, results, runs};
use super::states::RunStatus;
use super::{Store, StoreError};

/// Statuses of runs that may still write.
pub(super) const ACTIVE: [RunStatus; 2] = [RunStatus::Pending, RunStatus::Running];

impl Store {
    /// Returns the ids of all runs that match the filter, ignoring its limit and offset, latest start first,
    /// each with its status and whether it is pinned.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn run_ids(
        &self,
        filter: &RunFilter,
    ) -> Result<Vec<(String, RunStatus, bool)>, StoreError> {
        self.shared.readers.read(|connection| {
            passing(filter)
                .select((runs::id, runs::status, runs::pinned))
                .order((runs::start_time.desc(), runs::id.desc()))
                .load(connection)
        })
    }

    /// Returns how many rows belong to these runs.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn rows_of_runs(&self, ids: &[String]) -> Result<RunRows, StoreError> {
        self.shared
            .readers
            .read(|connection| count(connection, ids))
    }

    /// Deletes those of these runs that have ended and are not pinned, with everything that belongs to them,
    /// in one transaction. Returns the deleted ids and the number of their rows.
    ///
    /// # Errors
    /// Returns an error if the database fails. Nothing is deleted then.
    pub fn delete_runs(&self, ids: Vec<String>) -> Result<(Vec<String>, RunRows), StoreError> {
        self.deletion(move |connection| {
            let ended: Vec<String> = runs::table
                .filter(runs::id.eq_any(&ids))
                .filter(runs::status.ne_all(ACTIVE))
                .filter(runs::pinned.eq(false))
                .select(runs::id)
                .order((runs::start_time.desc(), runs::id.desc()))
                .load(connection)?;
            let rows = count(connection, &ended)?;
            diesel::delete(runs::table.filter(runs::id.eq_any(&ended))).execute(connection)?;
            Ok((ended, rows))
        })
    }
}

fn count(connection: &mut SqliteConnection, ids: &[String]) -> QueryResult<RunRows> {
    let results = results::table.filter(results::run_id.eq_any(ids));
    let metrics = metrics::table.filter(metrics::run_id.eq_any(ids));
    Ok(RunRows {
        results: results.count().get_result(connection)?,
        metrics: metrics.count().get_result(connection)?,
    })
}
