//! The shape of the `body` of a request: text, any JSON, or a body with a `mode`.

use serde::Deserialize;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::values::{anything, list_of, map_of, text};
use crate::design::BODY_MODES;

/// The body of a request.
#[derive(Deserialize)]
pub struct Payload;

impl utoipa::ToSchema for Payload {}

impl PartialSchema for Payload {
    fn schema() -> RefOr<Schema> {
        let any = AnyOfBuilder::new()
            .description(Some(
                "Text, any JSON, or a body with a `mode`: an object whose member of that name \
                 holds the content",
            ))
            .item(text())
            .item(anything());
        BODY_MODES
            .into_iter()
            .fold(any, |any, mode| any.item(with_mode(mode)))
            .into()
    }
}

fn with_mode(mode: &'static str) -> ObjectBuilder {
    let disabled = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("What collections store beside it; not used"));
    let object = ObjectBuilder::new()
        .property("mode", text().enum_values(Some([mode])))
        .property("disabled", disabled)
        .required("mode");
    let object = match mode {
        "raw" => object.property("options", raw_options()),
        _ => object,
    };
    match content(mode) {
        Some(content) => object.property(mode, content).required(mode),
        None => object,
    }
}

fn content(mode: &str) -> Option<RefOr<Schema>> {
    Some(match mode {
        "none" => return None,
        "json" => anything().into(),
        "urlencoded" => OneOfBuilder::new()
            .item(list_of(pair()))
            .item(map_of(scalar().build()))
            .into(),
        "formdata" => list_of(part()).into(),
        "graphql" => graphql().into(),
        "file" => file().into(),
        "binary" => OneOfBuilder::new().item(file()).item(base64()).into(),
        "bytes" => text().description(Some("Padded base64")).into(),
        _ => text().into(),
    })
}

fn raw_options() -> ObjectBuilder {
    let languages = ["json", "text", "xml", "html", "javascript"];
    let language = text()
        .description(Some(
            "Decides the `Content-Type`; with `json`, comments are removed",
        ))
        .enum_values(Some(languages));
    ObjectBuilder::new().property("raw", ObjectBuilder::new().property("language", language))
}

fn flag(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some(description))
}

fn scalar() -> OneOfBuilder {
    OneOfBuilder::new()
        .item(text())
        .item(ObjectBuilder::new().schema_type(Type::Number))
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
}

/// An entry of `urlencoded`.
fn pair() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("key", text())
        .property("value", scalar())
        .property("disabled", flag("With `true`, the entry is left out"))
        .required("key")
}

/// An entry of `formdata`.
fn part() -> ObjectBuilder {
    let kinds = ["text", "file"];
    pair()
        .property(
            "type",
            text()
                .description(Some("Default: `file` with a `src`, `text` otherwise"))
                .enum_values(Some(kinds)),
        )
        .property(
            "src",
            OneOfBuilder::new()
                .description(Some(
                    "Path of a file below `--allow-files`, or a list of paths",
                ))
                .item(text())
                .item(list_of(text())),
        )
        .property(
            "fileName",
            text().description(Some("Default: the name of the file")),
        )
        .property(
            "contentType",
            text().description(Some("Media type of the part")),
        )
}

fn graphql() -> ObjectBuilder {
    let variables = OneOfBuilder::new()
        .description(Some("An object, or the JSON text of one"))
        .item(text())
        .item(ObjectBuilder::new());
    ObjectBuilder::new()
        .property("query", text())
        .property("variables", variables)
        .property("operationName", text())
        .required("query")
}

fn file() -> ObjectBuilder {
    let src = text().description(Some("Path of a file below `--allow-files`"));
    ObjectBuilder::new().property("src", src).required("src")
}

fn base64() -> ObjectBuilder {
    let bytes = text().description(Some("Padded base64"));
    ObjectBuilder::new()
        .property("base64", bytes)
        .required("base64")
}
