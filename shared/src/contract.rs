//! Reads JSON into the bodies of the API. A body is one type: what it takes is what the
//! OpenAPI document says of it, and its ranges are those of its fields' types.
//!
//! An error names the path of the value, what it is and what it has to be. Fields that a
//! type does not have are warned of, with the likely one.

mod connection;
mod scalars;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment, Track};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

pub use connection::{ConnectionBody, DnsBody, TlsBody};

use crate::validate::{FieldError, shown};

/// Reads `value`, which stands at the path `prefix`; unknown fields are warned of.
///
/// # Errors
/// The first field that is missing, of the wrong type or out of its range.
pub fn read<T: DeserializeOwned + ToSchema>(
    value: &Value,
    prefix: &str,
    warnings: &mut Vec<String>,
) -> Result<T, FieldError> {
    if !value.is_object() {
        let problem = format!("is {}; it has to be an object", shown(value));
        return Err(FieldError::new(prefix, problem));
    }
    let mut unknown = Vec::new();
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(place(&path)));
    let read = read.map_err(|error: serde_json::Error| {
        refused(value, &track.path(), prefix, &error.to_string())
    })?;
    if !unknown.is_empty() {
        let known = paths::<T>();
        warnings.extend(unknown.iter().map(|path| warning(path, &known, prefix)));
    }
    Ok(read)
}

/// Where a path leads from `prefix`.
fn joined(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        (_, "") => prefix.to_owned(),
        ("", _) => path.to_owned(),
        _ => format!("{prefix}.{path}"),
    }
}

/// The error of the value at `path`. Serde says what it found and what it expected; the words of
/// a type of ours are told as they are.
fn refused(value: &Value, path: &Path, prefix: &str, words: &str) -> FieldError {
    let inner = match path.iter().next() {
        None => String::new(),
        Some(_) => path.to_string(),
    };
    let field = joined(prefix, &inner);
    if let Some(name) = words.strip_prefix("missing field `") {
        let name = name.trim_end_matches('`');
        return FieldError::new(joined(&field, name), "is missing");
    }
    let is_own = !words.starts_with("invalid ") && !words.starts_with("unknown variant ");
    let problem = match words.rsplit_once(", expected ") {
        Some((_, expected)) if !is_own => {
            let seen = at(value, path).map_or_else(|| "null".to_owned(), shown);
            format!("is {seen}; it has to be {}", in_words(expected))
        }
        _ => words.to_owned(),
    };
    FieldError::new(field, problem)
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

fn warning(path: &str, known: &[String], prefix: &str) -> String {
    let told = joined(prefix, path);
    match likely(path, known) {
        Some(likely) => format!(
            "unknown field `{told}` ignored; did you mean `{}`?",
            joined(prefix, likely)
        ),
        None => format!("unknown field `{told}` ignored"),
    }
}

/// The known field whose name differs only in case or separators: beside the unknown one, or else
/// anywhere in the body.
fn likely<'a>(path: &str, known: &'a [String]) -> Option<&'a str> {
    let split = |path: &'_ str| {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        let plain = name.chars().filter(|c| c.is_alphanumeric());
        let plain: String = plain.flat_map(char::to_lowercase).collect();
        (parent.to_owned(), plain)
    };
    let (parent, name) = split(path);
    let same: Vec<&String> = known
        .iter()
        .filter(|known| split(known).1 == name)
        .collect();
    let beside = same.iter().find(|known| split(known).0 == parent);
    beside.or(same.first()).map(|known| known.as_str())
}

/// The paths of all fields of a body.
fn paths<T: ToSchema>() -> Vec<String> {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let mut found = Vec::new();
    walk(&T::schema(), "", &parts, &mut found);
    found
}

fn walk(
    schema: &RefOr<Schema>,
    path: &str,
    parts: &[(String, RefOr<Schema>)],
    found: &mut Vec<String>,
) {
    let schema = match schema {
        RefOr::T(schema) => schema,
        RefOr::Ref(link) => {
            let name = link.ref_location.rsplit('/').next().unwrap_or_default();
            let part = parts.iter().find(|(part, _)| part == name);
            return part.map_or((), |(_, schema)| walk(schema, path, parts, found));
        }
    };
    match schema {
        Schema::Object(object) => {
            for (name, field) in &object.properties {
                let path = joined(path, name);
                walk(field, &path, parts, found);
                found.push(path);
            }
        }
        Schema::OneOf(kinds) => kinds
            .items
            .iter()
            .for_each(|kind| walk(kind, path, parts, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
