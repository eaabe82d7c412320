//! JSON responses: serialized off the API's thread and sent in chunks, so that a long response does not block
//! other requests.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes};
use futures_core::Stream;
use serde::Serialize;

use super::ApiError;

/// Chunk size in bytes. A response of at most this size is sent as a whole.
const PIECE: usize = 256 * 1024;

/// Responds with `value`, serialized on a thread that may block.
///
/// # Errors
/// Returns a 500 if JSON text from the database is not valid JSON.
pub async fn json(value: impl Serialize + Send + 'static) -> Result<HttpResponse, ApiError> {
    let text = web::block(move || written(&value)).await??;
    Ok(sent(text))
}

/// Returns the JSON text of a value. Takes long for large values.
///
/// # Errors
/// Returns a 500 if JSON text from the database is not valid JSON.
pub fn written(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value)
        .map_err(|error| ApiError::internal(format!("what is stored is damaged: {error}")))
}

/// Responds with JSON text.
pub fn sent(text: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json());
    if text.len() <= PIECE {
        return response.body(text);
    }
    let length = text.len() as u64;
    response.body(SizedStream::new(length, Pieces(text.into())))
}

/// A body in chunks.
struct Pieces(Bytes);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.0.len().min(PIECE);
        Poll::Ready(Some(Ok(self.0.split_to(length))))
    }
}
