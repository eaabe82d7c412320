//! The `body` of a request: text, any JSON, or a body with a `mode` as in Postman's collections. These types
//! are parsed after variables are replaced; design mode builds the bytes.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ArrayItems, ObjectBuilder, OneOfBuilder,
    SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::body::GraphQl;
use vayu_shared::field_error::mismatch;

use super::scalars::{OneOrMany, by_value, object, required_object, text, word};

/// Members of a body with a `mode`, besides its content.
const MEMBERS: [&str; 3] = ["mode", "options", "disabled"];
/// Modes. The member with the content has the name of the mode.
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

/// The schema of a body. Bodies stay JSON until their variables are replaced.
pub struct Payload;

/// Returns the mode of a body that is in Postman's format and not a payload. `none` has no content member, so
/// with it all other members must belong to the format too.
#[must_use]
pub fn mode_of(body: &Value) -> Option<&str> {
    let object = body.as_object()?;
    let mode = object.get("mode")?.as_str()?;
    let is_members = || {
        let mut names = object.keys().map(String::as_str);
        names.all(|name| MEMBERS.contains(&name) || MODES.contains(&name))
    };
    match mode {
        "none" => is_members(),
        _ => MODES.contains(&mode) && object.contains_key(mode),
    }
    .then_some(mode)
}

/// A body with the mode `raw`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct RawBody {
    /// The text.
    #[schema(required = true)]
    pub raw: Option<String>,
    /// Options of the text.
    #[serde(default, deserialize_with = "object")]
    #[schema(inline)]
    options: Option<RawOptions>,
}

/// Options of a raw body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct RawOptions {
    /// Options of the mode `raw`, nested as in Postman's format.
    #[serde(default, deserialize_with = "object")]
    #[schema(inline)]
    raw: Option<RawLanguage>,
}

/// The language of a raw body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct RawLanguage {
    /// `json`, `text`, `xml`, `html` or `javascript`. Determines the `Content-Type`; with `json`, comments
    /// are removed.
    language: Option<String>,
}

impl RawBody {
    /// Returns the language of the text.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        let raw = self.options.as_ref()?.raw.as_ref()?;
        raw.language.as_deref()
    }
}

/// A form: a list of entries, or an object of values.
#[derive(Clone, Debug)]
pub struct Form(pub Vec<Pair>);

/// An entry of a form.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct Pair {
    /// Name of the entry.
    #[schema(required = true)]
    pub key: Option<String>,
    /// Value of the entry. Default: empty.
    #[schema(inline)]
    pub value: Option<FormValue>,
    /// Whether the entry is omitted. Default: false.
    pub disabled: Option<bool>,
}

/// The value of a form entry: text, or a number or boolean converted to text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormValue(pub String);

/// Paths of one or several files.
type Paths = OneOrMany<String>;

/// The parts of form data.
#[derive(Clone, Debug)]
pub struct FormData(pub Vec<Part>);

/// A part of multipart form data.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Name of the part.
    #[schema(required = true)]
    pub key: Option<String>,
    /// Value of the part. Default: empty.
    #[schema(inline)]
    pub value: Option<FormValue>,
    /// Whether the part is omitted. Default: false.
    pub disabled: Option<bool>,
    /// Type of the part. Default: `file` if there is a `src`, `text` otherwise.
    #[serde(default, deserialize_with = "word")]
    #[schema(inline)]
    pub r#type: Option<PartType>,
    /// Path of a file below `--allow-files`, or a list of paths.
    #[schema(inline)]
    pub src: Option<Paths>,
    /// File name to send. Default: the name of the file.
    pub file_name: Option<String>,
    /// Media type of the part.
    pub content_type: Option<String>,
}

/// Type of a part of form data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartType {
    /// A value.
    Text,
    /// One or several files.
    File,
}

/// A file as a body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct FileSource {
    /// Path of a file below `--allow-files`.
    pub src: String,
}

/// Bytes as a body: a file, or base64.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct BinarySource {
    /// Path of a file below `--allow-files`. This or `base64` is required.
    pub src: Option<String>,
    /// Padded base64.
    pub base64: Option<String>,
}

by_value! {
    FormValue: scalar().into(),
}

impl FormValue {
    fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::String(text) => Ok(Self(text.clone())),
            Value::Bool(_) | Value::Number(_) => Ok(Self(value.to_string())),
            other => Err(mismatch(other, "a string, a number, true or false")),
        }
    }
}

impl Form {
    /// Restores the digits of numbers from the body as sent, because serde's number types lose some.
    pub fn keep_digits(&mut self, given: &Value) {
        let values = match given {
            Value::Array(entries) => entries.iter().map(|entry| &entry["value"]).collect(),
            Value::Object(values) => values.values().collect(),
            _ => Vec::new(),
        };
        let pairs = self.0.iter_mut().zip(values);
        pairs.for_each(|(pair, given)| keep_digits(&mut pair.value, given));
    }
}

impl FormData {
    /// See [`Form::keep_digits`].
    pub fn keep_digits(&mut self, given: &Value) {
        let entries = given.as_array().into_iter().flatten();
        let parts = self.0.iter_mut().zip(entries);
        parts.for_each(|(part, given)| keep_digits(&mut part.value, &given["value"]));
    }
}

fn keep_digits(value: &mut Option<FormValue>, given: &Value) {
    if given.is_number() {
        *value = Some(FormValue(given.to_string()));
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormVisitor)
    }
}

struct FormVisitor;

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries with `key` and `value`, or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Form, A::Error> {
        let mut pairs = Vec::new();
        while let Some(Entry(pair)) = list.next_element()? {
            pairs.push(pair);
        }
        Ok(Form(pairs))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Form, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, value)) = map.next_entry()? {
            pairs.push(Pair {
                key: Some(key),
                value: Some(value),
                disabled: None,
            });
        }
        Ok(Form(pairs))
    }
}

/// A list entry that must be an object. Serde would also accept an array of the field values.
struct Entry<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        required_object(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for FormData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Entry<Part>>::deserialize(deserializer)?;
        Ok(Self(entries.into_iter().map(|entry| entry.0).collect()))
    }
}

impl ToSchema for FormData {}

impl PartialSchema for FormData {
    fn schema() -> RefOr<Schema> {
        list_of(Part::schema()).into()
    }
}

impl ToSchema for Form {}

impl PartialSchema for Form {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(list_of(Pair::schema()))
            .item(
                ObjectBuilder::new().additional_properties(Some(AdditionalProperties::from(
                    Schema::from(scalar().build()),
                ))),
            )
            .into()
    }
}

impl ToSchema for Payload {}

impl PartialSchema for Payload {
    fn schema() -> RefOr<Schema> {
        let any = AnyOfBuilder::new()
            .description(Some(
                "Text, any JSON, or a body with a `mode`: an object whose member of that name \
                 holds the content",
            ))
            .item(text())
            .item(anything());
        MODES
            .into_iter()
            .fold(any, |any, mode| any.item(with_mode(mode)))
            .into()
    }
}

fn with_mode(mode: &'static str) -> Schema {
    let object = match (mode, RawBody::schema()) {
        ("raw", RefOr::T(Schema::Object(raw))) => ObjectBuilder::from(raw),
        _ => ObjectBuilder::new(),
    };
    let disabled = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("What collections store beside it; not used"));
    let object = object
        .property("mode", text().enum_values(Some([mode])))
        .property("disabled", disabled)
        .required("mode");
    match content(mode) {
        Some(content) => object.property(mode, content).required(mode),
        None => object,
    }
    .build()
    .into()
}

/// Returns the schema of the content member, unless it is described with the other members.
fn content(mode: &str) -> Option<RefOr<Schema>> {
    Some(match mode {
        "none" | "raw" => return None,
        "json" => anything().into(),
        "urlencoded" => Form::schema(),
        "formdata" => FormData::schema(),
        "graphql" => GraphQl::schema(),
        "file" => FileSource::schema(),
        "binary" => BinarySource::schema(),
        "bytes" => text().description(Some("Padded base64")).into(),
        _ => text().into(),
    })
}

/// Schema of any JSON value.
fn anything() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue)
}

/// Schema of a list of `items`.
pub fn list_of(items: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new().items(ArrayItems::RefOrSchema(Box::new(items.into())))
}

fn scalar() -> OneOfBuilder {
    OneOfBuilder::new()
        .item(text())
        .item(ObjectBuilder::new().schema_type(Type::Number))
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
}
