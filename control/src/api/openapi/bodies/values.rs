//! Shapes of single values that no type of the program has: durations, headers,
//! variables, proxies.

use serde::Deserialize;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ArrayItems, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};

/// A text.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Any JSON.
pub fn anything() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue)
}

/// A list of these.
pub fn list_of(items: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new().items(ArrayItems::RefOrSchema(Box::new(items.into())))
}

/// An object of these, whose names are the client's own.
pub fn map_of(values: impl Into<Schema>) -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::from(values.into())))
}

/// A duration: text like `"1m30s"`, or a number.
#[derive(Deserialize)]
pub struct Span;

impl utoipa::ToSchema for Span {}

impl PartialSchema for Span {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"));
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0));
        let either = OneOfBuilder::new()
            .description(Some("A duration: text like `1m30s`, or a number"))
            .item(text)
            .item(number);
        either.into()
    }
}

/// Header values by name.
#[derive(Deserialize)]
pub struct Headers;

impl utoipa::ToSchema for Headers {}

impl PartialSchema for Headers {
    fn schema() -> RefOr<Schema> {
        let name = text().pattern(Some("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"));
        let value = || text().pattern(Some("^[\\x20-\\x7e]*$"));
        let values = OneOfBuilder::new().item(value()).item(list_of(value()));
        let headers = map_of(values.build())
            .description(Some(
                "Header values by name; each value of a list is a header line of its own",
            ))
            .property_names(Some(name.build()));
        headers.into()
    }
}

/// Variables by name.
#[derive(Deserialize)]
pub struct VariablesByName;

impl utoipa::ToSchema for VariablesByName {}

impl PartialSchema for VariablesByName {
    fn schema() -> RefOr<Schema> {
        let enabled = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("With `false`, the variable counts as not there"));
        let full = ObjectBuilder::new()
            .property("value", anything())
            .property("enabled", enabled)
            .required("value");
        let value = OneOfBuilder::new()
            .item(text())
            .item(ObjectBuilder::new().schema_type(Type::Number))
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(full);
        let variables = map_of(value.build()).description(Some(
            "Variables by name: a value, or an object with a `value`",
        ));
        variables.into()
    }
}

/// The proxy of a request.
#[derive(Deserialize)]
pub struct ProxyUrl;

impl utoipa::ToSchema for ProxyUrl {}

impl PartialSchema for ProxyUrl {
    fn schema() -> RefOr<Schema> {
        let either = OneOfBuilder::new()
            .description(Some(
                "URL of an http proxy; `false` for none, whatever the environment says",
            ))
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(text());
        either.into()
    }
}

/// Whether redirects are followed: always, never, or while they stay at the same origin.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum FollowRedirects {
    /// Always or never.
    Whether(bool),
    /// While they stay at the same origin.
    Within(Within),
}

/// How far redirects are followed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Within {
    /// To the scheme, host and port of the request.
    SameOrigin,
}
