//! `DELETE /runs`: deletes all runs that match the filters of `GET /runs`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::query::Query;
use super::runs::{DeletedRows, FILTERS, RunFilterQuery, filter};
use crate::run::{Deletion, RunManager};

/// Parameter for a dry run.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct DryRunQuery {
    /// Whether to only report what would be deleted. Default: false.
    #[param(rename = "dryRun")]
    dry_run: Option<bool>,
}

/// Result of deleting runs, or of a dry run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedRuns {
    /// Whether this was a dry run and nothing was deleted.
    dry_run: bool,
    /// Number of deleted rows.
    deleted: DeletedRows,
    /// Ids of the deleted runs, newest first.
    run_ids: Vec<String>,
    /// Ids of active runs that match the filters; they are not deleted.
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

/// Delete the runs that match the filters
///
/// Deletes all stored data of the runs, a few runs per transaction. At least one filter is required. Active
/// runs are not deleted; `skipped` lists them.
#[utoipa::path(delete, path = "/runs", operation_id = "deleteRuns", tag = "Runs",
    params(RunFilterQuery, DryRunQuery),
    responses((status = 200, description = "What is gone, or would go", body = DeletedRuns)))]
pub async fn delete(runs: Data<RunManager>, query: Query) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&[&FILTERS[..], &["dryRun"]].concat())?;
    let dry_run = query.boolean("dryRun")?.unwrap_or(false);
    if !FILTERS.iter().any(|name| query.has(name)) {
        return Err(ApiError::invalid(format!(
            "no filter given; use at least one of `{}`",
            FILTERS.join("`, `")
        )));
    }
    let (runs, filter) = (runs.get_ref().clone(), filter(&query)?);
    let deletion = web::block(move || runs.delete_all(&filter, dry_run)).await??;
    Ok(HttpResponse::Ok().json(DeletedRuns::new(deletion, dry_run)))
}
