//! Columns that hold JSON text, on their way out.
//!
//! The text goes into an answer as it is: nothing is parsed into values and
//! printed again.

use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Writes JSON text as the JSON it is.
///
/// # Errors
/// When the text is not JSON, which only another program can have stored.
#[allow(clippy::ptr_arg, reason = "serde passes the field as it is declared")]
pub(super) fn serialize<S: Serializer>(text: &String, serializer: S) -> Result<S::Ok, S::Error> {
    let json: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
    json.serialize(serializer)
}

/// Writes JSON text as the JSON it is, and any other as a string: it was not
/// written by this version, and is shown as it is.
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
