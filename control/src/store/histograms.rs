//! The distributions of a run, whole and by stretches of time.
//!
//! Those of the whole run are written when it is finished (see `runs`), those of
//! stretches while it goes on. They are bytes to the store; how they are encoded
//! is the caller's matter.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::job::Job;
use super::schema::{run_histograms, run_intervals};
use super::{Queued, Store, StoreError};

/// One distribution of a whole run.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = run_histograms)]
pub struct NamedHistogram {
    /// What it is of, like `response`.
    pub name: String,
    /// Encoded.
    pub histogram: Vec<u8>,
}

/// One distribution of a stretch of a run, to be kept.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = run_intervals)]
pub struct NewInterval {
    /// What it is of, like `response`.
    pub name: &'static str,
    /// Where the stretch begins, in nanoseconds from the run's epoch.
    pub start_ns: i64,
    /// How long it is, in nanoseconds.
    pub length_ns: i64,
    /// The largest value in it, in nanoseconds.
    pub max_ns: i64,
    /// Encoded.
    pub histogram: Vec<u8>,
}

/// One distribution of a stretch of a run.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = run_intervals)]
pub struct IntervalRow {
    /// Its number, in the order of storing.
    pub id: i64,
    /// What it is of, like `response`.
    pub name: String,
    /// Where the stretch begins, in nanoseconds from the run's epoch.
    pub start_ns: i64,
    /// How long it is, in nanoseconds.
    pub length_ns: i64,
    /// The largest value in it, in nanoseconds.
    pub max_ns: i64,
    /// Encoded.
    pub histogram: Vec<u8>,
}

impl Store {
    /// Every distribution of a finished run; none when the run has none.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn histograms(&self, run_id: &str) -> Result<Vec<NamedHistogram>, StoreError> {
        let query = run_histograms::table
            .filter(run_histograms::run_id.eq(run_id))
            .select(NamedHistogram::as_select())
            .order(run_histograms::name.asc());
        self.shared
            .readers
            .read(|connection| query.load(connection))
    }

    /// Leaves distributions of stretches to be stored soon, all of them or none.
    ///
    /// Never blocks. What is turned away is counted in
    /// [`lost_rows`](Self::lost_rows).
    pub fn queue_intervals(&self, run_id: &str, rows: Vec<NewInterval>) -> Queued {
        let batch = IntervalBatch {
            run_id: run_id.to_owned(),
            rows,
        };
        // A run has a handful of these a second: jobs bound them well enough.
        self.shared.queue.offer(Job::Intervals(batch), 0)
    }

    /// Distributions of stretches with numbers above `after_id`, in their order.
    ///
    /// # Errors
    /// Only those of the database.
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

/// Distributions of one run's stretches on their way to the database.
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
