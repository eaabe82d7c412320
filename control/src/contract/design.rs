//! The body of `POST /request`: a request, and the options for executing it.

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::field_error::{FieldError, mismatch};
use vayu_shared::limits;

use super::numbers::WholeNumber;
use super::request::given;
use super::scalars::{by_value, object, text, word};
use super::spans::Timeout;
use super::variables::VariableValues;
use super::{ConnectionBody, RequestConfig, read_both};

/// Upper limit of `maxRedirects`.
const MAX_REDIRECTS: u64 = 50;

/// A request of design mode. The fields of both parts are in one object.
#[derive(Clone, Debug)]
pub struct DesignBody {
    /// The request.
    pub request: RequestConfig,
    /// Options for executing it.
    pub options: DesignOptions,
}

/// Options for executing a request of design mode.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesignOptions {
    /// Behaviour when a script fails. Default: `refuse`.
    #[serde(default, deserialize_with = "word")]
    pub script_errors: Option<ScriptErrors>,
    /// Variables of the request. They take precedence over the environment's.
    pub variables: Option<VariableValues>,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment whose variables and cookies it uses.
    pub environment_id: Option<String>,
    /// Total timeout, redirects included: milliseconds, or like `"5s"`. Default: the setting
    /// `defaultTimeout`.
    pub timeout: Option<Timeout>,
    /// Timeout of the connect and of the TLS handshake, each: milliseconds, or like `"5s"`. Default: 10 s.
    pub connect_timeout: Option<Timeout>,
    /// Whether redirects are followed; `sameOrigin` follows only those to the request's origin. Default:
    /// true.
    #[schema(inline)]
    pub follow_redirects: Option<FollowRedirects>,
    /// Maximum number of redirects. Default: 10.
    #[schema(inline)]
    pub max_redirects: Option<WholeNumber<0, { MAX_REDIRECTS }>>,
    /// Whether cookies are sent and stored. Default: true.
    pub cookies: Option<bool>,
    /// Maximum number of bytes of the response body in the answer. Default: 8 MiB.
    #[schema(inline)]
    pub max_response_bytes: Option<WholeNumber<0, { limits::REQUEST_BODY_BYTES }>>,
    /// URL of an HTTP proxy; `false` for none, overriding the engine's environment variables.
    #[schema(inline)]
    pub proxy: Option<ProxyChoice>,
    /// How the connection is opened and secured.
    #[serde(default, deserialize_with = "object")]
    pub connection: Option<ConnectionBody>,
}

/// Behaviour when a script of a single request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScriptErrors {
    /// The response is an error. If a pre-request script fails, nothing is sent.
    Refuse,
    /// The request is sent, and the response reports the failure.
    Report,
}

/// Redirects to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowRedirects {
    /// None.
    Never,
    /// All redirects.
    Always,
    /// Only redirects to the scheme, host and port of the request.
    SameOrigin,
}

/// Proxy to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// None.
    Off,
    /// The proxy that the engine's environment variables name.
    Environment,
    /// The proxy at this URL.
    Url(String),
}

by_value! {
    FollowRedirects: OneOfBuilder::new()
        .item(boolean())
        .item(text().enum_values(Some(["sameOrigin"])))
        .into(),
    ProxyChoice: OneOfBuilder::new().item(boolean()).item(text()).into(),
}

fn boolean() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

impl FollowRedirects {
    fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(true) => Ok(Self::Always),
            Value::Bool(false) => Ok(Self::Never),
            Value::String(text) if text == "sameOrigin" => Ok(Self::SameOrigin),
            other => Err(mismatch(other, "true, false or \"sameOrigin\"")),
        }
    }
}

impl ProxyChoice {
    fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(true) => Ok(Self::Environment),
            Value::Bool(false) => Ok(Self::Off),
            Value::String(url) => Ok(Self::Url(url.clone())),
            other => {
                let right = "a URL like \"http://127.0.0.1:3128\", or false for none";
                Err(mismatch(other, right))
            }
        }
    }
}

impl DesignBody {
    /// Parses a body. Unknown fields cause warnings.
    ///
    /// # Errors
    /// Returns an error for the first field that is missing, of the wrong type or out of its range.
    pub fn read(body: &Value, warnings: &mut Vec<String>) -> Result<Self, FieldError> {
        let (mut request, mut options): (RequestConfig, DesignOptions) = read_both(body, warnings)?;
        request.body = given(body, "body");
        options.variables = options.variables.map(|_| VariableValues::given(body));
        Ok(Self { request, options })
    }
}

impl ToSchema for DesignBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RequestConfig::schemas(schemas);
        DesignOptions::schemas(schemas);
    }
}

impl PartialSchema for DesignBody {
    fn schema() -> RefOr<Schema> {
        let both = AllOfBuilder::new().description(Some(
            "One request. Its URL, headers, body and auth may hold `{{variables}}`",
        ));
        both.item(RequestConfig::schema())
            .item(DesignOptions::schema())
            .into()
    }
}
