//! `GET|POST /requests` and `GET|DELETE /requests/:id`: saved requests, which are not sent here.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use super::saved::Deleted;
use super::{ApiError, saved, stored};
use crate::contract::RequestEdit;
use crate::store::{SavedRequest, Store};

/// Parameter that selects a collection.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct RequestsQuery {
    /// Collection whose requests are listed.
    #[param(rename = "collectionId", min_length = 1)]
    collection_id: String,
}

/// List the requests of a collection
#[utoipa::path(get, path = "/requests", operation_id = "listRequests", tag = "Workspace", params(RequestsQuery),
    responses((status = 200, description = "All of them", body = Vec<SavedRequest>)))]
pub async fn list(store: Data<Store>, query: Query) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["collectionId"])?;
    let collection = query.text("collectionId")?.map(str::to_owned);
    let collection = collection.ok_or_else(|| {
        ApiError::invalid("`collectionId` is missing; write /requests?collectionId=ID")
    })?;
    stored::answer(&store, move |store| store.requests_of(&collection)).await
}

/// Create or update a saved request
///
/// A new one needs everything but headers, body, auth, params and scripts. An update keeps fields that are
/// not sent; `null` resets a field.
#[utoipa::path(post, path = "/requests", operation_id = "saveRequest", tag = "Workspace", request_body = RequestEdit,
    responses((status = 200, description = "As it is stored now", body = SavedRequest, links(
        ("read" = (operation_id = "getRequest", parameters(("id" = "$response.body#/id")))),
        ("delete" = (operation_id = "deleteRequest", parameters(("id" = "$response.body#/id"))))
    ))))]
pub async fn save(store: Data<Store>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read::<RequestEdit>(payload).await?;
    stored::answer(&store, |store| store.save_request(edit)).await
}

/// Get a saved request
#[utoipa::path(get, path = "/requests/{id}", operation_id = "getRequest", tag = "Workspace",
    params(("id" = String, Path, description = "The request")),
    responses((status = 200, description = "The request", body = SavedRequest)))]
pub async fn get(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let missing = || ApiError::request_not_found(&id);
    stored::answer_one(&store, move |store| store.request(&key), missing).await
}

/// Number of deleted objects.
#[derive(Serialize, ToSchema)]
struct DeletedRequests {
    /// Always 1.
    requests: u64,
}

/// Delete a saved request
#[utoipa::path(delete, path = "/requests/{id}", operation_id = "deleteRequest", tag = "Workspace",
    params(("id" = String, Path, description = "The request")),
    responses((status = 200, description = "What is gone", body = Deleted<DeletedRequests>)))]
pub async fn delete(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    if stored::ask(&store, move |store| store.delete_request(&key)).await? {
        Ok(saved::gone(
            id.into_inner(),
            DeletedRequests { requests: 1 },
        ))
    } else {
        Err(ApiError::request_not_found(&id))
    }
}
