//! What the resources of the saved workspace share: how a body is read, and how a
//! deletion is answered.

use actix_web::HttpResponse;
use actix_web::web::Payload;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::validate::{Document, FieldError};

use super::ApiError;
use super::body::{self, JsonBody};

/// Reads the change that a body asks for.
///
/// # Errors
/// 413 beyond the limit; 400 when it is not JSON, or names the field at fault.
pub async fn read<T: Send + 'static>(
    payload: Payload,
    edit: impl FnOnce(&Document<'_>) -> Result<T, FieldError> + Send + 'static,
) -> Result<T, ApiError> {
    let read = |body: &JsonBody| Ok(edit(&Document::new(&body.value, &body.text)?)?);
    body::read_json(payload, read).await
}

/// Answers a deletion: what is gone, counted.
pub fn gone(id: String, deleted: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(Deleted { id, deleted })
}

/// What went when something was deleted.
#[derive(Serialize, ToSchema)]
pub struct Deleted<T> {
    /// What was named.
    id: String,
    /// How many of each kind went with it, itself among them.
    deleted: T,
}
