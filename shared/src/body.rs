//! Request bodies: bytes, content type, and how variable values are escaped in them.
//!
//! The control plane builds multipart bodies and bodies from files; [`crate::request`] builds urlencoded forms.

mod graphql;

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::field_error::FieldError;
use crate::http::Method;
use crate::json::without_comments;

pub use graphql::GraphQl;

/// A body with its content type and escaping rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainBody {
    /// The bytes. Empty for no body.
    pub bytes: Vec<u8>,
    /// The `Content-Type` unless the user sets one.
    pub content_type: Option<&'static str>,
    /// Ranges whose escaping of variable values differs from that of the content type.
    pub parts: Vec<BodyPart>,
}

/// A range of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPart {
    /// Byte range from the beginning of the body. Parts do not overlap and are in order.
    pub range: Range<usize>,
    /// How variable values are escaped in this range.
    pub kind: PartKind,
}

/// How variable values are escaped in a range of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// No substitution: text that looks like a variable is content.
    Literal,
    /// Escaped for a JSON string. All variables are inside JSON strings.
    JsonText,
    /// Escaped for a name in form data.
    FormName,
    /// Percent-encoded, like the surrounding text.
    FormText,
}

impl BodyPart {
    /// Returns one part that covers a body of `length` bytes.
    #[must_use]
    pub fn whole(length: usize, kind: PartKind) -> Vec<Self> {
        let range = 0..length;
        (length > 0)
            .then_some(Self { range, kind })
            .into_iter()
            .collect()
    }
}

/// Parses a body that is not a form and needs no file: text, JSON, or bytes as base64 (`{"mode": "bytes",
/// "bytes": …}`, `{"mode": "binary", "binary": {"base64": …}}`). An empty object with a bodiless method means
/// "no body", as clients store it. `path` names the body in errors.
///
/// # Errors
/// Returns an error if the base64 is invalid.
pub fn plain_body(body: &Value, method: Method, path: &str) -> Result<PlainBody, FieldError> {
    let (bytes, content_type, kind) = match body {
        Value::Null => return Ok(PlainBody::default()),
        Value::String(text) => {
            let content_type = (!text.is_empty()).then_some(TEXT);
            (text.as_bytes().to_vec(), content_type, None)
        }
        Value::Object(object) if object.is_empty() && method.is_bodiless() => {
            return Ok(PlainBody::default());
        }
        value => match value.as_object().and_then(base64_of) {
            Some((field, text)) => {
                let bytes = from_base64(text, &format!("{path}.{field}"))?;
                (bytes, Some(OCTETS), Some(PartKind::Literal))
            }
            None => {
                let bytes = value.to_string().into_bytes();
                (bytes, Some(JSON), Some(PartKind::JsonText))
            }
        },
    };
    Ok(PlainBody {
        parts: kind.map_or_else(Vec::new, |kind| BodyPart::whole(bytes.len(), kind)),
        bytes,
        content_type,
    })
}

/// The `Content-Type` of JSON.
pub const JSON: &str = "application/json";

/// Returns the `Content-Type` of text that is JSON, if nothing else is known about it.
#[must_use]
pub fn json_content_type(text: &str) -> Option<&'static str> {
    let is_json = text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    is_json.then_some(JSON)
}

/// Returns the `Content-Type` for a language of Postman's editor: `json`, `text`, `xml`, `html` or `javascript`.
#[must_use]
pub fn type_of_language(language: &str) -> Option<&'static str> {
    Some(match language {
        "json" => JSON,
        "text" => TEXT,
        "xml" => "application/xml",
        "html" => "text/html; charset=utf-8",
        "javascript" => "text/javascript; charset=utf-8",
        _ => return None,
    })
}

/// Builds a body of the mode `raw`: its text, without the comments of JSON, and its `Content-Type`. Without a
/// known language, JSON is detected.
#[must_use]
pub fn raw_body(text: &str, language: Option<&str>) -> PlainBody {
    let text = match language {
        Some("json") => without_comments(text),
        _ => text.into(),
    };
    let content_type = language.and_then(type_of_language);
    PlainBody {
        content_type: content_type.or_else(|| json_content_type(&text)),
        bytes: text.into_owned().into(),
        parts: Vec::new(),
    }
}

/// The default `Content-Type` of text.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// The `Content-Type` of a form.
pub const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The default `Content-Type` of bytes.
pub const OCTETS: &str = "application/octet-stream";

/// Returns the body that [`plain_body`] parses into these bytes.
#[must_use]
pub fn as_base64(bytes: &[u8]) -> Value {
    serde_json::json!({"mode": "bytes", "bytes": STANDARD.encode(bytes)})
}

/// Returns the base64 of a body that is bytes, and the field that contains it.
#[must_use]
pub fn base64_of(body: &Map<String, Value>) -> Option<(&'static str, &str)> {
    match body.get("mode")?.as_str()? {
        "bytes" => Some(("bytes", body.get("bytes")?.as_str()?)),
        "binary" => {
            let binary = body.get("binary")?;
            let text = binary.get("base64")?.as_str()?;
            binary
                .get("src")
                .is_none()
                .then_some(("binary.base64", text))
        }
        _ => None,
    }
}

/// Decodes padded base64. Ignores whitespace, which pasted base64 often contains.
///
/// # Errors
/// Returns an error that names `path` if the text is not padded base64.
pub fn from_base64(text: &str, path: &str) -> Result<Vec<u8>, FieldError> {
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).map_err(|error| {
        let problem = format!("is not padded standard base64 (alphabet with + and /): {error}");
        FieldError::new(path, problem)
    })
}

/// Returns whether a body returned by a script equals the body it was given, both in Postman's format.
#[must_use]
pub fn is_same_body(now: &Value, given: &Value) -> bool {
    match (now, given) {
        (Value::Null, Value::Null) => true,
        (Value::Object(now), Value::Object(given)) => {
            let mode = given
                .get("mode")
                .and_then(Value::as_str)
                .unwrap_or_default();
            now.get("mode") == given.get("mode") && is_same(now.get(mode), given.get(mode))
        }
        _ => false,
    }
}

/// Returns whether a script returned a value unchanged. Scripts represent numbers as `f64`, and an unchanged
/// number must keep its original digits.
fn is_same(now: Option<&Value>, given: Option<&Value>) -> bool {
    match (now, given) {
        (Some(Value::Number(now)), Some(Value::Number(given))) => {
            now == given || now.as_f64() == given.as_f64()
        }
        // A number without a finite `f64` comes back as null.
        (Some(Value::Null), Some(Value::Number(given))) => given.as_f64().is_none(),
        (Some(Value::Array(now)), Some(Value::Array(given))) => {
            let mut both = now.iter().zip(given);
            now.len() == given.len() && both.all(|(now, given)| is_same(Some(now), Some(given)))
        }
        (Some(Value::Object(now)), Some(Value::Object(given))) => {
            let mut both = now.iter();
            now.len() == given.len() && both.all(|(name, now)| is_same(Some(now), given.get(name)))
        }
        _ => now == given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value, method: Method) -> PlainBody {
        plain_body(body, method, "body").expect("legal")
    }

    #[test]
    fn text_json_and_bytes_are_told_apart() {
        let json = Some("application/json");
        for (body, bytes, content_type, kind) in [
            (json!(""), &b""[..], None, None),
            (
                json!("a{{b}}"),
                b"a{{b}}",
                Some("text/plain; charset=utf-8"),
                None,
            ),
            (
                json!({"bytes": "AA=="}),
                b"{\"bytes\":\"AA==\"}",
                json,
                Some(PartKind::JsonText),
            ),
            (
                json!({"mode": "bytes", "bytes": "AP8="}),
                b"\0\xff",
                Some(OCTETS),
                Some(PartKind::Literal),
            ),
            (
                json!({"mode": "binary", "binary": {"base64": "A P\n8="}}),
                b"\0\xff",
                Some(OCTETS),
                Some(PartKind::Literal),
            ),
            (
                json!({"mode": "bytes", "bytes": ""}),
                b"",
                Some(OCTETS),
                None,
            ),
            (
                json!({"mode": "bytes"}),
                b"{\"mode\":\"bytes\"}",
                json,
                Some(PartKind::JsonText),
            ),
        ] {
            let read = read(&body, Method::Post);
            assert_eq!(
                (read.bytes.as_slice(), read.content_type),
                (bytes, content_type),
                "{body}"
            );
            assert_eq!(read.parts.first().map(|part| part.kind), kind, "{body}");
        }
        assert_eq!(read(&json!({}), Method::Get), PlainBody::default());
        assert_eq!(read(&json!({}), Method::Post).bytes, b"{}");
        let again = read(&as_base64(b"\xff{{x}}"), Method::Post);
        assert_eq!(again.bytes, b"\xff{{x}}");
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        let body = json!({"mode": "bytes", "bytes": "A"});
        let error = plain_body(&body, Method::Post, "request.body").expect_err("broken");
        assert!(
            error.to_string().contains("`request.body.bytes`"),
            "{error}"
        );
    }
}
