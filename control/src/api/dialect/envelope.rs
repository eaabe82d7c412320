//! Bodies as the Manager App sends them: `{"mode": "json", "content": "…"}`.
//!
//! The content is sent byte for byte, with the content type of its mode unless the user set one. It is not
//! parsed as JSON: that would lose its formatting, and with variables it may not be valid JSON. An object
//! that is not exactly such an envelope is a payload.

use serde_json::{Map, Value, json};

/// Replaces the envelope in the `body` of a request by its content.
pub fn open(request: &mut Map<String, Value>) {
    let Some((mode, content)) = envelope(request.get("body")) else {
        return;
    };
    if mode == Mode::None || content.is_empty() {
        request.shift_remove("body");
        return;
    }
    let content = match mode {
        Mode::GraphQl => graphql(content),
        _ => content.to_owned(),
    };
    request.insert("body".into(), content.into());
    if let Some(content_type) = mode.content_type() {
        propose_header(request, "Content-Type", content_type);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Json,
    /// Plain text, and multipart bodies: only the author knows the boundary and must name it in a header.
    Text,
    UrlEncoded,
    GraphQl,
    Binary,
    None,
}

impl Mode {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json,
            "text" | "form-data" | "formdata" => Self::Text,
            "x-www-form-urlencoded" | "form" => Self::UrlEncoded,
            "graphql" => Self::GraphQl,
            "binary" => Self::Binary,
            "none" => Self::None,
            _ => return None,
        })
    }

    /// Returns the content type, or `None` if the default for text applies.
    fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Json | Self::GraphQl => Some("application/json"),
            Self::UrlEncoded => Some("application/x-www-form-urlencoded"),
            Self::Binary => Some("application/octet-stream"),
            Self::Text | Self::None => None,
        }
    }
}

fn envelope(body: Option<&Value>) -> Option<(Mode, &str)> {
    let object = body?.as_object().filter(|object| object.len() == 2)?;
    let mode = Mode::parse(object.get("mode")?.as_str()?)?;
    Some((mode, object.get("content")?.as_str()?))
}

/// Wraps a bare query into the JSON of GraphQL over HTTP.
fn graphql(content: &str) -> String {
    match serde_json::from_str(content) {
        Ok(Value::Object(_)) => content.to_owned(),
        _ => json!({ "query": content }).to_string(),
    }
}

/// Adds a header to a `request` unless it has one of this name. Invalid `headers` are left for the handler to
/// refuse.
fn propose_header(request: &mut Map<String, Value>, name: &str, value: &str) {
    let headers = request.entry("headers").or_insert(Value::Null);
    if headers.is_null() {
        *headers = Value::Object(Map::new());
    }
    if let Value::Object(headers) = headers
        && !headers.keys().any(|known| known.eq_ignore_ascii_case(name))
    {
        headers.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(mut request: Value) -> Value {
        open(request.as_object_mut().expect("rows are objects"));
        request
    }

    #[test]
    fn the_content_goes_out_as_written_with_the_type_of_its_mode() {
        let written = "{ \"n\": 1.0, \"v\": {{x}} }";
        let table = [
            ("json", written, Some("application/json")),
            ("text", "hello", None),
            ("form-data", "--b\r\n", None),
            ("formdata", "--b\r\n", None),
            ("form", "a=1", Some("application/x-www-form-urlencoded")),
            (
                "x-www-form-urlencoded",
                "a=1",
                Some("application/x-www-form-urlencoded"),
            ),
            ("graphql", r#"{"query":"{a}"}"#, Some("application/json")),
            ("binary", "\u{1}", Some("application/octet-stream")),
        ];
        for (mode, content, content_type) in table {
            let request = opened(json!({"body": {"mode": mode, "content": content}}));
            assert_eq!(request["body"], content, "{mode}");
            let header = &request["headers"]["Content-Type"];
            assert_eq!(header.as_str(), content_type, "{mode}");
        }
        let query = opened(json!({"body": {"mode": "graphql", "content": "{ a }"}}));
        assert_eq!(query["body"], r#"{"query":"{ a }"}"#);
    }

    #[test]
    fn nothing_in_the_envelope_is_no_body() {
        for body in [
            json!({"mode": "none", "content": "left over"}),
            json!({"mode": "none", "content": ""}),
            json!({"mode": "json", "content": ""}),
        ] {
            let request = opened(json!({"method": "GET", "body": body, "url": "u"}));
            assert_eq!(request, json!({"method": "GET", "url": "u"}), "{body}");
        }
    }

    #[test]
    fn everything_else_is_the_payload() {
        for body in [
            json!({"mode": "dark", "content": "x"}),
            json!({"mode": "json", "content": {"a": 1}}),
            json!({"mode": "json"}),
            json!({"mode": "json", "content": "x", "more": 1}),
            json!("text"),
            json!([1]),
            json!({}),
            Value::Null,
        ] {
            assert_eq!(opened(json!({"body": body})), json!({"body": body}));
        }
        assert_eq!(opened(json!({"url": "u"})), json!({"url": "u"}));
    }

    #[test]
    fn what_the_user_names_stays() {
        let body = json!({"mode": "json", "content": "{}"});
        for headers in [json!({"content-type": "a/b"}), json!("wrong")] {
            let request = opened(json!({"headers": headers, "body": body}));
            assert_eq!(request["headers"], headers);
        }
        let request = opened(json!({"headers": {"Accept": "*/*"}, "body": body}));
        let both = json!({"Accept": "*/*", "Content-Type": "application/json"});
        assert_eq!(request["headers"], both);
    }
}
