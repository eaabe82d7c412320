//! What the resources of the saved workspace share: how a body is read, and how a
//! deletion is answered.

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

/// Reads the change that a body asks for, without the private keys in it.
///
/// # Errors
/// 413 beyond the limit; 400 when it is not JSON, or names the field at fault.
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
