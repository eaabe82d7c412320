//! Makes the body of a request out of the `body` member of its JSON.
//!
//! The body is text, JSON, or Postman's collection format: an object whose
//! `mode` names the member that holds the content. Variables are filled in
//! before, and headers are set elsewhere: a content type is only proposed.
//! WHATWG URL, 5, for urlencoded; RFC 7578 for form data.

use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;
use vayu_shared::validate::{FieldError, Fields};

mod files;
mod multipart;

pub use files::AllowedFiles;

/// Bytes of one file, and of a whole body, at most: 64 MiB.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;

const JSON: &str = "application/json";
const URLENCODED: &str = "application/x-www-form-urlencoded";
const OCTETS: &str = "application/octet-stream";
/// The members that hold content, named like their modes.
const MODES: [&str; 12] = [
    "raw",
    "json",
    "text",
    "xml",
    "html",
    "javascript",
    "urlencoded",
    "formdata",
    "graphql",
    "binary",
    "file",
    "none",
];

/// A body and the content type that goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The bytes as they are sent; at most [`MOST_BYTES`].
    pub bytes: Vec<u8>,
    /// The Content-Type where the user names none; absent when nothing is known.
    pub content_type: Option<String>,
}

impl Body {
    fn new(bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: Some(content_type.to_owned()),
        }
    }

    /// Text of no declared type; that of JSON is seen.
    fn untyped(text: &str) -> Self {
        let is_json = text.trim_start().starts_with(['{', '['])
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        Self {
            bytes: text.into(),
            content_type: is_json.then(|| JSON.to_owned()),
        }
    }
}

/// Reads `value`, the `body` of a request.
///
/// `is_get` is true for GET and HEAD, on which `{}` stands for no body.
/// `boundary` parts form data: 1 to 60 letters, digits and hyphens. Digits are
/// put after it until no part contains it.
///
/// # Errors
/// A member is missing or of the wrong type, a file cannot be read or may not
/// be, or the body is longer than [`MOST_BYTES`]. Fields are named from
/// `body` on, like `body.formdata[2].src`.
pub fn body(
    value: &Value,
    is_get: bool,
    files: &AllowedFiles,
    boundary: &str,
) -> Result<Body, FieldError> {
    let body = match value {
        Value::Null => Body::default(),
        Value::String(text) => Body::untyped(text),
        Value::Object(object) if object.is_empty() && is_get => Body::default(),
        Value::Object(object) => match mode(object) {
            Some(mode) => by_mode(mode, object, files, boundary)?,
            None => Body::new(value.to_string(), JSON),
        },
        other => Body::new(other.to_string(), JSON),
    };
    let length = body.bytes.len();
    if length as u64 > MOST_BYTES {
        let problem = format!("is {length} bytes long; at most {MOST_BYTES} are sent");
        return Err(FieldError::new("body", problem));
    }
    Ok(body)
}

/// The mode, if the object is one of Postman's and not a payload. `none` has no
/// member of its own; what else stands there has to be the format's, too.
fn mode(object: &Map<String, Value>) -> Option<&str> {
    let mode = object.get("mode")?.as_str()?;
    let is_members = || {
        let known = |name: &str| ["mode", "options", "disabled"].contains(&name);
        let mut names = object.keys().map(String::as_str);
        names.all(|name| known(name) || MODES.contains(&name))
    };
    match mode {
        "none" => is_members(),
        _ => MODES.contains(&mode) && object.contains_key(mode),
    }
    .then_some(mode)
}

fn by_mode(
    mode: &str,
    object: &Map<String, Value>,
    files: &AllowedFiles,
    boundary: &str,
) -> Result<Body, FieldError> {
    let fields = Fields::new(object, "body.");
    // Null is content only where any JSON is.
    let content = match (mode, object.get(mode)) {
        ("none", _) | (_, None) => return Ok(Body::default()),
        ("json", Some(content)) => return Ok(Body::new(content.to_string(), JSON)),
        (_, Some(Value::Null)) => return Ok(Body::default()),
        (_, Some(content)) => content,
    };
    match mode {
        "raw" => raw(&fields),
        "urlencoded" => urlencoded(content),
        "formdata" => multipart::form_data(content, files, boundary),
        "graphql" => graphql(&fields),
        "file" => file(&fields, "file", files),
        "binary" => binary(&fields, files),
        language => Ok(Body {
            bytes: fields.string(language)?.unwrap_or_default().into(),
            content_type: type_of_language(language).map(str::to_owned),
        }),
    }
}

fn type_of_language(language: &str) -> Option<&'static str> {
    Some(match language {
        "json" => JSON,
        "text" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "html" => "text/html; charset=utf-8",
        "javascript" => "text/javascript; charset=utf-8",
        _ => return None,
    })
}

fn raw(fields: &Fields<'_>) -> Result<Body, FieldError> {
    let text = fields.string("raw")?.unwrap_or_default();
    let options = fields.object("options")?;
    let options = options.map(|options| Fields::new(options, "body.options."));
    let raw = options.map(|options| options.object("raw")).transpose()?;
    let raw = raw
        .flatten()
        .map(|raw| Fields::new(raw, "body.options.raw."));
    let language = raw.map(|raw| raw.string("language")).transpose()?.flatten();
    let body = Body::untyped(text);
    let content_type = language.and_then(type_of_language).map(str::to_owned);
    Ok(Body {
        content_type: content_type.or(body.content_type),
        ..body
    })
}

fn urlencoded(content: &Value) -> Result<Body, FieldError> {
    let mut pairs = Serializer::new(String::new());
    match content {
        Value::Object(object) => {
            for (key, value) in object {
                let path = format!("body.urlencoded.{key}");
                pairs.append_pair(key, &text_of(&path, value)?);
            }
        }
        Value::Array(list) => {
            for (index, entry) in list.iter().enumerate() {
                let prefix = format!("body.urlencoded[{index}].");
                if let Some(entry) = enabled(entry, &prefix)? {
                    pairs.append_pair(key_of(&entry)?, &value_of(&entry)?);
                }
            }
        }
        other => {
            let expected = "a list of entries with `key` and `value`, or an object";
            return Err(wrong("body.urlencoded", other, expected));
        }
    }
    Ok(Body::new(pairs.finish(), URLENCODED))
}

fn graphql(fields: &Fields<'_>) -> Result<Body, FieldError> {
    let object = fields.object("graphql")?;
    let object = object.ok_or_else(|| missing("body.graphql", "an object"))?;
    let fields = Fields::new(object, "body.graphql.");
    let query = fields.string("query")?;
    let query = query.ok_or_else(|| missing("body.graphql.query", "the query's text"))?;
    let mut request = Map::from_iter([("query".to_owned(), json!(query))]);
    if let Some(variables) = variables(&fields)? {
        request.insert("variables".to_owned(), variables);
    }
    let operation = fields.string("operationName")?;
    if let Some(operation) = operation.filter(|name| !name.is_empty()) {
        request.insert("operationName".to_owned(), json!(operation));
    }
    Ok(Body::new(Value::Object(request).to_string(), JSON))
}

/// The variables: an object, or the JSON text of one as Postman stores it.
fn variables(fields: &Fields<'_>) -> Result<Option<Value>, FieldError> {
    const EXPECTED: &str = "an object, or the JSON text of one";
    let path = fields.path("variables");
    let variables = match fields.get("variables") {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|error| {
            FieldError::new(&path, format!("has to be {EXPECTED}; as JSON: {error}"))
        })?,
        Some(value) => value.clone(),
    };
    match variables {
        Value::Object(_) => Ok(Some(variables)),
        // `null` written as text.
        Value::Null => Ok(None),
        other => Err(wrong(&path, &other, EXPECTED)),
    }
}

fn file(fields: &Fields<'_>, name: &str, files: &AllowedFiles) -> Result<Body, FieldError> {
    let path = fields.path(name);
    let object = fields.object(name)?;
    let object = object.ok_or_else(|| missing(&path, "an object"))?;
    let prefix = format!("{path}.");
    let fields = Fields::new(object, &prefix);
    let src = fields.string("src")?;
    let src = src.ok_or_else(|| missing(&fields.path("src"), "the path of a file"))?;
    let bytes = files.read(&fields.path("src"), src, MOST_BYTES)?;
    Ok(Body::new(bytes, &type_of_file(src)))
}

fn binary(fields: &Fields<'_>, files: &AllowedFiles) -> Result<Body, FieldError> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let inner = fields.object("binary")?;
    let inner = inner.map(|object| Fields::new(object, "body.binary."));
    let Some(text) = inner
        .map(|inner| inner.string("base64"))
        .transpose()?
        .flatten()
    else {
        return file(fields, "binary", files);
    };
    if inner.is_some_and(|inner| inner.get("src").is_some()) {
        let problem = "and `body.binary.base64` are both there; keep one of them";
        return Err(FieldError::new("body.binary.src", problem));
    }
    // Lines are how base64 is often pasted.
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).map_err(|error| {
        let problem = format!("has to be padded base64, of + and /: {error}");
        FieldError::new("body.binary.base64", problem)
    })?;
    Ok(Body::new(bytes, OCTETS))
}

/// The type that a file's extension stands for.
fn type_of_file(path: &str) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string()
}

/// The fields of a list's entry; none when it is disabled.
fn enabled<'a>(entry: &'a Value, prefix: &'a str) -> Result<Option<Fields<'a>>, FieldError> {
    let Value::Object(object) = entry else {
        let path = prefix.trim_end_matches('.');
        return Err(wrong(path, entry, "an object with `key` and `value`"));
    };
    let fields = Fields::new(object, prefix);
    let is_disabled = fields.boolean("disabled")?.unwrap_or(false);
    Ok((!is_disabled).then_some(fields))
}

fn key_of<'a>(entry: &Fields<'a>) -> Result<&'a str, FieldError> {
    let key = entry.string("key")?;
    key.ok_or_else(|| missing(&entry.path("key"), "the name of the entry"))
}

fn value_of(entry: &Fields<'_>) -> Result<String, FieldError> {
    let value = entry.get("value").unwrap_or(&Value::Null);
    text_of(&entry.path("value"), value)
}

/// The text of a form's value; `null` is the empty one.
fn text_of(path: &str, value: &Value) -> Result<String, FieldError> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        other => Err(wrong(path, other, "a string, a number, true or false")),
    }
}

fn missing(path: &str, what: &str) -> FieldError {
    FieldError::new(path, format!("is missing; it has to be {what}"))
}

/// The error of a value of the wrong type; shows the first 60 characters of it.
fn wrong(path: &str, value: &Value, expected: &str) -> FieldError {
    let mut seen = value.to_string();
    if let Some((cut, _)) = seen.char_indices().nth(60) {
        seen.truncate(cut);
        seen.push_str("...");
    }
    FieldError::new(path, format!("is {seen}; it has to be {expected}"))
}

#[cfg(test)]
mod tests;
