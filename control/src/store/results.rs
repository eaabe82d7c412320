//! Single requests kept of a run.
//!
//! They are samples: how many there are says nothing about how many requests
//! were made, and reports never count them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::Job;
use super::schema::results;
use super::{Queued, Store, StoreError, json_text};

/// One request to be kept.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = results, treat_none_as_default_value = false)]
pub struct NewResult {
    /// When it completed, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Status of the response, 0 when none came.
    pub status_code: i32,
    /// Its latency in milliseconds; a finite number.
    pub latency_ms: f64,
    /// The wire name of its failure.
    pub error: Option<&'static str>,
    /// What the system or the engine said about the failure.
    pub error_detail: Option<String>,
    /// Its particulars, as JSON text.
    pub trace: Option<String>,
}

/// One request that was kept; as JSON it is what the API shows.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = results)]
#[serde(rename_all = "camelCase")]
pub struct ResultRow {
    /// Its number, in the order of storing.
    pub id: i64,
    /// When it completed, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Status of the response, 0 when none came.
    pub status_code: i32,
    /// Its latency in milliseconds.
    pub latency_ms: f64,
    /// The wire name of its failure.
    pub error: Option<String>,
    /// What the system or the engine said about the failure.
    pub error_detail: Option<String>,
    /// Its particulars, as JSON text: the response and the phases.
    #[serde(serialize_with = "json_text::serialize_any")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub trace: Option<String>,
}

/// How a request turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultOutcome {
    /// A response of 2xx or 3xx.
    Success,
    /// No response, or one of another status.
    Error,
}

/// Which results to list.
#[derive(Clone, Copy, Debug)]
pub struct ResultFilter {
    /// At most so many.
    pub limit: u32,
    /// Without the first so many.
    pub offset: u32,
    /// Only those that turned out so.
    pub outcome: Option<ResultOutcome>,
}

impl Store {
    /// Leaves results of a run to be stored soon, all of them or none.
    ///
    /// Never blocks. What is turned away is counted in
    /// [`lost_rows`](Self::lost_rows).
    pub fn queue_results(&self, run_id: &str, rows: Vec<NewResult>) -> Queued {
        let rows: Vec<NewResult> = match self.redacts() {
            true => rows
                .into_iter()
                .map(|row| self.without_secrets(row))
                .collect(),
            false => rows,
        };
        let bytes = rows.iter().map(NewResult::bytes).sum();
        let batch = ResultBatch::new(run_id, rows);
        self.shared.queue.offer(Job::Results(batch), bytes)
    }

    /// A result as it is to be stored.
    fn without_secrets(&self, row: NewResult) -> NewResult {
        NewResult {
            trace: row.trace.map(|trace| self.of_a_run(trace)),
            ..row
        }
    }

    /// Results of a run in the order of storing.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn results(
        &self,
        run_id: &str,
        filter: ResultFilter,
    ) -> Result<Vec<ResultRow>, StoreError> {
        let query = of_run(run_id, filter.outcome)
            .select(ResultRow::as_select())
            .order(results::id.asc())
            .limit(i64::from(filter.limit))
            .offset(i64::from(filter.offset));
        self.shared
            .readers
            .read(|connection| query.load(connection))
    }

    /// How many results of a run are stored, of one outcome or of both.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn count_results(
        &self,
        run_id: &str,
        outcome: Option<ResultOutcome>,
    ) -> Result<i64, StoreError> {
        let query = of_run(run_id, outcome).count();
        self.shared
            .readers
            .read(|connection| query.get_result(connection))
    }
}

/// A result that failed, in the words of the index over those: SQLite uses it
/// only for the same expression without parameters.
const FAILED: &str = "(error IS NOT NULL OR status_code NOT BETWEEN 200 AND 399)";

/// Results of one run on their way to the database.
pub(super) struct ResultBatch {
    pub(super) run_id: String,
    pub(super) rows: Vec<NewResult>,
}

impl ResultBatch {
    pub(super) fn new(run_id: &str, rows: Vec<NewResult>) -> Self {
        Self {
            run_id: run_id.to_owned(),
            rows,
        }
    }
}

impl NewResult {
    fn bytes(&self) -> usize {
        let text = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        size_of::<Self>() + text(&self.error_detail) + text(&self.trace)
    }
}

pub(super) fn insert(connection: &mut SqliteConnection, batch: &ResultBatch) -> QueryResult<usize> {
    for row in &batch.rows {
        diesel::insert_into(results::table)
            .values((results::run_id.eq(&batch.run_id), row))
            .execute(connection)?;
    }
    Ok(batch.rows.len())
}

fn of_run(run_id: &str, outcome: Option<ResultOutcome>) -> results::BoxedQuery<'_, Sqlite> {
    let all = results::table
        .filter(results::run_id.eq(run_id))
        .into_boxed();
    match outcome {
        None => all,
        Some(ResultOutcome::Success) => all.filter(sql::<Bool>(
            "error IS NULL AND status_code BETWEEN 200 AND 399",
        )),
        Some(ResultOutcome::Error) => all.filter(sql::<Bool>(FAILED)),
    }
}
