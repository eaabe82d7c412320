//! A request as given by a client, a file or the command line, with unreplaced variables; and its conversion
//! to a [`RequestSpec`] once it has none.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::auth::basic::basic;
use vayu_shared::body::{PlainBody, plain_body};
use vayu_shared::field_error::{FieldError, mismatch};
use vayu_shared::http::{Endpoint, Header, Login, Method, conflict_in};
use vayu_shared::limits;
use vayu_shared::spec::RequestSpec;

use super::auth::AuthConfig;
use super::joined;
use super::payload::Payload;
use super::scalars::{OneOrMany, by_value, text};
use super::schema::Fields;
use super::skipped::any_json;
use super::variables::VariableValues;

/// A request. Its URL, headers, body and auth may hold `{{variables}}`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestConfig {
    /// GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or another method of the IANA registry, in any
    /// case, or with `customMethod` any token.
    #[schema(pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$")]
    pub method: String,
    /// Whether an unknown `method` is sent as given. Default: false.
    pub custom_method: Option<bool>,
    /// An http or https URL, like `http://127.0.0.1:8080/`.
    #[schema(format = "uri", min_length = 1, max_length = 8192)]
    pub url: String,
    /// Whether path and query are sent as given, including dot segments. Default: false.
    pub path_as_is: Option<bool>,
    /// Header values by name. Each value of a list becomes a header line of its own.
    #[schema(inline)]
    pub headers: Option<Headers>,
    /// Text, any JSON, or a body with a `mode`.
    #[serde(default, deserialize_with = "any_json")]
    #[schema(value_type = Payload)]
    pub body: Value,
    /// Authentication. Default: none.
    #[schema(value_type = Option<AuthConfig>)]
    pub auth: Option<Map<String, Value>>,
    /// Script to run before the request. At most 1 MiB.
    #[schema(inline)]
    pub pre_request_script: Option<Script>,
    /// Script to run after the response. At most 1 MiB.
    #[schema(inline)]
    pub post_request_script: Option<Script>,
}

/// Header lines as given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
        let mut lines = Vec::new();
        while let Some((name, values)) = map.next_entry::<String, OneOrMany<String>>()? {
            lines.extend(values.0.into_iter().map(|value| (name.clone(), value)));
        }
        Ok(Headers(lines))
    }
}

impl ToSchema for Headers {}

impl PartialSchema for Headers {
    fn schema() -> RefOr<Schema> {
        let name = text().pattern(Some("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"));
        let value = || text().pattern(Some("^[\\x20-\\x7e]*$"));
        let list = ArrayBuilder::new().items(value());
        let values = Schema::from(OneOfBuilder::new().item(value()).item(list).build());
        ObjectBuilder::new()
            .additional_properties(Some(AdditionalProperties::from(values)))
            .property_names(Some(name.build()))
            .into()
    }
}

/// Source text of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(pub String);

by_value! {
    Script: text().into(),
}

impl Script {
    fn of(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or_else(|| mismatch(value, "a string"))?;
        let (bytes, most) = (text.len(), limits::SCRIPT_BYTES);
        if bytes > most {
            return Err(format!("has {bytes} bytes; a script has at most {most}"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Returns a field of an object unchanged, or null if it is absent.
pub fn given(object: &Value, name: &str) -> Value {
    object.get(name).cloned().unwrap_or_default()
}

impl VariableValues {
    /// Returns the variables of a body unchanged.
    pub fn given(body: &Value) -> Self {
        let variables = body.get("variables").and_then(Value::as_object);
        Self(variables.cloned().unwrap_or_default())
    }
}

impl RequestConfig {
    /// Returns the names of the fields.
    #[must_use]
    pub fn field_names() -> Vec<String> {
        Fields::of::<Self>().names()
    }

    /// Returns the header lines.
    #[must_use]
    pub fn lines(&self) -> &[(String, String)] {
        self.headers.as_ref().map_or(&[], |headers| &headers.0)
    }

    /// Returns whether the path is sent as given.
    #[must_use]
    pub fn path_as_is(&self) -> bool {
        self.path_as_is.unwrap_or(false)
    }

    /// Returns the method. `prefix` is the path of the request in its document.
    ///
    /// # Errors
    /// Returns an error if the method may not be sent.
    pub fn method(&self, prefix: &str) -> Result<Method, FieldError> {
        let is_custom = self.custom_method.unwrap_or(false);
        method(&self.method, is_custom)
            .map_err(|problem| FieldError::method(joined(prefix, "method"), problem))
    }

    /// Returns the URL without validating it.
    ///
    /// # Errors
    /// Returns an error if it is empty.
    pub fn url(&self, prefix: &str) -> Result<&str, FieldError> {
        match self.url.trim() {
            "" => Err(FieldError::url(joined(prefix, "url"), "is empty")),
            url => Ok(url),
        }
    }

    /// Converts a request whose variables are replaced, without auth and scripts, and whose body has no
    /// `mode`.
    ///
    /// # Errors
    /// Returns an error for the first field that is not valid HTTP.
    pub fn plain_spec(
        &self,
        prefix: &str,
        warnings: &mut Vec<String>,
    ) -> Result<RequestSpec, FieldError> {
        let method = self.method(prefix)?;
        let body = plain_body(&self.body, method, &joined(prefix, "body"))?;
        self.spec(body, prefix, warnings)
    }

    /// Converts a request with this encoded body.
    ///
    /// # Errors
    /// See [`Self::plain_spec`].
    pub fn spec(
        &self,
        body: PlainBody,
        prefix: &str,
        warnings: &mut Vec<String>,
    ) -> Result<RequestSpec, FieldError> {
        let text = self.url(prefix)?;
        let (url, login) = match Login::split(text) {
            Some((url, login)) => (url, Some(login)),
            None => (text.to_owned(), None),
        };
        let field = joined(prefix, "url");
        let endpoint = endpoint(&url, self.path_as_is(), &field, warnings)
            .map_err(|problem| FieldError::url(field, problem))?;
        let mut headers = checked_headers(self.lines(), &joined(prefix, "headers"))?;
        let length = headers.iter().find(|header| header.is("content-length"));
        if let Some(Header { name, .. }) = length {
            let path = joined(prefix, &format!("headers.{name}"));
            warnings.push(format!("`{path}` ignored; it is computed from the body"));
        }
        if let Some(Login { user, password }) = login
            && !headers.iter().any(|header| header.is("authorization"))
        {
            headers.push(Header {
                name: "Authorization".to_owned(),
                value: basic(&user, &password),
            });
        }
        Ok(RequestSpec {
            method: self.method(prefix)?,
            url,
            endpoint,
            parameters: Vec::new(),
            path_as_is: self.path_as_is(),
            headers,
            body: body.bytes,
            content_type: body.content_type,
            body_parts: body.parts,
        })
    }
}

/// Returns the method with this name.
///
/// # Errors
/// Returns what is wrong with the name.
pub fn method(name: &str, is_custom: bool) -> Result<Method, String> {
    if is_custom {
        return Method::any(name).ok_or_else(|| {
            let most = limits::METHOD_BYTES;
            format!(
                "is \"{name}\", which is not a token; use 1 to {most} letters, digits and \
                 !#$%&'*+-.^_`|~"
            )
        });
    }
    Method::parse(name).ok_or_else(|| {
        format!(
            "is \"{name}\", which is not a known method; use GET, POST, PUT, DELETE, PATCH, HEAD, \
             OPTIONS or another method of the IANA registry, or set `customMethod` to true to \
             send it as typed"
        )
    })
}

/// Parses a URL, with a warning if its path is not sent as given. `field` is the name of the URL in the
/// warning.
///
/// # Errors
/// Returns what is wrong with the URL.
pub fn endpoint(
    url: &str,
    as_is: bool,
    field: &str,
    warnings: &mut Vec<String>,
) -> Result<Endpoint, String> {
    if as_is {
        return Endpoint::parse_as_is(url);
    }
    let endpoint = Endpoint::parse(url)?;
    if let Some(typed) = endpoint.rewritten(url) {
        let sent = &endpoint.path_and_query;
        warnings.push(format!(
            "the path of `{field}` is sent as \"{sent}\" and not as typed, \"{typed}\"; \
             set `pathAsIs` to true (--path-as-is on the command line) to send it as typed"
        ));
    }
    Ok(endpoint)
}

/// Validates header lines. `field` is the path of the headers.
///
/// # Errors
/// Returns an error for the first line that is not valid HTTP, for more than one Host or Transfer-Encoding
/// (RFC 9112, 3.2 and 6.1), for a transfer coding other than chunked, and for too many lines.
pub fn checked_headers(lines: &[(String, String)], field: &str) -> Result<Vec<Header>, FieldError> {
    let (count, most) = (lines.len(), limits::REQUEST_HEADERS);
    if count > most {
        let problem = format!("has {count} entries; at most {most} are sent");
        return Err(FieldError::new(field, problem));
    }
    let mut headers = Vec::with_capacity(count);
    for (name, value) in lines {
        let header = Header::new(name, value);
        let header = header.map_err(|problem| FieldError::new(joined(field, name), problem))?;
        headers.push(header);
    }
    match conflict_in(&headers) {
        Some((name, problem)) => Err(FieldError::new(joined(field, name), problem)),
        None => Ok(headers),
    }
}
