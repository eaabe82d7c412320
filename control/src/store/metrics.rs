//! The time series of a run, one row per name and second.
//!
//! Rows get their ids before they are stored, because the live stream shows the same ids and clients resume
//! from them.

use diesel::dsl::max;
use diesel::prelude::*;

use super::schema::metrics;
use super::{Store, StoreError};

/// A value to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = metrics)]
pub struct NewMetric {
    /// Id, from [`Store::next_metric_id`].
    pub id: i64,
    /// Sampling time, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Wire name.
    pub name: &'static str,
    /// Value. Must be finite.
    pub value: f64,
}

/// A stored value.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = metrics)]
pub struct Metric {
    /// Id.
    pub id: i64,
    /// Sampling time, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Wire name.
    pub name: String,
    /// Value.
    pub value: f64,
}

impl Store {
    /// Returns metrics of a run with ids above `after_id`, ordered by id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
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

/// Metrics of one run, to be written.
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

/// Returns the first id above all stored ones.
pub(super) fn next_id(connection: &mut SqliteConnection) -> QueryResult<i64> {
    let highest: Option<i64> = metrics::table.select(max(metrics::id)).first(connection)?;
    Ok(highest.unwrap_or(0) + 1)
}
