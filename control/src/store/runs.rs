//! Runs: made, followed, finished, listed and deleted.
//!
//! Which change of status makes sense is not judged here. What was measured of a
//! run is read in `summaries`; how runs are written is in `run_rows`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::Job;
use super::run_rows::Ending;
use super::schema::{metrics, results, runs};
use super::states::{RunStatus, RunType};
use super::summaries::Measured;
use super::{Store, StoreError};
use crate::private_key;
use crate::verdict::VerdictStatus;

/// A run to be.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = runs)]
pub struct NewRun {
    /// Its id; no other run may have it.
    pub id: String,
    /// The saved request it is linked to.
    pub request_id: Option<String>,
    /// The environment it is linked to.
    pub environment_id: Option<String>,
    /// What it is.
    pub kind: RunType,
    /// How far it is from the beginning.
    pub status: RunStatus,
    /// What was asked for, as JSON text.
    pub config_snapshot: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub start_time: i64,
}

impl NewRun {
    /// Linked to nothing by a private key, which is the id of nothing.
    pub(super) fn linked(self) -> Self {
        let is_id = |id: &String| !private_key::is_in(id);
        Self {
            request_id: self.request_id.filter(is_id),
            environment_id: self.environment_id.filter(is_id),
            ..self
        }
    }
}

/// A stored run; as JSON it is what the API shows.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = runs)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The saved request it is linked to.
    pub request_id: Option<String>,
    /// The environment it is linked to.
    pub environment_id: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: RunType,
    /// How far it has come.
    pub status: RunStatus,
    /// What was asked for, as JSON text.
    pub config_snapshot: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// When it ended, in milliseconds since the Unix epoch, if it has.
    pub end_time: Option<i64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is kept whatever its age and size. Only there when it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub pinned: bool,
    /// When its results, series and histograms of intervals were deleted to make room, in
    /// milliseconds since the Unix epoch. Only there when they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details_deleted_at: Option<i64>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// Which run.
    pub id: String,
    /// Its last status.
    pub status: RunStatus,
    /// When it ended, in milliseconds since the Unix epoch.
    pub end_time: i64,
    /// Why it failed.
    pub reason: Option<String>,
    /// What was measured, if it came to that.
    pub measured: Option<Measured>,
}

/// How many rows belong to a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunRows {
    /// Single requests that were kept.
    pub results: i64,
    /// Values of the time series.
    pub metrics: i64,
}

/// Which runs to list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// At most so many.
    pub limit: Option<u32>,
    /// Without the first so many.
    pub offset: u32,
    /// Only of this type.
    pub kind: Option<RunType>,
    /// Only of this status.
    pub status: Option<RunStatus>,
    /// Only those linked to this saved request.
    pub request_id: Option<String>,
    /// Only those begun at this instant or later, in milliseconds since the Unix epoch.
    pub started_from: Option<i64>,
    /// Only those begun before this instant.
    pub started_before: Option<i64>,
    /// Only those whose name or comment holds this text, whatever the case of ASCII letters.
    pub name: Option<String>,
    /// Only those judged so.
    pub verdict: Option<VerdictStatus>,
}

/// What people call a run stands in what it was started with; the text to find follows.
const OWN_WORDS: &str = "instr(lower(CASE WHEN json_valid(config_snapshot) THEN \
    coalesce(config_snapshot ->> '$.name', '') || char(10) || \
    coalesce(config_snapshot ->> '$.comment', '') END), lower(";
/// The verdict stands in the summary; its name follows.
const VERDICT: &str = "EXISTS (SELECT 1 FROM run_summaries WHERE run_summaries.run_id = runs.id \
    AND run_summaries.summary ->> '$.verdict.status' = ";

/// What lists show of what a run was started with: all of it up to 16 KiB (and what is no
/// JSON), and beyond that what it is called and where it goes.
const LISTED_SNAPSHOT: &str = "CASE \
    WHEN octet_length(config_snapshot) <= 16384 OR NOT json_valid(config_snapshot) THEN config_snapshot \
    ELSE json_object('truncated', json('true'), 'bytes', octet_length(config_snapshot), \
        'name', substr(config_snapshot ->> '$.name', 1, 512), \
        'mode', substr(config_snapshot ->> '$.mode', 1, 64), \
        'method', substr(coalesce(config_snapshot ->> '$.request.method', config_snapshot ->> '$.method'), 1, 64), \
        'url', substr(coalesce(config_snapshot ->> '$.request.url', config_snapshot ->> '$.url'), 1, 8192)) END";

impl Store {
    /// Stores a new run; it is committed when this returns.
    ///
    /// # Errors
    /// [`StoreError::DuplicateRun`] when the id is taken.
    pub fn insert_run(&self, run: NewRun) -> Result<(), StoreError> {
        let run = run.linked();
        let run = NewRun {
            config_snapshot: self.of_a_run(run.config_snapshot),
            ..run
        };
        let job = Job::InsertRun(Box::new(run));
        self.shared.queue.perform(job).map(drop)
    }

    /// Moves a run to another status; it is committed when this returns.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`] when there is no such run.
    pub fn set_run_status(&self, id: &str, status: RunStatus) -> Result<(), StoreError> {
        let job = Job::SetStatus {
            run_id: id.to_owned(),
            status,
        };
        self.change_run(id, job)
    }

    /// Stores how a run ended, all of it in one transaction and after every row
    /// queued before; it is committed when this returns.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`] when there is no such run.
    pub fn finish_run(&self, finish: FinishedRun) -> Result<(), StoreError> {
        let id = finish.id.clone();
        self.change_run(&id, Job::Finish(Box::new(Ending::new(finish))))
    }

    /// Deletes a run with all that belongs to it; says whether there was one.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn delete_run(&self, id: &str) -> Result<bool, StoreError> {
        let job = Job::DeleteRun {
            run_id: id.to_owned(),
        };
        Ok(self.shared.queue.perform(job)? > 0)
    }

    fn change_run(&self, id: &str, job: Job) -> Result<(), StoreError> {
        match self.shared.queue.perform(job)? {
            0 => Err(StoreError::UnknownRun(id.to_owned())),
            _ => Ok(()),
        }
    }

    /// The run of this id.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn run(&self, id: &str) -> Result<Option<Run>, StoreError> {
        self.shared.readers.read(|connection| {
            let found = runs::table.find(id).select(Run::as_select());
            found.first(connection).optional()
        })
    }

    /// Runs that pass the filter, those begun last first.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, StoreError> {
        self.shared
            .readers
            .read(|connection| load_page(connection, filter))
    }

    /// The same, and how many pass the filter without its limit and offset, as
    /// of one moment.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn runs_counted(&self, filter: &RunFilter) -> Result<(Vec<Run>, i64), StoreError> {
        self.shared.readers.read(|connection| {
            connection.transaction(|connection| {
                let total = passing(filter).count().get_result(connection)?;
                Ok((load_page(connection, filter)?, total))
            })
        })
    }

    /// How many rows belong to a run.
    ///
    /// # Errors
    /// Only those of the database.
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

/// Runs that pass the filter, but for its limit and offset.
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
        // SQLite reads a negative limit as none.
        .limit(filter.limit.map_or(-1, i64::from))
        .offset(i64::from(filter.offset))
        .load(connection)
}
