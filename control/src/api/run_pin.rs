//! `POST` and `DELETE` of `/run/:id/pin`: pins a run, so that retention keeps it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, stored};
use crate::store::Store;

/// Result of pinning or unpinning a run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PinnedRun {
    /// Run id.
    run_id: String,
    /// Whether the run is pinned.
    pinned: bool,
}

/// Pin a run
///
/// A pinned run is not deleted for its age, the number of runs or the size of the database, nor by
/// `DELETE /runs`.
#[utoipa::path(post, path = "/run/{id}/pin", operation_id = "pinRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "It is pinned", body = PinnedRun)))]
pub async fn pin(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    set(&store, id.into_inner(), true).await
}

/// Unpin a run
#[utoipa::path(delete, path = "/run/{id}/pin", operation_id = "unpinRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "It is not pinned", body = PinnedRun)))]
pub async fn unpin(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    set(&store, id.into_inner(), false).await
}

async fn set(store: &Store, id: String, pinned: bool) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    if stored::ask(store, move |store| store.pin_run(&key, pinned)).await? {
        Ok(HttpResponse::Ok().json(PinnedRun { run_id: id, pinned }))
    } else {
        Err(ApiError::run_not_found(&id))
    }
}
