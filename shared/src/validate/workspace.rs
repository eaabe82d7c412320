//! Reads the bodies that save collections, requests, environments and globals.
//!
//! Only the body is judged. Whether the object exists, and so which fields it
//! needs, and whether what it refers to exists, the store decides. Fields that
//! are not known are ignored: clients send back whole objects.

use serde_json::Value;

use super::request::sent_method;
use super::{Document, FieldError, Fields};
use crate::limits;
use crate::workspace::{CollectionEdit, EnvironmentEdit, GlobalsEdit, RequestEdit};

/// The fields of a collection that can be changed.
pub const COLLECTION_FIELDS: [&str; 5] = ["id", "name", "parentId", "order", "variables"];
/// The fields of a saved request that can be changed.
pub const SAVED_REQUEST_FIELDS: [&str; 13] = [
    "id",
    "collectionId",
    "name",
    "method",
    "customMethod",
    "url",
    "params",
    "headers",
    "body",
    "bodyType",
    "auth",
    "preRequestScript",
    "postRequestScript",
];
/// The fields of an environment that can be changed.
pub const ENVIRONMENT_FIELDS: [&str; 4] = ["id", "name", "variables", "isActive"];
/// The fields of `POST /globals`.
pub const GLOBALS_FIELDS: [&str; 1] = ["variables"];

/// Reads the body of `POST /collections`.
///
/// # Errors
/// The first field that is of the wrong type or out of its range; a missing `id`.
pub fn collection_edit(document: &Document<'_>) -> Result<CollectionEdit, FieldError> {
    let fields = &document.fields().listed(&[&COLLECTION_FIELDS]);
    Ok(CollectionEdit {
        id: own_id(fields)?,
        name: name(fields)?,
        parent_id: optional(fields, "parentId", None, |name| {
            Ok(id(fields, name)?.map(Some))
        })?,
        order: optional(fields, "order", 0, |name| order(fields, name))?,
        variables: variables(document, fields)?,
    })
}

/// Reads the body of `POST /requests`.
///
/// # Errors
/// As [`collection_edit`]; a bad method or URL is a [`Mistake`](super::Mistake) of its own.
pub fn request_edit(document: &Document<'_>) -> Result<RequestEdit, FieldError> {
    let fields = &document.fields().listed(&[&SAVED_REQUEST_FIELDS]);
    not_null(fields, "collectionId", "the id of a collection")?;
    not_null(fields, "method", "a method like \"GET\"")?;
    headers_are_strings(fields)?;
    fields.object("auth")?;
    params_fit(fields)?;
    let text = |name| optional(fields, name, String::new(), |name| owned(fields, name));
    Ok(RequestEdit {
        id: own_id(fields)?,
        collection_id: id(fields, "collectionId")?,
        name: name(fields)?,
        method: sent_method(fields)?,
        custom_method: fields.boolean("customMethod")?,
        url: url(fields)?,
        params: json(document, fields, "params", "{}"),
        headers: json(document, fields, "headers", "{}"),
        body: json(document, fields, "body", "null"),
        body_type: optional(fields, "bodyType", None, |name| {
            Ok(owned(fields, name)?.map(Some))
        })?,
        auth: json(document, fields, "auth", "{}"),
        pre_request_script: text("preRequestScript")?,
        post_request_script: text("postRequestScript")?,
    })
}

/// Reads the body of `POST /environments`.
///
/// # Errors
/// As [`collection_edit`].
pub fn environment_edit(document: &Document<'_>) -> Result<EnvironmentEdit, FieldError> {
    let fields = &document.fields().listed(&[&ENVIRONMENT_FIELDS]);
    Ok(EnvironmentEdit {
        id: own_id(fields)?,
        name: name(fields)?,
        variables: variables(document, fields)?,
        is_active: optional(fields, "isActive", false, |name| fields.boolean(name))?,
    })
}

/// Reads the body of `POST /globals`.
///
/// # Errors
/// When `variables` is missing, or no object of variables.
pub fn globals_edit(document: &Document<'_>) -> Result<GlobalsEdit, FieldError> {
    let fields = &document.fields().listed(&[&GLOBALS_FIELDS]);
    variables(document, fields)?;
    let text = document.text("variables");
    let missing = || FieldError::new("variables", "is missing; it is an object of variables");
    text.map(|variables| GlobalsEdit { variables })
        .ok_or_else(missing)
}

/// A field that may be reset: `None` when absent, its default when `null`.
fn optional<'a, T>(
    fields: &Fields<'_>,
    name: &'a str,
    default: T,
    read: impl FnOnce(&'a str) -> Result<Option<T>, FieldError>,
) -> Result<Option<T>, FieldError> {
    if fields.has(name) {
        Ok(Some(read(name)?.unwrap_or(default)))
    } else {
        Ok(None)
    }
}

/// The text of a JSON field that may be reset.
fn json(document: &Document<'_>, fields: &Fields<'_>, name: &str, default: &str) -> Option<String> {
    let sent = fields.has(name);
    sent.then(|| document.text(name).unwrap_or_else(|| default.to_owned()))
}

/// Refuses `null` for a field that every object of its kind has.
fn not_null(fields: &Fields<'_>, name: &str, expected: &str) -> Result<(), FieldError> {
    if fields.has(name) && fields.get(name).is_none() {
        return Err(fields.wrong_type(name, &Value::Null, expected));
    }
    Ok(())
}

fn owned(fields: &Fields<'_>, name: &str) -> Result<Option<String>, FieldError> {
    Ok(fields.string(name)?.map(str::to_owned))
}

fn own_id(fields: &Fields<'_>) -> Result<String, FieldError> {
    let missing = || FieldError::new("id", format!("is missing; it has to be {}", id_rule()));
    id(fields, "id")?.ok_or_else(missing)
}

fn id(fields: &Fields<'_>, name: &str) -> Result<Option<String>, FieldError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    match fields.string(name)? {
        Some(id) if id.is_empty() || id.len() > limits::ID_CHARS || !id.chars().all(legal) => {
            Err(fields.wrong_type(name, &Value::from(id), &id_rule()))
        }
        // Paths that end with them mean something else (RFC 3986, 5.2.4).
        Some(id @ ("." | "..")) => {
            Err(fields.wrong_type(name, &Value::from(id), "an id that a URL can name"))
        }
        id => Ok(id.map(str::to_owned)),
    }
}

fn id_rule() -> String {
    format!(
        "1 to {} letters, digits, `-`, `_`, `.` or `:`",
        limits::ID_CHARS
    )
}

fn name(fields: &Fields<'_>) -> Result<Option<String>, FieldError> {
    const NAME: &str = "name";
    not_null(fields, NAME, "a string")?;
    let name = owned(fields, NAME)?;
    let chars = name.as_ref().map_or(1, |name| name.chars().count());
    if (1..=limits::NAME_CHARS).contains(&chars) {
        return Ok(name);
    }
    let problem = format!(
        "has {chars} characters; it has to have 1 to {}",
        limits::NAME_CHARS
    );
    Err(FieldError::new(NAME, problem))
}

fn order(fields: &Fields<'_>, name: &str) -> Result<Option<i64>, FieldError> {
    let Some(number) = fields.number(name)? else {
        return Ok(None);
    };
    if number.fract() != 0.0 || number.abs() > limits::ORDER as f64 {
        let expected = format!("a whole number, at most {} either way", limits::ORDER);
        return Err(fields.wrong_type(name, &Value::from(number), &expected));
    }
    Ok(Some(number as i64))
}

/// A URL may hold variables, and is not looked at closer before it is used.
fn url(fields: &Fields<'_>) -> Result<Option<String>, FieldError> {
    let wrong = |problem: String| FieldError::url("url", problem);
    match fields.get("url") {
        None if fields.has("url") => Err(wrong("is null; it has to be a string".into())),
        None => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Err(wrong("is empty".into())),
        Some(Value::String(text)) if text.len() > limits::URL_BYTES => Err(wrong(format!(
            "is {} bytes long; at most {} are accepted",
            text.len(),
            limits::URL_BYTES
        ))),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong(format!("is {other}; it has to be a string"))),
    }
}

fn headers_are_strings(fields: &Fields<'_>) -> Result<(), FieldError> {
    each(fields, "headers", "a string", Value::is_string)
}

fn params_fit(fields: &Fields<'_>) -> Result<(), FieldError> {
    match fields.get("params") {
        None | Some(Value::Object(_) | Value::Array(_)) => Ok(()),
        Some(other) => Err(fields.wrong_type("params", other, "an object or a list")),
    }
}

/// The text of `variables`: an object whose values are strings, or objects with
/// a `value` and what else a client keeps with it.
fn variables(document: &Document<'_>, fields: &Fields<'_>) -> Result<Option<String>, FieldError> {
    const NAME: &str = "variables";
    let expected = "a string, or an object like {\"value\": \"…\", \"enabled\": true}";
    each(fields, NAME, expected, |value| {
        value.is_string() || value.is_object()
    })?;
    Ok(json(document, fields, NAME, "{}"))
}

/// Looks at every value of an object; the error names the one that does not fit.
fn each(
    fields: &Fields<'_>,
    name: &str,
    expected: &str,
    fits: impl Fn(&Value) -> bool,
) -> Result<(), FieldError> {
    let entries = fields.object(name)?.into_iter().flatten();
    match entries.into_iter().find(|(_, value)| !fits(value)) {
        Some((key, value)) => Err(fields.wrong_type(&format!("{name}.{key}"), value, expected)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
