//! Stored requests as the Manager App reads them: the body is always a string, and `bodyType` names its type.
//! Both are unchanged if the app stored the request.

use serde_json::{Map, Value};

/// Translates a stored request.
pub fn show_request(request: &mut Map<String, Value>) {
    let method = request.get("method").and_then(Value::as_str);
    let has_body = !matches!(method, Some("GET" | "HEAD"));
    let (text, kind) = match request.get("body") {
        Some(Value::String(text)) if !text.is_empty() => (text.clone(), "text"),
        None | Some(Value::Null | Value::String(_)) => (String::new(), "none"),
        // Clients store an empty object for "no body".
        Some(Value::Object(object)) if object.is_empty() && !has_body => (String::new(), "none"),
        Some(value) => (value.to_string(), "json"),
    };
    request.insert("body".into(), text.into());
    if request.get("bodyType").is_none_or(Value::is_null) {
        request.insert("bodyType".into(), kind.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_body_is_a_string_whoever_stored_it() {
        let table = [
            (
                json!({"body": "{\"a\":1}", "bodyType": "json"}),
                "{\"a\":1}",
                "json",
            ),
            (json!({"body": "hello", "bodyType": null}), "hello", "text"),
            (json!({"body": {"a": [1, "b"]}}), r#"{"a":[1,"b"]}"#, "json"),
            (json!({"body": {}, "method": "GET"}), "", "none"),
            (json!({"body": {}, "method": "POST"}), "{}", "json"),
            (json!({"body": null}), "", "none"),
            (json!({"body": ""}), "", "none"),
            (json!({}), "", "none"),
            (
                json!({"body": "", "bodyType": "form-data"}),
                "",
                "form-data",
            ),
        ];
        for (request, body, kind) in table {
            let mut shown = request.clone();
            show_request(shown.as_object_mut().expect("rows are objects"));
            assert_eq!(
                (&shown["body"], &shown["bodyType"]),
                (&json!(body), &json!(kind)),
                "{request}"
            );
        }
    }
}
