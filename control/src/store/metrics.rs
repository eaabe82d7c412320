//! The time series of a run, one row per name and second.
//!
//! Rows have numbers before they are stored, because the live stream shows the
//! same numbers and a client resumes by them.

use diesel::dsl::max;
use diesel::prelude::*;

use super::job::Job;
use super::schema::metrics;
use super::{Queued, Store, StoreError};

/// One value to be kept.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = metrics)]
pub struct NewMetric {
    /// Its number, from [`Store::next_metric_id`].
    pub id: i64,
    /// When it was taken, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Its wire name.
    pub name: &'static str,
    /// The value; a finite number.
    pub value: f64,
}

/// One value that was kept.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = metrics)]
pub struct Metric {
    /// Its number.
    pub id: i64,
    /// When it was taken, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Its wire name.
    pub name: String,
    /// The value.
    pub value: f64,
}

impl Store {
    /// Leaves metrics of a run to be stored soon, all of them or none.
    ///
    /// Never blocks. What is turned away is counted in
    /// [`lost_rows`](Self::lost_rows).
    pub fn queue_metrics(&self, run_id: &str, rows: Vec<NewMetric>) -> Queued {
        let batch = MetricBatch {
            run_id: run_id.to_owned(),
            rows,
        };
        // A run has a handful of these a second: jobs bound them well enough.
        self.shared.queue.offer(Job::Metrics(batch), 0)
    }

    /// Metrics of a run with numbers above `after_id`, in their order.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn metrics_after(
        &self,
        run_id: &str,
        after_id: i64,
        limit: u32,
    ) -> Result<Vec<Metric>, StoreError> {
        let query = metrics::table
            .filter(metrics::run_id.eq(run_id))
            .filter(metrics::id.gt(after_id))
            .select(Metric::as_select())
            .order(metrics::id.asc())
            .limit(i64::from(limit));
        self.shared
            .readers
            .read(|connection| query.load(connection))
    }
}

/// Metrics of one run on their way to the database.
pub(super) struct MetricBatch {
    pub(super) run_id: String,
    pub(super) rows: Vec<NewMetric>,
}

pub(super) fn insert(connection: &mut SqliteConnection, batch: &MetricBatch) -> QueryResult<usize> {
    for row in &batch.rows {
        diesel::insert_into(metrics::table)
            .values((metrics::run_id.eq(&batch.run_id), row))
            .execute(connection)?;
    }
    Ok(batch.rows.len())
}

/// The first number above all stored ones.
pub(super) fn next_id(connection: &mut SqliteConnection) -> QueryResult<i64> {
    let highest: Option<i64> = metrics::table.select(max(metrics::id)).first(connection)?;
    Ok(highest.unwrap_or(0) + 1)
}
