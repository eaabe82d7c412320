//! Changes to the saved workspace: collections, requests, environments and globals.
//!
//! A change identifies an object and contains the fields that were sent: `None` keeps the stored value. A
//! field that was reset already contains its default. JSON fields are kept as the text that was sent, so that
//! they are returned unchanged. The store decides whether the object exists, and so which fields are
//! required, and whether referenced objects exist. Unknown fields are ignored, because clients send back
//! whole objects.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType};
use vayu_shared::field_error::{FieldError, mismatch};
use vayu_shared::limits;

use super::numbers::Order;
use super::payload::list_of;
use super::request::method;
use super::scalars::{Id, Name, by_value, text};
use super::skipped::any_json;
use super::variables::StoredVariables;
use super::{is_object, read_value};

/// A new collection, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionEdit {
    /// Id of the collection, chosen by the client.
    #[serde(deserialize_with = "plain::<_, Id>")]
    #[schema(value_type = Id)]
    pub id: String,
    /// Name. Required for a new collection.
    #[serde(default, deserialize_with = "present::<_, Name>")]
    #[schema(nullable = false, value_type = Option<Name>)]
    pub name: Option<String>,
    /// Id of the parent collection; `null` for the root.
    #[serde(default, deserialize_with = "cleared::<_, Id>")]
    #[schema(inline, value_type = Option<Id>)]
    pub parent_id: Option<Option<String>>,
    /// Position among its siblings. Default: 0.
    #[serde(default, deserialize_with = "reset::<_, Order, _>")]
    #[schema(inline, value_type = Option<Order>)]
    pub order: Option<i64>,
    /// Variables by name.
    #[serde(default, deserialize_with = "kept::<_, StoredVariables>")]
    #[schema(value_type = Option<StoredVariables>)]
    pub variables: Option<String>,
}

/// A new saved request, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestEdit {
    /// Id of the request, chosen by the client.
    #[serde(deserialize_with = "plain::<_, Id>")]
    #[schema(value_type = Id)]
    pub id: String,
    /// Id of its collection. Required for a new request.
    #[serde(default, deserialize_with = "present::<_, Id>")]
    #[schema(nullable = false, value_type = Option<Id>)]
    pub collection_id: Option<String>,
    /// Name. Required for a new request.
    #[serde(default, deserialize_with = "present::<_, Name>")]
    #[schema(nullable = false, value_type = Option<Name>)]
    pub name: Option<String>,
    /// Method: one of the IANA registry, in any case, or any token with `customMethod: true`. Required for a
    /// new request.
    #[serde(default, deserialize_with = "present::<_, String>")]
    #[schema(nullable = false, pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$")]
    pub method: Option<String>,
    /// Whether an unknown `method` is accepted. Not stored. Default: false.
    pub custom_method: Option<bool>,
    /// URL, which may contain variables. Required for a new request.
    #[serde(default, deserialize_with = "present::<_, UrlText>")]
    #[schema(nullable = false, value_type = Option<UrlText>)]
    pub url: Option<String>,
    /// Query parameters, an object or a list.
    #[serde(default, deserialize_with = "kept::<_, Params>")]
    #[schema(inline, value_type = Option<Params>)]
    pub params: Option<String>,
    /// Headers, an object of strings.
    #[serde(default, deserialize_with = "kept::<_, BTreeMap<String, String>>")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub headers: Option<String>,
    /// Body, any JSON.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Value>)]
    pub body: Option<String>,
    /// Client-defined type of the body; `null` for none.
    #[serde(default, deserialize_with = "cleared::<_, String>")]
    #[schema(value_type = Option<String>)]
    pub body_type: Option<Option<String>>,
    /// Authentication, an object.
    #[serde(default, deserialize_with = "kept::<_, Map<String, Value>>")]
    #[schema(value_type = Option<Map<String, Value>>)]
    pub auth: Option<String>,
    /// Script to run before the request.
    #[serde(default, deserialize_with = "reset::<_, String, _>")]
    pub pre_request_script: Option<String>,
    /// Script to run after the response.
    #[serde(default, deserialize_with = "reset::<_, String, _>")]
    pub post_request_script: Option<String>,
}

/// A new environment, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentEdit {
    /// Id of the environment, chosen by the client.
    #[serde(deserialize_with = "plain::<_, Id>")]
    #[schema(value_type = Id)]
    pub id: String,
    /// Name. Required for a new environment.
    #[serde(default, deserialize_with = "present::<_, Name>")]
    #[schema(nullable = false, value_type = Option<Name>)]
    pub name: Option<String>,
    /// Variables by name.
    #[serde(default, deserialize_with = "kept::<_, StoredVariables>")]
    #[schema(value_type = Option<StoredVariables>)]
    pub variables: Option<String>,
    /// Whether a client has selected it. Default: false.
    #[serde(default, deserialize_with = "reset::<_, bool, _>")]
    pub is_active: Option<bool>,
}

/// Replacement of the global variables.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct GlobalsEdit {
    /// Variables by name.
    #[serde(deserialize_with = "needed::<_, StoredVariables>")]
    #[schema(value_type = StoredVariables)]
    pub variables: String,
}

/// A URL that may contain variables. It is not validated before it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlText(pub String);

/// Parameters: an object or a list.
struct Params;

by_value! {
    UrlText: text().min_length(Some(1)).max_length(Some(limits::URL_BYTES)).into(),
    Params: OneOfBuilder::new()
        .item(ObjectBuilder::new())
        .item(list_of(ObjectBuilder::new().schema_type(SchemaType::AnyValue)))
        .into(),
}

impl From<UrlText> for String {
    fn from(url: UrlText) -> Self {
        url.0
    }
}

impl UrlText {
    fn of(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or_else(|| mismatch(value, "a string"))?;
        let (bytes, most) = (text.len(), limits::URL_BYTES);
        if text.trim().is_empty() {
            return Err("is empty".to_owned());
        }
        if bytes > most {
            return Err(format!("is {bytes} bytes long; the maximum is {most}"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Params {
    fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(_) | Value::Array(_) => Ok(Self),
            other => Err(mismatch(other, "an object or a list")),
        }
    }
}

/// Validates a value with a type and returns its content.
fn plain<'de, D: Deserializer<'de>, T: Deserialize<'de> + Into<String>>(
    deserializer: D,
) -> Result<String, D::Error> {
    T::deserialize(deserializer).map(Into::into)
}

/// A field that every object of its kind has: `null` is invalid.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de> + Into<String>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    plain::<D, T>(deserializer).map(Some)
}

/// A field that `null` removes.
fn cleared<'de, D: Deserializer<'de>, T: Deserialize<'de> + Into<String>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    let value = Option::<T>::deserialize(deserializer)?;
    Ok(Some(value.map(Into::into)))
}

/// A field that `null` resets to its default.
fn reset<'de, D: Deserializer<'de>, T: Deserialize<'de> + Into<V>, V: Default>(
    deserializer: D,
) -> Result<Option<V>, D::Error> {
    let value = Option::<T>::deserialize(deserializer)?;
    Ok(Some(value.map(Into::into).unwrap_or_default()))
}

/// A JSON field of the type `T` that `null` resets. Its text is set later from the document.
fn kept<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Option::<T>::deserialize(deserializer)?;
    Ok(Some(String::new()))
}

/// A required JSON field of the type `T`. Its text is set later from the document.
fn needed<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    T::deserialize(deserializer).map(|_| String::new())
}

/// A field of any JSON. Its text is set later from the document.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    any_json(deserializer).map(Some)
}

/// A change that is parsed from a request body.
pub trait Edit: DeserializeOwned + ToSchema {
    /// Sets what is only in the text of the body, and checks conditions that depend on several fields.
    ///
    /// # Errors
    /// Returns an error for the first field that contradicts others.
    fn complete(&mut self, texts: &Texts<'_>) -> Result<(), FieldError>;
}

/// Parses a body. `value` is the parsed form of `text`.
///
/// # Errors
/// Returns an error for the first field that is missing, of the wrong type or out of its range. An invalid
/// method or URL is a [`FieldErrorKind`](vayu_shared::field_error::FieldErrorKind) of its own.
pub fn read_edit<T: Edit>(value: &Value, text: &str) -> Result<T, FieldError> {
    is_object(value, "")?;
    let mut edit: T = read_value(value, "")?;
    edit.complete(&Texts::of(text))?;
    Ok(edit)
}

impl Edit for CollectionEdit {
    fn complete(&mut self, texts: &Texts<'_>) -> Result<(), FieldError> {
        texts.put(&mut self.variables, "variables", "{}");
        Ok(())
    }
}

impl Edit for RequestEdit {
    fn complete(&mut self, texts: &Texts<'_>) -> Result<(), FieldError> {
        let is_custom = self.custom_method.unwrap_or(false);
        if let Some(name) = &mut self.method {
            let known = method(name, is_custom);
            let known = known.map_err(|problem| FieldError::method("method", problem))?;
            known.as_str().clone_into(name);
        }
        texts.put(&mut self.params, "params", "{}");
        texts.put(&mut self.headers, "headers", "{}");
        texts.put(&mut self.body, "body", "null");
        texts.put(&mut self.auth, "auth", "{}");
        Ok(())
    }
}

impl Edit for EnvironmentEdit {
    fn complete(&mut self, texts: &Texts<'_>) -> Result<(), FieldError> {
        texts.put(&mut self.variables, "variables", "{}");
        Ok(())
    }
}

impl Edit for GlobalsEdit {
    fn complete(&mut self, texts: &Texts<'_>) -> Result<(), FieldError> {
        self.variables = texts.of_field("variables").unwrap_or("{}").to_owned();
        Ok(())
    }
}

/// The fields of a document as sent. Parsed values cannot be stored, because numbers beyond 64 bits lose
/// digits.
pub struct Texts<'a>(HashMap<String, &'a RawValue>);

impl<'a> Texts<'a> {
    fn of(text: &'a str) -> Self {
        // Anything but an object was refused before.
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// Returns the text of a field, or `None` if it is `null`.
    fn of_field(&self, name: &str) -> Option<&'a str> {
        let text = self.0.get(name).map(|text| text.get());
        text.filter(|text| *text != "null")
    }

    /// Sets a field to its text, if the field was sent.
    fn put(&self, field: &mut Option<String>, name: &str, default: &str) {
        if let Some(field) = field {
            self.of_field(name).unwrap_or(default).clone_into(field);
        }
    }
}

#[cfg(test)]
mod tests;
