//! Shared by the resources of the saved workspace: parsing a body, and the response to a deletion.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::web::Payload;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::json;

use super::ApiError;
use super::body::{self, JsonBody};
use crate::contract::{Edit, read_edit};
use crate::private_key;

/// Parses the change in a body, without the private keys in it.
///
/// # Errors
/// Returns a 413 beyond the limit, and a 400 if the body is not JSON or a field is invalid.
pub async fn read<T: Edit + Send + 'static>(payload: Payload) -> Result<T, ApiError> {
    let read = |body: &JsonBody| match private_key::without(&body.text) {
        Cow::Borrowed(text) => Ok(read_edit(&body.value, text)?),
        Cow::Owned(text) => {
            let value = json::read(&text).expect("it was written from a value");
            Ok(read_edit(&value, &text)?)
        }
    };
    body::read_json(payload, read).await
}

/// Returns the response to a deletion.
pub fn gone(id: String, deleted: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(Deleted { id, deleted })
}

/// Result of a deletion.
#[derive(Serialize, ToSchema)]
pub struct Deleted<T> {
    /// Id of the deleted object.
    id: String,
    /// Number of deleted objects by kind, including the object itself.
    deleted: T,
}
