//! The shape of `auth`: every type with its fields, flat or, as collections store it,
//! under the name of the type.

use serde::Deserialize;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};

use super::values::{list_of, text};

/// How a request authenticates.
#[derive(Deserialize)]
pub struct AuthBody;

impl utoipa::ToSchema for AuthBody {}

impl PartialSchema for AuthBody {
    fn schema() -> RefOr<Schema> {
        let empty = AnyOfBuilder::new().description(Some(
            "How to authenticate. The fields stand beside `type` or, as collections store them, \
             under its name, as an object or as a list of `key` and `value`",
        ));
        let all = SHAPES.iter().fold(empty, |all, shape| {
            all.item(shape.flat()).item(shape.nested())
        });
        all.into()
    }
}

/// One type of authentication.
pub struct Shape {
    /// Its names.
    pub types: &'static [&'static str],
    description: &'static str,
    /// Its fields beside `type`.
    pub fields: &'static [Field],
}

/// A field: its name, what it is, whether it is needed, and the values it may have, if
/// not any text.
pub type Field = (&'static str, &'static str, bool, &'static [&'static str]);

impl Shape {
    fn flat(&self) -> ObjectBuilder {
        let object = self.with_type();
        self.fields.iter().fold(object, |object, field| {
            let object = object.property(field.0, of_field(field));
            if field.2 {
                object.required(field.0)
            } else {
                object
            }
        })
    }

    fn nested(&self) -> ObjectBuilder {
        let empty = ObjectBuilder::new();
        let object = self.fields.iter().fold(empty, |object, field| {
            object.property(field.0, of_field(field))
        });
        let object = object.build();
        let pair = ObjectBuilder::new()
            .property("key", text())
            .property("value", text())
            .required("key")
            .required("value")
            .build();
        let either = || {
            OneOfBuilder::new()
                .item(object.clone())
                .item(list_of(pair.clone()))
        };
        self.types.iter().fold(self.with_type(), |outer, name| {
            outer.property(*name, either())
        })
    }

    fn with_type(&self) -> ObjectBuilder {
        let names = self.types.iter().copied();
        ObjectBuilder::new()
            .description(Some(self.description))
            .property("type", text().enum_values(Some(names)))
            .required("type")
    }
}

fn of_field((_, description, _, values): &Field) -> ObjectBuilder {
    let field = text().description(Some(*description));
    if values.is_empty() {
        field
    } else {
        field.enum_values(Some(values.iter().copied()))
    }
}

const USERNAME: Field = ("username", "User name", true, &[]);
const PASSWORD: Field = ("password", "Password. Default: empty", false, &[]);

/// Every type. A test compares them with what is read.
pub static SHAPES: [Shape; 7] = [
    Shape {
        types: &["none", "noauth", "inherit"],
        description: "No authentication",
        fields: &[],
    },
    Shape {
        types: &["bearer"],
        description: "A token in `Authorization`",
        fields: &[
            ("token", "The token", true, &[]),
            (
                "prefix",
                "Word before the token. Default: `Bearer`",
                false,
                &[],
            ),
        ],
    },
    Shape {
        types: &["basic"],
        description: "User and password in `Authorization` (RFC 7617)",
        fields: &[USERNAME, PASSWORD],
    },
    Shape {
        types: &["digest"],
        description: "An answer to the challenge of the target (RFC 7616)",
        fields: &[USERNAME, PASSWORD],
    },
    Shape {
        types: &["api-key", "apikey", "apiKey"],
        description: "A key in a header or a query parameter",
        fields: &[
            ("key", "Name of the header or parameter", true, &[]),
            ("value", "The key", true, &[]),
            ("in", "Where it goes. Default: `header`", false, PLACES),
            ("addTo", "Another name of `in`", false, PLACES),
        ],
    },
    Shape {
        types: &["oauth2"],
        description: "A token of an OAuth 2.0 token endpoint (RFC 6749), fetched and renewed",
        fields: &[
            (
                "accessTokenUrl",
                "URL of the token endpoint; this or `tokenUrl` is needed",
                false,
                &[],
            ),
            ("tokenUrl", "Another name of `accessTokenUrl`", false, &[]),
            (
                "grantType",
                "Default: `client_credentials`",
                false,
                &["client_credentials", "password", "password_credentials"],
            ),
            ("clientId", "Id of the client", true, &[]),
            (
                "clientSecret",
                "Secret of the client. Default: empty",
                false,
                &[],
            ),
            (
                "username",
                "User name, for the grant `password`",
                false,
                &[],
            ),
            ("password", "Password, for the grant `password`", false, &[]),
            ("scope", "Scopes, with blanks between them", false, &[]),
            ("audience", "The API that the token is for", false, &[]),
            (
                "clientAuthentication",
                "Where id and secret of the client go. Default: `header`",
                false,
                &["header", "body"],
            ),
        ],
    },
    Shape {
        types: &["aws", "awsv4", "sigv4"],
        description: "A signature of AWS, version 4",
        fields: &[
            ("accessKey", "Access key", true, &[]),
            ("secretKey", "Secret key", true, &[]),
            (
                "sessionToken",
                "Session token, for temporary keys",
                false,
                &[],
            ),
            ("region", "Region. Default: `us-east-1`", false, &[]),
            ("service", "Service, like `execute-api`", true, &[]),
        ],
    },
];
const PLACES: &[&str] = &["header", "query", "queryParams", "params"];
