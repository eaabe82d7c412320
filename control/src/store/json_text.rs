//! Serialization of columns that hold JSON text.
//!
//! The text is copied into the response unchanged, without being parsed into values and printed again.

use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Serializes JSON text as JSON.
///
/// # Errors
/// Returns an error if the text is not JSON, which only another program can have stored.
#[allow(clippy::ptr_arg, reason = "serde passes the field as it is declared")]
pub(super) fn serialize<S: Serializer>(text: &String, serializer: S) -> Result<S::Ok, S::Error> {
    let json: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
    json.serialize(serializer)
}

/// Serializes JSON text as JSON, and other text, which this version has not written, as a string.
#[allow(
    clippy::ref_option,
    reason = "serde passes the field as it is declared"
)]
pub(super) fn serialize_any<S: Serializer>(
    text: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let json = text.as_deref().map(serde_json::from_str::<&RawValue>);
    match json {
        Some(Ok(json)) => json.serialize(serializer),
        Some(Err(_)) | None => text.serialize(serializer),
    }
}
