//! Stored samples of single requests.
//!
//! They are samples: their number does not reflect how many requests were sent, and reports never count them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
use serde::Serialize;
use utoipa::ToSchema;

use super::schema::results;
use super::{Store, StoreError, json_text};

/// A request sample to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = results, treat_none_as_default_value = false)]
pub struct NewResult {
    /// Completion time, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Status code of the response. 0 without a response.
    pub status_code: i32,
    /// Latency in milliseconds. Must be finite.
    pub latency_ms: f64,
    /// Wire name of the failure.
    pub error: Option<&'static str>,
    /// Details of the failure from the system or the engine.
    pub error_detail: Option<String>,
    /// Trace, as JSON text.
    pub trace: Option<String>,
}

/// A stored request sample. Its JSON form is the API representation.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = results)]
#[serde(rename_all = "camelCase")]
pub struct ResultRow {
    /// Id, increasing in the order of storage.
    pub id: i64,
    /// Completion time, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Status code of the response. 0 without a response.
    pub status_code: i32,
    /// Latency in milliseconds.
    pub latency_ms: f64,
    /// Wire name of the failure.
    pub error: Option<String>,
    /// Details of the failure from the system or the engine.
    pub error_detail: Option<String>,
    /// Trace, as JSON text: the response and the phases.
    #[serde(serialize_with = "json_text::serialize_any")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub trace: Option<String>,
}

/// Outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultOutcome {
    /// A response with status 2xx or 3xx.
    Success,
    /// No response, or a response with another status.
    Error,
}

/// Filter for listing results.
#[derive(Clone, Copy, Debug)]
pub struct ResultFilter {
    /// Maximum number of results.
    pub limit: u32,
    /// Number of results to skip.
    pub offset: u32,
    /// Only results with this outcome.
    pub outcome: Option<ResultOutcome>,
}

impl Store {
    /// Returns results of a run in the order of storage.
    ///
    /// # Errors
    /// Returns an error if the database fails.
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

    /// Returns how many results of a run are stored, with one outcome or in total.
    ///
    /// # Errors
    /// Returns an error if the database fails.
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

/// Condition for a failed result, identical to that of its partial index: SQLite uses the index only for the
/// same expression without parameters.
const FAILED: &str = "(error IS NOT NULL OR status_code NOT BETWEEN 200 AND 399)";

/// Results of one run, to be written.
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
    pub(super) fn bytes(&self) -> usize {
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
