//! Builds the body of a request from its `body` field.
//!
//! The field is text, JSON, or Postman's collection format: an object whose `mode` names the member that
//! holds the content. Variables are replaced beforehand. Headers are set elsewhere: this module only proposes
//! a content type. Form data is that of RFC 7578.

use serde_json::Value;
use vayu_shared::body::{
    BodyPart, GraphQl, JSON, OCTETS, PartKind, PlainBody, from_base64, json_content_type, raw_body,
    type_of_language,
};
use vayu_shared::field_error::FieldError;
use vayu_shared::request::urlencoded;
use vayu_shared::template::Deferred;

use crate::contract::{
    BinarySource, FileSource, Form, FormData, FormValue, RawBody, mode_of, read_object, read_value,
};

mod files;
mod multipart;

pub use files::AllowedFiles;

/// Maximum size of a file and of a whole body, in bytes: 64 MiB.
pub const MAX_BODY_BYTES: u64 = vayu_shared::limits::REQUEST_BODY_BYTES;

/// A body and its content type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Body bytes as sent. At most [`MAX_BODY_BYTES`].
    pub bytes: Vec<u8>,
    /// `Content-Type` to use if the user gives none. `None` if unknown.
    pub content_type: Option<String>,
    /// How the values of remaining variables are encoded in each part of the body.
    pub parts: Vec<BodyPart>,
}

/// Parameters for building a body.
pub struct BodyContext<'a> {
    /// Whether the method is GET or HEAD, for which `{}` means no body.
    is_bodiless: bool,
    /// Directories from which files may be read.
    files: &'a AllowedFiles,
    /// Boundary of form data: 1 to 70 characters. Digits are appended until no part contains it.
    boundary: String,
    /// Which variables are left in texts for the sender to replace.
    left: Deferred,
}

impl<'a> BodyContext<'a> {
    /// Parameters for a body that is sent once, with its variables already replaced.
    pub fn now(is_bodiless: bool, files: &'a AllowedFiles, boundary: String) -> Self {
        Self {
            is_bodiless,
            files,
            boundary,
            left: Deferred::Nothing,
        }
    }

    /// Parameters for a body that is sent repeatedly, with new values for its variables.
    pub fn later(
        is_bodiless: bool,
        files: &'a AllowedFiles,
        boundary: String,
        left: Deferred,
    ) -> Self {
        Self {
            left,
            ..Self::now(is_bodiless, files, boundary)
        }
    }
}

impl Body {
    fn new(bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: Some(content_type.to_owned()),
            parts: Vec::new(),
        }
    }

    /// Creates a body whose bytes are all of one kind.
    fn of_kind(bytes: Vec<u8>, content_type: &str, kind: PartKind) -> Self {
        Self {
            parts: BodyPart::whole(bytes.len(), kind),
            ..Self::new(bytes, content_type)
        }
    }

    fn json(value: &Value) -> Self {
        Self::of_kind(value.to_string().into_bytes(), JSON, PartKind::JsonText)
    }

    /// Creates a body from text without a declared type. JSON is detected.
    fn untyped(text: &str) -> Self {
        Self {
            bytes: text.into(),
            content_type: json_content_type(text).map(str::to_owned),
            parts: Vec::new(),
        }
    }
}

impl From<PlainBody> for Body {
    fn from(plain: PlainBody) -> Self {
        Self {
            bytes: plain.bytes,
            content_type: plain.content_type.map(str::to_owned),
            parts: plain.parts,
        }
    }
}

/// Builds a body from `value`, the `body` field of a request.
///
/// # Errors
/// Returns an error if a member is missing or of the wrong type, if a file cannot be read or is not allowed,
/// or if the body is longer than [`MAX_BODY_BYTES`]. Field paths start at `body`, for example
/// `body.formdata[2].src`.
pub fn body(value: &Value, context: &BodyContext<'_>) -> Result<Body, FieldError> {
    let body = match value {
        Value::Null => Body::default(),
        Value::String(text) => Body::untyped(text),
        Value::Object(object) if object.is_empty() && context.is_bodiless => Body::default(),
        other => match mode_of(other) {
            Some(mode) => by_mode(mode, other, context)?,
            None => Body::json(other),
        },
    };
    let length = body.bytes.len();
    if length as u64 > MAX_BODY_BYTES {
        let problem = format!("is {length} bytes long; the maximum is {MAX_BODY_BYTES}");
        return Err(FieldError::new("body", problem));
    }
    Ok(body)
}

fn by_mode(mode: &str, body: &Value, context: &BodyContext<'_>) -> Result<Body, FieldError> {
    let path = format!("body.{mode}");
    // Null counts as content only where any JSON is accepted.
    let content = match (mode, &body[mode]) {
        ("json", content) => return Ok(Body::json(content)),
        ("none", _) | (_, Value::Null) => return Ok(Body::default()),
        (_, content) => content,
    };
    match mode {
        "raw" => {
            let raw: RawBody = read_value(body, "body")?;
            let text = raw.raw.as_deref().unwrap_or_default();
            Ok(raw_body(text, raw.language()).into())
        }
        "urlencoded" => {
            let mut form: Form = read_value(content, &path)?;
            form.keep_digits(content);
            self::form(&form, context.left)
        }
        "formdata" => {
            let mut form: FormData = read_value(content, &path)?;
            form.keep_digits(content);
            multipart::form_data(&form, context)
        }
        "graphql" => graphql(read_object(content, &path)?, content, context),
        "file" => file(
            &read_object::<FileSource>(content, &path)?.src,
            &path,
            context.files,
        ),
        "binary" => binary(read_object(content, &path)?, context.files),
        "bytes" => from_base64(&read_value::<String>(content, &path)?, &path).map(octets),
        language => Ok(Body {
            bytes: read_value::<String>(content, &path)?.into(),
            content_type: type_of_language(language).map(str::to_owned),
            parts: Vec::new(),
        }),
    }
}

fn form(form: &Form, left: Deferred) -> Result<Body, FieldError> {
    let entries = form.0.iter().enumerate();
    let enabled = entries.filter(|(_, pair)| pair.disabled != Some(true));
    let pairs: Result<Vec<_>, _> = enabled
        .map(|(index, pair)| {
            let key = key_of(pair.key.as_ref(), &format!("body.urlencoded[{index}]"))?;
            Ok((key, text_of(pair.value.as_ref())))
        })
        .collect();
    Ok(urlencoded(pairs?, left).into())
}

fn graphql(
    mut graphql: GraphQl,
    given: &Value,
    context: &BodyContext<'_>,
) -> Result<Body, FieldError> {
    // Taken from the given JSON, because numbers lose digits on their way through serde.
    graphql.variables = given.get("variables").cloned();
    graphql
        .body(context.left != Deferred::Nothing, "body.graphql")
        .map(Body::from)
}

fn file(src: &str, path: &str, files: &AllowedFiles) -> Result<Body, FieldError> {
    let bytes = files.read(&format!("{path}.src"), src, MAX_BODY_BYTES)?;
    Ok(Body::of_kind(bytes, &type_of_file(src), PartKind::Literal))
}

fn binary(source: BinarySource, files: &AllowedFiles) -> Result<Body, FieldError> {
    match (source.src, source.base64) {
        (Some(_), Some(_)) => {
            let problem = "and `body.binary.base64` are both set; remove one of them";
            Err(FieldError::new("body.binary.src", problem))
        }
        (None, Some(text)) => from_base64(&text, "body.binary.base64").map(octets),
        (Some(src), None) => file(&src, "body.binary", files),
        (None, None) => Err(missing("body.binary.src", "the path of a file")),
    }
}

fn octets(bytes: Vec<u8>) -> Body {
    Body::of_kind(bytes, OCTETS, PartKind::Literal)
}

/// Returns the media type for a file's extension.
fn type_of_file(path: &str) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string()
}

/// Returns the key of the entry at `path`.
fn key_of<'a>(key: Option<&'a String>, path: &str) -> Result<&'a str, FieldError> {
    let missing = || missing(&format!("{path}.key"), "the name of the entry");
    key.map(String::as_str).ok_or_else(missing)
}

/// Returns the text of an entry's value. A missing value is the empty string.
fn text_of(value: Option<&FormValue>) -> &str {
    value.map_or("", |value| &value.0)
}

fn missing(path: &str, what: &str) -> FieldError {
    FieldError::new(path, format!("is missing; expected {what}"))
}

#[cfg(test)]
mod tests;
