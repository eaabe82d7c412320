//! What the resources of the saved workspace share: how a body is read, and how
//! an object, a list and a deletion are answered.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Payload};
use serde::Serialize;
use serde_json::{Value, json};
use vayu_shared::validate::{Document, FieldError};

use super::{ApiError, body};
use crate::run::RunManager;
use crate::store::{Store, StoreError};

/// Reads the change that a body asks for.
///
/// # Errors
/// 413 beyond the limit; 400 when it is not JSON, or names the field at fault.
pub async fn read<T>(
    payload: Payload,
    edit: impl Fn(&Document<'_>) -> Result<T, FieldError>,
) -> Result<T, ApiError> {
    let body = body::read_json(payload).await?;
    Ok(edit(&Document::new(&body.value, &body.text)?)?)
}

/// Asks the store, on a thread that may block.
///
/// # Errors
/// The store's.
pub async fn ask<T: Send + 'static>(
    manager: &RunManager,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = manager.store().clone();
    Ok(web::block(move || question(&store)).await??)
}

/// Answers with a stored object, or a list of them.
///
/// # Errors
/// 500 when the JSON text in the database is none.
pub fn answer(stored: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let text = serde_json::to_string(stored)
        .map_err(|error| ApiError::internal(format!("what is stored is damaged: {error}")))?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(text))
}

/// Answers a deletion: what is gone, counted.
pub fn gone(id: &str, deleted: impl Into<Value>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"id": id, "deleted": deleted.into()}))
}
