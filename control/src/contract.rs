//! The request bodies of the API. A body is one type, from which its OpenAPI schema is derived; the types of
//! its fields contain their ranges. The command line builds the same bodies and parses them here.
//!
//! An error names the path of the value, the value, and what is accepted. A field that the type does not have
//! causes a warning that names the most likely field. Conditions that depend on several fields are checked on
//! the typed value. This module neither stores nor sends anything.

// The derive macros expand to paths that are qualified more than necessary here.
#![allow(unused_qualifications)]

mod auth;
mod connection;
mod design;
mod mode;
mod numbers;
mod payload;
mod request;
mod run;
mod scalars;
mod schema;
mod skipped;
mod spans;
mod variables;
mod workspace;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment, Track};
use utoipa::ToSchema;
use vayu_shared::field_error::{FieldError, mismatch};

pub use auth::{AuthConfig, AuthType, ClientAuthentication, GrantType, KeyPlace, OAuth2Auth};
pub use connection::ConnectionBody;
pub use design::{DesignBody, DesignOptions, FollowRedirects, ProxyChoice, ScriptErrors};
pub use mode::Mode;
pub use payload::{
    BinarySource, FileSource, Form, FormData, FormValue, MODES, Part, PartType, RawBody, mode_of,
};
pub use request::{Headers, RequestConfig, Script, checked_headers, endpoint};
pub use run::{Defaults, RunBody, run_spec};
pub use scalars::OneOrMany;
pub use variables::{StoredVariables, VariableValues};
pub use workspace::{CollectionEdit, Edit, EnvironmentEdit, GlobalsEdit, RequestEdit, read_edit};

use schema::Fields;

/// Parses the object `value` at the path `prefix`. Unknown fields cause warnings.
///
/// # Errors
/// Returns an error for the first field that is missing, of the wrong type or out of its range.
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

/// Parses an object that has the fields of two types.
///
/// # Errors
/// See [`read`].
pub fn read_both<A, B>(value: &Value, warnings: &mut Vec<String>) -> Result<(A, B), FieldError>
where
    A: DeserializeOwned + ToSchema,
    B: DeserializeOwned + ToSchema,
{
    is_object(value, "")?;
    let (one, unknown) = tracked::<A>(value, "")?;
    let (other, beside) = tracked::<B>(value, "")?;
    // A field of one type is unknown to the other. The fields within it are known to its own type only.
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

/// Parses any value at the path `prefix`. Unknown fields are ignored.
///
/// # Errors
/// See [`read`].
pub fn read_value<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
) -> Result<T, FieldError> {
    tracked(value, prefix).map(|(read, _)| read)
}

/// Parses an object at the path `prefix`. Unknown fields are ignored.
///
/// # Errors
/// See [`read`].
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
    Err(FieldError::mismatch(field, value, "an object"))
}

/// Returns the parsed value, and the paths of the fields that its type does not have.
fn tracked<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
) -> Result<(T, Vec<String>), FieldError> {
    let mut unknown = Vec::new();
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(unknown_path(&path)));
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

/// Appends a path to `prefix`.
pub fn joined(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        (_, "") => prefix.to_owned(),
        ("", _) => path.to_owned(),
        (_, entry) if entry.starts_with('[') => format!("{prefix}{entry}"),
        _ => format!("{prefix}.{path}"),
    }
}

/// Returns the error for the value at `path`. Serde's messages say what was found and expected; messages of
/// the types of this module are used unchanged.
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
        Some((_, expected)) if !is_own => mismatch(seen, &expected_type(expected)),
        _ => message.to_owned(),
    };
    about(joined(prefix, &inner), problem)
}

/// Returns the error for a missing required field. `null` counts as missing.
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

/// Returns the error for a field. URL and method have error kinds of their own.
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

/// Translates serde's names of JSON types to the names in the API's messages.
fn expected_type(expected: &str) -> String {
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

/// Returns the path of an unknown field.
fn unknown_path(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", unknown_path(parent)),
        Path::Map { parent, key } => joined(&unknown_path(parent), key),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => unknown_path(parent),
    }
}

/// Adds a warning for each unknown field, with the most likely known field.
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
