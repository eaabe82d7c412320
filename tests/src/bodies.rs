//! Helpers that build API request bodies.

use serde_json::Value;

/// Merges the fields of `more` into the object `body`. Fields of `more` win.
///
/// # Panics
/// Panics if either value is not an object.
#[must_use]
pub fn merged(mut body: Value, more: &Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    body
}
