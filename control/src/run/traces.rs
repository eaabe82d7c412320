//! Traces of samples, as the JSON text stored with them.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use vayu_shared::http::HeadView;
use vayu_shared::sample::Sample;

use crate::timing::Timing;

/// Encodes traces. Most responses of a run have the same head within a second, so the headers of the last one
/// are kept as text.
#[derive(Default)]
pub struct Traces {
    head: Vec<u8>,
    headers: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Trace<'a> {
    response: Response<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timing: Option<Timing>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    headers: &'a RawValue,
    body: Cow<'a, str>,
    body_bytes: u64,
}

impl Traces {
    /// Returns the trace of a sample. Returns `None` for a failure, which has no response.
    pub fn of(&mut self, sample: &Sample, head: &[u8], body: &[u8]) -> Option<String> {
        if head.is_empty() && sample.timing.is_none() {
            return None;
        }
        let trace = Trace {
            response: Response {
                headers: self.headers(head)?,
                body: String::from_utf8_lossy(body),
                body_bytes: sample.body_bytes,
            },
            timing: sample.timing.map(Timing::from),
        };
        serde_json::to_string(&trace).ok()
    }

    fn headers(&mut self, head: &[u8]) -> Option<&RawValue> {
        if self.headers.is_none() || self.head != head {
            self.head.clear();
            self.head.extend_from_slice(head);
            self.headers = serde_json::value::to_raw_value(&Headers(HeadView::new(head))).ok();
        }
        self.headers.as_deref()
    }
}

/// The header lines of a response head, already parsed and validated by the worker, by lower-case name.
/// Repeated names are joined as RFC 9110, 5.3 allows.
struct Headers<'a>(HeadView<'a>);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut headers: Vec<(String, Cow<'_, str>)> = Vec::new();
        for (name, value) in self.0.headers() {
            let name = name.to_ascii_lowercase();
            match headers.iter_mut().find(|(known, _)| *known == name) {
                Some((_, before)) if !before.is_empty() => {
                    *before = format!("{before}, {value}").into();
                }
                Some((_, before)) => *before = value,
                None => headers.push((name, value)),
            }
        }
        serializer.collect_map(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_by_lower_case_name_and_those_of_the_response() {
        let mut traces = Traces::default();
        let mut shown = |head: &str| traces.headers(head.as_bytes()).map(|json| json.to_string());
        for (head, expected) in [
            (
                "HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n",
                r#"{"server":"x","set-cookie":"a, b"}"#,
            ),
            (
                "HTTP/1.1 200 OK\r\nA:\r\nA: \"b\"\r\n\r\n",
                r#"{"a":"\"b\""}"#,
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", "{}"),
            ("", "{}"),
        ] {
            for _ in 0..2 {
                assert_eq!(shown(head).as_deref(), Some(expected), "{head}");
            }
        }
    }
}
