//! `GET|POST /collections` and `GET|DELETE /collections/:id`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};

use super::error::ErrorBody;
use super::query::Query;
use super::saved::Deleted;
use super::{ApiError, saved, stored};
use crate::contract::CollectionEdit;
use crate::store::{Collection, DeletedCollections, Store};

/// List collections
#[utoipa::path(get, path = "/collections", operation_id = "listCollections", tag = "Workspace",
    responses((status = 200, description = "All of them", body = Vec<Collection>),
              (status = 400, description = "There is a parameter", body = ErrorBody)))]
pub async fn list(store: Data<Store>, query: Query) -> Result<HttpResponse, ApiError> {
    query.accept(&[])?;
    stored::answer(&store, |store| store.collections()).await
}

/// Create or update a collection
///
/// Collections form a tree. A new one needs a `name`. An update keeps fields that are not sent; `null` resets
/// a field.
#[utoipa::path(post, path = "/collections", operation_id = "saveCollection", tag = "Workspace", request_body = CollectionEdit,
    responses((status = 200, description = "As it is stored now", body = Collection, links(
        ("read" = (operation_id = "getCollection", parameters(("id" = "$response.body#/id")))),
        ("delete" = (operation_id = "deleteCollection", parameters(("id" = "$response.body#/id")))),
        ("requests" = (operation_id = "listRequests", parameters(("collectionId" = "$response.body#/id"))))
    ))))]
pub async fn save(store: Data<Store>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read::<CollectionEdit>(payload).await?;
    stored::answer(&store, |store| store.save_collection(edit)).await
}

/// Get a collection
#[utoipa::path(get, path = "/collections/{id}", operation_id = "getCollection", tag = "Workspace",
    params(("id" = String, Path, description = "The collection")),
    responses((status = 200, description = "The collection", body = Collection)))]
pub async fn get(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let missing = || ApiError::collection_not_found(&id);
    stored::answer_one(&store, move |store| store.collection(&key), missing).await
}

/// Delete a collection
///
/// Deletes all its folders and requests too, in one transaction.
#[utoipa::path(delete, path = "/collections/{id}", operation_id = "deleteCollection", tag = "Workspace",
    params(("id" = String, Path, description = "The collection")),
    responses((status = 200, description = "What is gone", body = Deleted<DeletedCollections>)))]
pub async fn delete(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let deleted = stored::ask(&store, move |store| store.delete_collection(&key)).await?;
    let deleted = deleted.ok_or_else(|| ApiError::collection_not_found(&id))?;
    Ok(saved::gone(id.into_inner(), deleted))
}
