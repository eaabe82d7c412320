//! Reads the `request` object of a load run: method, URL, headers and body. Scripts and
//! authentication are read, applied and taken out before, by design mode.

use serde_json::{Map, Value};

use super::{FieldError, Fields, Mistake};
use crate::auth::basic::basic;
use crate::body::plain_body;
use crate::http::{Endpoint, Header, Login, Method};
use crate::limits;
use crate::spec::RequestSpec;

/// The fields of a request.
pub const REQUEST_FIELDS: [&str; 9] = [
    "method",
    "customMethod",
    "url",
    "pathAsIs",
    "headers",
    "body",
    "auth",
    "preRequestScript",
    "postRequestScript",
];

/// Reads a request; `prefix` is put before field names in errors.
///
/// # Errors
/// The first field that is missing, of the wrong type, or not legal HTTP.
pub fn request_spec(
    object: &Map<String, Value>,
    prefix: &str,
    warnings: &mut Vec<String>,
) -> Result<RequestSpec, FieldError> {
    let fields = Fields::new(object, prefix, &[&REQUEST_FIELDS]);
    warnings.extend(fields.unknown());
    // Who fills in variables has taken scripts and authentication out; what is left of
    // them is of a type that nobody can use.
    fields.object("auth")?;
    let method = method(&fields)?;
    let Target {
        url,
        endpoint,
        login,
    } = target(&fields, warnings)?;
    let mut headers = headers(&fields, warnings)?;
    if let Some(Login { user, password }) = login
        && !headers.iter().any(|header| header.is("authorization"))
    {
        headers.push(Header {
            name: "Authorization".to_owned(),
            value: basic(&user, &password),
        });
    }
    let body = plain_body(fields.get("body"), method, &fields.path("body"))?;
    Ok(RequestSpec {
        method,
        url,
        endpoint,
        path_as_is: path_as_is(&fields)?,
        headers,
        body: body.bytes,
        content_type: body.content_type,
        body_parts: body.parts,
    })
}

/// The method of a request.
///
/// # Errors
/// When it is missing, or no method that may be sent.
pub fn method(fields: &Fields<'_>) -> Result<Method, FieldError> {
    sent_method(fields)?.ok_or_else(|| {
        let problem = format!("is missing; it has to be {METHODS}");
        FieldError::new(fields.path("method"), problem)
    })
}

/// The method, if there is one.
pub(super) fn sent_method(fields: &Fields<'_>) -> Result<Option<Method>, FieldError> {
    let wrong = |problem: String| FieldError {
        mistake: Mistake::Method,
        field: fields.path("method"),
        problem,
    };
    let is_custom = fields.boolean("customMethod")?.unwrap_or(false);
    match fields.get("method") {
        None => Ok(None),
        Some(Value::String(text)) if is_custom => Method::any(text).map(Some).ok_or_else(|| {
            wrong(format!(
                "is \"{text}\", which is not a token; use 1 to {} letters, digits and !#$%&'*+-.^_`|~",
                limits::METHOD_BYTES
            ))
        }),
        Some(Value::String(text)) => Method::parse(text).map(Some).ok_or_else(|| {
            wrong(format!(
                "is \"{text}\", which is not a known method; use {METHODS}, \
                 or set `customMethod` to true to send it as typed"
            ))
        }),
        Some(other) => Err(wrong(format!("is {other}; it has to be {METHODS}"))),
    }
}

const METHODS: &str =
    "GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or another method of the IANA registry";

/// What a URL amounts to.
struct Target {
    url: String,
    endpoint: Endpoint,
    login: Option<Login>,
}

fn target(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<Target, FieldError> {
    let text = url_text(fields)?;
    let (url, login) = match Login::split(text) {
        Some((url, login)) => (url, Some(login)),
        None => (text.to_owned(), None),
    };
    let endpoint = endpoint(&url, path_as_is(fields)?, &fields.path("url"), warnings);
    let endpoint = endpoint.map_err(|problem| FieldError::url(fields.path("url"), problem))?;
    Ok(Target {
        url,
        endpoint,
        login,
    })
}

/// Whether the path of a request is sent as typed.
///
/// # Errors
/// When the field is no boolean.
pub fn path_as_is(fields: &Fields<'_>) -> Result<bool, FieldError> {
    Ok(fields.boolean("pathAsIs")?.unwrap_or(false))
}

/// Where a URL leads, and a warning when its path is not sent as typed; `field` is
/// what the warning calls it.
///
/// # Errors
/// What is wrong with the URL.
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

/// The URL of a request as text, not looked at closer.
///
/// # Errors
/// When it is missing, empty, or no string.
pub fn url_text<'a>(fields: &Fields<'a>) -> Result<&'a str, FieldError> {
    let problem = match fields.get("url") {
        Some(Value::String(text)) if !text.trim().is_empty() => return Ok(text.trim()),
        Some(Value::String(_)) => "is empty".to_owned(),
        Some(other) => format!("is {other}; it has to be a string"),
        None => "is missing; write something like \"http://127.0.0.1:8080/\"".to_owned(),
    };
    Err(FieldError::url(fields.path("url"), problem))
}

fn headers(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<Vec<Header>, FieldError> {
    let Some(object) = fields.object("headers")? else {
        return Ok(Vec::new());
    };
    header_count_fits(object.len())
        .map_err(|problem| FieldError::new(fields.path("headers"), problem))?;
    let mut headers = Vec::with_capacity(object.len());
    for (name, value) in object {
        let path = fields.path(&format!("headers.{name}"));
        for value in header_values(value, &path)? {
            headers.push(checked(name, value, &path, warnings)?);
        }
    }
    host_fits(&headers).map_err(|problem| FieldError::new(fields.path("headers.Host"), problem))?;
    Ok(headers)
}

/// A request has one `Host` (RFC 9112, 3.2).
///
/// # Errors
/// What is wrong with several.
pub fn host_fits(headers: &[Header]) -> Result<(), String> {
    let count = headers.iter().filter(|header| header.is("host")).count();
    if count > 1 {
        return Err(format!("is there {count} times; a request has one Host"));
    }
    Ok(())
}

/// Not more headers than a request may have.
///
/// # Errors
/// What is wrong with `count` of them.
pub fn header_count_fits(count: usize) -> Result<(), String> {
    let most = limits::REQUEST_HEADERS;
    if count > most {
        return Err(format!("has {count} entries; at most {most} are sent"));
    }
    Ok(())
}

/// The values of a header, whose `path` is told in errors: one, or each of a list,
/// which is sent line by line.
///
/// # Errors
/// When it is neither a string nor a list of strings.
pub fn header_values<'a>(value: &'a Value, path: &str) -> Result<Vec<&'a str>, FieldError> {
    let values = match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    };
    values.ok_or_else(|| {
        let problem = format!("is {value}; it has to be a string, or a list of strings");
        FieldError::new(path, problem)
    })
}

fn checked(
    name: &str,
    value: &str,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<Header, FieldError> {
    let header = Header::new(name, value).map_err(|problem| FieldError::new(path, problem))?;
    encoding_fits(&header).map_err(|problem| FieldError::new(path, problem))?;
    if header.is("content-length") {
        warnings.push(format!("`{path}` ignored; it is computed from the body"));
    }
    Ok(header)
}

/// A body can be sent in chunks and in no other encoding.
///
/// # Errors
/// What is wrong with a `Transfer-Encoding`.
pub fn encoding_fits(header: &Header) -> Result<(), String> {
    if header.is("transfer-encoding") && !header.value.eq_ignore_ascii_case("chunked") {
        let problem = "it has to be \"chunked\", or left out for a Content-Length";
        return Err(format!("is \"{}\"; {problem}", header.value));
    }
    Ok(())
}
