//! Bodies of requests to the API, put together.

use serde_json::Value;

/// An object with the fields of another one, which win.
///
/// # Panics
/// When one of them is no object.
#[must_use]
pub fn merged(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    body
}
