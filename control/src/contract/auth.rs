//! The `auth` of a request: all types with their fields, flat or, as collections store them, under the name
//! of the type. It is parsed after its variables are replaced.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{AnyOfBuilder, Object, ObjectBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::auth::flattened;
use vayu_shared::field_error::{FieldError, mismatch};

use super::payload::list_of;
use super::read_value;
use super::scalars::{text, word};

/// Authentication of a request.
#[derive(Clone, Debug)]
pub enum AuthConfig {
    /// No authentication.
    None,
    /// Bearer token.
    Bearer(BearerAuth),
    /// User and password (RFC 7617).
    Basic(LoginAuth),
    /// Response to the challenge of the target (RFC 7616).
    Digest(LoginAuth),
    /// A key in a header or the query.
    ApiKey(ApiKeyAuth),
    /// Fetched access token (RFC 6749).
    OAuth2(Box<OAuth2Auth>),
    /// AWS Signature Version 4.
    Aws(AwsAuth),
}

/// Bearer token in `Authorization`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BearerAuth {
    /// The token.
    pub token: String,
    /// Scheme before the token. Default: `Bearer`.
    pub prefix: Option<String>,
}

/// User and password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct LoginAuth {
    /// User name.
    pub username: String,
    /// Password. Default: empty.
    pub password: Option<String>,
}

/// A key in a header or a query parameter.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyAuth {
    /// Name of the header or parameter.
    pub key: String,
    /// The key.
    pub value: String,
    /// Location of the key. Default: `header`.
    #[serde(default, deserialize_with = "word")]
    #[schema(inline)]
    pub r#in: Option<KeyPlace>,
    /// Alias of `in`.
    #[serde(default, deserialize_with = "word")]
    #[schema(inline)]
    pub add_to: Option<KeyPlace>,
}

/// Location of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum KeyPlace {
    /// A header.
    Header,
    /// A query parameter.
    Query,
    /// Alias of `query`.
    QueryParams,
    /// Alias of `query`.
    Params,
}

/// Access token of an OAuth 2.0 token endpoint, fetched and renewed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OAuth2Auth {
    /// URL of the token endpoint. This or `tokenUrl` is required.
    pub access_token_url: Option<String>,
    /// Alias of `accessTokenUrl`.
    pub token_url: Option<String>,
    /// Grant type. Default: `client_credentials`. Grants that need a browser are not supported.
    #[serde(default, deserialize_with = "word")]
    #[schema(inline)]
    pub grant_type: Option<GrantType>,
    /// Client id.
    pub client_id: String,
    /// Client secret. Default: empty.
    pub client_secret: Option<String>,
    /// User name, for the grant `password`.
    pub username: Option<String>,
    /// Password, for the grant `password`.
    pub password: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// API that the token is for.
    pub audience: Option<String>,
    /// Location of the client credentials. Default: `header`.
    #[serde(default, deserialize_with = "word")]
    #[schema(inline)]
    pub client_authentication: Option<ClientAuthentication>,
}

/// OAuth 2.0 grant type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// Client credentials.
    ClientCredentials,
    /// Resource owner password credentials.
    Password,
    /// Alias of `password`.
    PasswordCredentials,
}

/// Location of the client credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// In `Authorization`.
    Header,
    /// In the body.
    Body,
}

/// AWS Signature Version 4.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwsAuth {
    /// Access key.
    pub access_key: String,
    /// Secret key.
    pub secret_key: String,
    /// Session token, for temporary keys.
    pub session_token: Option<String>,
    /// Region. Default: `us-east-1`.
    pub region: Option<String>,
    /// Service, like `execute-api`.
    pub service: String,
}

/// No authentication.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct NoAuth {}

const TYPES: &str =
    "\"bearer\", \"basic\", \"api-key\", \"digest\", \"oauth2\", \"aws\" or \"none\"";

/// Path of the object in the body, for error messages.
const PATH: &str = "auth";

impl AuthConfig {
    /// Parses an `auth` object whose variables are replaced.
    ///
    /// # Errors
    /// Returns an error for the first field that is missing or invalid.
    pub fn read(auth: &Map<String, Value>) -> Result<Self, FieldError> {
        let none = Value::from("none");
        let kind = auth.get("type").filter(|kind| !kind.is_null());
        let kind = kind.unwrap_or(&none);
        let flat = Value::Object(flattened(auth));
        let Some(kind) = kind.as_str().and_then(AuthType::of) else {
            return Err(FieldError::new("auth.type", mismatch(kind, TYPES)));
        };
        match kind {
            AuthType::None => Ok(Self::None),
            AuthType::Bearer => read_value(&flat, PATH).map(Self::Bearer),
            AuthType::Basic => read_value(&flat, PATH).map(Self::Basic),
            AuthType::Digest => read_value(&flat, PATH).map(Self::Digest),
            AuthType::ApiKey => read_value(&flat, PATH).map(Self::ApiKey),
            AuthType::OAuth2 => read_value(&flat, PATH).map(|auth| Self::OAuth2(Box::new(auth))),
            AuthType::Aws => read_value(&flat, PATH).map(Self::Aws),
        }
    }
}

/// The `type` of an `auth` object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthType {
    /// No authentication.
    None,
    /// Bearer token.
    Bearer,
    /// User and password, sent as they are.
    Basic,
    /// Response to the challenge of the target.
    Digest,
    /// A key in a header or the query.
    ApiKey,
    /// Fetched access token.
    OAuth2,
    /// AWS Signature Version 4.
    Aws,
}

impl AuthType {
    /// Returns the type with this name. Postman has several names for some types.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let kind = KINDS.iter().find(|kind| kind.names.contains(&name));
        kind.map(|kind| kind.auth_type)
    }
}

/// A type with its names, description and fields.
struct Kind {
    auth_type: AuthType,
    names: &'static [&'static str],
    description: &'static str,
    fields: fn() -> RefOr<Schema>,
}

const KINDS: [Kind; 7] = [
    Kind {
        auth_type: AuthType::None,
        names: &["none", "noauth", "inherit", ""],
        description: "No authentication",
        fields: NoAuth::schema,
    },
    Kind {
        auth_type: AuthType::Bearer,
        names: &["bearer"],
        description: "A token in `Authorization`",
        fields: BearerAuth::schema,
    },
    Kind {
        auth_type: AuthType::Basic,
        names: &["basic"],
        description: "User and password in `Authorization` (RFC 7617)",
        fields: LoginAuth::schema,
    },
    Kind {
        auth_type: AuthType::Digest,
        names: &["digest"],
        description: "An answer to the challenge of the target (RFC 7616)",
        fields: LoginAuth::schema,
    },
    Kind {
        auth_type: AuthType::ApiKey,
        names: &["api-key", "apikey", "apiKey"],
        description: "A key in a header or a query parameter",
        fields: ApiKeyAuth::schema,
    },
    Kind {
        auth_type: AuthType::OAuth2,
        names: &["oauth2"],
        description: "A token of an OAuth 2.0 token endpoint (RFC 6749), fetched and renewed",
        fields: OAuth2Auth::schema,
    },
    Kind {
        auth_type: AuthType::Aws,
        names: &["aws", "awsv4", "sigv4"],
        description: "A signature of AWS, version 4",
        fields: AwsAuth::schema,
    },
];

impl ToSchema for AuthConfig {}

impl PartialSchema for AuthConfig {
    fn schema() -> RefOr<Schema> {
        let empty = AnyOfBuilder::new().description(Some(
            "How to authenticate. The fields stand beside `type` or, as collections store them, \
             under its name, as an object or as a list of `key` and `value`",
        ));
        let all = KINDS.iter().fold(empty, |all, kind| {
            let RefOr::T(Schema::Object(mut fields)) = (kind.fields)() else {
                return all;
            };
            fields.description = Some(kind.description.to_owned());
            all.item(flat(kind.names, fields.clone()))
                .item(nested(kind.names, &fields))
        });
        all.into()
    }
}

fn names_of(names: &[&'static str]) -> ObjectBuilder {
    text().enum_values(Some(names.iter().copied()))
}

/// Schema with the fields next to `type`.
fn flat(names: &[&'static str], mut fields: Object) -> Schema {
    let kind = names_of(names).build();
    fields.properties.insert("type".to_owned(), kind.into());
    // A missing type means no authentication.
    if !names.contains(&"none") {
        fields.required.push("type".to_owned());
    }
    fields.into()
}

/// Schema with the fields under the name of the type.
fn nested(names: &[&'static str], fields: &Object) -> Schema {
    let mut optional = fields.clone();
    optional.required.clear();
    let pair = ObjectBuilder::new()
        .property("key", text())
        .property("value", text())
        .required("key")
        .required("value")
        .build();
    let either = || {
        OneOfBuilder::new()
            .item(optional.clone())
            .item(list_of(pair.clone()))
    };
    let outer = ObjectBuilder::new()
        .description(fields.description.clone())
        .property("type", names_of(names))
        .required("type");
    let outer = names
        .iter()
        .filter(|name| !name.is_empty())
        .fold(outer, |outer, name| outer.property(*name, either()));
    outer.build().into()
}
