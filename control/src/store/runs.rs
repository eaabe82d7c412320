//! Runs: the rows to write, and how they are read, filtered and counted.
//!
//! This module does not validate status transitions. Measurements of a run are read in `summaries`;
//! `writes` queues changes, `run_rows` executes them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use utoipa::ToSchema;

use super::schema::{metrics, results, runs};
use super::states::{RunStatus, RunType};
use super::summaries::MeasuredColumns;
use super::{Store, StoreError};
use crate::private_key;
use crate::verdict::VerdictStatus;

/// A run to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = runs)]
pub struct NewRun {
    /// Id. Must be unique.
    pub id: String,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment it is linked to.
    pub environment_id: Option<String>,
    /// Type.
    pub kind: RunType,
    /// Initial status.
    pub status: RunStatus,
    /// The configuration as given, as JSON text.
    pub config_snapshot: String,
    /// Start time, in milliseconds since the Unix epoch.
    pub start_time: i64,
}

impl NewRun {
    /// Removes links that contain a private key, which is never a valid id.
    pub(super) fn linked(self) -> Self {
        let is_id = |id: &String| !private_key::detected_in(id);
        Self {
            request_id: self.request_id.filter(is_id),
            environment_id: self.environment_id.filter(is_id),
            ..self
        }
    }
}

/// A stored run. Its JSON form is the API representation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = runs)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Id.
    pub id: String,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment it is linked to.
    pub environment_id: Option<String>,
    /// Type.
    #[serde(rename = "type")]
    pub kind: RunType,
    /// Status.
    pub status: RunStatus,
    /// The configuration as given, as JSON text.
    pub config_snapshot: String,
    /// Start time, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// End time, in milliseconds since the Unix epoch. Absent until the run has ended.
    pub end_time: Option<i64>,
    /// Why the run failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the run is kept regardless of its age and size. Present only if true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub pinned: bool,
    /// When its results, time series and interval histograms were deleted to free space, in milliseconds
    /// since the Unix epoch. Present only if they were deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details_deleted_at: Option<i64>,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// Id of the run.
    pub id: String,
    /// Final status.
    pub status: RunStatus,
    /// End time, in milliseconds since the Unix epoch.
    pub end_time: i64,
    /// Why the run failed.
    pub reason: Option<String>,
    /// The measurements, if there are any.
    pub measured: Option<MeasuredColumns>,
}

/// Numbers of rows that belong to a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunRows {
    /// Stored samples of single requests.
    pub results: i64,
    /// Values of the time series.
    pub metrics: i64,
}

/// Filter for listing runs. The default matches all runs.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Maximum number of runs.
    pub limit: Option<u32>,
    /// Number of runs to skip.
    pub offset: u32,
    /// Only runs of this type.
    pub kind: Option<RunType>,
    /// Only runs with this status.
    pub status: Option<RunStatus>,
    /// Only runs linked to this saved request.
    pub request_id: Option<String>,
    /// Only runs started at or after this time, in milliseconds since the Unix epoch.
    pub started_from: Option<i64>,
    /// Only runs started before this time, in milliseconds since the Unix epoch.
    pub started_before: Option<i64>,
    /// Only runs whose name or comment contains this text. ASCII case is ignored.
    pub name: Option<String>,
    /// Only runs with this verdict.
    pub verdict: Option<VerdictStatus>,
}

/// SQL for the name and comment of a run, which are part of its configuration. The text to find follows.
const OWN_WORDS: &str = "instr(lower(CASE WHEN json_valid(config_snapshot) THEN \
    coalesce(config_snapshot ->> '$.name', '') || char(10) || \
    coalesce(config_snapshot ->> '$.comment', '') END), lower(";
/// SQL for the verdict, which is part of the summary. Its name follows.
const VERDICT: &str = "EXISTS (SELECT 1 FROM run_summaries WHERE run_summaries.run_id = runs.id \
    AND run_summaries.summary ->> '$.verdict.status' = ";

/// SQL for the configuration shown in lists: all of it up to 16 KiB or if it is not JSON, otherwise only
/// name, mode and target.
const LISTED_SNAPSHOT: &str = "CASE \
    WHEN octet_length(config_snapshot) <= 16384 OR NOT json_valid(config_snapshot) THEN config_snapshot \
    ELSE json_object('truncated', json('true'), 'bytes', octet_length(config_snapshot), \
        'name', substr(config_snapshot ->> '$.name', 1, 512), \
        'mode', substr(config_snapshot ->> '$.mode', 1, 64), \
        'method', substr(coalesce(config_snapshot ->> '$.request.method', config_snapshot ->> '$.method'), 1, 64), \
        'url', substr(coalesce(config_snapshot ->> '$.request.url', config_snapshot ->> '$.url'), 1, 8192)) END";

impl Store {
    /// Returns the run with this id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn run(&self, id: &str) -> Result<Option<Run>, StoreError> {
        self.shared.readers.read(|connection| {
            let found = runs::table.find(id).select(Run::as_select());
            found.first(connection).optional()
        })
    }

    /// Returns the runs that match the filter, latest start first.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, StoreError> {
        self.shared
            .readers
            .read(|connection| load_page(connection, filter))
    }

    /// Returns the runs that match the filter like [`Self::runs`], and how many match it without limit and
    /// offset, both from one snapshot.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn runs_counted(&self, filter: &RunFilter) -> Result<(Vec<Run>, i64), StoreError> {
        self.shared.readers.read(|connection| {
            connection.transaction(|connection| {
                let total = passing(filter).count().get_result(connection)?;
                Ok((load_page(connection, filter)?, total))
            })
        })
    }

    /// Returns how many rows belong to a run.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn run_rows(&self, id: &str) -> Result<RunRows, StoreError> {
        self.shared.readers.read(|connection| {
            connection.transaction(|connection| {
                let results = results::table.filter(results::run_id.eq(id));
                let metrics = metrics::table.filter(metrics::run_id.eq(id));
                Ok(RunRows {
                    results: results.count().get_result(connection)?,
                    metrics: metrics.count().get_result(connection)?,
                })
            })
        })
    }
}

/// Returns the query for the runs that match the filter, without its limit and offset.
pub(super) fn passing(filter: &RunFilter) -> runs::BoxedQuery<'_, Sqlite> {
    let mut query = runs::table.into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(runs::kind.eq(kind));
    }
    if let Some(status) = filter.status {
        query = query.filter(runs::status.eq(status));
    }
    if let Some(request_id) = &filter.request_id {
        query = query.filter(runs::request_id.eq(request_id));
    }
    if let Some(from) = filter.started_from {
        query = query.filter(runs::start_time.ge(from));
    }
    if let Some(before) = filter.started_before {
        query = query.filter(runs::start_time.lt(before));
    }
    if let Some(name) = &filter.name {
        let holds = sql::<Bool>(OWN_WORDS).bind::<Text, _>(name).sql(")) > 0");
        query = query.filter(holds);
    }
    if let Some(verdict) = filter.verdict {
        let judged = sql::<Bool>(VERDICT)
            .bind::<Text, _>(verdict.name())
            .sql(")");
        query = query.filter(judged);
    }
    query
}

fn load_page(connection: &mut SqliteConnection, filter: &RunFilter) -> QueryResult<Vec<Run>> {
    passing(filter)
        .select((
            runs::id,
            runs::request_id,
            runs::environment_id,
            runs::kind,
            runs::status,
            sql::<Text>(LISTED_SNAPSHOT),
            runs::start_time,
            runs::end_time,
            runs::reason,
            runs::pinned,
            runs::details_deleted_at,
        ))
        .order((runs::start_time.desc(), runs::id.desc()))
        // SQLite treats a negative limit as no limit.
        .limit(filter.limit.map_or(-1, i64::from))
        .offset(i64::from(filter.offset))
        .load(connection)
}
