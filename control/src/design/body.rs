//! Makes the body of a request out of the `body` member of its JSON.
//!
//! The body is text, JSON, or Postman's collection format: an object whose
//! `mode` names the member that holds the content. Variables are filled in
//! before, and headers are set elsewhere: a content type is only proposed.
//! WHATWG URL, 5, for urlencoded; RFC 7578 for form data.

use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;
use vayu_shared::body::{BodyPart, GRAPHQL_FIELDS, OCTETS, PartKind, base64_of, from_base64};
use vayu_shared::json::without_comments;
use vayu_shared::validate::{FieldError, Fields, Known};

mod files;
mod multipart;

pub use files::AllowedFiles;

/// Bytes of one file, and of a whole body, at most: 64 MiB.
pub const MOST_BYTES: u64 = vayu_shared::limits::REQUEST_BODY_BYTES;

const JSON: &str = "application/json";
const URLENCODED: &str = "application/x-www-form-urlencoded";
/// The members of a body with a `mode` that say how to read its content.
pub const BODY_FIELDS: [&str; 3] = ["mode", "options", "disabled"];
/// The members that hold content, named like their modes.
pub const MODES: [&str; 13] = [
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
    "bytes",
    "file",
    "none",
];

/// The fields of an entry of `urlencoded`, and those that an entry of `formdata` has too.
pub const PAIR_FIELDS: [&str; 3] = ["key", "value", "disabled"];
/// What else an entry of `formdata` has.
pub const PART_FIELDS: [&str; 4] = ["type", "src", "fileName", "contentType"];
/// The fields of `file`; `binary` has them, and `base64`.
pub const FILE_FIELDS: [&str; 1] = ["src"];

/// A body and the content type that goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The bytes as they are sent; at most [`MOST_BYTES`].
    pub bytes: Vec<u8>,
    /// The Content-Type where the user names none; absent when nothing is known.
    pub content_type: Option<String>,
    /// How variables that were left are written into it.
    pub parts: Vec<BodyPart>,
}

/// What a body is built with.
pub struct Way<'a> {
    /// Whether the method is GET or HEAD, on which `{}` stands for no body.
    is_bodiless: bool,
    /// Where files may be read from.
    files: &'a AllowedFiles,
    /// What parts form data: 1 to 70 characters. Digits are put after it until no part
    /// contains it.
    boundary: String,
    /// Whether variables are left in texts for who sends the body.
    leaves_variables: bool,
}

impl<'a> Way<'a> {
    /// For a body that is sent once: its variables were replaced.
    pub fn now(is_bodiless: bool, files: &'a AllowedFiles, boundary: String) -> Self {
        Self {
            is_bodiless,
            files,
            boundary,
            leaves_variables: false,
        }
    }

    /// For a body that is sent time and again, with new values for its variables.
    pub fn later(is_bodiless: bool, files: &'a AllowedFiles, boundary: String) -> Self {
        Self {
            leaves_variables: true,
            ..Self::now(is_bodiless, files, boundary)
        }
    }
}

/// A boundary that is no other body's.
pub fn boundary() -> String {
    format!("vayu-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}

impl Body {
    fn new(bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: Some(content_type.to_owned()),
            parts: Vec::new(),
        }
    }

    /// Bytes that are all of one kind.
    fn of_kind(bytes: Vec<u8>, content_type: &str, kind: PartKind) -> Self {
        Self {
            parts: BodyPart::whole(bytes.len(), kind),
            ..Self::new(bytes, content_type)
        }
    }

    fn json(value: &Value) -> Self {
        Self::of_kind(value.to_string().into_bytes(), JSON, PartKind::JsonText)
    }

    /// Text of no declared type; that of JSON is seen.
    fn untyped(text: &str) -> Self {
        let is_json = text.trim_start().starts_with(['{', '['])
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        Self {
            bytes: text.into(),
            content_type: is_json.then(|| JSON.to_owned()),
            parts: Vec::new(),
        }
    }
}

/// Reads `value`, the `body` of a request.
///
/// # Errors
/// A member is missing or of the wrong type, a file cannot be read or may not
/// be, or the body is longer than [`MOST_BYTES`]. Fields are named from
/// `body` on, like `body.formdata[2].src`.
pub fn body(value: &Value, way: &Way<'_>) -> Result<Body, FieldError> {
    let body = match value {
        Value::Null => Body::default(),
        Value::String(text) => Body::untyped(text),
        Value::Object(object) if object.is_empty() && way.is_bodiless => Body::default(),
        Value::Object(object) => match mode(object) {
            Some(mode) => by_mode(mode, object, way)?,
            None => Body::json(value),
        },
        other => Body::json(other),
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
        let known = |name: &str| BODY_FIELDS.contains(&name);
        let mut names = object.keys().map(String::as_str);
        names.all(|name| known(name) || MODES.contains(&name))
    };
    match mode {
        "none" => is_members(),
        _ => MODES.contains(&mode) && object.contains_key(mode),
    }
    .then_some(mode)
}

fn by_mode(mode: &str, object: &Map<String, Value>, way: &Way<'_>) -> Result<Body, FieldError> {
    let fields = Fields::new(object, "body.", &[&BODY_FIELDS, &MODES]);
    // Null is content only where any JSON is.
    let content = match (mode, object.get(mode)) {
        ("none", _) | (_, None) => return Ok(Body::default()),
        ("json", Some(content)) => return Ok(Body::json(content)),
        (_, Some(Value::Null)) => return Ok(Body::default()),
        (_, Some(content)) => content,
    };
    match mode {
        "raw" => raw(&fields),
        "urlencoded" => urlencoded(content),
        "formdata" => multipart::form_data(content, way),
        "graphql" => graphql(&fields, way),
        "file" => file(&fields, "file", way.files),
        "binary" => binary(&fields, object, way.files),
        "bytes" => {
            let text = fields.string("bytes")?.unwrap_or_default();
            from_base64(text, "body.bytes").map(octets)
        }
        language => Ok(Body {
            bytes: fields.string(language)?.unwrap_or_default().into(),
            content_type: type_of_language(language).map(str::to_owned),
            parts: Vec::new(),
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
    let options = options.map(|options| Fields::new(options, "body.options.", &[&["raw"]]));
    let raw = options.map(|options| options.object("raw")).transpose()?;
    let raw = raw
        .flatten()
        .map(|raw| Fields::new(raw, "body.options.raw.", &[&["language"]]));
    let language = raw.map(|raw| raw.string("language")).transpose()?.flatten();
    let text = match language {
        Some("json") => without_comments(text),
        _ => text.into(),
    };
    let body = Body::untyped(&text);
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
                if let Some(entry) = enabled(entry, &prefix, &[&PAIR_FIELDS])? {
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

fn graphql(fields: &Fields<'_>, way: &Way<'_>) -> Result<Body, FieldError> {
    let object = fields.object("graphql")?;
    let object = object.ok_or_else(|| missing("body.graphql", "an object"))?;
    let fields = Fields::new(object, "body.graphql.", &[&GRAPHQL_FIELDS]);
    let built = vayu_shared::body::graphql(&fields, way.leaves_variables)?;
    Ok(Body {
        bytes: built.bytes,
        content_type: built.content_type.map(str::to_owned),
        parts: built.parts,
    })
}

fn file(fields: &Fields<'_>, name: &str, files: &AllowedFiles) -> Result<Body, FieldError> {
    let path = fields.path(name);
    let object = fields.object(name)?;
    let object = object.ok_or_else(|| missing(&path, "an object"))?;
    let prefix = format!("{path}.");
    let fields = Fields::new(object, &prefix, &[&FILE_FIELDS]);
    let src = fields.string("src")?;
    let src = src.ok_or_else(|| missing(&fields.path("src"), "the path of a file"))?;
    let bytes = files.read(&fields.path("src"), src, MOST_BYTES)?;
    Ok(Body::of_kind(bytes, &type_of_file(src), PartKind::Literal))
}

fn binary(
    fields: &Fields<'_>,
    object: &Map<String, Value>,
    files: &AllowedFiles,
) -> Result<Body, FieldError> {
    let inner = fields.object("binary")?;
    let inner =
        inner.map(|object| Fields::new(object, "body.binary.", &[&FILE_FIELDS, &["base64"]]));
    let has = |name| inner.is_some_and(|inner| inner.get(name).is_some());
    match base64_of(object) {
        Some((_, text)) => from_base64(text, "body.binary.base64").map(octets),
        None if has("src") && has("base64") => {
            let problem = "and `body.binary.base64` are both there; keep one of them";
            Err(FieldError::new("body.binary.src", problem))
        }
        None => {
            inner.map(|inner| inner.string("base64")).transpose()?;
            file(fields, "binary", files)
        }
    }
}

fn octets(bytes: Vec<u8>) -> Body {
    Body::of_kind(bytes, OCTETS, PartKind::Literal)
}

/// The type that a file's extension stands for.
fn type_of_file(path: &str) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string()
}

/// The fields of a list's entry; none when it is disabled.
fn enabled<'a>(
    entry: &'a Value,
    prefix: &'a str,
    known: Known,
) -> Result<Option<Fields<'a>>, FieldError> {
    let Value::Object(object) = entry else {
        let path = prefix.trim_end_matches('.');
        return Err(wrong(path, entry, "an object with `key` and `value`"));
    };
    let fields = Fields::new(object, prefix, known);
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
