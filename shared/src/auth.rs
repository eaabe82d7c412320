//! Authentication computed from the request itself: the schemes, as functions of their inputs.
//!
//! Nothing here sends, waits or reads a clock. Tokens and challenges that must be fetched first are fetched
//! by other modules.

pub mod basic;
pub mod digest;
pub mod hex;
pub mod sigv4;

use serde_json::{Map, Value};

/// Returns the fields of an `auth` object as a flat map. Collections nest them under the name of the type, as
/// an object or as a list of keys and values; both are flattened.
#[must_use]
pub fn flattened(auth: &Map<String, Value>) -> Map<String, Value> {
    let mut flat = auth.clone();
    let kind = auth.get("type").and_then(Value::as_str).unwrap_or_default();
    match flat.shift_remove(kind) {
        Some(Value::Object(inner)) => flat.extend(inner),
        Some(Value::Array(pairs)) => flat.extend(pairs.iter().filter_map(|pair| {
            let key = pair.get("key")?.as_str()?;
            Some((key.to_owned(), pair.get("value")?.clone()))
        })),
        _ => {}
    }
    flat
}

/// Returns whether two `auth` objects are equivalent, in any of their notations.
#[must_use]
pub fn is_equivalent(one: &Value, other: &Value) -> bool {
    let fields = |auth: &Value| {
        let mut flat = auth.as_object().map(flattened).unwrap_or_default();
        let kind = flat.get("type").and_then(Value::as_str).unwrap_or("none");
        if matches!(kind, "none" | "noauth") {
            flat.clear();
        }
        flat
    };
    fields(one) == fields(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_auth_says_the_same_in_each_of_its_forms() {
        let flat = json!({"type": "basic", "username": "u", "password": "p"});
        let nested = json!({"type": "basic", "basic": {"password": "p", "username": "u"}});
        let pairs = |password: &str| {
            json!({"type": "basic", "basic": [
                {"key": "username", "value": "u", "type": "any"}, {"key": "password", "value": password}]})
        };
        for (one, other, same) in [
            (&flat, &nested, true),
            (&flat, &pairs("p"), true),
            (&flat, &pairs("other"), false),
            (
                &flat,
                &json!({"type": "digest", "username": "u", "password": "p"}),
                false,
            ),
            (&flat, &json!(null), false),
            (&json!(null), &json!({"type": "noauth", "noauth": []}), true),
            (&json!({}), &json!({"type": "none"}), true),
        ] {
            assert_eq!(is_equivalent(one, other), same, "{one} {other}");
        }
    }
}
