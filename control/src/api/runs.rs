//! `GET /runs`, and `GET` and `DELETE` of `/run/:id`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::paging::{Page, PageLimits, PageOf};
use super::query::Query;
use super::stored;
use crate::redact::redacted;
use crate::run::{DeleteAnswer, RunManager};
use crate::store::{Run, RunFilter, RunRows, RunStatus, RunType, Store};
use crate::verdict::VerdictStatus;

const BOUNDS: PageLimits = PageLimits {
    default: 50,
    most: 10_000,
};

/// Page of the list of runs.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct RunsQuery {
    /// Maximum number of runs of the page. Selects the paginated form of the response.
    #[param(minimum = 1, maximum = 10000, default = 50)]
    limit: Option<u32>,
    /// Number of runs to skip. Default: 0. Selects the paginated form of the response.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    offset: Option<u32>,
}

/// Filters of runs.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
pub struct RunFilterQuery {
    /// Only runs of this type.
    #[param(inline, rename = "type")]
    kind: Option<RunType>,
    /// Only runs with this status.
    #[param(inline)]
    status: Option<RunStatus>,
    /// Only runs of this saved request.
    #[param(rename = "requestId", min_length = 1)]
    request_id: Option<String>,
    /// Only runs started at this instant or later: milliseconds since the Unix epoch, or RFC 3339 like
    /// `2026-01-03T10:30:00Z`.
    #[param(
        rename = "startedAfter",
        pattern = "^([0-9]{1,15}|2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$"
    )]
    started_after: Option<String>,
    /// Only runs started before this instant.
    #[param(
        rename = "startedBefore",
        pattern = "^([0-9]{1,15}|2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$"
    )]
    started_before: Option<String>,
    /// Only runs whose name or comment contains this text.
    #[param(min_length = 1)]
    name: Option<String>,
    /// Only runs with this verdict.
    #[param(inline)]
    verdict: Option<VerdictStatus>,
}

/// The filter parameters.
pub const FILTERS: [&str; 7] = [
    "type",
    "status",
    "requestId",
    "startedAfter",
    "startedBefore",
    "name",
    "verdict",
];

/// Returns the filter of a query, without a page.
///
/// # Errors
/// Returns an error for the first invalid parameter.
pub fn filter(query: &Query) -> Result<RunFilter, ApiError> {
    use VerdictStatus::{Invalid, Suspect, Valid};
    let text = |name| Ok::<_, ApiError>(query.text(name)?.map(str::to_owned));
    Ok(RunFilter {
        limit: None,
        offset: 0,
        kind: query.one_of("type", RunType::ALL, RunType::name)?,
        status: query.one_of("status", RunStatus::ALL, RunStatus::name)?,
        request_id: text("requestId")?,
        started_from: query.instant("startedAfter")?,
        started_before: query.instant("startedBefore")?,
        name: text("name")?,
        verdict: query.one_of("verdict", [Valid, Suspect, Invalid], VerdictStatus::name)?,
    })
}

/// Runs as an array or as a page.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Runs {
    /// All matching runs.
    All(Vec<Run>),
    /// A page.
    Page(PageOf<Run>),
}

/// List the runs that match the filters
///
/// Newest first: an array of at most 10,000, or a page if `limit` or `offset` is given. A `configSnapshot`
/// larger than 16 KiB is replaced by `truncated`, `bytes`, `name`, `mode`, `method` and `url`.
#[utoipa::path(get, path = "/runs", operation_id = "listRuns", tag = "Runs", params(RunsQuery, RunFilterQuery),
    responses((status = 200, description = "The runs", body = Runs)))]
pub async fn list(store: Data<Store>, query: Query) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&[&["limit", "offset"][..], &FILTERS].concat())?;
    let page = Page::asked(&query, BOUNDS)?;
    let filter = RunFilter {
        limit: Some(page.map_or(BOUNDS.most, |page| page.limit)),
        offset: page.map_or(0, |page| page.offset),
        ..filter(&query)?
    };
    let asked = stored::answer(&store, move |store| {
        Ok(match page {
            None => Runs::All(listed(store.runs(&filter)?)),
            Some(page) => {
                let (runs, total) = store.runs_counted(&filter)?;
                Runs::Page(page.of(listed(runs), total))
            }
        })
    });
    asked.await
}

/// Returns the runs without secrets, as lists show them.
fn listed(runs: Vec<Run>) -> Vec<Run> {
    let shown = runs.into_iter().map(|run| Run {
        config_snapshot: redacted(&run.config_snapshot).into_owned(),
        ..run
    });
    shown.collect()
}

/// A single run.
#[derive(Serialize, ToSchema)]
struct ShownRun {
    #[serde(flatten)]
    run: Run,
    /// Current phase, if the status does not imply it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, inline)]
    phase: Option<Phase>,
}

/// Phase of a run within its status.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// The load has ended, and its result is not stored yet; the report has the final numbers.
    Storing,
}

/// Get a run
#[utoipa::path(get, path = "/run/{id}", operation_id = "getRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The run", body = ShownRun)))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends in between is then found in the store.
    let phase = active.live(&id).filter(|live| live.is_storing());
    let phase = phase.map(|_| Phase::Storing);
    let key = id.clone();
    let found = move |store: &Store| {
        let run = store.run(&key)?;
        Ok(run.map(|run| ShownRun { run, phase }))
    };
    stored::answer_one(&store, found, || ApiError::run_not_found(&id)).await
}

/// Result of deleting a run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedRun {
    /// Always `deleted`.
    status: &'static str,
    /// Run id.
    run_id: String,
    /// Number of deleted rows.
    deleted: DeletedRows,
}

/// Numbers of rows deleted with runs.
#[derive(Serialize, ToSchema)]
pub struct DeletedRows {
    /// Runs.
    runs: u64,
    /// Stored single requests.
    results: i64,
    /// Time-series metrics.
    metrics: i64,
}

impl DeletedRows {
    /// Creates the counts for `runs` deleted runs.
    pub fn new(runs: u64, RunRows { results, metrics }: RunRows) -> Self {
        Self {
            runs,
            results,
            metrics,
        }
    }
}

/// Delete a run
///
/// Deletes all stored data of the run. An active run must be stopped first.
#[utoipa::path(delete, path = "/run/{id}", operation_id = "deleteRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "What is gone", body = DeletedRun),
              (status = 409, description = "The run is active (`RUN_ACTIVE`)", body = ErrorBody)))]
pub async fn delete(runs: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let (runs, key) = (runs.get_ref().clone(), id.clone());
    match web::block(move || runs.delete(&key)).await?? {
        DeleteAnswer::Deleted(rows) => Ok(HttpResponse::Ok().json(DeletedRun {
            status: "deleted",
            run_id: id.into_inner(),
            deleted: DeletedRows::new(1, rows),
        })),
        DeleteAnswer::Active => Err(ApiError::run_active(&id)),
        DeleteAnswer::Unknown => Err(ApiError::run_not_found(&id)),
    }
}

/// Returns the stored run `id`, or a 404.
pub async fn find(store: &Store, id: &str) -> Result<Run, ApiError> {
    let key = id.to_owned();
    let run = stored::ask(store, move |store| store.run(&key)).await?;
    run.ok_or_else(|| ApiError::run_not_found(id))
}
