//! The body of `POST /request`: a request, and how it is made.

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::field_error::{FieldError, unlike};
use vayu_shared::limits;

use super::numbers::Whole;
use super::request::given;
use super::scalars::{by_value, object, text, word};
use super::spans::Timeout;
use super::variables::VariableValues;
use super::{ConnectionBody, RequestConfig, read_both};

/// Most redirects that are followed, whatever is asked for.
const MOST_REDIRECTS: u64 = 50;

/// A request of design mode. The fields of both parts stand side by side.
#[derive(Clone, Debug)]
pub struct DesignBody {
    /// What is sent.
    pub request: RequestConfig,
    /// How it is made.
    pub options: DesignOptions,
}

/// How a request of design mode is made.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DesignOptions {
    /// What happens when a script fails. Default: `refuse`.
    #[serde(default, deserialize_with = "word")]
    pub script_errors: Option<ScriptErrors>,
    /// Variables of its own; they take precedence over the variables of the environment.
    pub variables: Option<VariableValues>,
    /// The saved request it is linked to.
    pub request_id: Option<String>,
    /// The environment it is linked to, whose variables and cookies it uses.
    pub environment_id: Option<String>,
    /// Timeout of everything, redirects included: milliseconds, or like `"5s"`. Default: the
    /// setting `defaultTimeout`.
    pub timeout: Option<Timeout>,
    /// Timeout of a connect and a TLS handshake, each: milliseconds, or like `"5s"`.
    /// Default: 10 s.
    pub connect_timeout: Option<Timeout>,
    /// Whether redirects are followed, or only those that stay at the request's origin.
    /// Default: true.
    #[schema(inline)]
    pub follow_redirects: Option<FollowRedirects>,
    /// Maximum number of redirects. Default: 10.
    #[schema(inline)]
    pub max_redirects: Option<Whole<0, { MOST_REDIRECTS }>>,
    /// Whether cookies are sent and stored. Default: true.
    pub cookies: Option<bool>,
    /// Maximum number of bytes of the response body in the answer. Default: 8 MiB.
    #[schema(inline)]
    pub max_response_bytes: Option<Whole<0, { limits::REQUEST_BODY_BYTES }>>,
    /// URL of an http proxy; `false` for none, whatever the environment says.
    #[schema(inline)]
    pub proxy: Option<ProxyChoice>,
    /// How the connection is opened and secured.
    #[serde(default, deserialize_with = "object")]
    pub connection: Option<ConnectionBody>,
}

/// What happens when a script of a single request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScriptErrors {
    /// The answer is an error, and nothing is sent if it was the script before the request.
    Refuse,
    /// The request is sent all the same, and the answer says what failed.
    Report,
}

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowRedirects {
    /// None.
    Never,
    /// All.
    Always,
    /// Those to the scheme, host and port of the request.
    SameOrigin,
}

/// Which proxy is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// None.
    Off,
    /// The one that the environment of the engine names.
    Environment,
    /// The one at this URL.
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
            other => Err(unlike(other, "true, false or \"sameOrigin\"")),
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
                Err(unlike(other, right))
            }
        }
    }
}

impl DesignBody {
    /// Reads a body; unknown fields are warned of.
    ///
    /// # Errors
    /// The first field that is missing, of the wrong type or out of its range.
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
