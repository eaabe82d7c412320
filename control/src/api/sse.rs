//! Server-sent events: a text stream with the headers it needs.

use std::fmt::Write;
use std::str::FromStr;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};

use utoipa::ToSchema;

use super::chunks::{self, ChunkSender, Disconnected};

/// An event of a stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "events are written as text")]
pub struct StreamEvent {
    /// Event id, to resume after with `Last-Event-ID`; `complete` has none.
    #[schema(nullable = false)]
    id: Option<String>,
    /// `metric` or `metrics`, or `complete` at the end.
    #[schema(pattern = "^(metric|metrics|complete)$")]
    event: String,
    /// JSON text: a `MetricEvent`, a `LiveMetrics` or a `CompleteEvent`.
    data: String,
}

/// The sending half of a stream.
pub struct Events(ChunkSender);

/// Creates a response whose events are everything sent to the returned sender.
pub fn stream() -> (Events, HttpResponse) {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        // No `Connection: keep-alive`: it is the default of HTTP/1.1, and actix omits it.
        .insert_header((CACHE_CONTROL, "no-cache"));
    let (sender, response) = chunks::stream(response);
    (Events(sender), response)
}

/// Returns the id of the last event that a reconnecting client has received.
pub fn last_event_id<N: FromStr>(request: &HttpRequest) -> Option<N> {
    event_id(request.headers().get("Last-Event-ID")?.as_bytes())
}

/// Parses a value of `Last-Event-ID`.
#[must_use]
pub fn event_id<N: FromStr>(value: &[u8]) -> Option<N> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Escapes all non-ASCII characters in the JSON of events (RFC 8259, 7), so that clients that decode a stream
/// without a charset as Latin-1 also read it correctly.
fn in_ascii(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

impl Events {
    /// Sends serialized events whose data is JSON.
    pub async fn send(&self, text: String) -> Result<(), Disconnected> {
        self.0.send(in_ascii(text)).await
    }

    /// Sends a comment, which keeps the connection alive and detects a disconnected client.
    pub async fn keep_alive(&self) -> Result<(), Disconnected> {
        self.send(": keep-alive\n\n".into()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_ascii_and_mean_the_same() {
        for text in [
            "plain",
            "Übung",
            "\u{7f}\u{80}\u{ffff}",
            "🦀 \"𝄞\"",
            "a\u{2028}b",
        ] {
            let json = serde_json::to_string(text).expect("a string");
            let escaped = in_ascii(json.clone());
            assert!(escaped.is_ascii(), "{escaped}");
            let read: String = serde_json::from_str(&escaped).expect("still JSON");
            assert_eq!(read, text);
            assert_eq!(escaped == json, json.is_ascii(), "{text}");
        }
    }
}
