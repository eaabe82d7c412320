//! `GET|POST /environments` and `GET|DELETE /environments/:id`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Payload};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ErrorBody;
use super::query::Query;
use super::saved::Deleted;
use super::{ApiError, saved, stored};
use crate::contract::EnvironmentEdit;
use crate::design::RequestExecutor;
use crate::store::{Environment, Store};

/// List environments
#[utoipa::path(get, path = "/environments", operation_id = "listEnvironments", tag = "Workspace",
    responses((status = 200, description = "All of them", body = Vec<Environment>),
              (status = 400, description = "There is a parameter", body = ErrorBody)))]
pub async fn list(store: Data<Store>, query: Query) -> Result<HttpResponse, ApiError> {
    query.accept(&[])?;
    stored::answer(&store, |store| store.environments()).await
}

/// Create or update an environment
///
/// A new one needs a `name`. An update keeps fields that are not sent; `null` resets a field.
#[utoipa::path(post, path = "/environments", operation_id = "saveEnvironment", tag = "Workspace", request_body = EnvironmentEdit,
    responses((status = 200, description = "As it is stored now", body = Environment, links(
        ("read" = (operation_id = "getEnvironment", parameters(("id" = "$response.body#/id")))),
        ("delete" = (operation_id = "deleteEnvironment", parameters(("id" = "$response.body#/id"))))
    ))))]
pub async fn save(store: Data<Store>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read::<EnvironmentEdit>(payload).await?;
    stored::answer(&store, |store| store.save_environment(edit)).await
}

/// Get an environment
#[utoipa::path(get, path = "/environments/{id}", operation_id = "getEnvironment", tag = "Workspace",
    params(("id" = String, Path, description = "The environment")),
    responses((status = 200, description = "The environment", body = Environment)))]
pub async fn get(store: Data<Store>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    let missing = || ApiError::environment_not_found(&id);
    stored::answer_one(&store, move |store| store.environment(&key), missing).await
}

/// Number of deleted objects.
#[derive(Serialize, ToSchema)]
struct DeletedEnvironments {
    /// Always 1.
    environments: u64,
}

/// Delete an environment and its cookies
#[utoipa::path(delete, path = "/environments/{id}", operation_id = "deleteEnvironment", tag = "Workspace",
    params(("id" = String, Path, description = "The environment")),
    responses((status = 200, description = "What is gone", body = Deleted<DeletedEnvironments>)))]
pub async fn delete(
    store: Data<Store>,
    executor: Data<RequestExecutor>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let key = id.clone();
    if stored::ask(&store, move |store| store.delete_environment(&key)).await? {
        executor.forget_cookies(&id);
        Ok(saved::gone(
            id.into_inner(),
            DeletedEnvironments { environments: 1 },
        ))
    } else {
        Err(ApiError::environment_not_found(&id))
    }
}
