//! Server-sent events: a stream of text with the headers that make it one.

use std::str::FromStr;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};

use utoipa::ToSchema;

use super::chunks::{self, Gone, Sender};

/// One event of a stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "events are written as text")]
pub struct StreamEvent {
    /// Its number, to resume after with `Last-Event-ID`; `complete` has none.
    #[schema(nullable = false)]
    id: Option<String>,
    /// `metric` or `metrics`, and `complete` at the end.
    #[schema(pattern = "^(metric|metrics|complete)$")]
    event: String,
    /// JSON text: a `MetricEvent`, a `LiveMetrics` or a `CompleteEvent`.
    data: String,
}

/// The writing end of a stream.
pub struct Events(Sender);

/// A response whose events are whatever is sent to the other value.
pub fn stream() -> (Events, HttpResponse) {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        // That the connection is kept alive goes without saying in HTTP/1.1, and
        // actix leaves it out.
        .insert_header((CACHE_CONTROL, "no-cache"));
    let (sender, response) = chunks::stream(response);
    (Events(sender), response)
}

/// The number of the last event that a client which comes back has seen.
pub fn last_event_id<N: FromStr>(request: &HttpRequest) -> Option<N> {
    let header = request.headers().get("Last-Event-ID")?;
    header.to_str().ok()?.trim().parse().ok()
}

impl Events {
    /// Sends events, already written as text.
    pub async fn send(&self, text: String) -> Result<(), Gone> {
        self.0.send(text).await
    }

    /// Sends a comment, which keeps the connection alive and finds out whether
    /// the client still is.
    pub async fn keep_alive(&self) -> Result<(), Gone> {
        self.send(": keep-alive\n\n".into()).await
    }
}
