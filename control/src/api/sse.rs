//! Server-sent events: a stream of text with the headers that make it one.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONNECTION};

use super::chunks::{self, Gone, Sender};

/// The writing end of a stream.
pub struct Events(Sender);

/// A response whose events are whatever is sent to the other value.
pub fn stream() -> (Events, HttpResponse) {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONNECTION, "keep-alive"));
    let (sender, response) = chunks::stream(response);
    (Events(sender), response)
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
