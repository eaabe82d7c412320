//! Store access for handlers: queries, and responses made from their results.

use actix_web::HttpResponse;
use actix_web::web;
use serde::Serialize;

use super::{ApiError, answer};
use crate::store::{Store, StoreError};

/// Queries the store on a thread that may block.
///
/// # Errors
/// Returns the store's error.
pub async fn ask<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = store.clone();
    Ok(web::block(move || question(&store)).await??)
}

/// Queries the store and responds with the result.
///
/// # Errors
/// Returns the store's error, or a 500 if JSON text in the database is not valid JSON.
pub async fn answer<T: Serialize>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let store = store.clone();
    let text = web::block(move || answer::written(&question(&store)?)).await??;
    Ok(answer::sent(text))
}

/// Responds with one object of the store, or with `missing` if it does not exist.
///
/// # Errors
/// See [`answer()`]; also returns `missing`.
pub async fn answer_one<T: Serialize>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<Option<T>, StoreError> + Send + 'static,
    missing: impl FnOnce() -> ApiError,
) -> Result<HttpResponse, ApiError> {
    let store = store.clone();
    let text = web::block(move || {
        let found = question(&store)?;
        found.as_ref().map(answer::written).transpose()
    });
    text.await??.map(answer::sent).ok_or_else(missing)
}
