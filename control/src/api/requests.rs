//! `GET|POST /requests` and `GET|DELETE /requests/:id`: requests as they are
//! saved, which is not how they are sent.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload, Query};
use serde::Deserialize;
use serde_json::json;
use vayu_shared::validate::request_edit;

use super::{ApiError, saved};
use crate::run::RunManager;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// The collection whose requests are listed.
    collection_id: Option<String>,
}

/// The requests of one collection.
pub async fn list(
    manager: Data<RunManager>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, ApiError> {
    let collection = wanted.into_inner().collection_id;
    let collection = collection.filter(|id| !id.is_empty()).ok_or_else(|| {
        ApiError::invalid("`collectionId` is missing; write /requests?collectionId=ID")
    })?;
    saved::answer(&saved::ask(&manager, move |store| store.requests_of(&collection)).await?)
}

/// Makes a request or changes it.
pub async fn save(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read(payload, request_edit).await?;
    saved::answer(&saved::ask(&manager, |store| store.save_request(edit)).await?)
}

/// One request.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let found = saved::ask(&manager, move |store| store.request(&key)).await?;
    saved::answer(&found.ok_or_else(|| ApiError::request_not_found(&id))?)
}

/// Deletes a request.
pub async fn delete(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    if saved::ask(&manager, move |store| store.delete_request(&key)).await? {
        Ok(saved::gone(&id, json!({"requests": 1})))
    } else {
        Err(ApiError::request_not_found(&id))
    }
}
