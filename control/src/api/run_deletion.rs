//! `DELETE /runs`: many runs at once, by the filters of `GET /runs`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::query::Query;
use super::runs::{DeletedRows, FILTERS, RunFilterQuery, filter};
use crate::run::{Deletion, RunManager};

/// Whether anything is deleted.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct DryRunQuery {
    /// Whether to say what would go, and delete nothing. Default false.
    #[param(rename = "dryRun")]
    dry_run: Option<bool>,
}

/// What went with many runs, or would go.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedRuns {
    /// Whether nothing was deleted, and this only says what would go.
    dry_run: bool,
    /// How many rows.
    deleted: DeletedRows,
    /// The runs, those begun last first.
    run_ids: Vec<String>,
    /// Active runs that match the filters; they are not deleted.
    skipped: Vec<String>,
}

impl DeletedRuns {
    fn new(deletion: Deletion, dry_run: bool) -> Self {
        Self {
            dry_run,
            deleted: DeletedRows::new(deletion.deleted.len() as u64, deletion.rows),
            run_ids: deletion.deleted,
            skipped: deletion.skipped,
        }
    }
}

/// Deletes the runs that pass the filters
///
/// With all that is stored of them, a few in each transaction. At least one filter is
/// required. Active runs are not deleted; `skipped` names them.
#[utoipa::path(delete, path = "/runs", operation_id = "deleteRuns", tag = "Runs",
    params(RunFilterQuery, DryRunQuery),
    responses((status = 200, description = "What is gone, or would go", body = DeletedRuns)))]
pub async fn delete(runs: Data<RunManager>, query: Query) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&[&FILTERS[..], &["dryRun"]].concat())?;
    let dry_run = query.boolean("dryRun")?.unwrap_or(false);
    if !FILTERS.iter().any(|name| query.has(name)) {
        return Err(ApiError::invalid(format!(
            "there is no filter, which would delete every run; use at least one of `{}`",
            FILTERS.join("`, `")
        )));
    }
    let (runs, filter) = (runs.get_ref().clone(), filter(&query)?);
    let deletion = web::block(move || runs.delete_all(&filter, dry_run)).await??;
    Ok(HttpResponse::Ok().json(DeletedRuns::new(deletion, dry_run)))
}
