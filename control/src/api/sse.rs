//! Server-sent events: a stream that a task fills and one client drains.
//!
//! A client that does not read fills the few places of the channel and then
//! holds up its own task only; one that is gone ends it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONNECTION};
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;

const CHUNKS_AHEAD: usize = 16;

/// The writing end of a stream.
pub struct Events(mpsc::Sender<Bytes>);

/// The client is gone.
pub struct Gone;

struct Chunks(mpsc::Receiver<Bytes>);

/// A response whose body is whatever is sent to the other value.
pub fn stream() -> (Events, HttpResponse) {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let response = HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONNECTION, "keep-alive"))
        .streaming(Chunks(receiver));
    (Events(sender), response)
}

impl Events {
    /// Sends events, already written as text.
    pub async fn send(&self, text: String) -> Result<(), Gone> {
        self.0.send(Bytes::from(text)).await.map_err(|_| Gone)
    }

    /// Sends a comment, which keeps the connection alive and finds out whether
    /// the client still is.
    pub async fn keep_alive(&self) -> Result<(), Gone> {
        self.send(": keep-alive\n\n".into()).await
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(Ok))
    }
}
