//! A design request as given: what is sent and how, before variables are replaced.
//!
//! The effect of variables is known only after replacement, so URL, headers, body and auth are validated
//! again where they are used.

use serde_json::Value;
use vayu_shared::field_error::FieldError;
use vayu_shared::http::Method;
use vayu_shared::units::{MILLISECOND, Nanos, SECOND};
use vayu_worker::script::Scripts;

use super::proxy::Proxy;
use crate::contract::{
    ConnectionBody, DesignBody, DesignOptions, FollowRedirects, ProxyChoice, RequestConfig,
    ScriptErrors, VariableValues,
};

const REDIRECTS: u64 = 10;
const CONNECT_TIMEOUT: Nanos = 10 * SECOND;
const RESPONSE_BYTES: u64 = 8 * 1024 * 1024;

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirects {
    /// Maximum number of redirects.
    pub most: u64,
    /// Whether only redirects to the origin of the request are followed.
    pub same_origin: bool,
}

/// A design request whose variables are not yet replaced.
#[derive(Clone, Debug)]
pub struct DesignConfig {
    /// The request as written.
    pub request: RequestConfig,
    /// Method.
    pub method: Method,
    /// Variables given with the request.
    pub variables: VariableValues,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment it is linked to.
    pub environment_id: Option<String>,
    /// Request options.
    pub options: Options,
    /// Connection settings.
    pub connection: ConnectionBody,
    /// Scripts that run before and after the request.
    pub scripts: Scripts,
    /// Whether a failing script is only reported and does not fail the request.
    pub reports_script_errors: bool,
    /// Warnings about input that is probably a mistake.
    pub warnings: Vec<String>,
}

/// Request options.
#[derive(Clone, Debug)]
pub struct Options {
    /// Timeout of the whole request, including redirects.
    pub timeout: Nanos,
    /// Timeout of the connect and of the TLS handshake, each.
    pub connect_timeout: Nanos,
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Whether cookies are sent and stored.
    pub cookies: bool,
    /// Maximum number of response body bytes that are kept.
    pub body_limit: u64,
    /// Proxy of this request. If `None`, the proxy of the process environment is used.
    pub proxy: Option<Proxy>,
}

impl DesignConfig {
    /// Parses a request body. `default_timeout` applies to requests that specify none.
    ///
    /// # Errors
    /// Returns an error for the first field that is missing, of the wrong type, or out of range.
    pub fn read(body: &Value, default_timeout: Nanos) -> Result<Self, FieldError> {
        let mut warnings = Vec::new();
        let body = DesignBody::read(body, &mut warnings)?;
        let config = Self::new(body.request, body.options, default_timeout)?;
        Ok(Self { warnings, ..config })
    }

    /// Creates the configuration of a design request from its body.
    ///
    /// # Errors
    /// Returns an error for the first field whose value is invalid, alone or in combination with others.
    pub fn new(
        request: RequestConfig,
        options: DesignOptions,
        default_timeout: Nanos,
    ) -> Result<Self, FieldError> {
        request.url("")?;
        let filled = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
        Ok(Self {
            method: request.method("")?,
            scripts: scripts(&request),
            request,
            reports_script_errors: options.script_errors == Some(ScriptErrors::Report),
            request_id: filled(&options.request_id),
            environment_id: filled(&options.environment_id),
            options: Options::new(&options, default_timeout)?,
            variables: options.variables.unwrap_or_default(),
            connection: options.connection.unwrap_or_default(),
            warnings: Vec::new(),
        })
    }
}

/// Returns the scripts of a request, as written.
pub fn scripts(request: &RequestConfig) -> Scripts {
    let text = |script: &Option<_>| script.clone().unwrap_or_default();
    let (pre, test) = (&request.pre_request_script, &request.post_request_script);
    Scripts {
        pre: text(pre).0,
        test: text(test).0,
    }
}

impl Options {
    fn new(given: &DesignOptions, default_timeout: Nanos) -> Result<Self, FieldError> {
        let follow = given.follow_redirects.unwrap_or(FollowRedirects::Always);
        let most = given.max_redirects.map_or(REDIRECTS, |most| most.0);
        let (timeout, connect) = (given.timeout, given.connect_timeout);
        let kept = given.max_response_bytes;
        Ok(Self {
            timeout: timeout.map_or(default_timeout.max(MILLISECOND), |own| own.0),
            connect_timeout: connect.map_or(CONNECT_TIMEOUT, |own| own.0),
            redirects: Redirects {
                most: if follow == FollowRedirects::Never {
                    0
                } else {
                    most
                },
                same_origin: follow == FollowRedirects::SameOrigin,
            },
            cookies: given.cookies.unwrap_or(true),
            body_limit: kept.map_or(RESPONSE_BYTES, |bytes| bytes.0),
            proxy: proxy(given.proxy.as_ref())?,
        })
    }
}

fn proxy(given: Option<&ProxyChoice>) -> Result<Option<Proxy>, FieldError> {
    match given {
        None | Some(ProxyChoice::Environment) => Ok(None),
        Some(ProxyChoice::Off) => Ok(Some(Proxy::default())),
        Some(ProxyChoice::Url(url)) => {
            let proxy = Proxy::one(url).map_err(|problem| FieldError::new("proxy", problem));
            proxy.map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<DesignConfig, String> {
        DesignConfig::read(body, SECOND).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let config = read(&json!({"method": "get", "url": " http://a/ "})).expect("legal");
        assert_eq!(
            (config.method, config.request.url("")),
            (Method::Get, Ok("http://a/"))
        );
        let options = &config.options;
        assert_eq!(
            (options.timeout, options.redirects.most),
            (SECOND, REDIRECTS)
        );
        assert!(options.cookies && options.proxy.is_none() && config.warnings.is_empty());
        let body = json!({"method": "GET", "url": "u", "followRedirects": false, "tiemout": 1,
                          "headers": {"A": ["1", "2"]}, "proxy": false, "timeout": "5s",
                          "requestId": "", "environmentId": ""});
        let config = read(&body).expect("legal");
        assert_eq!((&config.request_id, &config.environment_id), (&None, &None));
        assert_eq!(
            (config.options.redirects.most, config.options.timeout),
            (0, 5 * SECOND)
        );
        assert_eq!(config.request.lines().len(), 2);
        assert!(config.options.proxy.is_some());
        assert!(
            config.warnings[0].contains("tiemout"),
            "{:?}",
            config.warnings
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"method": "GET", "url": "http://a/"});
            body[name] = value;
            body
        };
        for (body, expected) in [
            (json!([]), "`body` is []; expected an object"),
            (json!({"url": "u"}), "`method` is missing"),
            (json!({"method": "GET"}), "`url` is missing"),
            (with("url", json!(" ")), "`url` is empty"),
            (with("url", json!(1)), "`url` is 1"),
            (with("method", json!("INVALID")), "`method` is \"INVALID\""),
            (with("headers", json!({"A": 1})), "`headers.A` is 1"),
            (with("headers", json!([])), "`headers` is []"),
            (with("auth", json!("x")), "`auth` is \"x\""),
            (with("variables", json!({"a": []})), "`variables.a` is []"),
            (with("timeout", json!(0)), "`timeout` is 0"),
            (with("maxRedirects", json!(51)), "`maxRedirects` is 51"),
            (
                with("maxResponseBytes", json!(0.5)),
                "`maxResponseBytes` is 0.5",
            ),
            (
                with("followRedirects", json!("no")),
                "`followRedirects` is \"no\"",
            ),
            (with("proxy", json!("socks5://a")), "`proxy` has scheme"),
            (with("proxy", json!(7)), "`proxy` is 7"),
            (
                with("preRequestScript", json!(1)),
                "`preRequestScript` is 1",
            ),
            (
                with("scriptErrors", json!("hide")),
                "`scriptErrors` is \"hide\"",
            ),
            (with("requestId", json!(1)), "`requestId` is 1"),
        ] {
            let error = read(&body).expect_err("it is wrong");
            assert!(error.contains(expected), "{body}: {error}");
        }
    }
}
