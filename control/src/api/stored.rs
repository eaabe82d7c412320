//! How handlers ask the store, and answer with what it has.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web;
use serde::Serialize;

use super::ApiError;
use crate::run::RunManager;
use crate::store::{Store, StoreError};

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
