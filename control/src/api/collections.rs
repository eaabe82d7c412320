//! `GET|POST /collections` and `GET|DELETE /collections/:id`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use serde_json::json;
use vayu_shared::validate::collection_edit;

use super::{ApiError, saved};
use crate::run::RunManager;

/// Every collection.
pub async fn list(manager: Data<RunManager>) -> Result<HttpResponse, ApiError> {
    saved::answer(&saved::ask(&manager, |store| store.collections()).await?)
}

/// Makes a collection or changes it.
pub async fn save(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read(payload, collection_edit).await?;
    saved::answer(&saved::ask(&manager, |store| store.save_collection(edit)).await?)
}

/// One collection.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let found = saved::ask(&manager, move |store| store.collection(&key)).await?;
    saved::answer(&found.ok_or_else(|| ApiError::collection_not_found(&id))?)
}

/// Deletes a collection with all its folders and requests.
pub async fn delete(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let deleted = saved::ask(&manager, move |store| store.delete_collection(&key)).await?;
    let deleted = deleted.ok_or_else(|| ApiError::collection_not_found(&id))?;
    Ok(saved::gone(&id, json!(deleted)))
}
