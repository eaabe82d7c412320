//! Reads the body of `POST /request`: what is to be sent and how, with variables
//! still in it.
//!
//! What variables become can be judged only once they are known, so URL,
//! headers, body and auth are checked again where they are used.

use serde_json::{Map, Value};
use vayu_shared::contract::ConnectionBody;
use vayu_shared::http::Method;
use vayu_shared::units::{MILLISECOND, Nanos, SECOND};
use vayu_shared::validate::{
    FieldError, Fields, REQUEST_FIELDS, connection_body, header_values, method, path_as_is,
    timeout, url_text,
};
use vayu_worker::script::Scripts;

use super::headers::Lines;
use super::journey::Redirects;
use super::proxy::Proxy;

/// Fields of a design request beside those of any request.
pub const DESIGN_FIELDS: [&str; 12] = [
    "scriptErrors",
    "requestId",
    "environmentId",
    "variables",
    "timeout",
    "connectTimeout",
    "followRedirects",
    "maxRedirects",
    "cookies",
    "maxResponseBytes",
    "proxy",
    "connection",
];
/// Most redirects that are followed, whatever is asked for.
const MOST_REDIRECTS: u64 = 50;
const REDIRECTS: u64 = 10;
const CONNECT_TIMEOUT: Nanos = 10 * SECOND;
/// Largest part of a response's body that can be asked for, in bytes.
const MOST_RESPONSE_BYTES: u64 = 64 * 1024 * 1024;
const RESPONSE_BYTES: u64 = 8 * 1024 * 1024;

/// A design request, variables not yet replaced.
#[derive(Clone, Debug)]
pub struct DesignOrder {
    /// Its method.
    pub method: Method,
    /// Its URL as written.
    pub url: String,
    /// Whether its path is sent as typed.
    pub path_as_is: bool,
    /// Its headers as written.
    pub headers: Lines,
    /// Its body as written.
    pub body: Value,
    /// How to authenticate, as written.
    pub auth: Map<String, Value>,
    /// Variables of its own.
    pub variables: Map<String, Value>,
    /// The saved request it is linked to.
    pub request_id: Option<String>,
    /// The environment it is linked to.
    pub environment_id: Option<String>,
    /// How it is made.
    pub options: Options,
    /// How connections are made.
    pub connection: ConnectionBody,
    /// What runs before and after it.
    pub scripts: Scripts,
    /// Whether a script that fails is told of and nothing more.
    pub reports_script_errors: bool,
    /// What is probably not what the user meant.
    pub warnings: Vec<String>,
}

/// How a request is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Longest time for everything, redirects among it.
    pub timeout: Nanos,
    /// Longest connect and handshake, each.
    pub connect_timeout: Nanos,
    /// Most redirects that are followed.
    pub redirects: Redirects,
    /// Whether cookies are sent and kept.
    pub cookies: bool,
    /// Bytes of a response's body that are kept.
    pub body_limit: u64,
    /// The request's own proxy; the environment's when it says nothing.
    pub proxy: Option<Proxy>,
}

impl DesignOrder {
    /// Reads a body; `default_timeout` is that of requests that say nothing.
    ///
    /// # Errors
    /// The first field that is missing, of the wrong type, or out of its range.
    pub fn read(body: &Value, default_timeout: Nanos) -> Result<Self, FieldError> {
        let object = body.as_object();
        let object = object.ok_or_else(|| FieldError::new("body", "has to be a JSON object"))?;
        let fields = Fields::new(object, "", &[&REQUEST_FIELDS, &DESIGN_FIELDS]);
        let mut warnings = fields.unknown();
        let mode = fields.one_of("scriptErrors", &["report", "refuse"])?;
        Ok(Self {
            scripts: scripts(&fields)?,
            reports_script_errors: mode == Some("report"),
            method: method(&fields)?,
            url: url_text(&fields)?.to_owned(),
            path_as_is: path_as_is(&fields)?,
            headers: headers(&fields)?,
            body: object.get("body").cloned().unwrap_or_default(),
            auth: fields.object("auth")?.cloned().unwrap_or_default(),
            variables: variables(&fields)?,
            request_id: fields.filled("requestId")?,
            environment_id: fields.filled("environmentId")?,
            options: options(&fields, default_timeout)?,
            connection: connection_body(&fields, &mut warnings)?,
            warnings,
        })
    }
}

/// Longest script, in bytes.
const SCRIPT_BYTES: usize = 1024 * 1024;

/// The scripts of a request, as they are written.
///
/// # Errors
/// The one that is no text, or too long.
pub fn scripts(fields: &Fields<'_>) -> Result<Scripts, FieldError> {
    let script = |name| {
        let text = fields.string(name)?.unwrap_or_default();
        if text.len() > SCRIPT_BYTES {
            let problem = format!(
                "has {} bytes; a script has at most {SCRIPT_BYTES}",
                text.len()
            );
            return Err(FieldError::new(fields.path(name), problem));
        }
        Ok(text.to_owned())
    };
    Ok(Scripts {
        pre: script("preRequestScript")?,
        test: script("postRequestScript")?,
    })
}

/// The header lines of a request, as they are written.
///
/// # Errors
/// The one that is neither a string nor a list of strings.
pub fn headers(fields: &Fields<'_>) -> Result<Lines, FieldError> {
    let mut lines = Lines::new();
    for (name, value) in fields.object("headers")?.into_iter().flatten() {
        let values = header_values(value, &fields.path(&format!("headers.{name}")))?;
        lines.extend(
            values
                .into_iter()
                .map(|value| (name.clone(), value.to_owned())),
        );
    }
    Ok(lines)
}

fn variables(fields: &Fields<'_>) -> Result<Map<String, Value>, FieldError> {
    let variables = fields.object("variables")?.cloned().unwrap_or_default();
    let wrong = variables.iter().find(|(_, value)| value.is_array());
    if let Some((name, value)) = wrong {
        let problem = format!("is {value}; it has to be a string, or an object with a `value`");
        return Err(FieldError::new(format!("variables.{name}"), problem));
    }
    Ok(variables)
}

/// Whether redirects are followed, and whether only those to the same origin.
fn followed(fields: &Fields<'_>) -> Result<(bool, bool), FieldError> {
    match fields.get("followRedirects") {
        None | Some(Value::Null | Value::Bool(true)) => Ok((true, false)),
        Some(Value::Bool(false)) => Ok((false, false)),
        Some(Value::String(text)) if text == "sameOrigin" => Ok((true, true)),
        Some(other) => {
            let problem = format!("is {other}; it has to be true, false or \"sameOrigin\"");
            Err(FieldError::new("followRedirects", problem))
        }
    }
}

fn options(fields: &Fields<'_>, default_timeout: Nanos) -> Result<Options, FieldError> {
    let (follows, same_origin) = followed(fields)?;
    let most = fields
        .whole("maxRedirects", 0..=MOST_REDIRECTS)?
        .unwrap_or(REDIRECTS);
    Ok(Options {
        timeout: timeout(fields, "timeout")?.unwrap_or(default_timeout.max(MILLISECOND)),
        connect_timeout: timeout(fields, "connectTimeout")?.unwrap_or(CONNECT_TIMEOUT),
        redirects: Redirects {
            most: if follows { most } else { 0 },
            same_origin,
        },
        cookies: fields.boolean("cookies")?.unwrap_or(true),
        body_limit: fields
            .whole("maxResponseBytes", 0..=MOST_RESPONSE_BYTES)?
            .unwrap_or(RESPONSE_BYTES),
        proxy: proxy(fields)?,
    })
}

/// A URL, or `false` for none, whatever the environment says.
fn proxy(fields: &Fields<'_>) -> Result<Option<Proxy>, FieldError> {
    match fields.get("proxy") {
        None | Some(Value::Bool(true)) => Ok(None),
        Some(Value::Bool(false)) => Ok(Some(Proxy::default())),
        Some(Value::String(url)) => {
            let proxy = Proxy::one(url).map_err(|problem| FieldError::new("proxy", problem));
            proxy.map(Some)
        }
        Some(other) => {
            let problem = format!(
                "is {other}; it has to be a URL like \"http://127.0.0.1:3128\", or false for none"
            );
            Err(FieldError::new("proxy", problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<DesignOrder, String> {
        DesignOrder::read(body, SECOND).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let order = read(&json!({"method": "get", "url": " http://a/ "})).expect("legal");
        assert_eq!(
            (order.method, order.url.as_str()),
            (Method::Get, "http://a/")
        );
        let options = &order.options;
        assert_eq!(
            (options.timeout, options.redirects.most),
            (SECOND, REDIRECTS)
        );
        assert!(options.cookies && options.proxy.is_none() && order.warnings.is_empty());
        let body = json!({"method": "GET", "url": "u", "followRedirects": false, "tiemout": 1,
                          "headers": {"A": ["1", "2"]}, "proxy": false, "timeout": "5s",
                          "requestId": "", "environmentId": ""});
        let order = read(&body).expect("legal");
        assert_eq!((&order.request_id, &order.environment_id), (&None, &None));
        assert_eq!(
            (order.options.redirects.most, order.options.timeout),
            (0, 5 * SECOND)
        );
        assert_eq!(order.headers.len(), 2);
        assert!(order.options.proxy.is_some());
        assert!(
            order.warnings[0].contains("tiemout"),
            "{:?}",
            order.warnings
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
            (json!([]), "`body` has to be"),
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
            (with("proxy", json!("socks5://a")), "`proxy` is of scheme"),
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
