//! The time series of a run by steps: a step is a metric of one name, its
//! leader, with the metrics that were stored after it and before the next.
//!
//! What the names mean is the caller's matter.

use std::ops::Range;

use diesel::prelude::*;

use super::metrics::Metric;
use super::schema::metrics;
use super::{Store, StoreError};

/// Some steps of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// Their metrics in the order of their numbers, the first one a leader.
    pub metrics: Vec<Metric>,
    /// How many steps the run has in all.
    pub total: i64,
}

impl Store {
    /// Up to `limit` steps of a run without its first `offset`, led by the
    /// metrics called `leader`.
    ///
    /// # Errors
    /// Only those of the database.
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
                // One more than asked for says where the last step ends.
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
