//! The time series of a run in steps. A step consists of a metric with a given name, its leader, and the
//! metrics stored after it and before the next leader.
//!
//! This module does not interpret the names.

use std::ops::Range;

use diesel::prelude::*;

use super::metrics::Metric;
use super::schema::metrics;
use super::{Store, StoreError};

/// A page of the steps of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// Metrics ordered by id, starting with a leader.
    pub metrics: Vec<Metric>,
    /// Total number of steps of the run.
    pub total: i64,
}

impl Store {
    /// Returns up to `limit` steps of a run after skipping `offset` steps. Metrics named `leader` start a
    /// step.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn metric_steps(
        &self,
        run_id: &str,
        leader: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Steps, StoreError> {
        self.shared.readers.read(|connection| {
            connection.transaction(|connection| {
                let leaders = metrics::table
                    .filter(metrics::run_id.eq(run_id))
                    .filter(metrics::name.eq(leader));
                let total = leaders.count().get_result(connection)?;
                // One more leader than requested marks the end of the last step.
                let ids: Vec<i64> = leaders
                    .select(metrics::id)
                    .order(metrics::id.asc())
                    .limit(i64::from(limit) + 1)
                    .offset(i64::from(offset))
                    .load(connection)?;
                let end = ids.get(limit as usize).copied().unwrap_or(i64::MAX);
                let metrics = match ids.first() {
                    Some(&first) if limit > 0 => load(connection, run_id, first..end)?,
                    _ => Vec::new(),
                };
                Ok(Steps { metrics, total })
            })
        })
    }
}

fn load(
    connection: &mut SqliteConnection,
    run_id: &str,
    ids: Range<i64>,
) -> QueryResult<Vec<Metric>> {
    metrics::table
        .filter(metrics::run_id.eq(run_id))
        .filter(metrics::id.ge(ids.start))
        .filter(metrics::id.lt(ids.end))
        .select(Metric::as_select())
        .order(metrics::id.asc())
        .load(connection)
}
