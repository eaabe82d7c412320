//! A response that a task writes while a client reads it.
//!
//! A client that does not read fills the bounded channel and then blocks only its own task. A client that
//! disconnects ends the task.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponseBuilder;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header::ContentType};
use futures_core::Stream;
use tokio::sync::mpsc;

const CHUNKS_AHEAD: usize = 2;

/// The sending half.
pub struct ChunkSender(mpsc::Sender<io::Result<Bytes>>);

/// The client has disconnected.
pub struct Disconnected;

struct Chunks(mpsc::Receiver<io::Result<Bytes>>);

/// Creates a response whose body is everything sent to the returned sender.
pub fn stream(mut response: HttpResponseBuilder) -> (ChunkSender, HttpResponse) {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    (ChunkSender(sender), response.streaming(Chunks(receiver)))
}

/// Creates a response of plain text.
pub fn text() -> (ChunkSender, HttpResponse) {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::plaintext());
    stream(response)
}

impl ChunkSender {
    /// Sends the next part of the body.
    pub async fn send(&self, text: String) -> Result<(), Disconnected> {
        let sent = self.0.send(Ok(Bytes::from(text))).await;
        sent.map_err(|_| Disconnected)
    }

    /// Aborts the response, so that the client does not take it for complete.
    pub async fn break_off(self, reason: &str) {
        // An error means that the client has disconnected already.
        let _ = self.0.send(Err(io::Error::other(reason.to_owned()))).await;
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
