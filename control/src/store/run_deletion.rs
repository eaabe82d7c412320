//! Runs deleted many at a time, by the filter that lists them.

use diesel::prelude::*;

use super::runs::{RunFilter, RunRows, passing};
use super::schema::{metrics, results, runs};
use super::states::RunStatus;
use super::{Store, StoreError};

/// Statuses of runs that may still write.
pub(super) const ACTIVE: [RunStatus; 2] = [RunStatus::Pending, RunStatus::Running];

impl Store {
    /// The ids of all runs that pass the filter, whatever its limit and offset, those
    /// begun last first, each with its status and whether it is pinned.
    ///
    /// # Errors
    /// Only those of the database.
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

    /// How many rows belong to these runs.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn rows_of_runs(&self, ids: &[String]) -> Result<RunRows, StoreError> {
        self.shared
            .readers
            .read(|connection| count(connection, ids))
    }

    /// Deletes those of these runs that have ended and are not pinned, with all that belongs to them, in
    /// one transaction; says which went, and with how many rows.
    ///
    /// # Errors
    /// Only those of the database; then none is deleted.
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
