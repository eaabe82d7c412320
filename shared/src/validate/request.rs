//! Reads the `request` object: method, URL, headers and body.

use serde_json::{Map, Value};

use super::{FieldError, Fields, Mistake};
use crate::http::{Endpoint, Header, Method};
use crate::limits;
use crate::spec::RequestSpec;

const KNOWN: [&str; 7] = [
    "method",
    "url",
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
    let fields = Fields::new(object, prefix);
    warnings.extend(fields.unknown(&KNOWN));
    refuse_unsupported(&fields)?;
    let method = method(&fields)?;
    let (url, endpoint) = url(&fields)?;
    let headers = headers(&fields, warnings)?;
    let (body, content_type) = body(&fields, method);
    Ok(RequestSpec {
        method,
        url,
        endpoint,
        headers,
        body,
        content_type,
    })
}

/// Fields of the API that this version does not act on: to ignore them would be
/// to send something else than what was asked for.
fn refuse_unsupported(fields: &Fields<'_>) -> Result<(), FieldError> {
    for name in ["preRequestScript", "postRequestScript"] {
        if fields
            .string(name)?
            .is_some_and(|script| !script.trim().is_empty())
        {
            let problem = "is not run in load tests by this version; leave it out";
            return Err(FieldError::new(fields.path(name), problem));
        }
    }
    let auth = fields
        .object("auth")?
        .and_then(|auth| auth.get("type"))
        .and_then(Value::as_str);
    match auth {
        None | Some("none" | "noauth" | "") => Ok(()),
        Some(kind) => Err(FieldError::new(
            fields.path("auth"),
            format!(
                "of type \"{kind}\" is not applied by this version; send an Authorization header"
            ),
        )),
    }
}

fn method(fields: &Fields<'_>) -> Result<Method, FieldError> {
    sent_method(fields)?.ok_or_else(|| {
        let problem = format!("is missing; use one of {}", legal_methods());
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
    let legal = legal_methods();
    match fields.get("method") {
        None => Ok(None),
        Some(Value::String(text)) => Method::parse(text).map(Some).ok_or_else(|| {
            wrong(format!(
                "is \"{text}\", which is not supported; use one of {legal}"
            ))
        }),
        Some(other) => Err(wrong(format!("is {other}; it has to be one of {legal}"))),
    }
}

fn legal_methods() -> String {
    Method::ALL.map(Method::as_str).join(", ")
}

fn url(fields: &Fields<'_>) -> Result<(String, Endpoint), FieldError> {
    let wrong = |problem: String| FieldError {
        mistake: Mistake::Url,
        field: fields.path("url"),
        problem,
    };
    let text = match fields.get("url") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.trim(),
        Some(Value::String(_)) => return Err(wrong("is empty".into())),
        Some(other) => return Err(wrong(format!("is {other}; it has to be a string"))),
        None => {
            return Err(wrong(
                "is missing; write something like \"http://127.0.0.1:8080/\"".into(),
            ));
        }
    };
    Endpoint::parse(text)
        .map(|endpoint| (text.to_owned(), endpoint))
        .map_err(wrong)
}

fn headers(fields: &Fields<'_>, warnings: &mut Vec<String>) -> Result<Vec<Header>, FieldError> {
    let Some(object) = fields.object("headers")? else {
        return Ok(Vec::new());
    };
    if object.len() > limits::REQUEST_HEADERS {
        let problem = format!(
            "has {} entries; at most {} are sent",
            object.len(),
            limits::REQUEST_HEADERS
        );
        return Err(FieldError::new(fields.path("headers"), problem));
    }
    let mut headers = Vec::with_capacity(object.len());
    for (name, value) in object {
        let path = fields.path(&format!("headers.{name}"));
        let Value::String(value) = value else {
            return Err(FieldError::new(
                path,
                format!("is {value}; it has to be a string"),
            ));
        };
        let header = Header::new(name, value).map_err(|problem| FieldError::new(&path, problem))?;
        if header.is("transfer-encoding") {
            return Err(FieldError::new(path, "is set by the engine; leave it out"));
        }
        if header.is("content-length") {
            warnings.push(format!("`{path}` ignored; it is computed from the body"));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// The body's bytes and the content type that goes with them. An empty object
/// on a method without a body is what clients store for "no body".
fn body(fields: &Fields<'_>, method: Method) -> (Vec<u8>, Option<&'static str>) {
    match fields.get("body") {
        None => (Vec::new(), None),
        Some(Value::String(text)) if text.is_empty() => (Vec::new(), None),
        Some(Value::String(text)) => (text.as_bytes().to_vec(), Some("text/plain; charset=utf-8")),
        Some(Value::Object(object))
            if object.is_empty() && matches!(method, Method::Get | Method::Head) =>
        {
            (Vec::new(), None)
        }
        Some(value) => (value.to_string().into_bytes(), Some("application/json")),
    }
}
