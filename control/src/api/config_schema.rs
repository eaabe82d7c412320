//! The schema of `POST /config`, generated from the table of settings.

use utoipa::PartialSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::config::{SETTINGS, Setting};

/// New values of settings: flat, or in `entries`.
pub struct ConfigBody;

impl utoipa::ToSchema for ConfigBody {}

impl PartialSchema for ConfigBody {
    fn schema() -> RefOr<Schema> {
        let in_entries = ObjectBuilder::new()
            .property("entries", settings())
            .required("entries")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let forms = OneOfBuilder::new()
            .description(Some("New values of settings: flat, or in `entries`"))
            .item(settings())
            .item(in_entries);
        forms.into()
    }
}

/// Returns the schema of settings by name, each a number or a string of digits.
fn settings() -> ObjectBuilder {
    let closed =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    SETTINGS.iter().fold(closed, |object, setting| {
        let digits = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]+$"));
        let either = OneOfBuilder::new()
            .description(Some(setting.description))
            .item(number(setting))
            .item(digits);
        object.property(setting.key, either)
    })
}

fn number(setting: &Setting) -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    match setting.divides {
        Some(whole) => {
            let legal = setting.range.clone().filter(|value| whole % value == 0);
            number.enum_values(Some(legal))
        }
        None => number
            .minimum(Some(*setting.range.start()))
            .maximum(Some(*setting.range.end())),
    }
}
