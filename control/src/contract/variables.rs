//! Variables by name: of a request or run, and saved ones.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{
    AdditionalProperties, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::scalars::text;
use super::skipped::Skipped;

/// Saved variables by name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct StoredVariables(pub BTreeMap<String, StoredVariable>);

/// A saved variable.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum StoredVariable {
    /// The value.
    Text(String),
    /// The value with further members, like `{"value": "…", "enabled": true}`. With `enabled` false, the
    /// variable is ignored.
    Full(Map<String, Value>),
}

impl<'de> Deserialize<'de> for StoredVariable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredVisitor)
    }
}

struct StoredVisitor;

impl<'de> Visitor<'de> for StoredVisitor {
    type Value = StoredVariable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object like {\"value\": \"…\", \"enabled\": true}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(StoredVariable::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Map::deserialize(MapAccessDeserializer::new(map)).map(StoredVariable::Full)
    }
}

/// Variables of a request or a run, any JSON except lists. Deserializing only validates them; the values are
/// then taken unchanged from the body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariableValues(pub Map<String, Value>);

impl<'de> Deserialize<'de> for VariableValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = VariableValues;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<String, Skipped<false>>()?.is_some() {}
        Ok(VariableValues::default())
    }
}

impl ToSchema for VariableValues {}

impl PartialSchema for VariableValues {
    fn schema() -> RefOr<Schema> {
        let enabled = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("With `false`, the variable counts as not there"));
        let full = ObjectBuilder::new()
            .property(
                "value",
                ObjectBuilder::new().schema_type(SchemaType::AnyValue),
            )
            .property("enabled", enabled)
            .required("value");
        let value = OneOfBuilder::new()
            .item(text())
            .item(ObjectBuilder::new().schema_type(Type::Number))
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(full);
        ObjectBuilder::new()
            .additional_properties(Some(AdditionalProperties::from(Schema::from(
                value.build(),
            ))))
            .description(Some(
                "Variables by name: a value, or an object with a `value`",
            ))
            .into()
    }
}
