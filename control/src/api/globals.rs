//! `GET|POST /globals`: the global variables.

use actix_web::HttpResponse;
use actix_web::web::{Data, Payload};

use super::{ApiError, saved, stored};
use crate::contract::GlobalsEdit;
use crate::store::{Globals, Store};

/// Get the global variables
///
/// Every environment takes precedence over them.
#[utoipa::path(get, path = "/globals", operation_id = "getGlobals", tag = "Workspace",
    responses((status = 200, description = "The variables", body = Globals)))]
pub async fn get(store: Data<Store>) -> Result<HttpResponse, ApiError> {
    stored::answer(&store, |store| store.globals()).await
}

/// Replace the global variables
#[utoipa::path(post, path = "/globals", operation_id = "saveGlobals", tag = "Workspace",
    request_body = GlobalsEdit,
    responses((status = 200, description = "As they are stored now", body = Globals)))]
pub async fn save(store: Data<Store>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read::<GlobalsEdit>(payload).await?;
    stored::answer(&store, |store| store.save_globals(edit)).await
}
