//! A response that a task fills while one client drains it.
//!
//! A client that does not read fills the few places of the channel and then
//! holds up its own task only; one that is gone ends it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponseBuilder;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header::ContentType};
use futures_core::Stream;
use tokio::sync::mpsc;

const CHUNKS_AHEAD: usize = 2;

/// The writing end.
pub struct Sender(mpsc::Sender<io::Result<Bytes>>);

/// The client is gone.
pub struct Gone;

struct Chunks(mpsc::Receiver<io::Result<Bytes>>);

/// A response whose body is whatever is sent to the other value.
pub fn stream(mut response: HttpResponseBuilder) -> (Sender, HttpResponse) {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    (Sender(sender), response.streaming(Chunks(receiver)))
}

/// A stream of plain text.
pub fn text() -> (Sender, HttpResponse) {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::plaintext());
    stream(response)
}

impl Sender {
    /// Sends more of the body.
    pub async fn send(&self, text: String) -> Result<(), Gone> {
        let sent = self.0.send(Ok(Bytes::from(text))).await;
        sent.map_err(|_| Gone)
    }

    /// Breaks the response off, so that the client does not take it for whole.
    pub async fn break_off(self, reason: &str) {
        // Who is gone need not be told.
        let _ = self.0.send(Err(io::Error::other(reason.to_owned()))).await;
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
