//! The distributions of a run, for the whole run and by interval.
//!
//! Distributions of the whole run are written when it finishes (see `run_rows`), those of intervals while it is
//! active. The store treats them as bytes; the caller encodes them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::{run_histograms, run_intervals};
use super::{Store, StoreError};

/// A distribution of a whole run.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = run_histograms)]
pub struct NamedHistogram {
    /// Name of the metric, for example `response`.
    pub name: String,
    /// Encoded histogram.
    pub histogram: Vec<u8>,
}

/// A distribution of an interval, to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = run_intervals)]
pub struct NewInterval {
    /// Name of the metric, for example `response`.
    pub name: &'static str,
    /// Start of the interval, in nanoseconds from the run's epoch.
    pub start_ns: i64,
    /// Length of the interval, in nanoseconds.
    pub length_ns: i64,
    /// Largest value, in nanoseconds.
    pub max_ns: i64,
    /// Encoded histogram.
    pub histogram: Vec<u8>,
}

/// A stored distribution of an interval.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = run_intervals)]
pub struct IntervalRow {
    /// Id, increasing in the order of storage.
    pub id: i64,
    /// Name of the metric, for example `response`.
    pub name: String,
    /// Start of the interval, in nanoseconds from the run's epoch.
    pub start_ns: i64,
    /// Length of the interval, in nanoseconds.
    pub length_ns: i64,
    /// Largest value, in nanoseconds.
    pub max_ns: i64,
    /// Encoded histogram.
    pub histogram: Vec<u8>,
}

impl Store {
    /// Returns all distributions of a finished run. Empty if the run has none.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn histograms(&self, run_id: &str) -> Result<Vec<NamedHistogram>, StoreError> {
        let query = run_histograms::table
            .filter(run_histograms::run_id.eq(run_id))
            .select(NamedHistogram::as_select())
            .order(run_histograms::name.asc());
        self.shared
            .readers
            .read(|connection| query.load(connection))
    }

    /// Returns distributions of intervals with ids above `after_id`, ordered by id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn intervals_after(
        &self,
        run_id: &str,
        after_id: i64,
        limit: u32,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let query = run_intervals::table
            .filter(run_intervals::run_id.eq(run_id))
            .filter(run_intervals::id.gt(after_id))
            .select(IntervalRow::as_select())
            .order(run_intervals::id.asc())
            .limit(i64::from(limit));
        self.shared
            .readers
            .read(|connection| query.load(connection))
    }
}

/// Distributions of intervals of one run, to be written.
pub(super) struct IntervalBatch {
    pub(super) run_id: String,
    pub(super) rows: Vec<NewInterval>,
}

pub(super) fn insert_intervals(
    connection: &mut SqliteConnection,
    batch: &IntervalBatch,
) -> QueryResult<usize> {
    for row in &batch.rows {
        diesel::insert_into(run_intervals::table)
            .values((run_intervals::run_id.eq(&batch.run_id), row))
            .execute(connection)?;
    }
    Ok(batch.rows.len())
}

pub(super) fn insert_whole(
    connection: &mut SqliteConnection,
    run_id: &str,
    histograms: &[NamedHistogram],
) -> QueryResult<()> {
    for NamedHistogram { name, histogram } in histograms {
        diesel::replace_into(run_histograms::table)
            .values((
                run_histograms::run_id.eq(run_id),
                run_histograms::name.eq(name),
                run_histograms::histogram.eq(histogram),
            ))
            .execute(connection)?;
    }
    Ok(())
}
