//! A plain HTTP client: JSON requests and responses, and server-sent events.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::Value;

/// A response with its JSON body.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body. Null if it is not JSON.
    pub body: Value,
}

impl Answer {
    /// Returns the error code of an error response.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Returns the message of an error response.
    #[must_use]
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// Returns the value of a header. `name` is lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// One server-sent event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Value of the `id:` line.
    pub id: Option<i64>,
    /// Event name.
    pub name: String,
    /// Event data, parsed as JSON.
    pub data: Value,
}

/// Maximum response size in bytes.
const MAX_RESPONSE_BYTES: u64 = 256 * 1024 * 1024;

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)));
    config.build().into()
}

/// Sends a request with `body` unchanged.
///
/// # Panics
/// Panics if no response arrives.
#[must_use]
pub fn raw(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.to_owned()).expect("a legal request");
    let mut response = agent()
        .run(request)
        .unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let headers = response.headers().iter();
    let headers = headers
        .map(|(name, value)| {
            (
                name.to_string(),
                value.to_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let text = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES);
    let text = text.read_to_string().unwrap_or_default();
    // Parsed from the original text: numbers keep their digits.
    let body = vayu_shared::json::read(&text).unwrap_or(Value::Null);
    Answer {
        status: response.status().as_u16(),
        headers,
        body,
    }
}

/// Sends `GET url`.
#[must_use]
pub fn get(url: &str) -> Answer {
    raw("GET", url, &[], "")
}

/// Sends `GET url` and returns the body of the 200 response as text.
///
/// # Panics
/// Panics if the status is not 200.
#[must_use]
pub fn get_text(url: &str) -> String {
    let mut response = agent()
        .get(url)
        .call()
        .unwrap_or_else(|error| panic!("GET {url}: {error}"));
    assert_eq!(response.status().as_u16(), 200, "GET {url}");
    let text = response.body_mut().read_to_string();
    text.unwrap_or_else(|error| panic!("GET {url}: {error}"))
}

/// Sends `POST url` with a JSON body.
#[must_use]
pub fn post(url: &str, body: &Value) -> Answer {
    raw(
        "POST",
        url,
        &[("content-type", "application/json")],
        &body.to_string(),
    )
}

/// Sends `DELETE url`.
#[must_use]
pub fn delete(url: &str) -> Answer {
    raw("DELETE", url, &[], "")
}

/// Returns all events of a stream. `after` is sent as `Last-Event-ID`.
///
/// # Panics
/// Panics if no response arrives.
#[must_use]
pub fn stream(url: &str, after: Option<i64>) -> Vec<Event> {
    let mut request = agent().get(url);
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after.to_string());
    }
    let response = request
        .call()
        .unwrap_or_else(|error| panic!("GET {url}: {error}"));
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream",
        "{url}"
    );
    let (mut events, mut id, mut name, mut data) = (Vec::new(), None, String::new(), String::new());
    for line in BufReader::new(response.into_body().into_reader()).lines() {
        let line = line.expect("the stream is text");
        if let Some(value) = line.strip_prefix("id: ") {
            id = value.parse().ok();
        } else if let Some(value) = line.strip_prefix("event: ") {
            value.clone_into(&mut name);
        } else if let Some(value) = line.strip_prefix("data: ") {
            value.clone_into(&mut data);
        } else if line.is_empty() && !name.is_empty() {
            let data = serde_json::from_str(&data).expect("an event's data is JSON");
            events.push(Event {
                id: id.take(),
                name: std::mem::take(&mut name),
                data,
            });
        }
    }
    events
}
