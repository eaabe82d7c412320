//! `GET /runs`, and `GET` and `DELETE` of `/run/:id`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::paging::{Bounds, Page, PageOf};
use super::query::Query;
use super::stored;
use crate::redact::redacted;
use crate::run::{DeleteAnswer, RunManager};
use crate::store::{Run, RunFilter, RunRows, RunStatus, RunType, Store};
use crate::verdict::VerdictStatus;

const BOUNDS: Bounds = Bounds {
    default: 50,
    most: 10_000,
};

/// Which page of the runs.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct RunsQuery {
    /// Most runs of the page; asks for a page instead of the array.
    #[param(minimum = 1, maximum = 10000, default = 50)]
    limit: Option<u32>,
    /// Without the first so many; asks for a page, too.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    offset: Option<u32>,
}

/// Which runs, of all pages.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
pub struct RunFilterQuery {
    /// Only runs of this type.
    #[param(inline, rename = "type")]
    kind: Option<RunType>,
    /// Only runs in this status.
    #[param(inline)]
    status: Option<RunStatus>,
    /// Only runs of this saved request.
    #[param(rename = "requestId", min_length = 1)]
    request_id: Option<String>,
    /// Only runs begun at this instant or later: milliseconds since the Unix epoch, or
    /// RFC 3339 like `2026-01-03T10:30:00Z`.
    #[param(
        rename = "startedAfter",
        pattern = "^([0-9]{1,15}|2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$"
    )]
    started_after: Option<String>,
    /// Only runs begun before this instant.
    #[param(
        rename = "startedBefore",
        pattern = "^([0-9]{1,15}|2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)$"
    )]
    started_before: Option<String>,
    /// Only runs whose name or comment holds this text.
    #[param(min_length = 1)]
    name: Option<String>,
    /// Only runs judged so.
    #[param(inline)]
    verdict: Option<VerdictStatus>,
}

/// The parameters that choose runs.
pub const FILTERS: [&str; 7] = [
    "type",
    "status",
    "requestId",
    "startedAfter",
    "startedBefore",
    "name",
    "verdict",
];

/// The runs that a query chooses, of all pages.
///
/// # Errors
/// The parameter that is not legal.
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

/// Runs as an array, or a page of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Runs {
    /// All of them.
    All(Vec<Run>),
    /// A page.
    Page(PageOf<Run>),
}

/// Runs that pass the filters
///
/// The newest first: an array of at most 10,000, or a page when `limit` or `offset` asks for one. Of a `configSnapshot`
/// beyond 16 KiB, lists have `truncated`, `bytes` and what it is called and where it goes.
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

/// Runs as lists show them: without secrets.
fn listed(runs: Vec<Run>) -> Vec<Run> {
    let shown = runs.into_iter().map(|run| Run {
        config_snapshot: redacted(&run.config_snapshot).into_owned(),
        ..run
    });
    shown.collect()
}

/// A run as it is shown on its own.
#[derive(Serialize, ToSchema)]
struct ShownRun {
    #[serde(flatten)]
    run: Run,
    /// What it does, where its status does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, inline)]
    phase: Option<Phase>,
}

/// What a run does in its status.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// It is over, and its end could not be stored yet; the report has its last numbers.
    Storing,
}

/// One run
#[utoipa::path(get, path = "/run/{id}", operation_id = "getRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The run", body = ShownRun)))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends now is found in the store after that.
    let phase = active.live(&id).filter(|live| live.is_storing());
    let phase = phase.map(|_| Phase::Storing);
    let key = id.clone();
    let found = move |store: &Store| {
        let run = store.run(&key)?;
        Ok(run.map(|run| ShownRun { run, phase }))
    };
    stored::answer_one(&store, found, || ApiError::run_not_found(&id)).await
}

/// What went with a run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedRun {
    /// Always `deleted`.
    status: &'static str,
    /// The run.
    run_id: String,
    /// How many rows.
    deleted: DeletedRows,
}

/// Rows that went with runs.
#[derive(Serialize, ToSchema)]
pub struct DeletedRows {
    /// The runs themselves.
    runs: u64,
    /// Their single requests.
    results: i64,
    /// Their time series.
    metrics: i64,
}

impl DeletedRows {
    /// Of so many runs.
    pub fn new(runs: u64, RunRows { results, metrics }: RunRows) -> Self {
        Self {
            runs,
            results,
            metrics,
        }
    }
}

/// Deletes a run
///
/// With all that is stored of it. One that goes on has to be stopped first.
#[utoipa::path(delete, path = "/run/{id}", operation_id = "deleteRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "What is gone", body = DeletedRun),
              (status = 409, description = "It goes on (`RUN_ACTIVE`)", body = ErrorBody)))]
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

/// The stored run `id`, or 404.
pub async fn find(store: &Store, id: &str) -> Result<Run, ApiError> {
    let key = id.to_owned();
    let run = stored::ask(store, move |store| store.run(&key)).await?;
    run.ok_or_else(|| ApiError::run_not_found(id))
}
