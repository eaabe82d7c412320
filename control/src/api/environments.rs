//! `GET|POST /environments` and `GET|DELETE /environments/:id`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use serde_json::json;
use vayu_shared::validate::environment_edit;

use super::{ApiError, saved};
use crate::run::RunManager;

/// Every environment.
pub async fn list(manager: Data<RunManager>) -> Result<HttpResponse, ApiError> {
    saved::answer(&saved::ask(&manager, |store| store.environments()).await?)
}

/// Makes an environment or changes it.
pub async fn save(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read(payload, environment_edit).await?;
    saved::answer(&saved::ask(&manager, |store| store.save_environment(edit)).await?)
}

/// One environment.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let found = saved::ask(&manager, move |store| store.environment(&key)).await?;
    saved::answer(&found.ok_or_else(|| ApiError::environment_not_found(&id))?)
}

/// Deletes an environment.
pub async fn delete(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    if saved::ask(&manager, move |store| store.delete_environment(&key)).await? {
        Ok(saved::gone(&id, json!({"environments": 1})))
    } else {
        Err(ApiError::environment_not_found(&id))
    }
}
