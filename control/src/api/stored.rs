//! How handlers ask the store, and answer with what it has.

use actix_web::HttpResponse;
use actix_web::web;
use serde::Serialize;

use super::{ApiError, answer};
use crate::store::{Store, StoreError};

/// Asks the store, on a thread that may block.
///
/// # Errors
/// The store's.
pub async fn ask<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = store.clone();
    Ok(web::block(move || question(&store)).await??)
}

/// Asks the store and answers with what it says.
///
/// # Errors
/// The store's; 500 when the JSON text in the database is none.
pub async fn answer<T: Serialize>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let store = store.clone();
    let text = web::block(move || answer::written(&question(&store)?)).await??;
    Ok(answer::sent(text))
}

/// Answers with one object of the store, or with `missing` where it has none.
///
/// # Errors
/// As [`answer`], and `missing`.
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
