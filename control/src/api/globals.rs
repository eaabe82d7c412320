//! `GET|POST /globals`: the variables below every environment.

use actix_web::HttpResponse;
use actix_web::web::{Data, Payload};
use vayu_shared::validate::globals_edit;

use super::{ApiError, saved};
use crate::run::RunManager;

/// The global variables.
pub async fn get(manager: Data<RunManager>) -> Result<HttpResponse, ApiError> {
    saved::answer(&saved::ask(&manager, |store| store.globals()).await?)
}

/// Replaces the global variables.
pub async fn save(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let edit = saved::read(payload, globals_edit).await?;
    saved::answer(&saved::ask(&manager, |store| store.save_globals(edit)).await?)
}
