//! What the resources of the saved workspace share: how a body is read, and how a
//! deletion is answered.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::web::Payload;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::validate::{Document, FieldError};
use vayu_shared::{json, private_key};

use super::ApiError;
use super::body::{self, JsonBody};

/// Reads the change that a body asks for, without the private keys in it.
///
/// # Errors
/// 413 beyond the limit; 400 when it is not JSON, or names the field at fault.
pub async fn read<T: Send + 'static>(
    payload: Payload,
    edit: impl FnOnce(&Document<'_>) -> Result<T, FieldError> + Send + 'static,
) -> Result<T, ApiError> {
    let read = |body: &JsonBody| {
        let edit = |value, text| Ok(edit(&Document::new(value, text)?)?);
        match private_key::without(&body.text) {
            Cow::Borrowed(text) => edit(&body.value, text),
            Cow::Owned(text) => {
                let value = json::read(&text).expect("it was written from a value");
                edit(&value, &text)
            }
        }
    };
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
