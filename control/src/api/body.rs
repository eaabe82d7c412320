//! Reads request bodies within their limit, and answers in the API's own shape
//! when that fails.

use actix_web::web::{Bytes, Payload};
use serde_json::{Map, Value};
use vayu_shared::{json, limits};

use super::ApiError;

/// Fields of a body that its client wrote otherwise than this API has them, as it wrote
/// them; left with the request by whoever translated the body.
#[derive(Clone, Debug)]
pub struct SentAs(pub Map<String, Value>);

/// Where those fields stand in what is stored of a body, for the client to read back.
pub const SENT_AS: &str = "sentAs";

/// The JSON of a body, with the text it was read from.
pub struct JsonBody {
    /// What it says.
    pub value: Value,
    /// As it came.
    pub text: String,
}

/// Reads a body, whatever it holds.
///
/// # Errors
/// 413 beyond the limit, 400 when the client breaks off.
pub async fn read_bytes(payload: Payload) -> Result<Bytes, ApiError> {
    payload
        .to_bytes_limited(limits::API_BODY_BYTES)
        .await
        .map_err(|_| ApiError::too_large(limits::API_BODY_BYTES))?
        .map_err(|error| ApiError::invalid(format!("the body could not be read: {error}")))
}

/// Reads a JSON body.
///
/// # Errors
/// 413 beyond the limit, 400 when it is empty or not JSON.
pub async fn read_json(payload: Payload) -> Result<JsonBody, ApiError> {
    let bytes = read_bytes(payload).await?;
    if bytes.is_empty() {
        return Err(ApiError::invalid(
            "the body is empty; it has to be a JSON object",
        ));
    }
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| ApiError::invalid("the body is not UTF-8"))?;
    let value = json::read(&text)
        .map_err(|error| ApiError::invalid(format!("the body is not JSON: {error}")))?;
    Ok(JsonBody { value, text })
}
