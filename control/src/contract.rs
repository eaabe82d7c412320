//! The bodies of the API. A body is one type, from which its schema in the OpenAPI document is
//! derived; ranges are part of the types of its fields. The command line writes the same bodies
//! and has them read here.
//!
//! An error names the path of the value, what it is and what it has to be. Fields that a
//! type does not have are warned of, with the likely one. What depends on other fields is
//! judged on the typed value. Nothing here stores or sends.

// What the derives write is qualified more than it has to be here.
#![allow(unused_qualifications)]

mod auth;
mod connection;
mod design;
mod numbers;
mod payload;
mod request;
mod run;
mod scalars;
mod schema;
mod skipped;
mod spans;
mod unused;
mod variables;
mod workspace;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment, Track};
use utoipa::ToSchema;
use vayu_shared::field_error::{FieldError, unlike};

pub use auth::{AuthConfig, AuthType, ClientAuthentication, GrantType, KeyPlace, OAuth2Auth};
pub use connection::ConnectionBody;
pub use design::{DesignBody, DesignOptions, FollowRedirects, ProxyChoice, ScriptErrors};
pub use payload::{
    BinarySource, FileSource, Form, FormData, FormValue, MODES, Part, PartType, RawBody, mode_of,
};
pub use request::{Headers, RequestConfig, Script, checked_headers, endpoint};
pub use run::{Defaults, Mode, RunBody, run_spec};
pub use scalars::OneOrMany;
pub use variables::{StoredVariables, VariableValues};
pub use workspace::{CollectionEdit, Edit, EnvironmentEdit, GlobalsEdit, RequestEdit, read_edit};

use schema::Fields;

/// Reads the object `value`, which stands at the path `prefix`; unknown fields are warned of.
///
/// # Errors
/// The first field that is missing, of the wrong type or out of its range.
pub fn read<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
    warnings: &mut Vec<String>,
) -> Result<T, FieldError> {
    is_object(value, prefix)?;
    let (read, unknown) = tracked::<T>(value, prefix)?;
    warn(&unknown, || Fields::of::<T>(), prefix, warnings);
    Ok(read)
}

/// Reads an object that has the fields of two types.
///
/// # Errors
/// As [`read`].
pub fn read_both<A, B>(value: &Value, warnings: &mut Vec<String>) -> Result<(A, B), FieldError>
where
    A: DeserializeOwned + ToSchema,
    B: DeserializeOwned + ToSchema,
{
    is_object(value, "")?;
    let (one, unknown) = tracked::<A>(value, "")?;
    let (other, beside) = tracked::<B>(value, "")?;
    // A field of one type is unknown to the other; what is within it only the one looks at.
    let is_inner = |path: &String| path.contains(['.', '[']);
    let mut unknown: Vec<String> = unknown
        .into_iter()
        .filter(|path| is_inner(path) || beside.contains(path))
        .collect();
    let inner = beside.into_iter().filter(is_inner);
    let inner: Vec<String> = inner.filter(|path| !unknown.contains(path)).collect();
    unknown.extend(inner);
    let fields = || Fields::of::<A>().and(Fields::of::<B>());
    warn(&unknown, fields, "", warnings);
    Ok((one, other))
}

/// Reads any value, which stands at the path `prefix`; unknown fields are ignored.
///
/// # Errors
/// As [`read`].
pub fn read_value<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
) -> Result<T, FieldError> {
    tracked(value, prefix).map(|(read, _)| read)
}

/// The same of an object.
///
/// # Errors
/// As [`read`].
pub fn read_object<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
) -> Result<T, FieldError> {
    is_object(value, prefix)?;
    read_value(value, prefix)
}

fn is_object(value: &Value, prefix: &str) -> Result<(), FieldError> {
    if value.is_object() {
        return Ok(());
    }
    let field = if prefix.is_empty() { "body" } else { prefix };
    Err(FieldError::unlike(field, value, "an object"))
}

/// What was read, and the paths of the fields that its type does not have.
fn tracked<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
) -> Result<(T, Vec<String>), FieldError> {
    let mut unknown = Vec::new();
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(place(&path)));
    match read {
        Ok(read) => Ok((read, unknown)),
        Err(error) => Err(refused::<T>(
            value,
            &track.path(),
            prefix,
            &serde_json::Error::to_string(&error),
        )),
    }
}

/// Where a path leads from `prefix`.
pub fn joined(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        (_, "") => prefix.to_owned(),
        ("", _) => path.to_owned(),
        (_, entry) if entry.starts_with('[') => format!("{prefix}{entry}"),
        _ => format!("{prefix}.{path}"),
    }
}

/// The error of the value at `path`. Serde says what it found and what it expected; the message
/// of a type of this module is taken as it is.
fn refused<T: ToSchema>(value: &Value, path: &Path, prefix: &str, message: &str) -> FieldError {
    let inner = match path.iter().next() {
        None => String::new(),
        Some(_) => path.to_string(),
    };
    if let Some(name) = message.strip_prefix("missing field `") {
        return missing::<T>(prefix, &joined(&inner, name.trim_end_matches('`')));
    }
    let seen = at(value, path).unwrap_or(&Value::Null);
    if seen.is_null() && Fields::of::<T>().is_required(&inner) {
        return missing::<T>(prefix, &inner);
    }
    let is_own = !message.starts_with("invalid ") && !message.starts_with("unknown variant ");
    let problem = match message.rsplit_once(", expected ") {
        Some((_, expected)) if !is_own => unlike(seen, &in_words(expected)),
        _ => message.to_owned(),
    };
    about(joined(prefix, &inner), problem)
}

/// The error of a field that cannot be left out; `null` says as much as nothing.
fn missing<T: ToSchema>(prefix: &str, path: &str) -> FieldError {
    let field = joined(prefix, path);
    let problem = match Fields::of::<T>().description(path) {
        Some(description) => format!("is missing: {description}"),
        None => "is missing".to_owned(),
    };
    match is_named(path, "url") {
        true => FieldError::url(field, problem),
        false => FieldError::new(field, problem),
    }
}

/// The error of a field; URL and method have kinds of their own.
fn about(field: String, problem: String) -> FieldError {
    if is_named(&field, "url") {
        FieldError::url(field, problem)
    } else if is_named(&field, "method") {
        FieldError::method(field, problem)
    } else {
        FieldError::new(field, problem)
    }
}

fn is_named(path: &str, name: &str) -> bool {
    path.rsplit('.').next() == Some(name)
}

/// What serde calls the types of JSON, in the words of the API.
fn in_words(expected: &str) -> String {
    match expected {
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "string or map" => "a string".to_owned(),
        other => other.replace('`', "\""),
    }
}

fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Seq { index } => value.get(index),
        Segment::Map { key } => value.get(key),
        Segment::Enum { .. } | Segment::Unknown => Some(value),
    })
}

/// The path of an unknown field.
fn place(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", place(parent)),
        Path::Map { parent, key } => joined(&place(parent), key),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => place(parent),
    }
}

/// A warning for each unknown field, with the likely one.
fn warn(unknown: &[String], known: impl Fn() -> Fields, prefix: &str, warnings: &mut Vec<String>) {
    if unknown.is_empty() {
        return;
    }
    let known = known();
    warnings.extend(unknown.iter().map(|path| {
        let told = joined(prefix, path);
        match known.likely(path) {
            Some(likely) => format!(
                "unknown field `{told}` ignored; did you mean `{}`?",
                joined(prefix, likely)
            ),
            None => format!("unknown field `{told}` ignored"),
        }
    }));
}

#[cfg(test)]
mod tests;
